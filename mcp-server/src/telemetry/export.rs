//! Sends spans to a collector over OTLP: a bounded buffer that never makes a call wait, and one task that empties it.
//!
//! What does not fit, and what the collector does not take in the end, is dropped and counted.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry::{Context, InstrumentationScope, KeyValue, trace::TracerProvider};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Sampler, SdkTracer, SdkTracerProvider, SpanData, SpanProcessor},
};
use prost::Message;
use tokio::{sync::Notify, time::Instant};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::otlp::{Cause, Client, Refusal};

/// Spans that wait at most: some 10 MB.
pub(crate) const CAPACITY: usize = 8192;
/// Spans that are sent together.
const BATCH: usize = 512;
/// How long a span waits for others.
const LINGER: Duration = Duration::from_secs(1);
/// The first and the longest pause before a batch is sent again.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// How long a batch is tried again before it is dropped.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the end of the process may wait for the last spans.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Spans on their way, and what became of others. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Spans(Arc<Buffer>);

#[derive(Debug, Default)]
struct Buffer {
    waiting: Mutex<Vec<SpanData>>,
    enough: Notify,
    exported: AtomicU64,
    overflowed: AtomicU64,
    refused: AtomicU64,
    undelivered: AtomicU64,
}

/// What became of spans so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken by the collector.
    pub exported: u64,
    /// Dropped because too many waited.
    pub overflowed: u64,
    /// Dropped because the collector would not have them.
    pub refused: u64,
    /// Dropped because the collector could not be reached, or did not answer.
    pub undelivered: u64,
}

impl Spans {
    /// What became of spans so far.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            exported: read(&self.0.exported),
            overflowed: read(&self.0.overflowed),
            refused: read(&self.0.refused),
            undelivered: read(&self.0.undelivered),
        }
    }

    /// Whoever makes spans, which end here.
    pub(super) fn tracer(&self) -> SdkTracer {
        let scope = InstrumentationScope::builder("b2xgate.mcp-server")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        SdkTracerProvider::builder()
            // Whether a call is traced was decided before.
            .with_sampler(Sampler::AlwaysOn)
            .with_resource(Resource::builder_empty().build())
            .with_span_processor(self.clone())
            .build()
            .tracer_with_scope(scope)
    }

    /// Takes everything that waits.
    pub(super) fn take(&self) -> Vec<SpanData> {
        std::mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, span: SpanData) {
        let waiting = {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= CAPACITY {
                self.0.overflowed.fetch_add(1, Ordering::Relaxed);
                return;
            }
            waiting.push(span);
            waiting.len()
        };
        if waiting == BATCH {
            self.0.enough.notify_one();
        }
    }
}

impl SpanProcessor for Spans {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.add(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Sends spans until it is finished or dropped.
#[derive(Debug)]
pub struct Exporting {
    end: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl Exporting {
    /// Begins to send what ends in `spans`.
    pub(super) fn start(spans: Spans, client: Client, resource: &[(String, String)]) -> Self {
        let attributes = resource
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let resource = Resource::builder_empty().with_attributes(attributes).build();
        let end = CancellationToken::new();
        let exporter = Exporter {
            spans,
            client,
            resource: (&resource).into(),
            end: end.clone(),
            failing: false,
        };
        Self {
            end,
            task: AbortOnDropHandle::new(tokio::spawn(exporter.run())),
        }
    }

    /// Sends what is left, if that can be done soon.
    pub async fn finish(self) {
        self.end.cancel();
        // What is left after that is lost with the process.
        let _ = tokio::time::timeout(LAST_WORDS, self.task).await;
    }
}

struct Exporter {
    spans: Spans,
    client: Client,
    resource: ResourceAttributesWithSchema,
    end: CancellationToken,
    /// Whether the last batch did not arrive: a change is logged, once.
    failing: bool,
}

impl Exporter {
    async fn run(mut self) {
        loop {
            let ends = tokio::select! {
                () = self.end.cancelled() => true,
                () = self.spans.0.enough.notified() => false,
                () = tokio::time::sleep(LINGER) => false,
            };
            let mut waiting = self.spans.take();
            while !waiting.is_empty() {
                let rest = waiting.split_off(waiting.len().min(BATCH));
                self.deliver(std::mem::replace(&mut waiting, rest)).await;
            }
            if ends {
                return;
            }
        }
    }

    /// Sends one batch, again if need be.
    async fn deliver(&mut self, batch: Vec<SpanData>) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let body = bytes::Bytes::from(self.encode(batch));
        let began = Instant::now();
        let mut pause = PAUSES.0;
        let counter = loop {
            match self.client.send(body.clone()).await {
                Ok(rejected) => {
                    let rejected = rejected.min(count);
                    self.spans.0.refused.fetch_add(rejected, Ordering::Relaxed);
                    self.spans
                        .0
                        .exported
                        .fetch_add(count - rejected, Ordering::Relaxed);
                    return self.say(None);
                }
                Err(Refusal::ForGood(cause)) => {
                    self.say(Some(&cause));
                    break &self.spans.0.refused;
                }
                Err(Refusal::ForNow(cause, hint)) => {
                    self.say(Some(&cause));
                    let wait = hint.map_or(pause, |hint| hint.clamp(PAUSES.0, PAUSES.1));
                    if self.end.is_cancelled() || began.elapsed() + wait > PATIENCE {
                        break &self.spans.0.undelivered;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        // One last try.
                        () = self.end.cancelled() => {}
                    }
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        };
        counter.fetch_add(count, Ordering::Relaxed);
    }

    fn encode(&self, batch: Vec<SpanData>) -> Vec<u8> {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    }

    fn say(&mut self, failure: Option<&Cause>) {
        let failed = std::mem::replace(&mut self.failing, failure.is_some());
        match failure {
            Some(cause) if !failed => tracing::warn!(
                endpoint = %self.client.endpoint(),
                reason = %cause,
                "spans cannot be exported; what does not fit the buffer is dropped"
            ),
            None if failed => tracing::info!(endpoint = %self.client.endpoint(), "spans are exported again"),
            _ => {}
        }
    }
}
