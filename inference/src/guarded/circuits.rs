//! The circuits that a call goes through: its backend's own, and those that several backends share.
//!
//! What answers nothing at all (no address, no connection, no TLS, a reset before an answer) is the endpoint's
//! fault, and 401 and 403 are the credential's. Backends that name the same endpoint or credential share one
//! breaker each for these, so that what is dead is tried once, and not once for each deployment behind it. Processes of
//! a fleet share what they see of circuits, those of models in a process left out.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    member::{Circuit, Lease, Member},
    report,
};
use crate::{
    AttemptOutcome, Observer, Processing, RegisteredBackend,
    fleet::Fleet,
    resilience::breaker::{Breaker, Order, Outcome, Permit, Ramp, Refused, Snapshot, Transition},
};

/// Transitions that are shown of all circuits of a backend together.
const HISTORY: usize = 16;

/// Whose circuit a failure counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Blame {
    /// The backend's own.
    Backend,
    /// That of its endpoint, where it has one.
    Endpoint,
    /// That of its credential, where it has one.
    Credential,
}

impl Blame {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Endpoint => "endpoint",
            Self::Credential => "credential",
        }
    }
}

/// What an attempt says of the circuits that it went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) outcome: AttemptOutcome,
    pub(crate) blame: Blame,
    pub(crate) counts: Outcome,
}

/// The circuits of one backend.
pub(crate) struct Circuits {
    own: Circuit,
    endpoint: Option<Circuit>,
    credential: Option<Circuit>,
}

/// Leave of each of them.
pub(crate) struct Permits {
    own: Permit,
    endpoint: Option<Permit>,
    credential: Option<Permit>,
    /// Of trials, those of the whole fleet. Last, so that they are given back after all else was told.
    leases: Vec<Lease>,
}

impl Circuits {
    /// Makes the circuits of each backend. A shared one has the numbers of the first that shares it.
    pub(super) fn of_all(
        backends: &[RegisteredBackend],
        observer: &Arc<dyn Observer>,
        fleet: Option<&Arc<dyn Fleet>>,
    ) -> Vec<Self> {
        let mut sharers: BTreeMap<(Blame, String), Vec<String>> = BTreeMap::new();
        for registered in backends {
            for key in keys(registered).into_iter().flatten() {
                let name = registered.backend.info().name.clone();
                sharers.entry(key).or_default().push(name);
            }
        }
        let mut made: BTreeMap<(Blame, String), Circuit> = BTreeMap::new();
        let mut shared = |registered: &RegisteredBackend, key: Option<(Blame, String)>| {
            let key = key?;
            let of = sharers.get(&key).cloned().unwrap_or_default();
            let fresh = || shared_circuit(registered, key.0, key.1.clone(), of, Arc::clone(observer), fleet);
            Some(made.entry(key.clone()).or_insert_with(fresh).clone())
        };
        backends
            .iter()
            .map(|registered| {
                let [endpoint, credential] = keys(registered);
                Self {
                    own: own_circuit(registered, Arc::clone(observer), fleet),
                    endpoint: shared(registered, endpoint),
                    credential: shared(registered, credential),
                }
            })
            .collect()
    }

    /// Those that are asked for leave, the backend's own last. An operator who forces a backend closed wants
    /// its calls to flow, whatever others did to its endpoint.
    fn asked(&self) -> impl Iterator<Item = &Breaker> {
        let shared = [&self.endpoint, &self.credential].into_iter().flatten();
        let forced = self.own.is_forced_closed();
        shared
            .filter(move |_| !forced)
            .chain([&self.own])
            .map(|circuit| &**circuit)
    }

    fn has_shared(&self) -> bool {
        self.endpoint.is_some() || self.credential.is_some()
    }

    /// Whether all of them give leave.
    pub(super) fn check(&self) -> Result<(), Refused> {
        // Whoever can say when it opens is less telling than whoever cannot.
        let refused = self.asked().filter_map(|breaker| breaker.check().err());
        match refused.max_by_key(|refused| refused.retry_in.map_or((1, None), |left| (0, Some(left)))) {
            Some(refused) => Err(refused),
            None => Ok(()),
        }
    }

