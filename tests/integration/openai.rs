//! A backend of kind `openai`: it answers, fails over, and is told apart when it refuses.

use std::time::Duration;

use serde_json::json;
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig, Fault, Midway},
    mcp_client::{McpClient, ToolAnswer},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

fn openai_then_local(fake: &FakeAzure) -> Settings {
    Settings::default().with_openai(fake, "qwen3-8b", "").with_local()
}

async fn ask(client: &McpClient) -> ToolAnswer {
    client
        .call("classify_ticket", json!({"text": "Where is my parcel?"}))
        .await
        .answer()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_and_the_result_says_so() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&openai_then_local(&fake)).await;
    let answer = ask(&server.client()).await;
    assert_eq!(
        (answer.backend(), answer.degraded()),
        ("openai", (false, None)),
        "{}",
        answer.facts()
    );
    let facts = answer.facts();
    assert_eq!(
        (&facts["model"], &facts["region"]),
        (&json!("qwen3-8b"), &json!("cluster"))
    );
    assert!(facts.get("deployment").is_none(), "it names none: {facts}");
    assert!(
        facts["input_tokens"].as_u64() > Some(0) && facts["output_tokens"].as_u64() > Some(0),
        "{facts}"
    );
    assert_eq!(fake.stats().requests, 1);
    assert!(!server.log().contains(fake.api_key()), "the key is not logged");
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_failures_are_answered_by_the_local_model_and_named() {
    let fake = fake().await;
    let breaker = "[backends.resilience]\nfirst_byte_timeout = \"500ms\"\nidle_timeout = \"500ms\"\n\
                   [backends.resilience.breaker]\nconsecutive_failures = 1000\nminimum_calls = 100000\n";
    let settings = Settings::default()
        .with_openai(&fake, "qwen3-8b", breaker)
        .with_local();
    for (words, reason) in [
        ("status=500", "server_error"),
        ("status=503", "server_error"),
        ("status=429;retry-after=30", "throttled"),
        ("status=429;code=insufficient_quota", "quota_exhausted"),
        ("status=401", "credential_refused"),
        ("status=404", "deployment_not_found"),
        ("reset", "connection_broken"),
        ("reset=5", "connection_broken"),
        ("cut=5", "malformed_stream"),
        ("stall=4", "timeout"),
    ] {
        let server = ServerUnderTest::start(&settings).await;
        fake.faults().clear();
        fake.faults().always(words.parse().expect(words));
        let answer = ask(&server.client()).await;
        assert_eq!(
            (answer.backend(), answer.degraded()),
            ("local", (true, Some(reason))),
            "{words}: {}",
            answer.facts()
        );
        server.metrics().await.assert_equation();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_named_and_a_corrected_file_is_read_again() {
    let fake = fake().await;
    let breaker = "[backends.resilience.breaker]\nopen = \"100ms\"\nopen_max = \"200ms\"\n";
    let settings = Settings::default()
        .with_openai(&fake, "qwen3-8b", breaker)
        .with_local();
    let server = ServerUnderTest::start(&settings).await;
    server.write_file("openai.key", "wrong-key");
    let client = server.client();
    let answer = ask(&client).await;
    assert_eq!(
        (answer.backend(), answer.degraded()),
        ("local", (true, Some("credential_refused"))),
        "{}",
        answer.facts()
    );
    assert!(!server.log().contains("wrong-key"), "no key is logged");
    server.write_file("openai.key", fake.api_key());
    eventually("the corrected key is used", Duration::from_secs(20), async || {
        (ask(&client).await.backend() == "openai").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_for_it_is_said_and_not_asked_twice() {
    let fake = FakeAzure::start(FakeAzureConfig {
        context_tokens: 64,
        ..FakeAzureConfig::default()
    })
    .await
    .expect("a free port");
    // An equal peer would say the same, so it is not asked.
    let peer = AzureBackend {
        name: "azure-peer".to_owned(),
        model: "qwen3-8b".to_owned(),
        ..AzureBackend::default()
    };
    let settings = Settings::default()
        .with_openai(&fake, "qwen3-8b", "")
        .with_azure(&fake, &peer);
    let server = ServerUnderTest::start(&settings).await;
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "x ".repeat(400)}))
        .await;
    let failure = exchange.failure();
    assert_eq!(failure["code"], "context_length_exceeded", "{failure}");
    let attempts: Vec<_> = failure["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|attempt| (attempt["backend"].clone(), attempt["outcome"].clone()))
        .collect();
    let outcome = json!("context_length_exceeded");
    assert_eq!(
        attempts,
        [(json!("openai"), outcome.clone()), (json!("azure-peer"), outcome)]
    );
    assert_eq!(fake.stats().requests, 1);
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_equal_peer_of_another_kind_answers_first() {
    let (azure, other) = (fake().await, fake().await);
    let settings = Settings::default()
        .with_azure(&azure, &AzureBackend::default())
        .with_openai(&other, "gpt-4.1-mini", "")
        .with_local();
    let server = ServerUnderTest::start(&settings).await;
    azure.faults().always(Fault::midway(3, Midway::Reset));
    let answer = ask(&server.client()).await;
    assert_eq!(
        (answer.backend(), answer.degraded().0),
        ("openai", false),
        "{}",
        answer.facts()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deployment_that_answered_is_named_when_azure_spills_over() {
    for (spillover, expected) in [
        (None, "gpt-4.1-mini"),
        (Some("gpt-4.1-mini-standard"), "gpt-4.1-mini-standard"),
    ] {
        let fake = FakeAzure::start(FakeAzureConfig {
            spillover: spillover.map(str::to_owned),
            ..FakeAzureConfig::default()
        })
        .await
        .expect("a free port");
        let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
        let answer = ask(&server.client()).await;
        assert_eq!(
            (answer.backend(), answer.degraded().0),
            ("azure", false),
            "{}",
            answer.facts()
        );
        assert_eq!(answer.facts()["deployment"], expected);
    }
}
