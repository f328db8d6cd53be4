//! The one map from what went wrong to what callers are told: public code, JSON-RPC code, HTTP status.

use std::time::Duration;

use http::StatusCode;
use inference::{Attempt, CallError};
use rmcp::model::{ErrorCode, ErrorData};
use serde_json::{Value, json};

use crate::tenancy::Refusal;
use crate::tenancy::quota::Exceeded;
use crate::tools::{Problem, ToolError};

/// Everything that MCP and its HTTP side refuse or fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool has no result.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// Who sent the request is not let in, or may not do this.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The protocol's own parameters are wrong: `_meta`, a cursor.
    #[error("`{field}` {reason}; {fix}")]
    InvalidParams {
        /// Where.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
        /// What to send instead.
        fix: &'static str,
    },
    /// A part of this server panicked. The call is over, the server is not.
    #[error("the server failed on this request; nothing you sent is known to be wrong")]
    Internal,
    /// No `Host`, or one that cannot be read.
    #[error("the `Host` header is missing or malformed; send the name of this server")]
    HostMalformed,
    /// The request is addressed to a name that is not ours: perhaps DNS rebinding.
    #[error("the `Host` header names another server; add the name to server.allowed_hosts if it is this one")]
    HostNotAllowed,
    /// A browser's page of another origin calls.
    #[error("calls from this `Origin` are not allowed; add it to server.allowed_origins if they should be")]
    OriginNotAllowed,
    /// The body is not declared as JSON.
    #[error("the body is not declared as JSON; send `Content-Type: application/json`")]
    UnsupportedMediaType,
    /// The client does not accept what MCP answers with.
    #[error("the answer could not be accepted; send `Accept: application/json, text/event-stream`")]
    NotAcceptable,
    /// The body is larger than allowed.
    #[error("the body exceeds {limit_bytes} bytes; send less")]
    BodyTooLarge {
        /// The bound.
        limit_bytes: usize,
    },
    /// The body did not come in time.
    #[error("the body did not arrive within {limit:?}; send it without pauses")]
    BodyTimeout {
        /// The bound.
        limit: Duration,
    },
    /// As much text is held as there is room for.
    #[error("the server holds as much text of other calls as it has room for; send less at once, or retry")]
    TooMuchText,
    /// The body broke off.
    #[error("the body broke off; send it whole")]
    BodyBroken,
    /// No answer was begun in time.
    #[error("no answer within {limit:?}; ask for less, or retry")]
    RequestTimeout {
        /// The bound.
        limit: Duration,
    },
    /// The body is not JSON, not UTF-8, or nested too deeply.
    #[error("the body is not JSON that can be read: {reason}")]
    ParseError {
        /// Where it breaks, without content.
        reason: String,
    },
    /// The body is JSON, and not a JSON-RPC message that MCP knows.
    #[error("the body is not one JSON-RPC 2.0 message; send a single request, notification or response")]
    InvalidMessage,
    /// The request's headers cannot be served.
    #[error("{reason}")]
    BadRequest {
        /// What is wrong.
        reason: String,
    },
    /// The session is over, was never, or is somebody else's.
    #[error("no such session; send `initialize` to begin a new one")]
    SessionNotFound,
    /// As many sessions as may be are open.
    #[error("all {limit} sessions are in use; retry, or use revision 2026-07-28, which needs none")]
    TooManySessions {
        /// The bound.
        limit: usize,
    },
    /// As many connections as may be are open.
    #[error("all connections are in use; retry")]
    TooManyConnections,
    /// The server is shutting down.
    #[error("the server is shutting down; retry, another instance may answer")]
    Draining,
    /// The path is known, the method is not.
    #[error("the method is not allowed here; allowed: {allowed}")]
    MethodNotAllowed {
        /// The methods that are.
        allowed: &'static str,
    },
    /// Nothing is at this path.
    #[error(
        "nothing is here; there is POST /mcp, POST /v1/chat/completions, GET /v1/models, GET /health/live, \
         GET /health/ready, GET /health/startup"
    )]
    NotFound,
}

