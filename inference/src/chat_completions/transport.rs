//! The HTTP client of one backend: sends exactly one request an attempt, and hands back what came.

use std::{
    error::Error as StdError,
    fmt, io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use reqwest::Response;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;

use super::{Settings, failure::Transport};

/// Azure closes idle connections after four minutes; ours go first, so that none is found dead.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// Finds a peer that vanished without a word.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// Whose certificates are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust<'a> {
    /// Nobody's: nothing is encrypted, so that a container without any roots works.
    Nobody,
    /// Those that this machine believes.
    Machine,
    /// Those signed by one of these, in PEM, and no others.
    Only(&'a [u8]),
}

/// Why a client could not be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SetUpError {
    /// This machine's root certificates could not be loaded.
    MachineRoots { reason: String },
    /// The certificates that were given are none.
    GivenRoots { reason: String },
    /// The HTTP client could not be made.
    HttpClient { reason: String },
}

/// Makes the TLS settings of a client: whose certificates it believes, and ring's cryptography.
pub(crate) fn tls(trust: Trust<'_>) -> Result<ClientConfig, SetUpError> {
    let no_roots = |error: rustls::Error| SetUpError::MachineRoots {
        reason: error.to_string(),
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(no_roots)?;
    let builder = match trust {
        Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()),
        Trust::Machine => builder.with_platform_verifier().map_err(no_roots)?,
        Trust::Only(pem) => builder.with_root_certificates(roots(pem)?),
    };
    Ok(builder.with_no_client_auth())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, SetUpError> {
    let failed = |reason: String| SetUpError::GivenRoots { reason };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| failed(format!("is not PEM: {error}")))?;
        store
            .add(certificate)
            .map_err(|error| failed(format!("holds a certificate that is none: {error}")))?;
    }
    if store.is_empty() {
        return Err(failed("holds no certificate".to_owned()));
    }
    Ok(store)
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Makes the HTTP client.
///
/// Proxies named by the usual variables (`HTTPS_PROXY`, `NO_PROXY`) are honoured, except for loopback.
/// Redirects are not followed: the key must not travel on.
pub(super) fn client(settings: &Settings, tls: ClientConfig) -> Result<reqwest::Client, SetUpError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .user_agent(concat!("b2xgate-mcp-server/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        // Without it a small request waits up to 40 ms for the peer's delayed acknowledgement.
        .tcp_nodelay(true)
        .tcp_keepalive(TCP_KEEPALIVE)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(settings.max_concurrency.max(1))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never());
    let builder = if settings.loopback {
        builder.no_proxy()
    } else {
        builder
    };
    builder.build().map_err(|error| SetUpError::HttpClient {
        reason: describe(&error),
    })
}

/// The innermost service of async-openai's client: one request, no retry, no look at the answer.
#[derive(Clone)]
pub(super) struct OneRequest(pub(super) reqwest::Client);

type Sending = Pin<Box<dyn Future<Output = Result<Response, Handover>> + Send>>;

impl tower::Service<HttpRequestFactory> for OneRequest {
    type Response = Response;
    type Error = Handover;
    type Future = Sending;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Handover>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Sending {
        let client = self.0.clone();
        Box::pin(async move {
            let sent = match request.build().await {
                Ok(request) => client.execute(request).await.map_err(OpenAIError::Reqwest),
                Err(error) => Err(error),
            };
            Err(Handover(Mutex::new(Some(sent))))
        })
    }
}

/// What came of a request, on its way around async-openai's reading half.
///
/// It travels as an error because that is the one thing which async-openai passes on unread.
pub(super) struct Handover(Mutex<Option<Result<Response, OpenAIError>>>);

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handover")
    }
}

impl fmt::Display for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("response handed over")
    }
}

impl StdError for Handover {}

impl From<Handover> for OpenAIError {
    fn from(handover: Handover) -> Self {
        Self::Boxed(Box::new(handover))
    }
}

/// Takes the response out of what async-openai returned.
pub(super) fn received(error: OpenAIError) -> Result<Response, Transport> {
    let sent = match error {
        OpenAIError::Boxed(boxed) => match boxed.downcast::<Handover>() {
            Ok(handover) => handover.0.into_inner().unwrap_or_else(PoisonError::into_inner),
            Err(_) => None,
        },
        error => Some(Err(error)),
    };
    match sent {
        Some(Ok(response)) => Ok(response),
        Some(Err(OpenAIError::Reqwest(error))) => Err(transport(&error)),
        // The text of other errors may quote the request.
        Some(Err(_)) | None => Err(Transport::NotBuilt),
    }
}

/// Says which kind of failure a client error is.
pub(crate) fn transport(error: &reqwest::Error) -> Transport {
    if let Some(tls) = find_tls(error) {
        return match tls {
            rustls::Error::InvalidCertificate(reason) => Transport::Certificate {
                reason: bounded(&reason.to_string()),
            },
            other => Transport::TlsHandshake {
                reason: bounded(&other.to_string()),
            },
        };
    }
    if error.is_builder() {
        return Transport::NotBuilt;
    }
    if !error.is_connect() {
        return Transport::Broken {
            reason: describe(error),
        };
    }
    if error.is_timeout() {
        return Transport::ConnectTimeout;
    }
    if causes(error).any(|cause| cause.to_string() == "dns error") {
        return Transport::NameNotResolved;
    }
    match causes(error)
        .find_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
    {
        Some(io::ErrorKind::ConnectionRefused) => Transport::Refused,
        _ => Transport::NotConnected {
            reason: describe(error),
        },
    }
}

/// The error and everything below it.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| (**cause).source())
}

/// Finds a TLS error.
fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref().or_else(|| tls_within(cause.downcast_ref()?)))
}

/// Looks into an `io::Error`, whose payload `source` steps over; it may be another one.
fn tls_within(error: &io::Error) -> Option<&rustls::Error> {
    let payload = error.get_ref()?;
    payload
        .downcast_ref()
        .or_else(|| tls_within(payload.downcast_ref()?))
}

/// Words for the root of an error: neither address nor credential, and not long.
fn describe(error: &reqwest::Error) -> String {
    let root = causes(error).last().map(ToString::to_string).unwrap_or_default();
    bounded(&root)
}

fn bounded(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect()
}
