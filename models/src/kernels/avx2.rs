//! AVX2 with FMA and F16C, and the same with AVX-VNNI: two registers for sixteen lanes.
#![expect(unsafe_code, reason = "the CPU's instructions")]
#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the names are those of the instructions")
)]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each operation's body is under the contract of `Lanes`, and no other"
)]

use std::arch::x86_64::*;

use super::{lanes::Lanes, tier::Work};

pub(super) enum Avx2 {}
pub(super) enum AvxVnni {}

type Floats = [__m256; 2];
type Ints = [__m256i; 2];

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn enter_avx2<W: Work>(work: W) {
    work.run::<Avx2>();
}

#[target_feature(enable = "avx2,fma,f16c,avxvnni")]
unsafe fn enter_avx_vnni<W: Work>(work: W) {
    work.run::<AvxVnni>();
}

/// Products of `weights` * `activations` without VNNI; pairs of them have to fit 16 bits.
#[inline(always)]
unsafe fn dot_pairs(sum: __m256i, weights: __m256i, activations: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(weights, activations);
    _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// As [`dot_pairs`], for any weights: 255 * 127 twice would not fit, so it is (w - 128) * a, with the sign
/// moved to a, and 128 * a.
#[inline(always)]
unsafe fn dot_pairs_wide(sum: __m256i, weights: __m256i, activations: __m256i) -> __m256i {
    let middle = _mm256_set1_epi8(-128);
    let signed = _mm256_xor_si256(weights, middle);
    let sum = dot_pairs(
        sum,
        _mm256_abs_epi8(signed),
        _mm256_sign_epi8(activations, signed),
    );
    dot_pairs(sum, middle, activations)
}

/// The operations of a tier; `$dot` and `$dot_wide` are all in which the two differ.
macro_rules! lanes {
    ($tier:ident, $enter:ident, $dot:ident, $dot_wide:ident) => {
        impl Lanes for $tier {
            type Floats = Floats;
            type Ints = Ints;
            type Bytes = Ints;

            const ROWS: usize = 2;

            #[inline(always)]
            unsafe fn enter<W: Work>(work: W) {
                $enter(work);
            }

            #[inline(always)]
            unsafe fn splat(value: f32) -> Floats {
                [_mm256_set1_ps(value); 2]
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> Floats {
                [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))]
            }
            #[inline(always)]
            unsafe fn store(to: *mut f32, values: Floats) {
                _mm256_storeu_ps(to, values[0]);
                _mm256_storeu_ps(to.add(8), values[1]);
            }
            #[inline(always)]
            unsafe fn load_f16(from: *const u16) -> Floats {
                [
                    _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
                    _mm256_cvtph_ps(_mm_loadu_si128(from.add(8).cast())),
                ]
            }
            #[inline(always)]
            unsafe fn store_f16(to: *mut u16, values: Floats) {
                _mm_storeu_si128(
                    to.cast(),
                    _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(values[0]),
                );
                _mm_storeu_si128(
                    to.add(8).cast(),
                    _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(values[1]),
                );
            }
            #[inline(always)]
            unsafe fn load_bf16(from: *const u16) -> Floats {
                [from, from.add(8)].map(|from| {
                    let bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(from.cast()));
                    _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits))
                })
            }
            #[inline(always)]
            unsafe fn load_u8(from: *const u8) -> Floats {
                [from, from.add(8)]
                    .map(|from| _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))))
            }
            #[inline(always)]
            unsafe fn load_i8(from: *const u8) -> Floats {
                [from, from.add(8)]
                    .map(|from| _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from.cast()))))
            }
            #[inline(always)]
            unsafe fn add(a: Floats, b: Floats) -> Floats {
                [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn sub(a: Floats, b: Floats) -> Floats {
                [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn mul(a: Floats, b: Floats) -> Floats {
                [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn div(a: Floats, b: Floats) -> Floats {
                [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats {
                [
                    _mm256_fmadd_ps(a[0], b[0], c[0]),
                    _mm256_fmadd_ps(a[1], b[1], c[1]),
                ]
            }
            #[inline(always)]
            unsafe fn fnma(a: Floats, b: Floats, c: Floats) -> Floats {
                [
                    _mm256_fnmadd_ps(a[0], b[0], c[0]),
                    _mm256_fnmadd_ps(a[1], b[1], c[1]),
                ]
            }
            #[inline(always)]
            unsafe fn max(a: Floats, b: Floats) -> Floats {
                [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn min(a: Floats, b: Floats) -> Floats {
                [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])]
            }
            #[inline(always)]
            unsafe fn abs(a: Floats) -> Floats {
                a.map(|a| _mm256_andnot_ps(_mm256_set1_ps(-0.0), a))
            }
            #[inline(always)]
            unsafe fn first(count: usize, values: Floats, rest: Floats) -> Floats {
                let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
                let count = i32::try_from(count.min(16)).expect("at most 16");
                let low = _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes);
                let high = _mm256_cmpgt_epi32(_mm256_set1_epi32(count - 8), lanes);
                [
                    _mm256_blendv_ps(rest[0], values[0], _mm256_castsi256_ps(low)),
                    _mm256_blendv_ps(rest[1], values[1], _mm256_castsi256_ps(high)),
                ]
            }
            #[inline(always)]
            unsafe fn scale_by_power(values: Floats, exponents: Floats) -> Floats {
                let scale = |value, exponent| {
                    let power = _mm256_slli_epi32::<23>(_mm256_castps_si256(exponent));
                    _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(value), power))
                };
                [
                    scale(values[0], exponents[0]),
                    scale(values[1], exponents[1]),
                ]
            }
            #[inline(always)]
            unsafe fn sum(a: Floats) -> f32 {
                let a = _mm256_add_ps(a[0], a[1]);
                let a = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
                let a = _mm_add_ps(a, _mm_movehl_ps(a, a));
                _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)))
            }
            #[inline(always)]
            unsafe fn largest(a: Floats) -> f32 {
                let a = _mm256_max_ps(a[0], a[1]);
                let a = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
                let a = _mm_max_ps(a, _mm_movehl_ps(a, a));
                _mm_cvtss_f32(_mm_max_ss(a, _mm_movehdup_ps(a)))
            }

            #[inline(always)]
            unsafe fn splat_int(value: i32) -> Ints {
                [_mm256_set1_epi32(value); 2]
            }
            #[inline(always)]
            unsafe fn to_floats(a: Ints) -> Floats {
                a.map(|a| _mm256_cvtepi32_ps(a))
            }
            #[inline(always)]
            unsafe fn sum_ints(a: Ints) -> i32 {
                let a = _mm256_add_epi32(a[0], a[1]);
                let a = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a));
                let a = _mm_add_epi32(a, _mm_shuffle_epi32::<0b_01_00_11_10>(a));
                _mm_cvtsi128_si32(_mm_add_epi32(a, _mm_shuffle_epi32::<0b_10_11_00_01>(a)))
            }
            #[inline(always)]
            unsafe fn store_i8(to: *mut i8, a: Floats) -> Ints {
                let rounded = a.map(|a| _mm256_cvtps_epi32(a));
                // Packing works within halves of a register, so the middle quarters have to change places.
                let words =
                    _mm256_permute4x64_epi64::<0b_11_01_10_00>(_mm256_packs_epi32(rounded[0], rounded[1]));
                let bytes = _mm_packs_epi16(
                    _mm256_castsi256_si128(words),
                    _mm256_extracti128_si256::<1>(words),
                );
                _mm_storeu_si128(to.cast(), bytes);
                rounded
            }

            #[inline(always)]
            unsafe fn load_bytes(from: *const u8) -> Ints {
                [
                    _mm256_loadu_si256(from.cast()),
                    _mm256_loadu_si256(from.add(32).cast()),
                ]
            }
            #[inline(always)]
            unsafe fn splat_bytes(from: *const i8) -> Ints {
                [_mm256_set1_epi32(from.cast::<i32>().read_unaligned()); 2]
            }
            #[inline(always)]
            unsafe fn low_nibbles(a: Ints) -> Ints {
                a.map(|a| _mm256_and_si256(a, _mm256_set1_epi8(15)))
            }
            #[inline(always)]
            unsafe fn high_nibbles(a: Ints) -> Ints {
                a.map(|a| _mm256_and_si256(_mm256_srli_epi16::<4>(a), _mm256_set1_epi8(15)))
            }
            #[inline(always)]
            unsafe fn add_bits(a: Ints, bits: Ints, shift: i32, mask: u8) -> Ints {
                let add = |a, bits| {
                    // With a constant shift, which all callers have, these become the immediate forms.
                    let bits = if shift < 0 {
                        _mm256_srl_epi16(bits, _mm_cvtsi32_si128(-shift))
                    } else {
                        _mm256_sll_epi16(bits, _mm_cvtsi32_si128(shift))
                    };
                    _mm256_or_si256(
                        a,
                        _mm256_and_si256(bits, _mm256_set1_epi8(mask.cast_signed())),
                    )
                };
                [add(a[0], bits[0]), add(a[1], bits[1])]
            }
            #[inline(always)]
            unsafe fn dot(sum: Ints, weights: Ints, activations: Ints) -> Ints {
                [
                    $dot(sum[0], weights[0], activations[0]),
                    $dot(sum[1], weights[1], activations[1]),
                ]
            }
            #[inline(always)]
            unsafe fn dot_wide(sum: Ints, weights: Ints, activations: Ints) -> Ints {
                [
                    $dot_wide(sum[0], weights[0], activations[0]),
                    $dot_wide(sum[1], weights[1], activations[1]),
                ]
            }

            #[inline(always)]
            unsafe fn prefetch(at: *const u8) {
                _mm_prefetch::<_MM_HINT_T0>(at.cast());
            }
        }
    };
}

lanes!(Avx2, enter_avx2, dot_pairs, dot_pairs_wide);
lanes!(
    AvxVnni,
    enter_avx_vnni,
    _mm256_dpbusd_avx_epi32,
    _mm256_dpbusd_avx_epi32
);
