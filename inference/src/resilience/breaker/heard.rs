//! What a breaker makes of what other processes say of the same thing.
//!
//! Hearsay may open it before it has failed here, keep it open, and close it. It never holds out against what was seen
//! here since, and never keeps it open for longer than its cap: then it is tried here, whatever others say.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Config, State,
    core::{Core, LONGEST, Moved},
};

/// The shortest time to wait for the end of somebody else's trial.
const SHORTEST: Duration = Duration::from_millis(20);

impl Core {
    /// Another process saw it fail `ago`, and waits for `left` more.
    pub(super) fn heed_opened(&mut self, ago: Duration, left: Duration, config: &Config, moved: &mut Moved) {
        let now = Instant::now();
        let cap = config.open_max.min(LONGEST);
        match self.state {
            State::Closed => {
                // What has worked here since is not what the other one cannot reach.
                let has_worked_since = |at| now.saturating_duration_since(at) < ago;
                if self.worked_at.is_some_and(has_worked_since) || left.is_zero() {
                    return;
                }
                self.opened_at = now;
                self.until = now + left.min(cap);
                self.streak = self.streak.max(1);
                self.ramp_since = None;
                self.turn_as_heard(State::Open, "another process found it broken", moved);
            }
            State::Open => {
                let longest = self.opened_at + cap;
                self.until = self.until.max(now + left.min(cap)).min(longest.max(self.until));
            }
            State::HalfOpen | State::ForcedOpen | State::ForcedClosed | State::Drained => {}
        }
    }

    /// A trial of another process succeeded `ago`.
    pub(super) fn heed_closed(&mut self, ago: Duration, config: &Config, moved: &mut Moved) {
        let now = Instant::now();
        let waits = match self.state {
            State::Open => true,
            State::HalfOpen => self.trial.is_none(),
            State::Closed | State::ForcedOpen | State::ForcedClosed | State::Drained => false,
        };
        if waits && now.saturating_duration_since(self.opened_at) >= ago {
            self.close(now, "another process found it working".to_owned(), config, moved);
            self.mark_heard(moved);
        }
    }

    /// The trial that was admitted in `epoch` is made elsewhere, and waited for.
    pub(super) fn defer(&mut self, epoch: u64, left: Duration, config: &Config, moved: &mut Moved) {
        if epoch != self.epoch || self.state != State::HalfOpen {
            return;
        }
        let longest = config.open_max.min(LONGEST).max(SHORTEST);
        self.until = Instant::now() + left.clamp(SHORTEST, longest);
        self.turn_as_heard(State::Open, "another process tries", moved);
    }

    fn turn_as_heard(&mut self, to: State, cause: &str, moved: &mut Moved) {
        self.turn(to, cause.to_owned(), false, moved);
        self.mark_heard(moved);
    }

    fn mark_heard(&mut self, moved: &mut Moved) {
        if let Some(last) = self.history.back_mut() {
            last.heard = true;
        }
        if let Some(last) = moved.last_mut() {
            last.heard = true;
        }
    }
}
