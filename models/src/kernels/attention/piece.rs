//! A tile of queries over pieces of the context.
#![expect(unsafe_code, reason = "reads the cache through pointers, 16 values at a time")]
#![expect(unsafe_op_in_unsafe_fn, reason = "`Work` and `Lanes` have one contract")]

use std::{cell::RefCell, f32::consts::LOG2_E, ops::Range};

use super::{
    cache::{BLOCK_TOKENS, KvPrecision, KvShape, LANES, part_bytes},
    number::{Byte, Half, Number},
};
use crate::kernels::{
    lanes::{Lanes, exp2},
    tier::{Tier, Work},
};

/// Positions of a piece.
pub(super) const PIECE_TOKENS: usize = 256;

impl KvShape {
    /// Floats of a state: the weighted sum of the values, the sum of the weights, and the largest score, of which
    /// all weights are relative (powers of two).
    pub(super) fn state_len(&self) -> usize {
        self.head_width + 2
    }
}

/// Queries of neighbouring rows, of the heads that share one head of keys; a vector is a row's query of a head.
pub(super) struct Tile<'a> {
    pub(super) shape: &'a KvShape,
    pub(super) scale: f32,
    /// From the tile's first row on, all heads.
    pub(super) queries: &'a [f32],
    pub(super) rows: usize,
    /// The position of the first row.
    pub(super) position: usize,
    pub(super) kv_head: usize,
    /// How many positions a row sees at most.
    pub(super) sees: usize,
    pub(super) blocks: &'a [&'a [u8]],
    pub(super) pieces: Range<usize>,
}

/// A thread's buffers, kept for its next tile.
#[derive(Default)]
struct Scratch {
    /// Scaled, vector by vector.
    queries: Vec<f32>,
    /// Of a piece, `PIECE_TOKENS` a vector: scores, then weights.
    scores: Vec<f32>,
    /// Of a piece, and of all so far.
    piece: Vec<f32>,
    total: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Tile<'_> {
    /// Gives `done` each vector and its state over all pieces of the tile.
    pub(super) fn run(self, tier: Tier, done: &mut dyn FnMut(usize, &[f32])) {
        SCRATCH.with_borrow_mut(|scratch| {
            let len = self.shape.state_len();
            let vectors = self.rows * self.shape.group();
            scratch.queries.resize(vectors * self.shape.head_width, 0.0);
            scratch.scores.resize(vectors * PIECE_TOKENS, 0.0);
            scratch.piece.resize(vectors * len, 0.0);
            scratch.total.clear();
            scratch.total.resize(vectors * len, 0.0);
            for state in scratch.total.chunks_exact_mut(len) {
                state[len - 1] = f32::NEG_INFINITY;
            }
            tier.run(Attend { tile: &self, scratch });
            for (vector, state) in scratch.total.chunks_exact(len).enumerate() {
                done(vector, state);
            }
        });
    }

    /// The positions of the piece that a vector sees.
    fn visible(&self, vector: usize, piece: usize) -> Range<usize> {
        let end = self.position + vector / self.shape.group() + 1;
        within(end.saturating_sub(self.sees)..end, piece, PIECE_TOKENS)
    }
}

/// What of some positions lies in the part of this index, counted from where it begins.
#[inline(always)]
fn within(positions: Range<usize>, index: usize, tokens: usize) -> Range<usize> {
    let within = |position: usize| position.saturating_sub(index * tokens).min(tokens);
    within(positions.start)..within(positions.end)
}

struct Attend<'a> {
    tile: &'a Tile<'a>,
    scratch: &'a mut Scratch,
}

impl Work for Attend<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        match self.tile.shape.precision {
            KvPrecision::F16 => self.attend::<L, Half>(),
            KvPrecision::Q8_0 => self.attend::<L, Byte>(),
        }
    }
}

