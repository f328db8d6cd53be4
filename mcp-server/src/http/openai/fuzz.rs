//! What fuzzers feed with requests of `/v1`.

use std::time::Duration;

use http::HeaderMap;

use super::completion::Asked;
use super::headers::{Wishes, origin};

/// The body of a chat completion.
///
/// # Panics
/// Where one is accepted that asks for nothing, or refused without a code.
pub fn chat_request(bytes: &[u8]) {
    match Asked::read(bytes) {
        Ok(asked) => {
            assert!(!asked.model.is_empty(), "nobody is asked");
            assert!(!asked.request.messages.is_empty(), "nothing is asked");
            assert!(asked.request.max_output_tokens > 0, "no answer is asked for");
        }
        Err(error) => assert!(!error.map().code.is_empty(), "no code: {error}"),
    }
}

/// What headers say of how a call is to be treated.
///
/// # Panics
/// Where somebody gets more time than there is, or a client's name breaks a line.
pub(crate) fn wishes(headers: &HeaderMap) {
    let longest = Duration::from_secs(50);
    if let Ok(wishes) = Wishes::read(headers, longest) {
        assert!(wishes.deadline <= longest, "{:?}", wishes.deadline);
    }
    let client = origin(headers).client.unwrap_or_default();
    assert!(!client.chars().any(char::is_control), "{client:?}");
}
