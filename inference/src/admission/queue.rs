//! Who waits, and who is seated when something changes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};

use super::{
    Snapshot,
    accounts::Accounts,
    alarm::Alarm,
    likely_wait,
    seat::{PassedOver, Verdict},
};
use crate::{
    AttemptOutcome, CallError, Deadline, Observer,
    guarded::{Entry, Guarded, Status},
};

/// Which backends a call may still go to: a chain, and a bit for each backend that is left of it.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Indices of backends, best first.
    pub(crate) chain: Arc<[usize]>,
    /// Bits by index of backend.
    pub(crate) left: u64,
}

impl Wish {
    /// What is left, best first.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = usize> {
        self.chain
            .iter()
            .copied()
            .filter(|index| self.left & (1 << index) != 0)
    }

    /// Strikes a backend off.
    pub(crate) fn strike(&mut self, index: usize) {
        self.left &= !(1 << index);
    }
}

/// Why a call was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    QueueFull {
        waiting: usize,
        capacity: usize,
        retry_after: Duration,
    },
    Draining,
    DeadlinePassed,
}

impl Refusal {
    fn reason(self) -> &'static str {
        match self {
            Self::QueueFull { .. } => "queue_full",
            Self::Draining => "draining",
            Self::DeadlinePassed => "deadline",
        }
    }
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::QueueFull {
                waiting,
                capacity,
                retry_after,
            } => Self::QueueFull {
                waiting,
                capacity,
                retry_after,
            },
            Refusal::Draining => Self::Draining,
            Refusal::DeadlinePassed => Self::DeadlineExceeded {
                after: Duration::ZERO,
                attempts: Vec::new(),
            },
        }
    }
}

/// What admission, its calls and its alarm share.
pub(crate) struct Shared {
    backends: Box<[Guarded]>,
    observer: Arc<dyn Observer>,
    capacity: usize,
    alarm: Arc<Alarm>,
    /// Told when the last admitted call ended.
    emptied: Notify,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) accounts: Accounts,
    queue: VecDeque<Waiter>,
    next_ticket: u64,
    draining: bool,
}

struct Waiter {
    ticket: u64,
    wish: Wish,
    deadline: Deadline,
    /// Taken once the call was told that nobody can take it; it stays counted as waiting until it ends.
    verdict: Option<oneshot::Sender<Verdict>>,
}

/// A place in the queue.
pub(super) struct Ticket {
    pub(super) number: u64,
    pub(super) ahead: usize,
    pub(super) verdict: oneshot::Receiver<Verdict>,
}

/// What a newcomer is given.
pub(super) enum Reception {
    Seated(usize, Entry, Vec<PassedOver>),
    Queued(Ticket),
}

impl Shared {
    pub(super) fn new(capacity: usize, backends: Vec<Guarded>, observer: Arc<dyn Observer>) -> Self {
        let state = State {
            accounts: Accounts::new(),
            queue: VecDeque::new(),
            next_ticket: 0,
            draining: false,
        };
        Self {
            backends: backends.into(),
            observer,
            capacity,
            alarm: Arc::default(),
            emptied: Notify::new(),
            state: Mutex::new(state),
        }
    }

    pub(super) fn backends(&self) -> &[Guarded] {
        &self.backends
    }