impl Attend<'_> {
    #[inline(always)]
    unsafe fn attend<L: Lanes, N: Number>(self) {
        let Self { tile, scratch } = self;
        let (shape, len) = (tile.shape, tile.shape.state_len());
        let vectors = tile.rows * shape.group();
        gather::<L>(tile, &mut scratch.queries);
        for piece in tile.pieces.clone() {
            // Positions rise: the first vector sees the earliest of them, and the last one the latest.
            let seen = tile.visible(0, piece).start / BLOCK_TOKENS
                ..tile.visible(vectors - 1, piece).end.div_ceil(BLOCK_TOKENS);
            let first_block = piece * PIECE_TOKENS / BLOCK_TOKENS;
            let start = seen.start * BLOCK_TOKENS;
            let blocks = || seen.clone().zip(&tile.blocks[first_block + seen.start..]);
            let head = tile.kv_head * shape.head_bytes();
            for (index, block) in blocks() {
                let keys = &block[head..head + shape.head_bytes()];
                score::<L, N>(
                    shape.head_width,
                    &scratch.queries,
                    keys,
                    &mut scratch.scores[index * BLOCK_TOKENS..],
                );
            }
            scratch.piece.fill(0.0);
            for (vector, state) in scratch.piece.chunks_exact_mut(len).enumerate() {
                let scores = &mut scratch.scores[vector * PIECE_TOKENS..][..PIECE_TOKENS];
                let visible = tile.visible(vector, piece);
                weigh::<L>(
                    &mut scores[start..visible.end.next_multiple_of(LANES).max(start)],
                    visible.start - start..visible.end.max(start) - start,
                    &mut state[shape.head_width..],
                );
            }
            for (index, block) in blocks() {
                let values = &block[head + shape.head_bytes() / 2..head + shape.head_bytes()];
                let seen = |vector| within(tile.visible(vector, piece), index, BLOCK_TOKENS);
                add_values::<L, N>(
                    shape.head_width,
                    &scratch.scores[index * BLOCK_TOKENS..],
                    values,
                    &seen,
                    &mut scratch.piece,
                );
            }
            let states = scratch
                .total
                .chunks_exact_mut(len)
                .zip(scratch.piece.chunks_exact(len));
            for (vector, (total, state)) in states.enumerate() {
                if !tile.visible(vector, piece).is_empty() {
                    merge(total, state);
                }
            }
        }
    }
}

/// Copies the queries of the tile, scaled so that the weights are powers of two.
#[inline(always)]
unsafe fn gather<L: Lanes>(tile: &Tile<'_>, to: &mut [f32]) {
    let (width, group) = (tile.shape.head_width, tile.shape.group());
    let scale = L::splat(tile.scale * LOG2_E);
    for (vector, to) in to.chunks_exact_mut(width).enumerate() {
        let head = vector / group * tile.shape.heads + tile.kv_head * group + vector % group;
        let from = tile.queries[head * width..][..width].chunks_exact(LANES);
        for (from, to) in from.zip(to.chunks_exact_mut(LANES)) {
            L::store(to.as_mut_ptr(), L::mul(L::load(from.as_ptr()), scale));
        }
    }
}

/// The scores of all vectors with the 32 keys of a block.
#[inline(always)]
unsafe fn score<L: Lanes, N: Number>(width: usize, queries: &[f32], keys: &[u8], scores: &mut [f32]) {
    let vectors = queries.len() / width;
    assert!(keys.len() >= part_bytes::<N>(width), "keys of a block");
    assert!(
        scores.len() >= (vectors - 1) * PIECE_TOKENS + BLOCK_TOKENS,
        "scores of all vectors"
    );
    let mut vector = 0;
    while vector < vectors {
        let (from, to) = (
            queries[vector * width..].as_ptr(),
            scores[vector * PIECE_TOKENS..].as_mut_ptr(),
        );
        let left = vectors - vector;
        if L::ROWS >= 8 && left >= 4 {
            score_some::<L, N, 4>(width, from, keys.as_ptr(), to);
            vector += 4;
        } else if L::ROWS >= 4 && left >= 2 {
            score_some::<L, N, 2>(width, from, keys.as_ptr(), to);
            vector += 2;
        } else {
            score_some::<L, N, 1>(width, from, keys.as_ptr(), to);
            vector += 1;
        }
    }
}

/// `M` vectors with 32 keys: even and odd columns apart, so that there are enough chains of additions.
#[inline(always)]
unsafe fn score_some<L: Lanes, N: Number, const M: usize>(
    width: usize,
    queries: *const f32,
    keys: *const u8,
    scores: *mut f32,
) {
    let scales = scales::<N>(width, keys);
    let shares = N::scales(width).max(1);
    let mut sums = [[L::splat(0.0); 2]; M];
    for share in 0..shares {
        let columns = share * N::SHARE..(share + 1).saturating_mul(N::SHARE).min(width);
        let parts = score_columns::<L, N, M>(width, queries, keys, columns);
        if !N::SCALED {
            sums = parts;
            continue;
        }
        for half in 0..2 {
            let scales = L::load(scales.add((half * shares + share) * LANES));
            for m in 0..M {
                sums[m][half] = L::fma(parts[m][half], scales, sums[m][half]);
            }
        }
    }
    for (m, sums) in sums.into_iter().enumerate() {
        let to = scores.add(m * PIECE_TOKENS);
        L::store(to, sums[0]);
        L::store(to.add(LANES), sums[1]);
    }
}

