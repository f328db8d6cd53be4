//! Sixteen numbers at a time: what the kernels need of a CPU, and its twin in plain Rust.
//!
//! The kernels are written once, over [`Lanes`]. Each operation is exact or correctly rounded, so that every
//! tier gives the same bits; where an order matters it is part of the contract.
#![expect(
    unsafe_code,
    reason = "the operations of a tier may only run on a CPU that has it, and read through pointers"
)]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each operation's body is under the contract of `Lanes`, and no other"
)]

use std::array;

use half::{bf16, f16};

use super::tier::Work;

/// Operations on 16 floats, 16 integers, or 16 groups of 4 bytes.
///
/// # Safety
///
/// All functions: only on a CPU that has the tier's instructions; pointers are good for as many values as are
/// read or written, in any alignment.
pub(super) trait Lanes: 'static {
    type Floats: Copy;
    type Ints: Copy;
    type Bytes: Copy;

    /// How many rows of activations a kernel holds in registers at once, at most.
    const ROWS: usize;

    /// Runs the work as a function that may use the tier's instructions.
    unsafe fn enter<W: Work>(work: W);

    unsafe fn splat(value: f32) -> Self::Floats;
    unsafe fn load(from: *const f32) -> Self::Floats;
    unsafe fn store(to: *mut f32, values: Self::Floats);
    unsafe fn load_f16(from: *const u16) -> Self::Floats;
    /// Rounds to the nearest, ties to even.
    unsafe fn store_f16(to: *mut u16, values: Self::Floats);
    unsafe fn load_bf16(from: *const u16) -> Self::Floats;
    unsafe fn load_u8(from: *const u8) -> Self::Floats;
    unsafe fn load_i8(from: *const u8) -> Self::Floats;
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b + c`, rounded once.
    unsafe fn fma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// `c - a * b`, rounded once.
    unsafe fn fnma(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// The larger; `b` where one is not a number.
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The smaller; `b` where one is not a number.
    unsafe fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn abs(a: Self::Floats) -> Self::Floats;
    /// The first `count` lanes of `values`, the others of `rest`.
    unsafe fn first(count: usize, values: Self::Floats, rest: Self::Floats) -> Self::Floats;
    /// `values * 2^n`, where `n` is in the low bits of `exponents`, which are floats of 1.5 * 2^23 + n.
    unsafe fn scale_by_power(values: Self::Floats, exponents: Self::Floats) -> Self::Floats;
    /// Lane i with lane i + 8, then i + 4, i + 2, i + 1.
    unsafe fn sum(a: Self::Floats) -> f32;
    unsafe fn largest(a: Self::Floats) -> f32;

    unsafe fn splat_int(value: i32) -> Self::Ints;
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats;
    unsafe fn sum_ints(a: Self::Ints) -> i32;
    /// Rounds to the nearest, ties to even, and stores 16 signed bytes; returns the integers. |a| <= 127.
    unsafe fn store_i8(to: *mut i8, a: Self::Floats) -> Self::Ints;

    unsafe fn load_bytes(from: *const u8) -> Self::Bytes;
    /// The same four bytes in each lane.
    unsafe fn splat_bytes(from: *const i8) -> Self::Bytes;
    unsafe fn low_nibbles(a: Self::Bytes) -> Self::Bytes;
    unsafe fn high_nibbles(a: Self::Bytes) -> Self::Bytes;
    /// `a | bits << shift & mask`, byte by byte; a negative shift goes right.
    unsafe fn add_bits(a: Self::Bytes, bits: Self::Bytes, shift: i32, mask: u8) -> Self::Bytes;
    /// Adds to each lane the products of its four unsigned `weights` (<= 63) and signed `activations`.
    unsafe fn dot(sum: Self::Ints, weights: Self::Bytes, activations: Self::Bytes) -> Self::Ints;
    /// As `dot`, for weights up to 255.
    unsafe fn dot_wide(sum: Self::Ints, weights: Self::Bytes, activations: Self::Bytes) -> Self::Ints;

    /// Asks for the line of memory, which is about to be read.
    unsafe fn prefetch(at: *const u8);
}

/// 2 to the power of each, within a few units of the last place; arguments are cut to -126..=126.
#[inline(always)]
pub(super) unsafe fn exp2<L: Lanes>(x: L::Floats) -> L::Floats {
    /// 1.5 * 2^23: adding it rounds a small float to an integer, which is then in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// Taylor's for 2^x on -0.5..=0.5, highest first: ln(2)^n / n!.
    const TERMS: [f32; 7] = [
        1.540_353e-4,
        1.333_355_8e-3,
        9.618_129e-3,
        5.550_411e-2,
        2.402_265e-1,
        6.931_472e-1,
        1.0,
    ];
    let x = L::min(L::max(x, L::splat(-126.0)), L::splat(126.0));
    let exponent = L::add(x, L::splat(ROUND));
    let x = L::sub(x, L::sub(exponent, L::splat(ROUND)));
    let mut power = L::splat(TERMS[0]);
    for term in &TERMS[1..] {
        power = L::fma(power, x, L::splat(*term));
    }
    L::scale_by_power(power, exponent)
}

/// Plain Rust: the twin that the others are tested against, and the tier of all other CPUs.
pub(super) enum Portable {}

impl Lanes for Portable {
    type Floats = [f32; 16];
    type Ints = [i32; 16];
    type Bytes = [u8; 64];

    const ROWS: usize = 4;

    unsafe fn enter<W: Work>(work: W) {
        work.run::<Self>();
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> [f32; 16] {
        [value; 16]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> [f32; 16] {
        from.cast::<[f32; 16]>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: [f32; 16]) {
        to.cast::<[f32; 16]>().write_unaligned(values);
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> [f32; 16] {
        from.cast::<[u16; 16]>()
            .read_unaligned()
            .map(|bits| f16::from_bits(bits).to_f32())
    }
    #[inline(always)]
    unsafe fn store_f16(to: *mut u16, values: [f32; 16]) {
        let bits = values.map(|value| f16::from_f32(value).to_bits());
        to.cast::<[u16; 16]>().write_unaligned(bits);
    }
    #[inline(always)]
    unsafe fn load_bf16(from: *const u16) -> [f32; 16] {
        from.cast::<[u16; 16]>()
            .read_unaligned()
            .map(|bits| bf16::from_bits(bits).to_f32())
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> [f32; 16] {
        from.cast::<[u8; 16]>().read_unaligned().map(f32::from)
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> [f32; 16] {
        from.cast::<[i8; 16]>().read_unaligned().map(f32::from)
    }
    #[inline(always)]
    unsafe fn add(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn sub(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| a[i] - b[i])
    }
    #[inline(always)]
    unsafe fn mul(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn div(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| a[i] / b[i])
    }
    #[inline(always)]
    unsafe fn fma(a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| a[i].mul_add(b[i], c[i]))
    }
    #[inline(always)]
    unsafe fn fnma(a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| (-a[i]).mul_add(b[i], c[i]))
    }
    #[inline(always)]
    unsafe fn max(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn min(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn abs(a: [f32; 16]) -> [f32; 16] {
        a.map(f32::abs)
    }
    #[inline(always)]
    unsafe fn first(count: usize, values: [f32; 16], rest: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| if i < count { values[i] } else { rest[i] })
    }
    #[inline(always)]
    unsafe fn scale_by_power(values: [f32; 16], exponents: [f32; 16]) -> [f32; 16] {
        array::from_fn(|i| f32::from_bits(values[i].to_bits().wrapping_add(exponents[i].to_bits() << 23)))
    }
    #[inline(always)]
    unsafe fn sum(a: [f32; 16]) -> f32 {
        let a: [f32; 8] = array::from_fn(|i| a[i] + a[i + 8]);
        let a: [f32; 4] = array::from_fn(|i| a[i] + a[i + 4]);
        (a[0] + a[2]) + (a[1] + a[3])
    }
    #[inline(always)]
    unsafe fn largest(a: [f32; 16]) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    unsafe fn splat_int(value: i32) -> [i32; 16] {
        [value; 16]
    }
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "rounding is what the operation does")]
    unsafe fn to_floats(a: [i32; 16]) -> [f32; 16] {
        a.map(|value| value as f32)
    }
    #[inline(always)]
    unsafe fn sum_ints(a: [i32; 16]) -> i32 {
        a.into_iter().fold(0, i32::wrapping_add)
    }
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the values are within -127..=127")]
    unsafe fn store_i8(to: *mut i8, a: [f32; 16]) -> [i32; 16] {
        let rounded = a.map(|value| value.round_ties_even() as i32);
        to.cast::<[i8; 16]>()
            .write_unaligned(rounded.map(|value| value as i8));
        rounded
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> [u8; 64] {
        from.cast::<[u8; 64]>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> [u8; 64] {
        let four = from.cast::<[u8; 4]>().read_unaligned();
        array::from_fn(|i| four[i % 4])
    }
    #[inline(always)]
    unsafe fn low_nibbles(a: [u8; 64]) -> [u8; 64] {
        a.map(|byte| byte & 15)
    }
    #[inline(always)]
    unsafe fn high_nibbles(a: [u8; 64]) -> [u8; 64] {
        a.map(|byte| byte >> 4)
    }
    #[inline(always)]
    unsafe fn add_bits(a: [u8; 64], bits: [u8; 64], shift: i32, mask: u8) -> [u8; 64] {
        array::from_fn(|i| {
            a[i] | mask
                & if shift < 0 {
                    bits[i] >> -shift
                } else {
                    bits[i] << shift
                }
        })
    }
    #[inline(always)]
    unsafe fn dot(sum: [i32; 16], weights: [u8; 64], activations: [u8; 64]) -> [i32; 16] {
        array::from_fn(|i| {
            (4 * i..4 * i + 4).fold(sum[i], |sum, j| {
                sum + i32::from(weights[j]) * i32::from(activations[j].cast_signed())
            })
        })
    }
    #[inline(always)]
    unsafe fn dot_wide(sum: [i32; 16], weights: [u8; 64], activations: [u8; 64]) -> [i32; 16] {
        Self::dot(sum, weights, activations)
    }

    #[inline(always)]
    unsafe fn prefetch(_at: *const u8) {}
}