    pub(super) fn observer(&self) -> &dyn Observer {
        &*self.observer
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn start_alarm(self: &Arc<Self>) {
        self.alarm.start(self);
    }

    /// Lets a new call in: seats it, or queues it where there is room.
    pub(super) fn receive(
        &self,
        label: &'static str,
        wish: &Wish,
        deadline: Deadline,
    ) -> Result<Reception, Refusal> {
        let mut state = self.lock();
        let received = self.try_receive(&mut state, wish, deadline);
        match &received {
            Ok(_) => state.accounts.admitted += 1,
            Err(refusal) => state.accounts.shed(label, refusal.reason()),
        }
        received
    }

    fn try_receive(&self, state: &mut State, wish: &Wish, deadline: Deadline) -> Result<Reception, Refusal> {
        if state.draining {
            return Err(Refusal::Draining);
        }
        if deadline.is_past() {
            return Err(Refusal::DeadlinePassed);
        }
        if let Some((index, entry, passed)) = self.try_seat(state, wish) {
            state.accounts.running += 1;
            return Ok(Reception::Seated(index, entry, passed));
        }
        let waiting = state.queue.len();
        if waiting >= self.capacity {
            let retry_after = likely_wait(waiting, state.accounts.rate(Instant::now()));
            return Err(Refusal::QueueFull {
                waiting,
                capacity: self.capacity,
                retry_after,
            });
        }
        Ok(Reception::Queued(self.enqueue(state, wish, deadline, false)))
    }

    /// Takes a running call back that needs another backend: seats it, or puts it at the front. It was
    /// admitted, so it is never refused.
    pub(super) fn receive_again(&self, wish: &Wish, deadline: Deadline) -> Reception {
        let mut state = self.lock();
        if let Some((index, entry, passed)) = self.try_seat(&mut state, wish) {
            return Reception::Seated(index, entry, passed);
        }
        state.accounts.running -= 1;
        Reception::Queued(self.enqueue(&mut state, wish, deadline, true))
    }

    /// Seats a call at once, unless somebody who waits has the older claim.
    fn try_seat(&self, state: &mut State, wish: &Wish) -> Option<(usize, Entry, Vec<PassedOver>)> {
        if !state.queue.is_empty() {
            // What is left after this, nobody in the queue can use.
            self.seat_waiting(state);
        }
        let mut passed = Vec::new();
        for index in wish.candidates() {
            match self.backends[index].enter() {
                Ok(entry) => return Some((index, entry, passed)),
                Err(status) => passed.push(PassedOver::new(index, status)),
            }
        }
        None
    }

    fn enqueue(&self, state: &mut State, wish: &Wish, deadline: Deadline, front: bool) -> Ticket {
        let number = state.next_ticket;
        state.next_ticket += 1;
        let (sender, verdict) = oneshot::channel();
        let waiter = Waiter {
            ticket: number,
            wish: wish.clone(),
            deadline,
            verdict: Some(sender),
        };
        let ahead = if front { 0 } else { state.queue.len() };
        if front {
            state.queue.push_front(waiter);
        } else {
            state.queue.push_back(waiter);
        }
        self.seat_waiting(state);
        Ticket {
            number,
            ahead,
            verdict,
        }
    }

    /// Takes a call out of the queue; `false` when it had left it for a seat.
    pub(super) fn leave_queue(state: &mut State, ticket: u64) -> bool {
        let found = state.queue.iter().position(|waiter| waiter.ticket == ticket);
        found.and_then(|position| state.queue.remove(position)).is_some()
    }

    /// To be called when a place was freed, or anything else changed what can take calls.
    pub(super) fn changed(&self) {
        let mut state = self.lock();
        if !state.queue.is_empty() {
            self.seat_waiting(&mut state);
        }
    }

    /// To be called when a call was taken off the accounts.
    pub(super) fn ended(&self, state: &State) {
        if state.accounts.running == 0 && state.queue.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Seats whoever can be, first come first served, tells those whom nobody can take in time, and
    /// sets the alarm for the next opening.
    fn seat_waiting(&self, state: &mut State) {
        let mut statuses: Vec<Status> = self.backends.iter().map(Guarded::status).collect();
        let mut available = bits(&statuses, |status| *status == Status::Available);
        let mut next_opening: Option<Duration> = None;
        let State { queue, accounts, .. } = state;
        queue.retain_mut(|waiter| {
            let Some(verdict) = waiter.verdict.take() else {
                return true;
            };
            while waiter.wish.left & available != 0 {
                let candidates = waiter.wish.candidates();
                let Some(index) = candidates.into_iter().find(|index| available & (1 << index) != 0) else {
                    break;
                };
                let entered = self.backends[index].enter();
                // One place fewer, or none after all.
                statuses[index] = match &entered {
                    Ok(_) => self.backends[index].status(),
                    Err(status) => *status,
                };
                if statuses[index] != Status::Available {
                    available &= !(1 << index);
                }
                if let Ok(entry) = entered {
                    let earlier = waiter.wish.candidates().take_while(|earlier| *earlier != index);
                    let passed = earlier
                        .map(|earlier| PassedOver::new(earlier, statuses[earlier]))
                        .collect();
                    accounts.running += 1;
                    // Whoever waits leaves the queue before it drops its end, so this arrives.
                    let _ = verdict.send(Verdict::Seated(index, entry, passed));
                    return false;
                }
            }
            match outlook(waiter.wish.candidates().map(|index| statuses[index])) {
                Outlook::Hopeless(opens_in)
                    if opens_in.is_none_or(|opens_in| opens_in >= waiter.deadline.remaining()) =>
                {
                    let passed = waiter
                        .wish
                        .candidates()
                        .map(|index| PassedOver::new(index, statuses[index]));
                    let _ = verdict.send(Verdict::Hopeless(passed.collect(), opens_in));
                }
                Outlook::Hopeless(opens_in) | Outlook::Coming(opens_in) => {
                    next_opening = earlier(next_opening, opens_in);
                    waiter.verdict = Some(verdict);
                }
            }
            true
        });
        self.alarm
            .set(next_opening.map(|opens_in| Instant::now() + opens_in));
    }

    /// What stands in the way of a wish now.
    pub(super) fn survey(&self, wish: &Wish) -> Vec<PassedOver> {
        wish.candidates()
            .map(|index| PassedOver::new(index, self.backends[index].status()))
            .collect()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        Snapshot {
            waiting: state.queue.len(),
            capacity: self.capacity,
            running: state.accounts.running,
            admitted: state.accounts.admitted,
            ended: state.accounts.ended.clone(),
            shed: state.accounts.shed.clone(),
            draining: state.draining,
        }
    }

    pub(super) fn drain(&self) {
        self.lock().draining = true;
    }

    pub(super) async fn idle(&self) {
        loop {
            let emptied = self.emptied.notified();
            {
                let state = self.lock();
                if state.accounts.running == 0 && state.queue.is_empty() {
                    return;
                }
            }
            emptied.await;
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.alarm.end();
    }
}

/// What a call that found no seat may hope for.
enum Outlook {
    /// A place may come free at any moment; the next opening, if one is known.
    Coming(Option<Duration>),
    /// Nothing before the next opening, if there is one.
    Hopeless(Option<Duration>),
}

fn outlook(statuses: impl Iterator<Item = Status>) -> Outlook {
    let mut coming = false;
    let mut opening = None;
    for status in statuses {
        match status {
            Status::Available => coming = true,
            Status::Coming(_, latest) => {
                coming = true;
                opening = earlier(opening, latest);
            }
            Status::Shut(_, opens_in) => opening = earlier(opening, opens_in),
        }
    }
    if coming {
        Outlook::Coming(opening)
    } else {
        Outlook::Hopeless(opening)
    }
}

/// The earlier of two times, of which either may be unknown.
fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn bits(statuses: &[Status], which: impl Fn(&Status) -> bool) -> u64 {
    statuses
        .iter()
        .enumerate()
        .filter(|(_, status)| which(status))
        .fold(0, |bits, (index, _)| bits | 1 << index)
}

impl PassedOver {
    fn new(index: usize, status: Status) -> Self {
        let (outcome, opens_in) = match status {
            // It became free in between, and somebody else had it.
            Status::Available => (AttemptOutcome::Busy, None),
            Status::Coming(outcome, opens_in) | Status::Shut(outcome, opens_in) => (outcome, opens_in),
        };
        Self {
            index,
            outcome,
            opens_in,
        }
    }
}
