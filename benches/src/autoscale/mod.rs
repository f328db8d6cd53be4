//! The live proof: real servers as pods behind a small front, scaled by the same code that the simulator runs.
//!
//! What a cluster does, this does on one machine: it starts pods, takes those that are ready into the rotation, reads their
//! `/metrics`, asks [`crate::scaling::hpa`] how many there should be, and ends pods by taking them out of the rotation first and
//! sending SIGTERM then. Backends are fakes that take a set time, so that pods get busy without keeping the processor busy.

mod compare;
mod faster;
mod fleet;
mod front;
pub mod report;
mod throughput;

use std::time::Duration;

use anyhow::{Context as _, Error, Result, ensure};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    server_under_test::{AzureBackend, Settings, find_program},
};
use tokio::time::Instant;

pub use compare::Agreement;
pub use faster::faster;
pub use throughput::Rates;

use crate::{
    load::{self, Plan, call::Caller, mix::Mix, record::Record},
    scaling::hpa::{self, Autoscaler, Metric, Observation},
    simulate::{Scenario, Service, Span},
    traffic::Shape,
};
use fleet::Fleet;
use front::Front;
use throughput::Throughput;

/// Processes on one machine; more would measure the machine.
pub const PODS_MAX: u32 = 16;

/// One backend: so many calls at once, each so long.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Calls at once, of one pod.
    pub count: u32,
    /// How long one takes.
    pub each: Duration,
}

impl Places {
    fn calls_per_second(self) -> f64 {
        f64::from(self.count) / self.each.as_secs_f64()
    }
}

/// What is tried.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The autoscaler, made faster already.
    pub horizontal: hpa::Spec,
    /// Between two decisions.
    pub sync: Duration,
    /// Traffic.
    pub shape: Shape,
    /// How long.
    pub length: Duration,
    /// When the fake Azure is taken away.
    pub outages: Vec<Span>,
    /// The fake Azure.
    pub azure: Places,
    /// The weaker backend that stands in for the local model: an OpenAI-compatible fake.
    pub fallback: Places,
    /// How many times faster than deployed its breakers recover.
    pub faster: u32,
    /// Seed of what is asked.
    pub seed: u64,
}

/// One decision, as it was seen.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LivePoint {
    /// Since calls began.
    pub seconds: f64,
    /// What HPA wanted from then on.
    pub replicas: u32,
    /// Pods in the rotation.
    pub ready: u32,
    /// `mcp_queue_depth`, the sum of all pods.
    pub waiting: f64,
    /// `mcp_requests_running`, the sum of all pods.
    pub running: f64,
}

/// What came of it.
#[derive(Debug)]
pub struct Proof {
    /// One for each decision.
    pub points: Vec<LivePoint>,
    /// What the callers got.
    pub record: Record,
    /// The plan they followed.
    pub plan: Plan,
    /// What a pod answered in a second while calls waited, measured in this run.
    pub rates: Rates,
    /// From the start of a process until it was ready, the mean.
    pub start: Duration,
    /// Pods that were ended, and that did not end by themselves within their grace.
    pub drained: u32,
    /// Those of them that had to be killed, or said they failed.
    pub ended_badly: u32,
    /// The simulator on the same traffic.
    pub agreement: Agreement,
}

/// Everything that runs.
struct Live {
    azure: FakeAzure,
    _fallback: FakeAzure,
    front: Front,
    fleet: Fleet,
}

impl Live {
    async fn set_away(&mut self, away: bool) -> Result<()> {
        let moved = if away {
            self.azure.stop().await
        } else {
            self.azure.resume().await
        };
        moved.context("the fake Azure does not do as it is told")
    }
}

