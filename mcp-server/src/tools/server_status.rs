//! `server_status`: backends, breakers and queue, without asking a model.

use inference::{BackendSnapshot, Gateway, Readiness};
use serde_json::{Value, json};

use super::{Definition, arguments::object};

pub(super) fn definition() -> Definition {
    Definition {
        name: "server_status",
        title: "Show server status",
        description: "Shows which backends answer, their circuit breakers, and the queue. Use it when answers are \
                      degraded, slow or refused. Asks no model and costs nothing.",
        input_schema: object(json!({"type": "object", "additionalProperties": false, "properties": {}})),
        output_schema: object(json!({
            "type": "object", "required": ["version", "degraded", "queue", "models", "backends"], "properties": {
                "version": {"type": "string"},
                "degraded": {"type": "boolean", "description": "The first backend takes no calls right now"},
                "queue": {"type": "object", "description": "Calls waiting, running and admitted, and the bound"},
                "models": {"type": "array", "items": {"type": "string"}, "description": "What callers may ask for"},
                "backends": {"type": "array", "items": {"type": "object"}, "description": "Each with readiness and breaker"}}})),
    }
}

/// The state of the gateway right now.
pub(super) fn report(gateway: &Gateway) -> Value {
    let snapshot = gateway.snapshot();
    let queue = &snapshot.queue;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "degraded": snapshot.backends.first().is_some_and(|first| !takes_calls(first)),
        "queue": {
            "waiting": queue.waiting, "capacity": queue.capacity, "running": queue.running,
            "admitted": queue.admitted, "draining": queue.draining,
        },
        "models": gateway.chains(),
        "backends": snapshot.backends.iter().map(describe).collect::<Vec<_>>(),
    })
}

fn takes_calls(backend: &BackendSnapshot) -> bool {
    use inference::resilience::breaker::State;
    backend.readiness == Readiness::Ready && backend.breaker.state == State::Closed
}

fn describe(backend: &BackendSnapshot) -> Value {
    let breaker = &backend.breaker;
    let readiness = match &backend.readiness {
        Readiness::Ready => "ready".to_owned(),
        Readiness::Warming(fraction) => format!("warming up, {:.0} %", fraction * 100.0),
        Readiness::Failed(reason) => format!("failed: {reason}"),
    };
    json!({
        "name": backend.info.name, "kind": backend.info.kind, "model": backend.info.model,
        "region": backend.info.region, "readiness": readiness,
        "in_flight": backend.in_flight, "max_concurrency": backend.info.max_concurrency,
        "breaker": {
            "state": breaker.state.as_str(),
            "opens_in_ms": breaker.opens_in.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            "history": breaker.history.iter().map(|change| json!({
                "from": change.from.as_str(), "to": change.to.as_str(), "cause": change.cause,
                "seconds_ago": change.at.elapsed().map_or(0, |ago| ago.as_secs()),
            })).collect::<Vec<_>>(),
        },
    })
}
