//! The spans of a call, as they come to the exporter.

use std::collections::HashSet;

use inference::{CallEvent, TravelRule};
use opentelemetry_sdk::trace::SpanData;
use tracing::Instrument;
use tracing_subscriber::prelude::*;

use super::*;
use crate::telemetry::{Carrier, McpRequest, Traces, logs};

/// What a caller says of its trace.
struct Said(&'static [(&'static str, &'static str)]);

impl Carrier for Said {
    fn field(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }
}

const SAMPLED: Said = Said(&[(
    "traceparent",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)]);
const UNSAMPLED: Said = Said(&[(
    "traceparent",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
)]);

const REQUEST: McpRequest<'static> = McpRequest {
    method: "tools/call",
    tool: "summarize_text",
    protocol_version: Some("2026-07-28"),
    request_id: &7,
    session: None,
    transport: "tcp",
};

fn everything() -> Traces {
    Traces::new(1.0, HashSet::new())
}

/// Collects the spans of this thread until dropped.
fn collect() -> (Spans, tracing::subscriber::DefaultGuard) {
    let spans = Spans::default();
    let listeners = vec![logs::spans(spans.tracer())];
    let guard = listen(tracing_subscriber::registry().with(listeners));
    (spans, guard)
}

async fn call(scene: &Scene, traces: &Traces, carriers: &[&dyn Carrier], question: &str) {
    let span = traces.mcp(&REQUEST, carriers);
    // Whether it answers is not the question here.
    let _ = scene
        .gateway
        .complete(Scene::call(question))
        .instrument(span)
        .await;
}

fn one<'s>(spans: &'s [SpanData], name: &str) -> &'s SpanData {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found.next().unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    assert!(found.next().is_none(), "{name} twice in {spans:#?}");
    span
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let mut found = span.attributes.iter().filter(|pair| pair.key.as_str() == key);
    let value = found.next().map(|pair| pair.value.to_string());
    assert!(found.next().is_none(), "{key} twice on {span:?}");
    value
}

#[tokio::test]
async fn a_fallback_is_one_tree() {
    let (scene, (spans, _listening)) = (Scene::new(), collect());
    call(&scene, &everything(), &[&SAMPLED], "fall back").await;
    let spans = spans.take();
    let root = one(&spans, "tools/call summarize_text");
    assert_eq!(root.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(root.parent_span_is_remote);
    assert_eq!(attribute(root, "b2xgate.backend").as_deref(), Some("second"));
    assert_eq!(attribute(root, "jsonrpc.request.id").as_deref(), Some("7"));
    for span in &spans {
        assert_eq!(span.span_context.trace_id(), root.span_context.trace_id());
    }
    let answered = one(&spans, "chat model-of-second");
    assert_eq!(answered.parent_span_id, root.span_context.span_id());
    assert_eq!(
        attribute(answered, "b2xgate.outcome").as_deref(),
        Some("answered")
    );
    assert_eq!(
        attribute(answered, "gen_ai.usage.output_tokens").as_deref(),
        Some("2")
    );
    assert_eq!(
        attribute(answered, "gen_ai.response.finish_reasons").as_deref(),
        Some("stop")
    );
    assert_eq!(attribute(answered, "error.type"), None);
    assert_eq!(
        one(&spans, "decode").parent_span_id,
        answered.span_context.span_id()
    );
    let failed: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "chat model-of-first")
        .collect();
    assert!(!failed.is_empty());
    for attempt in &failed {
        assert_eq!(attribute(attempt, "error.type").as_deref(), Some("server_error"));
        let prefill = spans
            .iter()
            .find(|span| span.parent_span_id == attempt.span_context.span_id());
        assert_eq!(prefill.expect("it was asked").name, "prefill");
    }
    assert!(spans.iter().any(|span| span.name == "admission"));
}

