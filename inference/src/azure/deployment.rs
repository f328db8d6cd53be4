//! The backend itself: one attempt, from request to stream.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use async_openai::{Client, traits::RequestOptionsBuilder};
use futures::StreamExt;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use rustls::ClientConfig;
use serde::de::IgnoredAny;

use super::{
    Api, Config, ConfigError, KeySource,
    classify::{Code, Failure, Lack, Refusal, StreamFault, Transport, classify},
    endpoint::Endpoint,
    refusal, stream, transport,
    wire::Body,
};
use crate::{Backend, BackendError, BackendInfo, CompletionRequest, CompletionStream, Deadline, Readiness};

/// One Azure OpenAI deployment.
pub struct Deployment {
    info: BackendInfo,
    client: Client<Endpoint>,
    api_key: std::sync::Arc<dyn KeySource>,
    /// The model's name in the body, where the URL does not name the deployment.
    model: Option<String>,
    refused: RefusedParameters,
}

/// Lacks that the deployment said it does not take. Reasoning models refuse some that others need,
/// and nothing but a refusal tells which kind of model stands behind a deployment.
#[derive(Default)]
struct RefusedParameters {
    temperature: AtomicBool,
    seed: AtomicBool,
}

impl Deployment {
    /// Makes the client of a deployment. Connects to nothing yet.
    ///
    /// # Errors
    /// Says which field of the configuration cannot be, why, and what to write instead.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let tls = transport::tls(&config)?;
        Self::with_tls(config, tls)
    }

    /// As [`Deployment::new`], with the given trust.
    pub(super) fn with_tls(config: Config, tls: ClientConfig) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::new(&config)?;
        let http = transport::client(&config, tls)?;
        let client = Client::build(http.clone(), endpoint).with_http_service(transport::OneRequest(http));
        let model = match config.api {
            Api::V1 => Some(config.deployment),
            Api::Dated(_) => None,
        };
        Ok(Self {
            info: config.info,
            client,
            api_key: config.api_key,
            model,
            refused: RefusedParameters::default(),
        })
    }

    /// Asks for the key, and makes a header of it.
    pub(super) fn key(&self) -> Result<HeaderValue, BackendError> {
        let failed = |reason: &str| BackendError::Failed {
            reason: format!("API key of backend {}: {reason}", self.info.name),
        };
        let key = self.api_key.key().map_err(|reason| failed(&reason))?;
        let key = key.trim();
        if key.is_empty() {
            return Err(failed("it is empty; write the key into its file"));
        }
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        let header = HeaderValue::from_str(key).ok().filter(|_| visible);
        let mut header = header.ok_or_else(|| {
            failed("it holds a blank, a control character or a letter beyond ASCII; write only the key into its file")
        })?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// Sends one request, and waits for the head of its answer.
    async fn send(&self, body: &Body<'_>, key: HeaderValue) -> Result<Response, Transport> {
        let headers = HeaderMap::from_iter([(HeaderName::from_static("api-key"), key)]);
        match self
            .client
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
        let mut body = Body::new(request, self.model.as_deref());
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
}

#[async_trait::async_trait]
impl Backend for Deployment {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    /// A deployment can always be asked; whether it answers is for its breaker to know.
    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let key = self.key()?;
        let body = self.body(request);
        let response = tokio::time::timeout_at(deadline.instant(), self.send(&body, key))
            .await
            .map_err(|_| BackendError::DeadlineExceeded)?
            .map_err(|failure| classify(Failure::Transport(failure)))?;
        if response.status() != StatusCode::OK {
            let (status, id) = (response.status().as_u16(), request_id(&response));
            tracing::debug!(
                backend = self.info.name,
                status,
                id,
                "the deployment refused a call"
            );
            let refusal = refusal::read(response, deadline, request).await;
            self.learn(&refusal);
            return Err(classify(Failure::Status(refusal)));
        }
        if !is_event_stream(&response) {
            return Err(classify(Failure::Stream(StreamFault::NotEvents)));
        }
        let pieces = response
            .bytes_stream()
            .map(|piece| piece.map_err(|error| transport::transport(&error)));
        Ok(stream::events(pieces, deadline))
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

/// The number under which Azure's support finds a call.
fn request_id(response: &Response) -> &str {
    let headers = response.headers();
    let id = ["apim-request-id", "x-ms-request-id", "x-request-id"]
        .into_iter()
        .find_map(|name| headers.get(name));
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("unknown");
    id.get(..64).unwrap_or(id)
}
