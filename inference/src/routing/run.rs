//! One call from its first candidate to its end.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Decision, Gate, Next,
    attempt::{self, Completed, Patience},
    decide,
};
use crate::{
    Answer, AnswerFacts, Attempt, AttemptOutcome, BackendError, BackendInfo, CallError, CallEvent,
    CompletionRequest, DataClass, Processing, Visibility,
    admission::{Admitted, Ended, NoSeat, PassedOver, Seat, Wish},
    guarded::Guarded,
    relay::Events,
    resilience::breaker,
};

/// Retry hint when a failure may be gone at the next call.
const SOON: Duration = Duration::from_secs(1);

/// Retry hint when nothing says that waiting helps.
const LATE: Duration = Duration::from_mins(1);

/// What routing has to know of a call.
pub(crate) struct Job {
    pub(crate) request: CompletionRequest,
    pub(crate) visibility: Visibility,
    /// The backends of its chain, best first.
    pub(crate) chain: Arc<[usize]>,
}

impl Job {
    /// The backends that may have this call's data.
    pub(crate) fn wish(&self, backends: &[Guarded]) -> Wish {
        let allowed = self
            .chain
            .iter()
            .filter(|index| may_have(&self.request, backends[**index].info()));
        let left = allowed.fold(0, |left, index| left | 1 << index);
        Wish {
            chain: Arc::clone(&self.chain),
            left,
        }
    }
}

