//! The front of this crate: takes calls, gives answers, and accounts for each exactly once.

use std::{sync::Arc, time::Duration};

use futures::stream::BoxStream;
use serde::Serialize;

use crate::{
    AttemptOutcome, Backend, BackendError, CompletionRequest, Cost, Deadline, FinishReason, Observer, Readiness,
    admission, resilience,
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
                BackendError::ContentFiltered { .. } | BackendError::ContentFilterUnavailable => "content_filtered",
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
            Self::QueueFull { retry_after, .. } | Self::AllBackendsFailed { retry_after, .. } => Some(*retry_after),
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
    /// Answers in the making.
    pub in_flight: usize,
}

/// Takes calls, gives answers. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    _inner: Arc<()>,
}

impl Gateway {
    /// Assembles a gateway.
    ///
    /// # Errors
    /// Names the chain or backend at fault: a duplicate, an empty or an unknown name.
    pub fn new(_config: GatewayConfig, _observer: Arc<dyn Observer>) -> Result<Self, String> {
        Err("not built yet".to_owned())
    }

    /// Admits a call, or refuses it at once. The returned stream carries the call to its end.
    ///
    /// # Errors
    /// [`CallError::QueueFull`], [`CallError::Draining`] and [`CallError::UnknownModel`] come here, before admission.
    pub fn start(&self, call: Call) -> Result<CallStream, CallError> {
        let _ = call;
        Err(CallError::Draining)
    }

    /// Admits a call and waits for its answer, without looking at what happens in between.
    ///
    /// # Errors
    /// Whatever ended the call without an answer.
    pub async fn complete(&self, call: Call) -> Result<Answer, CallError> {
        self.start(call).map(|_| ())?;
        Err(CallError::Draining)
    }

    /// Names of the chains that callers may ask for; the default one first.
    pub fn chains(&self) -> Vec<String> {
        Vec::new()
    }

    /// The state right now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { queue: admission::Snapshot::default(), backends: Vec::new() }
    }

    /// Stops admitting. Calls already admitted go on.
    pub fn drain(&self) {}

    /// Completes when no admitted call is left.
    pub async fn idle(&self) {}
}
