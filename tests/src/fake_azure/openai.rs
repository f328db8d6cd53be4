//! The same fake as an OpenAI-compatible server: other errors, other headers, and no content filter.

use hyper::HeaderMap;
use serde_json::{Value, json};

use super::wire::Refusal;

/// A refusal as OpenAI words it.
pub(super) fn translate(refusal: Refusal) -> Refusal {
    let error = |message: &str, kind: &str, code: Value| json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    // What came from the model's front end has OpenAI's shape already.
    if refusal.body["error"].get("type").is_some() {
        return refusal;
    }
    let request = "invalid_request_error";
    let body = match refusal.status {
        401 => error("Incorrect API key provided.", request, json!("invalid_api_key")),
        403 => error(
            "You are not allowed to use this resource.",
            request,
            json!("unsupported_country_region_territory"),
        ),
        404 => error(
            "The model does not exist or you do not have access to it.",
            request,
            json!("model_not_found"),
        ),
        413 => error("The request body is too large.", request, Value::Null),
        429 => error(
            "Rate limit reached for requests.",
            "requests",
            json!("rate_limit_exceeded"),
        ),
        503 => error(
            "The engine is currently overloaded, please try again later.",
            "server_error",
            Value::Null,
        ),
        _ => error(
            "The server had an error while processing your request.",
            "server_error",
            Value::Null,
        ),
    };
    Refusal { body, ..refusal }
}

/// Leaves out the headers that only Azure sends, and names the request as OpenAI does.
pub(super) fn translate_headers(headers: &mut HeaderMap) {
    if let Some(id) = headers.remove("apim-request-id") {
        headers.insert("x-request-id", id);
    }
    let azures: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-ms-"))
        .cloned()
        .collect();
    for name in azures {
        headers.remove(name);
    }
}

/// A chunk or body without what only Azure adds; `None` when nothing is left of it.
pub(super) fn strip(mut answer: Value) -> Option<Value> {
    let about_prompt = answer.get("prompt_filter_results").is_some() && answer["id"] == "";
    let about_filter = answer["choices"][0].get("content_filter_offsets").is_some();
    if about_prompt || about_filter {
        return None;
    }
    let object = answer.as_object_mut()?;
    object.remove("prompt_filter_results");
    for choice in object
        .get_mut("choices")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        choice.as_object_mut()?.remove("content_filter_results");
    }
    Some(answer)
}
