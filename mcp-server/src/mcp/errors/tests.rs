//! Tests of the error map.

use inference::{AttemptOutcome, BackendError};

use super::*;
use crate::tenancy::{Cause, Scope};

fn attempts() -> Vec<Attempt> {
    vec![Attempt {
        backend: "azure".into(),
        outcome: AttemptOutcome::CircuitOpen,
        duration_ms: 0,
    }]
}

fn over_quota() -> crate::tenancy::quota::Refused {
    use crate::tenancy::quota::{Limit, Refused, Standing};
    Refused {
        exceeded: Exceeded {
            limit: Limit::TokensPerMinute,
            of: "1000".into(),
            left: "12".into(),
            needs: "300".into(),
            retry_after: Some(Duration::from_secs(7)),
            resets_in: Some(Duration::from_secs(59)),
        },
        standing: Standing::default(),
        alert: None,
        parts: None,
    }
}

#[test]
fn a_quota_says_which_limit_how_much_is_left_and_when_it_resets() {
    let error = Error::Tool(ToolError::Quota(Box::new(over_quota())));
    let detail = error.detail();
    for (key, value) in [
        ("limit", json!("tokens_per_minute")),
        ("limit_value", json!("1000")),
        ("left", json!("12")),
        ("needs", json!("300")),
        ("resets_in_ms", json!(59_000)),
        ("retry_after_ms", json!(7000)),
    ] {
        assert_eq!(detail[key], value, "{key}");
    }
    let text = error.to_string();
    for part in ["limit of tokens per minute (1000)", "12 left", "300", "59s"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

fn call(error: CallError) -> Error {
    Error::Tool(ToolError::Call(error))
}

/// What callers rely on: code, JSON-RPC code (0: a result that says
/// `isError`), HTTP status, and seconds to wait (0: waiting does not help).
type Told = (&'static str, i32, u16, u64);

/// Every error there is.
fn all() -> Vec<(Error, Told)> {
    let limit = Duration::from_secs(30);
    vec![
        (
            Error::Tool(ToolError::UnknownTool {
                name: "x".into(),
                nearest: Some("y"),
            }),
            ("unknown_tool", -32602, 200, 0),
        ),
        (
            Error::Tool(ToolError::Quota(Box::new(over_quota()))),
            ("quota_exceeded", 0, 429, 7),
        ),
        (
            Error::Tool(ToolError::InvalidArguments(vec![])),
            ("invalid_arguments", 0, 200, 0),
        ),
        (
            Error::Tool(ToolError::UnusableAnswer {
                reason: "r".into(),
                attempts: attempts(),
            }),
            ("unusable_answer", 0, 200, 0),
        ),
        (
            call(CallError::QueueFull {
                waiting: 1,
                capacity: 1,
                retry_after: Duration::from_secs(2),
            }),
            ("queue_full", 0, 503, 2),
        ),
        (
            call(CallError::WaitTooLong {
                expected_wait: Duration::from_secs(9),
                remaining: Duration::from_secs(4),
                retry_after: Duration::from_secs(5),
            }),
            ("wait_too_long", 0, 503, 5),
        ),
        (call(CallError::Draining), ("draining", 0, 503, 1)),
        (
            call(CallError::UnknownModel {
                name: "m".into(),
                known: vec![],
            }),
            ("unknown_model", 0, 400, 0),
        ),
        (
            call(CallError::DeadlineExceeded {
                after: limit,
                attempts: attempts(),
            }),
            ("deadline_exceeded", 0, 504, 0),
        ),
        (
            call(CallError::Refused {
                error: BackendError::ContentFiltered {
                    stage: "prompt",
                    categories: String::new(),
                },
                attempts: attempts(),
            }),
            ("content_filtered", 0, 400, 0),
        ),
        (
            call(CallError::NotPermitted { attempts: attempts() }),
            ("not_permitted", 0, 403, 0),
        ),
        (
            call(CallError::AllBackendsFailed {
                attempts: attempts(),
                retry_after: Duration::from_secs(5),
            }),
            ("all_backends_failed", 0, 502, 5),
        ),
        (
            Error::InvalidParams {
                field: "f",
                reason: "r",
                fix: "x",
            },
            ("invalid_params", -32602, 400, 0),
        ),
        (Error::Internal, ("internal", -32603, 500, 0)),
        (Error::HostMalformed, ("host_malformed", -32000, 400, 0)),
        (Error::HostNotAllowed, ("host_not_allowed", -32000, 403, 0)),
        (Error::OriginNotAllowed, ("origin_not_allowed", -32000, 403, 0)),
        (
            Error::UnsupportedMediaType,
            ("unsupported_media_type", -32000, 415, 0),
        ),
        (Error::NotAcceptable, ("not_acceptable", -32000, 406, 0)),
        (
            Error::BodyTooLarge { limit_bytes: 4 },
            ("body_too_large", -32000, 413, 0),
        ),
        (Error::BodyTimeout { limit }, ("request_timeout", -32000, 408, 0)),
        (Error::TooMuchText, ("too_much_text", -32000, 503, 1)),
        (Error::BodyBroken, ("invalid_request", -32600, 400, 0)),
        (
            Error::RequestTimeout { limit },
            ("request_timeout", -32000, 408, 1),
        ),
        (
            Error::ParseError { reason: "r".into() },
            ("parse_error", -32700, 400, 0),
        ),
        (Error::InvalidMessage, ("invalid_request", -32600, 400, 0)),
        (
            Error::BadRequest { reason: "r".into() },
            ("invalid_request", -32600, 400, 0),
        ),
        (Error::SessionNotFound, ("session_not_found", -32000, 404, 0)),
        (
            Error::TooManySessions { limit: 1 },
            ("too_many_sessions", -32000, 503, 30),
        ),
        (
            Error::TooManyConnections,
            ("too_many_connections", -32000, 503, 1),
        ),
        (Error::Draining, ("draining", -32000, 503, 1)),
        (
            Error::MethodNotAllowed { allowed: "GET" },
            ("method_not_allowed", -32000, 405, 0),
        ),
        (Error::NotFound, ("not_found", -32000, 404, 0)),
        (Refusal::Missing.into(), ("unauthenticated", -32000, 401, 0)),
        (
            Refusal::Invalid(Cause::Expired).into(),
            ("invalid_token", -32000, 401, 0),
        ),
        (
            Refusal::Malformed(Cause::Duplicate).into(),
            ("ambiguous_credential", -32000, 400, 0),
        ),
        (Refusal::WrongTenant.into(), ("tenant_mismatch", -32000, 403, 0)),
        (
            Error::Tool(Refusal::Scope { needed: Scope::Chat }.into()),
            ("insufficient_scope", -32000, 403, 0),
        ),
        (
            Refusal::Unavailable.into(),
            ("authentication_unavailable", -32000, 503, 5),
        ),
    ]
}

#[test]
fn every_error_is_mapped() {
    for (error, expected) in all() {
        let Mapped {
            code,
            json_rpc,
            status,
            retry_after,
        } = error.map();
        let seconds = retry_after.map_or(0, |wait| wait.as_secs());
        let mapped = (code, json_rpc.map_or(0, |code| code.0), status.as_u16(), seconds);
        assert_eq!(mapped, expected, "{error:?}");
    }
}

#[test]
fn every_code_has_a_page() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
    for (error, _) in all() {
        let code = error.map().code;
        let page = std::fs::read_to_string(pages.join(format!("{code}.md")))
            .unwrap_or_else(|error| panic!("docs/errors/{code}.md: {error}"));
        assert!(
            page.contains(&format!("Code `{code}`")),
            "docs/errors/{code}.md is of another code"
        );
    }
}

#[test]
fn detail_says_what_a_program_needs() {
    let problems = vec![Problem {
        field: "lines[2].qty".into(),
        reason: "is a string".into(),
        fix: "send a number".into(),
    }];
    let detail = Error::Tool(ToolError::InvalidArguments(problems)).detail();
    assert_eq!(
        detail,
        json!({
            "code": "invalid_arguments",
            "message": "invalid arguments: `lines[2].qty` is a string; send a number",
            "docs": "docs/errors/invalid_arguments.md",
            "problems": [{ "field": "lines[2].qty", "reason": "is a string", "fix": "send a number" }],
        })
    );
    let detail = call(CallError::AllBackendsFailed {
        attempts: attempts(),
        retry_after: Duration::from_millis(1500),
    })
    .detail();
    assert_eq!(detail["retry_after_ms"], 1500);
    assert_eq!(
        detail["attempts"],
        json!([{ "backend": "azure", "outcome": "circuit_open", "duration_ms": 0 }])
    );
    let unknown = Error::Tool(ToolError::UnknownTool {
        name: "sumarize".into(),
        nearest: Some("summarize_text"),
    });
    assert_eq!(unknown.to_json_rpc().data.unwrap()["nearest"], "summarize_text");
}
