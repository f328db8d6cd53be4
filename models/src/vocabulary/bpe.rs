//! Byte-level byte-pair encoding, as files of Llama 3, Qwen and Granite ask for it.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use tokenizers::{
    Tokenizer,
    models::bpe::{BPE, Merges, Vocab},
    normalizers::unicode::NFC,
};

use super::{Role, malformed, pretokenizer::Pretokenizer, tokens::Tokens};
use crate::{engine::LoadError, gguf::Header};

/// Turns text into tokens; control tokens are left out of it.
pub(super) struct Encoder {
    tokenizer: Tokenizer,
    /// Bytes that have no token, in order: the texts that the vocabulary was made from had none of them.
    unwritable: Vec<u8>,
}

impl Encoder {
    pub(super) fn read(header: &Header, spellings: &[String], tokens: &Tokens) -> Result<Self, LoadError> {
        let mut table = Vocab::default();
        for ((spelling, role), id) in spellings.iter().zip(tokens.roles()).zip(0_u32..) {
            if *role == Role::Text {
                table.insert(spelling.clone(), id);
            }
        }
        let unwritable: Vec<u8> = (0..=255)
            .filter(|&byte| !table.contains_key(&map_byte(byte).to_string()))
            .collect();
        if let Some(byte) = unwritable.iter().find(|&&byte| is_needed(byte)) {
            return Err(malformed(format!(
                "the vocabulary has no token for byte {byte:#04x}: some text could not be read"
            )));
        }
        let name = header.text("tokenizer.ggml.pre").unwrap_or("gpt-2");
        let rule = Pretokenizer::named(name).ok_or_else(|| {
            LoadError::Unsupported(format!("pre-tokenizer '{name}'; {} are run", Pretokenizer::NAMES))
        })?;
        let tokenizer =
            build(rule, table, merges(header)?).map_err(|error| malformed(format!("tokenizer: {error}")))?;
        Ok(Self {
            tokenizer,
            unwritable,
        })
    }

    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), String> {
        let encoding = self
            .tokenizer
            .encode_fast(self.written(text), false)
            .map_err(|error| error.to_string())?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    /// The text with a mark for each character that cannot be written: the tokenizer would leave it out.
    fn written<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let unwritable = |byte: u8| self.unwritable.binary_search(&byte).is_ok();
        if self.unwritable.is_empty() || !text.bytes().any(unwritable) {
            return Cow::Borrowed(text);
        }
        let written = text.chars().map(|c| {
            let mut bytes = [0; 4];
            if c.encode_utf8(&mut bytes).bytes().any(unwritable) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        });
        Cow::Owned(written.collect())
    }
}

/// What every text has, and what stands for characters that cannot be written.
fn is_needed(byte: u8) -> bool {
    let mut mark = [0; 3];
    char::REPLACEMENT_CHARACTER.encode_utf8(&mut mark);
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t') || mark.contains(&byte)
}

fn merges(header: &Header) -> Result<Merges, LoadError> {
    header
        .texts("tokenizer.ggml.merges")
        .ok_or_else(|| malformed("metadata lacks tokenizer.ggml.merges"))?
        .iter()
        .map(|merge| {
            merge
                .split_once(' ')
                .map(|(left, right)| (left.to_owned(), right.to_owned()))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| malformed("a merge of tokenizer.ggml.merges is not two tokens"))
}

fn build(rule: Pretokenizer, table: Vocab, merges: Merges) -> tokenizers::Result<Tokenizer> {
    let model = BPE::builder()
        .vocab_and_merges(table, merges)
        .ignore_merges(rule == Pretokenizer::Llama3)
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(rule.build()?));
    if rule == Pretokenizer::Qwen2 {
        tokenizer.with_normalizer(Some(NFC))?;
    }
    Ok(tokenizer)
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

/// The bytes that a spelling in such characters stands for.
pub(super) fn unmap_bytes(spelling: &str) -> Option<Vec<u8>> {
    static BYTES: LazyLock<HashMap<char, u8>> =
        LazyLock::new(|| (0..=255).map(|byte| (map_byte(byte), byte)).collect());
    spelling.chars().map(|c| BYTES.get(&c).copied()).collect()
}
