//! Every tool, answered by Azure and by the model in the process, and who answered.

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::{Exchange, McpClient, ToolAnswer},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

const MAIL: &str = "Sehr geehrte Damen und Herren,\nbitte bieten Sie uns an: 12 Stück Kugellager 6204-2RS, \
                    Liefertermin KW 50.\nMit freundlichen Grüßen\nAnna Weber, Weber Maschinenbau GmbH";

/// One call of each tool that asks a model.
fn calls() -> [(&'static str, Value); 7] {
    [
        (
            "ask_assistant",
            json!({"question": "Wie lege ich einen neuen Kunden an?"}),
        ),
        ("summarize_text", json!({"text": MAIL, "max_words": 40})),
        (
            "classify_ticket",
            json!({"text": "My invoice 4711 shows the wrong VAT."}),
        ),
        (
            "classify_ticket",
            json!({"text": "Where is my parcel?", "labels": ["shipping", "billing"]}),
        ),
        ("extract_data", json!({"text": MAIL, "preset": "rfq"})),
        // Bounded, so that a small model that finds no end is brought to one by the grammar.
        (
            "extract_data",
            json!({"text": MAIL, "schema": {"type": "object", "required": ["company"],
                "properties": {"company": {"type": ["string", "null"], "maxLength": 60}}, "additionalProperties": false}}),
        ),
        (
            "generate_product_text",
            json!({"product": {"name": "Kugellager 6205", "attributes": [{"name": "Bohrung", "value": "25 mm"},
                {"name": "Material", "value": "Stahl"}]}, "language": "de", "length": "short"}),
        ),
    ]
}

/// The output schema that the server promises for each tool.
async fn output_schema(client: &McpClient, tool: &str) -> Value {
    let listed = client.request("tools/list", json!({})).await;
    let tools = listed.result()["tools"]
        .as_array()
        .expect("a list of tools")
        .clone();
    let tool = tools
        .into_iter()
        .find(|listed| listed["name"] == tool)
        .expect("the tool is listed");
    tool["outputSchema"].clone()
}

/// What holds of every result that used a model, whoever answered.
fn check_common(answer: &ToolAnswer, schema: &Value) {
    assert!(
        jsonschema::is_valid(schema, &answer.structured),
        "{} breaks {schema}",
        answer.structured
    );
    let text: Value = serde_json::from_str(&answer.text).expect("the text is the structured content");
    assert_eq!(text, answer.structured);
    let facts = answer.facts();
    for field in [
        "input_tokens",
        "output_tokens",
        "queue_ms",
        "time_to_first_token_ms",
        "duration_ms",
    ] {
        assert!(facts[field].is_u64(), "{field} in {facts}");
    }
    for field in ["backend", "model", "region"] {
        assert!(
            facts[field].as_str().is_some_and(|text| !text.is_empty()),
            "{field} in {facts}"
        );
    }
    assert!(
        facts["cost"]["amount"].is_number() && facts["cost"]["currency"].is_string(),
        "{facts}"
    );
    let attempts = facts["attempts"].as_array().expect("a list of attempts");
    let last = attempts.last().expect("somebody answered");
    assert_eq!(
        (&last["backend"], &last["outcome"]),
        (&facts["backend"], &json!("answered")),
        "{facts}"
    );
    assert!(facts["output_tokens"].as_u64() > Some(0), "{facts}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_answers_every_tool_through_both_url_shapes() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    for api in ["v1", "2024-10-21"] {
        let azure = AzureBackend {
            api: api.to_owned(),
            ..AzureBackend::default()
        };
        let server =
            ServerUnderTest::start(&Settings::default().with_azure(&fake, &azure).with_local()).await;
        let client = server.client();
        for (tool, arguments) in calls() {
            let answer = client.call(tool, arguments).await.answer();
            check_common(&answer, &output_schema(&client, tool).await);
            let facts = answer.facts();
            assert_eq!(answer.backend(), "azure", "{api} {tool}: {facts}");
            assert_eq!(answer.degraded(), (false, None), "{api} {tool}: {facts}");
            assert_eq!(facts["region"], "swedencentral");
            assert_eq!(facts["attempts"].as_array().map(Vec::len), Some(1));
            assert!(
                facts["cost"]["amount"].as_f64() > Some(0.0),
                "tokens have a price: {facts}"
            );
            assert_eq!(facts["cost"]["currency"], "EUR");
            assert_eq!(answer.structured["degraded"], false);
        }
        server.metrics().await.assert_equation();
    }
    let stats = fake.stats();
    assert_eq!(stats.outcome("answered"), 14, "{:?}", stats.outcomes);
    assert_eq!(stats.requests, 14, "one request a call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_model_in_the_process_answers_every_tool() {
    let server = ServerUnderTest::start(&Settings::local()).await;
    let client = server.client();
    for (tool, arguments) in calls() {
        let exchange = client.call(tool, arguments.clone()).await;
        assert_ne!(
            exchange.result()["isError"],
            true,
            "{tool} {arguments}: {}",
            exchange.response
        );
        let answer = exchange.answer();
        check_common(&answer, &output_schema(&client, tool).await);
        assert_eq!(answer.backend(), "local");
        assert_eq!(
            answer.degraded(),
            (false, None),
            "the first of its chain is no fallback"
        );
        assert_eq!(answer.facts()["region"], "in-process");
        assert_eq!(answer.facts()["cost"]["amount"].as_f64(), Some(0.0));
        if let Some(labels) = arguments.get("labels") {
            let labels = labels.as_array().expect("labels");
            assert!(
                labels.contains(&answer.structured["label"]),
                "{}",
                answer.structured
            );
        }
    }
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_eras_give_the_same_tools_and_answers() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let legacy = McpClient::legacy(server.mcp_url()).await.expect("a session");
    assert!(legacy.session().is_some());
    let modern = server.client();
    let tools = |listed: &Exchange| listed.result()["tools"].clone();
    let listed = modern.request("tools/list", json!({})).await;
    assert_eq!(
        tools(&listed),
        tools(&legacy.request("tools/list", json!({})).await)
    );
    let listed_tools = tools(&listed);
    let names: Vec<&Value> = listed_tools
        .as_array()
        .into_iter()
        .flatten()
        .map(|tool| &tool["name"])
        .collect();
    let wanted = [
        "ask_assistant",
        "summarize_text",
        "classify_ticket",
        "extract_data",
        "generate_product_text",
        "server_status",
    ];
    assert_eq!(
        names, wanted,
        "exactly these, in this order; more are a build with the feature `conformance`"
    );
    assert_eq!(
        listed.headers["content-type"], "application/json",
        "no stream where one message will do"
    );
    for client in [&modern, &legacy] {
        let answer = client
            .call("ask_assistant", json!({"question": "hi"}))
            .await
            .answer();
        assert_eq!(answer.backend(), "azure");
        let text = answer.structured["answer"].as_str().expect("text");
        assert!(
            text.starts_with("Fake Azure (deployment gpt-4.1-mini) received 2 characters"),
            "{text}"
        );
    }
    assert!(
        (200..300).contains(&legacy.close().await),
        "a session can be ended"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_tool_asks_no_model() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let answer = server.client().call("server_status", json!({})).await.answer();
    assert!(answer.facts.is_none(), "nobody answered: {:?}", answer.facts);
    let names: Vec<&Value> = answer.structured["backends"]
        .as_array()
        .expect("backends")
        .iter()
        .map(|backend| &backend["name"])
        .collect();
    assert_eq!(names, ["azure", "local"]);
    assert_eq!(answer.structured["backends"][0]["breaker"]["state"], "closed");
    assert_eq!(answer.structured["degraded"], false);
    assert_eq!(fake.stats().requests, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_told_to_those_who_ask() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let settings = Settings::azure_then_local(&fake).server("mcp.progress_interval = \"100ms\"");
    let server = ServerUnderTest::start(&settings).await;
    let arguments = json!({"question": "slowly please [[fault:trickle=100]]"});
    let params = json!({"name": "ask_assistant", "arguments": arguments, "_meta": {"progressToken": "p1"}});
    let exchange = server.client().request("tools/call", params).await;
    assert_eq!(exchange.answer().backend(), "azure");
    let told: Vec<f64> = exchange
        .notifications
        .iter()
        .filter(|notification| notification["method"] == "notifications/progress")
        .map(|notification| {
            assert_eq!(notification["params"]["progressToken"], "p1");
            notification["params"]["progress"].as_f64().expect("a number")
        })
        .collect();
    assert!(!told.is_empty(), "{:?}", exchange.notifications);
    assert!(told.is_sorted_by(|a, b| a < b), "progress only grows: {told:?}");
}
