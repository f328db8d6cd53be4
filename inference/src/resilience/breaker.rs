//! Circuit breaker: stops calling something that keeps failing.
//!
//! *Closed* lets calls through, *open* refuses them, *half-open* lets one trial through, and *forced
//! open* refuses until an operator says otherwise.
//!
//! It opens after so many failures in a row, or when too large a share of the calls in a sliding
//! window failed, or at once on a severe failure. It stays open for a while that doubles each time, with
//! jitter, up to a cap that even jitter never passes; healthy time makes it forget. Then one call may
//! try. What always holds:
//!
//! - At most one trial is in flight, in every state.
//! - An outcome counts only in the epoch (the time between two transitions) that admitted its call: a
//!   late failure cannot reopen, and a late success cannot close.
//! - A trial that is dropped, or that takes too long, never wedges: the first frees its place, the
//!   second reopens the circuit.
//!
//! Time is `tokio`'s, so tests run it on a paused clock. Nothing here waits: whoever is refused is told
//! when to come back.

mod core;
mod window;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use self::core::Core;

/// Numbers of a breaker.
#[derive(Debug, Clone)]
pub struct Config {
    /// Failures in a row that open it.
    pub consecutive_failures: u32,
    /// Length of the sliding window.
    pub window: Duration,
    /// Calls in the window before its ratio counts.
    pub minimum_calls: u32,
    /// Share of failures in the window that opens it.
    pub failure_ratio: f64,
    /// How long it stays open the first time; doubles with each failed trial.
    pub open: Duration,
    /// The longest it stays open, jitter included.
    pub open_max: Duration,
    /// Share of the open time by which it varies at random, so that many processes do not try at once.
    pub jitter: f64,
    /// How long it must have been closed for earlier open times to be forgotten.
    pub forget_after: Duration,
    /// How long a trial may take before it counts as failed.
    pub trial_timeout: Duration,
    /// Successful trials that close it.
    pub trials_to_close: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            window: Duration::from_secs(30),
            minimum_calls: 20,
            failure_ratio: 0.5,
            open: Duration::from_secs(5),
            open_max: Duration::from_secs(30),
            jitter: 0.2,
            forget_after: Duration::from_mins(1),
            trial_timeout: Duration::from_mins(1),
            trials_to_close: 1,
        }
    }
}

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls flow.
    Closed,
    /// One trial may be under way.
    HalfOpen,
    /// Calls are refused.
    Open,
    /// Calls are refused until an operator says otherwise.
    ForcedOpen,
}

impl State {
    /// Its name in results, labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
            Self::ForcedOpen => "forced_open",
        }
    }

    /// Its value as a gauge, most open last.
    pub fn as_metric(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
            Self::ForcedOpen => 3,
        }
    }
}

/// What came of a call, as far as the breaker cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It worked.
    Success,
    /// It failed.
    Failure,
    /// It failed in a way that the next call will not escape: opens at once.
    Severe,
    /// It says nothing about health.
    Ignored,
    /// Its caller went away. What a dropped [`Permit`] counts as.
    Cancelled,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// From where.
    pub from: State,
    /// To where.
    pub to: State,
    /// What caused it.
    pub cause: String,
    /// When.
    pub at: SystemTime,
}

/// A breaker at one instant.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Where it stands.
    pub state: State,
    /// Until a trial may run, when open.
    pub opens_in: Option<Duration>,
    /// Whether a trial is under way.
    pub trial_in_flight: bool,
    /// The last transitions, newest last; bounded.
    pub history: Vec<Transition>,
}

/// Why a call may not be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("circuit is {}", .state.as_str())]
pub struct Refused {
    /// Where the breaker stands: half-open means that a trial is under way.
    pub state: State,
    /// When asking again may help: the end of the open time, or at the latest the end of the trial.
    /// `None` when only an operator can help.
    pub retry_in: Option<Duration>,
}

/// Hears of each transition, after it happened.
pub type Listener = Box<dyn Fn(&Transition) + Send + Sync>;

