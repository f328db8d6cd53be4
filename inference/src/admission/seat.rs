//! A call on its way: let in, seated, ended exactly once.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::Span;

use super::{
    accounts::Ended,
    ask::{Asker, Full, Refusal, Wish},
    queue::{Reception, Shared, Ticket},
};
use crate::{
    AttemptOutcome, Deadline, Observer,
    guarded::{Entry, Finding, Guarded},
    spans,
};

/// A backend that a call went past, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassedOver {
    pub(crate) index: usize,
    pub(crate) outcome: AttemptOutcome,
    /// When it is due to open, where known.
    pub(crate) opens_in: Option<Duration>,
}

/// What somebody who waits is told.
pub(super) enum Verdict {
    Seated(usize, Entry, Vec<PassedOver>),
    /// Nobody can take it in time; somebody may after so long.
    Hopeless(Vec<PassedOver>, Option<Duration>),
    /// It was passed by after its deadline.
    Expired,
    /// It gave way to a tenant that has fewer waiting.
    Displaced(Full),
}

/// Why a call has no seat.
#[derive(Debug)]
pub(crate) enum NoSeat {
    /// Its deadline passed while it waited.
    DeadlinePassed(Vec<PassedOver>),
    /// Nobody can take it before its deadline; somebody may after so long.
    AllShut(Vec<PassedOver>, Option<Duration>),
    /// The queue is full, and others have fewer calls in it.
    Displaced(Full),
}

/// A call that was let in. Nothing reaches a backend without one.
///
/// It ends exactly once: by [`Admitted::end`], or as cancelled when dropped.
pub(crate) struct Admitted {
    shared: Arc<Shared>,
    asker: Asker,
    at: Instant,
    standing: Standing,
    /// How long it waits for the seat that it asked for last.
    until: Deadline,
    started: bool,
    ended: bool,
}

/// Where a call stands.
enum Standing {
    /// It has a seat that routing has not taken yet.
    Seated(Seat, Vec<PassedOver>),
    Queued(Ticket),
    /// Routing has its seat, or it is between two seats.
    Running,
}

impl Admitted {
    pub(super) fn new(shared: &Arc<Shared>, asker: Asker, wish: &Wish) -> Result<Self, Refusal> {
        let reception = shared.receive(&asker, wish)?;
        Ok(Self {
            standing: Standing::new(shared, reception),
            shared: Arc::clone(shared),
            until: asker.deadline,
            asker,
            at: Instant::now(),
            started: false,
            ended: false,
        })
    }

    /// Asks for another seat, after the one before was left; waits for it no longer than `until`.
    pub(crate) fn ask_again(&mut self, wish: &Wish, until: Deadline) {
        self.until = until;
        self.take_back();
        if matches!(self.standing, Standing::Seated(..)) {
            // It was granted while nobody looked, and is as good.
            return;
        }
        let asker = Asker {
            deadline: until,
            ..self.asker.clone()
        };
        let reception = self.shared.receive_again(&asker, wish);
        self.standing = Standing::new(&self.shared, reception);
    }

    /// Leaves the queue without ending. A seat that was granted in the meantime is kept.
    fn take_back(&mut self) {
        let Standing::Queued(mut ticket) = std::mem::replace(&mut self.standing, Standing::Running) else {
            return;
        };
        let mut state = self.shared.lock();
        if state.leave_queue(&ticket) {
            state.accounts.running += 1;
            return;
        }
        drop(state);
        if let Ok(Verdict::Seated(index, entry, passed)) = ticket.verdict.try_recv() {
            self.standing = Standing::Seated(Seat::new(&self.shared, index, entry), passed);
        }
    }

    /// Takes a second seat beside the one it has, if somebody has room at once.
    pub(crate) fn seat_beside(&self, wish: &Wish) -> Option<Seat> {
        let (index, entry) = self.shared.seat_beside(wish)?;
        let mut seat = Seat::new(&self.shared, index, entry);
        seat.taken = true;
        Some(seat)
    }

    /// How many are ahead of it, when it has to wait.
    pub(crate) fn ahead(&self) -> Option<usize> {
        match &self.standing {
            Standing::Queued(ticket) => Some(ticket.ahead),
            Standing::Seated(..) | Standing::Running => None,
        }
    }

