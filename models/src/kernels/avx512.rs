//! AVX-512 with VNNI.
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

pub(super) enum Avx512 {}

/// `a | b & c`, as a table of the eight cases.
const OR_AND: i32 = 0xf8;

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
unsafe fn enter<W: Work>(work: W) {
    work.run::<Avx512>();
}

impl Lanes for Avx512 {
    type Floats = __m512;
    type Ints = __m512i;
    type Bytes = __m512i;

    const ROWS: usize = 8;

    #[inline(always)]
    unsafe fn enter<W: Work>(work: W) {
        enter(work);
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        _mm512_set1_ps(value)
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        _mm512_loadu_ps(from)
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, values: __m512) {
        _mm512_storeu_ps(to, values);
    }
    #[inline(always)]
    unsafe fn load_f16(from: *const u16) -> __m512 {
        _mm512_cvtph_ps(_mm256_loadu_si256(from.cast()))
    }
    #[inline(always)]
    unsafe fn store_f16(to: *mut u16, values: __m512) {
        _mm256_storeu_si256(to.cast(), _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(values));
    }
    #[inline(always)]
    unsafe fn load_bf16(from: *const u16) -> __m512 {
        let bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast()));
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> __m512 {
        _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast())))
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> __m512 {
        _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(from.cast())))
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        _mm512_add_ps(a, b)
    }
    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        _mm512_sub_ps(a, b)
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        _mm512_mul_ps(a, b)
    }
    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        _mm512_div_ps(a, b)
    }
    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        _mm512_fmadd_ps(a, b, c)
    }
    #[inline(always)]
    unsafe fn fnma(a: __m512, b: __m512, c: __m512) -> __m512 {
        _mm512_fnmadd_ps(a, b, c)
    }
    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        _mm512_max_ps(a, b)
    }
    #[inline(always)]
    unsafe fn min(a: __m512, b: __m512) -> __m512 {
        _mm512_min_ps(a, b)
    }
    #[inline(always)]
    unsafe fn abs(a: __m512) -> __m512 {
        _mm512_abs_ps(a)
    }
    #[inline(always)]
    unsafe fn first(count: usize, values: __m512, rest: __m512) -> __m512 {
        let mask = if count < 16 { (1 << count) - 1 } else { 0xffff };
        _mm512_mask_blend_ps(mask, rest, values)
    }
    #[inline(always)]
    unsafe fn scale_by_power(values: __m512, exponents: __m512) -> __m512 {
        let powers = _mm512_slli_epi32::<23>(_mm512_castps_si512(exponents));
        _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(values), powers))
    }
    #[inline(always)]
    unsafe fn sum(a: __m512) -> f32 {
        let a = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a));
        let a = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
        let a = _mm_add_ps(a, _mm_movehl_ps(a, a));
        _mm_cvtss_f32(_mm_add_ss(a, _mm_movehdup_ps(a)))
    }
    #[inline(always)]
    unsafe fn largest(a: __m512) -> f32 {
        let a = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps::<1>(a));
        let a = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
        let a = _mm_max_ps(a, _mm_movehl_ps(a, a));
        _mm_cvtss_f32(_mm_max_ss(a, _mm_movehdup_ps(a)))
    }

    #[inline(always)]
    unsafe fn splat_int(value: i32) -> __m512i {
        _mm512_set1_epi32(value)
    }
    #[inline(always)]
    unsafe fn to_floats(a: __m512i) -> __m512 {
        _mm512_cvtepi32_ps(a)
    }
    #[inline(always)]
    unsafe fn sum_ints(a: __m512i) -> i32 {
        _mm512_reduce_add_epi32(a)
    }
    #[inline(always)]
    unsafe fn store_i8(to: *mut i8, a: __m512) -> __m512i {
        let rounded = _mm512_cvtps_epi32(a);
        _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(rounded));
        rounded
    }

    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> __m512i {
        _mm512_loadu_si512(from.cast())
    }
    #[inline(always)]
    unsafe fn splat_bytes(from: *const i8) -> __m512i {
        _mm512_set1_epi32(from.cast::<i32>().read_unaligned())
    }
    #[inline(always)]
    unsafe fn low_nibbles(a: __m512i) -> __m512i {
        _mm512_and_si512(a, _mm512_set1_epi8(15))
    }
    #[inline(always)]
    unsafe fn high_nibbles(a: __m512i) -> __m512i {
        _mm512_and_si512(_mm512_srli_epi16::<4>(a), _mm512_set1_epi8(15))
    }
    #[inline(always)]
    unsafe fn add_bits(a: __m512i, bits: __m512i, shift: i32, mask: u8) -> __m512i {
        // With a constant shift, which all callers have, these become the immediate forms.
        let bits = if shift < 0 {
            _mm512_srl_epi16(bits, _mm_cvtsi32_si128(-shift))
        } else {
            _mm512_sll_epi16(bits, _mm_cvtsi32_si128(shift))
        };
        _mm512_ternarylogic_epi32::<OR_AND>(a, bits, _mm512_set1_epi8(mask.cast_signed()))
    }
    #[inline(always)]
    unsafe fn dot(sum: __m512i, weights: __m512i, activations: __m512i) -> __m512i {
        _mm512_dpbusd_epi32(sum, weights, activations)
    }
    #[inline(always)]
    unsafe fn dot_wide(sum: __m512i, weights: __m512i, activations: __m512i) -> __m512i {
        _mm512_dpbusd_epi32(sum, weights, activations)
    }

    #[inline(always)]
    unsafe fn prefetch(at: *const u8) {
        _mm_prefetch::<_MM_HINT_T1>(at.cast());
    }
}
