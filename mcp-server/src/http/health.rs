//! Health: is it alive, has it started, can it take work, and why not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use inference::{BackendSnapshot, Gateway, Readiness};
use serde_json::{Value, json};

use super::refusals::json_response;

/// What the probes look at.
#[derive(Clone)]
pub(super) struct Health {
    gateway: Gateway,
    started: Arc<AtomicBool>,
    draining: Arc<AtomicBool>,
}

/// What a probe is told.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    ok: bool,
    status: &'static str,
    reason: String,
}

impl Health {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self {
            gateway,
            started: Arc::default(),
            draining: Arc::default(),
        }
    }

    /// From now on the server is not ready, and says why.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Startup is passed once: a server that started stays started, whatever its backends do.
    fn startup(&self, backends: &[BackendSnapshot]) -> Verdict {
        let verdict = startup(self.started.load(Ordering::Relaxed), backends);
        if verdict.ok {
            self.started.store(true, Ordering::Relaxed);
        }
        verdict
    }
}

fn startup(started: bool, backends: &[BackendSnapshot]) -> Verdict {
    if started || backends.iter().any(can_serve) {
        Verdict {
            ok: true,
            status: "started",
            reason: "a backend can answer".to_owned(),
        }
    } else {
        Verdict {
            ok: false,
            status: "starting",
            reason: waiting_for(backends),
        }
    }
}

/// Breakers are left out on purpose: that Azure is down is no fault of this process, and restarting it or
/// taking it out of service would help nobody.
fn ready(draining: bool, backends: &[BackendSnapshot]) -> Verdict {
    if draining {
        let reason = "the server is shutting down and finishes what runs".to_owned();
        return Verdict {
            ok: false,
            status: "draining",
            reason,
        };
    }
    let serving = backends.iter().filter(|backend| can_serve(backend)).count();
    if serving == 0 {
        let warming = backends
            .iter()
            .any(|backend| matches!(backend.readiness, Readiness::Warming(_)));
        let status = if warming { "starting" } else { "unavailable" };
        return Verdict {
            ok: false,
            status,
            reason: waiting_for(backends),
        };
    }
    let reason = format!("{serving} of {} backends can answer", backends.len());
    Verdict {
        ok: true,
        status: "ready",
        reason,
    }
}

fn can_serve(backend: &BackendSnapshot) -> bool {
    matches!(backend.readiness, Readiness::Ready)
}

fn waiting_for(backends: &[BackendSnapshot]) -> String {
    if backends.is_empty() {
        return "no backend is configured".to_owned();
    }
    let states: Vec<_> = backends
        .iter()
        .map(|backend| format!("{} {}", backend.info.name, state(backend)))
        .collect();
    format!("no backend can answer: {}", states.join(", "))
}

fn state(backend: &BackendSnapshot) -> String {
    match &backend.readiness {
        Readiness::Ready => "is ready".to_owned(),
        Readiness::Warming(fraction) => format!("is loading, {:.0} %", f64::from(*fraction) * 100.0),
        Readiness::Failed(reason) => format!("failed: {reason}"),
    }
}

fn respond(verdict: &Verdict, backends: Option<&[BackendSnapshot]>) -> Response {
    let mut body = json!({ "status": verdict.status, "reason": verdict.reason });
    if let Some(backends) = backends {
        body["backends"] = backends
            .iter()
            .map(|backend| json!({ "name": backend.info.name, "state": state(backend) }))
            .collect::<Value>();
    }
    json_response(
        if verdict.ok {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        },
        &body,
    )
}

/// That this is answered at all is the proof.
pub(super) async fn live_probe() -> Response {
    json_response(
        StatusCode::OK,
        &json!({ "status": "live", "reason": "the event loop answers" }),
    )
}

pub(super) async fn startup_probe(State(health): State<Health>) -> Response {
    let backends = health.gateway.snapshot().backends;
    respond(&health.startup(&backends), Some(&backends))
}

pub(super) async fn ready_probe(State(health): State<Health>) -> Response {
    let backends = health.gateway.snapshot().backends;
    respond(
        &ready(health.draining.load(Ordering::Relaxed), &backends),
        Some(&backends),
    )
}

#[cfg(test)]
mod tests;
