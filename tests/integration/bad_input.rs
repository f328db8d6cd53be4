//! What callers get wrong, by accident or on purpose, and what they are told.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::{Exchange, McpClient},
    server_under_test::{ServerUnderTest, Settings},
};

async fn local() -> ServerUnderTest {
    ServerUnderTest::start(&Settings::local()).await
}

/// The code of a refusal, wherever it is carried.
fn code(exchange: &Exchange) -> String {
    let result = &exchange.response["result"]["_meta"]["com.b2xgate/error"]["code"];
    let error = &exchange.response["error"]["data"]["code"];
    [result, error]
        .iter()
        .find_map(|code| code.as_str())
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_tool_is_named_with_the_nearest_one() {
    let server = local().await;
    let legacy = McpClient::legacy(server.mcp_url()).await.expect("a session");
    for client in [server.client(), legacy] {
        let exchange = client.call("sumarize_text", json!({"text": "x"})).await;
        assert_eq!(exchange.error()["code"], -32602, "{}", exchange.response);
        let message = exchange.error()["message"].as_str().expect("a message");
        assert!(
            message.contains("sumarize_text") && message.contains("summarize_text"),
            "{message}"
        );
        assert_eq!(code(&exchange), "unknown_tool");
        let strange = client.call("zzzzzzzz", json!({})).await;
        assert_eq!(code(&strange), "unknown_tool");
        assert_eq!(
            strange.error()["data"]["nearest"],
            Value::Null,
            "{}",
            strange.response
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_arguments_name_field_reason_and_fix() {
    let server = local().await;
    let client = server.client();
    for (tool, arguments, field, fix) in [
        ("summarize_text", json!({}), "text", "add it"),
        ("summarize_text", json!({"text": 1}), "text", "string"),
        ("summarize_text", json!({"text": ""}), "text", "at least 1"),
        (
            "summarize_text",
            json!({"text": "x", "txet": "x"}),
            "txet",
            "spelling",
        ),
        (
            "summarize_text",
            json!({"text": "x", "max_words": 5}),
            "max_words",
            "at least 20",
        ),
        (
            "classify_ticket",
            json!({"text": "x", "labels": ["a", "a"]}),
            "labels",
            "once",
        ),
        (
            "classify_ticket",
            json!({"text": "x", "labels": ["only"]}),
            "labels",
            "at least 2",
        ),
        ("extract_data", json!({"text": "x"}), "preset", "either"),
        (
            "extract_data",
            json!({"text": "x", "preset": "invoices"}),
            "preset",
            "rfq",
        ),
        (
            "extract_data",
            json!({"text": "x", "preset": "rfq", "schema": {"type": "object", "properties": {}}}),
            "preset",
            "either",
        ),
        (
            "extract_data",
            json!({"text": "x", "schema": {"type": "array"}}),
            "schema",
            "object",
        ),
        (
            "extract_data",
            json!({"text": "x", "schema": {"type": "object", "properties": {"a": {"$ref": "https://example.com/x"}}}}),
            "schema",
            "#/$defs",
        ),
        (
            "generate_product_text",
            json!({"product": {}}),
            "product.name",
            "add it",
        ),
        (
            "ask_assistant",
            json!({"question": "x", "history": [{"role": "robot", "content": "x"}]}),
            "history[0].role",
            "user",
        ),
        ("server_status", json!({"verbose": true}), "verbose", "remove"),
    ] {
        let exchange = client.call(tool, arguments.clone()).await;
        let failure = exchange.failure();
        assert_eq!(
            failure["code"], "invalid_arguments",
            "{tool} {arguments}: {failure}"
        );
        let problem = &failure["problems"][0];
        assert_eq!(problem["field"], field, "{tool} {arguments}: {failure}");
        assert!(
            problem["fix"].as_str().is_some_and(|text| text.contains(fix)),
            "{tool} {arguments}: {problem}"
        );
        let text = exchange.result()["content"][0]["text"]
            .as_str()
            .expect("text for the model");
        assert!(text.contains(field), "{text}");
    }
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_longer_than_the_context_is_refused_not_cut() {
    let server = local().await;
    let long = "Der Kunde fragt nach der Lieferung. ".repeat(1300);
    let exchange = server
        .client()
        .call("summarize_text", json!({"text": long}))
        .await;
    let failure = exchange.failure();
    assert_eq!(failure["code"], "context_length_exceeded", "{failure}");
    assert!(
        failure["message"]
            .as_str()
            .is_some_and(|text| text.contains("tokens")),
        "{failure}"
    );
    assert!(
        !failure.to_string().contains("Lieferung"),
        "no part of the prompt comes back"
    );
    let fake = FakeAzure::start(FakeAzureConfig {
        context_tokens: 5000,
        ..FakeAzureConfig::default()
    })
    .await;
    let fake = fake.expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let exchange = server
        .client()
        .call("summarize_text", json!({"text": long}))
        .await;
    assert_eq!(
        exchange.failure()["code"],
        "context_length_exceeded",
        "too long for both: {}",
        exchange.response
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_are_bounded_and_must_be_json_rpc() {
    let server = local().await;
    let client = server.client();
    let (message, headers) = client.frame(
        1,
        "tools/call",
        json!({"name": "server_status", "arguments": {"x": "y"}}),
    );
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let text = message.to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let big = text.replace("\"y\"", &format!("\"{}\"", "y".repeat(5 << 20)));
    let mut broken = text.clone().into_bytes();
    let at = text.find("\"y\"").expect("the argument") + 1;
    broken[at] = 0xff;
    for (what, body, statuses, wanted) in [
        ("5 MB", big.into_bytes(), vec![413], vec!["body_too_large"]),
        (
            "deep",
            text.replace("\"y\"", &deep).into_bytes(),
            vec![400],
            vec!["parse_error"],
        ),
        ("invalid UTF-8", broken, vec![400], vec!["parse_error"]),
        (
            "cut",
            text.as_bytes()[..text.len() / 2].to_vec(),
            vec![400],
            vec!["parse_error"],
        ),
        ("empty", Vec::new(), vec![400], vec!["parse_error"]),
        ("a number", b"7".to_vec(), vec![400], vec!["invalid_request"]),
        (
            "a batch",
            format!("[{text},{text}]").into_bytes(),
            vec![400],
            vec!["invalid_request"],
        ),
        (
            "no method",
            b"{\"jsonrpc\":\"2.0\",\"id\":1}".to_vec(),
            vec![400],
            vec!["invalid_request"],
        ),
    ] {
        // A server may answer and close before it has read all of a body that is too large.
        let Ok(exchange) = client.try_post_bytes(body, &headers).await else {
            assert_eq!(what, "5 MB", "only a refused upload may break");
            continue;
        };
        assert!(
            statuses.contains(&exchange.status),
            "{what}: {} {}",
            exchange.status,
            exchange.response
        );
        assert!(
            wanted.contains(&code(&exchange).as_str()),
            "{what}: {}",
            exchange.response
        );
    }
    assert_eq!(
        client.call("server_status", json!({})).await.status,
        200,
        "the process stays up"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_hosts_and_origins_are_turned_away() {
    let server = local().await;
    let client = server.client();
    let (message, framed) = client.frame(1, "tools/list", json!({}));
    for (extra, status, wanted) in [
        (
            vec![("origin", "https://evil.example")],
            403,
            "origin_not_allowed",
        ),
        (vec![("origin", "null")], 403, "origin_not_allowed"),
        (
            vec![("origin", "http://localhost.evil.example")],
            403,
            "origin_not_allowed",
        ),
        (vec![("host", "evil.example")], 403, "host_not_allowed"),
        (
            vec![("host", "evil.example"), ("origin", "https://evil.example")],
            403,
            "host_not_allowed",
        ),
        (vec![("host", "localhost")], 200, ""),
        (vec![("origin", "http://localhost:3000")], 200, ""),
        (vec![("origin", "http://127.0.0.1:6274")], 200, ""),
        (vec![("origin", "http://[::1]:6274")], 200, ""),
    ] {
        let mut headers: Vec<(&str, &str)> = framed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        headers.extend(&extra);
        let exchange = client.post(&message, &headers).await;
        assert_eq!(exchange.status, status, "{extra:?}: {}", exchange.response);
        if !wanted.is_empty() {
            assert_eq!(code(&exchange), wanted, "{extra:?}: {}", exchange.response);
        }
    }
    // A legacy client's first message meets the same guard.
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}});
    let exchange = client
        .post(&initialize, &[("origin", "https://evil.example")])
        .await;
    assert_eq!(exchange.status, 403);
    assert!(!exchange.headers.contains_key("mcp-session-id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modern_requests_must_say_the_same_in_headers_and_body() {
    let server = local().await;
    let client = server.client();
    let (message, _) = client.frame(1, "tools/call", json!({"name": "server_status", "arguments": {}}));
    let version = ("mcp-protocol-version", "2026-07-28");
    for (headers, error) in [
        (
            vec![
                version,
                ("mcp-method", "tools/list"),
                ("mcp-name", "server_status"),
            ],
            -32020,
        ),
        (
            vec![
                version,
                ("mcp-method", "tools/call"),
                ("mcp-name", "ask_assistant"),
            ],
            -32020,
        ),
        (vec![version, ("mcp-method", "tools/call")], -32020),
    ] {
        let exchange = client.post(&message, &headers).await;
        assert_eq!(
            (exchange.status, &exchange.error()["code"]),
            (400, &json!(error)),
            "{headers:?}"
        );
    }
    let unknown = client.request("tools/explode", json!({})).await;
    assert_eq!(
        (unknown.status, &unknown.error()["code"]),
        (404, &json!(-32601)),
        "{}",
        unknown.response
    );
    let (mut future, mut headers) = client.frame(1, "tools/list", json!({}));
    future["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    headers[0].1 = "2099-01-01".to_owned();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let exchange = client.post(&future, &headers).await;
    assert_eq!(
        (exchange.status, &exchange.error()["code"]),
        (400, &json!(-32022)),
        "{}",
        exchange.response
    );
    assert!(exchange.error()["data"]["supported"].is_array());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_paths_and_methods_are_refused_in_words() {
    let server = local().await;
    let http = tests::http_client();
    for (method, path, status) in [
        ("GET", "/nothing", 404),
        ("POST", "/health/live", 405),
        ("PUT", "/mcp", 405),
    ] {
        let method = method.parse().expect("a method");
        let response = http
            .request(method, server.url(path))
            .send()
            .await
            .expect("reached");
        assert_eq!(response.status(), status, "{path}");
        let body: Value = response.json().await.expect("a JSON body");
        assert!(body["error"].is_object(), "{path}: {body}");
    }
    let text = http
        .post(server.mcp_url())
        .header("content-type", "text/plain")
        .body("hi")
        .send()
        .await
        .expect("reached");
    assert_eq!(text.status(), 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_upload_ends_by_the_clock() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let settings = Settings::local().server("body_read_timeout = \"1s\"\nheader_read_timeout = \"1s\"");
    let server = ServerUnderTest::start(&settings).await;
    let address = server
        .mcp_url()
        .trim_start_matches("http://")
        .trim_end_matches("/mcp")
        .to_owned();
    for sent in [
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\n",
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.expect("connected");
        stream.write_all(sent.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "a client that sends nothing more is let go of");
    }
    assert_eq!(server.client().call("server_status", json!({})).await.status, 200);
}
