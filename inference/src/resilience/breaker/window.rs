//! A sliding window of outcomes, in ten buckets.

use std::time::Duration;

use tokio::time::Instant;

const BUCKETS: usize = 10;

/// Calls and failures of the last while. Old ones leave a tenth of the window at a time.
pub(super) struct Window {
    origin: Instant,
    bucket_ms: u64,
    /// Number of the newest bucket since `origin`.
    newest: u64,
    calls: [u32; BUCKETS],
    failures: [u32; BUCKETS],
}

impl Window {
    pub(super) fn new(length: Duration, now: Instant) -> Self {
        let bucket_ms = (millis(length) / BUCKETS as u64).max(1);
        Self {
            origin: now,
            bucket_ms,
            newest: 0,
            calls: [0; BUCKETS],
            failures: [0; BUCKETS],
        }
    }

    /// Counts one call, and lets go of what is too old.
    pub(super) fn add(&mut self, now: Instant, failed: bool) {
        let number = millis(now.saturating_duration_since(self.origin)) / self.bucket_ms;
        if number > self.newest {
            let stale = (number - self.newest).min(BUCKETS as u64);
            for back in 0..stale {
                let place = Self::place(number - back);
                self.calls[place] = 0;
                self.failures[place] = 0;
            }
            self.newest = number;
        }
        let place = Self::place(self.newest);
        self.calls[place] = self.calls[place].saturating_add(1);
        self.failures[place] = self.failures[place].saturating_add(u32::from(failed));
    }

    /// Calls and failures, as of the last [`Window::add`].
    pub(super) fn totals(&self) -> (u32, u32) {
        let sum =
            |counts: &[u32; BUCKETS]| counts.iter().fold(0_u32, |sum, count| sum.saturating_add(*count));
        (sum(&self.calls), sum(&self.failures))
    }

    pub(super) fn clear(&mut self, now: Instant) {
        self.origin = now;
        self.newest = 0;
        self.calls = [0; BUCKETS];
        self.failures = [0; BUCKETS];
    }

    fn place(number: u64) -> usize {
        usize::try_from(number % BUCKETS as u64).expect("a remainder below ten fits")
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000) + u64::from(duration.subsec_millis())
}
