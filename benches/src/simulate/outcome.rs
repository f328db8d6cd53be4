//! What came of a simulation: a point for each decision, and sums over all of it.

use std::time::Duration;

use serde::Serialize;

use super::{Scenario, fleet::Flow};

/// One moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Since the beginning.
    pub seconds: f64,
    /// Calls that come, a second.
    pub rate: f64,
    /// Whether Azure answers.
    pub azure_is_up: bool,
    /// What HPA wants.
    pub replicas: u32,
    /// Pods that take calls.
    pub ready: u32,
    /// Calls that wait in all pods.
    pub waiting: f64,
    /// How long a call that comes now waits, in the fullest pod.
    pub wait_seconds: f64,
    /// Calls refused, a second.
    pub shed_per_second: f64,
    /// What a new pod requests.
    pub memory_request_mib: f64,
    /// Spent so far.
    pub cost: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Calls that came.
    pub calls: f64,
    /// Azure answered.
    pub by_azure: f64,
    /// The local model answered.
    pub by_local: f64,
    /// Refused at the door.
    pub shed: f64,
    /// Waiting where a pod or its zone ended.
    pub lost: f64,
    /// Half of the calls waited no longer, in seconds.
    pub wait_p50_seconds: f64,
    /// 95 of a hundred.
    pub wait_p95_seconds: f64,
    /// 99 of a hundred.
    pub wait_p99_seconds: f64,
    /// Fewest replicas wanted.
    pub replicas_min: u32,
    /// Most.
    pub replicas_max: u32,
    /// Pods, and how long there were.
    pub pod_hours: f64,
    /// Pods and Azure together, in the currency of the model's prices.
    pub cost: f64,
    /// One for each decision.
    pub points: Vec<Point>,
}

/// Buckets of waits: twenty to a factor of ten, from a millisecond on.
const BUCKETS: usize = 140;

#[derive(Debug)]
pub(super) struct Account {
    sums: Flow,
    lost: f64,
    pod_seconds: f64,
    waits: Vec<f64>,
    points: Vec<(Point, f64, f64)>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            sums: Flow::default(),
            lost: 0.0,
            pod_seconds: 0.0,
            waits: vec![0.0; BUCKETS],
            points: Vec::new(),
        }
    }
}

impl Account {
    pub(super) fn lose(&mut self, calls: f64) {
        self.lost += calls;
    }

    pub(super) fn wait(&mut self, calls: f64, seconds: f64) {
        self.waits[bucket(seconds)] += calls;
    }

    pub(super) fn step(&mut self, flow: &Flow, pods: usize, step: Duration) {
        self.sums.arrived += flow.arrived;
        self.sums.by_azure += flow.by_azure;
        self.sums.by_local += flow.by_local;
        self.sums.shed += flow.shed;
        self.lost += flow.lost_in_drain;
        self.pod_seconds += f64::from(u32::try_from(pods).unwrap_or(u32::MAX)) * step.as_secs_f64();
    }

    pub(super) fn point(&mut self, point: Point) {
        self.points.push((point, self.pod_seconds, self.sums.by_azure));
    }

    pub(super) fn finish(self, scenario: &Scenario) -> Outcome {
        let service = &scenario.service;
        let cost = |pod_seconds: f64, azure: f64| {
            pod_seconds / 3_600.0 * service.price_per_pod_hour
                + azure / 1_000.0 * service.price_per_thousand_azure_calls
        };
        let total: f64 = self.waits.iter().sum();
        let percentile = |share: f64| {
            let mut sum = 0.0;
            let reached = self.waits.iter().position(|calls| {
                sum += calls;
                sum >= share * total
            });
            if total > 0.0 {
                reached.map_or(0.0, seconds_of)
            } else {
                0.0
            }
        };
        let replicas = || self.points.iter().map(|(point, _, _)| point.replicas);
        Outcome {
            calls: self.sums.arrived,
            by_azure: self.sums.by_azure,
            by_local: self.sums.by_local,
            shed: self.sums.shed,
            lost: self.lost,
            wait_p50_seconds: percentile(0.5),
            wait_p95_seconds: percentile(0.95),
            wait_p99_seconds: percentile(0.99),
            replicas_min: replicas().min().unwrap_or(0),
            replicas_max: replicas().max().unwrap_or(0),
            pod_hours: self.pod_seconds / 3_600.0,
            cost: cost(self.pod_seconds, self.sums.by_azure),
            points: self
                .points
                .into_iter()
                .map(|(point, pods, azure)| Point {
                    cost: cost(pods, azure),
                    ..point
                })
                .collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the buckets there are"
)]
fn bucket(seconds: f64) -> usize {
    if seconds < 0.001 {
        return 0;
    }
    ((seconds.log10() + 3.0) * 20.0 + 1.0).clamp(1.0, 139.0) as usize
}

/// The end of a bucket.
fn seconds_of(bucket: usize) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    10_f64.powf(f64::from(u32::try_from(bucket).unwrap_or(0)) / 20.0 - 3.0)
}