/// A circuit breaker. Cheap to clone; clones share their state.
#[derive(Clone)]
pub struct Breaker {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    listener: Option<Listener>,
    core: Mutex<Core>,
}

/// Leave to make one call. Settles the breaker exactly once.
///
/// Dropping an unsettled permit counts as [`Outcome::Cancelled`], so a client
/// that hangs up during a trial cannot wedge the circuit.
///
/// ```
/// use inference::resilience::breaker::{Breaker, Config, Outcome, State};
///
/// let breaker = Breaker::new(Config { consecutive_failures: 1, ..Config::default() });
/// breaker.try_acquire()?.settle(Outcome::Failure);
/// assert_eq!(breaker.state(), State::Open);
/// assert!(breaker.try_acquire().is_err());
/// # Ok::<(), inference::resilience::breaker::Refused>(())
/// ```
#[must_use = "a permit that is dropped at once counts as a cancelled call"]
pub struct Permit {
    shared: Arc<Shared>,
    epoch: u64,
    settled: bool,
}

impl Permit {
    /// Says what came of the call.
    pub fn settle(mut self, outcome: Outcome) {
        self.settled = true;
        self.shared.settle(self.epoch, outcome);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.settled {
            self.shared.settle(self.epoch, Outcome::Cancelled);
        }
    }
}

impl Breaker {
    /// Makes a closed breaker.
    pub fn new(config: Config) -> Self {
        Self::build(config, None)
    }

    /// Makes a closed breaker that tells of its transitions. The listener is called on the thread that
    /// caused the transition, outside the breaker's lock.
    pub fn with_listener(config: Config, listener: Listener) -> Self {
        Self::build(config, Some(listener))
    }

    fn build(config: Config, listener: Option<Listener>) -> Self {
        let core = Mutex::new(Core::new(&config));
        Self {
            shared: Arc::new(Shared {
                config,
                listener,
                core,
            }),
        }
    }

    /// Gives leave for one call.
    ///
    /// # Errors
    /// Refuses while open, and while a trial is under way; says when to come back.
    pub fn try_acquire(&self) -> Result<Permit, Refused> {
        let epoch = self.shared.change(Core::acquire)?;
        Ok(Permit {
            shared: Arc::clone(&self.shared),
            epoch,
            settled: false,
        })
    }

    /// Says whether [`Breaker::try_acquire`] would give leave, without taking it.
    ///
    /// # Errors
    /// As [`Breaker::try_acquire`].
    pub fn check(&self) -> Result<(), Refused> {
        self.shared.change(Core::check)
    }

    /// Refuses every call until [`Breaker::reset`].
    pub fn force_open(&self, reason: &str) {
        self.shared
            .change(|core, _, moved| core.turn(State::ForcedOpen, format!("forced: {reason}"), moved));
    }

    /// Closes it, forgets what it counted, and lets calls flow again.
    pub fn reset(&self) {
        self.shared.change(|core, _, moved| {
            core.streak = 0;
            core.close(Instant::now(), "reset".to_owned(), moved);
        });
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.shared.lock().state
    }

    /// What it looks like now.
    pub fn snapshot(&self) -> Snapshot {
        let core = self.shared.lock();
        let opens_in =
            (core.state == State::Open).then(|| core.until.saturating_duration_since(Instant::now()));
        Snapshot {
            state: core.state,
            opens_in,
            trial_in_flight: core.trial.is_some(),
            history: core.history.iter().cloned().collect(),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` under the lock, and tells the listener of what moved after it.
    fn change<T>(&self, f: impl FnOnce(&mut Core, &Config, &mut Vec<Transition>) -> T) -> T {
        let mut moved = Vec::new();
        let result = f(&mut self.lock(), &self.config, &mut moved);
        if let Some(listener) = &self.listener {
            moved.iter().for_each(listener);
        }
        result
    }

    fn settle(&self, epoch: u64, outcome: Outcome) {
        self.change(|core, config, moved| core.settle(epoch, outcome, config, moved));
    }
}

#[cfg(test)]
mod tests;
