//! Throttle gate: stops calling something that said "too many", until it said we may.
//!
//! Being throttled is not being broken, so it is kept apart from the breaker. A gate never opens
//! earlier than it was told, whoever else is told less; but since some upstreams say "come back in a
//! day", a gate that is shut for long lets one call through from time to time to see for itself.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Longest time that a gate stays shut, whatever it was told.
const LONGEST: Duration = Duration::from_hours(24);

/// Numbers of a throttle gate.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long it stays shut when nobody said how long; doubles each time.
    pub unknown: Duration,
    /// The longest that doubling leads to.
    pub unknown_max: Duration,
    /// A gate that is shut for longer lets one call through this often.
    pub probe_every: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unknown: Duration::from_secs(1),
            unknown_max: Duration::from_secs(30),
            probe_every: Duration::from_mins(1),
        }
    }
}

/// A throttle gate.
///
/// ```
/// use std::time::Duration;
/// use inference::resilience::throttle::{Config, Throttle};
///
/// let gate = Throttle::new(Config::default());
/// let pass = gate.try_pass().expect("nobody shut it");
/// gate.shut(Some(Duration::from_secs(3)));
/// assert!(gate.try_pass().is_err());
/// gate.relieve(pass); // passed before it was shut: says nothing
/// assert!(gate.try_pass().is_err());
/// ```
pub struct Throttle {
    config: Config,
    core: Mutex<Core>,
}

#[derive(Default)]
struct Core {
    until: Option<Instant>,
    next_probe: Option<Instant>,
    /// Times it was shut without being told for how long, in a row.
    streak: u32,
    /// Counts shuttings. Passes carry the one that they passed after.
    epoch: u64,
}

/// Proof of having passed the gate.
#[derive(Debug, Clone, Copy)]
pub struct Pass(u64);

impl Throttle {
    /// Makes an open gate.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            core: Mutex::default(),
        }
    }

    /// Shuts the gate for at least so long; `None` when nobody said how long. Never shortens.
    pub fn shut(&self, hint: Option<Duration>) {
        let mut core = self.lock();
        let now = Instant::now();
        let length = hint.unwrap_or_else(|| {
            let doubled = self.config.unknown.saturating_mul(1 << core.streak.min(16));
            core.streak = core.streak.saturating_add(1);
            doubled.min(self.config.unknown_max)
        });
        let until = now + length.min(LONGEST);
        core.until = core.until.max(Some(until));
        core.next_probe = Some(now + self.config.probe_every.min(LONGEST));
        core.epoch += 1;
    }

    /// Passes the gate, if it is open or due for a look.
    ///
    /// # Errors
    /// Says when to come back.
    pub fn try_pass(&self) -> Result<Pass, Duration> {
        let mut core = self.lock();
        if core.until.is_some() {
            let now = Instant::now();
            core.check(now)?;
            if core.until.is_some_and(|until| now < until) {
                core.next_probe = Some(now + self.config.probe_every.min(LONGEST));
            }
        }
        Ok(Pass(core.epoch))
    }

    /// Says whether [`Throttle::try_pass`] would succeed, without passing.
    ///
    /// # Errors
    /// As [`Throttle::try_pass`].
    pub fn check(&self) -> Result<(), Duration> {
        let core = self.lock();
        if core.until.is_none() {
            Ok(())
        } else {
            core.check(Instant::now())
        }
    }

    /// Says that a call which passed was not throttled: opens the gate, unless it was shut since.
    pub fn relieve(&self, pass: Pass) {
        let mut core = self.lock();
        if pass.0 == core.epoch {
            core.until = None;
            core.next_probe = None;
            core.streak = 0;
        }
    }

    /// Time until it opens; zero when it is open.
    pub fn remaining(&self) -> Duration {
        self.lock().until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core {
    fn check(&self, now: Instant) -> Result<(), Duration> {
        let opens = match (self.until, self.next_probe) {
            (Some(until), Some(probe)) => until.min(probe),
            (Some(until), None) => until,
            (None, _) => return Ok(()),
        };
        if now >= opens { Ok(()) } else { Err(opens - now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn after(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_shorter_hint_never_shortens() {
        let gate = Throttle::new(Config::default());
        gate.shut(Some(Duration::from_secs(20)));
        gate.shut(Some(Duration::from_secs(2)));
        assert_eq!(gate.try_pass().unwrap_err(), Duration::from_secs(20));
        after(19).await;
        assert!(gate.try_pass().is_err());
        after(1).await;
        assert!(gate.try_pass().is_ok());
        assert_eq!(gate.remaining(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn unknown_waits_double_up_to_their_cap_and_are_forgotten() {
        let gate = Throttle::new(Config::default());
        for expected in [1, 2, 4, 8, 16, 30, 30] {
            gate.shut(None);
            assert_eq!(gate.remaining(), Duration::from_secs(expected));
            after(expected).await;
        }
        let pass = gate.try_pass().expect("open again");
        gate.relieve(pass);
        gate.shut(None);
        assert_eq!(gate.remaining(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_day_is_looked_into_once_a_minute() {
        let gate = Throttle::new(Config::default());
        gate.shut(Some(Duration::from_hours(24)));
        assert_eq!(gate.try_pass().unwrap_err(), Duration::from_mins(1));
        after(60).await;
        let probe = gate.try_pass().expect("one look");
        assert_eq!(gate.try_pass().unwrap_err(), Duration::from_mins(1), "only one");
        gate.relieve(probe);
        assert!(gate.try_pass().is_ok(), "the look found it open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_from_before_opens_nothing() {
        let gate = Throttle::new(Config::default());
        let early = gate.try_pass().expect("open");
        gate.shut(Some(Duration::from_secs(10)));
        gate.relieve(early);
        assert!(gate.try_pass().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_absurd_hint_does_not_overflow() {
        let gate = Throttle::new(Config::default());
        gate.shut(Some(Duration::MAX));
        assert!(gate.remaining() <= LONGEST);
    }
}