impl Setup {
    /// Checks what would not work, or not on one machine.
    ///
    /// # Errors
    /// Says what to change.
    pub fn check(&self) -> Result<()> {
        ensure!(
            self.horizontal.max <= PODS_MAX,
            "maxReplicas is {}; at most {PODS_MAX} servers run on one machine: set --max-replicas",
            self.horizontal.max
        );
        ensure!(
            self.horizontal.min >= 1,
            "minReplicas is 0, and nobody would answer"
        );
        ensure!(
            !self.horizontal.metrics.is_empty(),
            "the HPA has no Pods metric; CPU and memory are no signal here, since all pods share this machine"
        );
        ensure!(
            self.sync >= Duration::from_millis(200),
            "decisions less than 200 ms apart: lower --faster"
        );
        ensure!(self.length <= Duration::from_hours(1), "--for is at most 1h");
        for (name, places) in [("--azure", self.azure), ("--fallback", self.fallback)] {
            ensure!(
                places.count > 0 && !places.each.is_zero(),
                "{name} needs places and a time above 0"
            );
        }
        Ok(())
    }

    /// Runs it to its end, and compares.
    ///
    /// # Errors
    /// Fails when something cannot be started.
    pub async fn run(&self) -> Result<Proof> {
        self.check()?;
        find_program().map_err(Error::msg)?;
        let mut live = self.start().await?;
        let plan = self.plan();
        let caller = Caller::new(&live.front.url(), None, "default", vec![None]);
        let callers = {
            let plan = plan.clone();
            tokio::spawn(async move { load::run(&plan, caller, Box::new(|_| ())).await })
        };
        let (points, rates) = self.control(&mut live).await?;
        let record = callers.await.context("the callers broke off")?;
        let fleet = &mut live.fleet;
        fleet.end().await;
        let start = fleet.mean_start();
        let agreement = Agreement::between(&points, &self.simulated(rates, start));
        Ok(Proof {
            record,
            plan,
            rates,
            start,
            drained: fleet.drained,
            ended_badly: fleet.ended_badly,
            agreement,
            points,
        })
    }

    fn plan(&self) -> Plan {
        let mix = Mix::default()
            .with_kinds("classify_ticket=1,chat=1")
            .expect("both are kinds");
        Plan {
            shape: self.shape.clone(),
            length: self.length,
            calls_max: 200_000,
            in_flight_max: 5_000,
            mix,
            // Chance is not in the simulator, and need not be in what it is held against.
            evenly: true,
            seed: self.seed,
            cost_max: None,
        }
    }

    async fn start(&self) -> Result<Live> {
        let slow = async |places: Places| -> Result<FakeAzure> {
            // In one piece: a stream that is cut after its first text cannot go on elsewhere, and that is another test.
            let config = FakeAzureConfig {
                all_at_once: true,
                ..FakeAzureConfig::default()
            };
            let fake = FakeAzure::start(config).await.context("a fake finds no port")?;
            fake.faults().always(Fault::delay_head(places.each));
            Ok(fake)
        };
        let (azure, fallback) = (slow(self.azure).await?, slow(self.fallback).await?);
        let first = AzureBackend {
            resilience: self.resilience(),
            ..AzureBackend::default()
        };
        let settings = Settings::default().with_azure(&azure, &first).with_openai(
            &fallback,
            "stand-in",
            &format!("max_concurrency = {}", self.fallback.count),
        );
        // The stand-in for the local model is reached over the network, so a call may leave the process once more.
        let settings = settings.server("[routing]\nremote_attempts = 3");
        let front = Front::start().await?;
        let mut fleet = Fleet::new(settings);
        fleet.resize(self.horizontal.min, &front);
        fleet.wait_until_ready(&front).await;
        Ok(Live {
            azure,
            _fallback: fallback,
            front,
            fleet,
        })
    }

    /// Azure's places, and a breaker that is as much faster as everything else.
    fn resilience(&self) -> String {
        let shorter = |seconds: u64| Duration::from_secs(seconds) / self.faster.max(1);
        format!(
            "max_concurrency = {}\n[backends.resilience.breaker]\nopen = \"{}ms\"\nopen_max = \"{}ms\"\nramp = \"{}ms\"\n",
            self.azure.count,
            shorter(5).as_millis(),
            shorter(30).as_millis(),
            shorter(10).as_millis()
        )
    }

