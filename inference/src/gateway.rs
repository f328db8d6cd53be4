//! The front of this crate: takes calls, gives answers, and accounts for each exactly once.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use tracing::{Instrument, Span};

use crate::{
    Answer, Backend, Call, CallError, CallEvent, CallStream, CompletionRequest, Disguise, Observer,
    Readiness, Visibility,
    admission::{self, Admission, Asker},
    disguise::Outgoing,
    fleet::Fleet,
    guarded::Guarded,
    relay::relay,
    resilience::{self, breaker::Order},
    routing::{self, Job, Policy},
    spans,
};

/// What a [`Gateway`] is made of.
pub struct GatewayConfig {
    /// The queue in front.
    pub queue: admission::Config,
    /// Every backend, by unique name.
    pub backends: Vec<RegisteredBackend>,
    /// What callers may ask for. The first is the default.
    pub chains: Vec<Chain>,
    /// How often a call may ask, and whom.
    pub routing: routing::Config,
}

/// A backend and the numbers that guard it.
pub struct RegisteredBackend {
    /// The backend.
    pub backend: Arc<dyn Backend>,
    /// Its breaker, timeouts and limits.
    pub resilience: resilience::Config,
}

/// A model name that callers may ask for, and the backends that stand behind it.
#[derive(Debug, Clone)]
pub struct Chain {
    /// What callers say.
    pub name: String,
    /// Names of backends, best first.
    pub backends: Vec<String>,
}

/// The state of a gateway at one instant.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The queue and the accounts. `admitted = answered + failed + cancelled + running + waiting`, always.
    pub queue: admission::Snapshot,
    /// Each backend, in the order of the configuration.
    pub backends: Vec<BackendSnapshot>,
}

/// The state of one backend at one instant.
#[derive(Debug, Clone)]
pub struct BackendSnapshot {
    /// What it is.
    pub info: crate::BackendInfo,
    /// Whether it can take work.
    pub readiness: Readiness,
    /// Its circuit breaker, those that it shares for its endpoint and its credential included: the state is
    /// that of whatever keeps calls from flowing, and the history tells which it was.
    pub breaker: resilience::breaker::Snapshot,
    /// How long its throttle gate stays shut; zero when it is open.
    pub throttled_for: Duration,
    /// Answers in the making.
    pub in_flight: usize,
}

/// An operator named a backend that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no backend {name:?}; name one of: {}", known.join(", "))]
pub struct UnknownBackend {
    /// What was asked for.
    pub name: String,
    /// What there is.
    pub known: Vec<String>,
}

/// Takes calls, gives answers. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    admission: Admission,
    chains: Vec<ResolvedChain>,
    policy: Arc<Policy>,
    disguise: Option<Arc<dyn Disguise>>,
}

/// What a gateway may be given besides its backends.
#[derive(Default)]
pub struct Surroundings {
    /// What requests, of whatever caller, leave the process in.
    pub disguise: Option<Arc<dyn Disguise>>,
    /// The other processes, which are told what is seen of circuits.
    pub fleet: Option<Arc<dyn Fleet>>,
}

/// A chain whose backends were found.
struct ResolvedChain {
    name: String,
    backends: Arc<[usize]>,
}

impl Gateway {
    /// Assembles a gateway on its own, whose requests leave the process as they are.
    ///
    /// # Errors
    /// Names the chain or backend at fault: a duplicate, an empty or an unknown name.
    pub fn new(config: GatewayConfig, observer: Arc<dyn Observer>) -> Result<Self, String> {
        Self::within(config, observer, Surroundings::default())
    }

    /// Assembles a gateway in its surroundings.
    ///
    /// # Errors
    /// As [`Gateway::new`].
    pub fn within(
        config: GatewayConfig,
        observer: Arc<dyn Observer>,
        Surroundings { disguise, fleet }: Surroundings,
    ) -> Result<Self, String> {
        let GatewayConfig {
            queue,
            backends,
            chains,
            routing,
        } = config;
        let names: Vec<String> = backends
            .iter()
            .map(|backend| backend.backend.info().name.clone())
            .collect();
        check_names("backend", &names)?;
        let chains = resolve(chains, &names)?;
        let backends = Guarded::all(backends, &observer, fleet.as_ref());
        let admission = Admission::new(&queue, backends, observer);
        Ok(Self {
            inner: Arc::new(Inner {
                admission,
                chains,
                policy: Arc::new(Policy::new(routing)),
                disguise,
            }),
        })
    }

