//! One call from its first candidate to its end.

use std::{sync::Arc, time::Duration};

use super::{
    Again, Decision, Gate, Next, Policy,
    attempt::{Completed, FLOOR_WINDOW, Patience, Reader, Stage},
    decide,
    facts::{millis, untried},
    hedge::Opening,
};
use tracing::Instrument;

use crate::{
    Answer, Attempt, AttemptOutcome, BackendError, BackendInfo, CallError, CallEvent, CompletionRequest,
    Deadline, Processing, Visibility,
    admission::{Admitted, Ended, NoSeat, PassedOver, Seat, Wish},
    disguise::Outgoing,
    guarded::{Blame, Finding, Guarded},
    relay::Events,
    resilience::breaker,
    spans,
};

/// Retry hint when a failure may be gone at the next call.
const SOON: Duration = Duration::from_secs(1);

/// Retry hint when nothing says that waiting helps.
const LATE: Duration = Duration::from_mins(1);

/// How long to pause before what failed in passing is asked once more, give or take half of it.
const MOMENT: Duration = Duration::from_millis(100);

/// How long a place is waited for to ask once more.
const PATIENCE_FOR_PLACE: Duration = Duration::from_millis(250);

/// What routing has to know of a call.
pub(crate) struct Job {
    pub(crate) policy: Arc<Policy>,
    pub(crate) outgoing: Outgoing,
    pub(crate) visibility: Visibility,
    /// The backends of its chain, best first.
    pub(crate) chain: Arc<[usize]>,
}

impl Job {
    /// The backends that may have this call's data, and can do what it asks.
    pub(crate) fn wish(&self, backends: &[Guarded]) -> Wish {
        let allowed = self
            .chain
            .iter()
            .filter(|index| bar(self.outgoing.request(), backends[**index].info()).is_none());
        let left = allowed.fold(0, |left, index| left | 1 << index);
        Wish {
            tokens: self.outgoing.request().estimated_tokens(),
            chain: Arc::clone(&self.chain),
            left,
        }
    }
}

/// Why a backend is not asked at all, if so. No failure relaxes this.
fn bar(request: &CompletionRequest, info: &BackendInfo) -> Option<AttemptOutcome> {
    if !request.travel.permits(info.processing) {
        Some(AttemptOutcome::NotAllowed)
    } else if !info.tools && request.wants_tools() {
        Some(AttemptOutcome::NotSupported)
    } else {
        None
    }
}

/// Carries a call to its end.
pub(crate) async fn answer(
    admitted: Admitted,
    job: Job,
    events: Events<CallEvent>,
) -> Result<Answer, CallError> {
    let mut run = Run::new(admitted, job);
    let result = run.carry_out(&events).await;
    spans::call_ended(&result);
    if let Err(error) = &result {
        let observer = run.admitted.observer();
        observer.call_failed(run.admitted.label(), error.code());
    }
    run.admitted.end(match &result {
        Ok(answer) if answer.facts.degraded => Ended::Degraded,
        Ok(_) => Ended::Answered,
        Err(_) => Ended::Failed,
    });
    result
}

pub(super) struct Run {
    pub(super) job: Job,
    pub(super) wish: Wish,
    pub(super) attempts: Vec<Attempt>,
    /// Attempts that left this process.
    remote_attempts: usize,
    /// To ask a backend once more, and how long to wait for it.
    again: Option<(Wish, Deadline)>,
    /// Bits of backends that were asked once more: that is once too often already.
    asked_again: u64,
    /// Bits of backends that were written down as passed over.
    noted: u64,
    /// Whether the caller has seen text that is not void yet, and why it is to be.
    void: Option<AttemptOutcome>,
    /// The failure that speaks for the call when nothing else went wrong.
    blameless: Option<BackendError>,
    /// Whether a candidate failed or was passed over in a way that another time may mend.
    mendable: bool,
    pub(super) waited: Option<Duration>,
    /// Last, so that it ends after everything else is let go.
    pub(super) admitted: Admitted,
}

