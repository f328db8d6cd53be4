//! Reads one row of a matrix back: an embedding.
#![expect(unsafe_code, reason = "reads tiles through the formats, which take pointers")]

use super::{
    activations::Zero,
    floats::{Bf16, Element, F16, F32},
    formats::{Affine, Format, ROWS, Scaled, SuperAffine, SuperScaled},
    kind::Kind,
    lanes::{Lanes, Portable},
};

/// A row of a tile, and where its weights go.
pub(super) struct ReadRow<'a> {
    pub(super) tile: &'a [u8],
    pub(super) row: usize,
    pub(super) out: &'a mut [f32],
}

impl ReadRow<'_> {
    pub(super) fn run(self, kind: Kind) {
        match kind {
            Kind::Q4_0 => self.quantised::<Scaled<4>>(),
            Kind::Q4_1 => self.quantised::<Affine<4>>(),
            Kind::Q5_0 => self.quantised::<Scaled<5>>(),
            Kind::Q5_1 => self.quantised::<Affine<5>>(),
            Kind::Q8_0 => self.quantised::<Scaled<8>>(),
            Kind::Q4K => self.quantised::<SuperAffine<4>>(),
            Kind::Q5K => self.quantised::<SuperAffine<5>>(),
            Kind::Q6K => self.quantised::<SuperScaled>(),
            Kind::F16 => self.floats::<F16>(),
            Kind::BF16 => self.floats::<Bf16>(),
            Kind::F32 => self.floats::<F32>(),
        }
    }

    fn quantised<F: Format>(self) {
        let zero = match F::ZERO {
            None => 0,
            Some(Zero::Four) => 8,
            Some(Zero::Five) => 16,
            Some(Zero::Six) => 32,
            Some(Zero::Eight) => 128,
        };
        let blocks = self
            .tile
            .chunks_exact(F::BYTES)
            .zip(self.out.chunks_exact_mut(F::COLUMNS));
        for (block, out) in blocks {
            for (part, out) in out.chunks_exact_mut(32).enumerate() {
                read_part::<F>(block, part, self.row, zero, out);
            }
        }
    }

    fn floats<E: Element>(self) {
        let columns = self.tile.chunks_exact(ROWS * E::BYTES);
        for (column, out) in columns.zip(self.out) {
            // SAFETY: `column` has 16 weights, and every CPU has this tier.
            *out = unsafe { E::load::<Portable>(column.as_ptr()) }[self.row];
        }
    }
}

/// 32 weights of a row.
fn read_part<F: Format>(block: &[u8], part: usize, row: usize, zero: i16, out: &mut [f32]) {
    assert!(
        block.len() == F::BYTES && part < F::COLUMNS / 32,
        "a part of a block"
    );
    let at = block.as_ptr();
    // SAFETY: `block` has the bytes of a block, `part` is one of it, and every CPU has this tier.
    let (scales, minimums) = unsafe { (F::scales::<Portable>(at, part), F::minimums::<Portable>(at, part)) };
    let (first, last) = out.split_at_mut(16);
    for j in 0..4_u8 {
        // SAFETY: as above, and j is one of four.
        let (low, high) = unsafe { F::weights::<Portable>(at, part, j) };
        for i in 0..4 {
            let value = |weight: u8, scale: f32| f32::from(i16::from(weight) - zero) * scale - minimums[row];
            first[4 * usize::from(j) + i] = value(low[4 * row + i], scales.0[row]);
            last[4 * usize::from(j) + i] = value(high[4 * row + i], scales.1[row]);
        }
    }
}

const _: () = assert!(size_of::<<Portable as Lanes>::Bytes>() == ROWS * 4);
