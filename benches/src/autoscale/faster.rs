//! The same autoscaler with time running faster, so that a window of five minutes can be watched in one.

use std::time::Duration;

use crate::scaling::{
    hpa::{Behavior, Direction, Metric, Policy, Spec},
    quantity::Quantity,
};

/// Divides windows and periods, sets another target for `mcp_queue_depth`, and leaves CPU and memory out: pods that share one
/// machine have no CPU of their own to measure. An object without a behaviour gets the one that Kubernetes would fill in.
#[must_use]
pub fn faster(spec: &Spec, factor: u32, queue_target: u32) -> Spec {
    let metrics = spec.metrics.iter().filter_map(|metric| match metric {
        Metric::Pods { name, target } => Some(Metric::Pods {
            name: name.clone(),
            target: if name == "mcp_queue_depth" {
                Quantity::from_milli(i64::from(queue_target) * 1_000)
            } else {
                *target
            },
        }),
        _ => None,
    });
    let behavior = spec.behavior.clone().unwrap_or_default();
    Spec {
        metrics: metrics.collect(),
        behavior: Some(Behavior {
            up: quicken(&behavior.up, factor),
            down: quicken(&behavior.down, factor),
        }),
        ..spec.clone()
    }
}

fn quicken(direction: &Direction, factor: u32) -> Direction {
    let shorter = |time: Duration| time / factor.max(1);
    Direction {
        window: shorter(direction.window),
        policies: direction
            .policies
            .iter()
            .map(|policy| Policy {
                period: shorter(policy.period),
                ..*policy
            })
            .collect(),
        ..direction.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::{deployed, manifest};

    #[test]
    fn times_shrink_and_the_rest_stays() {
        let spec = manifest::horizontal(deployed::HORIZONTAL).expect("an HPA");
        let fast = faster(&spec, 5, 10);
        let labels: Vec<String> = fast.metrics.iter().map(Metric::label).collect();
        assert_eq!(
            (labels, fast.min, fast.max),
            (vec!["mcp_queue_depth 10 a pod".to_owned()], 2, 8)
        );
        let behavior = fast.behavior.expect("it is filled in");
        assert_eq!(behavior.down.window, Duration::from_mins(2));
        let periods = |direction: &Direction| -> Vec<u64> {
            let policies = direction.policies.iter();
            policies.map(|policy| policy.period.as_secs()).collect()
        };
        assert_eq!(
            (periods(&behavior.up), periods(&behavior.down)),
            (vec![12, 12], vec![24])
        );
        let bare = Spec {
            behavior: None,
            ..spec
        };
        let filled = faster(&bare, 5, 10).behavior.expect("it is filled in");
        assert_eq!(
            (filled.down.window, periods(&filled.up)),
            (Duration::from_mins(1), vec![3, 3])
        );
    }
}
