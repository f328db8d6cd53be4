//! What is read from the gateway at each scrape: one snapshot, so that its numbers agree with each other.
//!
//! Invariant, in every scrape: `mcp_admitted_total` is the sum of `mcp_calls_total` but for `shed`,
//! `mcp_requests_running` and `mcp_queue_depth`.

use std::{collections::BTreeMap, fmt};

use inference::{BackendSnapshot, Gateway, Readiness, admission, local};
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{TypedMetric, counter::ConstCounter, gauge::ConstGauge},
};

use super::{
    export::Spans,
    metric_definitions::{self as definitions, Definition},
    metrics::{CertificateExpiry, EngineStats, Labels, registered},
    process,
};

pub(super) struct Collector {
    pub(super) gateway: Gateway,
    pub(super) engines: EngineStats,
    pub(super) labels: Vec<&'static str>,
    pub(super) spans: Spans,
    pub(super) expiry: CertificateExpiry,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    fn queue(&self, out: &mut Out<'_, '_>, queue: &admission::Snapshot) -> fmt::Result {
        out.gauge(&definitions::QUEUE_DEPTH, gauge(queue.waiting))?;
        out.gauge(&definitions::QUEUE_CAPACITY, gauge(queue.capacity))?;
        out.gauge(&definitions::REQUESTS_RUNNING, gauge(queue.running))?;
        out.gauge(&definitions::DRAINING, i64::from(queue.draining))?;
        out.count(&definitions::ADMITTED, queue.admitted)?;
        let mut calls: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for tool in &self.labels {
            calls.extend(definitions::CALL_OUTCOMES.map(|outcome| ((*tool, outcome), 0)));
        }
        calls.extend(
            queue
                .ended
                .iter()
                .map(|((tool, outcome), count)| ((*tool, *outcome), *count)),
        );
        out.family(
            &definitions::CALLS,
            calls.into_iter().map(|((tool, outcome), count)| {
                (
                    vec![("tool", tool.to_owned()), ("outcome", outcome.to_owned())],
                    ConstCounter::new(count),
                )
            }),
        )?;
        let mut shed: BTreeMap<&str, u64> = definitions::SHED_REASONS.map(|reason| (reason, 0)).into();
        shed.extend(queue.shed.iter().map(|(reason, count)| (*reason, *count)));
        out.family(
            &definitions::SHED,
            shed.into_iter()
                .map(|(reason, count)| (vec![("reason", reason.to_owned())], ConstCounter::new(count))),
        )
    }

    fn spans(&self, out: &mut Out<'_, '_>) -> fmt::Result {
        let counts = self.spans.counts();
        out.count(&definitions::SPANS_EXPORTED, counts.exported)?;
        let dropped = [
            ("overflowed", counts.overflowed),
            ("refused", counts.refused),
            ("undelivered", counts.undelivered),
        ];
        out.family(
            &definitions::SPANS_DROPPED,
            dropped.map(|(reason, count)| (vec![("reason", reason.to_owned())], ConstCounter::new(count))),
        )
    }
}

impl prometheus_client::collector::Collector for Collector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let snapshot = self.gateway.snapshot();
        let out = &mut Out(&mut encoder);
        self.queue(out, &snapshot.queue)?;
        backends(out, &snapshot.backends)?;
        engines(out, (self.engines)())?;
        self.spans(out)?;
        if let Some(seconds) = self.expiry.get() {
            out.gauge(&definitions::CERTIFICATE_EXPIRY, seconds)?;
        }
        if let Some(process) = process::read() {
            of_process(out, process)?;
        }
        let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
        out.family(&definitions::BUILD_INFO, [(version, ConstGauge::new(1_i64))])
    }
}

fn engines(out: &mut Out<'_, '_>, stats: local::Stats) -> fmt::Result {
    out.gauge(&definitions::LOCAL_SLOTS, gauge(stats.slots))?;
    out.gauge(&definitions::LOCAL_SLOTS_BUSY, gauge(stats.busy))?;
    out.gauge(&definitions::LOCAL_KV_BYTES, number(stats.kv_bytes))?;
    out.gauge(&definitions::LOCAL_KV_KEPT_BYTES, number(stats.kv_kept_bytes))?;
    out.gauge(&definitions::LOCAL_KV_BUDGET_BYTES, number(stats.kv_budget_bytes))
}

fn of_process(out: &mut Out<'_, '_>, process: process::Process) -> fmt::Result {
    out.family(
        &definitions::PROCESS_CPU,
        [(Labels::new(), ConstCounter::new(process.cpu_seconds))],
    )?;
    out.gauge(&definitions::PROCESS_RESIDENT, number(process.resident_bytes))?;
    out.gauge(&definitions::PROCESS_VIRTUAL, number(process.virtual_bytes))?;
    out.gauge(&definitions::PROCESS_FDS, number(process.open_files))?;
    out.gauge(&definitions::PROCESS_MAX_FDS, number(process.open_files_max))?;
    out.gauge(&definitions::PROCESS_THREADS, number(process.threads))?;
    out.family(
        &definitions::PROCESS_START_TIME,
        [(Labels::new(), ConstGauge::new(process.started))],
    )
}

fn backends(out: &mut Out<'_, '_>, backends: &[BackendSnapshot]) -> fmt::Result {
    let each = |value: fn(&BackendSnapshot) -> i64| {
        backends
            .iter()
            .map(move |backend| (backend_label(backend), ConstGauge::new(value(backend))))
    };
    out.family(
        &definitions::BREAKER_STATE,
        each(|backend| backend.breaker.state.as_metric()),
    )?;
    out.family(
        &definitions::BACKEND_IN_FLIGHT,
        each(|backend| gauge(backend.in_flight)),
    )?;
    out.family(
        &definitions::BACKEND_READY,
        each(|backend| i64::from(backend.readiness == Readiness::Ready)),
    )?;
    out.family(
        &definitions::THROTTLE_REMAINING,
        backends.iter().map(|backend| {
            (
                backend_label(backend),
                ConstGauge::new(backend.throttled_for.as_secs_f64()),
            )
        }),
    )
}

fn backend_label(backend: &BackendSnapshot) -> Labels {
    vec![("backend", backend.info.name.clone())]
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes metrics by their definitions.
pub(super) struct Out<'e, 'd>(pub(super) &'e mut DescriptorEncoder<'d>);

impl Out<'_, '_> {
    pub(super) fn gauge(&mut self, definition: &Definition, value: i64) -> fmt::Result {
        self.family(definition, [(Labels::new(), ConstGauge::new(value))])
    }

    fn count(&mut self, definition: &Definition, value: u64) -> fmt::Result {
        self.family(definition, [(Labels::new(), ConstCounter::new(value))])
    }

    pub(super) fn family<M: EncodeMetric + TypedMetric>(
        &mut self,
        definition: &Definition,
        series: impl IntoIterator<Item = (Labels, M)>,
    ) -> fmt::Result {
        let (name, unit) = registered(definition);
        let mut encoder = self
            .0
            .encode_descriptor(name, definition.help, unit.as_ref(), M::TYPE)?;
        for (labels, metric) in series {
            // Labels that are there but empty would be written as `{}`.
            if labels.is_empty() {
                return metric.encode(encoder);
            }
            metric.encode(encoder.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
