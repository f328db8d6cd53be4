//! What one metric proposes: pods are grouped, their samples set against the target, gaps filled cautiously.

use std::time::Duration;

use super::{Metric, Observation, Phase, Pod, Resource, Sample};
use crate::scaling::{ceil_count, quantity::Quantity, real};

/// Within this time of its start a pod's CPU counts only while it is ready.
const CPU_INITIALISATION: Duration = Duration::from_mins(5);
/// A pod that became unready this soon after its start was never ready.
const INITIAL_READINESS_DELAY: Duration = Duration::from_secs(30);

/// Why a metric proposes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// No pod has a sample that counts.
    #[error("no sample of a pod that counts")]
    NoSamples,
    /// A pod requests nothing of what is measured against requests.
    #[error("a pod requests none of this resource")]
    NoRequests,
    /// Nobody gives the metric.
    #[error("nobody gives this metric")]
    Absent,
}

/// How far from its target a metric may be before anything happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Above.
    pub up: f64,
    /// Below.
    pub down: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { up: 0.1, down: 0.1 }
    }
}

impl Tolerance {
    fn holds(self, ratio: f64) -> bool {
        (1.0 - self.down) <= ratio && ratio <= (1.0 + self.up)
    }
}

/// What a metric proposes.
pub(super) fn propose(metric: &Metric, seen: &Observation<'_>, tolerance: Tolerance) -> Result<u32, Invalid> {
    let of_pods = |groups: Groups, target: Target| groups.propose(seen.replicas, &target, tolerance);
    match metric {
        Metric::Utilization { resource, percent } => of_pods(
            Groups::of(seen, Some(*resource), |pod| pod.resource(*resource)),
            Target::Percent(i64::from(*percent)),
        ),
        Metric::ResourceAverage { resource, target } => of_pods(
            Groups::of(seen, Some(*resource), |pod| pod.resource(*resource)),
            Target::Average(target.milli()),
        ),
        Metric::Pods { name, target } => of_pods(
            Groups::of(seen, None, |pod| (pod.own(name), Quantity::default())),
            Target::Average(target.milli()),
        ),
        Metric::ExternalAverage { name, target } => {
            let total = real(external(seen, name)?);
            let target = real(target.milli());
            let counted = seen.pods.iter().filter(|pod| pod.phase != Phase::Gone).count();
            let pods = f64::from(u32::try_from(counted).unwrap_or(u32::MAX));
            if tolerance.holds(total / (target * pods)) {
                return Ok(seen.replicas);
            }
            Ok(ceil_count(total / target))
        }
        Metric::ExternalValue { name, target } => {
            let ratio = real(external(seen, name)?) / real(target.milli());
            if tolerance.holds(ratio) {
                return Ok(seen.replicas);
            }
            let ready = seen
                .pods
                .iter()
                .filter(|pod| pod.phase == Phase::Running && pod.ready);
            let ready = f64::from(u32::try_from(ready.count()).unwrap_or(u32::MAX));
            Ok(ceil_count(ratio * ready))
        }
    }
}

fn external(seen: &Observation<'_>, name: &str) -> Result<i64, Invalid> {
    let found = seen.external.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.milli()).ok_or(Invalid::Absent)
}

#[derive(Debug, Clone, Copy)]
enum Target {
    /// Of the requests.
    Percent(i64),
    /// Milli-units a pod.
    Average(i64),
}

/// The pods that count, sorted by what is known of them; values and requests in milli-units.
#[derive(Debug, Default)]
struct Groups {
    samples: Vec<(i64, i64)>,
    missing: Vec<i64>,
    unready: Vec<i64>,
}

