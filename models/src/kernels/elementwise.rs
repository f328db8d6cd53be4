//! What lies between the products: norms, turns of positions, gates, sums. On one thread; see `Pool::split`.
//!
//! Loops without an order of their own are plain: compiled for a tier, they become its instructions.
#![expect(unsafe_code, reason = "compiled for the tiers, and reads 16 values at a time")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work` and `Lanes` have one contract: the CPU has the tier"
)]

use std::f32::consts::{FRAC_2_SQRT_PI, LOG2_E, SQRT_2};

use super::{
    lanes::{Lanes, exp2},
    tier::{Tier, Work},
};

const LANES: usize = 16;

/// Scales each row of `weight.len()` values to a mean square of one, then by `weight`.
///
/// # Panics
///
/// Unless `input` is whole rows and `out` is as long.
pub(crate) fn rms_norm(input: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    assert!(input.len() == out.len(), "as many outputs as inputs");
    out.copy_from_slice(input);
    rms_norm_in_place(out, weight, epsilon);
}

/// As [`rms_norm`], in place.
///
/// # Panics
///
/// Unless `values` are whole rows.
pub(crate) fn rms_norm_in_place(values: &mut [f32], weight: &[f32], epsilon: f32) {
    assert!(
        !weight.is_empty() && values.len().is_multiple_of(weight.len()),
        "whole rows"
    );
    Tier::best().run(RmsNorm {
        values,
        weight,
        epsilon,
    });
}

/// `gate` becomes `gate * sigmoid(gate) * up`.
///
/// # Panics
///
/// Unless both are as long.
pub(crate) fn silu_multiply(gate: &mut [f32], up: &[f32]) {
    assert!(gate.len() == up.len(), "as many gates as values");
    Tier::best().run(GateMultiply::<false> { gate, up });
}

/// `gate` becomes `gelu(gate) * up`, with the hyperbolic tangent that models were trained with.
///
/// # Panics
///
/// Unless both are as long.
pub(crate) fn gelu_multiply(gate: &mut [f32], up: &[f32]) {
    assert!(gate.len() == up.len(), "as many gates as values");
    Tier::best().run(GateMultiply::<true> { gate, up });
}

/// Adds `from`, times a factor, to `to`.
///
/// # Panics
///
/// Unless both are as long.
pub(crate) fn add(to: &mut [f32], from: &[f32], factor: f32) {
    assert!(to.len() == from.len(), "as many values as sums");
    Tier::best().run(Add { to, from, factor });
}

/// Turns each head of a row, whose pairs lie side by side, by angles of these cosines and sines.
///
/// # Panics
///
/// Unless there are as many cosines as sines, and the row is whole heads of twice as many values.
pub(crate) fn rope_pairs(row: &mut [f32], cosines: &[f32], sines: &[f32]) {
    check_angles(row, cosines, sines);
    Tier::best().run(RopePairs { row, cosines, sines });
}

/// Turns each head of a row, whose pairs are a half apart, by angles of these cosines and sines.
///
/// # Panics
///
/// Unless there are as many cosines as sines, and the row is whole heads of twice as many values.
pub(crate) fn rope_halves(row: &mut [f32], cosines: &[f32], sines: &[f32]) {
    check_angles(row, cosines, sines);
    Tier::best().run(RopeHalves { row, cosines, sines });
}

fn check_angles(row: &[f32], cosines: &[f32], sines: &[f32]) {
    assert!(
        cosines.len() == sines.len() && !sines.is_empty(),
        "a sine for each cosine"
    );
    assert!(row.len().is_multiple_of(2 * sines.len()), "whole heads");
}

struct RmsNorm<'a> {
    values: &'a mut [f32],
    weight: &'a [f32],
    epsilon: f32,
}

impl Work for RmsNorm<'_> {
    #[inline(always)]
    #[expect(clippy::cast_precision_loss, reason = "a row is far shorter")]
    unsafe fn run<L: Lanes>(self) {
        for row in self.values.chunks_exact_mut(self.weight.len()) {
            let mut sum = L::splat(0.0);
            let chunks = row.chunks_exact(LANES);
            let mut rest = [0.0; LANES];
            rest[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
            for chunk in chunks {
                let values = L::load(chunk.as_ptr());
                sum = L::fma(values, values, sum);
            }
            let values = L::load(rest.as_ptr());
            let mean = L::sum(L::fma(values, values, sum)) / self.weight.len() as f32;
            let scale = 1.0 / (mean + self.epsilon).sqrt();
            for (value, weight) in row.iter_mut().zip(self.weight) {
                *value = *value * scale * weight;
            }
        }
    }
}

struct GateMultiply<'a, const GELU: bool> {
    gate: &'a mut [f32],
    up: &'a [f32],
}

impl<const GELU: bool> Work for GateMultiply<'_, GELU> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let mut gates = self.gate.chunks_exact_mut(LANES);
        let ups = self.up.chunks_exact(LANES);
        let rest = ups.remainder();
        for (gate, up) in gates.by_ref().zip(ups) {
            gate_some::<L, GELU>(gate.as_mut_ptr(), up.as_ptr());
        }
        let (mut gate, mut up) = ([0.0; LANES], [0.0; LANES]);
        let last = gates.into_remainder();
        gate[..rest.len()].copy_from_slice(last);
        up[..rest.len()].copy_from_slice(rest);
        gate_some::<L, GELU>(gate.as_mut_ptr(), up.as_ptr());
        last.copy_from_slice(&gate[..rest.len()]);
    }
}

#[inline(always)]
unsafe fn gate_some<L: Lanes, const GELU: bool>(gate: *mut f32, up: *const f32) {
    let values = L::load(gate);
    let steepness = if GELU {
        // (1 + tanh x) / 2 is the sigmoid of 2 x.
        const STEEPNESS: f32 = -LOG2_E * SQRT_2 * FRAC_2_SQRT_PI;
        let square = L::mul(values, values);
        L::fma(square, L::splat(STEEPNESS * 0.044_715), L::splat(STEEPNESS))
    } else {
        L::splat(-LOG2_E)
    };
    let power = exp2::<L>(L::mul(values, steepness));
    let gated = L::div(values, L::add(L::splat(1.0), power));
    L::store(gate, L::mul(gated, L::load(up)));
}

struct Add<'a> {
    to: &'a mut [f32],
    from: &'a [f32],
    factor: f32,
}

impl Work for Add<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            *to += from * self.factor;
        }
    }
}

struct RopePairs<'a> {
    row: &'a mut [f32],
    cosines: &'a [f32],
    sines: &'a [f32],
}

impl Work for RopePairs<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        for head in self.row.chunks_exact_mut(2 * self.sines.len()) {
            let (pairs, _) = head.as_chunks_mut::<2>();
            for ((pair, cosine), sine) in pairs.iter_mut().zip(self.cosines).zip(self.sines) {
                let [a, b] = *pair;
                *pair = [a * cosine - b * sine, a * sine + b * cosine];
            }
        }
    }
}

struct RopeHalves<'a> {
    row: &'a mut [f32],
    cosines: &'a [f32],
    sines: &'a [f32],
}

impl Work for RopeHalves<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        for head in self.row.chunks_exact_mut(2 * self.sines.len()) {
            let (first, last) = head.split_at_mut(self.sines.len());
            let pairs = first.iter_mut().zip(last);
            for (((a, b), cosine), sine) in pairs.zip(self.cosines).zip(self.sines) {
                (*a, *b) = (*a * cosine - *b * sine, *a * sine + *b * cosine);
            }
        }
    }
}

#[cfg(test)]
mod tests;
