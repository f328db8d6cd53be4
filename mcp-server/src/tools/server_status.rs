//! `server_status`: backends, breakers, queue and who counts limits, without asking a model.

use inference::{BackendSnapshot, Gateway, Readiness};
use serde_json::{Value, json};

use super::{Definition, arguments::object, status};
use crate::tenancy::{Scope, quota::Sharing};

pub(super) fn definition() -> Definition {
    Definition {
        name: "server_status",
        scope: Scope::ToolsRead,
        title: "Show server status",
        description: "Shows which backends answer, their circuit breakers, and the queue. Use it when answers are \
                      degraded, slow or refused. Asks no model and costs nothing.",
        input_schema: object(json!({"type": "object", "additionalProperties": false, "properties": {}})),
        output_schema: object(json!({
            "type": "object", "required": ["version", "degraded", "queue", "limits", "models", "backends"], "properties": {
                "version": {"type": "string"},
                "degraded": {"type": "boolean", "description": "The first backend takes no calls right now"},
                "queue": {"type": "object", "description": "Calls waiting, running and admitted, and the bound"},
                "limits": {"type": "object", "description": "Who counts limits of tenants: own, shared by all servers, or apart, each its part"},
                "models": {"type": "array", "items": {"type": "string"}, "description": "What callers may ask for"},
                "backends": {"type": "array", "items": {"type": "object"}, "description": "Each with readiness and breaker"}}})),
    }
}

/// The state of the gateway right now.
pub(super) fn report(gateway: &Gateway, limits: Sharing) -> Value {
    let snapshot = gateway.snapshot();
    let queue = &snapshot.queue;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "degraded": snapshot.backends.first().is_some_and(|first| !takes_calls(first)),
        "queue": {
            "waiting": queue.waiting, "capacity": queue.capacity, "running": queue.running,
            "admitted": queue.admitted, "draining": queue.draining,
        },
        "limits": {"counted": limits.as_str(), "servers": limits.servers(), "unsettled": limits.unsettled()},
        "models": gateway.chains(),
        "backends": snapshot.backends.iter().map(status::describe).collect::<Vec<_>>(),
    })
}

fn takes_calls(backend: &BackendSnapshot) -> bool {
    backend.readiness == Readiness::Ready && backend.breaker.state.flows()
}
