//! Throttle gate: stops calling something that said "too many", until it said we may.
//!
//! Being throttled is not being broken, so it is kept apart from the breaker. A gate never opens
//! earlier than it was told, whoever else is told less; but since some upstreams say "come back in a
//! day", a gate that is shut for long lets one call through from time to time to see for itself.
//!
//! An upstream may also say with each answer what is left of its limits. A call that this cannot hold is
//! better taken elsewhere until the reset ([`Throttle::spills`]): that is advice, and never keeps out a call
//! that has nowhere else to go, because the size of a call is a guess.

mod allowance;

use std::time::Duration;

use tokio::time::Instant;

use self::allowance::Remaining;
use super::sync::{Mutex, MutexGuard, PoisonError};

pub use self::allowance::{Allowance, Left};

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
    /// Whether calls that the last known allowance cannot hold are better taken elsewhere.
    pub spill: bool,
    /// How long an allowance counts when nobody said when it is filled up again.
    pub unknown_reset: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unknown: Duration::from_secs(1),
            unknown_max: Duration::from_secs(30),
            probe_every: Duration::from_mins(1),
            spill: true,
            unknown_reset: Duration::from_secs(10),
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
    remaining: Remaining,
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

    /// Takes note of what is left of the limits. What is known already and not told again stays.
    pub fn learn(&self, allowance: Allowance) {
        if self.config.spill {
            let unknown = self.config.unknown_reset.min(LONGEST);
            self.lock().remaining.learn(allowance, Instant::now(), unknown);
        }
    }

    /// Says until when a call of so many tokens is better taken elsewhere, where it is.
    pub fn spills(&self, tokens: u32) -> Option<Duration> {
        let mut core = self.lock();
        if core.remaining.is_unknown() {
            return None;
        }
        core.remaining.lacks(tokens, Instant::now())
    }

    /// Takes a call of so many tokens off what is left, until the next answer says better.
    pub fn spend(&self, tokens: u32) {
        self.lock().remaining.spend(tokens);
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
