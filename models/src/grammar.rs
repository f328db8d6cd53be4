//! Answers that cannot break a JSON Schema: which tokens may come next.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use llguidance::{Matcher, ParserFactory, api::TopLevelGrammar};
use serde_json::{Map, Value};
use toktrie::{InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

use crate::{
    engine::GenerateError,
    vocabulary::{Role, Vocabulary},
};

mod recent;
#[cfg(test)]
mod tests;

use recent::Recent;

const MAX_SCHEMA_DEPTH: usize = 32;
const MAX_SCHEMA_NODES: usize = 4_096;
const MAX_SCHEMA_TEXT_BYTES: usize = 1 << 17;

/// Tokens that are allowed all at once in most texts, since all of them together fit. The compiler would have four such sets; with 151,000
/// tokens they take 28 MiB more and save no time.
const QUICK_TOKENS: &str = r#"[^"\\\x00-\x1F\x7F]{1,10}"#;

/// Compiles schemas for one vocabulary.
pub(crate) struct Grammars {
    factory: ParserFactory,
    recent: Recent,
}

impl Grammars {
    pub(crate) fn new(vocabulary: &Arc<Vocabulary>) -> Result<Self, String> {
        let tokens: TokEnv = Arc::new(Tokens {
            trie: trie(vocabulary),
            vocabulary: vocabulary.clone(),
        });
        let slices = [QUICK_TOKENS.to_owned()];
        let mut factory = ParserFactory::new(&tokens, InferenceCapabilities::default(), &slices)
            .map_err(|error| error.to_string())?;
        factory.quiet();
        let limits = factory.limits_mut();
        // Errors of the parser would carry the answer so far.
        limits.verbose_errors = false;
        limits.max_grammar_size = 100_000;
        limits.max_lexer_states = 50_000;
        limits.initial_lexer_fuel = 500_000;
        let recent = Recent::default();
        Ok(Self { factory, recent })
    }

    /// A constraint for one answer.
    pub(crate) fn compile(&self, schema: &Value) -> Result<Constraint, GenerateError> {
        let text = schema.to_string();
        let matcher = match self.recent.find(&text) {
            Some(matcher) => matcher,
            None => self.compile_anew(schema, text)?,
        };
        Ok(Constraint { matcher, next: None })
    }

    fn compile_anew(&self, schema: &Value, text: String) -> Result<Matcher, GenerateError> {
        check(schema).map_err(GenerateError::SchemaUnsupported)?;
        let mut schema = match schema {
            Value::Object(map) => map.clone(),
            Value::Bool(true) => Map::new(),
            _ => {
                return Err(GenerateError::SchemaUnsupported(
                    "the root is neither an object nor true".to_owned(),
                ));
            }
        };
        // Compact JSON, as every tool prints it and small models are trained on; also takes the place of
        // whatever options the caller's schema brought along.
        schema.insert(
            "x-guidance".to_owned(),
            serde_json::json!({"whitespace_flexible": false, "item_separator": ",", "key_separator": ":"}),
        );
        let schema = Value::Object(schema);
        let grammar = TopLevelGrammar::from_json_schema(schema.clone());
        // The compiler guards its later steps against its own panics, but not this first one.
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            let parser = self.factory.create_parser(grammar);
            let bytes = parser
                .as_ref()
                .map(|parser| parser.parser.lexer_stats().num_bytes);
            (bytes.unwrap_or(0), Matcher::new(parser))
        }));
        let Ok((bytes, mut matcher)) = compiled else {
            return Err(GenerateError::SchemaUnsupported(
                "its compiler panicked".to_owned(),
            ));
        };
        match matcher.get_error() {
            Some(error) => Err(GenerateError::SchemaUnsupported(locate(&schema, &error))),
            None if matcher.is_accepting().unwrap_or(false) || !matcher.is_stopped() => {
                self.recent.keep(text, &matcher, bytes);
                Ok(matcher)
            }
            None => Err(GenerateError::SchemaUnsupported("no value fits it".to_owned())),
        }
    }
}

/// What an answer may still become.
pub(crate) struct Constraint {
    matcher: Matcher,
    /// What may come next, once it has been worked out.
    next: Option<SimpleVob>,
}

impl Constraint {
    /// Tokens that may come next; the end-of-sequence token among them where the answer may end.
    pub(crate) fn allowed(&mut self) -> Result<&SimpleVob, String> {
        let next = match self.next.take() {
            Some(next) => next,
            None => self
                .matcher
                .compute_mask_or_eos()
                .map_err(|error| error.to_string())?,
        };
        Ok(self.next.insert(next))
    }

    /// Whether this token may come next: to look at one is much less work than to find all that may.
    pub(crate) fn allows(&mut self, token: u32) -> bool {
        match &self.next {
            Some(next) => next.is_allowed(token),
            None => self.accepted(&[token]) == 1,
        }
    }