/// Whether a backend may have the text of a request. No failure relaxes this.
fn may_have(request: &CompletionRequest, info: &BackendInfo) -> bool {
    match request.data_class {
        DataClass::Public | DataClass::Internal => true,
        DataClass::Confidential => info.processing == Processing::InProcess,
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
    run.admitted.end(match &result {
        Ok(answer) if answer.facts.degraded => Ended::Degraded,
        Ok(_) => Ended::Answered,
        Err(_) => Ended::Failed,
    });
    result
}

struct Run {
    job: Job,
    wish: Wish,
    attempts: Vec<Attempt>,
    /// Bits of backends that were written down as passed over.
    noted: u64,
    /// Whether the caller has seen text that is not void yet, and why it is to be.
    void: Option<AttemptOutcome>,
    /// The failure that speaks for the call when nothing else went wrong.
    blameless: Option<BackendError>,
    /// Whether a candidate failed or was passed over in a way that another time may mend.
    mendable: bool,
    waited: Option<Duration>,
    /// Last, so that it ends after everything else is let go.
    admitted: Admitted,
}

impl Run {
    fn new(admitted: Admitted, job: Job) -> Self {
        let wish = job.wish(admitted.backends());
        let mut run = Self {
            wish,
            attempts: Vec::with_capacity(job.chain.len()),
            job,
            noted: 0,
            void: None,
            blameless: None,
            mendable: false,
            waited: None,
            admitted,
        };
        for index in run
            .job
            .chain
            .iter()
            .copied()
            .filter(|index| run.wish.left & (1 << index) == 0)
        {
            run.attempts.push(untried(
                &run.admitted.backends()[index],
                AttemptOutcome::NotAllowed,
            ));
            run.noted |= 1 << index;
        }
        run
    }

    async fn carry_out(&mut self, events: &Events<CallEvent>) -> Result<Answer, CallError> {
        loop {
            if let Some(ahead) = self.admitted.ahead() {
                events.send(CallEvent::Waiting { ahead }).await;
            }
            let (seat, passed) = match self.admitted.seat(&self.wish).await {
                Ok(seated) => seated,
                Err(NoSeat::DeadlinePassed(passed)) => {
                    self.note(&passed);
                    return Err(self.time_is_up());
                }
                Err(NoSeat::AllShut(passed, opens_in)) => {
                    self.note(&passed);
                    return Err(self.give_up(opens_in));
                }
            };
            self.note(&passed);
            if let Some(result) = self.attempt(seat, events).await {
                return result;
            }
            if self.wish.left == 0 {
                let passed = self.admitted.survey(&Wish {
                    left: self.tried(),
                    ..self.wish.clone()
                });
                let opens_in = passed.iter().map(|passed| passed.opens_in.unwrap_or(SOON)).min();
                return Err(self.give_up(opens_in));
            }
            self.admitted.ask_again(&self.wish);
        }
    }

    /// Makes one attempt. `None` when the call is to go on.
    async fn attempt(&mut self, seat: Seat, events: &Events<CallEvent>) -> Option<Result<Answer, CallError>> {
        self.wish.strike(seat.index);
        self.waited.get_or_insert_with(|| self.admitted.at().elapsed());
        let name = seat.guarded().info().name.clone();
        if let Some(last) = self.attempts.last().filter(|last| last.backend != name) {
            self.admitted
                .observer()
                .fell_back(&last.backend, &name, last.outcome);
        }
        events
            .send(match self.void.take() {
                None => CallEvent::Started {
                    backend: name.clone(),
                },
                Some(reason) => CallEvent::Restarted {
                    backend: name.clone(),
                    reason,
                },
            })
            .await;
        let patience = self.patience(seat.guarded());
        let mut shown = false;
        let result = attempt::run(
            &seat,
            &self.job.request,
            self.admitted.deadline(),
            patience,
            self.job.visibility,
            events,
            &mut shown,
        )
        .await;
        let duration_ms = millis(seat.began.elapsed());
        match result {
            Ok(completed) => {
                let outcome = AttemptOutcome::Answered;
                self.attempts.push(Attempt {
                    backend: name,
                    outcome,
                    duration_ms,
                });
                let answer = self.answer(seat.guarded(), completed);
                seat.settle(outcome, breaker::Outcome::Success);
                Some(Ok(answer))
            }
            Err(error) => {
                let decision = weigh(&error, seat.guarded());
                self.attempts.push(Attempt {
                    backend: name,
                    outcome: decision.outcome,
                    duration_ms,
                });
                if shown {
                    self.void = Some(decision.outcome);
                }
                if let Gate::Shut(hint) = decision.gate {
                    seat.guarded().throttle.shut(hint);
                }
                let index = seat.index;
                seat.settle(decision.outcome, decision.counts);
                self.after(index, error, decision.next).map(Err)
            }
        }
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
        Patience {
            first: config.first_byte_timeout.min(longest),
            idle: config.idle_timeout.min(longest),
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
        let tried = self
            .attempts
            .iter()
            .filter(|attempt| attempt.outcome != AttemptOutcome::NotAllowed);
        let backends = self.admitted.backends();
        tried
            .filter_map(|attempt| {
                backends
                    .iter()
                    .position(|guarded| guarded.info().name == attempt.backend)
            })
            .fold(0, |bits, index| bits | 1 << index)
    }

    fn time_is_up(&mut self) -> CallError {
        let attempts = std::mem::take(&mut self.attempts);
        CallError::DeadlineExceeded {
            after: self.admitted.at().elapsed(),
            attempts,
        }
    }

    /// Ends a call that has no candidate left.
    fn give_up(&mut self, opens_in: Option<Duration>) -> CallError {
        let attempts = std::mem::take(&mut self.attempts);
        match self.blameless.take() {
            Some(error) if !self.mendable => CallError::Refused { error, attempts },
            _ => CallError::AllBackendsFailed {
                attempts,
                retry_after: opens_in.unwrap_or(LATE),
            },
        }
    }

    fn answer(&mut self, guarded: &Guarded, completed: Completed) -> Answer {
        let Completed {
            text,
            finish,
            usage,
            first_text_after,
        } = completed;
        let info = guarded.info();
        let first = self.admitted.backends()[self.job.chain[0]].info();
        let attempts = std::mem::take(&mut self.attempts);
        let reason = attempts
            .iter()
            .find(|attempt| attempt.backend == first.name)
            .map(|attempt| attempt.outcome)
            .filter(|_| info.name != first.name);
        let observer = self.admitted.observer();
        observer.tokens_used(&info.name, usage);
        if let Some(after) = first_text_after {
            observer.first_token(&info.name, after);
        }
        let facts = AnswerFacts {
            backend: info.name.clone(),
            model: info.model.clone(),
            region: info.region.clone(),
            degraded: info.model != first.model,
            reason,
            attempts,
            input_tokens: usage.input,
            output_tokens: usage.output,
            cost: info.price.cost(usage),
            queue_ms: millis(self.waited.unwrap_or_default()),
            time_to_first_token_ms: millis(first_text_after.unwrap_or_default()),
            duration_ms: millis(Instant::now() - self.admitted.at()),
        };
        Answer { text, finish, facts }
    }
}

/// Decides about a failure, in the light of how patient we were: a backend that was given much less time
/// than it may have is left, and not blamed.
fn weigh(error: &BackendError, guarded: &Guarded) -> Decision {
    let mut decision = decide(error);
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

fn untried(guarded: &Guarded, outcome: AttemptOutcome) -> Attempt {
    Attempt {
        backend: guarded.info().name.clone(),
        outcome,
        duration_ms: 0,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