impl Run {
    fn new(admitted: Admitted, job: Job) -> Self {
        let wish = job.wish(admitted.backends());
        let mut run = Self {
            wish,
            attempts: Vec::with_capacity(job.chain.len()),
            job,
            remote_attempts: 0,
            again: None,
            asked_again: 0,
            noted: 0,
            void: None,
            blameless: None,
            mendable: false,
            waited: None,
            admitted,
        };
        for index in run.job.chain.iter().copied() {
            let guarded = &run.admitted.backends()[index];
            let Some(outcome) = bar(run.job.outgoing.request(), guarded.info()) else {
                continue;
            };
            run.attempts.push(untried(guarded, outcome));
            run.noted |= 1 << index;
            if outcome == AttemptOutcome::NotSupported {
                run.blameless = Some(BackendError::Unsupported {
                    reason: format!("{} cannot call tools", guarded.info().name),
                });
            }
        }
        run
    }

    async fn carry_out(&mut self, events: &Events<CallEvent>) -> Result<Answer, CallError> {
        self.job.policy.count_call();
        loop {
            let ahead = self.admitted.ahead();
            let span = spans::admission(ahead);
            if let Some(ahead) = ahead {
                events.send(CallEvent::Waiting { ahead }).await;
            }
            let again = self.again.take();
            let wish = again.as_ref().map_or(&self.wish, |(wish, _)| wish);
            match self.admitted.seat(wish).instrument(span).await {
                Ok((seat, passed)) => {
                    self.note(&passed);
                    if let Some(seat) = self.clear(seat).await
                        && let Some(result) = self.attempt(seat, events).await
                    {
                        return result;
                    }
                }
                Err(NoSeat::Displaced(full)) => return Err(full.into()),
                // There was no asking once more; the others have their turn.
                Err(_) if again.is_some() => {}
                Err(NoSeat::DeadlinePassed(passed)) => {
                    self.note(&passed);
                    return Err(self.time_is_up());
                }
                Err(NoSeat::AllShut(passed, opens_in)) => {
                    self.note(&passed);
                    return Err(self.give_up(opens_in));
                }
            }
            match &self.again {
                Some((wish, until)) => self.admitted.ask_again(wish, *until),
                None if self.wish.left == 0 => return Err(self.give_up_all_tried()),
                None => self.admitted.ask_again(&self.wish, self.admitted.deadline()),
            }
        }
    }

    /// Sees to it that no other process of a fleet tries what is tried here. `None` when one does.
    pub(super) async fn clear(&mut self, mut seat: Seat) -> Option<Seat> {
        let Err(left) = seat.ask_fleet().await else {
            return Some(seat);
        };
        self.note(&[PassedOver {
            index: seat.index,
            outcome: AttemptOutcome::CircuitOpen,
            opens_in: Some(left),
        }]);
        seat.defer(left);
        None
    }

    /// Makes one attempt. `None` when the call is to go on.
    async fn attempt(
        &mut self,
        mut seat: Seat,
        events: &Events<CallEvent>,
    ) -> Option<Result<Answer, CallError>> {
        seat.span = spans::attempt(seat.guarded().info(), self.job.outgoing.request());
        self.count(&seat);
        self.waited.get_or_insert_with(|| self.admitted.at().elapsed());
        self.announce(&seat, events).await;
        let patience = self.patience(seat.guarded());
        let (seat, opened) = match self.open(seat, patience).await {
            Opening::Begun(seat, opened) => (seat, opened),
            Opening::Failed(seat, error) => return self.go_on(seat, error, Stage::Opening).await,
            Opening::Over(error) => return Some(Err(error)),
        };
        let mut stage = Stage::Begun;
        let reader = Reader {
            request: self.job.outgoing.request(),
            deadline: self.admitted.deadline(),
            patience,
            visibility: self.job.visibility,
            events,
        };
        let reading = reader.read(opened, &mut stage).instrument(seat.span.clone());
        match reading.await {
            Ok(completed) => {
                spans::used(&seat.span, completed.usage, completed.finish.as_str());
                let finding = praise(&completed, seat.guarded());
                self.write_down(&seat, finding.outcome);
                let answer = self.answer(seat.guarded(), completed);
                seat.settle(finding);
                Some(Ok(answer))
            }
            Err(error) => self.go_on(seat, error, stage).await,
        }
    }

