//! What a breaker does, under its lock: counts, opens, tries, closes.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{Config, Outcome, Refused, State, Transition, window::Window};

/// Transitions that a breaker remembers.
pub(super) const HISTORY: usize = 16;

/// Longest of any configured time: keeps arithmetic on instants from overflowing.
pub(super) const LONGEST: Duration = Duration::from_hours(24);

/// What changes, under one lock.
pub(super) struct Core {
    pub(super) state: State,
    /// Counts transitions. Permits carry the one that admitted them.
    pub(super) epoch: u64,
    /// Failures since the last success.
    pub(super) failures_in_a_row: u32,
    window: Window,
    /// End of the open time.
    pub(super) until: Instant,
    /// Times it opened without healthy time in between.
    pub(super) streak: u32,
    /// When it closed last.
    closed_at: Instant,
    /// When the trial under way began. One trial per half-open epoch at a time.
    pub(super) trial: Option<Instant>,
    trials_passed: u32,
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
            streak: 0,
            closed_at: now,
            trial: None,
            trials_passed: 0,
            history: VecDeque::with_capacity(HISTORY),
        }
    }

    pub(super) fn acquire(&mut self, config: &Config, moved: &mut Vec<Transition>) -> Result<u64, Refused> {
        if self.state != State::Closed {
            self.check(config, moved)?;
            if self.state == State::Open {
                self.trials_passed = 0;
                self.turn(State::HalfOpen, "open time is over".to_owned(), moved);
            }
            self.trial = Some(Instant::now());
        }
        Ok(self.epoch)
    }

    pub(super) fn check(&mut self, config: &Config, moved: &mut Vec<Transition>) -> Result<(), Refused> {
        if self.state == State::Closed {
            return Ok(());
        }
        let now = Instant::now();
        self.expire_trial(now, config, moved);
        let refuse = |state, retry_in| Err(Refused { state, retry_in });
        match (self.state, self.trial) {
            (State::Closed, _) | (State::HalfOpen, None) => Ok(()),
            (State::HalfOpen, Some(began)) => {
                let end = began + config.trial_timeout.min(LONGEST);
                refuse(State::HalfOpen, Some(end.saturating_duration_since(now)))
            }
            (State::Open, _) if now >= self.until => Ok(()),
            (State::Open, _) => refuse(State::Open, Some(self.until - now)),
            (State::ForcedOpen, _) => refuse(State::ForcedOpen, None),
        }
    }

    /// Reopens when the trial took too long: counted from when it should have ended, whoever notices.
    fn expire_trial(&mut self, now: Instant, config: &Config, moved: &mut Vec<Transition>) {
        let end = self.trial.map(|began| began + config.trial_timeout.min(LONGEST));
        if let Some(end) = end.filter(|end| *end <= now) {
            self.open(
                end,
                config,
                format!("trial took longer than {:?}", config.trial_timeout),
                moved,
            );
        }
    }

    pub(super) fn settle(
        &mut self,
        epoch: u64,
        outcome: Outcome,
        config: &Config,
        moved: &mut Vec<Transition>,
    ) {
        if self.trial.is_some() {
            self.expire_trial(Instant::now(), config, moved);
        }
        if epoch != self.epoch {
            return;
        }
        match self.state {
            State::Closed => self.count(outcome, config, moved),
            State::HalfOpen => {
                self.trial = None;
                match outcome {
                    Outcome::Success => {
                        self.trials_passed += 1;
                        if self.trials_passed >= config.trials_to_close {
                            self.close(Instant::now(), "trial succeeded".to_owned(), moved);
                        }
                    }
                    Outcome::Failure | Outcome::Severe => {
                        self.open(Instant::now(), config, "trial failed".to_owned(), moved);
                    }
                    Outcome::Ignored | Outcome::Cancelled => {}
                }
            }
            // No permit carries the epoch of a state that admits nobody.
            State::Open | State::ForcedOpen => {}
        }
    }

    /// Counts an outcome while closed.
    fn count(&mut self, outcome: Outcome, config: &Config, moved: &mut Vec<Transition>) {
        match outcome {
            Outcome::Success => {
                self.failures_in_a_row = 0;
                self.window.add(Instant::now(), false);
            }
            Outcome::Failure => {
                let now = Instant::now();
                self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
                self.window.add(now, true);
                let (calls, failures) = self.window.totals();
                if self.failures_in_a_row >= config.consecutive_failures {
                    self.open(
                        now,
                        config,
                        format!("{} failures in a row", self.failures_in_a_row),
                        moved,
                    );
                } else if calls >= config.minimum_calls
                    && f64::from(failures) >= f64::from(calls) * config.failure_ratio
                {
                    self.open(now, config, format!("{failures} of {calls} calls failed"), moved);
                }
            }
            Outcome::Severe => self.open(Instant::now(), config, "severe failure".to_owned(), moved),
            Outcome::Ignored | Outcome::Cancelled => {}
        }
    }

    fn open(&mut self, now: Instant, config: &Config, cause: String, moved: &mut Vec<Transition>) {
        if self.state == State::Closed && now.saturating_duration_since(self.closed_at) >= config.forget_after
        {
            self.streak = 0;
        }
        self.until = now + open_time(config, self.streak);
        self.streak = self.streak.saturating_add(1);
        self.turn(State::Open, cause, moved);
    }

    pub(super) fn close(&mut self, now: Instant, cause: String, moved: &mut Vec<Transition>) {
        self.closed_at = now;
        self.failures_in_a_row = 0;
        self.window.clear(now);
        self.turn(State::Closed, cause, moved);
    }

    pub(super) fn turn(&mut self, to: State, cause: String, moved: &mut Vec<Transition>) {
        let transition = Transition {
            from: self.state,
            to,
            cause,
            at: SystemTime::now(),
        };
        self.state = to;
        self.epoch += 1;
        self.trial = None;
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(transition.clone());
        moved.push(transition);
    }
}

/// Picks how long to stay open the `streak`-th time in a row: doubled, jittered, and never past the cap.
pub(super) fn open_time(config: &Config, streak: u32) -> Duration {
    let cap = config.open_max.min(LONGEST);
    let base = config.open.saturating_mul(1 << streak.min(16)).min(cap);
    let jitter = if config.jitter.is_finite() {
        config.jitter.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let shortest = base.mul_f64(1.0 - jitter);
    let longest = base.mul_f64(1.0 + jitter).min(cap);
    rand::random_range(shortest..=longest.max(shortest))
}