/// The scales behind the numbers of keys or values.
#[inline(always)]
unsafe fn scales<N: Number>(width: usize, numbers: *const u8) -> *const f32 {
    numbers.add(BLOCK_TOKENS * width * N::BYTES).cast()
}

/// Of some columns, the sums of products, without scales.
#[inline(always)]
unsafe fn score_columns<L: Lanes, N: Number, const M: usize>(
    width: usize,
    queries: *const f32,
    keys: *const u8,
    columns: Range<usize>,
) -> [[L::Floats; 2]; M] {
    let second = keys.add(LANES * width * N::BYTES);
    let mut even = [[L::splat(0.0); 2]; M];
    let mut odd = even;
    for column in columns.step_by(2) {
        let at = column * LANES * N::BYTES;
        let even_keys = [N::load::<L>(keys.add(at)), N::load::<L>(second.add(at))];
        let at = at + LANES * N::BYTES;
        let odd_keys = [N::load::<L>(keys.add(at)), N::load::<L>(second.add(at))];
        for m in 0..M {
            let query = queries.add(m * width + column);
            let (x, y) = (L::splat(*query), L::splat(*query.add(1)));
            even[m] = [
                L::fma(x, even_keys[0], even[m][0]),
                L::fma(x, even_keys[1], even[m][1]),
            ];
            odd[m] = [
                L::fma(y, odd_keys[0], odd[m][0]),
                L::fma(y, odd_keys[1], odd[m][1]),
            ];
        }
    }
    for (even, odd) in even.iter_mut().zip(odd) {
        *even = [L::add(even[0], odd[0]), L::add(even[1], odd[1])];
    }
    even
}

/// Turns the visible scores into weights, the others into nothing; gives their sum and the largest score.
#[inline(always)]
unsafe fn weigh<L: Lanes>(scores: &mut [f32], visible: Range<usize>, sum_and_largest: &mut [f32]) {
    let nothing = L::splat(f32::NEG_INFINITY);
    let mut largest = nothing;
    for (index, scores) in scores.chunks_exact(LANES).enumerate() {
        largest = L::max(
            largest,
            only::<L>(&visible, index, L::load(scores.as_ptr()), nothing),
        );
    }
    let largest = L::largest(largest);
    let mut sum = L::splat(0.0);
    for (index, scores) in scores.chunks_exact_mut(LANES).enumerate() {
        let weights = exp2::<L>(L::sub(L::load(scores.as_ptr()), L::splat(largest)));
        let weights = only::<L>(&visible, index, weights, L::splat(0.0));
        L::store(scores.as_mut_ptr(), weights);
        sum = L::add(sum, weights);
    }
    sum_and_largest.copy_from_slice(&[L::sum(sum), largest]);
}

/// Of the 16 positions of this index, the values of those that are seen, and `rest` for the others.
#[inline(always)]
unsafe fn only<L: Lanes>(
    visible: &Range<usize>,
    index: usize,
    values: L::Floats,
    rest: L::Floats,
) -> L::Floats {
    let hidden = visible.start.saturating_sub(index * LANES);
    L::first(hidden, rest, L::first(visible.end - index * LANES, values, rest))
}

