//! The pods of a simulation: each with its own queue, since calls do not move from one pod to another.
//!
//! Calls are a fluid, not events: a pod's queue grows by what comes in and shrinks by what its backends take. So a day of
//! 100,000 calls a second costs no more than one of ten. What a fluid does not show is chance: a pod that is 95 % busy has some
//! calls waiting at any moment, and here has none.

use std::{cmp::Reverse, time::Duration};

use super::{Requests, service::Service};
use crate::scaling::{
    hpa::{self, Phase, Sample},
    quantity::Quantity,
};

/// One pod.
#[derive(Debug, Clone)]
pub(super) struct Pod {
    pub(super) created: Duration,
    zone: usize,
    drains_since: Option<Duration>,
    queue: f64,
    running: f64,
    cpu_cores: f64,
    pub(super) requests: Requests,
    seen: Option<Seen>,
}

/// What monitoring read last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Duration,
    queue: f64,
    running: f64,
    cpu_cores: f64,
}

impl Seen {
    /// The value of one of the server's metrics; `None` for a name that it does not give.
    fn metric(&self, name: &str) -> Option<f64> {
        match name {
            "mcp_queue_depth" => Some(self.queue),
            "mcp_requests_running" => Some(self.running),
            _ => None,
        }
    }
}

/// What happened in one step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flow {
    pub(super) arrived: f64,
    pub(super) by_azure: f64,
    pub(super) by_local: f64,
    pub(super) shed: f64,
    /// The longest wait that a call which came now would have.
    pub(super) wait: f64,
    /// Waiting in all pods.
    pub(super) waiting: f64,
    /// Calls that waited in pods whose time to drain was up.
    pub(super) lost_in_drain: f64,
}

/// All pods.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) pods: Vec<Pod>,
    zones: Vec<bool>,
}

impl Pod {
    fn is_live(&self) -> bool {
        self.drains_since.is_none()
    }

    fn phase(&self, service: &Service, now: Duration) -> Phase {
        if self.drains_since.is_some() {
            Phase::Gone
        } else if now < self.created + service.pending() {
            Phase::Pending
        } else {
            Phase::Running
        }
    }

    fn is_ready(&self, service: &Service, now: Duration) -> bool {
        self.is_live() && now >= self.ready_at(service)
    }

    fn ready_at(&self, service: &Service) -> Duration {
        self.created + service.pending() + service.start()
    }
}

impl Fleet {
    pub(super) fn new(zones: usize) -> Self {
        Self {
            pods: Vec::new(),
            zones: vec![true; zones.max(1)],
        }
    }

    /// Pods that count as replicas.
    pub(super) fn live(&self) -> u32 {
        count(self.pods.iter().filter(|pod| pod.is_live()))
    }

    pub(super) fn ready(&self, service: &Service, now: Duration) -> u32 {
        count(self.pods.iter().filter(|pod| pod.is_ready(service, now)))
    }

    /// Creates and ends pods until there are as many as wanted.
    pub(super) fn resize(&mut self, wanted: u32, requests: Requests, service: &Service, now: Duration) {
        while self.live() < wanted {
            let zone = self.emptiest_zone();
            self.pods.push(Pod {
                created: now,
                zone,
                drains_since: None,
                queue: 0.0,
                running: 0.0,
                cpu_cores: 0.0,
                requests,
                seen: None,
            });
        }
        while self.live() > wanted {
            self.end_one(service, now);
        }
    }

    fn in_zone(&self, zone: usize) -> usize {
        self.pods
            .iter()
            .filter(|pod| pod.is_live() && pod.zone == zone)
            .count()
    }

    /// Zones that are lost get no pod (`nodeTaintsPolicy: Honor`), and the others differ by one at most.
    fn emptiest_zone(&self) -> usize {
        let alive = (0..self.zones.len()).filter(|zone| self.zones[*zone]);
        alive.min_by_key(|zone| self.in_zone(*zone)).unwrap_or(0)
    }

    /// Ends the pod that the controller would: one that is not ready, else one of the fullest zone, the youngest.
    fn end_one(&mut self, service: &Service, now: Duration) {
        let crowd: Vec<usize> = (0..self.zones.len()).map(|zone| self.in_zone(zone)).collect();
        let key = |pod: &&mut Pod| {
            (
                pod.is_ready(service, now),
                usize::MAX - crowd[pod.zone],
                Reverse(pod.created),
            )
        };
        if let Some(pod) = self.pods.iter_mut().filter(|pod| pod.is_live()).min_by_key(key) {
            pod.drains_since = Some(now);
        }
    }

    /// Evicts the oldest pod whose requests are off, as VPA's updater does, if two are live.
    pub(super) fn evict_one(&mut self, is_off: impl Fn(&Pod) -> bool, now: Duration) {
        if self.live() < 2 {
            return;
        }
        let off = self.pods.iter_mut().filter(|pod| pod.is_live() && is_off(pod));
        if let Some(pod) = off.min_by_key(|pod| pod.created) {
            pod.drains_since = Some(now);
        }
    }

    pub(super) fn live_pods(&mut self) -> impl Iterator<Item = &mut Pod> {
        self.pods.iter_mut().filter(|pod| pod.is_live())
    }

