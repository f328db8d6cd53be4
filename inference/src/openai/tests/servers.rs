//! What each kind of server says when it refuses, as a table.

use std::time::Duration;

use serde_json::{Value, json};

use crate::BackendError;

pub(super) fn too_long(needed: Option<u32>, limit: Option<u32>) -> BackendError {
    BackendError::ContextLengthExceeded { needed, limit }
}

pub(super) fn unsupported(reason: &str) -> BackendError {
    BackendError::Unsupported {
        reason: reason.to_owned(),
    }
}

pub(super) fn rejected(message: &str) -> BackendError {
    BackendError::Rejected {
        status: 400,
        message: message.to_owned(),
    }
}

pub(super) fn server_error(status: u16, after: Option<u64>) -> BackendError {
    BackendError::ServerError {
        status,
        retry_after: after.map(Duration::from_secs),
    }
}

pub(super) fn throttled(milliseconds: Option<u64>) -> BackendError {
    BackendError::Throttled {
        retry_after: milliseconds.map(Duration::from_millis),
    }
}

/// Status, headers and body of an answer, and what they mean.
pub(super) type Row = (u16, &'static [(&'static str, &'static str)], Value, BackendError);

/// What OpenAI documents.
pub(super) fn openai() -> Vec<Row> {
    let error = |kind: &str, code: Value, parameter: Value| json!({"error": {"message": "m", "type": kind, "code": code, "param": parameter}});
    let request = "invalid_request_error";
    let none = Value::Null;
    vec![
        (
            401,
            &[],
            error(request, json!("invalid_api_key"), none.clone()),
            BackendError::Unauthorized,
        ),
        (
            403,
            &[],
            error(
                request,
                json!("unsupported_country_region_territory"),
                none.clone(),
            ),
            BackendError::Forbidden,
        ),
        (
            404,
            &[],
            error(request, json!("model_not_found"), none.clone()),
            BackendError::DeploymentNotFound,
        ),
        (
            403,
            &[],
            error(request, json!("model_not_found"), none.clone()),
            BackendError::DeploymentNotFound,
        ),
        (
            429,
            &[],
            error("requests", json!("rate_limit_exceeded"), none.clone()),
            throttled(None),
        ),
        (
            429,
            &[("retry-after", "7")],
            error("tokens", json!("rate_limit_exceeded"), none.clone()),
            throttled(Some(7000)),
        ),
        (
            429,
            &[],
            error("insufficient_quota", json!("insufficient_quota"), none.clone()),
            BackendError::QuotaExhausted,
        ),
        (
            429,
            &[],
            error("billing_not_active", json!("billing_not_active"), none.clone()),
            BackendError::QuotaExhausted,
        ),
        (
            400,
            &[],
            json!({"error": {"message": "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens (8001 in the messages, 1000 in the completion).", "type": request, "param": "messages", "code": "context_length_exceeded"}}),
            too_long(Some(9001), Some(8192)),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_value"), json!("temperature")),
            unsupported("the server takes no temperature; later calls leave it out"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("seed")),
            unsupported("the server takes no seed; later calls leave it out"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("stop")),
            unsupported("the server takes no stop sequences"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("top_p")),
            unsupported("the server takes no top_p"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("tools")),
            unsupported("the server is not set up to call tools"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("max_tokens")),
            unsupported("the server wants the bound of an answer in the other field; set `max_tokens_field`"),
        ),
        (
            400,
            &[],
            error(request, json!("unsupported_parameter"), json!("logit_bias")),
            rejected("unsupported_parameter: m"),
        ),
        (
            400,
            &[],
            error(request, none.clone(), json!("response_format")),
            unsupported("the server cannot hold to this schema"),
        ),
        (
            400,
            &[],
            error(request, json!("invalid_json_schema"), none.clone()),
            unsupported("the server cannot hold to this schema"),
        ),
        (
            400,
            &[],
            error(request, json!("content_policy_violation"), none.clone()),
            BackendError::ContentFiltered {
                stage: "prompt",
                categories: String::new(),
            },
        ),
        (
            400,
            &[],
            error(request, none.clone(), json!("messages")),
            rejected("invalid_request_error: m"),
        ),
        (
            500,
            &[],
            error("server_error", none.clone(), none.clone()),
            server_error(500, None),
        ),
        (
            503,
            &[("retry-after", "3")],
            error("server_error", none.clone(), none),
            server_error(503, Some(3)),
        ),
    ]
}

/// What vLLM says, older (without `error`) and newer.
pub(super) fn vllm() -> Vec<Row> {
    let old = |message: &str| json!({"object": "error", "message": message, "type": "BadRequestError", "param": null, "code": 400});
    let new = |message: &str, kind: &str, code: u16| json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    let long = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4900 in the messages, 100 in the completion). Please reduce the length of the messages or completion.";
    let larger = "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens and your request has 31 input tokens (8192 > 4096 - 31).";
    let decoder = "The decoder prompt (length 5000) is longer than the maximum model length of 4096.";
    let only = "You passed 4001 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens.";
    let parser = "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set";
    vec![
        (400, &[], old(long), too_long(Some(5000), Some(4096))),
        (
            400,
            &[],
            new(long, "BadRequestError", 400),
            too_long(Some(5000), Some(4096)),
        ),
        (
            400,
            &[],
            new(larger, "BadRequestError", 400),
            too_long(None, Some(4096)),
        ),
        (
            400,
            &[],
            new(decoder, "BadRequestError", 400),
            too_long(Some(5000), Some(4096)),
        ),
        (
            400,
            &[],
            new(only, "BadRequestError", 400),
            too_long(None, Some(4096)),
        ),
        (
            400,
            &[],
            old(parser),
            unsupported("the server is not set up to call tools"),
        ),
        (
            404,
            &[],
            new("The model `x` does not exist.", "NotFoundError", 404),
            BackendError::DeploymentNotFound,
        ),
        (
            401,
            &[],
            json!({"error": "Unauthorized"}),
            BackendError::Unauthorized,
        ),
        (
            500,
            &[],
            new("EngineCore encountered an issue.", "InternalServerError", 500),
            server_error(500, None),
        ),
        (503, &[], json!({}), server_error(503, None)),
        (
            422,
            &[],
            json!({"detail": [{"msg": "m"}]}),
            BackendError::Rejected {
                status: 422,
                message: "no reason given".to_owned(),
            },
        ),
    ]
}

