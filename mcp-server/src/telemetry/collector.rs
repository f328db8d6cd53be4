//! What is read from the gateway at each scrape: one snapshot, so that its numbers agree with each other.
//!
//! Invariant, in every scrape: `mcp_admitted_total` is the sum of `mcp_calls_total` but for `shed`,
//! `mcp_requests_running` and `mcp_queue_depth`.

use std::{
    collections::BTreeMap,
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use inference::{BackendSnapshot, Gateway, Readiness, admission};
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{TypedMetric, counter::ConstCounter, gauge::ConstGauge},
};

use super::{
    metric_definitions::{self as definitions, Definition},
    metrics::{EngineStats, Labels, registered},
};

pub(super) struct Collector {
    gateway: Gateway,
    engines: EngineStats,
    labels: Vec<&'static str>,
    started: f64,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    pub(super) fn new(gateway: Gateway, engines: EngineStats, labels: Vec<&'static str>) -> Self {
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64();
        Self {
            gateway,
            engines,
            labels,
            started,
        }
    }

    fn queue(&self, out: &mut Out<'_, '_>, queue: &admission::Snapshot) -> fmt::Result {
        out.gauge(&definitions::QUEUE_DEPTH, gauge(queue.waiting))?;
        out.gauge(&definitions::QUEUE_CAPACITY, gauge(queue.capacity))?;
        out.gauge(&definitions::REQUESTS_RUNNING, gauge(queue.running))?;
        out.gauge(&definitions::DRAINING, i64::from(queue.draining))?;
        out.family(
            &definitions::ADMITTED,
            [(Labels::new(), ConstCounter::new(queue.admitted))],
        )?;
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
}

impl prometheus_client::collector::Collector for Collector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let snapshot = self.gateway.snapshot();
        let out = &mut Out(&mut encoder);
        self.queue(out, &snapshot.queue)?;
        backends(out, &snapshot.backends)?;
        let engines = (self.engines)();
        out.gauge(&definitions::LOCAL_SLOTS, gauge(engines.slots))?;
        out.gauge(&definitions::LOCAL_SLOTS_BUSY, gauge(engines.busy))?;
        out.gauge(
            &definitions::LOCAL_KV_BYTES,
            i64::try_from(engines.kv_bytes).unwrap_or(i64::MAX),
        )?;
        out.family(
            &definitions::PROCESS_START_TIME,
            [(Labels::new(), ConstGauge::new(self.started))],
        )?;
        let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
        out.family(&definitions::BUILD_INFO, [(version, ConstGauge::new(1_i64))])
    }
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

/// Writes metrics by their definitions.
pub(super) struct Out<'e, 'd>(pub(super) &'e mut DescriptorEncoder<'d>);

impl Out<'_, '_> {
    pub(super) fn gauge(&mut self, definition: &Definition, value: i64) -> fmt::Result {
        self.family(definition, [(Labels::new(), ConstGauge::new(value))])
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
