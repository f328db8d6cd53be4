//! The control endpoint: scripts and people set faults and read the stats over HTTP.
//!
//! | request | does |
//! |-|-|
//! | `GET /__control/stats`, `DELETE` | reads the stats, counts anew |
//! | `GET /__control/faults` | lists the rules in force |
//! | `PUT /__control/faults`, `POST` | replaces the rules, adds to them |
//! | `DELETE /__control/faults` | forgets every rule |
//! | `PUT /__control/outage` | `{"mode": "refuse", "for_ms": 5000}`; modes `refuse`, `close`, `silent`, `none` |
//!
//! A rule is `{"fault": "status=503", "deployment": "...", "next": 3}`; instead of `next`: `every` (n),
//! `probability` with `seed`, or `after_ms` with `for_ms`; with none of them it holds for each request.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use hyper::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Outage, Rule, Schedule, Shared};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleWire {
    fault: String,
    deployment: Option<String>,
    next: Option<u32>,
    every: Option<u32>,
    probability: Option<f64>,
    seed: Option<u64>,
    after_ms: Option<u64>,
    for_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesWire {
    rules: Vec<RuleWire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageWire {
    mode: String,
    for_ms: Option<u64>,
}

impl RuleWire {
    fn read(self) -> Result<Rule, String> {
        let schedule = match (self.next, self.every, self.probability, self.for_ms) {
            (None, None, None, None) => Schedule::Always,
            (Some(times), None, None, None) => Schedule::Next(times),
            (None, Some(n), None, None) => Schedule::Every(n),
            (None, None, Some(probability), None) => Schedule::Chance {
                probability,
                seed: self.seed.unwrap_or(1),
            },
            (None, None, None, Some(length)) => Schedule::Window {
                after: Duration::from_millis(self.after_ms.unwrap_or(0)),
                length: Duration::from_millis(length),
            },
            _ => return Err("give one of `next`, `every`, `probability`, `for_ms`, or none".to_owned()),
        };
        Ok(Rule {
            fault: self.fault.parse()?,
            deployment: self.deployment,
            schedule,
        })
    }
}

/// Answers a control request.
pub(super) fn answer(shared: &Arc<Shared>, method: &Method, path: &str, body: &[u8]) -> Response<Body> {
    let outcome = match (method.as_str(), path) {
        ("GET", "/__control/stats") => {
            serde_json::to_value(shared.recorder.snapshot()).map_err(|error| error.to_string())
        }
        ("DELETE", "/__control/stats") => {
            shared.recorder.reset();
            Ok(json!({}))
        }
        ("GET", "/__control/faults") => Ok(json!({"rules": show_rules(shared)})),
        ("PUT" | "POST", "/__control/faults") => read_rules(body).map(|rules| {
            if method == Method::PUT {
                shared.faults.clear();
            }
            for rule in rules {
                shared.faults.add(rule);
            }
            json!({"rules": show_rules(shared)})
        }),
        ("DELETE", "/__control/faults") => {
            shared.faults.clear();
            Ok(json!({}))
        }
        ("PUT", "/__control/outage") => set_outage(shared, body),
        _ => return respond(404, &json!({"error": "no such control"})),
    };
    match outcome {
        Ok(value) => respond(200, &value),
        Err(reason) => respond(400, &json!({"error": reason})),
    }
}

fn read_rules(body: &[u8]) -> Result<Vec<Rule>, String> {
    let wire: RulesWire = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    wire.rules.into_iter().map(RuleWire::read).collect()
}

fn show_rules(shared: &Shared) -> Vec<Value> {
    let show = |rule: &Rule| json!({"fault": rule.fault.to_string(), "deployment": rule.deployment, "schedule": format!("{:?}", rule.schedule)});
    shared.faults.rules().iter().map(show).collect()
}

fn set_outage(shared: &Arc<Shared>, body: &[u8]) -> Result<Value, String> {
    let wire: OutageWire = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let outage = match wire.mode.as_str() {
        "refuse" => Some(Outage::Refuse),
        "close" => Some(Outage::Close),
        "silent" => Some(Outage::Silent),
        "none" => None,
        other => return Err(format!("unknown mode `{other}`: refuse, close, silent or none")),
    };
    let length = wire.for_ms.map(Duration::from_millis);
    if matches!(outage, Some(Outage::Refuse | Outage::Close)) && length.is_none() {
        return Err("this endpoint goes away too: give `for_ms`".to_owned());
    }
    let shared = Arc::clone(shared);
    // Later, in a task of its own: this very connection is about to break.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut outcome = shared.go_away(outage).await;
        if let Some(length) = length.filter(|_| outage.is_some()) {
            tokio::time::sleep(length).await;
            outcome = shared.go_away(None).await;
        }
        if let Err(error) = outcome {
            eprintln!("fake-azure: outage: {error}");
        }
    });
    Ok(json!({"mode": wire.mode, "for_ms": wire.for_ms}))
}

fn respond(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() =
        hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        "content-type",
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}