/// What llama.cpp's server says.
pub(super) fn llama_cpp() -> Vec<Row> {
    let error = |code: u16, message: &str, kind: &str| json!({"error": {"code": code, "message": message, "type": kind}});
    let sized = json!({"error": {"code": 400, "message": "request (13392 tokens) exceeds the available context size (8192 tokens), try increasing it", "type": "exceed_context_size_error", "n_prompt_tokens": 13392, "n_ctx": 8192}});
    let bare = "the request exceeds the available context size. try increasing the context size or enable context shift";
    vec![
        (
            503,
            &[],
            error(503, "Loading model", "unavailable_error"),
            server_error(503, None),
        ),
        (400, &[], sized, too_long(Some(13392), Some(8192))),
        (
            400,
            &[],
            error(
                400,
                "request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it",
                "exceed_context_size_error",
            ),
            too_long(Some(9412), Some(8192)),
        ),
        (
            400,
            &[],
            error(400, bare, "invalid_request_error"),
            too_long(None, None),
        ),
        (500, &[], error(500, bare, "server_error"), too_long(None, None)),
        (
            500,
            &[],
            error(500, "tools param requires --jinja flag", "server_error"),
            unsupported("the server is not set up to call tools"),
        ),
        (
            400,
            &[],
            error(400, "Failed to parse grammar", "invalid_request_error"),
            unsupported("the server cannot hold to this schema"),
        ),
        (
            500,
            &[],
            error(500, "JSON schema conversion failed: $ref", "server_error"),
            unsupported("the server cannot hold to this schema"),
        ),
        (
            501,
            &[],
            error(501, "This server does not support it", "not_supported_error"),
            unsupported("the server cannot do this"),
        ),
        (
            401,
            &[],
            error(401, "Invalid API Key", "authentication_error"),
            BackendError::Unauthorized,
        ),
        (
            403,
            &[],
            error(403, "no", "permission_error"),
            BackendError::Forbidden,
        ),
        (
            404,
            &[],
            error(404, "File Not Found", "not_found_error"),
            BackendError::DeploymentNotFound,
        ),
        (
            500,
            &[],
            error(500, "Context was full", "server_error"),
            server_error(500, None),
        ),
    ]
}