    /// Asks all of them for leave. None begins a trial unless all of them give it.
    pub(super) fn try_acquire(&self) -> Result<Permits, Refused> {
        if !self.has_shared() {
            let own = self.own.try_acquire()?;
            return Ok(Permits {
                own,
                endpoint: None,
                credential: None,
                leases: Vec::new(),
            });
        }
        self.check()?;
        let forced = self.own.is_forced_closed();
        let ask = |circuit: &Option<Circuit>| {
            let asked = circuit.as_ref().filter(|_| !forced);
            asked.map(|circuit| circuit.try_acquire()).transpose()
        };
        Ok(Permits {
            endpoint: ask(&self.endpoint)?,
            credential: ask(&self.credential)?,
            own: self.own.try_acquire()?,
            leases: Vec::new(),
        })
    }

    /// Asks the fleet whether the trials among these may be made here; an error says when to ask again.
    pub(crate) async fn ask_fleet(&self, permits: &mut Permits) -> Result<(), Duration> {
        let of_each = [
            (self.endpoint.as_ref(), permits.endpoint.as_ref()),
            (self.credential.as_ref(), permits.credential.as_ref()),
            (Some(&self.own), Some(&permits.own)),
        ];
        for (circuit, permit) in of_each {
            if let (Some(circuit), Some(true)) = (circuit, permit.map(Permit::is_trial)) {
                permits.leases.extend(circuit.ask().await?);
            }
        }
        Ok(())
    }

    /// Heeds what other processes see, and tells `changed` when that mattered.
    pub(crate) fn listen(&self, changed: &(impl Fn() + Clone + Send + Sync + 'static)) {
        let shared = [&self.endpoint, &self.credential].into_iter().flatten();
        shared
            .chain([&self.own])
            .for_each(|circuit| circuit.listen(changed.clone()));
    }

    /// The least of what may run, while one of them has just closed.
    pub(super) fn ramp(&self) -> Option<Ramp> {
        self.asked()
            .filter_map(Breaker::ramp)
            .min_by(|one, other| one.share.total_cmp(&other.share))
    }

    pub(crate) fn force_open(&self, order: Order) {
        self.own.force_open(order);
    }

    pub(crate) fn force_closed(&self, order: Order) {
        self.own.force_closed(order);
    }

    pub(crate) fn drain(&self, order: Order) {
        self.own.drain(order);
    }

    /// Closes whatever keeps calls from flowing, shared or not.
    pub(crate) fn resume(&self, order: &Order) {
        let shared = [&self.endpoint, &self.credential].into_iter().flatten();
        shared
            .filter(|breaker| !breaker.state().flows())
            .for_each(|breaker| breaker.resume(order));
        self.own.resume(order);
    }

    /// All of them as one: whether calls flow, until when not, and what happened.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut whole = self.own.snapshot();
        let shared = [
            (Blame::Endpoint, &self.endpoint),
            (Blame::Credential, &self.credential),
        ];
        for (blame, breaker) in shared {
            let Some(part) = breaker.as_ref().map(|circuit| circuit.snapshot()) else {
                continue;
            };
            whole.history.extend(part.history.into_iter().map(|mut change| {
                change.cause = format!("{}: {}", blame.as_str(), change.cause);
                change
            }));
            if whole.state.is_forced() {
                continue;
            }
            whole.trial_in_flight |= part.trial_in_flight;
            whole.opens_in = whole.opens_in.max(part.opens_in);
            whole.ramp = match (whole.ramp, part.ramp) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            if part.state.as_metric() > whole.state.as_metric() {
                whole.state = part.state;
            }
        }
        whole.history.sort_by_key(|change| change.at);
        let older = whole.history.len().saturating_sub(HISTORY);
        whole.history.drain(..older);
        whole
    }
}

impl Permits {
    /// Whether one of them is for a trial.
    pub(crate) fn is_trial(&self) -> bool {
        let shared = [&self.endpoint, &self.credential].into_iter().flatten();
        shared.chain([&self.own]).any(Permit::is_trial)
    }

    /// Leaves the trials among them to others, and waits so long for what comes of it.
    pub(crate) fn defer(self, left: Duration) {
        let shared = [self.endpoint, self.credential].into_iter().flatten();
        for permit in shared.chain([self.own]).filter(Permit::is_trial) {
            permit.defer(left);
        }
    }

