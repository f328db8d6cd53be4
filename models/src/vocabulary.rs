//! A model's vocabulary and tokenizer, built from its own file.
//!
//! Text that people wrote never becomes a control token: control tokens are not part of the text tokenizer
//! at all, and only [`Piece::Control`] yields one.

use tokenizers::{Tokenizer, models::bpe::BPE, normalizers::unicode::NFC};

use crate::{engine::LoadError, gguf::Header};
use pretokenizer::Pretokenizer;
use tokens::Tokens;

mod pretokenizer;
mod sentencepiece;
#[cfg(test)]
mod tests;
mod tokens;

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A control token of the chat template.
    Control(u32),
    /// Text.
    Text(String),
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A piece of text.
    Text,
    /// Steers the model; never shown.
    Control,
    /// Written as it is by the model's makers: `<think>` and the like.
    Mark,
    /// A gap in the table.
    Unused,
}

enum Encoder {
    Bpe(Box<Tokenizer>),
    Sentencepiece(Box<sentencepiece::Encoder>),
}

/// The tokens, and how text becomes them.
pub(crate) struct Vocabulary {
    tokens: Tokens,
    encoder: Encoder,
    /// Control tokens and marks by their spelling, longest first.
    controls: Vec<(String, u32)>,
    bos: Option<u32>,
    add_bos: bool,
    stops: Vec<u32>,
    longest_bytes: usize,
}

const TOKENS: &str = "tokenizer.ggml.tokens";
/// Spellings of "the turn is over" in the wild, where they are control tokens.
const STOP_NAMES: [&str; 7] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
];

