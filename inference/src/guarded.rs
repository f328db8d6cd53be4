//! A backend and what guards it: whether it can take a call now, and the one way in.

use std::{sync::Arc, time::Duration};

use crate::{
    AttemptOutcome, Backend, BackendInfo, Observer, Readiness, RegisteredBackend,
    resilience::{
        Config,
        breaker::{self, Breaker, Permit, Refused},
        bulkhead::{Bulkhead, Place},
        throttle::{Pass, Throttle},
    },
};

/// A backend with its breaker, throttle gate and bulkhead.
pub(crate) struct Guarded {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) config: Config,
    pub(crate) breaker: Breaker,
    pub(crate) throttle: Throttle,
    pub(crate) bulkhead: Bulkhead,
}

/// Whether a backend can take a call now, and if not, what it is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// It can.
    Available,
    /// Not now; it may at any moment, and at the latest (where known) after so long.
    Coming(AttemptOutcome, Option<Duration>),
    /// Not before so long; not at all when `None`.
    Shut(AttemptOutcome, Option<Duration>),
}

/// A way into a backend: one place, and leave of breaker and gate. Dropping it gives the place back, and
/// counts as cancelled.
pub(crate) struct Entry {
    pub(crate) permit: Permit,
    pub(crate) pass: Pass,
    pub(crate) place: Place,
}

impl Guarded {
    pub(crate) fn new(registered: RegisteredBackend, observer: Arc<dyn Observer>) -> Self {
        let RegisteredBackend {
            backend,
            resilience: config,
        } = registered;
        let info = backend.info();
        let bulkhead = Bulkhead::new(info.max_concurrency);
        let name = info.name.clone();
        let listener = Box::new(move |transition: &breaker::Transition| {
            report(&name, transition);
            observer.breaker_changed(&name, transition);
        });
        let breaker = Breaker::with_listener(config.breaker.clone(), listener);
        let throttle = Throttle::new(config.throttle.clone());
        Self {
            backend,
            config,
            breaker,
            throttle,
            bulkhead,
        }
    }

    pub(crate) fn info(&self) -> &BackendInfo {
        self.backend.info()
    }

    /// Whether it can take a call now. Changes nothing.
    pub(crate) fn status(&self) -> Status {
        match self.backend.readiness() {
            Readiness::Ready => {}
            Readiness::Warming(_) => return Status::Coming(AttemptOutcome::Warming, None),
            Readiness::Failed(_) => return Status::Shut(AttemptOutcome::Failed, None),
        }
        if let Err(refused) = self.breaker.check() {
            return refusal(refused);
        }
        if let Err(opens_in) = self.throttle.check() {
            return Status::Shut(AttemptOutcome::Throttled, Some(opens_in));
        }
        if self.bulkhead.is_full() {
            return Status::Coming(AttemptOutcome::Busy, None);
        }
        Status::Available
    }

    /// Enters, or says why not.
    ///
    /// The breaker comes last, so that a trial is never begun for a call that cannot be made.
    pub(crate) fn enter(&self) -> Result<Entry, Status> {
        if self.bulkhead.is_full()
            || self.throttle.check().is_err()
            || self.backend.readiness() != Readiness::Ready
        {
            return Err(match self.status() {
                Status::Available => Status::Coming(AttemptOutcome::Busy, Some(Duration::ZERO)),
                status => status,
            });
        }
        let permit = self.breaker.try_acquire().map_err(refusal)?;
        let place = self
            .bulkhead
            .try_take()
            .ok_or(Status::Coming(AttemptOutcome::Busy, None))?;
        let pass = self
            .throttle
            .try_pass()
            .map_err(|opens| Status::Shut(AttemptOutcome::Throttled, Some(opens)))?;
        Ok(Entry { permit, pass, place })
    }
}

fn refusal(refused: Refused) -> Status {
    let outcome = AttemptOutcome::CircuitOpen;
    match refused.state {
        // A trial is under way: its end may come at any moment.
        breaker::State::HalfOpen => Status::Coming(outcome, refused.retry_in),
        _ => Status::Shut(outcome, refused.retry_in),
    }
}

/// Logs a transition, once.
fn report(backend: &str, transition: &breaker::Transition) {
    let (from, to, cause) = (
        transition.from.as_str(),
        transition.to.as_str(),
        transition.cause.as_str(),
    );
    match transition.to {
        breaker::State::Open | breaker::State::ForcedOpen => {
            tracing::warn!(backend, from, to, cause, "circuit of {backend} is {to}: {cause}");
        }
        breaker::State::Closed | breaker::State::HalfOpen => {
            tracing::info!(backend, from, to, cause, "circuit of {backend} is {to}: {cause}");
        }
    }
}
