//! What tenants may use: refused with the limit, what is left and when it resets, over both faces.

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    openai_client::OpenAiClient,
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// A server with limits for whoever calls.
async fn limited(fake: &FakeAzure, limits: &str) -> ServerUnderTest {
    let tenancy = format!("[tenancy]\n{limits}\n");
    let settings = Settings::default()
        .with_azure(fake, &AzureBackend::default())
        .server(&tenancy);
    ServerUnderTest::start(&settings).await
}

fn ticket() -> Value {
    json!({"text": "Where is my parcel?"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_beyond_the_minute_are_refused_with_all_there_is_to_know() {
    let fake = fake().await;
    let server = limited(&fake, "requests_per_minute = 3").await;
    let client = server.client();
    for _ in 0..3 {
        let exchange = client.call("classify_ticket", ticket()).await;
        assert_eq!(exchange.answer().backend(), "azure");
    }
    let exchange = client.call("classify_ticket", ticket()).await;
    let failure = exchange.failure();
    assert_eq!(failure["code"], "quota_exceeded");
    assert_eq!(failure["limit"], "requests_per_minute");
    assert_eq!(
        (&failure["limit_value"], &failure["left"]),
        (&json!("3"), &json!("0"))
    );
    let wait = failure["retry_after_ms"].as_u64().expect("waiting helps");
    assert!(
        (1..=20_000).contains(&wait),
        "a third of a minute at most: {wait}"
    );
    assert!(
        failure["resets_in_ms"]
            .as_u64()
            .is_some_and(|reset| reset >= wait),
        "{failure}"
    );
    // What asks no model is not limited.
    assert!(
        client
            .call("server_status", json!({}))
            .await
            .answer()
            .structured
            .is_object()
    );

    let openai = OpenAiClient::new(server.url("/v1"));
    let reply = openai
        .ask(&OpenAiClient::question("Hello?", &json!({})), &[])
        .await;
    assert_eq!(
        (reply.status, &reply.error()["code"]),
        (429, &json!("quota_exceeded"))
    );
    assert_eq!(reply.error()["type"], "rate_limit_error");
    assert_eq!(reply.header("x-ratelimit-limit-requests"), "3");
    assert_eq!(reply.header("x-ratelimit-remaining-requests"), "0");
    assert!(!reply.header("retry-after").is_empty() && !reply.header("retry-after-ms").is_empty());

    assert_eq!(fake.stats().requests, 3, "nothing of it was sent");
    let metrics = server.metrics().await;
    assert_eq!(metrics.get("mcp_shed_total", &[("reason", "quota")]), Some(2.0));
    metrics.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openai_clients_are_told_what_is_left() {
    let fake = fake().await;
    let server = limited(&fake, "requests_per_minute = 100\ntokens_per_minute = 5000").await;
    let openai = OpenAiClient::new(server.url("/v1"));
    for stream in [false, true] {
        let question =
            OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 100, "stream": stream}));
        let reply = openai.ask(&question, &[]).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-limit-tokens"), "5000");
        let left: u64 = reply
            .header("x-ratelimit-remaining-tokens")
            .parse()
            .expect("a number");
        assert!((4000..5000).contains(&left), "{left}");
        assert!(!reply.header("x-ratelimit-reset-requests").is_empty());
    }
    // Who asks for more than a minute's worth is told that waiting does not help.
    let question = OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 6000}));
    let reply = openai.ask(&question, &[]).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("retry-after"), "");
    assert!(
        reply.error()["message"]
            .as_str()
            .is_some_and(|text| text.contains("ask for less"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_holds_over_a_restart_and_ends_with_a_refusal_that_names_it() {
    let fake = fake().await;
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .server("[tenancy]\nbudget_day = 0.01\n[[tenants]]\nname = \"development\"\nbudget_month = 5.0\n");
    let mut server = ServerUnderTest::start(&settings).await;
    let question = OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 4000}));
    let openai = OpenAiClient::new(server.url("/v1"));
    assert_eq!(openai.ask(&question, &[]).await.status, 200);
    let used = |metrics: &tests::metrics::Metrics| {
        let labels = [("tenant", "development"), ("period", "day")];
        metrics
            .get("mcp_tenant_budget_used", &labels)
            .expect("it is named")
    };
    let before = used(&server.metrics().await);
    assert!(before > 0.0 && before < 0.5, "{before}");
    server.restart().await;
    assert!(
        (used(&server.metrics().await) - before).abs() < 1e-9,
        "what was spent stays spent"
    );
    // 4,000 tokens of answer may cost 0.0064: two at once do not fit into what is left.
    let openai = OpenAiClient::new(server.url("/v1"));
    let more = OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 7000}));
    let reply = openai.ask(&more, &[]).await;
    assert_eq!(reply.status, 429);
    let message = reply.error()["message"].as_str().unwrap_or_default();
    assert!(message.contains("budget of the day (0.01)"), "{message}");
    let metrics = server.metrics().await;
    let told = metrics.sum("mcp_budget_alerts_total", &[("percent", "100")]);
    assert!((told - 1.0).abs() < 1e-9, "{told} alerts");
    assert!(
        server.log().contains("the budget of a tenant is spent"),
        "{}",
        server.log()
    );
}
