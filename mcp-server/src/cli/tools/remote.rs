//! Tools of a running server, through the MCP client.

use std::time::Duration;

use rmcp::{
    RoleClient, ServiceError,
    model::{CallToolRequestParams, ProtocolVersion},
    service::{ClientInitializeError, ClientLifecycleMode, ClientServiceExt, RunningService},
    transport::{
        StreamableHttpClientTransport,
        streamable_http_client::{
            AuthRequiredError, HttpStatusError, InsufficientScopeError, StreamableHttpClientTransportConfig,
        },
    },
};
use serde_json::{Map, Value, json};

use super::{ANSWER_KEY, Called, Listed};
use crate::cli::{Environment, Exit, Failure, Result, credential};

/// Longest wait for the server to say hello.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a result; beyond every deadline that a server sets itself.
const CALL_TIMEOUT: Duration = Duration::from_mins(10);

/// A connection to a running server.
pub(super) struct Server {
    url: String,
    service: RunningService<RoleClient, ()>,
}

impl Server {
    pub(super) async fn connect(
        url: &str,
        arguments: &credential::Arguments,
        environment: &Environment,
    ) -> Result<Self> {
        let parsed = url::Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(parsed) = parsed else {
            return Err(Failure::usage(format!(
                "--url {url:?} is no http address; write for example http://127.0.0.1:8080/mcp"
            )));
        };
        let credential = arguments.read(environment, &parsed)?;
        reach(&parsed).await?;
        let mut config = StreamableHttpClientTransportConfig::with_uri(url);
        config.auth_header = credential.map(|credential| credential.expose().to_owned());
        let transport = StreamableHttpClientTransport::with_client(arguments.http_client()?, config);
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::LATEST],
            legacy_version: None,
        };
        let service = match tokio::time::timeout(
            CONNECT_TIMEOUT,
            ().serve_with_lifecycle(transport, lifecycle),
        )
        .await
        {
            Ok(Ok(service)) => service,
            Ok(Err(error)) => return Err(explain_start(url, &error)),
            Err(_) => {
                let message = format!("{url} did not answer as an MCP server within {CONNECT_TIMEOUT:?}");
                return Err(Failure::new(Exit::CannotConnect, message));
            }
        };
        Ok(Self {
            url: url.to_owned(),
            service,
        })
    }

    pub(super) async fn list(&self) -> Result<Vec<Listed>> {
        let tools = self
            .service
            .list_all_tools()
            .await
            .map_err(|error| explain(&self.url, &error))?;
        Ok(tools
            .into_iter()
            .map(|tool| Listed {
                whole: serde_json::to_value(&tool).unwrap_or_default(),
                name: tool.name.into_owned(),
                title: tool.title.unwrap_or_default(),
                description: tool.description.unwrap_or_default().into_owned(),
                input_schema: (*tool.input_schema).clone(),
            })
            .collect())
    }

    pub(super) async fn call(&self, name: &str, arguments: Map<String, Value>) -> Result<Called> {
        let request = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        let result = tokio::time::timeout(CALL_TIMEOUT, self.service.call_tool(request)).await;
        let result = result
            .map_err(|_| Failure::failed(format!("{} gave no result within {CALL_TIMEOUT:?}", self.url)))?
            .map_err(|error| explain(&self.url, &error))?;
        let text: Vec<_> = result
            .content
            .iter()
            .filter_map(|block| Some(block.as_text()?.text.as_str()))
            .collect();
        if result.is_error == Some(true) {
            return Err(Failure::failed(text.join("\n")));
        }
        let meta = serde_json::to_value(&result.meta).unwrap_or_default();
        let answer = meta.get(ANSWER_KEY).cloned().unwrap_or_default();
        let structured = result
            .structured_content
            .unwrap_or_else(|| json!({"text": text.join("\n")}));
        Ok(Called {
            structured,
            footer: footer(&answer),
            answer,
        })
    }
}

/// Connects and hangs up, so that an address where nobody listens is told apart from one that refuses us.
async fn reach(url: &url::Url) -> Result {
    let address = (
        url.host_str().unwrap_or_default().trim_matches(['[', ']']),
        url.port_or_known_default().unwrap_or(80),
    );
    let reason = match tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no connection within {CONNECT_TIMEOUT:?}"),
    };
    Err(Failure::new(
        Exit::CannotConnect,
        format!(
            "cannot connect to {url}: {reason}; start a server with `mcp-server serve`, or name another --url"
        ),
    ))
}