    /// Says what came of the attempt, to each of them what it says of it.
    pub(crate) fn settle(self, finding: Finding) {
        let Self {
            own,
            endpoint,
            credential,
            leases,
        } = self;
        let Finding {
            outcome,
            blame,
            counts,
        } = finding;
        let says = says(outcome);
        let settle = |permit: Option<Permit>, of: Blame, otherwise: Outcome| match permit {
            Some(permit) if blame == of => {
                permit.settle_as(counts, cause(outcome));
                true
            }
            Some(permit) => {
                permit.settle(otherwise);
                false
            }
            None => false,
        };
        let proof = |proven| {
            if proven {
                Outcome::Success
            } else {
                Outcome::Ignored
            }
        };
        let blamed = settle(endpoint, Blame::Endpoint, proof(says.reached));
        let blamed = settle(credential, Blame::Credential, proof(says.accepted)) || blamed;
        let own_counts = if blamed { Outcome::Ignored } else { counts };
        own.settle_as(own_counts, cause(outcome));
        drop(leases);
    }
}

/// What a backend shares, endpoint first.
fn keys(registered: &RegisteredBackend) -> [Option<(Blame, String)>; 2] {
    let shares = registered.backend.shares();
    [
        shares.endpoint.map(|name| (Blame::Endpoint, name)),
        shares.credential.map(|name| (Blame::Credential, name)),
    ]
}

/// Says of one of our models nothing to others: it is not theirs.
fn member(
    registered: &RegisteredBackend,
    name: &str,
    blame: Blame,
    fleet: Option<&Arc<dyn Fleet>>,
) -> Option<Member> {
    let fleet = fleet.filter(|_| registered.backend.info().processing != Processing::InProcess)?;
    let name = format!("{}:{name}", blame.as_str());
    Some(Member::new(fleet, name, &registered.resilience.breaker))
}

fn own_circuit(
    registered: &RegisteredBackend,
    observer: Arc<dyn Observer>,
    fleet: Option<&Arc<dyn Fleet>>,
) -> Circuit {
    let name = registered.backend.info().name.clone();
    let member = member(registered, &name, Blame::Backend, fleet);
    Circuit::new(
        registered.resilience.breaker.clone(),
        member,
        move |transition: &Transition| {
            report::transition(Blame::Backend, &name, std::slice::from_ref(&name), transition);
            observer.breaker_changed(&name, transition);
        },
    )
}

fn shared_circuit(
    registered: &RegisteredBackend,
    blame: Blame,
    name: String,
    of: Vec<String>,
    observer: Arc<dyn Observer>,
    fleet: Option<&Arc<dyn Fleet>>,
) -> Circuit {
    let member = member(registered, &name, blame, fleet);
    Circuit::new(
        registered.resilience.breaker.clone(),
        member,
        move |transition: &Transition| {
            report::transition(blame, &name, &of, transition);
            for backend in &of {
                observer.breaker_changed(backend, transition);
            }
        },
    )
}

/// What an attempt proves, whatever came of it.
struct Says {
    /// The endpoint answered.
    reached: bool,
    /// The credential was good enough for an answer that only its holders get.
    accepted: bool,
}

fn says(outcome: AttemptOutcome) -> Says {
    use AttemptOutcome as O;
    let (reached, accepted) = match outcome {
        O::Answered
        | O::Throttled
        | O::QuotaExhausted
        | O::ContentFiltered
        | O::ContextLengthExceeded
        | O::Rejected
        | O::OutputTruncated
        | O::InvalidOutput
        | O::MalformedStream => (true, true),
        O::CredentialRefused | O::DeploymentNotFound | O::ServerError => (true, false),
        O::CircuitOpen
        | O::SpilledOver
        | O::Busy
        | O::Warming
        | O::NotAllowed
        | O::NotSupported
        | O::Unreachable
        | O::CertificateInvalid
        | O::ConnectionBroken
        | O::Timeout
        | O::Failed
        | O::DeadlineExceeded
        | O::Cancelled => (false, false),
    };
    Says { reached, accepted }
}

/// What is written down as the cause when a circuit opens: what time does not mend comes with what to do.
fn cause(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::CredentialRefused => {
            "credential_refused; check the key of the backend, and the network rules of its resource"
        }
        AttemptOutcome::DeploymentNotFound => {
            "deployment_not_found; check `deployment` and `endpoint` of the backend, or create the deployment"
        }
        AttemptOutcome::CertificateInvalid => {
            "certificate_invalid; check the host name of `endpoint`, its certificate, and this machine's roots"
        }
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests;
