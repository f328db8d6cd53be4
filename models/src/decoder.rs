//! The network: one pass over the tokens of all sequences that take part in a step.
//!
//! Each row of the result is bit for bit the same whatever else is in the step: the kernels promise it, and
//! batching, chunked prompts, reuse of prefixes and speculation all stand on it.

use crate::{
    architecture::Network,
    kernels::{BLOCK_TOKENS, KvPrecision, KvShape},
    kv::Blocks,
};

#[cfg(test)]
mod golden;
mod layer;
mod rope;
mod scratch;
#[cfg(test)]
mod tests;
mod transformer;
mod weights;

pub(crate) use transformer::Transformer;
pub(crate) use weights::{WeightError, Weights};

/// Rows of one step at most, all sequences together.
pub(crate) const MAX_ROWS: usize = 160;
/// Rows of one step that are scored at most: each takes a vocabulary of floats.
pub(crate) const MAX_SCORED_ROWS: usize = 64;

/// One sequence's part of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// What to feed.
    pub(crate) tokens: &'a [u32],
    /// Where in the sequence the first of them stands.
    pub(crate) position: usize,
    /// Where its keys and values lie, in order; room for all of the tokens.
    pub(crate) blocks: &'a [usize],
    /// How many of the last tokens are to be scored.
    pub(crate) scored: usize,
}

/// The seam behind the scheduler, so that it can be tested with a scripted network.
pub(crate) trait Decoder: Send {
    /// Feeds all pieces at once; gives the scores of the rows that were asked for, in order, a vocabulary
    /// each.
    fn step(&mut self, pieces: &[Piece<'_>], blocks: &mut Blocks) -> &[f32];
}

/// What attention needs to know of a network.
pub(crate) fn kv_shape(network: &Network, precision: KvPrecision) -> KvShape {
    KvShape {
        heads: network.heads,
        kv_heads: network.kv_heads,
        head_width: network.head_width,
        precision,
    }
}

/// Bytes that a sequence of so many tokens takes in the KV cache.
pub(crate) fn kv_bytes(network: &Network, precision: KvPrecision, tokens: usize) -> u64 {
    let block = kv_shape(network, precision).block_bytes() * network.layers;
    (tokens.div_ceil(BLOCK_TOKENS) as u64).saturating_mul(block as u64)
}

/// Bytes of the largest step's intermediate results.
pub(crate) fn scratch_bytes(network: &Network) -> u64 {
    // Activations are kept once more, quantised: two bytes each.
    let row = 2 * network.width
        + scratch::between_width(network)
        + network.head_width * (1 + usize::from(network.window.is_some()))
        + network.width.max(network.feed) / 2;
    let floats = MAX_ROWS * row + MAX_SCORED_ROWS * network.vocabulary;
    (floats * size_of::<f32>()) as u64
}
