//! A collector of traces in the test's own process: takes what it is sent over OTLP, or fails as told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
};
use prost::Message;
use tokio_util::task::AbortOnDropHandle;

/// What it does with what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Keeps it.
    Takes,
    /// Refuses it with this status.
    Refuses(u16),
    /// Says nothing.
    Hangs,
}

/// One span, as it came.
#[derive(Debug, Clone)]
pub struct Span {
    /// In hexadecimal.
    pub trace_id: String,
    /// In hexadecimal.
    pub id: String,
    /// In hexadecimal; empty for the first of a trace.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// 1 internal, 2 server, 3 client.
    pub kind: i32,
    /// Whether its status is an error.
    pub failed: bool,
    /// Nanoseconds since 1970.
    pub began: u64,
    /// Nanoseconds since 1970.
    pub ended: u64,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
}

/// A collector on a free port. It ends when dropped.
#[derive(Debug)]
pub struct OtlpCollector {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Shared {
    mood: Mutex<Mood>,
    got: Mutex<Got>,
}

#[derive(Debug, Default)]
struct Got {
    requests: usize,
    spans: Vec<Span>,
    resource: BTreeMap<String, String>,
    headers: HeaderMap,
}

impl OtlpCollector {
    /// Starts one.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(mood: Mood) -> Result<Self> {
        let shared = Arc::new(Shared {
            mood: Mutex::new(mood),
            got: Mutex::default(),
        });
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&shared));
        let (address, serving) = crate::serve(router).await?;
        Ok(Self {
            address,
            shared,
            _serving: serving,
        })
    }

    /// Its address, as `telemetry.endpoint` wants it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does otherwise from now on.
    ///
    /// # Panics
    /// Panics when a test panicked in between.
    pub fn turn(&self, mood: Mood) {
        *self.shared.mood.lock().expect("nobody panics") = mood;
    }

    /// Requests so far, whatever became of them.
    pub fn requests(&self) -> usize {
        self.got().requests
    }

    /// Every span it took.
    pub fn spans(&self) -> Vec<Span> {
        self.got().spans.clone()
    }

    /// What the sender says of itself.
    pub fn resource(&self) -> BTreeMap<String, String> {
        self.got().resource.clone()
    }

    /// The headers of the last request.
    pub fn headers(&self) -> HeaderMap {
        self.got().headers.clone()
    }

    fn got(&self) -> MutexGuard<'_, Got> {
        self.shared.got.lock().expect("nobody panics")
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mood = *shared.mood.lock().expect("nobody panics");
    {
        let mut got = shared.got.lock().expect("nobody panics");
        got.requests += 1;
        got.headers = headers;
    }
    match mood {
        Mood::Hangs => std::future::pending().await,
        Mood::Refuses(status) => StatusCode::from_u16(status).expect("a status"),
        Mood::Takes => {
            let Ok(request) = ExportTraceServiceRequest::decode(body) else {
                return StatusCode::BAD_REQUEST;
            };
            keep(&mut shared.got.lock().expect("nobody panics"), request);
            StatusCode::OK
        }
    }
}

fn keep(got: &mut Got, request: ExportTraceServiceRequest) {
    for spans in request.resource_spans {
        got.resource = texts(spans.resource.unwrap_or_default().attributes);
        for span in spans.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            got.spans.push(Span {
                trace_id: hex(&span.trace_id),
                id: hex(&span.span_id),
                parent: hex(&span.parent_span_id),
                name: span.name,
                kind: span.kind,
                failed: span.status.is_some_and(|status| status.code == 2),
                began: span.start_time_unix_nano,
                ended: span.end_time_unix_nano,
                attributes: texts(span.attributes),
            });
        }
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value: Value| match value {
        Value::StringValue(text) => text,
        Value::BoolValue(flag) => flag.to_string(),
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes
        .into_iter()
        .filter_map(|pair| Some((pair.key, text(pair.value?.value?))))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