#[tokio::test]
async fn the_callers_word_goes_before_the_lot_and_the_meta_before_the_header() {
    let (scene, (spans, _listening)) = (Scene::new(), collect());
    let none = Traces::new(0.0, HashSet::new());
    call(&scene, &none, &[], "hello").await;
    call(&scene, &none, &[&UNSAMPLED], "hello").await;
    call(&scene, &everything(), &[&UNSAMPLED, &SAMPLED], "hello").await;
    call(&scene, &Traces::default(), &[&SAMPLED], "hello").await;
    assert_eq!(spans.take().len(), 0, "nobody wanted these");
    let header = Said(&[(
        "traceparent",
        "00-11111111111111111111111111111111-2222222222222222-01",
    )]);
    call(&scene, &none, &[&SAMPLED, &header], "hello").await;
    let taken = spans.take();
    let root = one(&taken, "tools/call summarize_text");
    assert_eq!(
        root.span_context.trace_id().to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    let linked = root.links.iter().next().expect("the other is linked");
    assert_eq!(linked.span_context.span_id().to_string(), "2222222222222222");
}

#[tokio::test]
async fn what_cannot_be_read_begins_a_new_trace() {
    let (scene, (spans, _listening)) = (Scene::new(), collect());
    for traceparent in [
        "",
        "00",
        "00-xyz-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    ] {
        let said = Said(Box::leak(Box::new([("traceparent", traceparent)])));
        call(&scene, &everything(), &[&said], "hello").await;
        let taken = spans.take();
        let root = one(&taken, "tools/call summarize_text");
        assert_eq!(
            root.parent_span_id,
            opentelemetry::trace::SpanId::INVALID,
            "{traceparent:?}"
        );
    }
}

#[tokio::test]
async fn a_call_that_its_caller_leaves_ends_its_spans() {
    let (scene, (spans, _listening)) = (Scene::new(), collect());
    let root = everything().mcp(&REQUEST, &[]);
    let mut running = root
        .in_scope(|| scene.gateway.start(Scene::call("hang")))
        .expect("admitted");
    while !matches!(running.next().await, Some(Ok(CallEvent::Started { .. }))) {}
    drop(running);
    drop(root);
    let spans = spans.take();
    let attempt = one(&spans, "chat model-of-first");
    assert_eq!(
        attribute(attempt, "b2xgate.outcome").as_deref(),
        Some("cancelled")
    );
    one(&spans, "tools/call summarize_text");
}

#[tokio::test]
async fn spans_are_made_for_nobody_but_calls_of_ours() {
    let (scene, (spans, _listening)) = (Scene::new(), collect());
    // As when another library has a span open around the call.
    let foreign = tracing::info_span!("somebody's");
    let _ = scene
        .gateway
        .complete(Scene::call("hello"))
        .instrument(foreign)
        .await;
    assert_eq!(spans.take().len(), 0);
}

#[tokio::test]
async fn a_traced_call_leaves_its_trace_on_the_histograms() {
    let (scene, (_spans, _listening)) = (Scene::new(), collect());
    call(&scene, &everything(), &[&SAMPLED], "hello").await;
    let text = scene.metrics.render();
    let wanted =
        |line: &&str| line.starts_with("gen_ai_execute_tool_duration_seconds_bucket") && line.contains(" # ");
    let exemplar = text.lines().find(wanted).expect("an exemplar");
    assert!(
        exemplar.contains("trace_id=\"0af7651916cd43dd8448eb211c80319c\""),
        "{exemplar}"
    );
}

#[test]
fn content_is_shown_only_where_tenant_rule_and_trace_agree() {
    let (_spans, _listening) = collect();
    let traces = Traces::new(1.0, HashSet::from(["acme".to_owned()]));
    let span = traces.mcp(&REQUEST, &[]);
    assert!(traces.shows(&span, "acme", TravelRule::default()));
    assert!(!traces.shows(&span, "bolt", TravelRule::default()));
    assert!(!traces.shows(&span, "acme", TravelRule::confidential()));
    assert!(!traces.shows(&tracing::Span::none(), "acme", TravelRule::default()));
    assert!(!Traces::default().shows(&span, "acme", TravelRule::default()));
}

#[test]
fn a_full_buffer_drops_and_counts() {
    let (spans, _listening) = collect();
    for _ in 0..8192 + 5 {
        drop(everything().mcp(&REQUEST, &[]));
    }
    assert_eq!(spans.counts().overflowed, 5);
    assert_eq!(spans.take().len(), 8192);
}
