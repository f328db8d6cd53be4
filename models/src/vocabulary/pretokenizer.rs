//! How text is cut into words before a byte-level tokenizer merges them.

use tokenizers::{
    SplitDelimiterBehavior,
    pre_tokenizers::{
        PreTokenizerWrapper,
        byte_level::ByteLevel,
        digits::Digits,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

/// How text is cut before merges are applied. Candle's own table takes the GPT-2 rule for every name it does
/// not know, which silently gives other tokens than the model was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pretokenizer {
    Gpt2,
    /// GPT-2 with every digit alone.
    Digits,
    Llama3,
    Qwen2,
}

impl Pretokenizer {
    pub(super) const NAMES: &'static str =
        "gpt-2, smollm, starcoder, refact, command-r, llama-bpe, smaug-bpe, dbrx, qwen2";

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gpt-2" | "gpt2" => Self::Gpt2,
            "smollm" | "starcoder" | "refact" | "command-r" | "codeshell" => Self::Digits,
            "llama-bpe" | "llama3" | "llama-v3" | "smaug-bpe" | "dbrx" => Self::Llama3,
            "qwen2" | "deepseek-r1-qwen" => Self::Qwen2,
            _ => return None,
        })
    }

    pub(super) fn build(self) -> tokenizers::Result<PreTokenizerWrapper> {
        const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        let split = |regex: &str| {
            Split::new(
                SplitPattern::Regex(regex.to_owned()),
                SplitDelimiterBehavior::Isolated,
                false,
            )
        };
        let steps: Vec<PreTokenizerWrapper> = match self {
            Self::Gpt2 => vec![ByteLevel::new(false, true, true).into()],
            Self::Digits => vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()],
            Self::Llama3 => vec![split(LLAMA3)?.into(), ByteLevel::new(false, true, false).into()],
            Self::Qwen2 => vec![split(QWEN2)?.into(), ByteLevel::new(false, true, false).into()],
        };
        Ok(Sequence::new(steps).into())
    }
}
