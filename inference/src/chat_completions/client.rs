//! One attempt, from request to stream, against any server of this protocol.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use async_openai::{Client as ApiClient, traits::RequestOptionsBuilder};
use futures::StreamExt;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use rustls::ClientConfig;
use serde::de::IgnoredAny;

use super::{
    address::Address,
    body::{Body, MaxTokensField},
    failure::{Code, Dialect, Failure, Lack, Refusal, StreamFault, Transport, classify},
    hint, refusal,
    stream::{self, Expected},
    transport::{self, SetUpError},
};
use crate::{BackendError, CompletionRequest, CompletionStream, Deadline, resilience::throttle::Allowance};

/// What the protocol leaves open.
pub(crate) struct Settings {
    /// The backend's name.
    pub(crate) backend: String,
    pub(crate) address: Address,
    /// The model's name in the body, where the URL does not say it.
    pub(crate) model: Option<String>,
    pub(crate) max_tokens_field: MaxTokensField,
    pub(crate) dialect: &'static Dialect,
    /// Whether the server is on this machine.
    pub(crate) loopback: bool,
    pub(crate) max_concurrency: usize,
    pub(crate) connect_timeout: Duration,
}

/// A client of one server.
pub(crate) struct Client {
    backend: String,
    api: ApiClient<Address>,
    model: Option<String>,
    max_tokens_field: MaxTokensField,
    dialect: &'static Dialect,
    refused: RefusedParameters,
    /// Who wants to know what is left of the limits.
    learned: OnceLock<Box<dyn Fn(Allowance) + Send + Sync>>,
}

/// Parameters that the server said it does not take, and that an answer can do without. Reasoning models
/// refuse some that others need, and nothing but a refusal tells which kind of model stands there.
#[derive(Default)]
struct RefusedParameters {
    temperature: AtomicBool,
    seed: AtomicBool,
}

impl Client {
    /// Makes the client. Connects to nothing yet.
    pub(crate) fn new(settings: Settings, tls: ClientConfig) -> Result<Self, SetUpError> {
        let http = transport::client(&settings, tls)?;
        let Settings {
            backend,
            address,
            model,
            max_tokens_field,
            dialect,
            ..
        } = settings;
        Ok(Self {
            backend,
            api: ApiClient::build(http.clone(), address).with_http_service(transport::OneRequest(http)),
            model,
            max_tokens_field,
            dialect,
            refused: RefusedParameters::default(),
            learned: OnceLock::new(),
        })
    }

    /// Tells what each answer says is left of the limits.
    pub(crate) fn watch_allowance(&self, learned: Box<dyn Fn(Allowance) + Send + Sync>) {
        // One gate guards a backend; who comes second is not told.
        let _ = self.learned.set(learned);
    }

    /// Makes one attempt. `headers` carry the credential.
    pub(crate) async fn complete(
        &self,
        request: &CompletionRequest,
        headers: HeaderMap,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let body = self.body(request);
        let response = tokio::time::timeout_at(deadline.instant(), self.send(&body, headers))
            .await
            .map_err(|_| BackendError::DeadlineExceeded)?
            .map_err(|failure| self.classify(Failure::Transport(failure)))?;
        if let (Some(learned), Some(allowance)) = (self.learned.get(), hint::allowance(response.headers())) {
            learned(allowance);
        }
        if response.status() != StatusCode::OK {
            let (status, id) = (response.status().as_u16(), request_id(&response));
            tracing::debug!(backend = self.backend, status, id, "the server refused a call");
            let refusal = refusal::read(response, deadline, request, self.dialect).await;
            self.learn(&refusal);
            return Err(self.classify(Failure::Status(refusal)));
        }
        if !is_event_stream(&response) {
            return Err(self.classify(Failure::Stream(StreamFault::NotEvents)));
        }
        let expected = Expected {
            tools: !request.tools.is_empty(),
            deployment: served_by(&response),
            dialect: self.dialect,
        };
        let pieces = response
            .bytes_stream()
            .map(|piece| piece.map_err(|error| transport::transport(&error)));
        Ok(stream::events(pieces, deadline, expected))
    }

    /// Sends one request, and waits for the head of its answer.
    async fn send(&self, body: &Body<'_>, headers: HeaderMap) -> Result<Response, Transport> {
        match self
            .api
            .chat()
            .headers(headers)
            .create_stream_byot::<_, IgnoredAny>(body)
            .await
        {
            Err(handover) => transport::received(handover),
            // Cannot be: the innermost service never lets async-openai see a response.
            Ok(_) => Err(Transport::NotBuilt),
        }
    }

    fn body<'a>(&'a self, request: &'a CompletionRequest) -> Body<'a> {
        let mut body = Body::new(request, self.model.as_deref(), self.max_tokens_field);
        if self.refused.temperature.load(Relaxed) {
            body.temperature = None;
        }
        if self.refused.seed.load(Relaxed) {
            body.seed = None;
        }
        body
    }

    fn learn(&self, refusal: &Refusal) {
        match refusal.code {
            Code::Unsupported(Lack::Temperature) => self.refused.temperature.store(true, Relaxed),
            Code::Unsupported(Lack::Seed) => self.refused.seed.store(true, Relaxed),
            _ => {}
        }
    }

    fn classify(&self, failure: Failure) -> BackendError {
        classify(self.dialect, failure)
    }
}

/// Whether an answer is a stream; one that does not say is believed to be.
fn is_event_stream(response: &Response) -> bool {
    let Some(kind) = response.headers().get(CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.as_bytes();
    let expected = b"text/event-stream";
    kind.get(..expected.len())
        .is_some_and(|kind| kind.eq_ignore_ascii_case(expected))
}

/// The number under which the server's operator finds a call.
fn request_id(response: &Response) -> &str {
    let headers = response.headers();
    let id = ["apim-request-id", "x-ms-request-id", "x-request-id"]
        .into_iter()
        .find_map(|name| headers.get(name));
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("unknown");
    id.get(..64).unwrap_or(id)
}

/// The deployment that answers, where the server says so: a provisioned one of Azure may spill over into
/// another. What is no deployment's name is none.
fn served_by(response: &Response) -> Option<String> {
    let name = response.headers().get("x-ms-deployment-name")?.to_str().ok()?;
    is_deployment_name(name).then(|| name.to_owned())
}

/// Whether a text can be the name of a deployment.
pub(crate) fn is_deployment_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed) && name.bytes().any(|byte| byte != b'.')
}
