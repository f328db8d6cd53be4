//! The horizontal autoscaler: how many pods there should be.
//!
//! One call of [`Autoscaler::decide`] is one sync of the controller: each metric proposes a count, the largest wins, the
//! stabilisation windows hold it back, then the rate policies, then the bounds; in this order.

mod behavior;
mod replicas;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use behavior::{Behavior, Direction, Policy, Select, Unit};
pub use replicas::{Invalid, Tolerance};

use super::quantity::Quantity;
use behavior::History;

/// What an HPA object asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// Never fewer pods.
    pub min: u32,
    /// Never more pods.
    pub max: u32,
    /// What to look at.
    pub metrics: Vec<Metric>,
    /// `None` where the object has no `behavior` at all, which is not the same as its defaults.
    pub behavior: Option<Behavior>,
}

/// One metric and its target.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// CPU or memory against the pods' requests, in percent.
    Utilization {
        /// Which.
        resource: Resource,
        /// The target.
        percent: u32,
    },
    /// CPU or memory, the mean of the pods.
    ResourceAverage {
        /// Which.
        resource: Resource,
        /// The target.
        target: Quantity,
    },
    /// A metric of each pod, the mean of the pods.
    Pods {
        /// Its name.
        name: String,
        /// The target.
        target: Quantity,
    },
    /// A number from outside, shared among the pods (what KEDA makes).
    ExternalAverage {
        /// Its name.
        name: String,
        /// The target for each pod.
        target: Quantity,
    },
    /// A number from outside against one target, whatever the count of pods.
    ExternalValue {
        /// Its name.
        name: String,
        /// The target.
        target: Quantity,
    },
}

impl Metric {
    /// Its name, for people.
    pub fn label(&self) -> String {
        match self {
            Self::Utilization { resource, percent } => format!("{} {percent} %", resource.name()),
            Self::ResourceAverage { resource, target } => format!("{} {target}", resource.name()),
            Self::Pods { name, target } | Self::ExternalAverage { name, target } => {
                format!("{name} {target} a pod")
            }
            Self::ExternalValue { name, target } => format!("{name} {target} in all"),
        }
    }
}

/// What the kubelet measures of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Processor time, in cores.
    Cpu,
    /// Working set, in bytes.
    Memory,
}

impl Resource {
    /// As Kubernetes calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

/// Where a pod is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not on a node, or its containers have not started.
    Pending,
    /// Its containers run.
    Running,
    /// Failed, or told to end: nobody counts it.
    Gone,
}

/// One sample of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// How much.
    pub value: Quantity,
    /// When it was taken.
    pub at: Duration,
    /// Over how long.
    pub window: Duration,
}

/// A pod, as the controller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether its `Ready` condition is true.
    pub ready: bool,
    /// When it was started; `None` before.
    pub started: Option<Duration>,
    /// When `Ready` changed last.
    pub ready_changed: Duration,
    /// CPU that it requests.
    pub cpu_request: Quantity,
    /// Memory that it requests.
    pub memory_request: Quantity,
    /// CPU that it used; `None` where there is no sample.
    pub cpu: Option<Sample>,
    /// Memory that it holds.
    pub memory: Option<Sample>,
    /// Metrics of its own, by name.
    pub own: Vec<(String, Sample)>,
}

impl Pod {
    fn resource(&self, resource: Resource) -> (Option<Sample>, Quantity) {
        match resource {
            Resource::Cpu => (self.cpu, self.cpu_request),
            Resource::Memory => (self.memory, self.memory_request),
        }
    }

    fn own(&self, name: &str) -> Option<Sample> {
        let found = self.own.iter().find(|(own, _)| own == name);
        found.map(|(_, sample)| *sample)
    }
}

/// What the controller looks at in one sync.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Now.
    pub now: Duration,
    /// The count that the workload is set to.
    pub replicas: u32,
    /// Its pods, those that end included.
    pub pods: &'a [Pod],
    /// Metrics from outside, by name.
    pub external: &'a [(String, Quantity)],
}

/// What one sync decided, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The count from now on.
    pub replicas: u32,
    /// What each metric proposed, in the order of the object.
    pub proposals: Vec<Result<u32, Invalid>>,
    /// The largest proposal, before windows and policies; `None` where the metrics allow no change.
    pub recommended: Option<u32>,
}

/// One HPA object over time.
#[derive(Debug, Clone)]
pub struct Autoscaler {
    spec: Spec,
    history: History,
}

impl Autoscaler {
    /// An object that has decided nothing yet.
    pub fn new(spec: Spec) -> Self {
        Self {
            spec,
            history: History::default(),
        }
    }

    /// What it asks for.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// One sync.
    pub fn decide(&mut self, seen: &Observation<'_>) -> Decision {
        let (min, max) = (self.spec.min, self.spec.max);
        let current = seen.replicas;
        self.history.begin(current, seen.now);
        let unasked = |replicas| Decision {
            replicas,
            proposals: Vec::new(),
            recommended: None,
        };
        let decision = if current == 0 && min > 0 {
            return unasked(0);
        } else if current > max {
            unasked(max)
        } else if current < min {
            unasked(min)
        } else {
            self.ask_metrics(seen)
        };
        self.history.record_change(current, decision.replicas, seen.now);
        decision
    }

    fn ask_metrics(&mut self, seen: &Observation<'_>) -> Decision {
        let tolerance = self
            .spec
            .behavior
            .as_ref()
            .map_or_else(Tolerance::default, Behavior::tolerance);
        let proposals: Vec<_> = self
            .spec
            .metrics
            .iter()
            .map(|metric| replicas::propose(metric, seen, tolerance))
            .collect();
        let recommended = largest(&proposals, seen.replicas);
        let replicas = recommended.map_or(seen.replicas, |wanted| self.restrain(seen, wanted));
        Decision {
            replicas,
            proposals,
            recommended,
        }
    }

    /// Windows, then policies, then bounds.
    fn restrain(&mut self, seen: &Observation<'_>, wanted: u32) -> u32 {
        let (current, now) = (seen.replicas, seen.now);
        let allowed = if let Some(behavior) = &self.spec.behavior {
            let stable = self.history.stabilise(behavior, current, wanted, now);
            self.history.limit_rate(behavior, current, stable, now)
        } else {
            let stable = self.history.hold_down(wanted, now);
            stable.min((2 * current).max(4))
        };
        allowed.clamp(self.spec.min, self.spec.max)
    }
}

/// The largest proposal. None where no metric is valid, or where one is not and the others would scale down: a dead
/// metric blocks the way down, never the way up.
fn largest(proposals: &[Result<u32, Invalid>], current: u32) -> Option<u32> {
    let largest = proposals
        .iter()
        .filter_map(|proposal| proposal.as_ref().ok())
        .max()
        .copied()?;
    let some_invalid = proposals.iter().any(Result::is_err);
    (!some_invalid || largest >= current).then_some(largest)
}
