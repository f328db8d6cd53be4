//! A server over its life: metrics, capped sessions, the orderly end.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    mcp_client::McpClient,
    server_under_test::{ServerUnderTest, Settings},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metrics_that_others_read_are_there() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let client = server.client();
    client
        .call("classify_ticket", json!({"text": "x"}))
        .await
        .answer();
    fake.faults().always(Fault::status(500));
    client
        .call("classify_ticket", json!({"text": "x"}))
        .await
        .answer();
    let metrics = server.metrics().await;
    for name in [
        "mcp_queue_depth",
        "mcp_queue_capacity",
        "mcp_requests_running",
        "mcp_queue_wait_seconds",
        "mcp_admitted_total",
        "mcp_calls_total",
        "llm_attempts_total",
        "llm_breaker_state",
        "llm_throttle_remaining_seconds",
        "llm_fallback_total",
        "llm_tokens_total",
        "llm_local_slots",
        "llm_local_slots_busy",
        "llm_local_kv_bytes",
    ] {
        assert!(metrics.has(name), "{name} is not among {:?}", metrics.names());
    }
    let close = |value: f64, wanted: f64| (value - wanted).abs() < 0.5;
    let ticket = |outcome| {
        metrics.sum(
            "mcp_calls_total",
            &[("tool", "classify_ticket"), ("outcome", outcome)],
        )
    };
    assert!(close(ticket("answered"), 1.0) && close(ticket("degraded"), 1.0));
    assert!(close(metrics.sum("mcp_queue_capacity", &[]), 256.0));
    assert!(close(metrics.sum("mcp_queue_depth", &[]), 0.0));
    assert!(close(metrics.sum("llm_local_slots", &[]), 4.0));
    assert!(metrics.sum("llm_tokens_total", &[("backend", "local")]) > 1.0);
    metrics.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_told_with_a_reason() {
    let server = ServerUnderTest::start(&Settings::local()).await;
    let http = tests::http_client();
    for path in ["/health/live", "/health/ready", "/health/startup"] {
        let response = http.get(server.url(path)).send().await.expect("reached");
        assert_eq!(response.status(), 200, "{path}");
        let body: Value = response.json().await.expect("JSON");
        assert!(body["reason"].is_string(), "{path}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_capped_and_leaving_makes_room() {
    let settings = Settings::local().server("sessions.max = 3");
    let server = ServerUnderTest::start(&settings).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(McpClient::legacy(server.mcp_url()).await.expect("room for three"));
    }
    let refused = McpClient::legacy(server.mcp_url())
        .await
        .expect_err("and for no more");
    assert_eq!(refused.status, 503, "{}", refused.response);
    assert_eq!(refused.error()["data"]["code"], "too_many_sessions");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(
        server.client().call("server_status", json!({})).await.status,
        200,
        "stateless calls need no room"
    );
    let left = open.pop().expect("three are open");
    assert!((200..300).contains(&left.close().await));
    let gone = left.call("server_status", json!({})).await;
    assert_eq!(
        (gone.status, &gone.error()["data"]["code"]),
        (404, &json!("session_not_found"))
    );
    McpClient::legacy(server.mcp_url())
        .await
        .expect("room for one again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_silent_sessions_cost_little_and_more_are_shed() {
    const SESSIONS: usize = 10_000;
    let server = ServerUnderTest::start(&Settings::local()).await;
    // The first of them all pays for what any session needs once.
    let first = McpClient::legacy(server.mcp_url()).await.expect("room");
    let before = resident_kilobytes(server.pid());
    let http = tests::http_client();
    let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}});
    let open = async || {
        let request = http
            .post(server.mcp_url())
            .header("accept", "application/json, text/event-stream")
            .json(&body);
        let response = request.send().await.expect("answered, one way or the other");
        let status = response.status().as_u16();
        response.bytes().await.expect("a whole answer");
        status
    };
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..201 {
        for status in futures::future::join_all((0..50).map(|_| open())).await {
            *statuses.entry(status).or_insert(0) += 1;
        }
    }
    assert_eq!(statuses, [(200, SESSIONS - 1), (503, 51)].into());
    let grown = resident_kilobytes(server.pid()).saturating_sub(before);
    println!("{} bytes for each silent session", grown * 1024 / SESSIONS as u64);
    assert!(grown <= 20 * SESSIONS as u64, "grown by {grown} kB");
    let answer = first.call("server_status", json!({})).await;
    assert_eq!(answer.status, 200, "one that slept is woken: {}", answer.response);
    assert_eq!(first.close().await, 202);
    let gone = first.call("server_status", json!({})).await;
    assert_eq!(gone.status, 404, "{}", gone.response);
    McpClient::legacy(server.mcp_url())
        .await
        .expect("room for one again");
}

