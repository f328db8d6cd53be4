//! What a breaker does, under its lock: counts, opens, tries, closes.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{
    Config, Forced, Order, Outcome, Ramp, Refused, State, Transition,
    window::{Counted, Window},
};

/// Transitions that a breaker remembers.
pub(in super::super) const HISTORY: usize = 16;

/// Longest of any configured time: keeps arithmetic on instants from overflowing.
pub(in super::super) const LONGEST: Duration = Duration::from_hours(24);

/// What changed under one hold of the lock.
pub(super) type Moved = Vec<Transition>;

/// Bits of a summary: whether every call is let through, whether the load still grows, and whether an operator
/// decides. The epoch stands above them.
const FLOWING: u64 = 1;
const RAMPING: u64 = 2;
const FORCED: u64 = 4;
const FLAGS: u32 = 3;

/// The epoch that a summary admits calls in, if every call is let through.
pub(super) fn flowing(summary: u64) -> Option<u64> {
    (summary & FLOWING != 0).then_some(summary >> FLAGS)
}

/// Whether a summary says that the load still grows.
pub(super) fn ramping(summary: u64) -> bool {
    summary & RAMPING != 0
}

/// Whether a summary says that an operator wants every call let through.
pub(super) fn forced_closed(summary: u64) -> bool {
    summary & FORCED != 0 && summary & FLOWING != 0
}

/// What changes, under one lock.
pub(crate) struct Core {
    pub(super) state: State,
    /// Counts transitions. Permits carry the one that admitted them.
    pub(crate) epoch: u64,
    /// Failures since the last success.
    pub(in super::super) failures_in_a_row: u32,
    window: Window,
    /// End of the open time.
    pub(super) until: Instant,
    /// When it opened last.
    pub(super) opened_at: Instant,
    /// When a call worked last, here or elsewhere.
    pub(super) worked_at: Option<Instant>,
    /// Times it opened without healthy time in between.
    pub(super) streak: u32,
    /// When it closed last.
    closed_at: Instant,
    /// When the trial under way began. One trial per half-open epoch at a time.
    pub(in super::super) trial: Option<Instant>,
    trials_passed: u32,
    /// Since when the load grows, after closing.
    pub(super) ramp_since: Option<Instant>,
    pub(super) forced: Option<Forced>,
    pub(super) history: VecDeque<Transition>,
}

impl Core {
    pub(super) fn new(config: &Config) -> Self {
        let now = Instant::now();
        Self {
            state: State::Closed,
            epoch: 0,
            failures_in_a_row: 0,
            window: Window::new(config.window.min(LONGEST), now),
            until: now,
            opened_at: now,
            worked_at: None,
            streak: 0,
            closed_at: now,
            trial: None,
            trials_passed: 0,
            ramp_since: None,
            forced: None,
            history: VecDeque::with_capacity(HISTORY),
        }
    }

    /// What is read at each call, in one word.
    pub(super) fn summary(&self) -> u64 {
        let flag = |set, bit| if set { bit } else { 0 };
        self.epoch << FLAGS
            | flag(self.state.flows(), FLOWING)
            | flag(self.ramp_since.is_some(), RAMPING)
            | flag(self.state.is_forced(), FORCED)
    }

    /// How much of the usual load may run; `None` for all.
    pub(super) fn ramp(&mut self, config: &Config, now: Instant) -> Option<Ramp> {
        let grown = now.saturating_duration_since(self.ramp_since?);
        let whole = config.ramp.min(LONGEST);
        if grown >= whole {
            self.ramp_since = None;
            return None;
        }
        // It is shorter than the whole, so the whole is not nothing.
        let part = grown.as_secs_f64() / whole.as_secs_f64();
        let from = share(config.ramp_from);
        Some(Ramp {
            share: from + (1.0 - from) * part,
            left: whole.saturating_sub(grown),
        })
    }

    pub(super) fn force(&mut self, to: State, order: Order, moved: &mut Moved) {
        let cause = format!("{} by {}: {}", name(to), order.by(), order.reason());
        self.ramp_since = None;
        self.turn(to, cause, false, moved);
        self.forced = Some(Forced {
            order,
            since: SystemTime::now(),
        });
    }