fn explain_start(url: &str, error: &ClientInitializeError) -> Failure {
    let source: Option<&(dyn std::error::Error + 'static)> = match error {
        ClientInitializeError::TransportError { error, .. } => Some(error),
        ClientInitializeError::LegacyFallbackFailed { discover, fallback } => {
            let first = explain_start(url, discover);
            return if first.exit == Exit::Refused {
                first
            } else {
                explain_start(url, fallback)
            };
        }
        _ => None,
    };
    classify(url, source, &error.to_string())
}

fn explain(url: &str, error: &ServiceError) -> Failure {
    match error {
        ServiceError::McpError(error) => Failure::failed(error.message.to_string()),
        ServiceError::TransportSend(source) => classify(url, Some(source), &error.to_string()),
        ServiceError::TransportClosed => {
            Failure::new(Exit::CannotConnect, format!("{url} closed the connection"))
        }
        other => Failure::failed(format!("{url}: {other}")),
    }
}

/// Finds out whether the server refused us, or could not be talked to at all.
fn classify(url: &str, source: Option<&(dyn std::error::Error + 'static)>, message: &str) -> Failure {
    let mut cause = source;
    while let Some(error) = cause {
        let refused = error.is::<AuthRequiredError>()
            || error.is::<InsufficientScopeError>()
            || error
                .downcast_ref::<HttpStatusError>()
                .is_some_and(|status| matches!(status.status, 401 | 403));
        if refused {
            return Failure::new(Exit::Refused, format!("{url} refused the credential: {error}"));
        }
        cause = error.source();
    }
    // Statuses without a challenge reach us as text only.
    let refused = ["401 Unauthorized", "403 Forbidden", "HTTP 401", "HTTP 403"]
        .iter()
        .any(|status| message.contains(status));
    let exit = if refused {
        Exit::Refused
    } else {
        Exit::CannotConnect
    };
    Failure::new(exit, format!("{url} did not answer as an MCP server: {message}"))
}

/// The same line as under answers of this process, from what the server says.
pub(in crate::cli) fn footer(answer: &Value) -> Option<String> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let number = |key: &str| answer.get(key).and_then(Value::as_u64).unwrap_or(0);
    let backend = text("backend")?;
    let mut parts = vec![backend.to_owned()];
    parts.extend(text("model").filter(|model| *model != backend).map(str::to_owned));
    if answer.get("degraded") == Some(&Value::Bool(true)) {
        parts.push(
            text("reason").map_or_else(|| "degraded".to_owned(), |reason| format!("degraded: {reason}")),
        );
    } else if let Some(reason) = text("reason") {
        parts.push(format!("after {reason}"));
    }
    parts.push(format!(
        "{:.1} s",
        Duration::from_millis(number("duration_ms")).as_secs_f64()
    ));
    parts.push(format!(
        "{}+{} tokens",
        number("input_tokens"),
        number("output_tokens")
    ));
    Some(format!("[{}]", parts.join(" · ")))
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, response::IntoResponse};

    use super::*;

    async fn serve(status: StatusCode, challenge: bool) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("bound"));
        let answer = move || async move {
            let header = challenge.then_some([("www-authenticate", "Bearer realm=\"test\"")]);
            match header {
                Some(header) => (status, header, "no").into_response(),
                None => (status, "no").into_response(),
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        url
    }

    async fn exit_of(url: &str) -> Exit {
        match Server::connect(url, &credential::Arguments::default(), &Environment::new()).await {
            Ok(_) => panic!("{url} is no MCP server"),
            Err(failure) => {
                assert!(
                    failure.message.contains(url) || failure.exit == Exit::Usage,
                    "{failure:?}"
                );
                failure.exit
            }
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_us_is_told_apart_from_one_that_is_not_there() {
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            for challenge in [true, false] {
                assert_eq!(
                    exit_of(&serve(status, challenge).await).await,
                    Exit::Refused,
                    "{status} {challenge}"
                );
            }
        }
        for status in [StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
            assert_eq!(
                exit_of(&serve(status, false).await).await,
                Exit::CannotConnect,
                "{status}"
            );
        }
        assert_eq!(exit_of("http://127.0.0.1:1/mcp").await, Exit::CannotConnect);
        for url in ["ftp://127.0.0.1/", "127.0.0.1:8080", "nonsense", ""] {
            assert_eq!(exit_of(url).await, Exit::Usage, "{url}");
        }
    }

    #[test]
    fn the_footer_says_what_the_server_says() {
        let answer = json!({"backend": "local", "model": "bundled", "degraded": true, "reason": "circuit_open",
            "duration_ms": 610, "input_tokens": 212, "output_tokens": 64});
        let expected = "[local · bundled · degraded: circuit_open · 0.6 s · 212+64 tokens]";
        assert_eq!(footer(&answer).as_deref(), Some(expected));
        assert_eq!(footer(&Value::Null), None);
    }
}