/// What this program says, as a server of its own.
pub(super) fn same_binary() -> Vec<Row> {
    let error = |code: &str, after: Option<u64>| json!({"error": {"message": "m", "type": "t", "param": null, "code": code, "retry_after_ms": after}});
    vec![
        (503, &[], error("queue_full", Some(1500)), throttled(Some(1500))),
        (429, &[], error("queue_full", Some(1500)), throttled(Some(1500))),
        (
            503,
            &[("retry-after", "2")],
            error("wait_too_long", Some(1500)),
            throttled(Some(2000)),
        ),
        (
            503,
            &[("retry-after-ms", "250")],
            error("wait_too_long", None),
            throttled(Some(250)),
        ),
        (
            503,
            &[],
            error("queue_full", Some(u64::MAX)),
            throttled(Some(24 * 3600 * 1000)),
        ),
        (
            503,
            &[],
            error("draining", Some(1000)),
            server_error(503, Some(1)),
        ),
        (
            502,
            &[],
            error("all_backends_failed", Some(5000)),
            server_error(502, Some(5)),
        ),
        (
            504,
            &[],
            error("deadline_exceeded", None),
            server_error(504, None),
        ),
        (
            400,
            &[],
            error("context_length_exceeded", None),
            too_long(None, None),
        ),
        (
            400,
            &[],
            error("content_filtered", None),
            BackendError::ContentFiltered {
                stage: "prompt",
                categories: String::new(),
            },
        ),
        (
            400,
            &[],
            error("unknown_model", None),
            BackendError::DeploymentNotFound,
        ),
        (
            404,
            &[],
            error("unknown_model", None),
            BackendError::DeploymentNotFound,
        ),
        (
            400,
            &[],
            error("not_supported", None),
            unsupported("the server cannot do this"),
        ),
        (
            400,
            &[],
            error("invalid_output", None),
            BackendError::InvalidOutput {
                reason: "the server says that its model gave no usable answer".to_owned(),
            },
        ),
        (
            400,
            &[],
            error("request_rejected", None),
            rejected("request_rejected: m"),
        ),
        (
            400,
            &[],
            error("invalid_arguments", None),
            rejected("invalid_arguments: m"),
        ),
        (
            413,
            &[],
            error("body_too_large", None),
            BackendError::Rejected {
                status: 413,
                message: "body_too_large: m".to_owned(),
            },
        ),
    ]
}

/// What proxies in front of any of them say.
pub(super) fn proxies() -> Vec<Row> {
    let nothing = Value::Null;
    let failed = |reason: &str| BackendError::Failed {
        reason: reason.to_owned(),
    };
    vec![
        (400, &[], nothing.clone(), rejected("no reason given")),
        (402, &[], nothing.clone(), BackendError::QuotaExhausted),
        (405, &[], nothing.clone(), failed("unexpected status 405")),
        (408, &[], nothing.clone(), BackendError::UpstreamTimeout),
        (409, &[], nothing.clone(), BackendError::Conflict),
        (410, &[], nothing.clone(), BackendError::DeploymentNotFound),
        (429, &[], nothing.clone(), throttled(None)),
        (502, &[], nothing.clone(), server_error(502, None)),
        (
            308,
            &[("location", "/x")],
            nothing.clone(),
            failed("redirected with status 308; check the backend's base_url"),
        ),
        (
            204,
            &[],
            nothing,
            BackendError::MalformedStream {
                reason: "status 204 where a stream was expected".to_owned(),
            },
        ),
    ]
}