/// Adds the weighted values of a block to the states of all vectors, of which each sees some of its tokens.
#[inline(always)]
unsafe fn add_values<L: Lanes, N: Number>(
    width: usize,
    weights: &[f32],
    values: &[u8],
    seen: &impl Fn(usize) -> Range<usize>,
    states: &mut [f32],
) {
    let len = width + 2;
    let vectors = states.len() / len;
    assert!(values.len() >= part_bytes::<N>(width), "values of a block");
    assert!(
        weights.len() >= (vectors - 1) * PIECE_TOKENS + BLOCK_TOKENS,
        "weights of all vectors"
    );
    let mut vector = 0;
    while vector < vectors {
        let count = match vectors - vector {
            left if L::ROWS >= 8 && left >= 4 => 4,
            left if L::ROWS >= 4 && left >= 2 => 2,
            _ => 1,
        };
        let (weights, states) = (
            weights[vector * PIECE_TOKENS..].as_ptr(),
            states[vector * len..].as_mut_ptr(),
        );
        // Positions rise: all see what the last one begins with and the first one ends with. A weight of zero is not
        // enough for the others, as a value may be infinite.
        let start = seen(vector + count - 1).start;
        let common = start..seen(vector).end.max(start);
        for m in 0..count {
            let Range { start, end } = seen(vector + m);
            let (weights, state) = (weights.add(m * PIECE_TOKENS), states.add(m * len));
            add_values_some::<L, N, 1>(
                width,
                weights,
                values.as_ptr(),
                start..end.min(common.start),
                state,
            );
        }
        match count {
            4 => add_values_some::<L, N, 4>(width, weights, values.as_ptr(), common.clone(), states),
            2 => add_values_some::<L, N, 2>(width, weights, values.as_ptr(), common.clone(), states),
            _ => add_values_some::<L, N, 1>(width, weights, values.as_ptr(), common.clone(), states),
        }
        for m in 1..count {
            let rest = common.end..seen(vector + m).end;
            let (weights, state) = (weights.add(m * PIECE_TOKENS), states.add(m * len));
            add_values_some::<L, N, 1>(width, weights, values.as_ptr(), rest, state);
        }
        vector += count;
    }
}

#[inline(always)]
unsafe fn add_values_some<L: Lanes, N: Number, const M: usize>(
    width: usize,
    weights: *const f32,
    values: *const u8,
    tokens: Range<usize>,
    states: *mut f32,
) {
    if tokens.is_empty() {
        return;
    }
    let mut column = 0;
    while column + 4 * LANES <= width {
        add_columns::<L, N, M, 4>(width, column, weights, values, tokens.clone(), states);
        column += 4 * LANES;
    }
    while column < width {
        add_columns::<L, N, M, 1>(width, column, weights, values, tokens.clone(), states);
        column += LANES;
    }
}

/// `C` x 16 columns of `M` vectors' sums, from one on.
#[inline(always)]
unsafe fn add_columns<L: Lanes, N: Number, const M: usize, const C: usize>(
    width: usize,
    column: usize,
    weights: *const f32,
    values: *const u8,
    tokens: Range<usize>,
    states: *mut f32,
) {
    let scales = scales::<N>(width, values);
    let mut sums = [[L::splat(0.0); C]; M];
    for (m, sums) in sums.iter_mut().enumerate() {
        for (c, sum) in sums.iter_mut().enumerate() {
            *sum = L::load(states.add(m * (width + 2) + column + c * LANES));
        }
    }
    for token in tokens {
        for c in 0..C {
            let column = column + c * LANES;
            let values = N::load::<L>(values.add((token * width + column) * N::BYTES));
            let scale = if N::SCALED {
                scales
                    .add(token * N::scales(width) + column / N::SHARE)
                    .read_unaligned()
            } else {
                1.0
            };
            for (m, sums) in sums.iter_mut().enumerate() {
                let weight = *weights.add(m * PIECE_TOKENS + token) * scale;
                sums[c] = L::fma(L::splat(weight), values, sums[c]);
            }
        }
    }
    for (m, sums) in sums.into_iter().enumerate() {
        for (c, sum) in sums.into_iter().enumerate() {
            L::store(states.add(m * (width + 2) + column + c * LANES), sum);
        }
    }
}

/// Takes the state of a later piece into that of all before it.
pub(super) fn merge(total: &mut [f32], piece: &[f32]) {
    let last = total.len() - 1;
    let largest = if piece[last] > total[last] {
        piece[last]
    } else {
        total[last]
    };
    let (old, new) = ((total[last] - largest).exp2(), (piece[last] - largest).exp2());
    for (total, piece) in total[..last].iter_mut().zip(piece) {
        *total = *total * old + piece * new;
    }
    total[last] = largest;
}

/// The result of a vector from its state over the whole context.
pub(super) fn finish(state: &[f32], out: &mut [f32]) {
    let scale = 1.0 / state[out.len()];
    for (out, sum) in out.iter_mut().zip(state) {
        *out = sum * scale;
    }
}
