//! `serve`: MCP over HTTP until a signal ends it.

use std::{fmt::Write, sync::Arc};

use super::{Exit, Failure, Result, Start, output, signals};
use crate::{
    Bound, Parts, RunError, accounts,
    backends::{self, Around, Built},
    config::{AZURE_VARIABLES, BackendKind, Config},
    shared::{self, Shared},
};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server serve
  mcp-server serve --listen 127.0.0.1:9000
  AZURE_OPENAI_ENDPOINT=https://example.openai.azure.com AZURE_OPENAI_DEPLOYMENT=gpt-4.1-mini \\
    AZURE_OPENAI_API_KEY=... mcp-server serve";

pub(super) async fn run(start: &Start) -> Result {
    let mut config = start.config()?;
    let telemetry = start.telemetry("info", &config)?;
    let shared = match config.shared.clone() {
        Some(shared) => Some(share(shared).await?),
        None => None,
    };
    let around = Around {
        shared: shared.as_ref(),
        spans: telemetry.spans.clone(),
    };
    let Built {
        gateway, mut metrics, ..
    } = backends::build_within(&config, around)?;
    let kept = accounts::keep(&config, shared.as_ref())
        .await
        .map_err(Failure::usage)?;
    metrics.watch(kept.accounts.clone());
    config.mcp.operations = metrics.operations();
    config.mcp.traces = telemetry.traces.clone();
    if let Some(tls) = &mut config.http.tls {
        tls.expiry = metrics.certificate_expiry();
    }
    let parts = Parts {
        http: config.http.clone(),
        mcp: config.mcp.clone(),
        gateway,
        metrics: Arc::new(move || metrics.render()),
        auth: config.auth.clone(),
        accounts: kept.accounts.clone(),
        shared,
    };
    let welcome = |bound: Bound| output::error_line(&welcome(&config, bound));
    let served = crate::run(parts, signals::shutdown(), welcome).await;
    kept.finish().await;
    telemetry.finish().await;
    served.map_err(|error| explain(&error))
}

async fn share(config: shared::Config) -> Result<Shared> {
    let started = Shared::start(config).await;
    started.map_err(|error| explain(&error.into()))
}

/// What is said once the server can be reached. The first two lines are read by scripts.
fn welcome(config: &Config, bound: Bound) -> String {
    let scheme = if config.http.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let base = format!("{scheme}://{}", bound.mcp);
    let mut text = format!(
        "listening on {base}/mcp\nmetrics on http://{}/metrics\n\nConnect a client:\n\n{}\n\n",
        bound.metrics,
        snippet(&base),
    );
    let key = if config.auth.is_configured() {
        "a token or an API key with the scope chat"
    } else {
        "any key"
    };
    let _ = writeln!(text, "OpenAI clients: base URL {base}/v1, {key}.");
    for chain in &config.chains {
        let backends: Vec<_> = chain
            .backends
            .iter()
            .filter_map(|name| describe(config, name))
            .collect();
        let _ = writeln!(
            text,
            "Model {:?} is answered by {}.",
            chain.name,
            backends.join(", then ")
        );
    }
    if let Some(telemetry) = &config.telemetry {
        let _ = writeln!(text, "Traces go to {}.", telemetry.collector.endpoint);
    }
    text += &admitted(config);
    if !config
        .backends
        .iter()
        .any(|backend| !matches!(backend.kind, BackendKind::Local(_)))
    {
        let [endpoint, deployment, key] = AZURE_VARIABLES;
        let _ = writeln!(
            text,
            "To put Azure OpenAI first, set {endpoint}, {deployment} and {key}, and start again."
        );
    }
    text
}

