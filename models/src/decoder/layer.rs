//! One layer: attention over each sequence's own past, then the feed-forward part, for all rows at once.

use super::{
    Piece,
    rope::Rope,
    scratch::{Scratch, attention_widths, cut},
    weights::LayerWeights,
};
use crate::{
    architecture::Network,
    kernels::{BLOCK_TOKENS, KvShape, Matrix, Pool, Span, attend, elementwise, multiply_all, write_kv},
    kv::Blocks,
};

/// What every layer of a step needs.
pub(super) struct Step<'a> {
    pub(super) network: &'a Network,
    pub(super) shape: KvShape,
    pub(super) rope: &'a Rope,
    pub(super) window_rope: Option<&'a Rope>,
    pub(super) pool: &'a Pool,
    pub(super) pieces: &'a [Piece<'a>],
    /// Of all pieces.
    pub(super) rows: usize,
    pub(super) epsilon: f32,
}

/// Rows of one task between the products: few enough that a step of single tokens is done at once, by one
/// thread, and enough that handing out the parts of a prompt pays.
const TASK_ROWS: usize = 16;

impl Step<'_> {
    /// Runs layer `index` over the stream.
    pub(super) fn layer(
        &self,
        index: usize,
        weights: &LayerWeights,
        scratch: &mut Scratch,
        blocks: &mut Blocks,
    ) {
        self.project(index, weights, scratch);
        self.remember(index, scratch, blocks);
        self.attend(index, scratch, blocks);
        let Scratch {
            stream,
            normed,
            between,
            activations,
            ..
        } = scratch;
        let [_, _, _, mixed] = self.attention_parts(between);
        activations.fill(mixed, weights.output.columns(), self.pool);
        weights.output.multiply(activations, normed, self.pool);
        let [post_norm, _] = weights.post_norms();
        self.add(stream, normed, post_norm);
        self.feed(weights, scratch);
    }

    /// Queries, keys, values, and what attention makes of them.
    fn attention_parts<'b>(&self, between: &'b mut [f32]) -> [&'b mut [f32]; 4] {
        cut(between, self.rows, attention_widths(self.network))
    }

    /// Queries, keys and values of all rows, turned to their positions.
    fn project(&self, index: usize, weights: &LayerWeights, scratch: &mut Scratch) {
        let Scratch {
            stream,
            normed,
            between,
            activations,
            ..
        } = scratch;
        let [queries, keys, values, _] = self.attention_parts(between);
        self.norm(stream, &weights.attention_norm, normed);
        activations.fill(normed, self.network.width, self.pool);
        let mut products: [(&Matrix, &mut [f32]); 3] = [
            (&weights.query, queries),
            (&weights.key, keys),
            (&weights.value, values),
        ];
        multiply_all(&mut products, activations, self.pool);
        let [query_bias, key_bias, value_bias] = match &weights.biases {
            Some(biases) => biases.each_ref().map(|bias| Some(&bias[..])),
            None => [None; 3],
        };
        let [query_norm, key_norm] = weights.head_norms();
        let rope = self.rope(index);
        self.turn(queries, self.shape.heads, query_bias, query_norm, rope);
        self.turn(keys, self.shape.kv_heads, key_bias, key_norm, rope);
        if let Some(bias) = value_bias {
            self.split(values, bias.len(), |_, rows| add_to_each(rows, bias));
        }
    }

    /// How a layer turns queries and keys, if it does.
    fn rope(&self, index: usize) -> Option<&Rope> {
        let rope = match self.network.window(index) {
            Some(_) => self.window_rope,
            None => Some(self.rope),
        };
        rope.filter(|_| self.network.family.turns(index))
    }

    /// What happens to queries and keys before they meet.
    fn turn(
        &self,
        values: &mut [f32],
        heads: usize,
        bias: Option<&[f32]>,
        norm: Option<&[f32]>,
        rope: Option<&Rope>,
    ) {
        let width = heads * self.network.head_width;
        self.split(values, width, |first_row, rows| {
            if let Some(bias) = bias {
                add_to_each(rows, bias);
            }
            if let Some(norm) = norm {
                elementwise::rms_norm_in_place(rows, norm, self.epsilon);
            }
            if let Some(rope) = rope {
                rope.turn(first_row, rows, width);
            }
        });
    }

    fn norm(&self, input: &[f32], weight: &[f32], out: &mut [f32]) {
        let width = weight.len();
        self.split(out, width, |first_row, out| {
            let input = &input[first_row * width..][..out.len()];
            elementwise::rms_norm(input, weight, self.epsilon, out);
        });
    }

    /// Adds what a part has made to the stream.
    fn add(&self, to: &mut [f32], made: &mut [f32], norm: Option<&[f32]>) {
        let width = self.network.width;
        if let Some(norm) = norm {
            self.split(made, width, |_, rows| {
                elementwise::rms_norm_in_place(rows, norm, self.epsilon);
            });
        }
        self.split(to, width, |first_row, to| {
            let made = &made[first_row * width..][..to.len()];
            elementwise::add(to, made, self.network.scales.residual);
        });
    }

    /// Calls `task` with the first row and the values of a few rows each.
    fn split(&self, values: &mut [f32], width: usize, task: impl Fn(usize, &mut [f32]) + Sync) {
        self.pool.split(values, TASK_ROWS * width, &|index, rows| {
            task(index * TASK_ROWS, rows);
        });
    }

    /// Writes keys and values into the blocks of their sequences.
    fn remember(&self, index: usize, scratch: &mut Scratch, blocks: &mut Blocks) {
        let width = self.shape.kv_heads * self.shape.head_width;
        let [_, keys, values, _] = self.attention_parts(&mut scratch.between);
        let mut rows = keys.chunks_exact(width).zip(values.chunks_exact(width));
        for piece in self.pieces {
            for (position, (keys, values)) in (piece.position..).zip(rows.by_ref().take(piece.tokens.len())) {
                let block = blocks.layer_mut(piece.blocks[position / BLOCK_TOKENS], index);
                write_kv(&self.shape, block, position % BLOCK_TOKENS, keys, values);
            }
        }
    }

    fn attend(&self, index: usize, scratch: &mut Scratch, blocks: &Blocks) {
        let tables: Vec<Vec<&[u8]>> = self
            .pieces
            .iter()
            .map(|piece| {
                let seen = (piece.position + piece.tokens.len()).div_ceil(BLOCK_TOKENS);
                piece.blocks[..seen]
                    .iter()
                    .map(|&block| blocks.layer(block, index))
                    .collect()
            })
            .collect();
        let window = self.network.window(index);
        let mut first_row = 0;
        let spans: Vec<Span<'_>> = self
            .pieces
            .iter()
            .zip(&tables)
            .map(|(piece, table)| {
                let span = Span {
                    first_row,
                    rows: piece.tokens.len(),
                    position: piece.position,
                    sees: window.map_or(usize::MAX, |window| window.positions),
                    blocks: table,
                };
                first_row += piece.tokens.len();
                span
            })
            .collect();
        let scale = self.network.scales.attention;
        let [queries, _, _, mixed] = self.attention_parts(&mut scratch.between);
        attend(&self.shape, scale, queries, &spans, mixed, self.pool);
    }

    fn feed(&self, weights: &LayerWeights, scratch: &mut Scratch) {
        let Scratch {
            stream,
            normed,
            between,
            activations,
            ..
        } = scratch;
        let width = self.network.feed;
        let [gate, up] = cut(between, self.rows, [width; 2]);
        self.norm(stream, &weights.feed_norm, normed);
        activations.fill(normed, self.network.width, self.pool);
        let mut products: [(&Matrix, &mut [f32]); 2] = [(&weights.gate, gate), (&weights.up, up)];
        multiply_all(&mut products, activations, self.pool);
        self.split(gate, width, |first_row, gate| {
            let up = &up[first_row * width..][..gate.len()];
            if self.network.family.has_gelu() {
                elementwise::gelu_multiply(gate, up);
            } else {
                elementwise::silu_multiply(gate, up);
            }
        });
        activations.fill(gate, width, self.pool);
        weights.down.multiply(activations, normed, self.pool);
        let [_, post_norm] = weights.post_norms();
        self.add(stream, normed, post_norm);
    }
}

fn add_to_each(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        elementwise::add(row, bias, 1.0);
    }
}
