//! Kubernetes' autoscalers as pure functions: what HPA (`autoscaling/v2`) and VPA decide, given pods, samples and a time.
//!
//! Facts from the source of kube-controller-manager 1.36 and VPA 1.8. Nothing here reads a clock, a file or a cluster, so
//! that the simulator and the live proof run the same code.

#[cfg(test)]
pub(crate) mod deployed;
pub mod hpa;
pub mod manifest;
pub mod quantity;
pub mod vpa;

/// A count as a number with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milli-units of bytes stay below 2^53")]
fn real(count: i64) -> f64 {
    count as f64
}

/// Rounds up to a count of pods; absurd ratios end at the largest count instead of wrapping around.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits; a negative count is none"
)]
fn ceil_count(value: f64) -> u32 {
    value.ceil().clamp(0.0, f64::from(i32::MAX)) as u32
}

/// Cuts a number's fraction off.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a number with a fraction can count"
)]
fn whole(value: f64) -> i64 {
    value.clamp(-9.0e15, 9.0e15) as i64
}
