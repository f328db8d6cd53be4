//! NEON, and the same with the dot products of ARMv8.2: four registers for sixteen lanes.
#![expect(unsafe_code, reason = "the CPU's instructions")]
#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the names are those of the instructions")
)]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each operation's body is under the contract of `Lanes`, and no other"
)]

use std::{
    arch::{aarch64::*, asm},
    array,
};

use super::{lanes::Lanes, tier::Work};

pub(super) enum Neon {}
pub(super) enum NeonDot {}

type Floats = [float32x4_t; 4];
type Ints = [int32x4_t; 4];
type Bytes = [uint8x16_t; 4];

#[target_feature(enable = "neon")]
unsafe fn enter_neon<W: Work>(work: W) {
    work.run::<Neon>();
}

#[target_feature(enable = "neon,dotprod")]
unsafe fn enter_neon_dot<W: Work>(work: W) {
    work.run::<NeonDot>();
}

/// Adds to each lane the products of its four bytes, without dot products; pairs of products fit 16 bits.
#[inline(always)]
unsafe fn dot_pairs(sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    let low = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    let high = vpaddlq_s16(vmull_high_s8(a, b));
    vaddq_s32(sum, vpaddq_s32(low, high))
}

/// The same in one instruction, whose intrinsic is not stable yet.
#[inline(always)]
unsafe fn dot_four(sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
    let mut sum = sum;
    asm!(
        ".arch_extension dotprod",
        "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
        sum = inout(vreg) sum,
        a = in(vreg) a,
        b = in(vreg) b,
        options(pure, nomem, nostack, preserves_flags)
    );
    sum
}

