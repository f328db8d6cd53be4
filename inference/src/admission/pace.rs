//! How fast the queue moves: what an expected wait is made of.

use std::time::Duration;

use tokio::time::Instant;

/// Departures that must have been seen before anybody is turned away because of them.
const ENOUGH: u32 = 8;
/// Departures that the mean is taken over, nearly.
const MEMORY: u32 = 16;
/// After so long without a queue nothing is known any more.
const FORGET_AFTER: Duration = Duration::from_mins(1);

/// Time between two departures while somebody waits.
#[derive(Default)]
pub(super) struct Pace {
    mean_seconds: f64,
    seen: u32,
    /// The last departure, or when the queue began; nothing while nobody waits.
    since: Option<Instant>,
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
            self.seen = 0;
        }
        self.since = Some(now);
    }

    /// Somebody who waited is served.
    pub(super) fn depart(&mut self, now: Instant) {
        let Some(since) = self.since.replace(now) else {
            return;
        };
        let seconds = now.saturating_duration_since(since).as_secs_f64();
        self.seen = (self.seen + 1).min(MEMORY);
        self.mean_seconds += (seconds - self.mean_seconds) / f64::from(self.seen);
    }

    /// Nobody waits any more.
    pub(super) fn end(&mut self, now: Instant) {
        self.since = None;
        self.emptied = Some(now);
    }

    /// How long somebody waits who has so many ahead of it; `None` while too little is known.
    pub(super) fn wait(&self, ahead: usize, now: Instant) -> Option<Duration> {
        if self.seen < ENOUGH {
            return None;
        }
        // Where nothing moves any more, the mean of better times says little.
        let standing = self
            .since
            .map_or(0.0, |since| now.saturating_duration_since(since).as_secs_f64());
        let departures = f64::from(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1));
        Duration::try_from_secs_f64(self.mean_seconds.max(standing) * departures).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_so_many_departures() {
        let mut pace = Pace::default();
        let second = Duration::from_secs(1);
        pace.begin(Instant::now());
        for seen in 0..10 {
            assert_eq!(pace.wait(3, Instant::now()).is_some(), seen >= 8, "{seen}");
            tokio::time::advance(second).await;
            pace.depart(Instant::now());
        }
        assert_eq!(pace.wait(3, Instant::now()), Some(4 * second));
        tokio::time::advance(5 * second).await;
        assert_eq!(pace.wait(0, Instant::now()), Some(5 * second), "it stands still");
        pace.end(Instant::now());
        assert_eq!(
            pace.wait(0, Instant::now()),
            Some(second),
            "a pause is no standstill"
        );
        tokio::time::advance(61 * second).await;
        pace.begin(Instant::now());
        assert_eq!(pace.wait(0, Instant::now()), None, "that was long ago");
    }
}
