//! What the fake saw: how many requests, when, how many at once, and what came of each.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Arrivals that are remembered one by one; later ones are only counted.
const ARRIVALS_MAX: usize = 200_000;

/// What the fake saw since it started, or since [`super::FakeAzure::reset_stats`].
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stats {
    /// Connections accepted.
    pub connections: u64,
    /// Chat completion requests.
    pub requests: u64,
    /// Of these, under way now.
    pub in_flight: usize,
    /// The most that were under way at once.
    pub max_in_flight: usize,
    /// Ended requests by what came of them: `answered`, `status_429`, `reset`, `stalled`, `aborted`, `stopped`...
    pub outcomes: BTreeMap<String, u64>,
    /// Requests whose client went away before their end.
    pub aborted_by_client: u64,
    /// When each request came, oldest first; bounded.
    pub arrivals: Vec<Arrival>,
}

/// One request, as it came.
#[derive(Debug, Clone, Serialize)]
pub struct Arrival {
    /// Since the fake started.
    #[serde(rename = "at_ms", serialize_with = "as_milliseconds")]
    pub at: Duration,
    /// Which deployment it asked.
    pub deployment: String,
    /// Requests under way at that moment, itself included.
    pub in_flight: usize,
}

fn as_milliseconds<S: serde::Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
}

impl Stats {
    /// Ended requests with this outcome.
    pub fn outcome(&self, name: &str) -> u64 {
        self.outcomes.get(name).copied().unwrap_or(0)
    }
}

/// The running account.
#[derive(Debug)]
pub(super) struct Recorder {
    started: Instant,
    stats: Mutex<Stats>,
}

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            stats: Mutex::default(),
        })
    }

    pub(super) fn snapshot(&self) -> Stats {
        self.lock().clone()
    }

    /// Starts to count anew; requests under way stay under way.
    pub(super) fn reset(&self) {
        let mut stats = self.lock();
        let in_flight = stats.in_flight;
        *stats = Stats {
            in_flight,
            max_in_flight: in_flight,
            ..Stats::default()
        };
    }

    /// Since the fake started.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn connected(&self) {
        self.lock().connections += 1;
    }

    /// Counts a request in. `stopped` tells a client that went away from a fake that was stopped.
    pub(super) fn arrive(self: &Arc<Self>, deployment: &str, stopped: CancellationToken) -> Visit {
        let at = self.now();
        let mut stats = self.lock();
        stats.requests += 1;
        stats.in_flight += 1;
        stats.max_in_flight = stats.max_in_flight.max(stats.in_flight);
        let in_flight = stats.in_flight;
        if stats.arrivals.len() < ARRIVALS_MAX {
            stats.arrivals.push(Arrival {
                at,
                deployment: deployment.to_owned(),
                in_flight,
            });
        }
        drop(stats);
        Visit {
            recorder: Arc::clone(self),
            stopped,
            intended: None,
            ended: false,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stats> {
        self.stats
            .lock()
            .expect("nothing panics while it holds the stats")
    }
}

/// One request under way. Counts itself out when dropped, whoever drops it.
#[derive(Debug)]
pub(super) struct Visit {
    recorder: Arc<Recorder>,
    stopped: CancellationToken,
    intended: Option<String>,
    ended: bool,
}

impl Visit {
    /// Says what will come of it, unless the client goes away first.
    pub(super) fn intend(&mut self, outcome: impl Into<String>) {
        self.intended = Some(outcome.into());
    }

    /// It comes to its intended end. Counted out now and not when dropped: a client that has read the
    /// last byte may already be back with its next request.
    pub(super) fn end(&mut self) {
        let outcome = self.intended.take().unwrap_or_else(|| "ended".to_owned());
        self.leave(outcome, false);
    }

    fn leave(&mut self, outcome: String, by_client: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let mut stats = self.recorder.lock();
        stats.in_flight = stats.in_flight.saturating_sub(1);
        stats.aborted_by_client += u64::from(by_client);
        *stats.outcomes.entry(outcome).or_default() += 1;
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let stopped = self.stopped.is_cancelled();
        let outcome = match self.intended.take() {
            _ if stopped => "stopped".to_owned(),
            // A stall or a silence has no end but the client's.
            Some(intended) if matches!(intended.as_str(), "stalled" | "silent") => intended,
            _ => "aborted".to_owned(),
        };
        self.leave(outcome, !stopped);
    }
}
