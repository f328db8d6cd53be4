//! Tests of the whole server on real sockets, over a scripted backend.

use std::collections::HashMap;

use inference::testing::FakeBackend;
use inference::{Chain, GatewayConfig, NoObserver};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::*;
use crate::{Parts, mcp};

mod admin;
mod calls;
mod drain;
mod openai;
mod refusals;
mod sessions;

/// A server under test.
struct Served {
    address: SocketAddr,
    metrics: SocketAddr,
    fake: FakeBackend,
    gateway: Gateway,
    shutdown: CancellationToken,
    ended: JoinHandle<Result<(), RunError>>,
}

async fn serve() -> Served {
    serve_with(|_| {}).await
}

async fn serve_with(change: impl FnOnce(&mut Parts)) -> Served {
    let fake = FakeBackend::new("fake", "model");
    let gateway = Gateway::new(
        GatewayConfig {
            queue: inference::admission::Config::default(),
            backends: vec![fake.registered()],
            chains: vec![Chain {
                name: "default".into(),
                backends: vec!["fake".into()],
            }],
            routing: inference::RoutingConfig::default(),
        },
        Arc::new(NoObserver),
    )
    .unwrap();
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut parts = Parts {
        http: Config {
            listen: any_port,
            metrics_listen: any_port,
            ..Config::default()
        },
        mcp: mcp::Config::default(),
        gateway: gateway.clone(),
        metrics: Arc::new(|| "# EOF\n".to_owned()),
        auth: crate::tenancy::Config::default(),
        accounts: crate::accounts::Accounts::default(),
        shared: None,
    };
    change(&mut parts);
    let shutdown = CancellationToken::new();
    let (bound, told) = tokio::sync::oneshot::channel();
    let running = crate::run(parts, shutdown.clone(), |address| bound.send(address).unwrap());
    let ended = tokio::spawn(running);
    let Bound {
        mcp: address,
        metrics,
    } = told.await.unwrap();
    Served {
        address,
        metrics,
        fake,
        gateway,
        shutdown,
        ended,
    }
}

impl Served {
    async fn stop(self) {
        self.shutdown.cancel();
        self.ended.await.unwrap().unwrap();
    }

    /// Waits for the backend to be at so many calls.
    async fn running(&self, calls: usize) {
        while self.fake.running() != calls {
            tokio::task::yield_now().await;
        }
    }

    async fn send(&self, request: &Request) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&request.bytes()).await.unwrap();
        Answer::read(stream).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(&Request::new("GET", path)).await
    }
}

/// A request, written out by hand so that it can be wrong in any way.
#[derive(Clone)]
struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn new(method: &'static str, path: &str) -> Self {
        let headers = [("host", "localhost"), ("connection", "close")];
        let headers = headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        Self {
            method,
            path: path.to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    /// What every client of `/mcp` sends.
    fn post(body: impl Into<Vec<u8>>) -> Self {
        let mut request = Self::new("POST", "/mcp")
            .with("content-type", "application/json")
            .with("accept", "application/json, text/event-stream");
        request.body = body.into();
        request
    }

    /// A request of 2026-07-28.
    fn modern(method: &str, mut params: Value) -> Self {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let given = params["_meta"].take();
        params["_meta"] = meta;
        for (key, value) in given.as_object().into_iter().flatten() {
            params["_meta"][key] = value.clone();
        }
        let name = params["name"].as_str().map(ToOwned::to_owned);
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let request = Self::post(body.to_string())
            .with("mcp-protocol-version", "2026-07-28")
            .with("mcp-method", method);
        match name {
            Some(name) => request.with("mcp-name", &name),
            None => request,
        }
    }

    /// A request within a session.
    fn legacy(session: &str, message: &Value) -> Self {
        Self::post(message.to_string())
            .with("mcp-session-id", session)
            .with("mcp-protocol-version", "2025-11-25")
    }

    /// Sets a header, or removes it when the value is empty.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(present, _)| present != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(format!("content-length: {}\r\n\r\n", self.body.len()).bytes());
        bytes.extend(&self.body);
        bytes
    }
}

/// A call of `ask_assistant`.
fn question(meta: &Value) -> Request {
    let params = json!({ "name": "ask_assistant", "arguments": { "question": "How?" }, "_meta": meta });
    Request::modern("tools/call", params)
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    async fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let headers: HashMap<_, _> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let chunked = headers
            .get("transfer-encoding")
            .is_some_and(|value| value == "chunked");
        let body = if chunked {
            join_chunks(body)
        } else {
            body.to_owned()
        };
        Self {
            status,
            headers,
            body,
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The messages of an event stream.
    fn events(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), "text/event-stream", "{self:?}");
        let data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(str::trim);
        data.filter(|data| !data.is_empty())
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    /// The public code of a refusal, wherever it stands.
    fn code(&self) -> String {
        let body = self.json();
        let error = &body["error"];
        let code = error["data"]["code"]
            .as_str()
            .or(error["code"].as_str())
            .unwrap_or_default()
            .to_owned();
        let docs = error["data"]["docs"].as_str().or(error["docs"].as_str());
        assert_eq!(docs, Some(format!("docs/errors/{code}.md").as_str()), "{body}");
        code
    }
}

fn join_chunks(mut body: &str) -> String {
    let mut joined = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        joined.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    joined
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let served = serve().await;
    for (path, status) in [("live", "live"), ("startup", "started"), ("ready", "ready")] {
        let answer = served.get(&format!("/health/{path}")).await;
        assert_eq!(
            (answer.status, answer.json()["status"].as_str()),
            (200, Some(status)),
            "{path}"
        );
        assert!(answer.json()["reason"].is_string());
    }
    // The kubelet asks by an address of the pod, which nobody lists.
    let by_address = Request::new("GET", "/health/ready").with("host", "10.1.2.3:8080");
    assert_eq!(served.send(&by_address).await.status, 200);

    let mut stream = TcpStream::connect(served.metrics).await.unwrap();
    stream
        .write_all(&Request::new("GET", "/metrics").bytes())
        .await
        .unwrap();
    let metrics = Answer::read(stream).await;
    assert_eq!((metrics.status, metrics.body.as_str()), (200, "# EOF\n"));
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert_eq!(
        served.get("/metrics").await.status,
        404,
        "metrics have a listener of their own"
    );
    served.stop().await;
}

#[tokio::test]
async fn unsafe_or_impossible_addresses_are_refused() {
    let bind = async |config: Config| match Server::bind(config, false).await {
        Err(error) => error.to_string(),
        Ok(_) => "bound".to_owned(),
    };
    let everywhere = Config {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Config::default()
    };
    assert!(bind(everywhere).await.contains("no authentication is configured"));

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config {
        listen: taken.local_addr().unwrap(),
        ..Config::default()
    };
    let refusal = bind(config).await;
    assert!(
        refusal.contains("server.listen") && refusal.contains("choose another port"),
        "{refusal}"
    );

    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        allowed_origins: vec!["example.com".into()],
        ..Config::default()
    };
    assert!(
        bind(config)
            .await
            .contains("server.allowed_origins holds \"example.com\"")
    );
}
