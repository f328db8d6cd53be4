//! The chat completions API over the real program: who answers, what callers are told, what is refused.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{Ending, FakeAzure, FakeAzureConfig, Fault, Filter, Midway},
    openai_client::{OpenAiClient, Reply},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

fn client(server: &ServerUnderTest) -> OpenAiClient {
    OpenAiClient::new(server.url("/v1"))
}

async fn ask(server: &ServerUnderTest, parameters: Value) -> Reply {
    ask_with(server, parameters, &[]).await
}

async fn ask_with(server: &ServerUnderTest, parameters: Value, headers: &[(&str, &str)]) -> Reply {
    let body = OpenAiClient::question("Where do I see open orders?", &parameters);
    client(server).ask(&body, headers).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_answers_whole_and_streamed() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let whole = ask(&server, json!({})).await;
    assert_eq!(whole.status, 200, "{whole:?}");
    assert_eq!(whole.body["model"], "gpt-4.1-mini");
    assert_eq!(whole.body["choices"][0]["finish_reason"], "stop");
    assert!(
        whole.body["usage"]["total_tokens"].as_u64() > Some(2),
        "{whole:?}"
    );
    for (header, value) in [
        ("x-b2x-backend", "azure"),
        ("x-b2x-region", "swedencentral"),
        ("x-b2x-attempts", "azure=answered"),
        ("x-b2x-degraded", "false"),
        ("x-b2x-reason", ""),
    ] {
        assert_eq!(whole.header(header), value, "{header}");
    }

    let options =
        json!({"stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 500});
    let streamed = ask(&server, options).await;
    assert!(streamed.done && streamed.status == 200, "{streamed:?}");
    assert_eq!(streamed.chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert!(streamed.chunks.len() > 4, "text comes in pieces: {streamed:?}");
    assert_eq!(streamed.said(), whole.said());
    assert_eq!(streamed.facts()["backend"], "azure");
    let usage = &streamed.chunks.last().expect("chunks")["usage"];
    assert_eq!(usage["prompt_tokens"], whole.body["usage"]["prompt_tokens"]);

    let metrics = server.metrics().await;
    let answered = [("tool", "chat_completions"), ("outcome", "answered")];
    assert!((metrics.sum("mcp_calls_total", &answered) - 2.0).abs() < 0.5);
    metrics.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fallback_is_named() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    for words in ["status=503", "reset", "reset=5", "cut=5", "silent"] {
        fake.faults().clear();
        fake.faults().always(words.parse().expect(words));
        // Silence is noticed after half of the deadline at the latest.
        let reply = ask_with(
            &server,
            json!({"max_tokens": 20}),
            &[("x-b2x-deadline-ms", "20000")],
        )
        .await;
        assert_eq!(
            (reply.status, &reply.body["model"]),
            (200, &json!("bundled")),
            "{words}: {reply:?}"
        );
        assert_eq!(
            (reply.header("x-b2x-backend"), reply.header("x-b2x-degraded")),
            ("local", "true")
        );
        assert_eq!(reply.header("x-b2x-region"), "in-process");
        assert!(!reply.header("x-b2x-reason").is_empty(), "{words}: {reply:?}");
        let attempts = reply.header("x-b2x-attempts");
        assert!(
            attempts.starts_with("azure=") && attempts.ends_with("local=answered"),
            "{words}: {attempts}"
        );
        assert!(
            !reply.said().contains("Fake Azure"),
            "{words}: no half of the other answer"
        );
    }
    fake.faults().clear();
    fake.faults().always(Fault::before_head(Ending::Reset));
    let streamed = ask(&server, json!({"stream": true, "max_tokens": 20})).await;
    assert!(streamed.done, "{streamed:?}");
    assert!(
        streamed.chunks.iter().all(|chunk| chunk["model"] == "bundled"),
        "{streamed:?}"
    );
    assert_eq!(streamed.facts()["degraded"], true);
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_was_shown_is_void_only_for_who_allows_it() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    fake.faults().always(Fault::midway(6, Midway::Reset));
    let broken = ask(&server, json!({"stream": true, "max_tokens": 20})).await;
    assert_eq!((broken.status, broken.done), (200, false), "{broken:?}");
    assert!(
        !broken.said().is_empty(),
        "the fault comes after the first text: {broken:?}"
    );
    assert_eq!(broken.error()["code"], "stream_interrupted");

    let body = json!({"stream": true, "max_tokens": 20});
    let restarted = ask_with(&server, body, &[("x-b2x-restart", "allow")]).await;
    assert!(restarted.done, "{restarted:?}");
    let restarts = restarted.chunks.iter().map(|chunk| &chunk["b2x"]);
    let restarts: Vec<_> = restarts
        .filter(|b2x| b2x["restarted"] == true)
        .map(|b2x| b2x["backend"].as_str().unwrap_or_default())
        .collect();
    // What failed in passing is asked once more before a weaker model is.
    assert_eq!(restarts, ["azure", "local"], "{restarted:?}");
    assert_eq!(restarted.facts()["reason"], "connection_broken");
    let metrics = server.metrics().await;
    metrics.assert_equation();
    let failed = [("tool", "chat_completions"), ("outcome", "failed")];
    assert!((metrics.sum("mcp_calls_total", &failed) - 1.0).abs() < 0.5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_have_the_form_that_was_asked_for() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["label", "urgent"],
        "properties": {"label": {"enum": ["order", "invoice"]}, "urgent": {"type": "boolean"}}});
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "ticket", "strict": true, "schema": schema}});
    for (fault, backend) in [
        (None, "azure"),
        (Some("status=500"), "local"),
        (Some("answer={}"), "local"),
    ] {
        fake.faults().clear();
        if let Some(words) = fault {
            fake.faults().always(words.parse().expect(words));
        }
        let reply = ask(&server, json!({"response_format": format, "temperature": 0})).await;
        assert_eq!(reply.header("x-b2x-backend"), backend, "{fault:?}: {reply:?}");
        let answer: Value = serde_json::from_str(&reply.said()).expect("JSON");
        assert!(jsonschema::is_valid(&schema, &answer), "{fault:?}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_are_listed_and_others_unknown() {
    let server = ServerUnderTest::start(&Settings::local()).await;
    let client = client(&server);
    let listed = client.get("/models").await;
    assert_eq!(
        (listed.status, &listed.body["data"][0]["id"]),
        (200, &json!("default"))
    );
    assert_eq!(client.get("/models/default").await.body["object"], "model");
    for reply in [
        client.get("/models/gpt-5").await,
        ask(&server, json!({"model": "gpt-5"})).await,
        ask(&server, json!({"model": "gpt-5", "stream": true})).await,
    ] {
        assert_eq!(
            (reply.status, &reply.error()["code"]),
            (404, &json!("model_not_found"))
        );
        let message = reply.error()["message"].as_str().expect("a message");
        assert!(
            message.contains("gpt-5") && message.contains("default"),
            "{message}"
        );
    }
    assert_eq!(client.get("/embeddings").await.error()["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_refused_by_name_and_reaches_nobody() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let image = json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]);
    for (parameters, param) in [
        (json!({"messages": []}), "messages"),
        (json!({"messages": image}), "messages[0].content[0].type"),
        (json!({"temperature": 3}), "temperature"),
        (json!({"n": 2}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"functions": [{"name": "f"}]}), "functions"),
        (json!({"colour": "red"}), "colour"),
        (json!({"stream": true, "max_tokens": 0}), "max_tokens"),
        (json!({"tool_choice": "auto"}), "tool_choice"),
    ] {
        let reply = ask(&server, parameters.clone()).await;
        assert_eq!(reply.status, 400, "{parameters}: {reply:?}");
        assert_eq!(
            (&reply.error()["param"], &reply.error()["type"]),
            (&json!(param), &json!("invalid_request_error"))
        );
    }
    assert_eq!(fake.stats().requests, 0);
    fake.faults().always(Fault::filter(Filter::Prompt));
    let reply = ask(&server, json!({})).await;
    assert_eq!(
        (reply.status, &reply.error()["code"]),
        (400, &json!("content_filtered"))
    );
    assert_eq!(
        reply.header("x-b2x-attempts"),
        "azure=content_filtered",
        "not routed around"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_leaves_aborts_the_request_upstream() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    fake.faults().always(Fault::trickle(Duration::from_secs(5)));
    for (asked, stream) in [(1, false), (2, true)] {
        let (client, body) = (
            client(&server),
            OpenAiClient::question("x", &json!({"stream": stream})),
        );
        let call = tokio::spawn(async move { client.ask(&body, &[]).await });
        eventually("Azure is asked", Duration::from_secs(10), async || {
            (fake.stats().in_flight == 1).then_some(())
        })
        .await;
        call.abort();
        eventually("the request upstream ends", Duration::from_secs(5), async || {
            (fake.stats().aborted_by_client == asked).then_some(())
        })
        .await;
    }
    let metrics = eventually(
        "the calls are accounted for",
        Duration::from_secs(5),
        async || {
            let metrics = server.metrics().await;
            let cancelled = [("tool", "chat_completions"), ("outcome", "cancelled")];
            (metrics.sum("mcp_calls_total", &cancelled) > 1.5).then_some(metrics)
        },
    )
    .await;
    metrics.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_shed_is_told_when_to_come_back() {
    let fake = fake().await;
    let azure = AzureBackend {
        resilience: "max_concurrency = 1".to_owned(),
        ..AzureBackend::default()
    };
    let settings = Settings::default()
        .with_azure(&fake, &azure)
        .queue("capacity = 111");
    let server = ServerUnderTest::start(&settings).await;
    fake.faults().always(Fault::delay_head(Duration::from_mins(1)));
    let held: Vec<_> = (0..112)
        .map(|_| {
            let (client, body) = (client(&server), OpenAiClient::question("x", &json!({})));
            tokio::spawn(async move { client.ask(&body, &[]).await })
        })
        .collect();
    eventually("the queue is full", Duration::from_secs(20), async || {
        let depth = server.metrics().await.sum("mcp_queue_depth", &[]);
        (depth > 110.5).then_some(())
    })
    .await;
    // Of the same tenant and as hurried as those who wait: nobody gives way.
    for stream in [false, true] {
        let shed = ask(&server, json!({"stream": stream})).await;
        assert_eq!(
            (shed.status, &shed.error()["type"]),
            (429, &json!("rate_limit_error")),
            "{shed:?}"
        );
        assert_eq!(shed.error()["code"], "queue_full");
        assert!(shed.header("retry-after").parse::<u64>().expect("seconds") >= 1);
        assert!(
            shed.header("retry-after-ms")
                .parse::<u64>()
                .expect("milliseconds")
                >= 1
        );
    }
    for call in held {
        call.abort();
    }
    let metrics = server.metrics().await;
    let shed = [("tool", "chat_completions"), ("outcome", "shed")];
    assert!((metrics.sum("mcp_calls_total", &shed) - 2.0).abs() < 0.5);
    metrics.assert_equation();
}
