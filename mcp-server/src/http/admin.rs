//! What operators see of backends, and what they may order: on the metrics port, for callers on this machine.
//!
//! | request | does |
//! |-|-|
//! | `GET /admin/backends` | shows each backend with its breaker and the last transitions |
//! | `POST /admin/backends/{name}/force-open` | sends no more calls to it: it is held for broken |
//! | `POST /admin/backends/{name}/force-closed` | lets calls flow, whatever comes of them |
//! | `POST /admin/backends/{name}/drain` | takes it out of service: running calls finish |
//! | `POST /admin/backends/{name}/resume` | ends what was ordered |
//!
//! Where authentication is configured, a credential with the scope `operate` is asked for, too.
//!
//! An order takes `{"reason": "..."}` and, if wanted, `"by": "..."`. It is logged once, here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::ORIGIN;
use http::{StatusCode, Uri};
use inference::{Gateway, Order};
use serde::Deserialize;
use serde_json::json;

use super::body;
use super::guard::Guard;
use super::listener::Peer;
use super::refusals::{json_response, plain};
use super::routes::{authenticate, check_scope};
use crate::accounts::Accounts;
use crate::mcp::{errors::Error, is_json};
use crate::tenancy::{Authenticator, Principal, Scope, forget};
use crate::tools::status;

/// What refused orders are written down as.
const LABEL: &str = "admin";

/// Bounds of an order.
const BODY_BYTES_MAX: usize = 4096;
const BODY_LIMIT: Duration = Duration::from_secs(5);
const REASON_CHARS_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 64;

/// What an operator may do with a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    ForceOpen,
    ForceClosed,
    Drain,
    Resume,
}

impl Refusal {
    /// The public code: the name of its page in `docs/errors/`.
    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_parameter",
            Self::UnknownBackend(_) => "unknown_backend",
            Self::Http(error) => error.map().code,
        }
    }
}

impl Action {
    fn parse(name: &str) -> Option<Self> {
        [Self::ForceOpen, Self::ForceClosed, Self::Drain, Self::Resume]
            .into_iter()
            .find(|action| action.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::ForceOpen => "force-open",
            Self::ForceClosed => "force-closed",
            Self::Drain => "drain",
            Self::Resume => "resume",
        }
    }
}

/// Why an order was not followed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("`{field}` {reason}; {fix}")]
    Invalid {
        field: &'static str,
        reason: &'static str,
        fix: String,
    },
    #[error(transparent)]
    UnknownBackend(#[from] inference::UnknownBackend),
    #[error(transparent)]
    Http(#[from] Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    reason: Option<String>,
    by: Option<String>,
}

/// The routes under `/admin`.
pub(super) fn routes(gateway: Gateway, authenticator: Arc<Authenticator>, accounts: Accounts) -> Router {
    let door = Door {
        authenticator,
        accounts,
    };
    Router::new()
        .route("/backends", get(show))
        .route("/backends/{name}/{action}", post(act))
        .fallback(async || plain(&Error::NotFound))
        .method_not_allowed_fallback(async |uri: Uri| {
            let allowed = if uri.path().ends_with("/backends") {
                "GET"
            } else {
                "POST"
            };
            plain(&Error::MethodNotAllowed { allowed })
        })
        .with_state(gateway)
        .layer(middleware::from_fn_with_state(door, check_caller))
}

/// What decides who may give orders, and who is told of those that may not.
#[derive(Clone)]
struct Door {
    authenticator: Arc<Authenticator>,
    accounts: Accounts,
}

/// Only programs on this machine, and no pages of a browser; and of those, whoever may give orders.
async fn check_caller(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let local = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| peer.address.ip().to_canonical().is_loopback());
    if !local {
        return plain(&Error::NotFound);
    }
    if request.headers().contains_key(ORIGIN) {
        return plain(&Error::OriginNotAllowed);
    }
    if let Err(error) = Guard::loopback().check(request.uri(), request.headers()) {
        return plain(&error);
    }
    let peer = request.extensions().get();
    let admitted = authenticate(&door.authenticator, request.headers(), peer).await;
    let admitted = admitted.and_then(|principal| {
        check_scope(&door.accounts, &principal, Scope::Operate, (LABEL, &request))?;
        Ok(principal)
    });
    match admitted {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            forget(request.headers_mut());
            next.run(request).await
        }
        Err(refusal) => plain(&refusal.into()),
    }
}