    /// Loses a zone with all its pods, or gets it back.
    pub(super) fn set_zone(&mut self, zone: usize, alive: bool) -> f64 {
        let Some(state) = self.zones.get_mut(zone) else {
            return 0.0;
        };
        let was = std::mem::replace(state, alive);
        if !was || alive {
            return 0.0;
        }
        let lost = self
            .pods
            .iter()
            .filter(|pod| pod.zone == zone)
            .map(|pod| pod.queue)
            .sum();
        self.pods.retain(|pod| pod.zone != zone);
        lost
    }

    /// Lets calls flow for one step. `told` hears of each portion of calls and its wait.
    pub(super) fn flow(
        &mut self,
        service: &Service,
        arriving: f64,
        azure_is_up: bool,
        now: Duration,
        step: Duration,
        told: &mut dyn FnMut(f64, f64),
    ) -> Flow {
        let seconds = step.as_secs_f64();
        let ready = f64::from(self.ready(service, now));
        let busy = ready + f64::from(count(self.pods.iter().filter(|pod| !pod.is_live())));
        let azure = if azure_is_up {
            service.azure_rate(busy)
        } else {
            0.0
        };
        let local = service.local_calls_per_second;
        let mut flow = Flow {
            arrived: arriving * seconds,
            ..Flow::default()
        };
        if ready < 1.0 {
            flow.shed = flow.arrived;
        }
        for pod in &mut self.pods {
            let inflow = if pod.is_ready(service, now) {
                flow.arrived / ready
            } else {
                0.0
            };
            let rate = azure + local;
            let held = pod.queue + inflow;
            let done = held.min(rate * seconds);
            // Azure is first in the chain; what its places do not take, local slots do.
            let by_azure = done.min(azure * seconds);
            pod.queue = held - done;
            let most = service.queue_capacity.min(rate * service.deadline_seconds);
            let shed = (pod.queue - most).max(0.0);
            pod.queue -= shed;
            pod.cpu_cores = (by_azure * service.cpu_seconds_per_azure_call
                + (done - by_azure) * service.cpu_seconds_per_local_call)
                / seconds;
            // Little's law: those under way are those that begin in the time that one takes.
            pod.running = (by_azure * service.azure_answer_seconds
                + (done - by_azure) * service.local_answer_seconds())
                / seconds;
            let wait = if rate > 0.0 { pod.queue / rate } else { 0.0 };
            told(inflow - shed.min(inflow), wait);
            flow.by_azure += by_azure;
            flow.by_local += done - by_azure;
            flow.shed += shed;
            flow.wait = flow.wait.max(if pod.is_live() { wait } else { 0.0 });
            flow.waiting += pod.queue;
        }
        flow.lost_in_drain = self.bury(service, now);
        flow
    }

    /// Removes pods that have drained, or whose time is up; what waited there then is lost.
    fn bury(&mut self, service: &Service, now: Duration) -> f64 {
        let mut lost = 0.0;
        self.pods.retain(|pod| {
            let Some(since) = pod.drains_since else {
                return true;
            };
            let is_late = now >= since + service.drain();
            if is_late {
                lost += pod.queue;
            }
            !is_late && pod.queue > 0.0
        });
        lost
    }

    /// Monitoring reads every running pod.
    pub(super) fn scrape(&mut self, service: &Service, now: Duration) {
        for pod in &mut self.pods {
            if pod.phase(service, now) == Phase::Running {
                pod.seen = Some(Seen {
                    at: now,
                    queue: pod.queue,
                    running: pod.running,
                    cpu_cores: pod.cpu_cores,
                });
            }
        }
    }

    /// What was read last, as the autoscaler gets it.
    pub(super) fn as_seen(
        &self,
        service: &Service,
        own_metrics: &[String],
        now: Duration,
        window: Duration,
    ) -> Vec<hpa::Pod> {
        let memory = Quantity::from_units(service.memory_bytes());
        let see = |pod: &Pod| {
            let sample = |value| {
                pod.seen.map(|seen| Sample {
                    value,
                    at: seen.at,
                    window,
                })
            };
            let own = |name: &String| {
                let value = pod.seen?.metric(name)?;
                Some((name.clone(), sample(Quantity::from_units(value))?))
            };
            let started = pod.created + service.pending();
            hpa::Pod {
                phase: pod.phase(service, now),
                ready: pod.is_ready(service, now),
                started: (now >= started).then_some(started),
                ready_changed: if pod.is_ready(service, now) {
                    pod.ready_at(service)
                } else {
                    started
                },
                cpu_request: pod.requests.cpu,
                memory_request: pod.requests.memory,
                cpu: pod
                    .seen
                    .and_then(|seen| sample(Quantity::from_units(seen.cpu_cores))),
                memory: sample(memory),
                own: own_metrics.iter().filter_map(own).collect(),
            }
        };
        self.pods.iter().map(see).collect()
    }

    /// The mean processor use of live pods, for VPA.
    pub(super) fn cpu_samples(&self) -> impl Iterator<Item = (Quantity, Quantity)> {
        let live = self.pods.iter().filter(|pod| pod.is_live());
        live.filter_map(|pod| Some((Quantity::from_units(pod.seen?.cpu_cores), pod.requests.cpu)))
    }
}

fn count<'a>(pods: impl Iterator<Item = &'a Pod>) -> u32 {
    u32::try_from(pods.count()).unwrap_or(u32::MAX)
}
