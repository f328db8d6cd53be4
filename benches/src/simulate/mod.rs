//! A day of the fleet in a second: traffic in, the deployed HPA and VPA over it, replicas, queues, waits and cost out.
//!
//! The simulation is pure: it knows nothing of the server, of files or of the clock. What it takes for granted is written in `fleet.rs` (calls
//! are a fluid) and in [`Scenario`].

mod fleet;
pub mod outcome;
pub mod report;
pub mod service;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use outcome::{Outcome, Point};
pub use service::Service;

use crate::{
    scaling::{
        hpa::{self, Autoscaler, Metric, Observation},
        quantity::Quantity,
        vpa::{self, Mode, Recommender},
    },
    traffic::Shape,
};
use fleet::Fleet;
use outcome::Account;

/// How often VPA looks and acts.
const VERTICAL_EVERY: Duration = Duration::from_mins(1);
/// VPA's updater leaves pods alone that request within a tenth of what it would have them request.
const VERTICAL_TOLERANCE: f64 = 0.1;

/// What a pod requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// Cores.
    pub cpu: Quantity,
    /// Bytes.
    pub memory: Quantity,
}

/// A time in which something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Duration,
    /// Its end.
    pub to: Duration,
}

impl Span {
    fn holds(&self, now: Duration) -> bool {
        self.from <= now && now < self.to
    }
}

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Traffic.
    pub shape: Shape,
    /// How long.
    pub length: Duration,
    /// Between two looks at the fluid.
    pub step: Duration,
    /// Between two decisions of HPA; the controller's default is 15 s.
    pub sync: Duration,
    /// Between two readings of the metrics.
    pub scrape: Duration,
    /// One pod.
    pub service: Service,
    /// The autoscaler.
    pub horizontal: hpa::Spec,
    /// The other one, if there is one.
    pub vertical: Option<vpa::Spec>,
    /// What pods request until VPA says otherwise.
    pub requests: Requests,
    /// Pods at the beginning, all ready; HPA's minimum if 0.
    pub replicas: u32,
    /// When Azure does not answer.
    pub outages: Vec<Span>,
    /// Zones that pods are spread over.
    pub zones: usize,
    /// When the first zone is lost.
    pub zone_loss: Option<Span>,
}

impl Scenario {
    /// Nothing but the defaults: a day, HPA alone, three zones, no outage.
    pub fn new(shape: Shape, horizontal: hpa::Spec) -> Self {
        Self {
            shape,
            length: Duration::from_hours(24),
            step: Duration::from_secs(1),
            sync: Duration::from_secs(15),
            scrape: Duration::from_secs(15),
            service: Service::default(),
            horizontal,
            vertical: None,
            requests: Requests {
                cpu: Quantity::from_milli(500),
                memory: Quantity::from_units(4.0 * 1_073_741_824.0),
            },
            replicas: 0,
            outages: Vec::new(),
            zones: 3,
            zone_loss: None,
        }
    }

    /// Simulates it.
    pub fn run(&self) -> Outcome {
        Run::new(self).finish()
    }
}

