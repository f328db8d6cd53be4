//! A model's vocabulary and tokenizer, built from its own file.
//!
//! Text that people wrote never becomes a control token: control tokens are not part of the text tokenizer
//! at all, and only [`Piece::Control`] yields one.

use crate::{engine::LoadError, gguf::Header};
use tokens::Tokens;

pub(crate) mod bpe;
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
    Bpe(Box<bpe::Encoder>),
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
            Encoder::Bpe(Box::new(bpe::Encoder::read(header, spellings, &tokens)?))
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
        match &self.encoder {
            Encoder::Bpe(_) => false,
            Encoder::Sentencepiece(encoder) => encoder.adds_space(),
        }
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
            Encoder::Bpe(encoder) => encoder.encode(text, ids),
            Encoder::Sentencepiece(encoder) => {
                encoder.encode(text, ids);
                Ok(())
            }
        }
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
