//! Lines of the log: what is on them in a trace, and what never is.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, prelude::*};

use super::listen;
use crate::telemetry::{
    McpRequest, Spans, Traces,
    logs::{self, Form},
    show,
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What is logged within the span of a call, and then outside of it.
fn log(form: Form) -> Vec<String> {
    let written = Written::default();
    let listeners = vec![
        logs::lines(form, EnvFilter::new("trace"), written.clone()),
        logs::spans(Spans::default().tracer()),
    ];
    let _listening = listen(tracing_subscriber::registry().with(listeners));
    let request = McpRequest {
        method: "tools/call",
        tool: "chat",
        protocol_version: None,
        request_id: &1,
        session: None,
        transport: "pipe",
    };
    let span = Traces::new(1.0, HashSet::new()).mcp(&request, &[]);
    show(
        &span,
        "gen_ai.tool.call.arguments",
        "only the trace may show this",
    );
    span.in_scope(|| tracing::warn!(backend = "azure", "within"));
    tracing::warn!("outside");
    tracing::info!(target: "rmcp::service", "only clients may see this");
    drop(span);
    let bytes = written.0.lock().expect("nobody panics").clone();
    let text = String::from_utf8(bytes).expect("text");
    assert!(!text.contains("may s"), "{text}");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn json_lines_name_their_trace() {
    let lines = log(Form::Json);
    let read = |line: &String| serde_json::from_str::<Value>(line).expect("JSON");
    let [within, outside] = &lines.iter().map(read).collect::<Vec<_>>()[..] else {
        panic!("two lines: {lines:?}");
    };
    assert_eq!(within["message"], "within");
    assert_eq!(within["backend"], "azure");
    assert_eq!(within["trace_id"].as_str().map(str::len), Some(32));
    assert_eq!(within["span_id"].as_str().map(str::len), Some(16));
    assert_eq!(outside["message"], "outside");
    assert!(outside.get("trace_id").is_none());
}

#[test]
fn lines_for_people_name_their_trace() {
    let lines = log(Form::Pretty { colour: false });
    let [within, outside] = &lines[..] else {
        panic!("two lines: {lines:?}");
    };
    let (trace, rest) = within.split_once(' ').expect("a trace, then the line");
    assert!(
        trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{within}"
    );
    assert!(rest.contains("within") && outside.contains("outside"));
}

#[test]
fn who_only_asks_whether_something_is_logged_costs_nobody_a_line() {
    for filter in ["info", "debug,quiet=off"] {
        let written = Written::default();
        let listeners = vec![logs::lines(Form::Json, EnvFilter::new(filter), written.clone())];
        let _listening = listen(tracing_subscriber::registry().with(listeners));
        for _ in 0..3 {
            assert!(!tracing::enabled!(target: "quiet", tracing::Level::DEBUG));
            tracing::warn!(target: "loud", "said");
        }
        let written = written.0.lock().expect("nobody panics");
        let lines = String::from_utf8_lossy(&written);
        assert_eq!(lines.lines().count(), 3, "{filter}: {lines}");
    }
}
