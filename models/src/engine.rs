//! The engine's outside: what is loaded, what is asked of it, and what comes back.

use std::{path::PathBuf, sync::Arc};

mod handle;

pub use handle::{Engine, Generation};

pub use crate::{kernels::KvPrecision, scheduler::Place};

/// Where a model's weights come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The model that ships inside this crate.
    Bundled,
    /// A GGUF file.
    File(PathBuf),
}

/// How much of a model to keep ready.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Sequences that generate at once.
    pub slots: usize,
    /// Upper bound of the context in tokens; `None` is what the file says.
    pub context_limit: Option<usize>,
    /// Threads for the arithmetic; `None` is what [`crate::threads::recommended`] says.
    pub threads: Option<usize>,
    /// How keys and values are kept.
    pub kv_precision: KvPrecision,
    /// Whether tokens that are likely to follow are scored beforehand. Answers are the same with and without.
    pub guesses: bool,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            slots: 1,
            context_limit: None,
            threads: None,
            kv_precision: KvPrecision::default(),
            guesses: true,
        }
    }
}

/// How far loading has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadProgress {
    /// Bytes of weights read so far.
    pub loaded_bytes: u64,
    /// Bytes of weights in the file.
    pub total_bytes: u64,
}

/// What was loaded.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ModelInfo {
    /// `general.name` of the file, or the file's name.
    pub name: String,
    /// `general.architecture`: llama, qwen2, qwen3, ...
    pub architecture: String,
    /// Longest prompt and answer together, in tokens, that this engine takes.
    pub context_tokens: usize,
    /// Number of weights.
    pub parameters: u64,
    /// Size of the file.
    pub file_bytes: u64,
    /// The commonest quantisation of its matrices, e.g. `Q8_0`.
    pub quantisation: String,
    /// `general.license`, where the file says.
    pub licence: Option<String>,
    /// Tokens in the vocabulary.
    pub vocabulary: usize,
    /// Whether prompts are reused between calls, batching and the like: short remarks for `models show`.
    pub notes: Vec<String>,
}

/// What the engine is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Slots in all.
    pub slots: usize,
    /// Slots generating.
    pub slots_busy: usize,
    /// Bytes of KV cache that the running sequences use.
    pub kv_bytes: u64,
    /// Bytes of KV cache kept for sequences that begin like earlier ones; given up when their place is needed.
    pub kv_kept_bytes: u64,
    /// Bytes of KV cache that there may be in all.
    pub kv_budget_bytes: u64,
}

/// One turn of a conversation, for the chat template.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Turn {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// What is said.
    pub content: String,
}

/// How tokens are drawn, beside temperature and seed. What is out of range counts as not asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    /// Draws from this many of the likeliest tokens only.
    pub top_k: Option<usize>,
    /// Draws from the likeliest tokens only, whose shares add up to this.
    pub top_p: Option<f32>,
    /// Never draws a token less likely than this share of the likeliest; 0.05 unless asked for otherwise.
    pub min_p: Option<f32>,
    /// Above 1, tokens among the last 64 are less likely to come again.
    pub repetition_penalty: Option<f32>,
}

/// What is asked of the model.
#[derive(Debug, Clone, Default)]
pub struct GenerationRequest {
    /// The conversation, oldest first.
    pub turns: Vec<Turn>,
    /// Bound of the answer, in tokens.
    pub max_tokens: usize,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Makes sampling repeatable.
    pub seed: Option<u64>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// Texts that end the answer when they come up; they are no part of it.
    pub stop: Vec<String>,
    /// A JSON Schema that the answer cannot break.
    pub json_schema: Option<Arc<serde_json::Value>>,
    /// Who may share the KV cache of this prompt's beginning: requests of the same scope, and nobody else.
    /// `None` shares with nobody.
    pub cache_scope: Option<Arc<str>>,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenerationEvent {
    /// Text to append; whole characters only.
    Text(String),
    /// The end.
    Finished {
        /// Why.
        finish: Finish,
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// Tokens generated.
        generated_tokens: usize,
    },
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The bound was reached.
    Length,
}

/// Why a model was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a sound GGUF file; says what is wrong and where.
    #[error("not a usable GGUF file: {0}")]
    Malformed(String),
    /// The file is sound, and of a kind that this engine does not run.
    #[error("unsupported model: {0}")]
    Unsupported(String),
    /// It does not fit into memory.
    #[error("needs {needed_bytes} bytes of memory and {available_bytes} are available")]
    OutOfMemory {
        /// Weights, KV cache and overhead.
        needed_bytes: u64,
        /// What there is.
        available_bytes: u64,
    },
}

/// Why nothing was generated, or no more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Prompt and answer do not fit the context. Never cut silently.
    #[error(
        "context length exceeded: prompt of {prompt_tokens} and answer of up to {max_tokens} tokens, context of {context_tokens}"
    )]
    ContextLengthExceeded {
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// Tokens asked for.
        max_tokens: usize,
        /// Tokens there are.
        context_tokens: usize,
    },
    /// The schema cannot constrain the answer; says which part.
    #[error("schema not supported: {0}")]
    SchemaUnsupported(String),
    /// The model's own chat template refused the conversation.
    #[error("chat template failed: {0}")]
    Template(String),
    /// All slots are busy and the short line before them is full.
    #[error("no free slot")]
    NoFreeSlot,
    /// This answer cannot go on; the engine can, and takes the next request.
    #[error("answer failed: {0}")]
    AnswerFailed(String),
    /// The engine's thread is gone.
    #[error("engine failed: {0}")]
    EngineFailed(String),
}
