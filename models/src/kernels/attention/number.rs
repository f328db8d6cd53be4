//! The two ways in which the cache keeps a number.
#![expect(unsafe_code, reason = "reads and writes 16 numbers through pointers")]
#![expect(unsafe_op_in_unsafe_fn, reason = "`Number` has the contract of `Lanes`")]

use super::cache::LANES;
use crate::kernels::lanes::Lanes;

/// A kind of number in the cache.
///
/// # Safety
///
/// All functions: as those of [`Lanes`].
pub(super) trait Number {
    const BYTES: usize;
    /// Whether there is a scale for each share of a head.
    const SCALED: bool;
    /// Numbers of a head that have one scale together; the last of a head may be fewer.
    const SHARE: usize;

    /// Scales of a head.
    fn scales(width: usize) -> usize {
        if Self::SCALED {
            width.div_ceil(Self::SHARE)
        } else {
            0
        }
    }

    /// Of a share: multiples of 16 values.
    unsafe fn scale<L: Lanes>(values: &[f32]) -> f32;
    unsafe fn store<L: Lanes>(to: *mut u8, values: L::Floats, scale: f32);
    /// Without its scale.
    unsafe fn load<L: Lanes>(from: *const u8) -> L::Floats;
}

/// A 16-bit float.
pub(super) enum Half {}

impl Number for Half {
    const BYTES: usize = 2;
    const SCALED: bool = false;
    /// All of a head.
    const SHARE: usize = usize::MAX;

    #[inline(always)]
    unsafe fn scale<L: Lanes>(_values: &[f32]) -> f32 {
        1.0
    }
    #[inline(always)]
    unsafe fn store<L: Lanes>(to: *mut u8, values: L::Floats, _scale: f32) {
        L::store_f16(to.cast(), values);
    }
    #[inline(always)]
    unsafe fn load<L: Lanes>(from: *const u8) -> L::Floats {
        L::load_f16(from.cast())
    }
}

/// Eight bits with a sign, of which 127 is the largest of the share.
pub(super) enum Byte {}

impl Number for Byte {
    const BYTES: usize = 1;
    const SCALED: bool = true;
    const SHARE: usize = 32;

    #[inline(always)]
    unsafe fn scale<L: Lanes>(values: &[f32]) -> f32 {
        let zero = L::splat(0.0);
        let (mut largest, mut sound) = (zero, zero);
        for values in values.chunks_exact(LANES) {
            let values = L::load(values.as_ptr());
            largest = L::max(L::abs(values), largest);
            sound = L::fma(values, zero, sound);
        }
        // What is no finite number must not become one: then the scale is none.
        L::largest(largest) / 127.0 + L::sum(sound)
    }
    #[inline(always)]
    unsafe fn store<L: Lanes>(to: *mut u8, values: L::Floats, scale: f32) {
        // Where all are next to nothing, or some are no numbers, the scale alone tells.
        let inverse = if scale >= f32::MIN_POSITIVE {
            1.0 / scale
        } else {
            0.0
        };
        let scaled = L::mul(values, L::splat(inverse));
        let limit = L::splat(127.0);
        L::store_i8(
            to.cast(),
            L::max(L::min(scaled, limit), L::sub(L::splat(0.0), limit)),
        );
    }
    #[inline(always)]
    unsafe fn load<L: Lanes>(from: *const u8) -> L::Floats {
        L::load_i8(from)
    }
}
