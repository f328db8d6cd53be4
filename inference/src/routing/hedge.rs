//! Hedging: where a backend is slower to begin than nearly always, an equal peer may begin too.
//!
//! Whoever begins first goes on, and the other is cancelled. Never a weaker model: being slow is no reason
//! to answer worse.

use std::time::Duration;

use futures::future::{Either, select};

use super::{
    attempt::{self, Opened, Patience, Stage},
    run::Run,
};
use crate::{Attempt, AttemptOutcome, BackendError, CallError, admission::Seat, spans};

/// Share of answers that begin before a second backend may.
const USUAL: f64 = 0.95;

/// How the beginning of an attempt ended.
pub(super) enum Opening {
    /// This backend has begun to answer.
    Begun(Seat, Opened),
    /// This backend failed. A second one, if there was one, failed before, and is written down.
    Failed(Seat, BackendError),
    /// The call is over.
    Over(CallError),
}

impl Opening {
    fn of(seat: Seat, opened: Result<Opened, BackendError>) -> Self {
        match opened {
            Ok(opened) => Self::Begun(seat, opened),
            Err(error) => Self::Failed(seat, error),
        }
    }
}

impl Run {
    /// Opens an attempt, hedged where that is wanted and possible.
    pub(super) async fn open(&mut self, seat: Seat, patience: Patience) -> Opening {
        let deadline = self.admitted.deadline();
        let one = attempt::open(&seat, &self.job.outgoing, deadline, patience);
        let Some(usual) = self.hedge_after(&seat) else {
            return Opening::of(seat, one.await);
        };
        let mut one = Box::pin(one);
        if let Ok(opened) = tokio::time::timeout(usual, one.as_mut()).await {
            return Opening::of(seat, opened);
        }
        let Some(beside) = self.seat_beside(&seat).await else {
            return Opening::of(seat, one.await);
        };
        let other = Box::pin(attempt::open(&beside, &self.job.outgoing, deadline, patience));
        match select(one, other).await {
            Either::Left((Ok(opened), other)) => {
                drop(other);
                self.lose(beside);
                Opening::Begun(seat, opened)
            }
            Either::Right((Ok(opened), one)) => {
                drop(one);
                self.lose(seat);
                Opening::Begun(beside, opened)
            }
            Either::Left((Err(error), other)) => match self.failed(seat, error, Stage::Opening) {
                Ok(_) => Opening::of(beside, other.await),
                Err(over) => Opening::Over(over),
            },
            Either::Right((Err(error), one)) => match self.failed(beside, error, Stage::Opening) {
                Ok(_) => Opening::of(seat, one.await),
                Err(over) => Opening::Over(over),
            },
        }
    }

    /// How long to wait for a backend before a peer may begin; `None` where none may.
    fn hedge_after(&self, seat: &Seat) -> Option<Duration> {
        let hedge = self.job.policy.config.hedge && self.may_leave_again() && self.peers(seat.index) != 0;
        let usual = || seat.guarded().first_text.quantile(USUAL);
        hedge.then(usual).flatten()
    }

    /// Seats the call at a peer as well, if one has room and the budget allows.
    async fn seat_beside(&mut self, seat: &Seat) -> Option<Seat> {
        if !self.job.policy.may_hedge() {
            return None;
        }
        let mut wish = self.wish.clone();
        wish.left = self.peers(seat.index);
        let beside = self.admitted.seat_beside(&wish)?;
        let mut beside = self.clear(beside).await?;
        beside.span = spans::attempt(beside.guarded().info(), self.job.outgoing.request());
        self.count(&beside);
        Some(beside)
    }

    /// Writes down who was not needed, and lets it go.
    fn lose(&mut self, seat: Seat) {
        self.attempts.push(Attempt {
            backend: seat.guarded().info().name.clone(),
            outcome: AttemptOutcome::Cancelled,
            duration_ms: super::facts::millis(seat.began.elapsed()),
        });
        drop(seat);
    }
}
