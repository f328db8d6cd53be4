//! How fast the queue moves: what an expected wait is made of.
//!
//! Calls leave it in bunches: places that were taken together come free together, and a busy machine stands still for a
//! moment. The gap before a bunch is no pace, so it is never multiplied: departures are counted over some seconds, and the gap
//! that lasts is a part of these.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Departures that must have been seen before anybody is turned away because of them.
const ENOUGH: usize = 8;
/// How far back departures are counted: long enough for a bunch and the gap before it, short enough to notice that a
/// backend has gone or come back.
const WINDOW: Duration = Duration::from_secs(5);
/// Departures that are counted however long they took.
const FEWEST: usize = 16;
/// Departures that are remembered.
const MOST: usize = 256;
/// After so long without a queue nothing is known any more: the backends may not be those that were measured.
const FORGET_AFTER: Duration = Duration::from_secs(15);

/// When calls left the queue, on a clock that runs while somebody waits.
#[derive(Default)]
pub(super) struct Pace {
    /// The first one is where counting began; each of the others is a departure.
    departures: VecDeque<Duration>,
    /// What the clock showed when it was stopped last.
    stopped_at: Duration,
    /// Since when it runs; nothing while nobody waits.
    runs_since: Option<Instant>,
    /// When the queue was empty last.
    emptied: Option<Instant>,
}

impl Pace {
    /// Somebody waits, where nobody did.
    pub(super) fn begin(&mut self, now: Instant) {
        if self
            .emptied
            .is_some_and(|emptied| now.saturating_duration_since(emptied) > FORGET_AFTER)
        {
            self.departures.clear();
        }
        self.runs_since = Some(now);
        if self.departures.is_empty() {
            self.departures.push_back(self.stopped_at);
        }
    }

    /// Somebody who waited is served.
    pub(super) fn depart(&mut self, now: Instant) {
        if self.runs_since.is_none() {
            return;
        }
        if self.departures.len() > MOST {
            self.departures.pop_front();
        }
        self.departures.push_back(self.clock(now));
    }

    /// Nobody waits any more.
    pub(super) fn end(&mut self, now: Instant) {
        self.stopped_at = self.clock(now);
        self.runs_since = None;
        self.emptied = Some(now);
    }

    /// How long somebody waits who has so many ahead of it; `None` while too little is known.
    pub(super) fn wait(&self, ahead: usize, now: Instant) -> Option<Duration> {
        let seen = self.departures.len().saturating_sub(1);
        if seen < ENOUGH {
            return None;
        }
        let clock = self.clock(now);
        let old = |at: &Duration| clock.saturating_sub(*at) > WINDOW;
        let from = self
            .departures
            .partition_point(old)
            .min(seen.saturating_sub(FEWEST));
        let took = clock.saturating_sub(self.departures[from]).as_secs_f64();
        let departures = number(ahead.saturating_add(1));
        Duration::try_from_secs_f64(took / number(seen - from) * departures).ok()
    }

    fn clock(&self, now: Instant) -> Duration {
        let running = self
            .runs_since
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.stopped_at + running
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