    /// Admits a call, or refuses it at once. The returned stream carries the call to its end: it is to
    /// be polled until then, or dropped.
    ///
    /// # Errors
    /// [`CallError::QueueFull`], [`CallError::WaitTooLong`], [`CallError::Draining`],
    /// [`CallError::UnknownModel`] and, when it had passed before, [`CallError::DeadlineExceeded`] come
    /// here, before admission.
    pub fn start(&self, call: Call) -> Result<CallStream, CallError> {
        let Call {
            label,
            chain,
            request,
            tenant,
            priority,
            deadline,
            visibility,
        } = call;
        let job = Job {
            policy: Arc::clone(&self.inner.policy),
            outgoing: Outgoing::new(
                CompletionRequest {
                    tenant: (!tenant.is_empty()).then(|| Arc::clone(&tenant)),
                    ..request
                },
                self.inner.disguise.clone(),
            ),
            visibility,
            chain: Arc::clone(&self.chain(chain)?.backends),
        };
        let asker = Asker {
            label,
            tenant,
            priority,
            deadline,
        };
        let admission = &self.inner.admission;
        let admitted = admission
            .admit(asker, &job.wish(admission.backends()))
            .map_err(CallError::from)
            .inspect_err(spans::refused)?;
        // Whoever polls the stream may stand elsewhere by then.
        let span = Span::current();
        Ok(relay(|events| {
            let call = async move {
                let answer = routing::answer(admitted, job, events).await?;
                Ok(CallEvent::Answered(Box::new(answer)))
            };
            call.instrument(span)
        }))
    }

    /// Admits a call and waits for its answer, without looking at what happens in between.
    ///
    /// # Errors
    /// Whatever ended the call without an answer.
    pub async fn complete(&self, mut call: Call) -> Result<Answer, CallError> {
        if call.visibility == Visibility::Buffered {
            call.visibility = Visibility::Silent;
        }
        let mut events = self.start(call)?;
        while let Some(event) = events.next().await {
            if let CallEvent::Answered(answer) = event? {
                return Ok(*answer);
            }
        }
        unreachable!("a call's stream ends with an answer or an error")
    }

    /// Counts a call that its tenant's quota did not let in: it never came here.
    pub fn count_over_quota(&self, label: &'static str) {
        self.inner.admission.shed(label, "quota");
    }

    fn chain(&self, name: Option<String>) -> Result<&ResolvedChain, CallError> {
        let found = match &name {
            None => self.inner.chains.first(),
            Some(name) => self.inner.chains.iter().find(|chain| chain.name == *name),
        };
        found.ok_or_else(|| CallError::UnknownModel {
            name: name.unwrap_or_default(),
            known: self.chains(),
        })
    }

    /// Names of the chains that callers may ask for; the default one first.
    pub fn chains(&self) -> Vec<String> {
        self.inner.chains.iter().map(|chain| chain.name.clone()).collect()
    }

    /// The state right now.
    pub fn snapshot(&self) -> Snapshot {
        let admission = &self.inner.admission;
        Snapshot {
            queue: admission.snapshot(),
            backends: admission.backends().iter().map(BackendSnapshot::of).collect(),
        }
    }

    /// Sends no more calls to a backend until [`Gateway::resume`], because an operator holds it for broken;
    /// calls under way go on.
    ///
    /// An [`Order`] says who wants it and why; a plain text is the reason of an operator without a name.
    ///
    /// # Errors
    /// There is no backend of this name.
    pub fn force_open(&self, backend: &str, order: impl Into<Order>) -> Result<(), UnknownBackend> {
        let order = order.into();
        self.operate(backend, |guarded| guarded.circuits.force_open(order))
    }

