//! Doctor's look at the collector of traces: whether it would take spans, and what becomes of them otherwise.

use super::Check;
use crate::telemetry::{
    self, SPANS_THAT_WAIT,
    otlp::{self, Cause, Refusal},
};

pub(super) async fn examine(config: Option<&telemetry::Config>) -> Option<Check> {
    let config = config?;
    let what = "collector of traces";
    let endpoint = &config.collector.endpoint;
    let refusal = match otlp::probe(config.collector.clone()).await {
        Ok(took) => {
            let security = if endpoint.scheme() == "https" {
                "certificate valid"
            } else {
                "without encryption"
            };
            let found = format!(
                "{endpoint} takes spans ({took:.0?}, {security}); {}",
                traced(config)
            );
            return Some(Check::good(what, found));
        }
        Err(refusal) => refusal,
    };
    // Never a failure: the server starts, and no call is slower for it.
    let (cause, lost) = match refusal {
        Refusal::ForGood(cause) => {
            let lost = format!("refuses ({cause}): every span is dropped");
            (cause, lost)
        }
        Refusal::ForNow(cause, _) => {
            let lost = format!(
                "takes nothing now ({cause}): {SPANS_THAT_WAIT} spans wait for it at most, a minute each, and others are dropped"
            );
            (cause, lost)
        }
    };
    let found = format!("{endpoint} {lost}; calls are answered all the same");
    Some(Check::warning(what, found, fix(&cause)))
}

/// Whose calls leave a trace, and what it shows.
fn traced(config: &telemetry::Config) -> String {
    let mut text = if config.sample_ratio <= 0.0 {
        "only calls whose caller asks are traced".to_owned()
    } else if config.sample_ratio >= 1.0 {
        "all calls are traced, but those whose caller says no".to_owned()
    } else {
        format!(
            "{} % of the calls are traced where the caller does not say",
            config.sample_ratio * 100.0
        )
    };
    if !config.content_tenants.is_empty() {
        let mut tenants: Vec<&str> = config.content_tenants.iter().map(String::as_str).collect();
        tenants.sort_unstable();
        text.push_str(", with prompts and answers of ");
        text.push_str(&tenants.join(", "));
    }
    text
}

fn fix(cause: &Cause) -> &'static str {
    match cause {
        Cause::Status(status) if matches!(status.as_u16(), 401 | 403) => {
            "put the collector's credential into the file that `telemetry.headers_file` names"
        }
        Cause::Status(status) if status.is_server_error() || status.as_u16() == 429 => {
            "look into the collector's log; a `memory_limiter` refuses while it is full"
        }
        Cause::Status(_) => {
            "check `telemetry.endpoint`: it is the address of OTLP over HTTP (port 4318, most often), and /v1/traces is added to it"
        }
        Cause::Silence(_) => {
            "check `telemetry.endpoint` (4318 is most often the port for HTTP, 4317 that for gRPC, which is not spoken), the network, \
             `telemetry.headers_file`, and for https the collector's certificate against this machine's roots"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
    use http::StatusCode;
    use tokio::net::TcpListener;

    use super::*;

    /// A collector that wants a credential, and answers with this status then.
    async fn collector(status: u16) -> String {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = move |headers: HeaderMap, body: Bytes| async move {
            assert!(body.is_empty(), "nothing is sent but a question");
            match headers.get("authorization") {
                Some(value) if value == "Bearer right" => status,
                _ => StatusCode::UNAUTHORIZED,
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/traces", post(answer));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        format!("http://{address}/v1/traces")
    }

    fn config(endpoint: &str, headers: &[&str], headers_file: Option<PathBuf>) -> telemetry::Config {
        telemetry::Config {
            collector: otlp::Config {
                endpoint: endpoint.parse().unwrap(),
                headers: otlp::parse_headers(headers.iter().copied(), '=').unwrap(),
                headers_file,
            },
            sample_ratio: 0.25,
            resource: Vec::new(),
            content_tenants: ["acme".to_owned()].into(),
        }
    }

    async fn check(config: &telemetry::Config) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let check = examine(Some(config)).await.unwrap();
        format!("{}: {} | {}", check.status.as_str(), check.found, check.fix)
    }

    const RIGHT: &[&str] = &["authorization=Bearer right"];

    #[tokio::test]
    async fn nothing_is_said_where_there_is_none() {
        assert!(examine(None).await.is_none());
    }

    #[tokio::test]
    async fn one_that_takes_spans_is_good_and_it_is_said_which() {
        let good = check(&config(&collector(200).await, RIGHT, None)).await;
        assert!(good.starts_with("ok: http://127.0.0.1"), "{good}");
        for part in [
            "without encryption",
            "25 % of the calls",
            "prompts and answers of acme",
        ] {
            assert!(good.contains(part), "{good}");
        }
        let of = |sample_ratio| {
            traced(&telemetry::Config {
                sample_ratio,
                ..config("http://x", &[], None)
            })
        };
        assert!(of(0.0).starts_with("only calls whose caller asks") && of(1.0).starts_with("all calls"));
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_with_what_is_dropped_and_the_fix() {
        for (status, headers, found, fix) in [
            (
                200,
                &["authorization=Bearer wrong"][..],
                "(HTTP 401",
                "telemetry.headers_file",
            ),
            (200, &[], "every span is dropped", "credential"),
            (404, RIGHT, "(HTTP 404", "/v1/traces is added"),
            (308, RIGHT, "(HTTP 308", "telemetry.endpoint"),
            (503, RIGHT, "8192 spans wait", "memory_limiter"),
            (429, RIGHT, "takes nothing now", "collector's log"),
        ] {
            let warning = check(&config(&collector(status).await, headers, None)).await;
            assert!(warning.starts_with("warning: "), "{warning}");
            assert!(
                warning.contains(found) && warning.contains(fix),
                "{status}: {warning}"
            );
            assert!(!warning.contains("Bearer"), "{warning}");
        }
    }

    #[tokio::test]
    async fn nobody_there_no_tls_there_and_no_file_there() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}/v1/traces", closed.local_addr().unwrap());
        drop(closed);
        let plain = collector(200).await;
        let missing = Some(PathBuf::from("/nowhere/otlp-headers"));
        for (config, found) in [
            (config(&nobody, RIGHT, None), "refused"),
            (
                config("http://collector.invalid:4318/v1/traces", RIGHT, None),
                "takes nothing now",
            ),
            (
                config(&plain.replace("http:", "https:"), RIGHT, None),
                "takes nothing now",
            ),
            (
                config(&plain, &[], missing),
                "/nowhere/otlp-headers cannot be read",
            ),
        ] {
            let warning = check(&config).await;
            assert!(
                warning.starts_with("warning: ") && warning.contains(found),
                "{warning}"
            );
            assert!(warning.contains("4317"), "{warning}");
        }
    }
}