/// What callers are told of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// The public code: the name of its page in `docs/errors/`.
    pub code: &'static str,
    /// The JSON-RPC error; `None` where the call has a result that says `isError`.
    pub json_rpc: Option<ErrorCode>,
    /// The status of an HTTP response that carries it. Within a running JSON-RPC call it is always 200.
    pub status: StatusCode,
    /// How long to wait before a retry, if waiting helps.
    pub retry_after: Option<Duration>,
}

/// JSON-RPC's range for errors of a server's own.
const SERVER_ERROR: ErrorCode = ErrorCode(-32000);

impl Error {
    /// The map. No other place decides on codes.
    pub fn map(&self) -> Mapped {
        let second = Some(Duration::from_secs(1));
        let (code, json_rpc, status, retry_after) = match self {
            Self::Tool(error) => return map_tool(error),
            Self::Refused(refusal) => return map_refusal(*refusal),
            Self::InvalidParams { .. } => (
                "invalid_params",
                ErrorCode::INVALID_PARAMS,
                StatusCode::BAD_REQUEST,
                None,
            ),
            Self::Internal => (
                "internal",
                ErrorCode::INTERNAL_ERROR,
                StatusCode::INTERNAL_SERVER_ERROR,
                None,
            ),
            Self::HostMalformed => ("host_malformed", SERVER_ERROR, StatusCode::BAD_REQUEST, None),
            Self::HostNotAllowed => ("host_not_allowed", SERVER_ERROR, StatusCode::FORBIDDEN, None),
            Self::OriginNotAllowed => ("origin_not_allowed", SERVER_ERROR, StatusCode::FORBIDDEN, None),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                SERVER_ERROR,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                None,
            ),
            Self::NotAcceptable => ("not_acceptable", SERVER_ERROR, StatusCode::NOT_ACCEPTABLE, None),
            Self::BodyTooLarge { .. } => (
                "body_too_large",
                SERVER_ERROR,
                StatusCode::PAYLOAD_TOO_LARGE,
                None,
            ),
            Self::BodyTimeout { .. } => ("request_timeout", SERVER_ERROR, StatusCode::REQUEST_TIMEOUT, None),
            Self::TooMuchText => (
                "too_much_text",
                SERVER_ERROR,
                StatusCode::SERVICE_UNAVAILABLE,
                second,
            ),
            Self::RequestTimeout { .. } => (
                "request_timeout",
                SERVER_ERROR,
                StatusCode::REQUEST_TIMEOUT,
                second,
            ),
            Self::BodyBroken | Self::BadRequest { .. } | Self::InvalidMessage => (
                "invalid_request",
                ErrorCode::INVALID_REQUEST,
                StatusCode::BAD_REQUEST,
                None,
            ),
            Self::ParseError { .. } => (
                "parse_error",
                ErrorCode::PARSE_ERROR,
                StatusCode::BAD_REQUEST,
                None,
            ),
            Self::SessionNotFound => ("session_not_found", SERVER_ERROR, StatusCode::NOT_FOUND, None),
            Self::TooManySessions { .. } => (
                "too_many_sessions",
                SERVER_ERROR,
                StatusCode::SERVICE_UNAVAILABLE,
                Some(Duration::from_secs(30)),
            ),
            Self::TooManyConnections => (
                "too_many_connections",
                SERVER_ERROR,
                StatusCode::SERVICE_UNAVAILABLE,
                second,
            ),
            Self::Draining => ("draining", SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE, second),
            Self::MethodNotAllowed { .. } => (
                "method_not_allowed",
                SERVER_ERROR,
                StatusCode::METHOD_NOT_ALLOWED,
                None,
            ),
            Self::NotFound => ("not_found", SERVER_ERROR, StatusCode::NOT_FOUND, None),
        };
        Mapped {
            code,
            json_rpc: Some(json_rpc),
            status,
            retry_after,
        }
    }

    /// Everything a caller is told, as JSON: code, message, page, and what was tried.
    pub fn detail(&self) -> Value {
        let Mapped {
            code, retry_after, ..
        } = self.map();
        let mut detail = json!({ "code": code, "message": self.to_string(), "docs": docs(code) });
        if let Some(retry_after) = retry_after {
            detail["retry_after_ms"] = json!(millis(retry_after));
        }
        if !self.attempts().is_empty() {
            detail["attempts"] = json!(self.attempts());
        }
        match self {
            Self::Tool(ToolError::InvalidArguments(problems)) => {
                detail["problems"] = problems.iter().map(problem).collect();
            }
            Self::Tool(ToolError::Quota(refused)) => add_limit(&mut detail, &refused.exceeded),
            Self::Tool(ToolError::UnknownTool {
                nearest: Some(nearest),
                ..
            }) => {
                detail["nearest"] = json!(nearest);
            }
            _ => {}
        }
        detail
    }

    /// What was tried before it failed.
    fn attempts(&self) -> &[Attempt] {
        match self {
            Self::Tool(ToolError::Call(error)) => error.attempts(),
            Self::Tool(ToolError::UnusableAnswer { attempts, .. }) => attempts,
            _ => &[],
        }
    }

    /// The error as JSON-RPC carries it.
    pub fn to_json_rpc(&self) -> ErrorData {
        let code = self.map().json_rpc.unwrap_or(ErrorCode::INTERNAL_ERROR);
        ErrorData::new(code, self.to_string(), Some(self.detail()))
    }
}

