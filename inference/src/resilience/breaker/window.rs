//! A sliding window of outcomes, in ten buckets.

use std::time::Duration;

use tokio::time::Instant;

const BUCKETS: usize = 10;

/// What a call counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Success,
    Slow,
    Failure,
}

/// How many there were, altogether and of each kind that matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) calls: u32,
    pub(super) slow: u32,
    pub(super) failures: u32,
}

impl Totals {
    fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.slow = self.slow.saturating_add(other.slow);
        self.failures = self.failures.saturating_add(other.failures);
    }
}

/// Calls and failures of the last while. Old ones leave a tenth of the window at a time.
pub(super) struct Window {
    origin: Instant,
    bucket_ms: u64,
    /// Number of the newest bucket since `origin`.
    newest: u64,
    buckets: [Totals; BUCKETS],
}

impl Window {
    pub(super) fn new(length: Duration, now: Instant) -> Self {
        let bucket_ms = (millis(length) / BUCKETS as u64).max(1);
        Self {
            origin: now,
            bucket_ms,
            newest: 0,
            buckets: [Totals::default(); BUCKETS],
        }
    }

    /// Counts one call, and lets go of what is too old.
    pub(super) fn add(&mut self, now: Instant, counted: Counted) {
        let number = millis(now.saturating_duration_since(self.origin)) / self.bucket_ms;
        if number > self.newest {
            let stale = (number - self.newest).min(BUCKETS as u64);
            for back in 0..stale {
                self.buckets[Self::place(number - back)] = Totals::default();
            }
            self.newest = number;
        }
        self.buckets[Self::place(self.newest)].add(Totals {
            calls: 1,
            slow: u32::from(counted == Counted::Slow),
            failures: u32::from(counted == Counted::Failure),
        });
    }

    /// All of it, as of the last [`Window::add`].
    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.buckets.iter().for_each(|bucket| totals.add(*bucket));
        totals
    }

    pub(super) fn clear(&mut self, now: Instant) {
        self.origin = now;
        self.newest = 0;
        self.buckets = [Totals::default(); BUCKETS];
    }

    fn place(number: u64) -> usize {
        usize::try_from(number % BUCKETS as u64).expect("a remainder below ten fits")
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000) + u64::from(duration.subsec_millis())
}