/// Memory of a process, from `/proc`.
fn resident_kilobytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("VmRSS");
    line.split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sigterm_what_runs_finishes_and_the_process_ends_well() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    // Time to be looked at between "not ready" and the end.
    let settings = Settings::azure_then_local(&fake).server("drain_delay = \"2s\"\ndrain_grace = \"25s\"");
    let mut server = ServerUnderTest::start(&settings).await;
    fake.faults().always(Fault::trickle(Duration::from_millis(150)));
    let client = server.client();
    let call = tokio::spawn(async move { client.call("ask_assistant", json!({"question": "long"})).await });
    eventually("Azure is asked", Duration::from_secs(10), async || {
        (fake.stats().in_flight == 1).then_some(())
    })
    .await;

    server.sigterm().await;
    let http = tests::http_client();
    let body = eventually(
        "the server says it is not ready",
        Duration::from_secs(2),
        async || {
            let answer = http
                .get(server.url("/health/ready"))
                .send()
                .await
                .expect("still reachable");
            (answer.status() == 503).then_some(answer)
        },
    )
    .await;
    let body: Value = body.json().await.expect("JSON");
    assert!(
        body["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("shutting down")),
        "{body}"
    );
    let live = http
        .get(server.url("/health/live"))
        .send()
        .await
        .expect("still reachable");
    assert_eq!(live.status(), 200, "draining is not dead");

    let answer = call.await.expect("no panic").answer();
    assert_eq!(
        answer.backend(),
        "azure",
        "the running call was finished, not broken off"
    );
    let status = server.wait(Duration::from_secs(25)).await;
    assert_eq!(status.code(), Some(0), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_outlives_the_grace_period_is_told_and_the_process_still_ends() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let settings = Settings::azure_then_local(&fake).server("drain_grace = \"3s\"");
    let mut server = ServerUnderTest::start(&settings).await;
    let session = McpClient::legacy(server.mcp_url()).await.expect("a session");
    fake.faults().always(Fault::trickle(Duration::from_secs(5)));
    let client = server.client();
    let (message, headers) = client.frame(
        1,
        "tools/call",
        json!({"name": "ask_assistant", "arguments": {"question": "x"}}),
    );
    let call = tokio::spawn(async move {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        client.try_post(&message, &headers).await
    });
    eventually("Azure is asked", Duration::from_secs(10), async || {
        (fake.stats().in_flight == 1).then_some(())
    })
    .await;
    server.sigterm().await;
    // Neither the endless call nor the open session keeps it.
    let status = server.wait(Duration::from_secs(15)).await;
    assert_eq!(status.code(), Some(0), "{}", server.log());
    if let Ok(exchange) = call.await.expect("no panic") {
        let result = exchange.response.get("result");
        assert!(
            result.is_none_or(|result| result["isError"] == true),
            "no success: {}",
            exchange.response
        );
    }
    drop(session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_sheds_at_once_and_says_when_to_come_back() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let settings = Settings::default()
        .with_azure(&fake, &tests::server_under_test::AzureBackend::default())
        .queue("capacity = 111");
    let server = ServerUnderTest::start(&settings).await;
    fake.faults().always(Fault::delay_head(Duration::from_secs(3)));
    // 64 run, 111 wait, the rest is refused.
    let client = server.client();
    let calls = (0..220).map(|_| client.call("classify_ticket", json!({"text": "x"})));
    let exchanges = futures::future::join_all(calls).await;
    let shed: Vec<_> = exchanges
        .iter()
        .filter(|exchange| exchange.result()["isError"] == true)
        .collect();
    assert_eq!(shed.len(), 220 - 64 - 111, "every other call is answered");
    for exchange in &shed {
        assert_eq!(exchange.failure()["code"], "queue_full");
        assert!(exchange.failure()["retry_after_ms"].as_u64() > Some(0));
    }
    let metrics = server.metrics().await;
    metrics.assert_equation();
    assert!((metrics.sum("mcp_shed_total", &[("reason", "queue_full")]) - 45.0).abs() < 0.5);
    assert_eq!(fake.stats().max_in_flight, 64, "never more than max_concurrency");
}
