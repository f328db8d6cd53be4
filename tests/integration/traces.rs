//! Traces: a call that failed over is one trace; a collector in trouble is nobody's trouble.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::McpClient,
    openai_client::OpenAiClient,
    otlp_collector::{Mood, OtlpCollector, Span},
    server_under_test::{ServerUnderTest, Settings},
};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TICKET: &str = "My parcel 4711 has not arrived.";
const LIMIT: Duration = Duration::from_secs(30);

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// A server that sends traces to `collector`, with further lines of `[telemetry]`.
async fn server(fake: &FakeAzure, collector: &OtlpCollector, lines: &str) -> ServerUnderTest {
    let telemetry = format!("[telemetry]\nendpoint = \"{}\"\n{lines}\n", collector.endpoint());
    let settings = Settings::azure_then_local(fake).server(&telemetry);
    ServerUnderTest::start(&settings).await
}

async fn ask(client: &McpClient, meta: Value) -> Value {
    let params = json!({"name": "classify_ticket", "arguments": {"text": TICKET}, "_meta": meta});
    client.request("tools/call", params).await.result().clone()
}

/// Waits until the trace of a call is there whole: its first span comes last.
async fn trace(collector: &OtlpCollector, root: &str) -> Vec<Span> {
    eventually("the trace arrives", LIMIT, async || {
        let spans = collector.spans();
        let trace_id = &spans.iter().find(|span| span.name == root)?.trace_id;
        let of_trace = spans.iter().filter(|span| span.trace_id == *trace_id);
        Some(of_trace.cloned().collect::<Vec<_>>())
    })
    .await
}

