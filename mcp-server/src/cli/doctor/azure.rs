//! An Azure deployment: its key, its name, a connection, a certificate, and one word where asked.

use std::time::{Duration, Instant, SystemTime};

use futures::StreamExt;
use inference::{
    Backend as _, BackendError, CompletionEvent, CompletionRequest, DataClass, Deadline, Message, Output,
    Truncation,
};

use super::Check;
use crate::{
    backends,
    config::{Azure, Backend, KeyLocation},
};

const TIMEOUT: Duration = Duration::from_secs(10);
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) async fn examine(backend: &Backend, azure: &Azure, call: bool) -> Vec<Check> {
    let name = &backend.name;
    let host = azure
        .endpoint
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let port = azure.endpoint.port_or_known_default().unwrap_or(443);
    let mut checks = vec![key(name, &azure.key)];
    let addresses = match within(tokio::net::lookup_host((host.as_str(), port))).await {
        Ok(addresses) => addresses.collect::<Vec<_>>(),
        Err(reason) => {
            let fix = "check the endpoint's spelling, and that this machine resolves names (DNS)";
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
    checks.push(reach(name, azure).await);
    if call {
        checks.push(ask(backend, azure).await);
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

/// A request without a key: whatever the status, name, network and certificate are in order.
async fn reach(name: &str, azure: &Azure) -> Check {
    let what = format!("connection to {name}");
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            return Check::bad(
                what,
                error.to_string(),
                "install the system's root certificates (ca-certificates)",
            );
        }
    };
    let started = Instant::now();
    match client.get(azure.endpoint.clone()).send().await {
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
                _ => Check::good(what, format!("reached in {took} ms, certificate valid")),
            }
        }
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            let fix = "check the endpoint, proxies that open TLS, and the system's root certificates";
            Check::bad(what, format!("no TLS connection: {cause}"), fix)
        }
    }
}

/// How far this machine's clock is from the server's.
fn skew(headers: &http::HeaderMap) -> Option<Duration> {
    let theirs = httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?).ok()?;
    let ours = SystemTime::now();
    ours.duration_since(theirs)
        .or_else(|_| theirs.duration_since(ours))
        .ok()
}

async fn ask(backend: &Backend, azure: &Azure) -> Check {
    let what = format!("one word from {}", backend.name);
    let deployment = match backends::deployment(backend, azure) {
        Ok(deployment) => deployment,
        Err(error) => return Check::bad(what, error.to_string(), "correct the backend"),
    };
    let request = CompletionRequest {
        messages: vec![Message::user("Say: ok")],
        output: Output::Text,
        max_output_tokens: 64,
        truncation: Truncation::Allow,
        temperature: 0.0,
        seed: None,
        data_class: DataClass::Public,
    };
    let started = Instant::now();
    let answer = async {
        let mut events = deployment
            .complete(&request, Deadline::after(CALL_TIMEOUT))
            .await?;
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
        Ok(Err(error)) => Check::bad(what, error.to_string(), fix(&error)),
        Err(_) => Check::bad(
            what,
            format!("no answer within {CALL_TIMEOUT:?}"),
            "try again later; Azure's status page may say more",
        ),
    }
}

fn fix(error: &BackendError) -> &'static str {
    match error {
        BackendError::Unauthorized => "put the resource's current key into the key file",
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

async fn within<T>(work: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(TIMEOUT, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("nothing within {TIMEOUT:?}")),
    }
}
