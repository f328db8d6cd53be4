//! Intermediate results of a step. Room for the largest is set aside at once, and taken from the system as it is used: buffers that
//! grew would leave their smaller selves behind.

use super::{MAX_ROWS, MAX_SCORED_ROWS, Piece, weights::Weights};
use crate::{
    architecture::Network,
    kernels::{Activations, Matrix},
};

pub(super) struct Scratch {
    /// The running sum of the network, a row a token.
    pub(super) stream: Vec<f32>,
    /// What a part of a layer reads of the stream, normed; then what that part adds to it.
    pub(super) normed: Vec<f32>,
    /// What lies between the two: of attention, then of the feed-forward part, in the same place.
    pub(super) between: Vec<f32>,
    pub(super) activations: Activations,
    pub(super) logits: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(network: &Network, weights: &Weights) -> Self {
        let rows = |width: usize| Vec::with_capacity(MAX_ROWS * width);
        let mut activations = if weights.matrices().any(Matrix::reads_floats) {
            Activations::with_floats()
        } else {
            Activations::new()
        };
        let widest = weights.matrices().map(Matrix::columns).max();
        activations.reserve(MAX_ROWS * widest.unwrap_or(0));
        Self {
            stream: rows(network.width),
            normed: rows(network.width),
            between: rows(between_width(network)),
            activations,
            logits: Vec::with_capacity(MAX_SCORED_ROWS * network.vocabulary),
        }
    }

    /// Gives every buffer the length that this many rows need.
    pub(super) fn fit(&mut self, network: &Network, rows: usize) {
        for (buffer, width) in [
            (&mut self.stream, network.width),
            (&mut self.normed, network.width),
            (&mut self.between, between_width(network)),
        ] {
            buffer.resize(rows * width, 0.0);
        }
    }

    /// Looks the tokens up, and leaves their rows in the stream.
    pub(super) fn embed(&mut self, weights: &Weights, pieces: &[Piece<'_>], network: &Network) {
        let tokens = pieces.iter().flat_map(|piece| piece.tokens);
        for (&token, row) in tokens.zip(self.stream.chunks_exact_mut(network.width)) {
            weights.embedding.read_row(token as usize, row);
            for value in row {
                *value *= network.scales.embedding;
            }
        }
    }

    /// Moves the rows that are to be scored to the front of the stream; says how many they are.
    pub(super) fn gather_scored(&mut self, pieces: &[Piece<'_>], width: usize) -> usize {
        let (mut row, mut scored) = (0, 0);
        for piece in pieces {
            row += piece.tokens.len();
            let from = (row - piece.scored) * width;
            self.stream.copy_within(from..row * width, scored * width);
            scored += piece.scored;
        }
        scored
    }
}

/// Queries, keys, values, and what attention makes of them: the numbers of a row.
pub(super) fn attention_widths(network: &Network) -> [usize; 4] {
    let (queries, keys) = (
        network.heads * network.head_width,
        network.kv_heads * network.head_width,
    );
    [queries, keys, keys, queries]
}

/// Numbers of a row that lie between what a part of a layer reads and what it adds.
pub(super) fn between_width(network: &Network) -> usize {
    let attention: usize = attention_widths(network).iter().sum();
    attention.max(2 * network.feed)
}

/// Cuts a buffer into parts for so many rows of these widths, one behind the other.
pub(super) fn cut<const N: usize>(
    mut buffer: &mut [f32],
    rows: usize,
    widths: [usize; N],
) -> [&mut [f32]; N] {
    widths.map(|width| {
        let (part, rest) = std::mem::take(&mut buffer).split_at_mut(rows * width);
        buffer = rest;
        part
    })
}