    /// Lets calls flow to a backend, whatever comes of them, until [`Gateway::resume`]. What its endpoint and
    /// its credential did elsewhere does not matter then either; its throttle gate does.
    ///
    /// # Errors
    /// There is no backend of this name.
    pub fn force_closed(&self, backend: &str, order: impl Into<Order>) -> Result<(), UnknownBackend> {
        let order = order.into();
        self.operate(backend, |guarded| guarded.circuits.force_closed(order))
    }

    /// Takes a backend out of service until [`Gateway::resume`]: it is given no new calls, and those under
    /// way go on. It is drained when [`BackendSnapshot::in_flight`] is zero.
    ///
    /// # Errors
    /// There is no backend of this name.
    pub fn drain_backend(&self, backend: &str, order: impl Into<Order>) -> Result<(), UnknownBackend> {
        let order = order.into();
        self.operate(backend, |guarded| guarded.circuits.drain(order))
    }

    /// Ends what an operator ordered, closes the circuit whatever opened it, and lets calls flow to a backend
    /// again, a few at first.
    ///
    /// # Errors
    /// There is no backend of this name.
    pub fn resume(&self, backend: &str, order: impl Into<Order>) -> Result<(), UnknownBackend> {
        let order = order.into();
        self.operate(backend, |guarded| guarded.circuits.resume(&order))
    }

    fn operate(&self, backend: &str, act: impl FnOnce(&Guarded)) -> Result<(), UnknownBackend> {
        let admission = &self.inner.admission;
        let backends = admission.backends();
        let found = backends.iter().find(|guarded| guarded.info().name == backend);
        let unknown = || UnknownBackend {
            name: backend.to_owned(),
            known: backends
                .iter()
                .map(|guarded| guarded.info().name.clone())
                .collect(),
        };
        act(found.ok_or_else(unknown)?);
        admission.changed();
        Ok(())
    }

    /// Stops admitting. Calls already admitted go on.
    pub fn drain(&self) {
        self.inner.admission.drain();
    }

    /// Completes when no admitted call is left.
    pub async fn idle(&self) {
        self.inner.admission.idle().await;
    }
}

impl BackendSnapshot {
    fn of(guarded: &Guarded) -> Self {
        Self {
            info: guarded.info().clone(),
            readiness: guarded.backend.readiness(),
            breaker: guarded.circuits.snapshot(),
            throttled_for: guarded.throttle.remaining(),
            in_flight: guarded.bulkhead.taken(),
        }
    }
}

/// Finds the backends of each chain.
fn resolve(chains: Vec<Chain>, names: &[String]) -> Result<Vec<ResolvedChain>, String> {
    if chains.is_empty() {
        return Err("no model is defined: callers would have nothing to ask for".to_owned());
    }
    check_names(
        "model",
        &chains.iter().map(|chain| chain.name.clone()).collect::<Vec<_>>(),
    )?;
    chains
        .into_iter()
        .map(|Chain { name, backends }| {
            check_names(&format!("backend in the chain of model {name:?}"), &backends)?;
            if backends.is_empty() {
                return Err(format!(
                    "model {name:?} has an empty chain: name at least one backend"
                ));
            }
            let find = |backend: &String| {
                names.iter().position(|known| known == backend).ok_or_else(|| {
                    format!(
                        "model {name:?} names backend {backend:?}, which is not one of: {}",
                        names.join(", ")
                    )
                })
            };
            let backends = backends.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            Ok(ResolvedChain {
                name,
                backends: backends.into(),
            })
        })
        .collect()
}

/// Checks that names are neither empty nor double, and not too many to be told apart by a bit each.
fn check_names(what: &str, names: &[String]) -> Result<(), String> {
    if names.len() > 64 {
        return Err(format!("{} {what} names; at most 64 may be given", names.len()));
    }
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(format!("{what} number {} has an empty name", index + 1));
        }
        if names[..index].contains(name) {
            return Err(format!("{what} {name:?} is named twice"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
