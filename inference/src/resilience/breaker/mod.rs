//! Circuit breaker: stops calling something that keeps failing.
//!
//! *Closed* lets calls through, *open* refuses them, *half-open* lets one trial through. An operator may
//! force it open or closed, or drain what is behind it, until the operator says otherwise.
//!
//! It opens after so many failures in a row, or when too large a share of the calls in a sliding
//! window failed or were slow, or at once on a severe failure. It stays open for a while that doubles each
//! time, with jitter, up to a cap that even jitter never passes; healthy time makes it forget. Then one call
//! may try. Once closed, the share of the usual load that may run grows from a few calls to all
//! ([`Breaker::ramp`]), so that what has just recovered is not trampled. What always holds:
//!
//! - At most one trial is in flight, in every state.
//! - An outcome counts only in the epoch (the time between two transitions) that admitted its call: a
//!   late failure cannot reopen, and a late success cannot close.
//! - A trial that is dropped, or that takes too long, never wedges: the first frees its place, the
//!   second reopens the circuit.
//!
//! Time is `tokio`'s, so tests run it on a paused clock. Nothing here waits: whoever is refused is told
//! when to come back. While it is closed and not ramping, leave is given by one atomic load; all else
//! happens under one lock.

pub(super) mod core;
mod heard;
mod told;
mod window;

use std::time::Duration;

use tokio::time::Instant;

use self::core::{Core, Moved};
use super::sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError};

pub use self::told::{Forced, Order, Outcome, Refused, Snapshot, State, Transition};

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
    /// Share of slow calls in the window that opens it.
    pub slow_ratio: f64,
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
    /// Time after closing over which the share of the usual load that may run grows to all; zero for at once.
    pub ramp: Duration,
    /// The share that it begins with.
    pub ramp_from: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            window: Duration::from_secs(30),
            minimum_calls: 20,
            failure_ratio: 0.5,
            slow_ratio: 0.8,
            open: Duration::from_secs(5),
            open_max: Duration::from_secs(30),
            jitter: 0.2,
            forget_after: Duration::from_mins(1),
            trial_timeout: Duration::from_mins(1),
            trials_to_close: 1,
            ramp: Duration::from_secs(10),
            ramp_from: 0.1,
        }
    }
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
    /// [`Core::summary`], as of the last change: what is asked for at each call, without the lock.
    summary: AtomicU64,
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
    trial: bool,
    settled: bool,
}

impl Permit {
    /// Says what came of the call.
    pub fn settle(self, outcome: Outcome) {
        self.settle_as(outcome, "");
    }

    /// Says what came of the call, and what to write down as the cause should the circuit open.
    pub fn settle_as(mut self, outcome: Outcome, what: &'static str) {
        self.settled = true;
        self.shared.settle(self.epoch, outcome, what);
    }

    /// Whether it was given to find out if the circuit may close.
    pub fn is_trial(&self) -> bool {
        self.trial
    }

    /// Leaves the trial to another process, and waits so long for what comes of it.
    pub fn defer(mut self, left: Duration) {
        self.settled = true;
        let epoch = self.epoch;
        self.shared
            .change(|core, config, moved| core.defer(epoch, left, config, moved));
    }

    /// The time between two transitions in which it was given.
    #[cfg(test)]
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.settled {
            self.shared.settle(self.epoch, Outcome::Cancelled, "");
        }
    }
}