/// A tool's failure belongs into the call's result, where a model reads it and can act on it; only a
/// call of a tool that is not there is an error of the protocol.
fn map_tool(error: &ToolError) -> Mapped {
    let (json_rpc, status) = match error {
        ToolError::Refused(refusal) => return map_refusal(*refusal),
        ToolError::UnknownTool { .. } => (Some(ErrorCode::INVALID_PARAMS), StatusCode::OK),
        ToolError::InvalidArguments(_) | ToolError::UnusableAnswer { .. } => (None, StatusCode::OK),
        ToolError::Quota(_) => (None, StatusCode::TOO_MANY_REQUESTS),
        ToolError::Call(error) => match error {
            CallError::QueueFull { .. } | CallError::WaitTooLong { .. } | CallError::Draining => {
                (None, StatusCode::SERVICE_UNAVAILABLE)
            }
            CallError::DeadlineExceeded { .. } => (None, StatusCode::GATEWAY_TIMEOUT),
            CallError::AllBackendsFailed { .. } | CallError::Interrupted { .. } => {
                (None, StatusCode::BAD_GATEWAY)
            }
            CallError::UnknownModel { .. } | CallError::Refused { .. } => (None, StatusCode::BAD_REQUEST),
            CallError::NotPermitted { .. } => (None, StatusCode::FORBIDDEN),
        },
    };
    let retry_after = match error {
        ToolError::Call(error) => error.retry_after(),
        ToolError::Quota(refused) => refused.exceeded.retry_after,
        ToolError::Refused(_)
        | ToolError::UnknownTool { .. }
        | ToolError::InvalidArguments(_)
        | ToolError::UnusableAnswer { .. } => None,
    };
    Mapped {
        code: error.code(),
        json_rpc,
        status,
        retry_after,
    }
}

/// Which limit it was, for programs.
fn add_limit(detail: &mut Value, exceeded: &Exceeded) {
    detail["limit"] = json!(exceeded.limit.as_str());
    detail["limit_value"] = json!(exceeded.of);
    detail["left"] = json!(exceeded.left);
    detail["needs"] = json!(exceeded.needs);
    if let Some(resets_in) = exceeded.resets_in {
        detail["resets_in_ms"] = json!(millis(resets_in));
    }
}

/// Who is not let in is told so by the status; who may not do this, too.
fn map_refusal(refusal: Refusal) -> Mapped {
    let (status, retry_after) = match refusal {
        Refusal::Missing | Refusal::Invalid(_) => (StatusCode::UNAUTHORIZED, None),
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, None),
        Refusal::WrongTenant | Refusal::Scope { .. } => (StatusCode::FORBIDDEN, None),
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some(Duration::from_secs(5))),
    };
    Mapped {
        code: refusal.code(),
        json_rpc: Some(SERVER_ERROR),
        status,
        retry_after,
    }
}

/// The page that explains a code.
pub fn docs(code: &str) -> String {
    format!("docs/errors/{code}.md")
}

fn problem(problem: &Problem) -> Value {
    json!({ "field": problem.field, "reason": problem.reason, "fix": problem.fix })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
