//! The front of this crate: takes calls, gives answers, and accounts for each exactly once.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use serde::Serialize;

use crate::{
    AttemptOutcome, Backend, BackendError, CompletionRequest, Cost, Deadline, FinishReason, Observer,
    Readiness,
    admission::{self, Admission},
    guarded::Guarded,
    relay::relay,
    resilience,
    routing::{self, Job},
};

/// What a [`Gateway`] is made of.
pub struct GatewayConfig {
    /// The queue in front.
    pub queue: admission::Config,
    /// Every backend, by unique name.
    pub backends: Vec<RegisteredBackend>,
    /// What callers may ask for. The first is the default.
    pub chains: Vec<Chain>,
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

/// One call: a request, and how it is to be treated.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which tool or endpoint asks; a label of metrics, so never caller-made text.
    pub label: &'static str,
    /// The chain to use; `None` is the default one.
    pub chain: Option<String>,
    /// What is asked.
    pub request: CompletionRequest,
    /// When it must have ended.
    pub deadline: Deadline,
    /// Whether the caller sees text before the end.
    pub visibility: Visibility,
}

/// Whether text is shown before the answer is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Nothing is shown: failover stays invisible until the last token.
    Buffered,
    /// Text is shown as it comes: failover after the first text says [`CallEvent::Restarted`].
    Streamed,
}

/// What happens to a call, in order. [`CallEvent::Answered`] is last.
#[derive(Debug, Clone)]
pub enum CallEvent {
    /// It waits, behind so many others.
    Waiting {
        /// Calls ahead of it.
        ahead: usize,
    },
    /// A backend begins to work on it.
    Started {
        /// The backend's name.
        backend: String,
    },
    /// Text to append ([`Visibility::Streamed`] only).
    Text(String),
    /// Pieces of text (tokens, nearly) received so far ([`Visibility::Buffered`] only).
    Progress {
        /// Pieces so far, of this attempt.
        pieces: u32,
    },
    /// The text shown so far is void: another backend starts again.
    Restarted {
        /// The backend that starts again.
        backend: String,
        /// Why the earlier one was left.
        reason: AttemptOutcome,
    },
    /// The end.
    Answered(Box<Answer>),
}

/// The events of one call. Dropping it cancels the call.
pub type CallStream = BoxStream<'static, Result<CallEvent, CallError>>;

/// A complete answer, and who gave it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The whole text.
    pub text: String,
    /// Why it ended.
    pub finish: FinishReason,
    /// Who answered, and what it took.
    pub facts: AnswerFacts,
}

/// Who answered, and what it took: the `_meta["com.b2xgate/answer"]` of a result.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerFacts {
    /// Name of the backend that answered.
    pub backend: String,
    /// The model that answered.
    pub model: String,
    /// Where it runs.
    pub region: String,
    /// Whether a weaker model than the chain's first answered.
    pub degraded: bool,
    /// Why the first candidate did not answer; absent when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<AttemptOutcome>,
    /// Every candidate tried or passed over, in order; the last one answered.
    pub attempts: Vec<Attempt>,
    /// Tokens of the prompt.
    pub input_tokens: u32,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// Cost of the answer.
    pub cost: Cost,
    /// Milliseconds from admission to the first attempt.
    pub queue_ms: u64,
    /// Milliseconds from the answering attempt's start to its first text.
    pub time_to_first_token_ms: u64,
    /// Milliseconds from admission to the end.
    pub duration_ms: u64,
}

/// One candidate of a call's chain, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Name of the backend.
    pub backend: String,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Why a call has no answer. Each variant is a public code with a page in `docs/errors/`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The queue is full.
    #[error("queue is full: {waiting} calls wait and {capacity} may")]
    QueueFull {
        /// Calls waiting.
        waiting: usize,
        /// Calls that may wait.
        capacity: usize,
        /// When a retry is likely to be admitted.
        retry_after: Duration,
    },
    /// The server is shutting down.
    #[error("server is draining")]
    Draining,
    /// No chain has this name.
    #[error("unknown model {name:?}")]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// What may be asked for.
        known: Vec<String>,
    },
    /// The deadline passed.
    #[error("deadline exceeded after {after:?}")]
    DeadlineExceeded {
        /// How long the call had been admitted.
        after: Duration,
        /// What was tried.
        attempts: Vec<Attempt>,
    },
    /// The request is at fault, or its answer is refused for good: no backend of the chain would do better.
    #[error("{error}")]
    Refused {
        /// The backend's reason.
        error: BackendError,
        /// What was tried.
        attempts: Vec<Attempt>,
    },
    /// Every backend that may answer failed or is shut.
    #[error("no backend could answer")]
    AllBackendsFailed {
        /// What was tried.
        attempts: Vec<Attempt>,
        /// When a retry may help.
        retry_after: Duration,
    },
}

