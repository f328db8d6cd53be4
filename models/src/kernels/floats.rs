//! Tiles of weights that are floats, times rows of floats.
//!
//! A tile holds 16 rows, column by column. Even and odd columns are summed apart, each in order, then added: two
//! chains of additions keep the processor busy, and the order does not depend on what else is computed.
#![expect(
    unsafe_code,
    reason = "reads tiles through pointers, and writes outputs that other tasks have a part of"
)]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work`, `Element` and `Lanes` have one contract"
)]

use std::{marker::PhantomData, ops::Range};

use super::{at_once::AtOnce, formats::ROWS, lanes::Lanes, pool::SharedMut, tier::Work};

/// How a weight is stored.
///
/// # Safety
///
/// `at` points to 16 weights, and the CPU has the tier.
pub(super) trait Element: 'static {
    const BYTES: usize;

    unsafe fn load<L: Lanes>(at: *const u8) -> L::Floats;
}

/// IEEE's half precision.
pub(super) struct F16;
/// The upper half of a float.
pub(super) struct Bf16;
/// A float.
pub(super) struct F32;

impl Element for F16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load<L: Lanes>(at: *const u8) -> L::Floats {
        L::load_f16(at.cast())
    }
}

impl Element for Bf16 {
    const BYTES: usize = 2;

    #[inline(always)]
    unsafe fn load<L: Lanes>(at: *const u8) -> L::Floats {
        L::load_bf16(at.cast())
    }
}

impl Element for F32 {
    const BYTES: usize = 4;

    #[inline(always)]
    unsafe fn load<L: Lanes>(at: *const u8) -> L::Floats {
        L::load(at.cast())
    }
}

/// Some tiles of a matrix times all rows of activations.
pub(super) struct FloatProduct<'a, E> {
    pub(super) tiles: &'a [u8],
    pub(super) columns: usize,
    pub(super) range: Range<usize>,
    pub(super) input: &'a [f32],
    /// `outputs` values for each row of activations; this work writes those of its tiles only.
    pub(super) out: SharedMut<f32>,
    pub(super) outputs: usize,
    pub(super) element: PhantomData<E>,
}

impl<E: Element> Work for FloatProduct<'_, E> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let rows = self.input.len() / self.columns;
        self.all_rows::<L>(0, rows);
    }
}

impl<E: Element> AtOnce for FloatProduct<'_, E> {
    #[inline(always)]
    unsafe fn rows<L: Lanes, const M: usize>(&self, row: usize) {
        let tile_bytes = self.columns * ROWS * E::BYTES;
        let input = self.input[row * self.columns..(row + M) * self.columns].as_ptr();
        for tile in self.range.clone() {
            let weights = self.tiles[tile * tile_bytes..(tile + 1) * tile_bytes].as_ptr();
            let sums = tile_times_rows::<L, E, M>(weights, self.columns, input);
            let outputs = ROWS.min(self.outputs - tile * ROWS);
            for (m, sums) in sums.into_iter().enumerate() {
                let mut values = [0.0; ROWS];
                L::store(values.as_mut_ptr(), sums);
                let out = self.out.at((row + m) * self.outputs + tile * ROWS);
                out.copy_from_nonoverlapping(values.as_ptr(), outputs);
            }
        }
    }
}

/// 16 outputs of each of `M` rows of an even number of columns.
#[inline(always)]
unsafe fn tile_times_rows<L: Lanes, E: Element, const M: usize>(
    weights: *const u8,
    columns: usize,
    input: *const f32,
) -> [L::Floats; M] {
    let mut even = [L::splat(0.0); M];
    let mut odd = [L::splat(0.0); M];
    for column in (0..columns).step_by(2) {
        let at = weights.add(column * ROWS * E::BYTES);
        if M == 1 {
            L::prefetch(at.wrapping_add(6144));
        }
        let (a, b) = (E::load::<L>(at), E::load::<L>(at.add(ROWS * E::BYTES)));
        for m in 0..M {
            let values = input.add(m * columns + column);
            even[m] = L::fma(a, L::splat(*values), even[m]);
            odd[m] = L::fma(b, L::splat(*values.add(1)), odd[m]);
        }
    }
    for m in 0..M {
        even[m] = L::add(even[m], odd[m]);
    }
    even
}
