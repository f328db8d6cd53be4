//! Tiles of quantised weights times rows of quantised activations.
//!
//! For each 32 columns (16 where a scale covers 16) the products are summed as integers, exactly; the sums are
//! then weighted and added up as floats, one after the other, in the order of the columns. So an output depends on
//! its own row of weights and its own row of activations only, and is the same for every tier.
#![expect(
    unsafe_code,
    reason = "reads tiles through pointers, and writes outputs that other tasks have a part of"
)]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work`, `Format` and `Lanes` have one contract"
)]

use std::{marker::PhantomData, ops::Range};

use super::{
    activations::{BLOCK, Block, GROUP},
    at_once::AtOnce,
    formats::{Format, ROWS},
    lanes::Lanes,
    pool::SharedMut,
    tier::Work,
};

/// Rows that the tile unit is given at least, and by which the rows of a group are cut; fewer are not worth its while.
pub(super) const EIGHT: usize = 8;

/// Some tiles of a matrix times all rows of activations.
pub(super) struct Product<'a, F> {
    pub(super) tiles: &'a [u8],
    pub(super) columns: usize,
    /// Which tiles.
    pub(super) range: Range<usize>,
    pub(super) input: &'a [Block],
    /// `outputs` values for each row of activations; this work writes those of its tiles only.
    pub(super) out: SharedMut<f32>,
    pub(super) outputs: usize,
    /// Whether the rows of a group that make up eights are the tile unit's.
    pub(super) rest: bool,
    pub(super) format: PhantomData<F>,
}

/// A group of rows of activations.
struct Group<'a, F> {
    product: &'a Product<'a, F>,
    /// Index of its first row among all.
    first: usize,
    rows: usize,
    input: &'a [Block],
}

impl<F: Format> Work for Product<'_, F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let group_blocks = GROUP * self.columns / BLOCK;
        for (index, input) in self.input.chunks(group_blocks).enumerate() {
            let rows = input.len() * BLOCK / self.columns;
            let group = Group {
                product: &self,
                first: index * GROUP,
                rows,
                input,
            };
            let done = if self.rest { rows / EIGHT * EIGHT } else { 0 };
            group.all_rows::<L>(done, rows);
        }
    }
}

impl<F: Format> AtOnce for Group<'_, F> {
    #[inline(always)]
    unsafe fn rows<L: Lanes, const M: usize>(&self, row: usize) {
        let product = self.product;
        let blocks = product.columns / F::COLUMNS;
        let input = self.input[row..=self.input.len() + row - self.rows].as_ptr();
        for tile in product.range.clone() {
            let weights = product.tiles[tile * blocks * F::BYTES..(tile + 1) * blocks * F::BYTES].as_ptr();
            let sums = tile_times_rows::<L, F, M>(weights, blocks, input, self.rows);
            let outputs = ROWS.min(product.outputs - tile * ROWS);
            for (m, sums) in sums.into_iter().enumerate() {
                let out = product
                    .out
                    .at((self.first + row + m) * product.outputs + tile * ROWS);
                if outputs == ROWS {
                    L::store(out, sums);
                } else {
                    let mut values = [0.0; ROWS];
                    L::store(values.as_mut_ptr(), sums);
                    out.copy_from_nonoverlapping(values.as_ptr(), outputs);
                }
            }
        }
    }
}

/// 16 outputs of each of `M` rows, whose blocks lie side by side; those of the next columns are `step` further.
#[inline(always)]
unsafe fn tile_times_rows<L: Lanes, F: Format, const M: usize>(
    mut weights: *const u8,
    blocks: usize,
    mut input: *const Block,
    step: usize,
) -> [L::Floats; M] {
    let mut sums = [L::splat(0.0); M];
    for _ in 0..blocks {
        for part in 0..F::COLUMNS / BLOCK {
            prefetch::<L, F>(weights, part);
            let (mut first, mut last) = start::<L, F, M>(input);
            dots::<L, F, M>(weights, part, 0, input, &mut first, &mut last);
            dots::<L, F, M>(weights, part, 1, input, &mut first, &mut last);
            dots::<L, F, M>(weights, part, 2, input, &mut first, &mut last);
            dots::<L, F, M>(weights, part, 3, input, &mut first, &mut last);
            let (scales, last_scales) = F::scales::<L>(weights, part);
            for m in 0..M {
                let block = input.add(m);
                let scale = L::splat((*block).scale);
                sums[m] = L::fma(L::to_floats(first[m]), L::mul(scales, scale), sums[m]);
                if F::HALVES {
                    sums[m] = L::fma(L::to_floats(last[m]), L::mul(last_scales, scale), sums[m]);
                }
            }
            if F::ZERO.is_none() {
                let minimums = F::minimums::<L>(weights, part);
                for (m, sum) in sums.iter_mut().enumerate() {
                    *sum = L::fnma(minimums, L::splat((*input.add(m)).sum), *sum);
                }
            }
            input = input.add(step);
        }
        weights = weights.add(F::BYTES);
    }
    sums
}

/// Asks for the bytes that come some way behind those of a part, across the end of the tile. With few rows of activations
/// memory is the limit, and the processor's own guesses were measured to reach half of it.
#[inline(always)]
unsafe fn prefetch<L: Lanes, F: Format>(weights: *const u8, part: usize) {
    let part_bytes = F::BYTES / (F::COLUMNS / BLOCK);
    for line in 0..part_bytes.div_ceil(64) {
        L::prefetch(weights.wrapping_add(part * part_bytes + line * 64 + F::AHEAD));
    }
}

/// What the sums of products start from, so that the offset of the weights comes off.
#[inline(always)]
unsafe fn start<L: Lanes, F: Format, const M: usize>(input: *const Block) -> ([L::Ints; M], [L::Ints; M]) {
    let (mut first, mut last) = ([L::splat_int(0); M], [L::splat_int(0); M]);
    if let Some(zero) = F::ZERO {
        for m in 0..M {
            let zeros = &(*input.add(m)).zeros;
            first[m] = L::splat_int(zeros[zero as usize]);
            if F::HALVES {
                last[m] = L::splat_int(zeros[zero as usize + 1]);
            }
        }
    }
    (first, last)
}

/// Adds the products of columns `4 j..` and `16 + 4 j..`.
#[inline(always)]
unsafe fn dots<L: Lanes, F: Format, const M: usize>(
    weights: *const u8,
    part: usize,
    j: u8,
    input: *const Block,
    first: &mut [L::Ints; M],
    last: &mut [L::Ints; M],
) {
    let (low, high) = F::weights::<L>(weights, part, j);
    for m in 0..M {
        let quants = (*input.add(m)).quants.as_ptr().add(4 * usize::from(j));
        first[m] = dot::<L, F>(first[m], low, L::splat_bytes(quants));
        let high_sum = if F::HALVES { &mut last[m] } else { &mut first[m] };
        *high_sum = dot::<L, F>(*high_sum, high, L::splat_bytes(quants.add(16)));
    }
}

#[inline(always)]
unsafe fn dot<L: Lanes, F: Format>(sum: L::Ints, weights: L::Bytes, activations: L::Bytes) -> L::Ints {
    if F::BITS == 8 {
        L::dot_wide(sum, weights, activations)
    } else {
        L::dot(sum, weights, activations)
    }
}
