//! The arithmetic of the models: products with packed weights, attention, and what lies between.
//!
//! Written once over sixteen lanes, compiled for each [tier](tier) of CPU, and chosen at run time. Two promises hold
//! for all of it: a row of results depends on its own row of inputs only, whatever else is in the batch and
//! however many threads there are; and all tiers give the same results. Both are bit for bit.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into a tier's entry is compiled with its instructions"
)]

mod activations;
#[cfg(target_arch = "x86_64")]
mod amx;
mod at_once;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod elementwise;
mod floats;
mod formats;
mod kind;
mod lanes;
mod layout;
mod matrix;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pool;
mod product;
mod rows;
mod storage;
mod tier;

pub(crate) use activations::Activations;
pub use attention::KvPrecision;
pub(crate) use attention::{BLOCK_TOKENS, KvShape, Span, attend, write_kv};
pub(crate) use kind::Kind;
#[cfg(test)]
use kind::Unsupported;
pub(crate) use matrix::{Matrix, multiply_all};
pub(crate) use pool::Pool;
pub(crate) use storage::{Pages, Storage};
#[cfg(test)]
mod tests;