/// The operations of a tier; `$dot` is all in which the two differ.
macro_rules! lanes {
    ($tier:ident, $enter:ident, $dot:ident) => {
        impl Lanes for $tier {
            type Floats = Floats;
            type Ints = Ints;
            type Bytes = Bytes;

            const ROWS: usize = 2;

            #[inline(always)]
            unsafe fn enter<W: Work>(work: W) {
                $enter(work);
            }

            #[inline(always)]
            unsafe fn splat(value: f32) -> Floats {
                [vdupq_n_f32(value); 4]
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> Floats {
                array::from_fn(|i| vld1q_f32(from.add(4 * i)))
            }
            #[inline(always)]
            unsafe fn store(to: *mut f32, values: Floats) {
                for (i, values) in values.into_iter().enumerate() {
                    vst1q_f32(to.add(4 * i), values);
                }
            }
            #[inline(always)]
            unsafe fn load_f16(from: *const u16) -> Floats {
                array::from_fn(|i| vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from.add(4 * i)))))
            }
            #[inline(always)]
            unsafe fn store_f16(to: *mut u16, values: Floats) {
                for (i, values) in values.into_iter().enumerate() {
                    vst1_u16(to.add(4 * i), vreinterpret_u16_f16(vcvt_f16_f32(values)));
                }
            }
            #[inline(always)]
            unsafe fn load_bf16(from: *const u16) -> Floats {
                array::from_fn(|i| vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(from.add(4 * i)))))
            }
            #[inline(always)]
            unsafe fn load_u8(from: *const u8) -> Floats {
                let bytes = vld1q_u8(from);
                let words = [vmovl_u8(vget_low_u8(bytes)), vmovl_high_u8(bytes)];
                [
                    vcvtq_f32_u32(vmovl_u16(vget_low_u16(words[0]))),
                    vcvtq_f32_u32(vmovl_high_u16(words[0])),
                    vcvtq_f32_u32(vmovl_u16(vget_low_u16(words[1]))),
                    vcvtq_f32_u32(vmovl_high_u16(words[1])),
                ]
            }
            #[inline(always)]
            unsafe fn load_i8(from: *const u8) -> Floats {
                let bytes = vld1q_s8(from.cast());
                let words = [vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)];
                [
                    vcvtq_f32_s32(vmovl_s16(vget_low_s16(words[0]))),
                    vcvtq_f32_s32(vmovl_high_s16(words[0])),
                    vcvtq_f32_s32(vmovl_s16(vget_low_s16(words[1]))),
                    vcvtq_f32_s32(vmovl_high_s16(words[1])),
                ]
            }
            #[inline(always)]
            unsafe fn add(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vaddq_f32(a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn sub(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vsubq_f32(a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn mul(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vmulq_f32(a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn div(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vdivq_f32(a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats {
                array::from_fn(|i| vfmaq_f32(c[i], a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn fnma(a: Floats, b: Floats, c: Floats) -> Floats {
                array::from_fn(|i| vfmsq_f32(c[i], a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn max(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vbslq_f32(vcgtq_f32(a[i], b[i]), a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn min(a: Floats, b: Floats) -> Floats {
                array::from_fn(|i| vbslq_f32(vcltq_f32(a[i], b[i]), a[i], b[i]))
            }
            #[inline(always)]
            unsafe fn abs(a: Floats) -> Floats {
                array::from_fn(|i| vabsq_f32(a[i]))
            }
            #[inline(always)]
            unsafe fn first(count: usize, values: Floats, rest: Floats) -> Floats {
                let lanes: [u32; 16] = array::from_fn(|lane| if lane < count { u32::MAX } else { 0 });
                array::from_fn(|i| vbslq_f32(vld1q_u32(lanes.as_ptr().add(4 * i)), values[i], rest[i]))
            }
            #[inline(always)]
            unsafe fn scale_by_power(values: Floats, exponents: Floats) -> Floats {
                array::from_fn(|i| {
                    let power = vshlq_n_s32::<23>(vreinterpretq_s32_f32(exponents[i]));
                    vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(values[i]), power))
                })
            }
            #[inline(always)]
            unsafe fn sum(a: Floats) -> f32 {
                let a = vaddq_f32(vaddq_f32(a[0], a[2]), vaddq_f32(a[1], a[3]));
                let a = vadd_f32(vget_low_f32(a), vget_high_f32(a));
                vget_lane_f32::<0>(a) + vget_lane_f32::<1>(a)
            }
            #[inline(always)]
            unsafe fn largest(a: Floats) -> f32 {
                vmaxnmvq_f32(vmaxnmq_f32(vmaxnmq_f32(a[0], a[2]), vmaxnmq_f32(a[1], a[3])))
            }

            #[inline(always)]
            unsafe fn splat_int(value: i32) -> Ints {
                [vdupq_n_s32(value); 4]
            }
            #[inline(always)]
            unsafe fn to_floats(a: Ints) -> Floats {
                array::from_fn(|i| vcvtq_f32_s32(a[i]))
            }
            #[inline(always)]
            unsafe fn sum_ints(a: Ints) -> i32 {
                vaddvq_s32(vaddq_s32(vaddq_s32(a[0], a[1]), vaddq_s32(a[2], a[3])))
            }
            #[inline(always)]
            unsafe fn store_i8(to: *mut i8, a: Floats) -> Ints {
                let rounded: Ints = array::from_fn(|i| vcvtnq_s32_f32(a[i]));
                let low = vcombine_s16(vmovn_s32(rounded[0]), vmovn_s32(rounded[1]));
                let high = vcombine_s16(vmovn_s32(rounded[2]), vmovn_s32(rounded[3]));
                vst1q_s8(to, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
                rounded
            }

            #[inline(always)]
            unsafe fn load_bytes(from: *const u8) -> Bytes {
                array::from_fn(|i| vld1q_u8(from.add(16 * i)))
            }
            #[inline(always)]
            unsafe fn splat_bytes(from: *const i8) -> Bytes {
                [vreinterpretq_u8_u32(vdupq_n_u32(from.cast::<u32>().read_unaligned())); 4]
            }
            #[inline(always)]
            unsafe fn low_nibbles(a: Bytes) -> Bytes {
                a.map(|a| vandq_u8(a, vdupq_n_u8(15)))
            }
            #[inline(always)]
            unsafe fn high_nibbles(a: Bytes) -> Bytes {
                a.map(|a| vshrq_n_u8::<4>(a))
            }
            #[inline(always)]
            #[expect(clippy::cast_possible_truncation, reason = "a shift within a byte")]
            unsafe fn add_bits(a: Bytes, bits: Bytes, shift: i32, mask: u8) -> Bytes {
                let (shift, mask) = (vdupq_n_s8(shift as i8), vdupq_n_u8(mask));
                array::from_fn(|i| vorrq_u8(a[i], vandq_u8(vshlq_u8(bits[i], shift), mask)))
            }
            #[inline(always)]
            unsafe fn dot(sum: Ints, weights: Bytes, activations: Bytes) -> Ints {
                array::from_fn(|i| {
                    let (a, b) = (vreinterpretq_s8_u8(weights[i]), vreinterpretq_s8_u8(activations[i]));
                    $dot(sum[i], a, b)
                })
            }
            /// The weights are signed here, so it is (w - 128) * a, and 128 * a.
            #[inline(always)]
            unsafe fn dot_wide(sum: Ints, weights: Bytes, activations: Bytes) -> Ints {
                array::from_fn(|i| {
                    let signed = vreinterpretq_s8_u8(veorq_u8(weights[i], vdupq_n_u8(128)));
                    let activations = vreinterpretq_s8_u8(activations[i]);
                    let all = $dot(vdupq_n_s32(0), vdupq_n_s8(1), activations);
                    $dot(vaddq_s32(sum[i], vshlq_n_s32::<7>(all)), signed, activations)
                })
            }

            #[inline(always)]
            unsafe fn prefetch(at: *const u8) {
                asm!("prfm pldl2keep, [{at}]", at = in(reg) at, options(readonly, nostack, preserves_flags));
            }
        }
    };
}

lanes!(Neon, enter_neon, dot_pairs);
lanes!(NeonDot, enter_neon_dot, dot_four);