fn named<'s>(spans: &'s [Span], name: &str) -> Vec<&'s Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_failed_over_is_one_trace_with_its_attempts() {
    let (fake, collector) = (
        fake().await,
        OtlpCollector::start(Mood::Takes).await.expect("a free port"),
    );
    let lines = "service_name = \"gate\"\nresource = [\"deployment.environment.name=test\"]";
    let server = server(&fake, &collector, lines).await;
    fake.faults().next(2, "status=500".parse().expect("a fault"));
    let answer = ask(&server.client(), json!({"traceparent": PARENT})).await;
    let attempts = answer["_meta"]["com.b2xgate/answer"]["attempts"]
        .as_array()
        .expect("attempts")
        .len();

    let spans = trace(&collector, "tools/call classify_ticket").await;
    let root = named(&spans, "tools/call classify_ticket")[0];
    assert_eq!(root.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!((root.parent.as_str(), root.kind), ("b7ad6b7169203331", 2));
    for (key, value) in [
        ("mcp.method.name", "tools/call"),
        ("gen_ai.tool.name", "classify_ticket"),
        ("gen_ai.operation.name", "execute_tool"),
        ("mcp.protocol.version", "2026-07-28"),
        ("network.transport", "tcp"),
        ("b2xgate.backend", "local"),
        ("b2xgate.degraded", "true"),
    ] {
        assert_eq!(
            root.attributes.get(key).map(String::as_str),
            Some(value),
            "{key}: {root:?}"
        );
    }
    let asked: Vec<&Span> = spans
        .iter()
        .filter(|span| span.name.starts_with("chat "))
        .collect();
    assert_eq!(asked.len(), attempts, "{spans:#?}");
    let (last, failed) = asked.split_last().expect("attempts");
    for attempt in failed {
        assert!(attempt.failed && attempt.kind == 3, "{attempt:?}");
        assert_eq!(attempt.attributes["error.type"], "server_error");
        assert_eq!(attempt.attributes["gen_ai.provider.name"], "azure.ai.openai");
    }
    assert!(!last.failed && last.kind == 1, "{last:?}");
    assert!(
        last.attributes["gen_ai.usage.output_tokens"]
            .parse::<u32>()
            .expect("a number")
            > 0
    );
    assert_eq!(named(&spans, "prefill").len(), attempts);
    assert_eq!(named(&spans, "decode").len(), 1);
    assert!(!named(&spans, "admission").is_empty());
    for span in &spans {
        let parent = spans.iter().find(|other| other.id == span.parent);
        assert!(
            span.id == root.id || parent.is_some(),
            "{span:?} has its parent in the trace"
        );
        assert!(span.ended >= span.began);
        let whole = format!("{span:?}");
        assert!(
            !whole.contains("4711"),
            "content is nobody's who did not agree: {whole}"
        );
    }
    let resource = collector.resource();
    assert_eq!(resource["service.name"], "gate");
    assert_eq!(resource["deployment.environment.name"], "test");
    let exemplar = format!("trace_id=\"{}\"", root.trace_id);
    let metrics = tests::http_client()
        .get(server.metrics_url())
        .send()
        .await
        .expect("metrics");
    let metrics = metrics.text().await.expect("text");
    assert!(metrics.contains(&exemplar), "a slow call is found by its trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_to_believe_and_what_to_show_is_configured() {
    let (fake, collector) = (
        fake().await,
        OtlpCollector::start(Mood::Takes).await.expect("a free port"),
    );
    let lines = "sample_ratio = 0.0\ncontent_tenants = [\"development\"]\nheaders_file = \"headers\"";
    let telemetry = format!(
        "[telemetry]\nendpoint = \"{}/v1/traces\"\n{lines}\n",
        collector.endpoint()
    );
    let settings = Settings::azure_then_local(&fake)
        .server(&telemetry)
        .file("headers", "authorization: Bearer s3cr3t\n");
    let server = ServerUnderTest::start(&settings).await;
    let client = server.client();
    ask(&client, json!({})).await;
    ask(&client, json!({"traceparent": PARENT.replace("-01", "-00")})).await;
    ask(&client, json!({"traceparent": "00-no-trace-01"})).await;
    // Confidential text leaves this process nowhere, though its tenant agreed to be looked at.
    let confidential = json!({"traceparent": PARENT, "com.b2xgate/data_class": "confidential"});
    ask(&client, confidential).await;
    let hidden = trace(&collector, "tools/call classify_ticket").await;
    let shown = PARENT.replace("0af7", "1af7");
    ask(&client, json!({"traceparent": shown})).await;
    let spans = eventually("the second trace arrives", LIMIT, async || {
        let spans = collector.spans();
        let roots = named(&spans, "tools/call classify_ticket").len();
        (roots >= 2).then_some(spans)
    })
    .await;
    let roots = named(&spans, "tools/call classify_ticket");
    assert_eq!(roots.len(), 2, "those whose caller asked for it: {roots:#?}");
    assert!(
        hidden.iter().all(|span| !format!("{span:?}").contains("4711")),
        "{hidden:#?}"
    );
    let shown = roots
        .iter()
        .find(|root| root.trace_id.starts_with("1af7"))
        .expect("the other");
    assert!(
        shown.attributes["gen_ai.tool.call.arguments"].contains("4711"),
        "{shown:?}"
    );
    assert!(
        shown.attributes.contains_key("gen_ai.tool.call.result"),
        "{shown:?}"
    );
    assert_eq!(collector.headers()["authorization"], "Bearer s3cr3t");
    assert!(!server.log().contains("s3cr3t"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_completion_is_a_trace_too_whole_and_streamed() {
    let (fake, collector) = (
        fake().await,
        OtlpCollector::start(Mood::Takes).await.expect("a free port"),
    );
    let server = server(&fake, &collector, "").await;
    for stream in [false, true] {
        let body = json!({
            "model": "default", "stream": stream, "max_tokens": 20,
            "messages": [{"role": "user", "content": TICKET}],
        });
        let request = tests::http_client().post(server.url("/v1/chat/completions"));
        let answer = request
            .header("traceparent", PARENT)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success());
        answer.bytes().await.expect("a body");
    }
    let spans = eventually("both traces arrive", LIMIT, async || {
        let spans = collector.spans();
        (named(&spans, "chat default").len() == 2).then_some(spans)
    })
    .await;
    for root in named(&spans, "chat default") {
        assert_eq!(root.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(root.attributes["b2xgate.backend"], "azure");
        let children = spans.iter().filter(|span| span.parent == root.id).count();
        assert!(children >= 2, "admission and an attempt: {spans:#?}");
    }
}

/// Makes calls while nobody takes the traces, and waits for the count of those dropped.
async fn calls_go_on(server: &ServerUnderTest, reason: &str) {
    let client = server.client();
    for _ in 0..5 {
        let began = Instant::now();
        let result = ask(&client, json!({})).await;
        assert_eq!(
            result["_meta"]["com.b2xgate/answer"]["backend"], "azure",
            "{result}"
        );
        // Far below the time that a collector is waited for.
        assert!(began.elapsed() < Duration::from_secs(8));
    }
    let limit = Duration::from_mins(2);
    eventually("dropped spans are counted", limit, async || {
        let dropped = server
            .metrics()
            .await
            .sum("mcp_spans_dropped_total", &[("reason", reason)]);
        (dropped >= 5.0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_refuses_is_nobodys_trouble() {
    let (fake, collector) = (
        fake().await,
        OtlpCollector::start(Mood::Refuses(400))
            .await
            .expect("a free port"),
    );
    let server = server(&fake, &collector, "").await;
    calls_go_on(&server, "refused").await;
    assert!(server.log().contains("spans cannot be exported"));
    collector.turn(Mood::Takes);
    ask(&server.client(), json!({})).await;
    trace(&collector, "tools/call classify_ticket").await;
    let exported = server.metrics().await.sum("mcp_spans_exported_total", &[]);
    assert!(exported >= 4.0, "{exported}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_hangs_or_fails_is_nobodys_trouble() {
    for mood in [None, Some(Mood::Hangs), Some(Mood::Refuses(500))] {
        let fake = fake().await;
        let collector = OtlpCollector::start(mood.unwrap_or(Mood::Takes))
            .await
            .expect("a free port");
        let mut server = server(&fake, &collector, "").await;
        let endpoint = collector.endpoint();
        let collector = mood.map(|_| collector);
        calls_are_answered(&server).await;
        server.sigterm().await;
        let ended = server.wait(Duration::from_secs(15)).await;
        assert!(ended.success(), "the last spans are not waited for: {mood:?}");
        if let Some(collector) = collector {
            assert!(collector.requests() > 0, "{endpoint} was asked: {mood:?}");
        }
    }
}

async fn calls_are_answered(server: &ServerUnderTest) {
    let client = server.client();
    for _ in 0..5 {
        let began = Instant::now();
        let result = ask(&client, json!({})).await;
        assert_eq!(
            result["_meta"]["com.b2xgate/answer"]["backend"], "azure",
            "{result}"
        );
        assert!(began.elapsed() < Duration::from_secs(8));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_names_the_trace_that_the_collector_has() {
    let (fake, collector) = (
        fake().await,
        OtlpCollector::start(Mood::Takes).await.expect("a free port"),
    );
    let server = server(&fake, &collector, "").await;
    // Its caller names none: the server begins one.
    ask(&server.client(), json!({})).await;
    let openai = OpenAiClient::new(server.url("/v1"));
    openai
        .ask(&OpenAiClient::question("Hi", &json!({"max_tokens": 4})), &[])
        .await;
    let rows = eventually("both calls are in the ledger", LIMIT, async || {
        let rows = tests::ledger::rows(server.folder(), &[]).await;
        (rows.len() == 2).then_some(rows)
    })
    .await;
    for (tool, root) in [
        ("classify_ticket", "tools/call classify_ticket"),
        ("chat_completions", "chat default"),
    ] {
        let spans = trace(&collector, root).await;
        let row = rows.iter().find(|row| row["tool"] == tool).expect("a row");
        assert_eq!(row["trace_id"], named(&spans, root)[0].trace_id, "{tool}");
    }
}
