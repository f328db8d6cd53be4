//! Two series of replicas, one lived and one simulated, held against each other.

use serde::Serialize;

use super::LivePoint;

/// Decisions by which a change may come earlier or later than simulated.
const FORGIVEN: usize = 1;

/// How far the simulator is from what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Seconds and replicas, as simulated.
    pub simulated: Vec<(f64, u32)>,
    /// The largest difference of replicas, a change that comes one decision earlier or later not counted.
    pub worst: u32,
    /// When that was.
    pub worst_at_seconds: f64,
    /// The share of decisions with the same count at the same time.
    pub same: f64,
}

impl Agreement {
    /// Compares decision by decision. When exactly a queue ends is chance on a machine that does other things, too, so a live count
    /// is held against the simulated ones shortly before and after.
    pub fn between(live: &[LivePoint], simulated: &[(f64, u32)]) -> Self {
        let mut agreement = Self {
            simulated: simulated.to_vec(),
            worst: 0,
            worst_at_seconds: 0.0,
            same: 0.0,
        };
        let mut same = 0_u32;
        for (index, point) in live.iter().enumerate() {
            let near = simulated
                .get(index.saturating_sub(FORGIVEN)..(index + FORGIVEN + 1).min(simulated.len()))
                .unwrap_or_default();
            let least = near
                .iter()
                .map(|(_, count)| count.abs_diff(point.replicas))
                .min()
                .unwrap_or(point.replicas);
            if least > agreement.worst {
                agreement.worst = least;
                agreement.worst_at_seconds = point.seconds;
            }
            same += u32::from(
                simulated
                    .get(index)
                    .is_some_and(|(_, count)| *count == point.replicas),
            );
        }
        let count = u32::try_from(live.len()).unwrap_or(u32::MAX).max(1);
        agreement.same = f64::from(same) / f64::from(count);
        agreement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(counts: &[u32]) -> Vec<LivePoint> {
        let point = |(index, replicas): (u32, &u32)| LivePoint {
            seconds: f64::from(index),
            replicas: *replicas,
            ready: 0,
            waiting: 0.0,
            running: 0.0,
        };
        (0..).zip(counts).map(point).collect()
    }

    fn simulated(counts: &[u32]) -> Vec<(f64, u32)> {
        (0_u32..)
            .zip(counts)
            .map(|(index, count)| (f64::from(index), *count))
            .collect()
    }

    #[test]
    fn one_decision_of_time_is_forgiven_and_more_are_not() {
        for (lived, told, worst) in [
            (&[2, 2, 8, 8][..], &[2, 2, 8, 8][..], 0),
            (&[2, 2, 8, 8], &[2, 8, 8, 8], 0),
            (&[2, 2, 2, 8], &[2, 8, 8, 8], 6),
            (&[2, 4, 7, 7], &[2, 4, 8, 8], 1),
            (&[2, 2, 2], &[], 2),
        ] {
            let agreement = Agreement::between(&live(lived), &simulated(told));
            assert_eq!(agreement.worst, worst, "{lived:?} {told:?}");
        }
        let half = Agreement::between(&live(&[2, 3]), &simulated(&[2, 4]));
        assert!((half.same - 0.5).abs() < 1e-9 && half.worst_at_seconds > 0.5);
    }
}