    /// Counts an attempt that begins, and strikes its backend off.
    pub(super) fn count(&mut self, seat: &Seat) {
        self.wish.strike(seat.index);
        if is_remote(seat.guarded()) {
            self.remote_attempts += 1;
            if !self.may_leave_again() {
                let backends = self.admitted.backends();
                let remote = self
                    .wish
                    .candidates()
                    .filter(|index| is_remote(&backends[*index]));
                self.wish.left &= !remote.fold(0, |bits, index| bits | 1 << index);
            }
        }
    }

    /// Whether one more attempt may leave this process.
    pub(super) fn may_leave_again(&self) -> bool {
        self.remote_attempts < self.job.policy.config.remote_attempts
    }

    /// Bits of the backends left that serve the same model.
    pub(super) fn peers(&self, index: usize) -> u64 {
        let backends = self.admitted.backends();
        let model = &backends[index].info().model;
        let peers = self
            .wish
            .candidates()
            .filter(|index| backends[*index].info().model == *model);
        peers.fold(0, |bits, index| bits | 1 << index)
    }

    /// Says who begins, and what that ends.
    async fn announce(&mut self, seat: &Seat, events: &Events<CallEvent>) {
        let backend = &seat.guarded().info().name;
        if let Some(last) = self.attempts.last().filter(|last| last.backend != *backend) {
            self.admitted
                .observer()
                .fell_back(&last.backend, backend, last.outcome);
        }
        if self.job.visibility == Visibility::Silent {
            return;
        }
        let backend = backend.clone();
        let event = match self.void.take() {
            None => CallEvent::Started { backend },
            Some(reason) => CallEvent::Restarted { backend, reason },
        };
        events.send(event).await;
    }

    /// Deals with the failure of the attempt under way: the call ends, or somebody is asked next.
    async fn go_on(
        &mut self,
        seat: Seat,
        error: BackendError,
        stage: Stage,
    ) -> Option<Result<Answer, CallError>> {
        let index = seat.index;
        match self.failed(seat, error, stage) {
            Err(over) => Some(Err(over)),
            Ok(again) => {
                self.plan_again(index, again).await;
                None
            }
        }
    }

    /// Writes a failed attempt down and lets its seat go. An error when the call is over with it.
    pub(super) fn failed(
        &mut self,
        seat: Seat,
        error: BackendError,
        stage: Stage,
    ) -> Result<Again, CallError> {
        let decision = weigh(&error, seat.guarded(), stage);
        self.write_down(&seat, decision.outcome);
        if stage == Stage::Shown {
            self.void = Some(decision.outcome);
        }
        if let Gate::Shut(hint) = decision.gate {
            seat.guarded().throttle.shut(hint);
        }
        let index = seat.index;
        seat.settle(Finding {
            outcome: decision.outcome,
            blame: decision.blame,
            counts: decision.counts,
        });
        match self.after(index, error, decision.next) {
            Some(over) => Err(over),
            None if stage == Stage::Shown && self.job.visibility == Visibility::Irrevocable => {
                Err(self.interrupted())
            }
            None => Ok(decision.again),
        }
    }

