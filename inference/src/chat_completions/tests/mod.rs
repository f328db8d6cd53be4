//! Tests of the protocol, and the scripted server that the backends' own tests play against.

mod connections;
mod hints;
mod schemas;
pub(crate) mod server;
mod shapes;
pub(crate) mod streams;
mod tools;

use std::time::Duration;

use futures::StreamExt;
use secrecy::SecretString;

use crate::{
    Backend, BackendError, CompletionEvent, CompletionRequest, CompletionStream, Deadline, KeySource, Message,
};

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A key that is always the same, or never there.
pub(crate) struct FixedKey(pub(crate) Result<String, String>);

impl KeySource for FixedKey {
    fn key(&self) -> Result<SecretString, String> {
        self.0.clone().map(SecretString::from)
    }
}

pub(crate) fn request() -> CompletionRequest {
    let messages = vec![
        Message::system("Be brief."),
        Message::user("What is the order number of Meyer GmbH?"),
    ];
    CompletionRequest {
        seed: Some(7),
        ..CompletionRequest::new(messages, 64)
    }
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// Makes one attempt and reads it to its end: the text so far, and the last event or the error.
pub(crate) async fn attempt(
    backend: &impl Backend,
    request: &CompletionRequest,
) -> (String, Result<CompletionEvent, BackendError>) {
    match backend.complete(request, soon()).await {
        Ok(stream) => read(stream).await,
        Err(error) => (String::new(), Err(error)),
    }
}

pub(crate) async fn read(mut stream: CompletionStream) -> (String, Result<CompletionEvent, BackendError>) {
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(CompletionEvent::Text { text: piece, .. }) => text.push_str(&piece),
            Ok(CompletionEvent::Progress) => {}
            last => {
                assert!(stream.next().await.is_none(), "something follows the last event");
                return (text, last);
            }
        }
    }
    panic!("the stream ended without a last event");
}

/// The error of an attempt that must fail before any text.
pub(crate) async fn refused(backend: &impl Backend, request: &CompletionRequest) -> BackendError {
    match attempt(backend, request).await {
        (text, Err(error)) if text.is_empty() => error,
        (text, other) => panic!("expected a failure, got {text:?} and {other:?}"),
    }
}