impl Groups {
    /// Readiness matters for CPU only: a pod that starts burns CPU for itself, yet its memory and its queue are real.
    fn of(
        seen: &Observation<'_>,
        resource: Option<Resource>,
        read: impl Fn(&Pod) -> (Option<Sample>, Quantity),
    ) -> Self {
        let mut groups = Self::default();
        for pod in seen.pods {
            let (sample, request) = read(pod);
            let request = request.milli();
            match (pod.phase, sample) {
                (Phase::Gone, _) => {}
                (Phase::Pending, _) => groups.unready.push(request),
                (Phase::Running, None) => groups.missing.push(request),
                (Phase::Running, Some(sample)) => {
                    if resource == Some(Resource::Cpu) && !is_ready_for_cpu(pod, &sample, seen.now) {
                        groups.unready.push(request);
                    } else {
                        groups.samples.push((sample.value.milli(), request));
                    }
                }
            }
        }
        groups
    }

    fn propose(mut self, current: u32, target: &Target, tolerance: Tolerance) -> Result<u32, Invalid> {
        if self.samples.is_empty() {
            return Err(Invalid::NoSamples);
        }
        let needs_request = matches!(target, Target::Percent(_));
        let mut requests = self.samples.iter().map(|(_, request)| request);
        let mut others = self.missing.iter().chain(&self.unready);
        if needs_request && (requests.any(|request| *request == 0) || others.any(|request| *request == 0)) {
            return Err(Invalid::NoRequests);
        }
        let ratio = self.ratio(target);
        let up_with_unready = !self.unready.is_empty() && ratio > 1.0;
        if !up_with_unready && self.missing.is_empty() {
            if tolerance.holds(ratio) {
                return Ok(current);
            }
            return Ok(ceil_count(ratio * self.counted()));
        }
        self.fill(ratio, up_with_unready, target);
        let filled = self.ratio(target);
        let turned = (ratio < 1.0 && filled > 1.0) || (ratio > 1.0 && filled < 1.0);
        if tolerance.holds(filled) || turned {
            return Ok(current);
        }
        let wanted = ceil_count(filled * self.counted());
        let against = (filled < 1.0 && wanted > current) || (filled > 1.0 && wanted < current);
        Ok(if against { current } else { wanted })
    }

    /// Those of whom nothing is known are taken to argue against the change.
    fn fill(&mut self, ratio: f64, up_with_unready: bool, target: &Target) {
        if ratio < 1.0 {
            let full = |request: &i64| match target {
                Target::Percent(percent) => (request * (*percent).max(100) / 100, *request),
                Target::Average(average) => (*average, *request),
            };
            self.samples.extend(self.missing.iter().map(full));
        } else if ratio > 1.0 {
            self.samples
                .extend(self.missing.iter().map(|request| (0, *request)));
        }
        if up_with_unready {
            self.samples
                .extend(self.unready.iter().map(|request| (0, *request)));
        }
    }

    /// Used against wanted. Percentages and means are cut to whole numbers first, as the controller does.
    fn ratio(&self, target: &Target) -> f64 {
        let used: i64 = self.samples.iter().map(|(value, _)| value).sum();
        match target {
            Target::Percent(percent) => {
                let requested: i64 = self.samples.iter().map(|(_, request)| request).sum();
                // Memory of hundreds of pods in milli-bytes, times 100, does not fit into 64 bits.
                let used_percent = i128::from(used) * 100 / i128::from(requested.max(1));
                real(i64::try_from(used_percent).unwrap_or(i64::MAX)) / real(*percent)
            }
            Target::Average(average) => {
                let count = i64::try_from(self.samples.len()).unwrap_or(i64::MAX);
                real(used / count) / real(*average)
            }
        }
    }

    fn counted(&self) -> f64 {
        f64::from(u32::try_from(self.samples.len()).unwrap_or(u32::MAX))
    }
}

fn is_ready_for_cpu(pod: &Pod, sample: &Sample, now: Duration) -> bool {
    let Some(started) = pod.started else { return false };
    if started + CPU_INITIALISATION > now {
        // A sample that began before the pod was ready holds the work of its start.
        pod.ready && sample.at >= pod.ready_changed + sample.window
    } else {
        pod.ready || started + INITIAL_READINESS_DELAY <= pod.ready_changed
    }
}