    /// The token that comes next, where there is only one.
    pub(crate) fn only(&mut self) -> Result<Option<u32>, String> {
        // Any byte can be told apart from any other, so that one token alone is allowed only before a bound byte.
        if self.next.is_none() && !self.is_bound() {
            return Ok(None);
        }
        let allowed = self.allowed()?;
        let mut first = None;
        for (&word, index) in allowed.as_slice().iter().zip(0_u32..) {
            match (word.count_ones(), first) {
                (0, _) => {}
                (1, None) => first = Some(index * u32::BITS + word.trailing_zeros()),
                _ => return Ok(None),
            }
        }
        Ok(first)
    }

    /// Whether the next byte is bound.
    pub(crate) fn is_bound(&mut self) -> bool {
        !self.matcher.compute_ff_bytes().is_empty()
    }

    /// Text that is bound to come next, however it is cut into tokens.
    pub(crate) fn bound_text(&mut self) -> String {
        let bytes = self.matcher.compute_ff_bytes();
        match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned(),
        }
    }

    /// How many of these tokens may come next, one after another.
    pub(crate) fn accepted(&mut self, tokens: &[u32]) -> usize {
        self.matcher.validate_tokens(tokens).unwrap_or(0)
    }

    /// Takes the token that was picked.
    pub(crate) fn take(&mut self, token: u32) -> Result<(), String> {
        self.next = None;
        self.matcher
            .consume_token(token)
            .map_err(|error| error.to_string())
    }

    /// Whether nothing can follow.
    pub(crate) fn is_complete(&self) -> bool {
        self.matcher.is_stopped() && !self.matcher.is_error()
    }
}

struct Tokens {
    trie: TokTrie,
    vocabulary: Arc<Vocabulary>,
}

impl TokenizerEnv for Tokens {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.trie.tokenize_with_greedy_fallback(bytes, |text| {
            let mut ids = Vec::new();
            // Text tokenizing has no failing case; without tokens the grammar merely forces none.
            let _ = self.vocabulary.encode_text(text, &mut ids);
            ids
        })
    }

    /// Nothing is forced: the model walks every token itself, so its cache always matches its own habits.
    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}

fn trie(vocabulary: &Vocabulary) -> TokTrie {
    let ids = 0..u32::try_from(vocabulary.len()).expect("token ids are 32-bit numbers");
    let words: Vec<Vec<u8>> = ids
        .map(|id| match vocabulary.role(id) {
            Role::Text => vocabulary.bytes(id).to_vec(),
            Role::Control | Role::Mark => [&[TokTrie::SPECIAL_TOKEN_MARKER], vocabulary.bytes(id)].concat(),
            Role::Unused => Vec::new(),
        })
        .collect();
    let size = u32::try_from(words.len()).expect("token ids are 32-bit numbers");
    let stops = vocabulary.stops();
    TokTrie::from(&TokRxInfo::new(size, stops[0]), &words).with_eos_tokens(stops)
}

/// Bounds a schema before the compiler sees it, and keeps references inside it.
fn check(schema: &Value) -> Result<(), String> {
    let mut nodes = 0;
    let mut text_bytes = 0;
    let mut open = vec![(schema, String::new(), 0)];
    while let Some((value, path, depth)) = open.pop() {
        nodes += 1;
        if depth > MAX_SCHEMA_DEPTH {
            return Err(format!("nested deeper than {MAX_SCHEMA_DEPTH}, at {path}"));
        }
        if nodes > MAX_SCHEMA_NODES {
            return Err(format!("more than {MAX_SCHEMA_NODES} values"));
        }
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref")
                    && !target.starts_with('#')
                {
                    return Err(format!(
                        "$ref at {path} leaves the schema; only \"#/...\" is followed"
                    ));
                }
                for (key, value) in map {
                    text_bytes += key.len();
                    open.push((value, format!("{path}/{key}"), depth + 1));
                }
            }
            Value::Array(items) => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(i, value)| (value, format!("{path}/{i}"), depth + 1)),
                );
            }
            Value::String(text) => text_bytes += text.len(),
            _ => {}
        }
        if text_bytes > MAX_SCHEMA_TEXT_BYTES {
            return Err(format!("more than {MAX_SCHEMA_TEXT_BYTES} bytes of text"));
        }
    }
    Ok(())
}

/// Adds where the first keyword stands that the compiler's message names.
fn locate(schema: &Value, message: &str) -> String {
    let message: String = message
        .lines()
        .next()
        .unwrap_or("not understood")
        .chars()
        .take(300)
        .collect();
    let mut open = vec![(schema, String::new())];
    while let Some((value, path)) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(key) = map.keys().find(|key| message.contains(&format!("\"{key}\""))) {
                    return format!("{message}, at {path}/{key}");
                }
                open.extend(map.iter().map(|(key, value)| (value, format!("{path}/{key}"))));
            }
            Value::Array(items) => {
                open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(i, value)| (value, format!("{path}/{i}"))),
                );
            }
            _ => {}
        }
    }
    message
}