    /// What failed in passing is asked once more before a weaker model answers, where no other remote backend
    /// can be asked instead: at most once, and only while attempts, deadline and budget allow.
    async fn plan_again(&mut self, index: usize, again: Again) {
        let pause = match again {
            Again::Soon => MOMENT.mul_f64(rand::random_range(0.5..1.5)),
            Again::After(hint) if hint <= self.job.policy.config.retry_wait => hint,
            Again::After(_) | Again::Never => return,
        };
        let backends = self.admitted.backends();
        let another_can = self
            .wish
            .candidates()
            .any(|other| is_remote(&backends[other]) && backends[other].status().is_available());
        // As much time again must be left for whoever answers in the end.
        let time = self.admitted.deadline().remaining() / 2;
        let may = is_remote(&backends[index])
            && self.may_leave_again()
            && self.asked_again & (1 << index) == 0
            && !another_can
            && pause < time;
        if !may || !self.job.policy.may_retry() {
            return;
        }
        self.asked_again |= 1 << index;
        let mut wish = self.wish.clone();
        wish.left = 1 << index;
        // A gate is waited for in the queue, where it is seen; a moment is not worth a place there.
        let until = if matches!(again, Again::Soon) {
            tokio::time::sleep(pause).await;
            PATIENCE_FOR_PLACE
        } else {
            pause + PATIENCE_FOR_PLACE
        };
        self.again = Some((wish, self.admitted.deadline().at_most(until)));
    }

    fn write_down(&mut self, seat: &Seat, outcome: AttemptOutcome) {
        self.attempts.push(Attempt {
            backend: seat.guarded().info().name.clone(),
            outcome,
            duration_ms: millis(seat.began.elapsed()),
        });
    }

    /// Decides whether a call ends with a failure, or goes on.
    fn after(&mut self, index: usize, error: BackendError, next: Next) -> Option<CallError> {
        match next {
            Next::GoOn => self.mendable = true,
            Next::GoOnBlameless => self.blameless = Some(error),
            Next::GoOnLarger => {
                self.strike_smaller(index, &error);
                self.blameless = Some(error);
            }
            Next::Stop => {
                return Some(CallError::Refused {
                    error,
                    attempts: std::mem::take(&mut self.attempts),
                });
            }
            Next::TimeIsUp => return Some(self.time_is_up()),
        }
        None
    }

    /// Strikes off whatever has the same model, or a context known to be no larger.
    fn strike_smaller(&mut self, index: usize, error: &BackendError) {
        let told = match error {
            BackendError::ContextLengthExceeded { limit, .. } => *limit,
            _ => None,
        };
        let backends = self.admitted.backends();
        let too_small = backends[index].info();
        let limit = told.max(too_small.context_tokens);
        let fits = |info: &BackendInfo| {
            info.model != too_small.model
                && info
                    .context_tokens
                    .zip(limit)
                    .is_none_or(|(context, limit)| context > limit)
        };
        let struck: Vec<usize> = self
            .wish
            .candidates()
            .filter(|index| !fits(backends[*index].info()))
            .collect();
        for index in struck {
            self.wish.strike(index);
            self.attempts.push(untried(
                &self.admitted.backends()[index],
                AttemptOutcome::ContextLengthExceeded,
            ));
            self.noted |= 1 << index;
        }
    }

    /// How long a backend may be silent: less when others are left, so that time is left for them.
    fn patience(&self, guarded: &Guarded) -> Patience {
        let config = &guarded.config;
        let share = if self.wish.left == 0 {
            Duration::MAX
        } else {
            self.admitted.deadline().remaining() / 2
        };
        let longest = share.min(Duration::from_hours(24));
        let window = u32::try_from(FLOOR_WINDOW.as_secs()).unwrap_or(u32::MAX);
        let floor = if self.wish.left == 0 {
            0
        } else {
            config.floor_tokens_per_second.saturating_mul(window)
        };
        Patience {
            first: config.first_byte_timeout.min(longest),
            idle: config.idle_timeout.min(longest),
            floor,
        }
    }