    /// Decides every few seconds, as the controller does, until calls no longer begin.
    async fn control(&self, live: &mut Live) -> Result<(Vec<LivePoint>, Rates)> {
        let begun = Instant::now();
        let mut throughput = Throughput::default();
        let mut autoscaler = Autoscaler::new(self.horizontal.clone());
        let mut wanted = self.horizontal.min;
        let mut points = Vec::new();
        let mut is_away = false;
        let mut next_sync = self.sync;
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        while begun.elapsed() < self.length {
            looks.tick().await;
            let at = begun.elapsed();
            let should_be_away = self
                .outages
                .iter()
                .any(|outage| outage.from <= at && at < outage.to);
            if should_be_away != is_away {
                live.set_away(should_be_away).await?;
                is_away = should_be_away;
            }
            live.fleet.settle(&live.front).await;
            if at < next_sync {
                continue;
            }
            // Windows are whole numbers of decisions long. Were this the measured time, a hair's breadth would decide whether
            // the decision at a window's end is within it.
            let due = next_sync;
            next_sync += self.sync;
            let looks = live.fleet.look(&self.own_metrics()).await;
            for (id, look, _) in &looks {
                throughput.see(self, *id, begun.elapsed(), *look);
            }
            let pods: Vec<hpa::Pod> = looks.into_iter().map(|(_, _, pod)| pod).collect();
            let sum = |name: &str| {
                let own = pods
                    .iter()
                    .flat_map(|pod| &pod.own)
                    .filter(|(own, _)| own == name);
                own.map(|(_, sample)| sample.value.units()).sum::<f64>()
            };
            let decision = autoscaler.decide(&Observation {
                now: due,
                replicas: wanted,
                pods: &pods,
                external: &[],
            });
            wanted = decision.replicas;
            live.fleet.resize(wanted, &live.front);
            points.push(LivePoint {
                seconds: at.as_secs_f64(),
                replicas: wanted,
                ready: live.fleet.ready(),
                waiting: sum("mcp_queue_depth"),
                running: sum("mcp_requests_running"),
            });
        }
        if is_away {
            live.set_away(false).await?;
        }
        Ok((points, throughput.rates(self)))
    }

    fn own_metrics(&self) -> Vec<String> {
        let named = self.horizontal.metrics.iter().filter_map(|metric| match metric {
            Metric::Pods { name, .. } => Some(name.as_str()),
            _ => None,
        });
        let mut all: Vec<String> = ["mcp_queue_depth", "mcp_requests_running"]
            .into_iter()
            .chain(named)
            .map(str::to_owned)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The simulator's scenario for the same traffic and the same pods.
    pub fn scenario(&self, rates: Rates, start: Duration) -> Scenario {
        let defaults = Service::default();
        let service = Service {
            azure_calls_per_second: (rates.together - rates.fallback).max(0.0),
            azure_answer_seconds: self.azure.each.as_secs_f64(),
            azure_recovery_seconds: defaults.azure_recovery_seconds / f64::from(self.faster.max(1)),
            local_calls_per_second: rates.fallback,
            slots: f64::from(self.fallback.count),
            pending_seconds: start.as_secs_f64(),
            start_seconds: 0.0,
            ..defaults
        };
        Scenario {
            length: self.length,
            step: Duration::from_millis(50),
            sync: self.sync,
            scrape: self.sync,
            service,
            outages: self.outages.clone(),
            zones: 1,
            ..Scenario::new(self.shape.clone(), self.horizontal.clone())
        }
    }

    fn simulated(&self, rates: Rates, start: Duration) -> Vec<(f64, u32)> {
        let outcome = self.scenario(rates, start).run();
        outcome
            .points
            .iter()
            .map(|point| (point.seconds, point.replicas))
            .collect()
    }
}
