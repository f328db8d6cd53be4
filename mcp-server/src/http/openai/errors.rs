//! Errors in OpenAI's shape: the one map from what went wrong to status, type, code and hint.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use inference::CallError;
use serde::Serialize;

use super::headers;
use crate::http::challenge;
use crate::mcp::errors as protocol;
use crate::tenancy::quota::Refused;

/// As `Retry-After`, in milliseconds: OpenAI's clients look at it first.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// Everything that `/v1` refuses or fails with.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum Error {
    /// A parameter or a header is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The gateway has no answer.
    #[error("{}", describe(.0))]
    Call(#[from] CallError),
    /// The tenant has used what it may use.
    #[error(transparent)]
    Quota(#[from] Box<Refused>),
    /// The model has this name for nobody.
    #[error("the model {name:?} does not exist; use one of: {}", .known.join(", "))]
    ModelNotFound {
        /// What was asked for, cut to a bounded length.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// What any path of this server may refuse: its source, its body, its method.
    #[error(transparent)]
    Http(#[from] protocol::Error),
}

/// What is wrong with one parameter: which, why, and what to send instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}; {fix}", named(.param))]
pub(in crate::http) struct Invalid {
    /// Where, as `messages[2].content`; empty for the request as a whole.
    pub(super) param: String,
    /// What is wrong.
    pub(super) reason: String,
    /// What to send instead.
    pub(super) fix: String,
    /// Whether it is right in itself, and this server does not do it.
    pub(super) unsupported: bool,
}

impl Invalid {
    /// A value that is wrong.
    pub(super) fn value(param: impl Into<String>, reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            param: param.into(),
            reason: reason.into(),
            fix: fix.into(),
            unsupported: false,
        }
    }

    /// A value that other servers may know what to do with.
    pub(super) fn unsupported(
        param: impl Into<String>,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            unsupported: true,
            ..Self::value(param, reason, fix)
        }
    }
}

fn named(param: &str) -> String {
    if param.is_empty() {
        String::new()
    } else {
        format!("`{param}` ")
    }
}

/// The error's own words, and what was tried.
fn describe(error: &CallError) -> String {
    let attempts = error.attempts();
    if attempts.is_empty() {
        return error.to_string();
    }
    format!("{error} ({})", headers::list_attempts(attempts))
}

/// OpenAI's `type` of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Kind {
    /// The request has to change.
    #[serde(rename = "invalid_request_error")]
    InvalidRequest,
    /// The same request may be answered later.
    #[serde(rename = "rate_limit_error")]
    RateLimit,
    /// The server or what stands behind it failed.
    #[serde(rename = "server_error")]
    Server,
}

/// What callers are told of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mapped {
    pub(super) status: StatusCode,
    pub(super) kind: Kind,
    /// The public code: the name of its page in `docs/errors/`.
    pub(super) code: &'static str,
    pub(super) retry_after: Option<Duration>,
}

impl Error {
    /// The map. For `/v1`, no other place decides on statuses, types and codes.
    pub(super) fn map(&self) -> Mapped {
        let refused = |code| Mapped {
            status: StatusCode::BAD_REQUEST,
            kind: Kind::InvalidRequest,
            code,
            retry_after: None,
        };
        match self {
            Self::Invalid(Invalid {
                unsupported: true, ..
            }) => refused("unsupported_parameter"),
            Self::Invalid(Invalid {
                unsupported: false, ..
            }) => refused("invalid_parameter"),
            Self::ModelNotFound { .. } | Self::Call(CallError::UnknownModel { .. }) => Mapped {
                status: StatusCode::NOT_FOUND,
                ..refused("model_not_found")
            },
            Self::Call(error) => map_call(error),
            Self::Quota(refused) => Mapped {
                status: StatusCode::TOO_MANY_REQUESTS,
                kind: Kind::RateLimit,
                code: "quota_exceeded",
                retry_after: refused.exceeded.retry_after,
            },
            Self::Http(error) => {
                let mapped = error.map();
                Mapped {
                    status: mapped.status,
                    kind: if mapped.status.is_client_error() {
                        Kind::InvalidRequest
                    } else {
                        Kind::Server
                    },
                    code: mapped.code,
                    retry_after: mapped.retry_after,
                }
            }
        }
    }

