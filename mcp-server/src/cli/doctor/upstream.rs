//! A backend reached over the network: its key, its name, a connection, a certificate, and one word where asked.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use futures::StreamExt;
use inference::{
    BackendError, CompletionEvent, CompletionRequest, Deadline, Message, TravelRule, Truncation,
    azure::entra::AZURE_OPENAI,
};

use super::{
    Check,
    identity::{self, Finding},
};
use crate::{
    backends,
    config::{Azure, AzureCredential, Backend, KeyLocation, OpenAi, WorkloadIdentity},
};

const TIMEOUT: Duration = Duration::from_secs(10);
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

/// A backend reached over the network, as far as its checks differ.
#[derive(Clone, Copy)]
pub(super) enum Upstream<'a> {
    Azure(&'a Azure),
    OpenAi(&'a OpenAi),
}

impl Upstream<'_> {
    fn url(&self) -> &url::Url {
        match self {
            Self::Azure(azure) => &azure.endpoint,
            Self::OpenAi(server) => &server.base_url,
        }
    }

    /// The setting that holds the address.
    fn setting(&self) -> &'static str {
        match self {
            Self::Azure(_) => "endpoint",
            Self::OpenAi(_) => "base_url",
        }
    }

    fn key(&self) -> Option<&KeyLocation> {
        match self {
            Self::Azure(azure) => match &azure.credential {
                AzureCredential::Key(location) => Some(location),
                AzureCredential::WorkloadIdentity(_) => None,
            },
            Self::OpenAi(server) => server.key.as_ref(),
        }
    }

    /// Who this process is, where it shows no key.
    fn identity(&self) -> Option<&WorkloadIdentity> {
        match self {
            Self::Azure(azure) => match &azure.credential {
                AzureCredential::WorkloadIdentity(identity) => Some(identity),
                AzureCredential::Key(_) => None,
            },
            Self::OpenAi(_) => None,
        }
    }

    fn ca_file(&self) -> Option<&Path> {
        match self {
            Self::Azure(_) => None,
            Self::OpenAi(server) => server.ca_file.as_deref(),
        }
    }

    fn client(&self, backend: &Backend) -> Result<Box<dyn inference::Backend>, backends::BuildError> {
        Ok(match self {
            Self::Azure(azure) => Box::new(backends::deployment(backend, azure)?),
            Self::OpenAi(server) => Box::new(backends::openai_server(backend, server)?),
        })
    }

    /// What to do about an answer that is none.
    fn fix(&self, error: &BackendError) -> &'static str {
        match self {
            Self::Azure(_) => fix_azure(error),
            Self::OpenAi(_) => fix_openai(error),
        }
    }
}

pub(super) async fn examine(backend: &Backend, upstream: Upstream<'_>, call: bool) -> Vec<Check> {
    let name = &backend.name;
    let host = upstream
        .url()
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let port = upstream.url().port_or_known_default().unwrap_or(443);
    let mut checks: Vec<_> = upstream
        .key()
        .map(|location| key(name, location))
        .into_iter()
        .collect();
    if let Some(identity) = upstream.identity() {
        checks.push(token(name, identity).await);
    }
    let addresses = match within(tokio::net::lookup_host((host.as_str(), port))).await {
        Ok(addresses) => addresses.collect::<Vec<_>>(),
        Err(reason) => {
            let fix = format!(
                "check the spelling of `{}`, and that this machine resolves names (DNS)",
                upstream.setting()
            );
            checks.push(Check::bad(
                format!("name of {name}"),
                format!("{host} has no address: {reason}"),
                fix,
            ));
            return checks;
        }
    };
    checks.push(Check::good(
        format!("name of {name}"),
        format!(
            "{host} is {}",
            addresses
                .iter()
                .map(|address| address.ip().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        ),
    ));
    if let Err(reason) = within(tokio::net::TcpStream::connect(addresses.as_slice())).await {
        let fix =
            format!("open outgoing connections to {host}:{port}; with private endpoints, check the network");
        checks.push(Check::bad(
            format!("connection to {name}"),
            format!("{host}:{port}: {reason}"),
            fix,
        ));
        return checks;
    }
    checks.push(reach(name, upstream).await);
    if call {
        checks.push(ask(backend, upstream).await);
    }
    checks
}

fn key(name: &str, location: &KeyLocation) -> Check {
    let what = format!("key of {name}");
    let place = match location {
        KeyLocation::File(path) => format!("in {}", path.display()),
        KeyLocation::Variable { name, .. } => format!("in the environment variable {name}"),
    };
    match backends::key_source(location).key() {
        Ok(_) => Check::good(what, place),
        Err(reason) => Check::bad(
            what,
            reason,
            "put the key into the file that `api_key_file` names",
        ),
    }
}

async fn token(name: &str, identity: &WorkloadIdentity) -> Check {
    let what = format!("identity of {name}");
    match identity::examine(identity, AZURE_OPENAI).await {
        Ok(found) => Check::good(what, found),
        Err(Finding { reason, fix }) => Check::bad(what, reason, fix),
    }
}

/// A request without a key: whatever the status, name, network and certificate are in order.
async fn reach(name: &str, upstream: Upstream<'_>) -> Check {
    let what = format!("connection to {name}");
    let client = match client(upstream.ca_file()) {
        Ok(client) => client,
        Err((reason, fix)) => return Check::bad(what, reason, fix),
    };
    let started = Instant::now();
    match client.get(upstream.url().clone()).send().await {
        Ok(response) => {
            let took = started.elapsed().as_millis();
            match skew(response.headers()) {
                Some(skew) if skew > Duration::from_mins(5) => Check::warning(
                    what,
                    format!(
                        "reached in {took} ms, and its clock differs by {} s",
                        skew.as_secs()
                    ),
                    "set this machine's clock (NTP)",
                ),
                _ if upstream.url().scheme() == "http" => {
                    Check::good(what, format!("reached in {took} ms, without encryption"))
                }
                _ => Check::good(what, format!("reached in {took} ms, certificate valid")),
            }
        }
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            let fix = match upstream {
                Upstream::Azure(_) => {
                    "check `endpoint`, proxies that open TLS, and the system's root certificates"
                }
                Upstream::OpenAi(_) => {
                    "check `base_url`, proxies that open TLS, and `ca_file` or the system's root certificates"
                }
            };
            Check::bad(what, format!("no connection: {cause}"), fix)
        }
    }
}

