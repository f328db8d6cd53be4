//! Against the plain formulas, in every tier, for lengths that are no multiple of anything.

use super::{GateMultiply, RmsNorm, add, gelu_multiply, rms_norm, rope_halves, rope_pairs, silu_multiply};
use crate::kernels::{
    tests::{bits, random},
    tier::Tier,
};

fn near(a: f32, b: f64) -> bool {
    (f64::from(a) - b).abs() <= 1e-6 * (1.0 + b.abs())
}

#[test]
fn a_norm_is_that_of_the_formula_in_every_tier() {
    for width in [1, 15, 64, 100, 896] {
        let (input, weight) = (random(1, 3 * width), random(2, width));
        let mut out = vec![0.0; input.len()];
        rms_norm(&input, &weight, 1e-5, &mut out);
        for (out, input) in out.chunks_exact(width).zip(input.chunks_exact(width)) {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let mean = input.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / width as f64;
            let scale = (mean + 1e-5).sqrt();
            let exact = input
                .iter()
                .zip(&weight)
                .map(|(x, w)| f64::from(*x) / scale * f64::from(*w));
            assert!(out.iter().zip(exact).all(|(out, exact)| near(*out, exact)));
        }
        for tier in Tier::ALL.iter().filter(|tier| tier.is_available()) {
            let mut values = input.clone();
            tier.run(RmsNorm {
                values: &mut values,
                weight: &weight,
                epsilon: 1e-5,
            });
            assert!(bits(&values) == bits(&out), "{tier:?}, {width} wide");
        }
    }
}

fn silu(x: f64) -> f64 {
    x / (1.0 + (-x).exp())
}

fn gelu(x: f64) -> f64 {
    x / 2.0 * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
}

fn a_gate_is<const GELU: bool>(multiply: fn(&mut [f32], &[f32]), formula: fn(f64) -> f64) {
    for len in [1, 16, 33, 100] {
        let up = random(1, len);
        let gate: Vec<_> = random(2, len).iter().map(|value| value * 30.0).collect();
        let mut out = gate.clone();
        multiply(&mut out, &up);
        for ((out, gate), up) in out.iter().zip(&gate).zip(&up) {
            assert!(near(*out, formula(f64::from(*gate)) * f64::from(*up)));
        }
        for tier in Tier::ALL.iter().filter(|tier| tier.is_available()) {
            let mut values = gate.clone();
            tier.run(GateMultiply::<GELU> {
                gate: &mut values,
                up: &up,
            });
            assert!(bits(&values) == bits(&out), "{tier:?}, {len}");
        }
    }
    let mut extremes = [-1e30, -200.0, 0.0, 200.0, 1e30];
    multiply(&mut extremes, &[1.0; 5]);
    assert!(
        extremes[0].abs() < 1e-7 && extremes[1].abs() < 1e-30,
        "{extremes:?}"
    );
    assert_eq!(extremes[2..], [0.0, 200.0, 1e30]);
}

#[test]
fn a_gate_is_that_of_the_formula_in_every_tier() {
    a_gate_is::<false>(silu_multiply, silu);
    a_gate_is::<true>(gelu_multiply, gelu);
}

#[test]
fn turns_keep_lengths_and_turn_each_pair_by_its_angle() {
    let angles = [0.3_f32, 1.2, -2.0];
    let (cosines, sines) = (angles.map(f32::cos), angles.map(f32::sin));
    let row: Vec<_> = random(1, 12);
    let (mut pairs, mut halves) = (row.clone(), row.clone());
    rope_pairs(&mut pairs, &cosines, &sines);
    rope_halves(&mut halves, &cosines, &sines);
    for head in 0..2 {
        for (i, angle) in angles.into_iter().enumerate() {
            let check = |turned: &[f32], a: usize, b: usize| {
                let (a, b) = (head * 6 + a, head * 6 + b);
                let (x, y, angle) = (f64::from(row[a]), f64::from(row[b]), f64::from(angle));
                assert!(near(turned[a], x * angle.cos() - y * angle.sin()));
                assert!(near(turned[b], x * angle.sin() + y * angle.cos()));
            };
            check(&pairs, 2 * i, 2 * i + 1);
            check(&halves, i, 3 + i);
        }
    }
}

#[test]
fn sums_are_sums() {
    let mut to = vec![1.0, 2.0, 3.0];
    add(&mut to, &[0.5, 0.25, -3.0], 1.0);
    assert_eq!(to, [1.5, 2.25, 0.0]);
    add(&mut to, &[0.5, 0.25, -3.0], 2.0);
    assert_eq!(to, [2.5, 2.75, -6.0]);
}
