//! What came of one candidate of a call: the closed set that labels results and metrics.

use serde::Serialize;

/// What came of one candidate of a call's chain. A closed set: it labels metrics and results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It answered.
    Answered,
    /// Passed over: its breaker is open.
    CircuitOpen,
    /// Passed over: what it said is left of its limits cannot hold the call, and somebody else can take it.
    SpilledOver,
    /// Passed over: all its places are taken.
    Busy,
    /// Passed over: its model is being loaded.
    Warming,
    /// Passed over: the data class may not leave the process.
    NotAllowed,
    /// Passed over, or refused: it cannot do what the request asks for, such as tools or this schema.
    NotSupported,
    /// 429, or its throttle gate is shut.
    Throttled,
    /// 429: quota used up.
    QuotaExhausted,
    /// Content filter.
    ContentFiltered,
    /// Too long for the model.
    ContextLengthExceeded,
    /// 4xx that the request is to blame for.
    Rejected,
    /// 401 or 403.
    CredentialRefused,
    /// 404.
    DeploymentNotFound,
    /// 5xx, 408 or 409.
    ServerError,
    /// No connection.
    Unreachable,
    /// Certificate.
    CertificateInvalid,
    /// Broken off.
    ConnectionBroken,
    /// No first byte, or a stall.
    Timeout,
    /// Ended early, or not as the protocol says.
    MalformedStream,
    /// Reached its token bound.
    OutputTruncated,
    /// Broke the schema.
    InvalidOutput,
    /// The backend itself broke.
    Failed,
    /// The call's deadline passed.
    DeadlineExceeded,
    /// The caller went away.
    Cancelled,
}

impl AttemptOutcome {
    /// Its name in results and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::CircuitOpen => "circuit_open",
            Self::SpilledOver => "spilled_over",
            Self::Busy => "busy",
            Self::Warming => "warming",
            Self::NotAllowed => "not_allowed",
            Self::NotSupported => "not_supported",
            Self::Throttled => "throttled",
            Self::QuotaExhausted => "quota_exhausted",
            Self::ContentFiltered => "content_filtered",
            Self::ContextLengthExceeded => "context_length_exceeded",
            Self::Rejected => "rejected",
            Self::CredentialRefused => "credential_refused",
            Self::DeploymentNotFound => "deployment_not_found",
            Self::ServerError => "server_error",
            Self::Unreachable => "unreachable",
            Self::CertificateInvalid => "certificate_invalid",
            Self::ConnectionBroken => "connection_broken",
            Self::Timeout => "timeout",
            Self::MalformedStream => "malformed_stream",
            Self::OutputTruncated => "output_truncated",
            Self::InvalidOutput => "invalid_output",
            Self::Failed => "failed",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Cancelled => "cancelled",
        }
    }
}