/// Who is let in.
fn admitted(config: &Config) -> String {
    let auth = &config.auth;
    if !auth.is_configured() {
        return "No authentication is configured: every caller on this machine is admitted as the development tenant.\n"
            .to_owned();
    }
    let mut means = Vec::new();
    if let Some(jwt) = &auth.jwt {
        let issuers: Vec<_> = jwt.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
        means.push(format!(
            "tokens of {} for {}",
            issuers.join(", "),
            jwt.audiences.join(", ")
        ));
    }
    means.extend(
        auth.api_keys
            .as_ref()
            .map(|path| format!("API keys of {}", path.display())),
    );
    means.extend(
        auth.client_certificates
            .as_ref()
            .map(|_| "client certificates".to_owned()),
    );
    let mut text = format!("Callers are admitted by {}.\n", means.join("; by "));
    if !config.http.listen.ip().is_loopback() && config.http.allowed_hosts.is_empty() {
        text += "server.allowed_hosts is empty: requests to any name but localhost are refused. Add the name that \
                 clients use.\n";
    }
    text
}

/// What clients with an `mcpServers` file want.
fn snippet(base: &str) -> String {
    format!(
        "  {{\n    \"mcpServers\": {{\n      \"b2xgate\": {{ \"type\": \"http\", \"url\": \"{base}/mcp\" }}\n    }}\n  }}"
    )
}

fn describe(config: &Config, name: &str) -> Option<String> {
    let backend = config.backends.iter().find(|backend| backend.name == name)?;
    Some(match &backend.kind {
        BackendKind::Azure(azure) => format!("{name} (Azure OpenAI, {}, {})", azure.model, azure.region),
        BackendKind::OpenAi(server) => format!("{name} ({}, {})", server.model, server.region),
        BackendKind::Local(local) => format!("{name} (in this process, {})", local.model),
    })
}

fn explain(error: &RunError) -> Failure {
    match error {
        RunError::Bind {
            field,
            address,
            source,
            ..
        } => {
            let (flag, variable) = match *field {
                "server.metrics_listen" => ("--metrics-listen", "MCP_SERVER__SERVER__METRICS_LISTEN"),
                _ => ("--listen", "MCP_SERVER__SERVER__LISTEN"),
            };
            let reason = match source.kind() {
                std::io::ErrorKind::AddrInUse => "is in use by another process".to_owned(),
                _ => format!("cannot be listened on: {source}"),
            };
            Failure::failed(format!(
                "{address} {reason}; choose another address with {flag}, {variable} or the key {field}"
            ))
        }
        RunError::UnauthenticatedBind { .. }
        | RunError::PlaintextBind { .. }
        | RunError::SetUp(_)
        | RunError::Setting { .. } => Failure::usage(error.to_string()),
        RunError::Stdio { .. } => Failure::new(Exit::Failed, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::config::{Sources, load};

    #[test]
    fn the_welcome_says_where_who_and_what_next() {
        let config = load(&Sources::default()).expect("defaults are valid").config;
        let bound = Bound {
            mcp: config.http.listen,
            metrics: config.http.metrics_listen,
        };
        let text = welcome(&config, bound);
        assert!(
            text.starts_with(
                "listening on http://127.0.0.1:8080/mcp\nmetrics on http://127.0.0.1:9464/metrics\n"
            ),
            "{text}"
        );
        for part in [
            "\"mcpServers\"",
            "local (in this process, bundled)",
            "http://127.0.0.1:8080/v1",
            "development tenant",
            "AZURE_OPENAI_DEPLOYMENT",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let json = text.split("\n\n").nth(2).expect("the snippet stands alone");
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{json}");
    }

    #[test]
    fn a_port_in_use_names_what_to_change() {
        let error = RunError::Bind {
            field: "server.listen",
            address: SocketAddr::from(([127, 0, 0, 1], 8080)),
            fix: "",
            source: std::io::ErrorKind::AddrInUse.into(),
        };
        let failure = explain(&error);
        assert_eq!(failure.exit, Exit::Failed);
        for part in [
            "127.0.0.1:8080",
            "in use",
            "--listen",
            "MCP_SERVER__SERVER__LISTEN",
            "server.listen",
        ] {
            assert!(failure.message.contains(part), "{part} in {}", failure.message);
        }
    }
}
