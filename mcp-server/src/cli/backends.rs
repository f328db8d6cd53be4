//! `backends`: shows the backends of a running server, and takes them in and out of service.

use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Exit, Failure, Result, Start, credential, output};
use crate::cause::innermost;
use crate::config::Secret;

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server backends list
  mcp-server backends drain azure-sweden --reason \"rotating its key\"
  mcp-server backends resume azure-sweden --reason \"key rotated\"
  mcp-server backends force-open azure-sweden --reason \"wrong answers since 10:00\" --url http://127.0.0.1:9464

The server is asked on its metrics port, from the machine that it runs on. Each order is logged there with
its reason, and lasts until `resume` or the end of the process. Where the server asks who calls, the
credential needs the scope `operate`.

Exit codes: 1 the order was refused, 2 wrong usage, 3 the server refused us, 4 the server cannot be reached.";

/// Longest wait for the server.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Transitions of a breaker shown to people; `--json` shows all that are remembered.
const TRANSITIONS_SHOWN: usize = 3;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show each backend, its circuit breaker and the last transitions
    List(At),
    /// Send no more calls to a backend that is held for broken; running ones finish
    ForceOpen(Order),
    /// Let calls flow to a backend, whatever comes of them
    ForceClosed(Order),
    /// Take a backend out of service; running calls finish
    Drain(Order),
    /// End what was ordered, and close the circuit
    Resume(Order),
}

#[derive(Debug, Args)]
pub(super) struct At {
    /// The server's metrics address; else `server.metrics_listen` of the configuration
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    #[command(flatten)]
    credential: credential::Arguments,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Order {
    /// The backend's name
    name: String,
    /// Why, in one line; written to the server's log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(start: &Start, command: Command) -> Result {
    start.log("warn")?;
    let (action, order) = match command {
        Command::List(at) => return list(start, &at).await,
        Command::ForceOpen(order) => ("force-open", order),
        Command::ForceClosed(order) => ("force-closed", order),
        Command::Drain(order) => ("drain", order),
        Command::Resume(order) => ("resume", order),
    };
    carry_out(start, action, &order).await
}

async fn list(start: &Start, at: &At) -> Result {
    let admin = Admin::new(start, at)?;
    let answer = admin.ask(admin.http.get(admin.url(&[]))).await?;
    if at.json {
        output::json(&answer);
        return Ok(());
    }
    for backend in answer["backends"].as_array().into_iter().flatten() {
        show(start, backend);
    }
    Ok(())
}

async fn carry_out(start: &Start, action: &str, order: &Order) -> Result {
    if order.reason.trim().is_empty() {
        return Err(Failure::usage("--reason is empty; say why, in one line"));
    }
    if order.name.is_empty() || order.name.contains('/') {
        let message = format!(
            "{:?} is no backend's name; `mcp-server backends list` shows them",
            order.name
        );
        return Err(Failure::usage(message));
    }
    let admin = Admin::new(start, &order.at)?;
    let by = start.environment.get("USER").map_or("operator", String::as_str);
    let body = json!({"reason": order.reason, "by": by});
    let request = admin.http.post(admin.url(&[&order.name, action])).json(&body);
    let answer = admin.ask(request).await?;
    if order.at.json {
        output::json(&answer);
    } else {
        show(start, &answer["backend"]);
    }
    Ok(())
}

fn show(start: &Start, backend: &Value) {
    for line in describe(start, backend) {
        output::line(&line);
    }
}

/// One backend for people: what it is, how it is, and how it came to be so.
fn describe(start: &Start, backend: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let breaker = &backend["breaker"];
    let state = text(&breaker["state"]);
    let shown = match state.as_str() {
        "closed" => start.style.good(&state),
        "half_open" | "forced_closed" => start.style.warning(&state),
        _ => start.style.bad(&state),
    };
    let mut lines = vec![format!(
        "{}  {}  {} of {} running, {} ({}, {})",
        start.style.bold(&text(&backend["name"])),
        shown,
        backend["in_flight"],
        backend["max_concurrency"],
        text(&backend["readiness"]),
        text(&backend["model"]),
        text(&backend["region"]),
    )];
    let seconds = |ms: &Value| ms.as_u64().filter(|ms| *ms > 0).map(|ms| ms.div_ceil(1000));
    if let Some(left) = seconds(&breaker["opens_in_ms"]) {
        lines.push(format!("  tries again in {left} s"));
    }
    if let Some(left) = seconds(&backend["throttled_for_ms"]) {
        lines.push(format!("  throttled for {left} s"));
    }
    if breaker["forced"].is_object() {
        let forced = &breaker["forced"];
        lines.push(format!(
            "  ordered by {}: {}",
            text(&forced["by"]),
            text(&forced["reason"])
        ));
    }
    let history = breaker["history"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    lines.extend(history.iter().rev().take(TRANSITIONS_SHOWN).map(|change| {
        let line = format!(
            "  {} s ago: {} -> {}, {}",
            change["seconds_ago"],
            text(&change["from"]),
            text(&change["to"]),
            text(&change["cause"])
        );
        start.style.dim(&line)
    }));
    lines
}

/// The operators' side of a running server.
struct Admin {
    http: reqwest::Client,
    base: url::Url,
    credential: Option<Secret>,
}

impl Admin {
    fn new(start: &Start, at: &At) -> Result<Self> {
        let url = match &at.url {
            Some(url) => url.clone(),
            None => format!("http://{}", start.config()?.http.metrics_listen),
        };
        let base = url::Url::parse(&url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                Failure::usage(format!(
                    "--url {url:?} is no http address; write for example http://127.0.0.1:9464"
                ))
            })?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Failure::failed(format!("no HTTP client can be made: {error}")))?;
        let credential = at.credential.read(&start.environment, &base)?;
        Ok(Self {
            http,
            base,
            credential,
        })
    }