    /// Waits for the seat that was asked for.
    pub(crate) async fn seat(&mut self, wish: &Wish) -> Result<(Seat, Vec<PassedOver>), NoSeat> {
        if let Standing::Queued(ticket) = &mut self.standing {
            self.shared.start_alarm();
            let verdict = tokio::time::timeout_at(self.until.instant(), &mut ticket.verdict).await;
            let Ok(Ok(verdict)) = verdict else {
                return Err(NoSeat::DeadlinePassed(self.shared.survey(wish)));
            };
            match verdict {
                Verdict::Seated(index, entry, passed) => {
                    let seat = Seat::new(&self.shared, index, entry);
                    self.standing = Standing::Seated(seat, passed);
                }
                Verdict::Hopeless(passed, opens_in) => return Err(NoSeat::AllShut(passed, opens_in)),
                Verdict::Expired => return Err(NoSeat::DeadlinePassed(self.shared.survey(wish))),
                Verdict::Displaced(full) => return Err(NoSeat::Displaced(full)),
            }
        }
        if !std::mem::replace(&mut self.started, true) {
            self.shared.observer().call_started(self.at.elapsed());
        }
        match std::mem::replace(&mut self.standing, Standing::Running) {
            Standing::Seated(mut seat, passed) => {
                seat.taken = true;
                Ok((seat, passed))
            }
            // Nothing was asked for.
            Standing::Queued(_) | Standing::Running => Err(NoSeat::AllShut(self.shared.survey(wish), None)),
        }
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.asker.deadline
    }

    /// Which tool or endpoint asks.
    pub(crate) fn label(&self) -> &'static str {
        self.asker.label
    }

    /// Whose call it is.
    pub(crate) fn tenant(&self) -> &str {
        &self.asker.tenant
    }

    /// When it was let in.
    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    pub(crate) fn backends(&self) -> &[Guarded] {
        self.shared.backends()
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        self.shared.observer()
    }

    /// What stands in the way of a wish now.
    pub(crate) fn survey(&self, wish: &Wish) -> Vec<PassedOver> {
        self.shared.survey(wish)
    }

    /// Says how it ended.
    pub(crate) fn end(mut self, how: Ended) {
        self.settle(how);
    }

    fn settle(&mut self, how: Ended) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let now = Instant::now();
        let standing = std::mem::replace(&mut self.standing, Standing::Running);
        let mut unclaimed = None;
        {
            let mut state = self.shared.lock();
            match &standing {
                Standing::Queued(ticket) if state.leave_queue(ticket) => {}
                Standing::Queued(_) | Standing::Seated(..) | Standing::Running => state.accounts.running -= 1,
            }
            state.accounts.end(self.asker.label, how);
            self.shared.ended(&state);
        }
        if let Standing::Queued(mut ticket) = standing {
            // A seat may have been granted and never taken.
            unclaimed = ticket.verdict.try_recv().ok();
        }
        if unclaimed.is_some() {
            drop(unclaimed);
            self.shared.changed();
        }
        self.shared.observer().call_ended(
            self.asker.label,
            how.as_str(),
            now.saturating_duration_since(self.at),
        );
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.settle(Ended::Cancelled);
    }
}

impl Standing {
    fn new(shared: &Arc<Shared>, reception: Reception) -> Self {
        match reception {
            Reception::Seated(index, entry, passed) => Self::Seated(Seat::new(shared, index, entry), passed),
            Reception::Queued(ticket) => Self::Queued(ticket),
        }
    }
}

/// Leave to make one attempt at one backend: a place, and the permits of what guards it.
///
/// Dropping it frees the place at once, counts as cancelled, and seats whoever waits.
pub(crate) struct Seat {
    shared: Arc<Shared>,
    pub(crate) index: usize,
    pub(crate) began: Instant,
    /// What is told of the attempt.
    pub(crate) span: Span,
    entry: Option<Entry>,
    /// Whether routing took it: what nobody took was no attempt.
    taken: bool,
}

impl Seat {
    fn new(shared: &Arc<Shared>, index: usize, entry: Entry) -> Self {
        Self {
            shared: Arc::clone(shared),
            index,
            began: Instant::now(),
            span: Span::none(),
            entry: Some(entry),
            taken: false,
        }
    }

    pub(crate) fn guarded(&self) -> &Guarded {
        &self.shared.backends()[self.index]
    }

    /// Asks the fleet where this is the trial of a circuit; an error says after how long to ask again.
    pub(crate) async fn ask_fleet(&mut self) -> Result<(), Duration> {
        match &mut self.entry {
            Some(entry) if entry.permits.is_trial() => {
                let circuits = &self.shared.backends()[self.index].circuits;
                circuits.ask_fleet(&mut entry.permits).await
            }
            _ => Ok(()),
        }
    }

    /// Leaves the trial to another process. No attempt was made.
    pub(crate) fn defer(mut self, left: Duration) {
        if let Some(entry) = self.entry.take() {
            entry.permits.defer(left);
        }
    }

    /// Says what came of the attempt, and frees the place.
    pub(crate) fn settle(mut self, finding: Finding) {
        let outcome = finding.outcome;
        if let Some(Entry { permits, pass, place }) = self.entry.take() {
            if outcome == AttemptOutcome::Answered {
                self.guarded().throttle.relieve(pass);
            }
            permits.settle(finding);
            drop(place);
            self.report(outcome);
        }
    }

    fn report(&self, outcome: AttemptOutcome) {
        spans::ended(&self.span, outcome);
        self.shared
            .observer()
            .attempt_ended(&self.guarded().info().name, outcome, self.began.elapsed());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            drop(entry);
            if self.taken {
                self.report(AttemptOutcome::Cancelled);
            }
        }
        self.shared.changed();
    }
}
