//! Reads an answer that is not a stream: its status, its error object, its hints, all bounded.

use std::time::{Duration, SystemTime};

use futures::StreamExt;
use http::Response;
use serde_json::Value;

use super::{
    connection::Answer,
    failure::{Code, Dialect, Refusal},
    hint,
    verdicts::join_categories,
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
pub(super) async fn read(
    response: Response<Answer>,
    deadline: Deadline,
    request: &CompletionRequest,
    dialect: &Dialect,
) -> Refusal {
    let status = response.status().as_u16();
    let now = SystemTime::now();
    let retry_after = match status {
        429 => hint::throttle(response.headers(), now),
        _ => hint::retry_after(response.headers(), now),
    };
    let mut pieces = response.into_body();
    let mut body = Vec::new();
    let reading = async {
        while let Some(Ok(piece)) = pieces.next().await {
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
        code: (dialect.code)(error, Some(status)),
        message: message(error, request),
        retry_after: retry_after.or_else(|| hint::in_body(error)),
    }
}

/// Reads the error object that took the place of the rest of a stream.
///
/// Its words are left out: the request they might quote is no longer at hand.
pub(super) fn in_stream(error: &Value, dialect: &Dialect) -> Refusal {
    let number = |name: &str| {
        let value = error.get(name)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        u16::try_from(number)
            .ok()
            .filter(|status| (400..=599).contains(status))
    };
    let code = (dialect.code)(error, None);
    let status = number("status")
        .or_else(|| number("code"))
        .unwrap_or(match &code {
            Code::ContentFilter { .. } | Code::ContextLength { .. } => 400,
            Code::InsufficientQuota | Code::Overloaded => 429,
            Code::UnknownModel => 404,
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
        retry_after: hint::in_body(error),
    }
}

/// Every place where servers name an error.
pub(crate) fn names(error: &Value) -> impl Iterator<Item = &str> {
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

/// The categories of a content filter that triggered.
pub(crate) fn categories(error: &Value) -> String {
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
    join_categories(
        results
            .iter()
            .filter(|(_, verdict)| triggered(verdict))
            .map(|(name, _)| name.as_str()),
    )
}

/// The number that stands behind one of `marks` in the words of an error.
pub(crate) fn number_after(error: &Value, marks: &[&str]) -> Option<u32> {
    let text = words(error);
    marks.iter().find_map(|mark| {
        let (_, rest) = text.split_once(mark)?;
        let end = rest
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

/// The words of an error; empty where there are none.
pub(crate) fn words(error: &Value) -> &str {
    error.get("message").and_then(Value::as_str).unwrap_or_default()
}

/// Writes down the server's words, unless they quote the request.
fn message(error: &Value, request: &CompletionRequest) -> String {
    let is_request_text = |part: &str| {
        request.messages.iter().any(|message| {
            let mut arguments = message.tool_calls.iter().map(|call| &call.arguments);
            message.content.contains(part) || arguments.any(|arguments| arguments.contains(part))
        })
    };
    let words: String = words(error)
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
