//! The network on our own kernels, all families of it.

use super::{
    Decoder, MAX_ROWS, MAX_SCORED_ROWS, Piece, layer::Step, rope::Rope, scratch::Scratch, weights::Weights,
};
use crate::{
    architecture::Network,
    kernels::{Pool, elementwise},
    kv::Blocks,
};

/// A network that is ready to run.
pub(crate) struct Transformer {
    network: Network,
    weights: Weights,
    /// Of the layers that see all positions, and of those that do not.
    rope: Rope,
    window_rope: Option<Rope>,
    pool: Pool,
    scratch: Scratch,
}

impl Transformer {
    pub(crate) fn new(network: Network, weights: Weights, pool: Pool) -> Self {
        let rope = Rope::new(&network, weights.rope_factors.as_deref());
        let window_rope = Rope::of_window(&network);
        let scratch = Scratch::new(&network, &weights);
        Self {
            network,
            weights,
            rope,
            window_rope,
            pool,
            scratch,
        }
    }

    /// Scores the rows at the front of the stream.
    fn score(&mut self, rows: usize, epsilon: f32) -> &[f32] {
        let Scratch {
            stream,
            normed,
            activations,
            logits,
            ..
        } = &mut self.scratch;
        let head = self.weights.head.as_ref().unwrap_or(&self.weights.embedding);
        let length = rows * self.network.width;
        logits.resize(rows * head.rows(), 0.0);
        if rows > 0 {
            elementwise::rms_norm(
                &stream[..length],
                &self.weights.norm,
                epsilon,
                &mut normed[..length],
            );
            activations.fill(&normed[..length], self.network.width, &self.pool);
            head.multiply(activations, logits, &self.pool);
        }
        logits
    }
}

impl Decoder for Transformer {
    fn step(&mut self, pieces: &[Piece<'_>], blocks: &mut Blocks) -> &[f32] {
        let rows = pieces.iter().map(|piece| piece.tokens.len()).sum();
        let scored: usize = pieces.iter().map(|piece| piece.scored).sum();
        assert!(
            rows <= MAX_ROWS && scored <= MAX_SCORED_ROWS,
            "{rows} rows, {scored} of them scored, in one step"
        );
        #[expect(clippy::cast_possible_truncation, reason = "the arithmetic is in 32 bits")]
        let epsilon = self.network.norm_epsilon as f32;
        self.scratch.fit(&self.network, rows);
        self.scratch.embed(&self.weights, pieces, &self.network);
        for rope in std::iter::once(&mut self.rope).chain(&mut self.window_rope) {
            rope.prepare(pieces);
        }
        let step = Step {
            network: &self.network,
            shape: *blocks.shape(),
            rope: &self.rope,
            window_rope: self.window_rope.as_ref(),
            pool: &self.pool,
            pieces,
            rows,
            epsilon,
        };
        for (index, weights) in self.weights.layers.iter().enumerate() {
            step.layer(index, weights, &mut self.scratch, blocks);
        }
        let scored = self.scratch.gather_scored(pieces, self.network.width);
        self.score(scored, epsilon)
    }
}