impl Vocabulary {
    /// Builds it from the header; `rows` is how many tokens the network scores.
    pub(crate) fn read(header: &Header, rows: usize) -> Result<Self, LoadError> {
        let spellings = header
            .texts(TOKENS)
            .ok_or_else(|| malformed(format!("metadata lacks {TOKENS}")))?;
        if spellings.is_empty() || spellings.len() > rows {
            return Err(malformed(format!(
                "{} tokens in the vocabulary and {rows} rows of weights",
                spellings.len()
            )));
        }
        let mut kinds = match header.integers("tokenizer.ggml.token_type") {
            Some(kinds) if kinds.len() == spellings.len() => kinds.to_vec(),
            Some(kinds) => {
                return Err(malformed(format!(
                    "{} token types for {} tokens",
                    kinds.len(),
                    spellings.len()
                )));
            }
            None => vec![1; spellings.len()],
        };
        let special = |key: &str| special_token(header, key, spellings.len());
        let bos = special("bos")?;
        let mut stops: Vec<u32> = [special("eos")?, special("eot")?, special("eom")?]
            .into_iter()
            .flatten()
            .collect();
        for &id in stops.iter().chain(&bos) {
            kinds[id as usize] = 3;
        }
        for name in STOP_NAMES {
            let id = spellings
                .iter()
                .position(|spelling| spelling == name)
                .filter(|&id| kinds[id] == 3);
            stops.extend(id.and_then(|id| u32::try_from(id).ok()));
        }
        stops.sort_unstable();
        stops.dedup();
        if stops.is_empty() {
            return Err(malformed(
                "no end-of-sequence token: tokenizer.ggml.eos_token_id is missing",
            ));
        }
        let model = header.text("tokenizer.ggml.model").unwrap_or_default();
        let byte_level = match model {
            "gpt2" => true,
            "llama" => false,
            other => {
                return Err(LoadError::Unsupported(format!(
                    "tokenizer '{other}'; gpt2 (byte-level BPE) and llama (SentencePiece) are run"
                )));
            }
        };
        let tokens = Tokens::new(spellings, &kinds, byte_level);
        let encoder = if byte_level {
            Encoder::Bpe(Box::new(byte_level_bpe(header, spellings, &tokens)?))
        } else {
            Encoder::Sentencepiece(Box::new(sentencepiece::Encoder::read(header, spellings, &kinds)?))
        };
        let add_bos = header.flag("tokenizer.ggml.add_bos_token").unwrap_or(!byte_level);
        let longest_bytes = tokens.longest_bytes().max(1);
        let controls = controls(spellings, &tokens);
        Ok(Self {
            tokens,
            encoder,
            controls,
            bos,
            add_bos,
            stops,
            longest_bytes,
        })
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What the token stands for, in text; a control token's spelling.
    pub(crate) fn bytes(&self, id: u32) -> &[u8] {
        self.tokens.bytes(id as usize)
    }

    /// What the token is for.
    pub(crate) fn role(&self, id: u32) -> Role {
        self.tokens.role(id as usize)
    }

    /// Tokens that end an answer; at least one.
    pub(crate) fn stops(&self) -> &[u32] {
        &self.stops
    }

    /// The longest token, in bytes.
    pub(crate) fn longest_bytes(&self) -> usize {
        self.longest_bytes
    }

    /// Control tokens and marks that a template may spell, longest first.
    pub(crate) fn controls(&self) -> &[(String, u32)] {
        &self.controls
    }

    /// The spelling of the token that begins a sequence, if there is one.
    pub(crate) fn bos(&self) -> Option<(&str, u32)> {
        let id = self.bos?;
        std::str::from_utf8(self.bytes(id))
            .ok()
            .map(|spelling| (spelling, id))
    }

    /// Whether answers begin with a space that is not meant.
    pub(crate) fn pads_with_space(&self) -> bool {
        matches!(self.encoder, Encoder::Sentencepiece(_))
    }

    /// Turns a prompt into tokens, beginning with the beginning-of-sequence token where the file asks for it.
    pub(crate) fn encode(&self, pieces: &[Piece]) -> Result<Vec<u32>, String> {
        let mut ids = Vec::new();
        if let (true, Some(bos)) = (self.add_bos, self.bos)
            && pieces.first() != Some(&Piece::Control(bos))
        {
            ids.push(bos);
        }
        for piece in pieces {
            match piece {
                Piece::Control(id) => ids.push(*id),
                Piece::Text(text) => self.encode_text(text, &mut ids)?,
            }
        }
        Ok(ids)
    }

    /// Turns plain text into tokens; spelled-out control tokens stay text.
    pub(crate) fn encode_text(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), String> {
        match &self.encoder {
            Encoder::Bpe(tokenizer) => {
                let encoding = tokenizer
                    .encode_fast(text, false)
                    .map_err(|error| error.to_string())?;
                ids.extend_from_slice(encoding.get_ids());
            }
            Encoder::Sentencepiece(encoder) => encoder.encode(text, ids),
        }
        Ok(())
    }
}

fn malformed(what: impl Into<String>) -> LoadError {
    LoadError::Malformed(what.into())
}

fn special_token(header: &Header, name: &str, vocabulary: usize) -> Result<Option<u32>, LoadError> {
    let key = format!("tokenizer.ggml.{name}_token_id");
    let Some(id) = header.integer(&key) else {
        return Ok(None);
    };
    match u32::try_from(id) {
        Ok(small) if (small as usize) < vocabulary => Ok(Some(small)),
        // Some writers put -1 as an unsigned number for "none".
        Ok(u32::MAX) => Ok(None),
        _ => Err(malformed(format!(
            "{key} is {id}, beyond the vocabulary of {vocabulary}"
        ))),
    }
}

fn controls(spellings: &[String], tokens: &Tokens) -> Vec<(String, u32)> {
    let mut controls: Vec<(String, u32)> = spellings
        .iter()
        .zip(tokens.roles())
        .zip(0_u32..)
        // A one-character control token cannot be told from text.
        .filter(|((spelling, role), _)| {
            matches!(role, Role::Control | Role::Mark) && spelling.chars().nth(1).is_some()
        })
        .map(|((spelling, _), id)| (spelling.clone(), id))
        .collect();
    controls.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
    controls
}

/// The printable character that byte-level BPE writes for a byte.
pub(crate) fn map_byte(byte: u8) -> char {
    let printable = |b: u8| matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if printable(byte) {
        return char::from(byte);
    }
    let place = (0..byte).filter(|&b| !printable(b)).count();
    u32::try_from(place)
        .ok()
        .and_then(|place| char::from_u32(256 + place))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn unmap_bytes(spelling: &str) -> Option<Vec<u8>> {
    static BYTES: std::sync::LazyLock<std::collections::HashMap<char, u8>> =
        std::sync::LazyLock::new(|| (0..=255).map(|byte| (map_byte(byte), byte)).collect());
    spelling.chars().map(|c| BYTES.get(&c).copied()).collect()
}

/// The text tokenizer alone: control tokens are left out of it.
fn byte_level_bpe(header: &Header, spellings: &[String], tokens: &Tokens) -> Result<Tokenizer, LoadError> {
    let mut table = tokenizers::models::bpe::Vocab::default();
    for ((spelling, role), id) in spellings.iter().zip(tokens.roles()).zip(0_u32..) {
        if *role == Role::Text {
            table.insert(spelling.clone(), id);
        }
    }
    if let Some(byte) = (0..=255).find(|&byte| !table.contains_key(&map_byte(byte).to_string())) {
        return Err(malformed(format!(
            "the vocabulary has no token for byte {byte:#04x}: some text could not be read"
        )));
    }
    let merges = header
        .texts("tokenizer.ggml.merges")
        .ok_or_else(|| malformed("metadata lacks tokenizer.ggml.merges"))?
        .iter()
        .map(|merge| {
            merge
                .split_once(' ')
                .map(|(left, right)| (left.to_owned(), right.to_owned()))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| malformed("a merge of tokenizer.ggml.merges is not two tokens"))?;
    let name = header.text("tokenizer.ggml.pre").unwrap_or("gpt-2");
    let rule = Pretokenizer::named(name).ok_or_else(|| {
        LoadError::Unsupported(format!("pre-tokenizer '{name}'; {} are run", Pretokenizer::NAMES))
    })?;
    let model = BPE::builder()
        .vocab_and_merges(table, merges)
        .ignore_merges(rule == Pretokenizer::Llama3)
        .build()
        .map_err(|error| malformed(format!("tokenizer: {error}")))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(
        rule.build()
            .map_err(|error| malformed(format!("tokenizer: {error}")))?,
    ));
    if rule == Pretokenizer::Qwen2 {
        tokenizer
            .with_normalizer(Some(NFC))
            .map_err(|error| malformed(format!("tokenizer: {error}")))?;
    }
    Ok(tokenizer)
}