    fn url(&self, steps: &[&str]) -> url::Url {
        let mut url = self.base.clone();
        url.set_query(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["admin", "backends"]).extend(steps);
        }
        url
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let unreachable = |error: reqwest::Error| {
            let message = format!(
                "cannot reach {}: {}; start a server with `mcp-server serve`, or name its metrics address with --url",
                self.base,
                innermost(&error)
            );
            Failure::new(Exit::CannotConnect, message)
        };
        let request = match &self.credential {
            Some(credential) => request.bearer_auth(credential.expose()),
            None => request,
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body: Value = response.json().await.unwrap_or_default();
        if status.is_success() && body.is_object() {
            return Ok(body);
        }
        let message = body["error"]["message"].as_str();
        Err(match (status, message) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Failure::new(
                Exit::Refused,
                format!(
                    "{} refused us: {}",
                    self.base,
                    message.unwrap_or("no reason given")
                ),
            ),
            (_, Some(message)) => Failure::failed(message),
            (_, None) => Failure::new(
                Exit::CannotConnect,
                format!(
                    "{} is not the metrics address of this server (HTTP {status})",
                    self.base
                ),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Start {
        use clap::Parser;

        let environment = super::super::Environment::new();
        Start {
            global: super::super::Cli::parse_from(["mcp-server"]).global,
            style: output::Style::new(&environment),
            environment,
        }
    }

    #[test]
    fn a_backend_is_told_with_its_order_and_its_history() {
        let backend = json!({"name": "azure", "model": "gpt", "region": "eu", "readiness": "ready", "in_flight": 2,
            "max_concurrency": 64, "throttled_for_ms": 1500, "breaker": {"state": "drained", "opens_in_ms": null,
            "forced": {"by": "ann", "reason": "key"}, "history": [
                {"from": "closed", "to": "open", "cause": "5 failures in a row", "seconds_ago": 90},
                {"from": "open", "to": "drained", "cause": "ann: key", "seconds_ago": 3}]}});
        let text = describe(&start(), &backend).join("\n");
        for part in [
            "azure  drained  2 of 64 running, ready (gpt, eu)",
            "throttled for 2 s",
            "ordered by ann: key",
            "3 s ago: open -> drained, ann: key",
            "5 failures in a row",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("tries again"), "{text}");
    }

    #[tokio::test]
    async fn what_cannot_be_asked_is_told_apart() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let order = |name: &str, reason: &str, url: &str| Order {
            name: name.to_owned(),
            reason: reason.to_owned(),
            at: At {
                url: Some(url.to_owned()),
                credential: credential::Arguments::default(),
                json: false,
            },
        };
        let nobody = "http://127.0.0.1:1";
        for (order, exit) in [
            (order("azure", "  ", nobody), Exit::Usage),
            (order("", "why", nobody), Exit::Usage),
            (order("../x", "why", nobody), Exit::Usage),
            (order("azure", "why", "127.0.0.1:9464"), Exit::Usage),
            (order("azure", "why", nobody), Exit::CannotConnect),
        ] {
            let failure = carry_out(&start(), "drain", &order).await.expect_err("refused");
            assert_eq!(failure.exit, exit, "{order:?}: {failure:?}");
        }
    }

    #[test]
    fn names_stand_in_the_path_as_they_are() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let at = At {
            url: Some("http://127.0.0.1:9464/metrics?x=1".to_owned()),
            credential: credential::Arguments::default(),
            json: false,
        };
        let admin = Admin::new(&start(), &at).expect("an address");
        let url = admin.url(&["a b", "drain"]);
        assert_eq!(url.as_str(), "http://127.0.0.1:9464/admin/backends/a%20b/drain");
    }
}
