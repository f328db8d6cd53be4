//! Everything that can go wrong in one attempt, and what it means where that does not depend on the server.

use std::time::Duration;

use serde_json::Value;

use crate::BackendError;

/// How one kind of server speaks of failure: the one thing in which servers of this protocol differ.
pub(crate) struct Dialect {
    /// Reads an error object, under the status that it came with; `None` within a stream.
    pub(crate) code: fn(error: &Value, status: Option<u16>) -> Code,
    /// Says what a refusal means.
    pub(crate) classify: fn(refusal: Refusal, stage: Stage) -> BackendError,
}

/// When a server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// In place of an answer.
    Prompt,
    /// In place of the rest of an answer.
    Answer,
}

impl Stage {
    /// What a content filter that refuses then has looked at.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Answer => "answer",
        }
    }
}

/// Everything that can go wrong in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// No answer came, or it broke off.
    Transport(Transport),
    /// An answer came that is no stream.
    Status(Refusal),
    /// A stream had begun, and said that it failed.
    InStream(Refusal),
    /// A stream had begun, and was not what it should be.
    Stream(StreamFault),
}

/// How the connection failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Transport {
    /// The name has no address.
    NameNotResolved,
    /// Nobody listens.
    Refused,
    /// No connection in time, TLS handshake included.
    ConnectTimeout,
    /// The TLS handshake failed.
    TlsHandshake { reason: String },
    /// The server's certificate is not valid for it.
    Certificate { reason: String },
    /// No connection for another reason.
    NotConnected { reason: String },
    /// The connection broke once it stood.
    Broken { reason: String },
}

/// A failed answer, or the error within a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Code,
    /// The server's words, bounded and free of the request's text.
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

/// The error codes that mean more than their status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Code {
    /// The content filter refused.
    ContentFilter { categories: String },
    /// The content filter did not run.
    ContentFilterUnavailable,
    /// Too long for the model.
    ContextLength { needed: Option<u32>, limit: Option<u32> },
    /// The quota is used up.
    InsufficientQuota,
    /// It has too much to do for now.
    Overloaded,
    /// It has no such model.
    UnknownModel,
    /// Its model answered, and not in the form that was asked for.
    InvalidOutput,
    /// It cannot do this, by its own making; another may.
    Unsupported(Lack),
    /// Any other.
    Other,
}

/// What one model takes and another does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Reasoning models take no temperature.
    Temperature,
    /// Reasoning models take no seed.
    Seed,
    /// Reasoning models take no `top_p`.
    TopP,
    /// Reasoning models take no stop sequences.
    Stop,
    /// Older models take no schema, newer ones not every schema.
    Schema,
    /// Not every model calls tools, and not every server is set up for it.
    Tools,
    /// The bound of the answer is wanted in the other field.
    MaxTokens,
    /// It is no chat model.
    Chat,
    /// Something else that it said it does not do.
    Unnamed,
}

impl Lack {
    /// Which lack the name of a refused parameter tells of.
    pub(crate) fn of_parameter(name: &str) -> Option<Self> {
        match name {
            "temperature" => Some(Self::Temperature),
            "seed" => Some(Self::Seed),
            "top_p" => Some(Self::TopP),
            "stop" => Some(Self::Stop),
            "tools" | "tool_choice" | "parallel_tool_calls" => Some(Self::Tools),
            "max_tokens" | "max_completion_tokens" => Some(Self::MaxTokens),
            _ => None,
        }
    }
}

/// How a stream failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StreamFault {
    /// The answer is not a stream of events.
    NotEvents,
    /// Two lines were no chunks.
    Malformed,
    /// A line was longer than any chunk.
    LineTooLong,
    /// A piece of a tool call fits no call, or one was in a line that could not be read.
    MalformedToolCall,
    /// More tool calls, or longer ones, than any caller could want.
    ToolCallsTooLarge,
    /// It ended for a reason that cannot be, such as a tool call where no tool was offered.
    UnknownFinish,
    /// It ended without a reason.
    Incomplete,
    /// The content filter cut it off, or the model itself declined.
    Filtered { categories: String },
    /// The content filter did not run.
    Unfiltered,
    /// The call's deadline passed.
    DeadlinePassed,
}

/// Says what a failure means.
pub(crate) fn classify(dialect: &Dialect, failure: Failure) -> BackendError {
    match failure {
        Failure::Transport(transport) => classify_transport(transport),
        Failure::Status(refusal) => (dialect.classify)(refusal, Stage::Prompt),
        Failure::InStream(refusal) => (dialect.classify)(refusal, Stage::Answer),
        Failure::Stream(fault) => classify_fault(fault),
    }
}

/// Says what a refusal means whose code says no more than its status.
///
/// Statuses that nobody documents: another 4xx, or a redirect, is a failed backend (it is set up wrongly,
/// and another may answer); another 5xx is a server error; another 2xx is not a stream.
/// `setting` is the one that says where the server is.
pub(crate) fn by_status(
    status: u16,
    message: String,
    retry_after: Option<Duration>,
    setting: &str,
) -> BackendError {
    match status {
        400 | 413 | 422 => BackendError::Rejected { status, message },
        401 => BackendError::Unauthorized,
        402 => BackendError::QuotaExhausted,
        403 => BackendError::Forbidden,
        404 | 410 => BackendError::DeploymentNotFound,
        408 => BackendError::UpstreamTimeout,
        409 => BackendError::Conflict,
        429 => BackendError::Throttled { retry_after },
        500..=599 => BackendError::ServerError { status, retry_after },
        300..=399 => BackendError::Failed {
            reason: format!("redirected with status {status}; check the backend's {setting}"),
        },
        400..=499 => BackendError::Failed {
            reason: format!("unexpected status {status}"),
        },
        0..=299 | 600.. => BackendError::MalformedStream {
            reason: format!("status {status} where a stream was expected"),
        },
    }
}

fn classify_transport(transport: Transport) -> BackendError {
    let unreachable = |reason: &str| BackendError::Unreachable {
        reason: reason.to_owned(),
    };
    match transport {
        Transport::NameNotResolved => unreachable("the endpoint's name does not resolve"),
        Transport::Refused => unreachable("connection refused"),
        Transport::ConnectTimeout => unreachable("no connection in time"),
        Transport::TlsHandshake { reason } => unreachable(&format!("TLS handshake failed: {reason}")),
        Transport::NotConnected { reason } => unreachable(&reason),
        Transport::Certificate { reason } => BackendError::CertificateInvalid { reason },
        Transport::Broken { reason } => BackendError::ConnectionBroken { reason },
    }
}

fn classify_fault(fault: StreamFault) -> BackendError {
    let malformed = |reason: &str| BackendError::MalformedStream {
        reason: reason.to_owned(),
    };
    match fault {
        StreamFault::NotEvents => malformed("the answer is not an event stream"),
        StreamFault::Malformed => malformed("two lines were not chunks"),
        StreamFault::LineTooLong => malformed("a line was longer than 1 MiB"),
        StreamFault::MalformedToolCall => malformed("a piece of a tool call is lost, or fits no call"),
        StreamFault::ToolCallsTooLarge => malformed("more than 128 tool calls, or more than 1 MiB of them"),
        StreamFault::UnknownFinish => malformed("unknown finish reason"),
        StreamFault::Incomplete => BackendError::IncompleteStream,
        StreamFault::Filtered { categories } => BackendError::ContentFiltered {
            stage: "answer",
            categories,
        },
        StreamFault::Unfiltered => BackendError::ContentFilterUnavailable,
        StreamFault::DeadlinePassed => BackendError::DeadlineExceeded,
    }
}
