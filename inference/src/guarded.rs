//! A backend and what guards it: whether it can take a call now, and the one way in.

mod circuits;
mod member;
mod report;

use std::{sync::Arc, time::Duration};

pub(crate) use circuits::{Blame, Finding, Permits};

use crate::{
    AttemptOutcome, Backend, BackendInfo, Observer, Readiness, RegisteredBackend,
    fleet::Fleet,
    resilience::{
        Config,
        breaker::{self, Refused},
        bulkhead::{Bulkhead, Place},
        latency::Latency,
        throttle::{Pass, Throttle},
    },
};
use circuits::Circuits;

/// A backend with its circuits, throttle gate and bulkhead.
pub(crate) struct Guarded {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) config: Config,
    pub(crate) circuits: Circuits,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) bulkhead: Bulkhead,
    /// Time to the first text of an answer.
    pub(crate) first_text: Latency,
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

impl Status {
    /// Whether it can take a call now.
    pub(crate) fn is_available(&self) -> bool {
        *self == Self::Available
    }
}

/// What a call needs of a backend, and whether it has somewhere else to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// Prompt and answer together, estimated.
    pub(crate) tokens: u32,
    /// Whether to leave a backend to others that said it has too little left for this call.
    pub(crate) spill: bool,
}

/// A way into a backend: one place, and leave of circuits and gate. Dropping it gives the place back, and
/// counts as cancelled.
pub(crate) struct Entry {
    pub(crate) permits: Permits,
    pub(crate) pass: Pass,
    pub(crate) place: Place,
}

/// The shortest time after which to look whether more may run than just now.
const SHORTEST_STEP: Duration = Duration::from_millis(10);

impl Guarded {
    /// Guards each backend. Those that name the same endpoint or credential share a circuit for it.
    pub(crate) fn all(
        backends: Vec<RegisteredBackend>,
        observer: &Arc<dyn Observer>,
        fleet: Option<&Arc<dyn Fleet>>,
    ) -> Vec<Self> {
        let circuits = Circuits::of_all(&backends, observer, fleet);
        backends
            .into_iter()
            .zip(circuits)
            .map(|(registered, circuits)| Self::new(registered, circuits))
            .collect()
    }

    fn new(registered: RegisteredBackend, circuits: Circuits) -> Self {
        let RegisteredBackend {
            backend,
            resilience: config,
        } = registered;
        let bulkhead = Bulkhead::new(backend.info().max_concurrency);
        let throttle = Arc::new(Throttle::new(config.throttle.clone()));
        let gate = Arc::clone(&throttle);
        backend.watch_allowance(Box::new(move |allowance| gate.learn(allowance)));
        Self {
            backend,
            config,
            circuits,
            throttle,
            bulkhead,
            first_text: Latency::default(),
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
        if let Err(refused) = self.circuits.check() {
            return refusal(refused);
        }
        if let Err(opens_in) = self.throttle.check() {
            return Status::Shut(AttemptOutcome::Throttled, Some(opens_in));
        }
        let (places, more_in) = self.places();
        if self.bulkhead.taken() >= places {
            return Status::Coming(AttemptOutcome::Busy, more_in);
        }
        Status::Available
    }

    /// How many calls may run now, and when more may, where that is known: the share of them grows after a
    /// circuit closed. At least one may.
    fn places(&self) -> (usize, Option<Duration>) {
        let all = self.bulkhead.places();
        let Some(ramp) = self.circuits.ramp() else {
            return (all, None);
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small number of places"
        )]
        let now = ((all as f64 * ramp.share) as usize).clamp(1, all);
        let steps = u32::try_from(all - now).unwrap_or(u32::MAX).max(1);
        (now, Some((ramp.left / steps).max(SHORTEST_STEP)))
    }

    /// Enters, or says why not.
    ///
    /// The circuits come last, so that a trial is never begun for a call that cannot be made.
    pub(crate) fn enter(&self, need: Need) -> Result<Entry, Status> {
        let (places, more_in) = self.places();
        if self.bulkhead.taken() >= places
            || self.throttle.check().is_err()
            || self.backend.readiness() != Readiness::Ready
        {
            return Err(match self.status() {
                Status::Available => Status::Coming(AttemptOutcome::Busy, Some(Duration::ZERO)),
                status => status,
            });
        }
        // An open circuit tells more than what is left of a limit.
        if need.spill
            && let Some(until_reset) = self.throttle.spills(need.tokens)
            && self.circuits.check().is_ok()
        {
            return Err(Status::Shut(AttemptOutcome::SpilledOver, Some(until_reset)));
        }
        let permits = self.circuits.try_acquire().map_err(refusal)?;
        let place = self
            .bulkhead
            .try_take(places)
            .ok_or(Status::Coming(AttemptOutcome::Busy, more_in))?;
        let pass = self
            .throttle
            .try_pass()
            .map_err(|opens| Status::Shut(AttemptOutcome::Throttled, Some(opens)))?;
        self.throttle.spend(need.tokens);
        Ok(Entry { permits, pass, place })
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
