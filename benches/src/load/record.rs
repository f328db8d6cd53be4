//! What was measured: histograms with three digits, counts by outcome, and how things went second by second.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::call::{Ended, Sample};

/// Up to ten minutes in microseconds, three digits.
const MICROSECONDS_MAX: u64 = 600_000_000;

/// All measurements of a run.
#[derive(Debug)]
pub struct Record {
    /// By kind of call.
    pub kinds: BTreeMap<String, Times>,
    /// Over all of them.
    pub all: Times,
    /// Answers that were neither refused nor failed, and the others by code.
    pub shed: BTreeMap<String, u64>,
    /// Calls that failed, by code.
    pub failed: BTreeMap<String, u64>,
    /// Calls that a weaker model answered.
    pub degraded: u64,
    /// What all calls cost, as the server says.
    pub cost: f64,
    /// By the second in which calls were meant to begin.
    pub seconds: Vec<Second>,
    /// What the server's metrics said.
    pub looks: Vec<Look>,
    /// Why it ended early.
    pub stopped: Option<String>,
    /// How long it took, the last answer included.
    pub took: Duration,
}

/// Durations of calls that were answered.
#[derive(Debug)]
pub struct Times {
    /// From the intended beginning to the end.
    pub total: Histogram<u64>,
    /// From the intended beginning to the first token.
    pub first: Histogram<u64>,
    /// Between two tokens after that.
    pub per_token: Histogram<u64>,
    /// Calls of any outcome.
    pub calls: u64,
}

/// Calls that were meant to begin in one second.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Second {
    /// All of them.
    pub calls: u64,
    /// Answered by anyone.
    pub answered: u64,
    /// Answered by a weaker model.
    pub degraded: u64,
    /// Refused.
    pub shed: u64,
    /// Failed.
    pub failed: u64,
    /// The longest of them.
    pub slowest_ms: u64,
}

/// The server's metrics at one moment.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Look {
    /// Since the beginning.
    pub seconds: f64,
    /// `mcp_queue_depth`.
    pub queue: f64,
    /// `mcp_requests_running`.
    pub running: f64,
}

impl Times {
    fn new() -> Self {
        let histogram = || {
            Histogram::new_with_bounds(1, MICROSECONDS_MAX, 3)
                .expect("three digits of ten minutes are within its bounds")
        };
        Self {
            total: histogram(),
            first: histogram(),
            per_token: histogram(),
            calls: 0,
        }
    }

    fn add(&mut self, sample: &Sample, is_answered: bool) {
        self.calls += 1;
        if !is_answered {
            return;
        }
        self.total.saturating_record(microseconds(sample.total));
        let Some(first) = sample.first else { return };
        self.first.saturating_record(microseconds(first));
        if sample.tokens > 1 {
            let rest = microseconds(sample.total.saturating_sub(first));
            self.per_token.saturating_record(rest / (sample.tokens - 1));
        }
    }
}

impl Record {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            kinds: BTreeMap::new(),
            all: Times::new(),
            shed: BTreeMap::new(),
            failed: BTreeMap::new(),
            degraded: 0,
            cost: 0.0,
            seconds: Vec::new(),
            looks: Vec::new(),
            stopped: None,
            took: Duration::ZERO,
        }
    }

    /// Adds a call.
    pub fn add(&mut self, sample: &Sample) {
        let is_answered = matches!(sample.ended, Ended::Answered | Ended::Degraded);
        self.all.add(sample, is_answered);
        self.kinds
            .entry(sample.kind.clone())
            .or_insert_with(Times::new)
            .add(sample, is_answered);
        self.cost += sample.cost;
        let index = usize::try_from(sample.began.as_secs())
            .unwrap_or(usize::MAX)
            .min(1_000_000);
        if self.seconds.len() <= index {
            self.seconds.resize(index + 1, Second::default());
        }
        let second = &mut self.seconds[index];
        second.calls += 1;
        match &sample.ended {
            Ended::Answered => second.answered += 1,
            Ended::Degraded => {
                second.answered += 1;
                second.degraded += 1;
                self.degraded += 1;
            }
            Ended::Shed(code) => {
                second.shed += 1;
                *self.shed.entry(code.clone()).or_default() += 1;
            }
            Ended::Failed(code) => {
                second.failed += 1;
                *self.failed.entry(code.clone()).or_default() += 1;
            }
        }
        if is_answered {
            let took = u64::try_from(sample.total.as_millis()).unwrap_or(u64::MAX);
            second.slowest_ms = second.slowest_ms.max(took);
        }
    }

    /// Calls that ended with an answer.
    pub fn answered(&self) -> u64 {
        self.all.calls - self.count_shed() - self.count_failed()
    }

    /// Calls that were refused.
    pub fn count_shed(&self) -> u64 {
        self.shed.values().sum()
    }

    /// Calls that failed.
    pub fn count_failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// A part of all calls, from 0 to 1.
    pub fn share(&self, count: u64) -> f64 {
        real(count) / real(self.all.calls.max(1))
    }
}

impl Default for Record {
    fn default() -> Self {
        Self::new()
    }
}

/// A count with a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of calls and microseconds stay below 2^53"
)]
pub fn real(count: u64) -> f64 {
    count as f64
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}
