//! Azure in trouble: who answers instead, what the caller is told, and what is never routed around.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{Ending, FakeAzure, FakeAzureConfig, Fault, Filter, Midway, Outage},
    mcp_client::{McpClient, ToolAnswer},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

/// Short waits, so that silence is noticed within the test's patience.
const IMPATIENT: &str = "[backends.resilience]\nconnect_timeout = \"1s\"\nfirst_byte_timeout = \"500ms\"\nidle_timeout = \"500ms\"\n";

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

async fn ask(client: &McpClient) -> ToolAnswer {
    client
        .call("classify_ticket", json!({"text": "Where is my parcel?"}))
        .await
        .answer()
}

fn azure(resilience: &str) -> AzureBackend {
    AzureBackend {
        resilience: resilience.to_owned(),
        ..AzureBackend::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_is_answered_by_the_local_model_and_named() {
    let fake = fake().await;
    // A breaker that stays closed, so that each fault is met.
    let resilience = format!(
        "{IMPATIENT}[backends.resilience.breaker]\nconsecutive_failures = 1000\nminimum_calls = 100000\n"
    );
    let settings = Settings::default()
        .with_azure(&fake, &azure(&resilience))
        .with_local();
    let mut server = ServerUnderTest::start(&settings).await;
    for (words, reason) in [
        ("status=500", "server_error"),
        ("status=502", "server_error"),
        ("status=503", "server_error"),
        ("status=504", "server_error"),
        ("status=408", "server_error"),
        ("reset", "connection_broken"),
        ("close", "connection_broken"),
        ("reset=5", "connection_broken"),
        ("close=5", "connection_broken"),
        ("silent", "timeout"),
        ("stall=0", "timeout"),
        ("stall=5", "timeout"),
        ("cut=5", "malformed_stream"),
        ("garbage=3", "malformed_stream"),
        ("answer=this is no JSON", "invalid_output"),
        ("status=401", "credential_refused"),
        ("status=403", "credential_refused"),
        ("status=404", "deployment_not_found"),
        ("status=429;retry-after=30", "throttled"),
        ("status=429;code=insufficient_quota", "quota_exhausted"),
    ] {
        // These keep the server away from Azure for a while: the next one needs a fresh server.
        let lasting = [
            "credential_refused",
            "deployment_not_found",
            "throttled",
            "quota_exhausted",
        ]
        .contains(&reason);
        if lasting {
            server = ServerUnderTest::start(&settings).await;
        }
        fake.faults().clear();
        fake.faults().always(words.parse().expect(words));
        let answer = ask(&server.client()).await;
        assert_eq!(answer.backend(), "local", "{words}");
        assert_eq!(
            answer.degraded(),
            (true, Some(reason)),
            "{words}: {}",
            answer.facts()
        );
        assert_eq!(answer.structured["degraded"], true, "the model reads it, too");
        let attempts = answer.facts()["attempts"].as_array().expect("attempts").clone();
        assert_eq!(attempts[0]["backend"], "azure", "{words}");
        assert!(
            attempts.iter().any(|attempt| attempt["outcome"] == reason),
            "{words}: {attempts:?}"
        );
        let metrics = server.metrics().await;
        metrics.assert_equation();
        let fallback = [("from", "azure"), ("to", "local"), ("reason", reason)];
        assert!(metrics.sum("llm_fallback_total", &fallback) > 0.5, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn harmless_oddities_stay_with_azure() {
    let fake = FakeAzure::start(FakeAzureConfig {
        asynchronous_filter: true,
        ..FakeAzureConfig::default()
    })
    .await
    .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    for words in [
        "fragment",
        "no-done",
        "no-usage",
        "delay=200",
        "first-byte=200",
        "trickle=10",
        "malformed=3",
    ] {
        fake.faults().clear();
        fake.faults().always(words.parse().expect(words));
        let answer = ask(&server.client()).await;
        assert_eq!(
            (answer.backend(), answer.degraded()),
            ("azure", (false, None)),
            "{words}: {}",
            answer.facts()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_the_content_filter_is_not_routed_around() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    for filter in [Filter::Prompt, Filter::Answer] {
        fake.faults().clear();
        fake.faults().always(Fault::filter(filter));
        let exchange = server
            .client()
            .call("classify_ticket", json!({"text": "x"}))
            .await;
        let failure = exchange.failure();
        assert_eq!(failure["code"], "content_filtered", "{filter:?}: {failure}");
        let attempts = failure["attempts"].as_array().expect("attempts");
        assert!(
            attempts.iter().all(|attempt| attempt["backend"] == "azure"),
            "{filter:?}: {attempts:?}"
        );
    }
    fake.faults().clear();
    let exchange = server
        .client()
        .call("ask_assistant", json!({"question": "a FILTERED-WORD"}))
        .await;
    assert_eq!(exchange.failure()["code"], "content_filtered");
    assert!(
        !exchange.response.to_string().contains("FILTERED-WORD"),
        "no part of the prompt comes back"
    );
    let status = server.client().call("server_status", json!({})).await.answer();
    assert_eq!(
        status.structured["backends"][0]["breaker"]["state"], "closed",
        "a refusal is no failure"
    );
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_at_fault_is_not_asked_twice() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    fake.faults().always(Fault::status(400));
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "x"}))
        .await;
    assert_eq!(
        exchange.failure()["code"],
        "request_rejected",
        "{}",
        exchange.response
    );
    assert_eq!(fake.stats().requests, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_equal_peer_answers_before_a_weaker_model_does() {
    let (first, second) = (fake().await, fake().await);
    let peer = AzureBackend {
        name: "azure-peer".to_owned(),
        ..AzureBackend::default()
    };
    let settings = Settings::default()
        .with_azure(&first, &azure(""))
        .with_azure(&second, &peer)
        .with_local();
    let server = ServerUnderTest::start(&settings).await;
    first.faults().always(Fault::before_head(Ending::Reset));
    let answer = ask(&server.client()).await;
    assert_eq!(answer.backend(), "azure-peer", "{}", answer.facts());
    assert!(!answer.degraded().0, "an equal peer is no lesser answer");
    second.stop().await.expect("stopped");
    let answer = ask(&server.client()).await;
    assert_eq!(
        (answer.backend(), answer.degraded().0),
        ("local", true),
        "{}",
        answer.facts()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_refusing_connections_is_noticed_and_so_is_its_return() {
    let fake = fake().await;
    let breaker =
        "[backends.resilience.breaker]\nconsecutive_failures = 2\nopen = \"3s\"\nopen_max = \"4s\"\n";
    let settings = Settings::default()
        .with_azure(&fake, &azure(breaker))
        .with_local();
    let server = ServerUnderTest::start(&settings).await;
    let client = server.client();
    assert_eq!(ask(&client).await.backend(), "azure");
    for outage in [Outage::Refuse, Outage::Close] {
        fake.set_outage(Some(outage)).await.expect("gone");
        // Each call takes as long as the local model does, so a few may meet a trial of the breaker.
        let mut reasons = Vec::new();
        while reasons.len() < 20 && !reasons.contains(&"circuit_open".to_owned()) {
            let answer = ask(&client).await;
            assert_eq!(
                (answer.backend(), answer.degraded().0),
                ("local", true),
                "{}",
                answer.facts()
            );
            reasons.push(answer.degraded().1.expect("a reason").to_owned());
        }
        assert_eq!(
            reasons.last().map(String::as_str),
            Some("circuit_open"),
            "{outage:?}: {reasons:?}"
        );
        let ready = tests::http_client()
            .get(server.url("/health/ready"))
            .send()
            .await
            .expect("reached");
        assert_eq!(ready.status(), 200, "Azure being down is not our being unhealthy");
        fake.resume().await.expect("back");
        eventually("Azure answers again", Duration::from_secs(30), async || {
            (ask(&client).await.backend() == "azure").then_some(())
        })
        .await;
    }
    let metrics = server.metrics().await;
    metrics.assert_equation();
    assert!(metrics.sum("llm_breaker_transitions_total", &[("backend", "azure")]) >= 3.0);
    assert!(
        metrics.sum("llm_breaker_state", &[("backend", "azure")]) < 0.5,
        "closed again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_over_mid_stream_is_invisible() {
    let fake = fake().await;
    let server = ServerUnderTest::start(
        &Settings::default()
            .with_azure(&fake, &azure(IMPATIENT))
            .with_local(),
    )
    .await;
    fake.faults().always(Fault::midway(6, Midway::Reset));
    let answer = server
        .client()
        .call("ask_assistant", json!({"question": "Was ist ein Tenant?"}))
        .await
        .answer();
    assert_eq!(answer.backend(), "local");
    let text = answer.structured["answer"].as_str().expect("text");
    assert!(
        !text.contains("Fake Azure"),
        "no half of the other answer: {text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_leaves_aborts_the_request_upstream() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    fake.faults().always(Fault::trickle(Duration::from_secs(5)));
    let client = server.client();
    let call = tokio::spawn(async move { client.call("ask_assistant", json!({"question": "x"})).await });
    eventually("Azure is asked", Duration::from_secs(10), async || {
        (fake.stats().in_flight == 1).then_some(())
    })
    .await;
    call.abort();
    eventually("the request upstream ends", Duration::from_secs(5), async || {
        (fake.stats().in_flight == 0).then_some(())
    })
    .await;
    assert_eq!(fake.stats().aborted_by_client, 1);
    let metrics = eventually("the call is accounted for", Duration::from_secs(5), async || {
        let metrics = server.metrics().await;
        (metrics.sum("mcp_calls_total", &[("outcome", "cancelled")]) > 0.5).then_some(metrics)
    })
    .await;
    metrics.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_of_the_callers_own_ends_the_call() {
    let fake = fake().await;
    // Azure alone, and silent: nothing can answer in time.
    let server = ServerUnderTest::start(&Settings::default().with_azure(&fake, &azure(""))).await;
    fake.faults().always(Fault::before_head(Ending::Silent));
    let params = json!({"name": "ask_assistant", "arguments": {"question": "x"}, "_meta": {"com.b2xgate/deadline_ms": 300}});
    let exchange = server.client().request("tools/call", params).await;
    let failure = exchange.failure();
    assert_eq!(failure["code"], "deadline_exceeded", "{failure}");
    for bad in [json!(0), json!(-1), json!("soon")] {
        let params = json!({"name": "ask_assistant", "arguments": {"question": "x"}, "_meta": {"com.b2xgate/deadline_ms": bad}});
        let exchange = server.client().request("tools/call", params).await;
        assert_eq!(exchange.error()["code"], -32602, "{bad}: {}", exchange.response);
    }
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_backend_gone_the_caller_is_told_when_to_come_back() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::default().with_azure(&fake, &azure(""))).await;
    fake.stop().await.expect("stopped");
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "x"}))
        .await;
    let failure: &Value = exchange.failure();
    assert_eq!(failure["code"], "all_backends_failed", "{failure}");
    assert!(failure["retry_after_ms"].as_u64() > Some(0), "{failure}");
    assert!(
        failure["message"].is_string() && failure["attempts"][0]["backend"] == "azure",
        "{failure}"
    );
    assert!(
        !exchange.response.to_string().contains(fake.api_key()),
        "no credential comes back"
    );
    assert!(!server.log().contains(fake.api_key()), "nor is one logged");
}
