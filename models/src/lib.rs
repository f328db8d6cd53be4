//! Computes tokens from weights: local language models on Candle.
//!
//! An [`Engine`] owns one loaded model on one OS thread. It is given [`GenerationRequest`]s and gives
//! back streams of [`GenerationEvent`]s; dropping a stream frees its slot at the next token.
//!
//! Never here: HTTP, tenants, Azure, MCP.

pub mod catalogue;
mod engine;

pub use engine::{
    Engine, EngineConfig, EngineStats, Finish, GenerateError, Generation, GenerationEvent, GenerationRequest,
    LoadError, LoadProgress, ModelInfo, Source, Turn,
};
