//! What a failure means: the one place where signals of Azure become a [`BackendError`].

use std::time::Duration;

use crate::BackendError;

/// Everything that can go wrong in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Failure {
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
pub(super) enum Transport {
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
    /// The request could not be put together.
    NotBuilt,
}

/// A failed answer, or the error within a stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Code,
    /// Azure's words, bounded and free of the request's text.
    pub(super) message: String,
    pub(super) retry_after: Option<Duration>,
}

/// The error codes that mean more than their status.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Code {
    /// The content filter refused.
    ContentFilter { categories: String },
    /// The content filter did not run.
    ContentFilterUnavailable,
    /// Too long for the model.
    ContextLength { needed: Option<u32>, limit: Option<u32> },
    /// The quota is used up.
    InsufficientQuota,
    /// The deployment cannot do this, by its own making; another may.
    Unsupported(Lack),
    /// Any other.
    Other,
}

/// What one model takes and another does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// Reasoning models take no temperature.
    Temperature,
    /// Reasoning models take no seed.
    Seed,
    /// Older models take no schema, newer ones not every schema.
    Schema,
    /// It is no chat model.
    Chat,
}

/// How a stream failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StreamFault {
    /// The answer is not a stream of events.
    NotEvents,
    /// Two lines were no chunks.
    Malformed,
    /// A line was longer than any chunk.
    LineTooLong,
    /// It ended for a reason that cannot be, such as a tool call.
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
pub(super) fn classify(failure: Failure) -> BackendError {
    match failure {
        Failure::Transport(transport) => classify_transport(transport),
        Failure::Status(refusal) => classify_refusal(refusal, "prompt"),
        Failure::InStream(refusal) => classify_refusal(refusal, "answer"),
        Failure::Stream(fault) => classify_fault(fault),
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
        Transport::NotBuilt => BackendError::Failed {
            reason: "the HTTP request could not be built".to_owned(),
        },
    }
}

/// A code decides before the status does, within the statuses where Azure uses it.
///
/// Statuses that Azure does not document: another 4xx, or a redirect, is a failed backend (it is set up
/// wrongly, and another may answer); another 5xx is a server error; another 2xx is not a stream.
fn classify_refusal(refusal: Refusal, stage: &'static str) -> BackendError {
    let Refusal {
        status,
        code,
        message,
        retry_after,
    } = refusal;
    match (status, code) {
        (400..=499, Code::ContentFilter { categories }) => {
            BackendError::ContentFiltered { stage, categories }
        }
        (200..=599, Code::ContentFilterUnavailable) => BackendError::ContentFilterUnavailable,
        (400 | 413 | 422, Code::ContextLength { needed, limit }) => {
            BackendError::ContextLengthExceeded { needed, limit }
        }
        (402, _) | (403 | 429, Code::InsufficientQuota) => BackendError::QuotaExhausted,
        (400 | 422, Code::Unsupported(lack)) => BackendError::Unsupported {
            reason: describe(lack).to_owned(),
        },
        (400 | 413 | 422, _) => BackendError::Rejected { status, message },
        (401, _) => BackendError::Unauthorized,
        (403, _) => BackendError::Forbidden,
        (404 | 410, _) => BackendError::DeploymentNotFound,
        (408, _) => BackendError::UpstreamTimeout,
        (409, _) => BackendError::Conflict,
        (429, _) => BackendError::Throttled { retry_after },
        (500..=599, _) => BackendError::ServerError { status, retry_after },
        (300..=399, _) => BackendError::Failed {
            reason: format!("redirected with status {status}; check the backend's endpoint"),
        },
        (400..=499, _) => BackendError::Failed {
            reason: format!("unexpected status {status}"),
        },
        (0..=299 | 600.., _) => BackendError::MalformedStream {
            reason: format!("status {status} where a stream was expected"),
        },
    }
}

fn describe(lack: Lack) -> &'static str {
    match lack {
        Lack::Temperature => "the deployment takes no temperature; later calls leave it out",
        Lack::Seed => "the deployment takes no seed; later calls leave it out",
        Lack::Schema => "the deployment cannot hold to this schema",
        Lack::Chat => "the deployment's model does not chat; choose another deployment",
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
