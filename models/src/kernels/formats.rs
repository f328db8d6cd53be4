//! Tiles of 16 rows of weights: how each kind is laid out, and how a kernel reads it.
//!
//! A tile is cut into blocks of as many columns as share a scale (or a scale of scales). In a block come first
//! the low 4 bits (or all 8) of the weights, then the bits above them, then the scales. A line of 64 bytes holds
//! 4 neighbouring columns of each of the 16 rows, as the instructions want them; where weights have fewer than
//! 8 bits, its low nibbles are columns `4 j..` of the first half of 32, its high nibbles those of the second.
#![expect(unsafe_code, reason = "reads tiles through pointers")]
#![expect(unsafe_op_in_unsafe_fn, reason = "`Format` and `Lanes` have one contract")]

use super::{activations::Zero, lanes::Lanes};

/// Rows of a tile.
pub(super) const ROWS: usize = 16;

/// How blocks of 16 rows are stored.
///
/// # Safety
///
/// All functions: `block` points to `BYTES` bytes, `part` is less than `COLUMNS` / 32, and the CPU has the tier.
pub(super) trait Format: 'static {
    /// Columns of a block: 32, or a multiple of it with more than one part.
    const COLUMNS: usize;
    /// Bytes of a block of 16 rows.
    const BYTES: usize;
    /// Bits of a weight.
    const BITS: usize;
    /// The offset of the stored weights, unless they have a minimum.
    const ZERO: Option<Zero>;
    /// Whether each 16 of the 32 columns of a part have their own scale.
    const HALVES: bool = false;
    /// How many bytes ahead of their use weights are asked for: other distances were measured to cost up to a third.
    const AHEAD: usize = if Self::BITS < 8 { 6144 } else { 4096 };

    /// The scales of 32 columns, and for `HALVES` that of the last 16 of them.
    unsafe fn scales<L: Lanes>(block: *const u8, part: usize) -> (L::Floats, L::Floats);

    /// What is taken off the product of scale and weight; used where `ZERO` is `None`.
    unsafe fn minimums<L: Lanes>(block: *const u8, part: usize) -> L::Floats;

    /// Columns `4 j..` and `16 + 4 j..` of 32.
    #[inline(always)]
    unsafe fn weights<L: Lanes>(block: *const u8, part: usize, j: u8) -> (L::Bytes, L::Bytes) {
        if Self::BITS == 8 {
            let line = block.add(part * 512 + usize::from(j) * 64);
            return (L::load_bytes(line), L::load_bytes(line.add(256)));
        }
        let nibbles = L::load_bytes(block.add(part * 256 + usize::from(j) * 64));
        let (low, high) = (L::low_nibbles(nibbles), L::high_nibbles(nibbles));
        let above = block.add(Self::COLUMNS * 8);
        let j_bits = i32::from(j);
        match Self::BITS {
            // One line: bit j is of the first half's columns 4 j.., bit 4 + j of the second's.
            5 => {
                let bits = L::load_bytes(above.add(part * 64));
                (
                    L::add_bits(low, bits, 4 - j_bits, 16),
                    L::add_bits(high, bits, -j_bits, 16),
                )
            }
            // Two lines, one for each half: bits 2 j and 2 j + 1.
            6 => {
                let above = above.add(part * 128);
                let shift = 4 - 2 * j_bits;
                let (first, second) = (L::load_bytes(above), L::load_bytes(above.add(64)));
                (
                    L::add_bits(low, first, shift, 48),
                    L::add_bits(high, second, shift, 48),
                )
            }
            _ => (low, high),
        }
    }
}

/// Where the scales of a block begin: behind all bits of the weights.
const fn scales_at<F: Format>() -> usize {
    F::COLUMNS * ROWS * F::BITS / 8
}

/// 32 columns, with a scale: `Q4_0`, `Q5_0` and `Q8_0`.
pub(super) struct Scaled<const BITS: usize>;
/// 32 columns, with a scale and a minimum: `Q4_1` and `Q5_1`.
pub(super) struct Affine<const BITS: usize>;
/// 256 columns in 8 parts, whose scales and minimums are themselves quantised: `Q4_K` and `Q5_K`.
pub(super) struct SuperAffine<const BITS: usize>;
/// 256 columns in 16 halves of parts, whose scales are themselves quantised: `Q6_K`.
pub(super) struct SuperScaled;

impl<const BITS: usize> Format for Scaled<BITS> {
    const COLUMNS: usize = 32;
    const BYTES: usize = BITS * 64 + 32;
    const BITS: usize = BITS;
    const ZERO: Option<Zero> = Some(match BITS {
        4 => Zero::Four,
        5 => Zero::Five,
        _ => Zero::Eight,
    });

    #[inline(always)]
    unsafe fn scales<L: Lanes>(block: *const u8, _part: usize) -> (L::Floats, L::Floats) {
        let scales = L::load_f16(block.add(scales_at::<Self>()).cast());
        (scales, scales)
    }

    #[inline(always)]
    unsafe fn minimums<L: Lanes>(_block: *const u8, _part: usize) -> L::Floats {
        L::splat(0.0)
    }
}

impl<const BITS: usize> Format for Affine<BITS> {
    const COLUMNS: usize = 32;
    const BYTES: usize = BITS * 64 + 64;
    const BITS: usize = BITS;
    const ZERO: Option<Zero> = None;

    #[inline(always)]
    unsafe fn scales<L: Lanes>(block: *const u8, _part: usize) -> (L::Floats, L::Floats) {
        let scales = L::load_f16(block.add(scales_at::<Self>()).cast());
        (scales, scales)
    }

    #[inline(always)]
    unsafe fn minimums<L: Lanes>(block: *const u8, _part: usize) -> L::Floats {
        L::sub(
            L::splat(0.0),
            L::load_f16(block.add(scales_at::<Self>() + 32).cast()),
        )
    }
}

impl<const BITS: usize> Format for SuperAffine<BITS> {
    const COLUMNS: usize = 256;
    const BYTES: usize = BITS * 512 + 320;
    const BITS: usize = BITS;
    const ZERO: Option<Zero> = None;

    #[inline(always)]
    unsafe fn scales<L: Lanes>(block: *const u8, part: usize) -> (L::Floats, L::Floats) {
        let at = block.add(scales_at::<Self>());
        let scales = L::mul(L::load_f16(at.cast()), L::load_u8(at.add(64 + part * 32)));
        (scales, scales)
    }

    #[inline(always)]
    unsafe fn minimums<L: Lanes>(block: *const u8, part: usize) -> L::Floats {
        let at = block.add(scales_at::<Self>());
        L::mul(L::load_f16(at.add(32).cast()), L::load_u8(at.add(80 + part * 32)))
    }
}

impl Format for SuperScaled {
    const COLUMNS: usize = 256;
    const BYTES: usize = 6 * 512 + 288;
    const BITS: usize = 6;
    const ZERO: Option<Zero> = Some(Zero::Six);
    const HALVES: bool = true;

    #[inline(always)]
    unsafe fn scales<L: Lanes>(block: *const u8, part: usize) -> (L::Floats, L::Floats) {
        let at = block.add(scales_at::<Self>());
        let scale = L::load_f16(at.cast());
        let at = at.add(32 + part * 32);
        (
            L::mul(scale, L::load_i8(at)),
            L::mul(scale, L::load_i8(at.add(16))),
        )
    }

    #[inline(always)]
    unsafe fn minimums<L: Lanes>(_block: *const u8, _part: usize) -> L::Floats {
        L::splat(0.0)
    }
}
