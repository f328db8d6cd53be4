//! Computes tokens from weights: local language models on Candle.
//!
//! An [`Engine`] owns one loaded model on one OS thread. It is given [`GenerationRequest`]s and gives
//! back streams of [`GenerationEvent`]s; dropping a stream frees its slot at the next token.
//!
//! Never here: HTTP, tenants, Azure, MCP.

mod architecture;
pub mod catalogue;
mod decoder;
mod engine;
mod gguf;
mod grammar;
mod kernels;
mod kv;
mod loader;
mod memory;
mod sampler;
mod scheduler;
mod sequence;
mod speculation;
mod template;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
pub mod threads;
mod vocabulary;

pub use architecture::Family;
pub use engine::{
    Engine, EngineConfig, EngineStats, Finish, GenerateError, Generation, GenerationEvent, GenerationRequest,
    KvPrecision, LoadError, LoadProgress, ModelInfo, Place, Sampling, Source, Turn,
};