fn client(ca_file: Option<&Path>) -> Result<reqwest::Client, (String, &'static str)> {
    let builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let builder = match ca_file {
        None => builder,
        Some(path) => {
            let certificates = std::fs::read(path)
                .map_err(|error| error.to_string())
                .and_then(|pem| {
                    reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())
                })
                .map_err(|reason| (reason, "name a PEM file that this user can read in `ca_file`"))?;
            builder.tls_certs_only(certificates)
        }
    };
    builder.build().map_err(|error| {
        (
            error.to_string(),
            "install the system's root certificates (ca-certificates)",
        )
    })
}

/// How far this machine's clock is from the server's.
fn skew(headers: &http::HeaderMap) -> Option<Duration> {
    let theirs = httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?).ok()?;
    let ours = SystemTime::now();
    ours.duration_since(theirs)
        .or_else(|_| theirs.duration_since(ours))
        .ok()
}

async fn ask(backend: &Backend, upstream: Upstream<'_>) -> Check {
    let what = format!("one word from {}", backend.name);
    let client = match upstream.client(backend) {
        Ok(client) => client,
        Err(error) => return Check::bad(what, error.to_string(), "correct the backend"),
    };
    let request = CompletionRequest {
        truncation: Truncation::Allow,
        travel: TravelRule::default(),
        ..CompletionRequest::new(vec![Message::user("Say: ok")], 64)
    };
    let started = Instant::now();
    let answer = async {
        let mut events = client.complete(&request, Deadline::after(CALL_TIMEOUT)).await?;
        while let Some(event) = events.next().await {
            if let CompletionEvent::Finished { usage, .. } = event? {
                return Ok(usage);
            }
        }
        Err(BackendError::IncompleteStream)
    };
    match tokio::time::timeout(CALL_TIMEOUT, answer).await {
        Ok(Ok(usage)) => {
            let took = started.elapsed().as_millis();
            Check::good(
                what,
                format!("{}+{} tokens in {took} ms", usage.input, usage.output),
            )
        }
        Ok(Err(error)) => Check::bad(what, error.to_string(), upstream.fix(&error)),
        Err(_) => Check::bad(
            what,
            format!("no answer within {CALL_TIMEOUT:?}"),
            "try again later; the status page of whoever runs it may say more",
        ),
    }
}

fn fix_azure(error: &BackendError) -> &'static str {
    match error {
        BackendError::Unauthorized => {
            "put the resource's current key into the key file, or give the identity the role Cognitive Services OpenAI User"
        }
        BackendError::Forbidden => {
            "allow this network in the resource's firewall, or use its private endpoint"
        }
        BackendError::DeploymentNotFound => "check `deployment` and `api` against the Azure portal",
        BackendError::Throttled { .. } | BackendError::QuotaExhausted => {
            "wait, or raise the deployment's quota"
        }
        _ => "try again; if it stays, check the resource in the Azure portal",
    }
}

fn fix_openai(error: &BackendError) -> &'static str {
    match error {
        BackendError::Unauthorized => "put the server's current key into the file that `api_key_file` names",
        BackendError::Forbidden => "let this key use the model, and this network the server",
        BackendError::DeploymentNotFound => {
            "check `base_url`, and `upstream_model` against the names under its /models"
        }
        BackendError::Unsupported { .. } => "try `max_tokens_field = \"max_completion_tokens\"`",
        BackendError::Throttled { .. } | BackendError::QuotaExhausted => "wait, or raise the quota",
        _ => "try again; if it stays, look into the server's log",
    }
}

async fn within<T>(work: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(TIMEOUT, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("nothing within {TIMEOUT:?}")),
    }
}