    /// Writes down what was passed over, each once.
    fn note(&mut self, passed: &[PassedOver]) {
        for passed in passed
            .iter()
            .filter(|passed| self.noted & (1 << passed.index) == 0)
        {
            self.attempts
                .push(untried(&self.admitted.backends()[passed.index], passed.outcome));
        }
        self.noted |= passed.iter().fold(0, |bits, passed| bits | 1 << passed.index);
        self.mendable |= !passed.is_empty();
    }

    /// Bits of what was tried.
    fn tried(&self) -> u64 {
        let tried = self.attempts.iter().filter(|attempt| {
            !matches!(
                attempt.outcome,
                AttemptOutcome::NotAllowed | AttemptOutcome::NotSupported
            )
        });
        let backends = self.admitted.backends();
        tried
            .filter_map(|attempt| {
                backends
                    .iter()
                    .position(|guarded| guarded.info().name == attempt.backend)
            })
            .fold(0, |bits, index| bits | 1 << index)
    }

    /// Ends a call with the failure that was written down last.
    fn interrupted(&mut self) -> CallError {
        let attempts = std::mem::take(&mut self.attempts);
        let (backend, reason) = attempts
            .last()
            .map_or((String::new(), AttemptOutcome::Failed), |last| {
                (last.backend.clone(), last.outcome)
            });
        CallError::Interrupted {
            backend,
            reason,
            attempts,
        }
    }

    fn time_is_up(&mut self) -> CallError {
        let attempts = std::mem::take(&mut self.attempts);
        CallError::DeadlineExceeded {
            after: self.admitted.at().elapsed(),
            attempts,
        }
    }

    /// Ends a call whose candidates were all tried: what stands in the way of them now says when to come back.
    fn give_up_all_tried(&mut self) -> CallError {
        let passed = self.admitted.survey(&Wish {
            left: self.tried(),
            ..self.wish.clone()
        });
        let opens_in = passed.iter().map(|passed| passed.opens_in.unwrap_or(SOON)).min();
        self.give_up(opens_in)
    }

    /// Ends a call that has no candidate left.
    fn give_up(&mut self, opens_in: Option<Duration>) -> CallError {
        let attempts = std::mem::take(&mut self.attempts);
        match self.blameless.take() {
            Some(error) if !self.mendable => CallError::Refused { error, attempts },
            None if !self.mendable
                && attempts
                    .iter()
                    .any(|attempt| attempt.outcome == AttemptOutcome::NotAllowed) =>
            {
                CallError::NotPermitted { attempts }
            }
            _ => CallError::AllBackendsFailed {
                attempts,
                retry_after: opens_in.unwrap_or(LATE),
            },
        }
    }
}

/// Says that a backend answered, and whether that took too long.
fn praise(completed: &Completed, guarded: &Guarded) -> Finding {
    let slow = guarded.config.is_slow(completed.first_text_after, completed.took);
    Finding {
        outcome: AttemptOutcome::Answered,
        blame: Blame::Backend,
        counts: if slow {
            breaker::Outcome::Slow
        } else {
            breaker::Outcome::Success
        },
    }
}

/// Decides about a failure, in the light of how far it came and how patient we were: a backend that was given
/// much less time than it may have is left, and not blamed.
fn weigh(error: &BackendError, guarded: &Guarded, stage: Stage) -> Decision {
    let mut decision = decide(error);
    if stage == Stage::Opening && matches!(error, BackendError::ConnectionBroken { .. }) {
        // Reset before an answer: it came no further than the endpoint.
        decision.blame = Blame::Endpoint;
    }
    let hurried = match error {
        BackendError::NoFirstByte(waited) => *waited < guarded.config.first_byte_timeout / 4,
        BackendError::Stalled(waited) => *waited < guarded.config.idle_timeout / 4,
        _ => false,
    };
    if hurried {
        decision.counts = breaker::Outcome::Ignored;
    }
    decision
}

/// Whether asking this backend leaves the process.
fn is_remote(guarded: &Guarded) -> bool {
    guarded.info().processing != Processing::InProcess
}
