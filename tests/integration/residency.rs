//! How far text may travel: a tenant's rule and a caller's wish, with Azure well and with Azure failing.

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    mcp_client::Exchange,
    openai_client::OpenAiClient,
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// Calls a tool with something in `_meta`.
async fn call(server: &ServerUnderTest, meta: Value) -> Exchange {
    let params =
        json!({"name": "classify_ticket", "arguments": {"text": "Where is my parcel?"}, "_meta": meta});
    server.client().request("tools/call", params).await
}

fn who(exchange: &Exchange) -> (String, Option<String>) {
    let answer = exchange.answer();
    (
        answer.backend().to_owned(),
        answer.degraded().1.map(ToOwned::to_owned),
    )
}

fn local_because_not_allowed() -> (String, Option<String>) {
    ("local".to_owned(), Some("not_allowed".to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_keeps_back_never_leaves_the_process() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let exchange = call(&server, json!({"com.b2xgate/data_class": "confidential"})).await;
    assert_eq!(who(&exchange), local_because_not_allowed());
    // The fake's deployment processes within the EU.
    let exchange = call(&server, json!({"com.b2xgate/residency": "us"})).await;
    assert_eq!(who(&exchange), local_because_not_allowed());
    let client = OpenAiClient::new(server.url("/v1"));
    let question = OpenAiClient::question("Where is my parcel?", &json!({"max_completion_tokens": 200}));
    for header in [("x-b2x-data-class", "confidential"), ("x-b2x-residency", "us")] {
        let reply = client.ask(&question, &[header]).await;
        assert_eq!(reply.header("x-b2x-backend"), "local", "{header:?}");
    }
    assert_eq!(fake.stats().requests, 0, "nothing of it was sent");
    let exchange = call(
        &server,
        json!({"com.b2xgate/residency": "eu", "com.b2xgate/data_class": "internal"}),
    )
    .await;
    assert_eq!(who(&exchange), ("azure".to_owned(), None));
    for bad in [
        json!({"com.b2xgate/residency": "moon"}),
        json!({"com.b2xgate/residency": 7}),
        json!({"com.b2xgate/data_class": "secret"}),
    ] {
        let exchange = call(&server, bad.clone()).await;
        assert_eq!(exchange.error()["code"], -32602, "{bad}: {}", exchange.response);
    }
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenants_rule_holds_whatever_a_caller_asks_and_whatever_fails() {
    let fake = fake().await;
    let rule = "[tenancy]\nresidency = \"eu\"\n[[tenants]]\nname = \"development\"\nleaves = \"public\"\n";
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake).queue(rule)).await;
    for meta in [
        json!({}),
        json!({"com.b2xgate/data_class": "public"}),
        json!({"com.b2xgate/residency": "eu"}),
    ] {
        let exchange = call(&server, meta.clone()).await;
        assert_eq!(who(&exchange), local_because_not_allowed(), "{meta}");
    }
    fake.faults().always(Fault::status(500));
    let exchange = call(&server, json!({})).await;
    assert_eq!(who(&exchange), local_because_not_allowed());
    assert_eq!(fake.stats().requests, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_may_have_it_the_call_says_so_and_no_time_to_wait() {
    let fake = fake().await;
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .queue("[tenancy]\nleaves = \"nothing\"");
    let server = ServerUnderTest::start(&settings).await;
    let exchange = call(&server, json!({})).await;
    let failure = exchange.failure();
    assert_eq!(failure["code"], "not_permitted", "{failure}");
    assert_eq!(failure["attempts"][0]["outcome"], "not_allowed", "{failure}");
    assert!(failure.get("retry_after_ms").is_none(), "{failure}");
    assert_eq!(fake.stats().requests, 0);
    server.metrics().await.assert_equation();
}