impl CallError {
    /// The public code: the name of its page in `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::QueueFull { .. } => "queue_full",
            Self::Draining => "draining",
            Self::UnknownModel { .. } => "unknown_model",
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::AllBackendsFailed { .. } => "all_backends_failed",
            Self::Refused { error, .. } => match error {
                BackendError::ContentFiltered { .. } | BackendError::ContentFilterUnavailable => {
                    "content_filtered"
                }
                BackendError::ContextLengthExceeded { .. } => "context_length_exceeded",
                BackendError::OutputTruncated { .. } => "output_truncated",
                BackendError::InvalidOutput { .. } => "invalid_output",
                _ => "request_rejected",
            },
        }
    }

    /// When a retry may help, if waiting helps at all.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull { retry_after, .. } | Self::AllBackendsFailed { retry_after, .. } => {
                Some(*retry_after)
            }
            Self::Draining => Some(Duration::from_secs(1)),
            Self::UnknownModel { .. } | Self::DeadlineExceeded { .. } | Self::Refused { .. } => None,
        }
    }

    /// What was tried before it failed.
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::DeadlineExceeded { attempts, .. }
            | Self::Refused { attempts, .. }
            | Self::AllBackendsFailed { attempts, .. } => attempts,
            Self::QueueFull { .. } | Self::Draining | Self::UnknownModel { .. } => &[],
        }
    }
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
    /// Its circuit breaker.
    pub breaker: resilience::breaker::Snapshot,
    /// How long its throttle gate stays shut; zero when it is open.
    pub throttled_for: Duration,
    /// Answers in the making.
    pub in_flight: usize,
}

/// Takes calls, gives answers. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    admission: Admission,
    chains: Vec<ResolvedChain>,
}

/// A chain whose backends were found.
struct ResolvedChain {
    name: String,
    backends: Arc<[usize]>,
}

impl Gateway {
    /// Assembles a gateway.
    ///
    /// # Errors
    /// Names the chain or backend at fault: a duplicate, an empty or an unknown name.
    pub fn new(config: GatewayConfig, observer: Arc<dyn Observer>) -> Result<Self, String> {
        let GatewayConfig {
            queue,
            backends,
            chains,
        } = config;
        let names: Vec<String> = backends
            .iter()
            .map(|backend| backend.backend.info().name.clone())
            .collect();
        check_names("backend", &names)?;
        let chains = resolve(chains, &names)?;
        let backends = backends
            .into_iter()
            .map(|backend| Guarded::new(backend, Arc::clone(&observer)));
        let admission = Admission::new(&queue, backends.collect(), observer);
        Ok(Self {
            inner: Arc::new(Inner { admission, chains }),
        })
    }

    /// Admits a call, or refuses it at once. The returned stream carries the call to its end: it is to
    /// be polled until then, or dropped.
    ///
    /// # Errors
    /// [`CallError::QueueFull`], [`CallError::Draining`], [`CallError::UnknownModel`] and, when it had
    /// passed before, [`CallError::DeadlineExceeded`] come here, before admission.
    pub fn start(&self, call: Call) -> Result<CallStream, CallError> {
        let Call {
            label,
            chain,
            request,
            deadline,
            visibility,
        } = call;
        let chain = Arc::clone(&self.chain(chain)?.backends);
        let job = Job {
            request,
            visibility,
            chain,
        };
        let admission = &self.inner.admission;
        let admitted = admission.admit(label, &job.wish(admission.backends()), deadline)?;
        Ok(relay(|events| async move {
            let answer = routing::answer(admitted, job, events).await?;
            Ok(CallEvent::Answered(Box::new(answer)))
        }))
    }

    /// Admits a call and waits for its answer, without looking at what happens in between.
    ///
    /// # Errors
    /// Whatever ended the call without an answer.
    pub async fn complete(&self, call: Call) -> Result<Answer, CallError> {
        let mut events = self.start(call)?;
        while let Some(event) = events.next().await {
            if let CallEvent::Answered(answer) = event? {
                return Ok(*answer);
            }
        }
        unreachable!("a call's stream ends with an answer or an error")
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

    /// Opens the circuit of a backend until [`Gateway::reset`]; calls under way go on. `false` when no
    /// backend has this name.
    #[must_use = "the name may be unknown"]
    pub fn force_open(&self, backend: &str, reason: &str) -> bool {
        self.operate(backend, |guarded| guarded.breaker.force_open(reason))
    }

    /// Closes the circuit of a backend, whatever opened it. `false` when no backend has this name.
    #[must_use = "the name may be unknown"]
    pub fn reset(&self, backend: &str) -> bool {
        self.operate(backend, |guarded| guarded.breaker.reset())
    }

    fn operate(&self, backend: &str, act: impl FnOnce(&Guarded)) -> bool {
        let admission = &self.inner.admission;
        let found = admission
            .backends()
            .iter()
            .find(|guarded| guarded.info().name == backend);
        found.map(act).map(|()| admission.changed()).is_some()
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
            breaker: guarded.breaker.snapshot(),
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
