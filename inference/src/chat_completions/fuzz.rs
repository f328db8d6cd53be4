//! What fuzzers feed with bytes of an upstream, and what holds whatever those are. `docs/fuzzing.md` lists all of it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::StreamExt;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::{
    hint, refusal,
    shape::Shapes,
    stream::{self, Expected},
    strict,
};
use crate::{BackendError, CompletionEvent, Deadline, azure::classify::AZURE};

/// The longest wait that is believed, with what rounding may add.
const LONGEST: Duration = Duration::from_hours(25);

/// The stream of an answer: the first byte says in pieces of how many bytes it comes, and whether tools were offered.
///
/// # Panics
/// Where it does not end exactly once, or its end depends on how it was cut.
pub fn event_stream(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without threads");
    let tools = first & 1 == 1;
    let cut = runtime.block_on(read(rest, usize::from(first / 2).max(1), tools));
    let whole = runtime.block_on(read(rest, usize::MAX, tools));
    assert_eq!(cut, whole, "it depends on how it was cut");
}

async fn read(bytes: &[u8], size: usize, tools: bool) -> (String, Result<CompletionEvent, BackendError>) {
    let pieces: Vec<_> = bytes
        .chunks(size)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let expected = Expected {
        tools,
        deployment: None,
        dialect: &AZURE,
        shapes: Shapes::default(),
    };
    let pieces = futures::stream::iter(pieces);
    let mut events = stream::events(pieces, Deadline::after(Duration::from_secs(20)), expected);
    let mut text = String::new();
    loop {
        match events.next().await.expect("it ends with an end") {
            Ok(CompletionEvent::Text { text: piece, .. }) => text.push_str(&piece),
            Ok(CompletionEvent::ToolCalls(calls)) => {
                // An id that is missing is made up, by chance.
                text.extend(
                    calls
                        .into_iter()
                        .map(|call| format!("{} {};", call.name, call.arguments)),
                );
            }
            Ok(CompletionEvent::Progress) => {}
            end => {
                assert!(events.next().await.is_none(), "something follows the end");
                return (text, end);
            }
        }
    }
}

/// A refusal: lines of headers, a blank line, and a body.
///
/// # Panics
/// Where it makes us wait for longer than is believed.
pub fn refusal(bytes: &[u8]) {
    let end = bytes
        .windows(2)
        .position(|two| two == b"\n\n")
        .unwrap_or(bytes.len());
    let headers = read_headers(&bytes[..end]);
    let now = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365 * 56);
    let document: Value =
        serde_json::from_slice(bytes.get(end + 2..).unwrap_or_default()).unwrap_or_default();
    let error = document.get("error").unwrap_or(&document);
    let waits = [
        hint::throttle(&headers, now),
        hint::retry_after(&headers, now),
        hint::in_body(error),
        refusal::in_stream(error, &AZURE).retry_after,
    ];
    for wait in waits.into_iter().flatten() {
        assert!(wait <= LONGEST, "{wait:?} is too long to be believed");
    }
    let _ = hint::allowance(&headers);
    let _ = (AZURE.code)(error, Some(429));
    let _ = strict::is_strict(&document);
}

/// Lines as headers; what HTTP itself would refuse is left out.
pub fn read_headers(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use models::testing::near::run;

    use super::*;

    #[test]
    fn near_streams_each_ends_once_however_it_is_cut() {
        run("event_stream", 3_000, event_stream);
    }

    #[test]
    fn near_refusals_nobody_is_made_to_wait_for_long() {
        run("refusal", 3_000, refusal);
    }
}