    pub(super) fn resume(&mut self, order: &Order, config: &Config, moved: &mut Moved) {
        self.streak = 0;
        let cause = format!("resumed by {}: {}", order.by(), order.reason());
        self.close(Instant::now(), cause, config, moved);
    }

    pub(super) fn acquire(&mut self, config: &Config, moved: &mut Moved) -> Result<u64, Refused> {
        if !self.state.flows() {
            self.check(config, moved)?;
            if self.state == State::Open {
                self.trials_passed = 0;
                self.turn(State::HalfOpen, "open time is over".to_owned(), false, moved);
            }
            self.trial = Some(Instant::now());
        }
        Ok(self.epoch)
    }

    pub(super) fn check(&mut self, config: &Config, moved: &mut Moved) -> Result<(), Refused> {
        if self.state.flows() {
            return Ok(());
        }
        let now = Instant::now();
        self.expire_trial(now, config, moved);
        let refuse = |state, retry_in| Err(Refused { state, retry_in });
        match (self.state, self.trial) {
            (State::Closed | State::ForcedClosed, _) | (State::HalfOpen, None) => Ok(()),
            (State::HalfOpen, Some(began)) => {
                let end = began + config.trial_timeout.min(LONGEST);
                refuse(State::HalfOpen, Some(end.saturating_duration_since(now)))
            }
            (State::Open, _) if now >= self.until => Ok(()),
            (State::Open, _) => refuse(State::Open, Some(self.until - now)),
            (forced @ (State::ForcedOpen | State::Drained), _) => refuse(forced, None),
        }
    }

    /// Reopens when the trial took too long: counted from when it should have ended, whoever notices.
    fn expire_trial(&mut self, now: Instant, config: &Config, moved: &mut Moved) {
        let end = self.trial.map(|began| began + config.trial_timeout.min(LONGEST));
        if let Some(end) = end.filter(|end| *end <= now) {
            let cause = format!("trial took longer than {:?}", config.trial_timeout);
            self.open(end, config, cause, false, moved);
        }
    }

    pub(super) fn settle(
        &mut self,
        epoch: u64,
        outcome: Outcome,
        what: &'static str,
        config: &Config,
        moved: &mut Moved,
    ) {
        let now = Instant::now();
        if self.trial.is_some() {
            self.expire_trial(now, config, moved);
        }
        if epoch != self.epoch {
            return;
        }
        match self.state {
            State::Closed => self.count(now, outcome, what, config, moved),
            State::HalfOpen => {
                self.trial = None;
                self.judge(now, outcome, what, config, moved);
            }
            // An operator wants calls to flow whatever comes of them; the others admit nobody, so no permit
            // carries their epoch.
            State::ForcedClosed | State::Open | State::ForcedOpen | State::Drained => {}
        }
    }

    /// Counts an outcome while closed.
    fn count(
        &mut self,
        now: Instant,
        outcome: Outcome,
        what: &'static str,
        config: &Config,
        moved: &mut Moved,
    ) {
        match outcome {
            Outcome::Success => {
                self.failures_in_a_row = 0;
                self.worked_at = Some(now);
                self.window.add(now, Counted::Success);
            }
            Outcome::Slow => {
                self.failures_in_a_row = 0;
                self.window.add(now, Counted::Slow);
                let totals = self.window.totals();
                if totals.calls >= config.minimum_calls
                    && reaches(totals.slow, totals.calls, config.slow_ratio)
                {
                    let cause = format!("{} of {} calls were slow", totals.slow, totals.calls);
                    self.open(now, config, cause, false, moved);
                }
            }
            Outcome::Failure => {
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                self.window.add(now, Counted::Failure);
                let totals = self.window.totals();
                if self.failures_in_a_row >= config.consecutive_failures {
                    let cause = format!("{} failures in a row", self.failures_in_a_row);
                    self.open(now, config, with_last(cause, what), false, moved);
                } else if totals.calls >= config.minimum_calls
                    && reaches(totals.failures, totals.calls, config.failure_ratio)
                {
                    let cause = format!("{} of {} calls failed", totals.failures, totals.calls);
                    self.open(now, config, with_last(cause, what), false, moved);
                }
            }
            Outcome::Severe => {
                self.open(now, config, with_what("severe failure", what), true, moved);
            }
            Outcome::Ignored | Outcome::Cancelled => {}
        }
    }

