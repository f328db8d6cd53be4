//! Refusals as HTTP carries them: JSON with a code, the reason, and the page that explains it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use rmcp::model::{JsonRpcError, RequestId};
use serde_json::{Value, json};

use super::challenge;
use crate::mcp::errors::Error;

/// Refuses on a path that speaks JSON-RPC.
pub(super) fn json_rpc(error: &Error, id: Option<RequestId>) -> Response {
    // Made of strings and numbers: this cannot fail.
    let body = serde_json::to_value(JsonRpcError::new(id, error.to_json_rpc())).unwrap_or(Value::Null);
    respond(error, &body)
}

/// Refuses on any other path.
pub(super) fn plain(error: &Error) -> Response {
    respond(error, &json!({ "error": error.detail() }))
}

fn respond(error: &Error, body: &Value) -> Response {
    let mapped = error.map();
    let mut response = json_response(mapped.status, body);
    let headers = response.headers_mut();
    if let Some(retry_after) = mapped.retry_after {
        // Whole seconds, and never less than what was meant.
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    challenge::begin(headers, error);
    if let Error::MethodNotAllowed { allowed } = error {
        headers.insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

/// A JSON body.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Body::from(body.to_string())).into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