/// How far the load has grown since a breaker closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// The share of the usual load that may run.
    pub share: f64,
    /// Until all of it may.
    pub left: Duration,
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
        let core = Core::new(&config);
        Self {
            shared: Arc::new(Shared {
                config,
                listener,
                summary: AtomicU64::new(core.summary()),
                core: Mutex::new(core),
            }),
        }
    }

    /// Gives leave for one call.
    ///
    /// # Errors
    /// Refuses while open, and while a trial is under way; says when to come back.
    pub fn try_acquire(&self) -> Result<Permit, Refused> {
        let shared = &self.shared;
        // A transition right after this look is no different from one right after giving leave.
        let (epoch, trial) = match core::flowing(shared.summary.load(Ordering::Acquire)) {
            Some(epoch) => (epoch, false),
            None => shared.change(|core, config, moved| {
                let epoch = core.acquire(config, moved)?;
                Ok((epoch, core.trial.is_some()))
            })?,
        };
        Ok(Permit {
            shared: Arc::clone(shared),
            epoch,
            trial,
            settled: false,
        })
    }

    /// Says whether [`Breaker::try_acquire`] would give leave, without taking it.
    ///
    /// # Errors
    /// As [`Breaker::try_acquire`].
    pub fn check(&self) -> Result<(), Refused> {
        if core::flowing(self.shared.summary.load(Ordering::Acquire)).is_some() {
            return Ok(());
        }
        self.shared.change(Core::check)
    }

    /// How much of the usual load may run, while that grows after closing; `None` for all of it. It is for
    /// whoever caps what runs: leave is given regardless.
    pub fn ramp(&self) -> Option<Ramp> {
        if !core::ramping(self.shared.summary.load(Ordering::Acquire)) {
            return None;
        }
        self.shared
            .change(|core, config, _| core.ramp(config, Instant::now()))
    }

    /// Refuses every call until [`Breaker::resume`]: an operator holds what is behind it for broken.
    pub fn force_open(&self, order: Order) {
        self.force(State::ForcedOpen, order);
    }

    /// Lets every call through, whatever comes of them, until [`Breaker::resume`].
    pub fn force_closed(&self, order: Order) {
        self.force(State::ForcedClosed, order);
    }

    /// Gives no more leave until [`Breaker::resume`]: an operator takes what is behind it out of service.
    pub fn drain(&self, order: Order) {
        self.force(State::Drained, order);
    }

    fn force(&self, to: State, order: Order) {
        self.shared.change(|core, _, moved| core.force(to, order, moved));
    }

    /// Ends whatever order stands: closes, forgets what it counted, and lets calls flow again.
    pub fn resume(&self, order: &Order) {
        self.shared
            .change(|core, config, moved| core.resume(order, config, moved));
    }

    /// Hears that another process saw a failure `ago`, and lets nothing through for `left`; says whether that changed
    /// anything. What has worked here since is believed more.
    pub fn heed_opened(&self, ago: Duration, left: Duration) -> bool {
        self.shared.change(|core, config, moved| {
            core.heed_opened(ago, left, config, moved);
            !moved.is_empty()
        })
    }

    /// Hears that a trial of another process succeeded `ago`; says whether that changed anything.
    pub fn heed_closed(&self, ago: Duration) -> bool {
        self.shared.change(|core, config, moved| {
            core.heed_closed(ago, config, moved);
            !moved.is_empty()
        })
    }

    /// Whether an operator wants every call let through.
    pub fn is_forced_closed(&self) -> bool {
        core::forced_closed(self.shared.summary.load(Ordering::Acquire))
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.shared.lock().state
    }

    /// What it looks like now.
    pub fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        let mut core = self.shared.lock();
        let opens_in = (core.state == State::Open).then(|| core.until.saturating_duration_since(now));
        Snapshot {
            state: core.state,
            opens_in,
            trial_in_flight: core.trial.is_some(),
            ramp: core.ramp(&self.shared.config, now).map(|ramp| ramp.share),
            forced: core.forced.clone(),
            history: core.history.iter().cloned().collect(),
        }
    }

    /// What it counts by.
    #[cfg(test)]
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Core) -> T) -> T {
        look(&self.shared.lock())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` under the lock, and tells the listener of what moved after it.
    fn change<T>(&self, f: impl FnOnce(&mut Core, &Config, &mut Moved) -> T) -> T {
        let mut moved = Moved::new();
        let result = {
            let mut core = self.lock();
            let result = f(&mut core, &self.config, &mut moved);
            let summary = core.summary();
            if self.summary.load(Ordering::Relaxed) != summary {
                self.summary.store(summary, Ordering::Release);
            }
            result
        };
        if let Some(listener) = &self.listener {
            moved.iter().for_each(listener);
        }
        result
    }

    fn settle(&self, epoch: u64, outcome: Outcome, what: &'static str) {
        // What is late, and what says nothing, needs no lock while calls flow: nothing would change.
        let says_nothing = matches!(outcome, Outcome::Ignored | Outcome::Cancelled);
        if says_nothing && core::flowing(self.summary.load(Ordering::Acquire)).is_some() {
            return;
        }
        self.change(|core, config, moved| core.settle(epoch, outcome, what, config, moved));
    }
}
