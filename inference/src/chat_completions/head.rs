//! How each request to a server begins: what async-openai would send, asked for once and kept.

use std::{
    future::{Ready, ready},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use async_openai::{Client as ApiClient, error::OpenAIError, middleware::HttpRequestFactory};
use bytes::Bytes;
use futures::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{ACCEPT, HOST, PROXY_AUTHORIZATION, USER_AGENT},
    request::Parts,
};
use http_body_util::Full;
use rustls::ClientConfig;
use serde::de::IgnoredAny;

use super::{address::Address, transport::SetUpError};

/// The header that shows a credential.
pub(crate) type Credential = (HeaderName, HeaderValue);

/// Everything of a request but its credential and its body.
pub(super) struct Head {
    parts: Parts,
    /// Where it goes, with scheme and host.
    pub(super) target: Uri,
}

impl Head {
    /// Has async-openai write a chat completion down for this address. Connects to nothing.
    pub(super) fn of(address: Address, tls: ClientConfig) -> Result<Self, SetUpError> {
        let failed = |reason: String| SetUpError::HttpClient { reason };
        // It builds requests, and sends none.
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let witness = Witness::default();
        let api = ApiClient::build(http, address).with_http_service(witness.clone());
        // An error by design: nobody answers the witness.
        let _ = api.chat().create_stream_byot::<(), IgnoredAny>(()).now_or_never();
        let seen = witness.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let request = seen.ok_or_else(|| failed("no request was written".to_owned()))?;
        let (mut parts, _) = Request::<reqwest::Body>::try_from(request)
            .map_err(|error| failed(error.to_string()))?
            .into_parts();
        let target = parts.uri.clone();
        let host = target
            .authority()
            .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
            .ok_or_else(|| failed("the address has no host".to_owned()))?;
        parts.headers.insert(HOST, host);
        let agent = concat!("b2xgate-mcp-server/", env!("CARGO_PKG_VERSION"));
        parts.headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let anything = || HeaderValue::from_static("*/*");
        parts.headers.entry(ACCEPT).or_insert_with(anything);
        // What a server is told of its own address.
        if let Some(path) = target.path_and_query() {
            parts.uri = Uri::from(path.clone());
        }
        Ok(Self { parts, target })
    }

    /// Addresses the requests to a proxy, which has to read where they go.
    pub(super) fn by_proxy(&mut self, authorization: Option<HeaderValue>) {
        self.parts.uri = self.target.clone();
        if let Some(authorization) = authorization {
            self.parts.headers.insert(PROXY_AUTHORIZATION, authorization);
        }
    }

    /// A request of its own.
    pub(super) fn request(&self, credential: Option<Credential>, body: Vec<u8>) -> Request<Full<Bytes>> {
        let mut headers: HeaderMap = self.parts.headers.clone();
        headers.extend(credential);
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = self.parts.method.clone();
        *request.uri_mut() = self.parts.uri.clone();
        *request.headers_mut() = headers;
        request
    }
}

/// Stands where async-openai sends: sees what would be sent, and sends nothing.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Option<reqwest::Request>>>);

impl tower::Service<HttpRequestFactory> for Witness {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Ready<Result<reqwest::Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let request = request.build().now_or_never().and_then(Result::ok);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = request;
        ready(Err(OpenAIError::InvalidArgument("seen, not sent".to_owned())))
    }
}
