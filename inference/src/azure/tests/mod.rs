//! Tests of the Azure backend against servers that play scripted bytes.

mod calls;
mod config;
mod connections;
mod hints;
mod refusals;
mod schemas;
mod server;
mod streams;

use std::{sync::Arc, time::Duration};

use futures::StreamExt;

use super::{Api, Config, Deployment, KeySource};
use crate::{
    Backend, BackendError, BackendInfo, CompletionEvent, CompletionRequest, DataClass, Deadline, Message,
    Output, Price, Processing, Truncation, resilience,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A key that is always the same, or never there.
struct FixedKey(Result<String, String>);

impl KeySource for FixedKey {
    fn key(&self) -> Result<String, String> {
        self.0.clone()
    }
}

fn config(endpoint: &str) -> Config {
    Config {
        info: BackendInfo {
            name: "azure-test".to_owned(),
            kind: "azure",
            model: "gpt-4.1-mini".to_owned(),
            region: "swedencentral".to_owned(),
            processing: Processing::Eu,
            max_concurrency: 4,
            context_tokens: None,
            price: Price::default(),
        },
        endpoint: endpoint.parse().unwrap(),
        api: Api::V1,
        deployment: "chat-small".to_owned(),
        api_key: Arc::new(FixedKey(Ok(KEY.to_owned()))),
        resilience: resilience::Config {
            connect_timeout: Duration::from_secs(5),
            ..Default::default()
        },
    }
}

fn deployment(endpoint: &str) -> Deployment {
    Deployment::new(config(endpoint)).unwrap()
}

fn request() -> CompletionRequest {
    CompletionRequest {
        messages: vec![
            Message::system("Be brief."),
            Message::user("What is the order number of Meyer GmbH?"),
        ],
        output: Output::Text,
        max_output_tokens: 64,
        truncation: Truncation::Refuse,
        temperature: 0.0,
        seed: Some(7),
        data_class: DataClass::Internal,
    }
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// Makes one attempt and reads it to its end: the text so far, and the last event or the error.
async fn attempt(
    backend: &impl Backend,
    request: &CompletionRequest,
) -> (String, Result<CompletionEvent, BackendError>) {
    match backend.complete(request, soon()).await {
        Ok(stream) => read(stream).await,
        Err(error) => (String::new(), Err(error)),
    }
}

async fn read(mut stream: crate::CompletionStream) -> (String, Result<CompletionEvent, BackendError>) {
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(CompletionEvent::Text(piece)) => text.push_str(&piece),
            last => {
                assert!(stream.next().await.is_none(), "something follows the last event");
                return (text, last);
            }
        }
    }
    panic!("the stream ended without a last event");
}

/// The error of an attempt that must fail before any text.
async fn refused(backend: &impl Backend, request: &CompletionRequest) -> BackendError {
    match attempt(backend, request).await {
        (text, Err(error)) if text.is_empty() => error,
        (text, other) => panic!("expected a failure, got {text:?} and {other:?}"),
    }
}
