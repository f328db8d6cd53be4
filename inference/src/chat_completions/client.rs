//! One attempt, from request to stream, against any server of this protocol.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;

use super::{
    address::Address,
    body::{Body, MaxTokensField},
    connect::Connector,
    connection::Connections,
    failure::{Code, Dialect, Failure, Lack, Refusal, StreamFault, classify},
    head::{Credential, Head},
    hint, refusal,
    shape::Shapes,
    stream::{self, Expected},
    transport::SetUpError,
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
    head: Head,
    connections: Connections,
    model: Option<String>,
    max_tokens_field: MaxTokensField,
    dialect: &'static Dialect,
    refused: RefusedParameters,
    shapes: Shapes,
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
    ///
    /// Proxies named by the usual variables (`HTTPS_PROXY`, `NO_PROXY`) are honoured, except for loopback.
    /// Redirects are not followed: the key must not travel on.
    pub(crate) fn new(settings: Settings, tls: ClientConfig) -> Result<Self, SetUpError> {
        let proxies = (!settings.loopback).then(Matcher::from_env);
        Self::by(proxies.as_ref(), settings, tls)
    }

    /// As [`Client::new`], by these proxies.
    pub(super) fn by(
        proxies: Option<&Matcher>,
        settings: Settings,
        tls: ClientConfig,
    ) -> Result<Self, SetUpError> {
        let Settings {
            backend,
            address,
            model,
            max_tokens_field,
            dialect,
            loopback: _,
            max_concurrency,
            connect_timeout,
        } = settings;
        let mut head = Head::of(address, tls.clone())?;
        let connector = Connector::new(head.target.clone(), proxies, tls, connect_timeout);
        connector.address(&mut head);
        Ok(Self {
            backend,
            head,
            connections: Connections::new(connector, max_concurrency),
            model,
            max_tokens_field,
            dialect,
            refused: RefusedParameters::default(),
            shapes: Shapes::default(),
            learned: OnceLock::new(),
        })
    }

    /// Tells what each answer says is left of the limits.
    pub(crate) fn watch_allowance(&self, learned: Box<dyn Fn(Allowance) + Send + Sync>) {
        // One gate guards a backend; who comes second is not told.
        let _ = self.learned.set(learned);
    }

    /// Makes one attempt: one request.
    pub(crate) async fn complete(
        &self,
        request: &CompletionRequest,
        credential: Option<Credential>,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        // Texts, numbers and JSON, into memory: this cannot fail.
        let body = serde_json::to_vec(&self.body(request)).unwrap_or_default();
        let sending = self.connections.send(self.head.request(credential, body));
        let response = tokio::time::timeout_at(deadline.instant(), sending)
            .await
            .map_err(|_| BackendError::DeadlineExceeded)?
            .map_err(|failure| self.classify(Failure::Transport(failure)))?;
        if let (Some(learned), Some(allowance)) = (self.learned.get(), hint::allowance(response.headers())) {
            learned(allowance);
        }
        if response.status() != StatusCode::OK {
            let (status, id) = (response.status().as_u16(), request_id(response.headers()));
            tracing::debug!(backend = self.backend, status, id, "the server refused a call");
            let refusal = refusal::read(response, deadline, request, self.dialect).await;
            self.learn(&refusal);
            return Err(self.classify(Failure::Status(refusal)));
        }
        if !is_event_stream(response.headers()) {
            return Err(self.classify(Failure::Stream(StreamFault::NotEvents)));
        }
        let expected = Expected {
            tools: !request.tools.is_empty(),
            deployment: served_by(response.headers()),
            dialect: self.dialect,
            shapes: self.shapes.clone(),
        };
        Ok(stream::events(response.into_body(), deadline, expected))
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
fn is_event_stream(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.as_bytes();
    let expected = b"text/event-stream";
    kind.get(..expected.len())
        .is_some_and(|kind| kind.eq_ignore_ascii_case(expected))
}

/// The number under which the server's operator finds a call.
fn request_id(headers: &HeaderMap) -> &str {
    let id = ["apim-request-id", "x-ms-request-id", "x-request-id"]
        .into_iter()
        .find_map(|name| headers.get(name));
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("unknown");
    id.get(..64).unwrap_or(id)
}

/// The deployment that answers, where the server says so: a provisioned one of Azure may spill over into
/// another. What is no deployment's name is none.
fn served_by(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("x-ms-deployment-name")?.to_str().ok()?;
    is_deployment_name(name).then(|| name.to_owned())
}

/// Whether a text can be the name of a deployment.
pub(crate) fn is_deployment_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed) && name.bytes().any(|byte| byte != b'.')
}