    /// Decides by a trial.
    fn judge(
        &mut self,
        now: Instant,
        outcome: Outcome,
        what: &'static str,
        config: &Config,
        moved: &mut Moved,
    ) {
        match outcome {
            Outcome::Success => {
                self.trials_passed += 1;
                if self.trials_passed >= config.trials_to_close {
                    self.close(now, "trial succeeded".to_owned(), config, moved);
                }
            }
            // What is still slow has not recovered.
            Outcome::Slow => self.open(now, config, "trial was slow".to_owned(), false, moved),
            Outcome::Failure => self.open(now, config, with_what("trial failed", what), false, moved),
            Outcome::Severe => self.open(now, config, with_what("trial failed", what), true, moved),
            Outcome::Ignored | Outcome::Cancelled => {}
        }
    }

    fn open(&mut self, now: Instant, config: &Config, cause: String, alert: bool, moved: &mut Moved) {
        if self.state == State::Closed && now.saturating_duration_since(self.closed_at) >= config.forget_after
        {
            self.streak = 0;
        }
        self.opened_at = now;
        self.until = now + open_time(config, self.streak);
        self.streak = self.streak.saturating_add(1);
        self.ramp_since = None;
        self.turn(State::Open, cause, alert, moved);
    }

    /// Closes. What was shut until now is given its usual load bit by bit.
    pub(super) fn close(&mut self, now: Instant, cause: String, config: &Config, moved: &mut Moved) {
        if !self.state.flows() {
            self.ramp_since = (!config.ramp.is_zero()).then_some(now);
        }
        self.closed_at = now;
        self.worked_at = Some(now);
        self.failures_in_a_row = 0;
        self.window.clear(now);
        self.turn(State::Closed, cause, false, moved);
    }

    pub(super) fn turn(&mut self, to: State, cause: String, alert: bool, moved: &mut Moved) {
        let transition = Transition {
            from: self.state,
            to,
            cause,
            alert,
            at: SystemTime::now(),
            open_for: (to == State::Open).then(|| self.until.saturating_duration_since(Instant::now())),
            heard: false,
        };
        self.state = to;
        self.epoch += 1;
        self.trial = None;
        self.forced = None;
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(transition.clone());
        moved.push(transition);
    }
}

/// Whether so many are the share of all that they may not be.
fn reaches(some: u32, all: u32, ratio: f64) -> bool {
    f64::from(some) >= f64::from(all) * ratio
}

fn share(of_one: f64) -> f64 {
    if of_one.is_finite() {
        of_one.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

fn with_what(cause: &str, what: &str) -> String {
    if what.is_empty() {
        cause.to_owned()
    } else {
        format!("{cause}: {what}")
    }
}

fn with_last(cause: String, what: &str) -> String {
    if what.is_empty() {
        cause
    } else {
        format!("{cause}, the last: {what}")
    }
}

/// The state as it reads in a sentence.
fn name(state: State) -> &'static str {
    match state {
        State::ForcedOpen => "forced open",
        State::ForcedClosed => "forced closed",
        other => other.as_str(),
    }
}

/// Picks how long to stay open the `streak`-th time in a row: doubled, jittered, and never past the cap.
pub(in super::super) fn open_time(config: &Config, streak: u32) -> Duration {
    let cap = config.open_max.min(LONGEST);
    let base = config.open.saturating_mul(1 << streak.min(16)).min(cap);
    let jitter = share(config.jitter);
    let shortest = base.mul_f64(1.0 - jitter);
    let longest = base.mul_f64(1.0 + jitter).min(cap);
    rand::random_range(shortest..=longest.max(shortest))
}