async fn show(State(gateway): State<Gateway>) -> Response {
    let backends: Vec<_> = gateway.snapshot().backends.iter().map(status::describe).collect();
    json_response(StatusCode::OK, &json!({ "backends": backends }))
}

async fn act(State(gateway): State<Gateway>, request: Request) -> Response {
    match order(&gateway, request).await {
        Ok(answer) => answer,
        Err(refusal) => refuse(&refusal),
    }
}

async fn order(gateway: &Gateway, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let mut path = parts.uri.path().rsplit('/');
    let action = path.next().and_then(Action::parse).ok_or(Error::NotFound)?;
    let name = path.next().unwrap_or_default();
    // What a browser may send to any address without asking is no JSON.
    if !is_json(&parts.headers) {
        return Err(Error::UnsupportedMediaType.into());
    }
    let bytes = body::read_short(body, BODY_BYTES_MAX, BODY_LIMIT).await?;
    let order = read_order(&bytes)?;
    match action {
        Action::ForceOpen => gateway.force_open(name, order.clone())?,
        Action::ForceClosed => gateway.force_closed(name, order.clone())?,
        Action::Drain => gateway.drain_backend(name, order.clone())?,
        Action::Resume => gateway.resume(name, order.clone())?,
    }
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.address);
    audit(action, name, &order, peer, parts.extensions.get());
    let backends = gateway.snapshot().backends;
    let backend = backends.iter().find(|backend| backend.info.name == name);
    Ok(Json(json!({ "done": action.as_str(), "backend": backend.map(status::describe) })).into_response())
}

/// Reads an order: its reason is what the log and everybody who looks at the backend will see.
fn read_order(bytes: &[u8]) -> Result<Order, Refusal> {
    let fix = || format!("say why, in at most {REASON_CHARS_MAX} characters on one line");
    let invalid = |field, reason, fix| Refusal::Invalid { field, reason, fix };
    let wanted: Wanted = serde_json::from_slice(bytes).map_err(|_| {
        let fix = "send {\"reason\": \"…\"}, and nothing else but \"by\"".to_owned();
        invalid("body", "is not of this form", fix)
    })?;
    let reason = wanted.reason.as_deref().map(str::trim).unwrap_or_default();
    if reason.is_empty() {
        return Err(invalid("reason", "is missing", fix()));
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(invalid("reason", "is too long", fix()));
    }
    let by = wanted.by.as_deref().map_or("operator", str::trim);
    if by.is_empty() || by.chars().count() > NAME_CHARS_MAX {
        let fix = format!("send a name of at most {NAME_CHARS_MAX} characters, or leave it out");
        return Err(invalid("by", "is empty or too long", fix));
    }
    if reason.chars().chain(by.chars()).any(char::is_control) {
        return Err(invalid("reason", "or `by` has a control character", fix()));
    }
    Ok(Order::new(by, reason))
}

/// Writes down who ordered what, and why. Once: what follows from it is the breaker's to tell.
fn audit(
    action: Action,
    backend: &str,
    order: &Order,
    peer: Option<SocketAddr>,
    principal: Option<&Principal>,
) {
    let (action, by, reason) = (action.as_str(), order.by(), order.reason());
    let peer = peer.map(tracing::field::display);
    // What `by` says is the operator's own word; this was proved.
    let principal = principal.map(|principal| format!("{}/{}", principal.tenant(), principal.subject()));
    tracing::warn!(
        target: "audit",
        action,
        backend,
        by,
        reason,
        peer,
        principal,
        "{by} ordered {action} of {backend}: {reason}"
    );
}

fn refuse(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Http(error) => return plain(error),
        Refusal::Invalid { .. } => StatusCode::BAD_REQUEST,
        Refusal::UnknownBackend(_) => StatusCode::NOT_FOUND,
    };
    let code = refusal.code();
    let docs = crate::mcp::errors::docs(code);
    let detail = json!({ "code": code, "message": refusal.to_string(), "docs": docs });
    json_response(status, &json!({ "error": detail }))
}

#[cfg(test)]
mod tests;