/// A simulation under way.
struct Run<'a> {
    scenario: &'a Scenario,
    fleet: Fleet,
    autoscaler: Autoscaler,
    recommender: Option<Recommender>,
    own_metrics: Vec<String>,
    wanted: u32,
    requests: Requests,
    account: Account,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let horizontal = &scenario.horizontal;
        let wanted = if scenario.replicas == 0 {
            horizontal.min
        } else {
            scenario.replicas
        };
        let named = |metric: &Metric| match metric {
            Metric::Pods { name, .. }
            | Metric::ExternalAverage { name, .. }
            | Metric::ExternalValue { name, .. } => Some(name.clone()),
            Metric::Utilization { .. } | Metric::ResourceAverage { .. } => None,
        };
        Self {
            fleet: Fleet::new(scenario.zones),
            autoscaler: Autoscaler::new(horizontal.clone()),
            recommender: scenario.vertical.clone().map(Recommender::new),
            own_metrics: horizontal.metrics.iter().filter_map(named).collect(),
            wanted,
            requests: scenario.requests,
            account: Account::default(),
            scenario,
        }
    }

    fn finish(mut self) -> Outcome {
        let Scenario {
            service,
            step,
            length,
            ..
        } = self.scenario;
        // The first pods were created long enough ago to be ready, and ready for longer than HPA's first minutes.
        let origin = service.pending() + service.start() + Duration::from_mins(10);
        self.fleet
            .resize(self.wanted, self.requests, service, Duration::ZERO);
        let mut at = Duration::ZERO;
        while at < *length {
            self.advance(at, origin + at);
            at += *step;
        }
        self.account.finish(self.scenario)
    }

    /// One step: zones, calls, then whoever is due.
    fn advance(&mut self, at: Duration, now: Duration) {
        let Scenario { service, step, .. } = self.scenario;
        let is_lost = self.scenario.zone_loss.is_some_and(|loss| loss.holds(at));
        self.account.lose(self.fleet.set_zone(0, !is_lost));
        self.fleet.resize(self.wanted, self.requests, service, now);
        let is_away = |outage: &Span| outage.from <= at && at < outage.to + service.recovery();
        let azure_is_up = !self.scenario.outages.iter().any(is_away);
        let account = &mut self.account;
        let rate = self.scenario.shape.rate(at);
        let told = &mut |calls, wait| account.wait(calls, wait);
        let flow = self.fleet.flow(service, rate, azure_is_up, now, *step, told);
        self.account.step(&flow, self.fleet.pods.len(), *step);
        if is_due(at, self.scenario.scrape, *step) {
            self.fleet.scrape(service, now);
        }
        if self.recommender.is_some() && is_due(at, VERTICAL_EVERY, *step) {
            self.vertical(now);
        }
        if is_due(at, self.scenario.sync, *step) {
            self.horizontal(now);
            self.account.point(Point {
                seconds: at.as_secs_f64(),
                rate,
                azure_is_up,
                replicas: self.wanted,
                ready: self.fleet.ready(service, now),
                waiting: flow.waiting,
                wait_seconds: flow.wait,
                shed_per_second: flow.shed / step.as_secs_f64(),
                memory_request_mib: self.requests.memory.units() / 1_048_576.0,
                cost: 0.0,
            });
        }
    }

    fn horizontal(&mut self, now: Duration) {
        let service = &self.scenario.service;
        let pods = self
            .fleet
            .as_seen(service, &self.own_metrics, now, self.scenario.scrape);
        let external = sums(&self.own_metrics, &pods);
        let decision = self.autoscaler.decide(&Observation {
            now,
            replicas: self.wanted,
            pods: &pods,
            external: &external,
        });
        self.wanted = decision.replicas;
    }

    /// What VPA's recommender sees, and what its updater does: one eviction a minute at most, or requests in place.
    fn vertical(&mut self, now: Duration) {
        let Some(recommender) = &mut self.recommender else {
            return;
        };
        recommender.saw_memory(now, Quantity::from_units(self.scenario.service.memory_bytes()));
        for (used, requested) in self.fleet.cpu_samples() {
            recommender.saw_cpu(now, used, requested);
        }
        let mode = recommender.spec().mode;
        if mode != Mode::Off {
            let asked = self.scenario.requests;
            self.requests = Requests {
                cpu: recommender.cpu().unwrap_or(asked.cpu),
                memory: recommender.memory().unwrap_or(asked.memory),
            };
        }
        let wanted = self.requests;
        let is_off = move |pod: &fleet::Pod| {
            let far = |is: Quantity, should: Quantity| {
                (is.units() / should.units() - 1.0).abs() > VERTICAL_TOLERANCE
            };
            far(pod.requests.cpu, wanted.cpu) || far(pod.requests.memory, wanted.memory)
        };
        match mode {
            Mode::Recreate => self.fleet.evict_one(is_off, now),
            Mode::InPlace => self.fleet.live_pods().for_each(|pod| pod.requests = wanted),
            Mode::Initial | Mode::Off => {}
        }
    }
}

/// What an external metric is made of: the sum over the pods. One that no pod gives is given by nobody.
fn sums(names: &[String], pods: &[hpa::Pod]) -> Vec<(String, Quantity)> {
    let sum = |name: &String| {
        let own = pods
            .iter()
            .flat_map(|pod| &pod.own)
            .filter(|(own, _)| own == name);
        let values: Vec<f64> = own.map(|(_, sample)| sample.value.units()).collect();
        (!values.is_empty()).then(|| (name.clone(), Quantity::from_units(values.iter().sum())))
    };
    names.iter().filter_map(sum).collect()
}

/// The first look at anything is one period after the beginning.
fn is_due(at: Duration, every: Duration, step: Duration) -> bool {
    at > Duration::ZERO && at.as_nanos() % every.max(step).as_nanos() < step.as_nanos()
}
