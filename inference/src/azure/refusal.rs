//! Reads an answer that is not a stream: its status, its error object, its hints, all bounded.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use serde_json::Value;

use super::{
    classify::{Code, Lack, Refusal},
    hint, wire,
};
use crate::{CompletionRequest, Deadline};

/// Longest error body that is read.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Longest wait for the rest of an error body; its status already says most.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest reason that is passed on.
const MAX_MESSAGE_CHARS: usize = 300;
/// A run of the prompt of about this many bytes within an error message is a quotation.
const QUOTATION_BYTES: usize = 8;

/// Reads what an answer says about its failure.
pub(super) async fn read(mut response: Response, deadline: Deadline, request: &CompletionRequest) -> Refusal {
    let status = response.status().as_u16();
    let now = SystemTime::now();
    let retry_after = match status {
        429 => hint::throttle(response.headers(), now),
        _ => hint::retry_after(response.headers(), now),
    };
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(piece)) = response.chunk().await {
            let room = MAX_BODY_BYTES - body.len();
            body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if body.len() == MAX_BODY_BYTES {
                break;
            }
        }
    };
    // What came until then is enough: the status decides most, and an unreadable body is no code.
    let _ = tokio::time::timeout_at(deadline.at_most(BODY_TIMEOUT).instant(), reading).await;
    let document: Value = serde_json::from_slice(&body).unwrap_or_default();
    let error = document.get("error").unwrap_or(&document);
    Refusal {
        status,
        code: code(error),
        message: message(error, request),
        retry_after,
    }
}

/// Reads the error object that took the place of the rest of a stream.
///
/// Its words are left out: the request they might quote is no longer at hand.
pub(super) fn in_stream(error: &Value) -> Refusal {
    let number = |name: &str| {
        let value = error.get(name)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        u16::try_from(number)
            .ok()
            .filter(|status| (400..=599).contains(status))
    };
    let code = code(error);
    let status = number("status")
        .or_else(|| number("code"))
        .unwrap_or(match &code {
            Code::ContentFilter { .. } | Code::ContextLength { .. } => 400,
            Code::InsufficientQuota => 429,
            _ if names(error).any(|name| name == "rate_limit_exceeded") => 429,
            _ => 500,
        });
    let message = names(error)
        .find(is_plain)
        .unwrap_or("no reason given")
        .to_owned();
    Refusal {
        status,
        code,
        message,
        retry_after: None,
    }
}

/// Every place where Azure names an error.
fn names(error: &Value) -> impl Iterator<Item = &str> {
    let inner = error.get("innererror");
    [
        error.get("code"),
        inner.and_then(|inner| inner.get("code")),
        error.get("type"),
    ]
    .into_iter()
    .flatten()
    .filter_map(Value::as_str)
}

fn code(error: &Value) -> Code {
    let parameter = error.get("param").and_then(Value::as_str);
    names(error)
        .find_map(|name| match (name, parameter) {
            ("content_filter" | "content_policy_violation" | "ResponsibleAIPolicyViolation", _) => {
                Some(Code::ContentFilter {
                    categories: categories(error),
                })
            }
            ("content_filter_error", _) => Some(Code::ContentFilterUnavailable),
            ("context_length_exceeded", _) => Some(context_length(error)),
            ("insufficient_quota", _) => Some(Code::InsufficientQuota),
            ("unsupported_parameter" | "unsupported_value", Some("temperature")) => {
                Some(Code::Unsupported(Lack::Temperature))
            }
            ("unsupported_parameter" | "unsupported_value", Some("seed")) => {
                Some(Code::Unsupported(Lack::Seed))
            }
            ("OperationNotSupported", _) => Some(Code::Unsupported(Lack::Chat)),
            ("invalid_json_schema", _) | (_, Some("response_format")) => {
                Some(Code::Unsupported(Lack::Schema))
            }
            _ => None,
        })
        .unwrap_or(Code::Other)
}

fn categories(error: &Value) -> String {
    let results = [Some(error), error.get("innererror")]
        .into_iter()
        .flatten()
        .find_map(|place| {
            place
                .get("content_filter_result")
                .or_else(|| place.get("content_filter_results"))?
                .as_object()
        });
    let Some(results) = results else {
        return String::new();
    };
    let triggered = |verdict: &Value| verdict.get("filtered").is_some_and(|filtered| filtered == true);
    wire::join_categories(
        results
            .iter()
            .filter(|(_, verdict)| triggered(verdict))
            .map(|(name, _)| name.as_str()),
    )
}

/// Finds the two numbers in the sentence that comes with the code; there is no field for them.
fn context_length(error: &Value) -> Code {
    let text = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let number_after = |marks: &[&str]| {
        marks.iter().find_map(|mark| {
            let (_, rest) = text.split_once(mark)?;
            let end = rest
                .find(|character: char| !character.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
    };
    Code::ContextLength {
        needed: number_after(&["you requested ", "resulted in "]),
        limit: number_after(&["maximum context length is ", "configured limit of "]),
    }
}

/// Writes down Azure's words, unless they quote the request.
fn message(error: &Value, request: &CompletionRequest) -> String {
    let is_request_text = |part: &str| {
        request
            .messages
            .iter()
            .any(|message| message.content.contains(part))
    };
    let words = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let words: String = words
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(MAX_MESSAGE_CHARS)
        .collect();
    let words = match words.trim() {
        "" => "no reason given",
        words if quotes(words, is_request_text) => "the reason quotes the request and is withheld",
        words => words,
    };
    let full = match names(error).find(is_plain) {
        Some(code) => format!("{code}: {words}"),
        None => words.to_owned(),
    };
    full.chars().take(MAX_MESSAGE_CHARS).collect()
}

/// Whether a name is made like an error code, and so needs no look at the request.
fn is_plain(name: &&str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether a text holds a run of the request: any of twice [`QUOTATION_BYTES`], or a quoted word.
///
/// A run that long covers one of the text's windows whole, so only these have to be looked for.
fn quotes(text: &str, is_request_text: impl Fn(&str) -> bool) -> bool {
    let quoted = |mark: char| text.split(mark).skip(1).step_by(2).filter(|part| part.len() >= 4);
    quoted('\'').chain(quoted('"')).any(&is_request_text) || windows(text).any(&is_request_text)
}

fn windows(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = (QUOTATION_BYTES..=rest.len()).find(|end| rest.is_char_boundary(*end))?;
        let (window, after) = rest.split_at(end);
        rest = after;
        Some(window)
    })
}
