//! A call and its end: what is asked of the gateway, what happens on the way, and what comes of it.

use std::{sync::Arc, time::Duration};

use futures::stream::BoxStream;
use serde::Serialize;

use crate::{AttemptOutcome, BackendError, CompletionRequest, Cost, Deadline, FinishReason, ToolCall};

/// One call: a request, and how it is to be treated.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which tool or endpoint asks; a label of metrics, so never caller-made text.
    pub label: &'static str,
    /// The chain to use; `None` is the default one.
    pub chain: Option<String>,
    /// What is asked.
    pub request: CompletionRequest,
    /// Whose call it is. Calls of different tenants take turns while they wait.
    pub tenant: Arc<str>,
    /// Whether somebody is waiting for the answer.
    pub priority: Priority,
    /// When it must have ended.
    pub deadline: Deadline,
    /// Whether the caller sees text before the end.
    pub visibility: Visibility,
}

impl Call {
    /// Makes a call on the default chain, of no tenant in particular, whose caller waits and sees nothing
    /// before the end.
    pub fn new(label: &'static str, request: CompletionRequest, deadline: Deadline) -> Self {
        Self {
            label,
            chain: None,
            request,
            tenant: Arc::from(""),
            priority: Priority::default(),
            deadline,
            visibility: Visibility::Buffered,
        }
    }
}

/// Who goes first among calls that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Priority {
    /// Somebody is waiting for the answer.
    #[default]
    Interactive,
    /// Nobody is: it goes after interactive calls, but not never.
    Batch,
}

/// Whether text is shown before the answer is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Nothing is shown, and nobody asks how far it is: neither beginning nor pieces of the answer cause events.
    Silent,
    /// Nothing is shown: failover stays invisible until the last token.
    Buffered,
    /// Text is shown as it comes: failover after the first text says [`CallEvent::Restarted`].
    Streamed,
    /// Text is shown as it comes, and cannot be taken back: a failure after the first text ends the call
    /// with [`CallError::Interrupted`].
    Irrevocable,
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
    /// Text to append (unless [`Visibility::Buffered`]). Tool calls come whole, with the answer.
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
    /// The whole text; may be empty when the model asks for tools.
    pub text: String,
    /// The tools that the model asks for, with [`FinishReason::ToolCalls`].
    pub tool_calls: Vec<ToolCall>,
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
    /// The deployment that answered, where the backend names it: a provisioned one may have spilled over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// Whether a weaker model than the chain's first answered.
    pub degraded: bool,
    /// Why the first candidate did not answer; absent when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<AttemptOutcome>,
    /// Every candidate tried or passed over, in order; the last one answered.
    pub attempts: Vec<Attempt>,
    /// Values that the answering backend did not see: something stood for them. Absent when it saw all.
    #[serde(skip_serializing_if = "is_zero")]
    pub disguised: u32,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde passes")]
fn is_zero(count: &u32) -> bool {
    *count == 0
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
    /// The queue is longer than the deadline allows, at the pace that was measured.
    #[error("would wait {expected_wait:.1?}, and has {remaining:.1?}")]
    WaitTooLong {
        /// How long it would wait.
        expected_wait: Duration,
        /// How much time its deadline leaves.
        remaining: Duration,
        /// When a retry is likely to be served in time.
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
    /// A backend failed after its text had been shown, and the caller cannot take text back
    /// ([`Visibility::Irrevocable`]).
    #[error("{backend} broke off ({}) after a part of its answer was shown", .reason.as_str())]
    Interrupted {
        /// The backend that broke off.
        backend: String,
        /// How.
        reason: AttemptOutcome,
        /// What was tried.
        attempts: Vec<Attempt>,
    },
    /// The text may travel to no backend of the chain that could answer.
    #[error("no backend of the chain may have this text")]
    NotPermitted {
        /// The backends that may not have it.
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
            Self::WaitTooLong { .. } => "wait_too_long",
            Self::Draining => "draining",
            Self::UnknownModel { .. } => "unknown_model",
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::Interrupted { .. } => "stream_interrupted",
            Self::NotPermitted { .. } => "not_permitted",
            Self::AllBackendsFailed { .. } => "all_backends_failed",
            Self::Refused { error, .. } => match error {
                BackendError::ContentFiltered { .. } | BackendError::ContentFilterUnavailable => {
                    "content_filtered"
                }
                BackendError::ContextLengthExceeded { .. } => "context_length_exceeded",
                BackendError::OutputTruncated { .. } => "output_truncated",
                BackendError::InvalidOutput { .. } => "invalid_output",
                BackendError::Unsupported { .. } => "not_supported",
                BackendError::Undisguised { .. } => "not_permitted",
                _ => "request_rejected",
            },
        }
    }

    /// When a retry may help, if waiting helps at all.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull { retry_after, .. }
            | Self::WaitTooLong { retry_after, .. }
            | Self::AllBackendsFailed { retry_after, .. } => Some(*retry_after),
            Self::Draining => Some(Duration::from_secs(1)),
            Self::UnknownModel { .. }
            | Self::DeadlineExceeded { .. }
            | Self::Refused { .. }
            | Self::NotPermitted { .. }
            | Self::Interrupted { .. } => None,
        }
    }

    /// What was tried before it failed.
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::DeadlineExceeded { attempts, .. }
            | Self::Refused { attempts, .. }
            | Self::Interrupted { attempts, .. }
            | Self::NotPermitted { attempts }
            | Self::AllBackendsFailed { attempts, .. } => attempts,
            Self::QueueFull { .. }
            | Self::WaitTooLong { .. }
            | Self::Draining
            | Self::UnknownModel { .. } => &[],
        }
    }
}
