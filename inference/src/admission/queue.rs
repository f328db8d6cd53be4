//! Who waits, and who is seated when something changes.

use std::{
    collections::BTreeSet,
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
    ask::{Asker, Full, LONGEST_RETRY, Refusal, SHORTEST_RETRY, UNKNOWN_RETRY, Wish},
    fair::{FairQueue, Place},
    outlook::{Outlook, bits, earlier, outlook},
    pace::Pace,
    seat::{PassedOver, Verdict},
};
use crate::{
    AttemptOutcome, Deadline, Observer,
    guarded::{Entry, Guarded, Status},
};

/// How many in the queue one look may step over whom a backend that has room cannot hold just now.
const STEPPED_OVER: usize = 8;

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
    queue: FairQueue<Waiter>,
    pace: Pace,
    /// Calls that were told to leave, and have not yet: they still count as waiting.
    leaving: BTreeSet<u64>,
    next_number: u64,
    draining: bool,
}

struct Waiter {
    number: u64,
    wish: Wish,
    deadline: Deadline,
    verdict: oneshot::Sender<Verdict>,
}

/// A place in the queue.
pub(super) struct Ticket {
    number: u64,
    place: Place,
    pub(super) ahead: usize,
    pub(super) verdict: oneshot::Receiver<Verdict>,
}

/// What a newcomer is given.
pub(super) enum Reception {
    Seated(usize, Entry, Vec<PassedOver>),
    Queued(Ticket),
}

impl State {
    pub(super) fn waiting(&self) -> usize {
        self.queue.len() + self.leaving.len()
    }

    /// Takes a call out of the queue; `false` when it had left it for a seat.
    pub(super) fn leave_queue(&mut self, ticket: &Ticket) -> bool {
        let left = self.leaving.remove(&ticket.number) || self.queue.remove(ticket.place).is_some();
        self.note_end();
        left
    }

    /// Takes somebody out of the queue and tells them why.
    fn send_away(&mut self, place: Place, verdict: impl FnOnce(&Waiter) -> Verdict) {
        if let Some(waiter) = self.queue.remove(place) {
            self.leaving.insert(waiter.number);
            let verdict = verdict(&waiter);
            // Whoever waits takes its ticket back before it drops its end, so this arrives.
            let _ = waiter.verdict.send(verdict);
            self.note_end();
        }
    }

    fn note_end(&mut self) {
        if self.queue.is_empty() {
            self.pace.end(Instant::now());
        }
    }

    fn is_idle(&self) -> bool {
        self.accounts.running == 0 && self.waiting() == 0
    }

    /// When a refused call is likely to be let in.
    fn retry_after(&self) -> Duration {
        let wait = self.pace.wait(self.queue.len(), Instant::now());
        wait.map_or(UNKNOWN_RETRY, |wait| wait.clamp(SHORTEST_RETRY, LONGEST_RETRY))
    }
}