    /// The parameter at fault, where one is.
    fn param(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => Some(&invalid.param)
                .filter(|param| !param.is_empty())
                .map(String::as_str),
            Self::ModelNotFound { .. } | Self::Call(CallError::UnknownModel { .. }) => Some("model"),
            Self::Call(error) if error.code() == "context_length_exceeded" => Some("messages"),
            Self::Call(_) | Self::Quota(_) | Self::Http(_) => None,
        }
    }

    /// The whole error as JSON.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let Mapped {
            kind,
            code,
            retry_after,
            ..
        } = self.map();
        let wire = Wire {
            error: Detail {
                message: &self.to_string(),
                kind,
                param: self.param(),
                code,
                retry_after_ms: retry_after.map(millis),
            },
        };
        // Strings and numbers: this cannot fail.
        serde_json::to_vec(&wire).unwrap_or_default()
    }
}

fn map_call(error: &CallError) -> Mapped {
    let (status, kind) = match error {
        CallError::QueueFull { .. } | CallError::WaitTooLong { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, Kind::RateLimit)
        }
        CallError::Draining | CallError::AllBackendsFailed { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, Kind::Server)
        }
        CallError::DeadlineExceeded { .. } => (StatusCode::GATEWAY_TIMEOUT, Kind::Server),
        CallError::Interrupted { .. } => (StatusCode::BAD_GATEWAY, Kind::Server),
        CallError::UnknownModel { .. } => (StatusCode::NOT_FOUND, Kind::InvalidRequest),
        CallError::NotPermitted { .. } => (StatusCode::FORBIDDEN, Kind::InvalidRequest),
        CallError::Refused { error, .. } => refused_by(error),
    };
    Mapped {
        status,
        kind,
        code: error.code(),
        retry_after: error.retry_after(),
    }
}

/// Whether a refusal is for the request's sake or for the answer's.
fn refused_by(error: &inference::BackendError) -> (StatusCode, Kind) {
    use inference::BackendError as Reason;
    match error {
        Reason::InvalidOutput { .. } | Reason::OutputTruncated { .. } | Reason::ContentFilterUnavailable => {
            (StatusCode::BAD_GATEWAY, Kind::Server)
        }
        Reason::ContentFiltered { .. }
        | Reason::ContextLengthExceeded { .. }
        | Reason::Rejected { .. }
        | Reason::Unsupported { .. } => (StatusCode::BAD_REQUEST, Kind::InvalidRequest),
        Reason::Undisguised { .. } => (StatusCode::FORBIDDEN, Kind::InvalidRequest),
        // No call is refused for these: it goes on, or ends as one that no backend could answer.
        Reason::Unauthorized
        | Reason::Forbidden
        | Reason::DeploymentNotFound
        | Reason::UpstreamTimeout
        | Reason::Conflict
        | Reason::Throttled { .. }
        | Reason::QuotaExhausted
        | Reason::ServerError { .. }
        | Reason::Unreachable { .. }
        | Reason::CertificateInvalid { .. }
        | Reason::ConnectionBroken { .. }
        | Reason::NoFirstByte(_)
        | Reason::Stalled(_)
        | Reason::TooSlow { .. }
        | Reason::IncompleteStream
        | Reason::MalformedStream { .. }
        | Reason::Warming
        | Reason::Busy
        | Reason::Failed { .. }
        | Reason::DeadlineExceeded => (StatusCode::BAD_GATEWAY, Kind::Server),
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    param: Option<&'a str>,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mapped = self.map();
        let mut response = (mapped.status, Body::from(self.to_json())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = mapped.retry_after {
            // Whole seconds, and never less than what was meant.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert(RETRY_AFTER_MS, HeaderValue::from(millis(wait)));
        }
        if let Self::Http(protocol::Error::MethodNotAllowed { allowed }) = &self {
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        if let Self::Http(error) = &self {
            challenge::begin(headers, error);
        }
        if let Self::Call(error) = &self {
            headers::write_attempts(headers, error.attempts());
        }
        if let Self::Quota(refused) = &self {
            headers::write_standing(headers, &refused.standing);
        }
        response
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
