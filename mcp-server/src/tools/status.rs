//! How a backend is shown to whoever asks how it is: callers of `server_status`, and operators.

use std::time::SystemTime;

use inference::{BackendSnapshot, Readiness, resilience::breaker};
use serde_json::{Value, json};

/// Everything there is to see of a backend.
pub(crate) fn describe(backend: &BackendSnapshot) -> Value {
    json!({
        "name": backend.info.name, "kind": backend.info.kind, "model": backend.info.model,
        "region": backend.info.region, "readiness": readiness(&backend.readiness),
        "in_flight": backend.in_flight, "max_concurrency": backend.info.max_concurrency,
        "throttled_for_ms": u64::try_from(backend.throttled_for.as_millis()).unwrap_or(u64::MAX),
        "breaker": describe_breaker(&backend.breaker),
    })
}

fn readiness(readiness: &Readiness) -> String {
    match readiness {
        Readiness::Ready => "ready".to_owned(),
        Readiness::Warming(fraction) => format!("warming up, {:.0} %", fraction * 100.0),
        Readiness::Failed(reason) => format!("failed: {reason}"),
    }
}

fn describe_breaker(breaker: &breaker::Snapshot) -> Value {
    json!({
        "state": breaker.state.as_str(),
        "opens_in_ms": breaker.opens_in.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
        "ramp": breaker.ramp.map(|share| (share * 100.0).round() / 100.0),
        "forced": breaker.forced.as_ref().map(|forced| json!({
            "by": forced.order.by(), "reason": forced.order.reason(), "seconds_ago": seconds_ago(forced.since),
        })),
        "history": breaker.history.iter().map(|change| json!({
            "from": change.from.as_str(), "to": change.to.as_str(), "cause": change.cause,
            "at": httpdate::fmt_http_date(change.at), "seconds_ago": seconds_ago(change.at),
        })).collect::<Vec<_>>(),
    })
}

fn seconds_ago(then: SystemTime) -> u64 {
    then.elapsed().map_or(0, |ago| ago.as_secs())
}