impl Shared {
    pub(super) fn new(capacity: usize, backends: Vec<Guarded>, observer: Arc<dyn Observer>) -> Self {
        let state = State {
            accounts: Accounts::new(),
            queue: FairQueue::default(),
            pace: Pace::default(),
            leaving: BTreeSet::new(),
            next_number: 0,
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

    /// Lets a new call in: seats it, or queues it where there is room and hope.
    pub(super) fn receive(&self, asker: &Asker, wish: &Wish) -> Result<Reception, Refusal> {
        let mut state = self.lock();
        let received = self.try_receive(&mut state, asker, wish);
        match &received {
            Ok(_) => state.accounts.admitted += 1,
            Err(refusal) => state.accounts.shed(asker.label, refusal.reason()),
        }
        received
    }

    /// Counts a call that somebody refused before it came here.
    pub(super) fn shed(&self, label: &'static str, reason: &'static str) {
        self.lock().accounts.shed(label, reason);
    }

    fn try_receive(&self, state: &mut State, asker: &Asker, wish: &Wish) -> Result<Reception, Refusal> {
        if state.draining {
            return Err(Refusal::Draining);
        }
        if asker.deadline.is_past() {
            return Err(Refusal::DeadlinePassed);
        }
        if let Some((index, entry, passed)) = self.try_seat(state, wish) {
            state.accounts.running += 1;
            return Ok(Reception::Seated(index, entry, passed));
        }
        let ahead = state.queue.ahead(&asker.tenant, asker.priority);
        let remaining = asker.deadline.remaining();
        if let Some(expected_wait) = state.pace.wait(ahead, Instant::now())
            && expected_wait > remaining
        {
            return Err(Refusal::TooLate {
                expected_wait,
                remaining,
            });
        }
        if state.waiting() >= self.capacity {
            self.make_room(state, &asker.tenant)?;
        }
        Ok(Reception::Queued(self.enqueue(state, asker, wish, ahead, false)))
    }

    /// Sends the newest call of the greediest tenant away, so that nobody is kept out by another's queue.
    fn make_room(&self, state: &mut State, tenant: &str) -> Result<(), Refusal> {
        let full = Full {
            waiting: state.waiting(),
            capacity: self.capacity,
            retry_after: state.retry_after(),
        };
        let place = state.queue.greediest(tenant).ok_or(Refusal::QueueFull(full))?;
        state.send_away(place, |_| Verdict::Displaced(full));
        Ok(())
    }

    /// Takes a running call back that needs another backend: seats it, or puts it at the front. It was
    /// admitted, so it is never refused.
    pub(super) fn receive_again(&self, asker: &Asker, wish: &Wish) -> Reception {
        let mut state = self.lock();
        if let Some((index, entry, passed)) = self.try_seat(&mut state, wish) {
            return Reception::Seated(index, entry, passed);
        }
        state.accounts.running -= 1;
        Reception::Queued(self.enqueue(&mut state, asker, wish, 0, true))
    }

    /// Seats a running call a second time, where somebody has room at once and nobody waits for it.
    pub(super) fn seat_beside(&self, wish: &Wish) -> Option<(usize, Entry)> {
        let state = self.lock();
        if !state.queue.is_empty() {
            return None;
        }
        let need = wish.need(true);
        wish.candidates()
            .find_map(|index| self.backends[index].enter(need).ok().map(|entry| (index, entry)))
    }

    /// Seats a call at once, unless somebody who waits has the older claim.
    fn try_seat(&self, state: &mut State, wish: &Wish) -> Option<(usize, Entry, Vec<PassedOver>)> {
        if !state.queue.is_empty() {
            // What is left after this, nobody in the queue can use.
            self.seat_waiting(state);
        }
        self.enter_first(wish).ok()
    }

    /// Enters the first backend that can take a call, or says what is in the way of each.
    fn enter_first(&self, wish: &Wish) -> Result<(usize, Entry, Vec<PassedOver>), Vec<Status>> {
        let mut refused = Vec::new();
        for index in wish.candidates() {
            match self.backends[index].enter(wish.need(true)) {
                Ok(entry) => return Ok((index, entry, passed_over(wish, &refused))),
                Err(status) => refused.push(status),
            }
        }
        // Nobody else can take it, so it goes to whom it was to be kept from: what is left there is a guess.
        let spilled = |status: &Status| matches!(status, Status::Shut(AttemptOutcome::SpilledOver, _));
        for (place, index) in wish.candidates().enumerate() {
            if spilled(&refused[place])
                && let Ok(entry) = self.backends[index].enter(wish.need(false))
            {
                return Ok((index, entry, passed_over(wish, &refused[..place])));
            }
        }
        Err(refused)
    }

    fn enqueue(&self, state: &mut State, asker: &Asker, wish: &Wish, ahead: usize, front: bool) -> Ticket {
        let number = state.next_number;
        state.next_number += 1;
        if state.queue.is_empty() {
            state.pace.begin(Instant::now());
        }
        let (sender, verdict) = oneshot::channel();
        let waiter = Waiter {
            number,
            wish: wish.clone(),
            deadline: asker.deadline,
            verdict: sender,
        };
        let queue = &mut state.queue;
        let place = if front {
            queue.push_front(asker.priority, wish.left, number, waiter)
        } else {
            queue.push(
                &asker.tenant,
                asker.priority,
                wish.tokens,
                wish.left,
                number,
                waiter,
            )
        };
        let statuses = self.statuses();
        if bits(&statuses, Status::is_available) & wish.left == 0 {
            // Nobody else's prospects changed.
            let opening = Self::look_ahead(state, wish.left, &statuses);
            self.alarm
                .set_by(opening.map(|opens_in| Instant::now() + opens_in));
        } else {
            self.seat_waiting(state);
        }
        Ticket {
            number,
            place,
            ahead,
            verdict,
        }
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
        if state.is_idle() {
            self.emptied.notify_waiters();
        }
    }

    /// Seats whoever can be, in turn, tells those whom nobody can take in time, and sets the alarm for the
    /// next opening.
    fn seat_waiting(&self, state: &mut State) {
        let mut statuses = self.statuses();
        let mut available = bits(&statuses, Status::is_available);
        let mut stepped_over = Vec::new();
        while available != 0 && stepped_over.len() < STEPPED_OVER {
            let Some(place) = state.queue.next(available, &stepped_over) else {
                break;
            };
            let Some(waiter) = state.queue.get(place) else {
                break;
            };
            if waiter.deadline.is_past() {
                state.send_away(place, |_| Verdict::Expired);
                continue;
            }
            let (number, entered) = (waiter.number, self.enter_first(&waiter.wish));
            // A place fewer, or none after all.
            statuses = self.statuses();
            available = bits(&statuses, Status::is_available);
            let Ok((index, entry, passed)) = entered else {
                stepped_over.push(number);
                continue;
            };
            if let Some(waiter) = state.queue.serve(place) {
                state.accounts.running += 1;
                state.pace.depart(Instant::now());
                // Whoever waits takes its ticket back before it drops its end, so this arrives.
                let _ = waiter.verdict.send(Verdict::Seated(index, entry, passed));
            }
        }
        state.note_end();
        let masks: BTreeSet<u64> = state.queue.masks().collect();
        let openings = masks
            .into_iter()
            .map(|mask| Self::look_ahead(state, mask, &statuses));
        let opening = openings.fold(None, earlier);
        self.alarm.set(opening.map(|opens_in| Instant::now() + opens_in));
    }

    /// Tells those of a mask whom nobody can take in time, and says when to look again for the others.
    fn look_ahead(state: &mut State, mask: u64, statuses: &[Status]) -> Option<Duration> {
        let of_mask = (0..statuses.len()).filter(|index| mask & (1 << index) != 0);
        match outlook(of_mask.map(|index| statuses[index])) {
            Outlook::Coming(opens_in) => opens_in,
            Outlook::Hopeless(opens_in) => {
                let too_late =
                    |waiter: &Waiter| opens_in.is_none_or(|opens_in| opens_in >= waiter.deadline.remaining());
                for place in state.queue.find(mask, too_late) {
                    state.send_away(place, |waiter| {
                        let passed = waiter.wish.candidates();
                        let passed = passed.map(|index| PassedOver::new(index, statuses[index]));
                        Verdict::Hopeless(passed.collect(), opens_in)
                    });
                }
                opens_in
            }
        }
    }

    fn statuses(&self) -> Vec<Status> {
        self.backends.iter().map(Guarded::status).collect()
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
            waiting: state.waiting(),
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
            if self.lock().is_idle() {
                return;
            }
            emptied.await;
        }
    }
}

/// What was in the way of the first backends of a wish.
fn passed_over(wish: &Wish, refused: &[Status]) -> Vec<PassedOver> {
    let passed = wish.candidates().zip(refused);
    passed
        .map(|(index, status)| PassedOver::new(index, *status))
        .collect()
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.alarm.end();
    }
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
