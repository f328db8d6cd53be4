//! Every route there is, and what each request passes on its way.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use inference::Gateway;
use tokio_stream::StreamExt;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use super::body::{Bodies, Held};
use super::guard::Guard;
use super::health::{self, Health};
use super::listener::Peer;
use super::openai::{self, Api};
use super::{Config, admin, challenge, refusals};
use crate::RenderMetrics;
use crate::accounts::Accounts;
use crate::mcp::errors::Error;
use crate::mcp::{Endpoint, Refused, ResponseBody};
use crate::tenancy::{Authenticator, Principal, Refusal, Scope, authorize, forget};

/// What `/mcp` needs, and whatever else wants to know who calls.
pub(super) struct Mcp {
    pub(super) endpoint: Endpoint,
    pub(super) guard: Arc<Guard>,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) config: Arc<Config>,
    pub(super) bodies: Arc<Bodies>,
    pub(super) accounts: Accounts,
    /// Counts calls until the end of their answers. Streams that end only with their client are left out.
    pub(super) calls: TaskTracker,
}

/// The routes of the main listener.
pub(super) fn main(mcp: Mcp, api: Api, health: Health) -> Router {
    let mcp = Arc::new(mcp);
    let guarded = Router::new()
        .route("/mcp", any(serve_mcp))
        .with_state(Arc::clone(&mcp))
        .merge(api.routes())
        .layer(middleware::from_fn_with_state(Arc::clone(&mcp), admit));
    let metadata = challenge::routes(&mcp.authenticator)
        .layer(middleware::from_fn_with_state(Arc::clone(&mcp), check_source));
    let probes = Router::new()
        .route("/health/live", get(health::live_probe))
        .route("/health/ready", get(health::ready_probe))
        .route("/health/startup", get(health::startup_probe))
        // Not guarded: the kubelet asks by the pod's address.
        .with_state(health);
    finish(guarded.merge(metadata).merge(probes))
}

/// The routes of the metrics listener: for whoever watches, and for whoever then acts.
pub(super) fn watched(
    render: RenderMetrics,
    gateway: Gateway,
    authenticator: Arc<Authenticator>,
    accounts: Accounts,
) -> Router {
    let render = move || {
        let text = render();
        async move {
            let mut response = Response::new(Body::from(text));
            let text = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(text));
            response
        }
    };
    finish(
        Router::new()
            .route("/metrics", get(render))
            .nest("/admin", admin::routes(gateway, authenticator, accounts)),
    )
}

fn finish(router: Router) -> Router {
    router
        .fallback(async || refusals::plain(&Error::NotFound))
        .method_not_allowed_fallback(async || refusals::plain(&Error::MethodNotAllowed { allowed: "GET" }))
        .layer(CatchPanicLayer::custom(|_| refusals::plain(&Error::Internal)))
}

async fn check_source(State(mcp): State<Arc<Mcp>>, request: Request, next: Next) -> Response {
    match is_from_here(&mcp.guard, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(error, false),
    }
}

/// Whoever is not meant for us or comes from a strange page learns nothing but that.
fn is_from_here(guard: &Guard, request: &Request) -> Result<(), Error> {
    guard
        .check(request.uri(), request.headers())
        .inspect_err(|error| {
            tracing::warn!(
                code = error.map().code,
                "refused a request for where it came from"
            );
        })
}

/// Whether a request wants its refusals in OpenAI's shape.
fn is_openai(request: &Request) -> bool {
    request.uri().path().starts_with("/v1/")
}

fn refuse(error: Error, is_openai: bool) -> Response {
    if is_openai {
        openai::Error::from(error).into_response()
    } else {
        refusals::json_rpc(&error, None)
    }
}

/// Finds out where a request comes from and who asks, on every request, and hands it on. One step for all of it: each
/// costs a call as much as what is done in it.
async fn admit(State(mcp): State<Arc<Mcp>>, mut request: Request, next: Next) -> Response {
    let is_openai = is_openai(&request);
    if let Err(error) = is_from_here(&mcp.guard, &request) {
        return refuse(error, is_openai);
    }
    let found = authenticate(&mcp.authenticator, request.headers(), request.extensions().get()).await;
    let found = found.and_then(|principal| {
        if is_openai {
            check_scope(&mcp.accounts, &principal, Scope::Chat, (openai::LABEL, &request))?;
        }
        Ok(principal)
    });
    let mut response = match found {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            forget(request.headers_mut());
            next.run(request).await
        }
        Err(refusal) => refuse(refusal.into(), is_openai),
    };
    challenge::complete(&mut response, &mcp.authenticator, is_openai);
    response
}

/// Whether somebody may ask for anything here; a known caller that may not stands in the audit trail, under that name.
pub(super) fn check_scope(
    accounts: &Accounts,
    principal: &Principal,
    scope: Scope,
    (label, request): (&'static str, &Request),
) -> Result<(), Refusal> {
    authorize(principal, scope).inspect_err(|refusal| {
        // Its body is not read: that of an empty one stands for it.
        let origin = openai::origin(request.headers());
        accounts.refuse(principal, label, &origin, || b"", refusal.code());
    })
}

/// Who makes a request, or why nobody can tell. Refusals are logged here, once.
pub(super) async fn authenticate(
    authenticator: &Authenticator,
    headers: &HeaderMap,
    peer: Option<&Peer>,
) -> Result<Principal, Refusal> {
    let found = match peer.map_or(Ok(None), Peer::names) {
        Ok(names) => authenticator.authenticate(headers, names).await,
        Err(refusal) => Err(refusal),
    };
    if let Err(refusal) = &found {
        tracing::warn!(
            target: "security",
            code = refusal.code(),
            reason = refusal.reason(),
            peer = peer.map(|peer| tracing::field::display(peer.address)),
            "refused a request for who sent it"
        );
    }
    found
}

async fn serve_mcp(
    State(mcp): State<Arc<Mcp>>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Response {
    let limit = mcp.config.request_timeout;
    match tokio::time::timeout(limit, answer(&mcp, principal, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err((error, id))) => refusals::json_rpc(&error, id),
        Err(_) => refusals::json_rpc(&Error::RequestTimeout { limit }, None),
    }
}

async fn answer(mcp: &Mcp, principal: Principal, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let call = is_call(&parts).then(|| mcp.calls.token());
    let Held { bytes, room: _held } = mcp.bodies.read(body).await.map_err(|error| (error, None))?;
    let response = mcp.endpoint.handle(parts, bytes, principal).await?;
    Ok(response.map(|body| keep_until_end(body, call)))
}

/// Whether an answer is owed that ends by itself.
fn is_call(parts: &http::request::Parts) -> bool {
    let listens = parts
        .headers
        .get("mcp-method")
        .is_some_and(|method| method == "subscriptions/listen");
    parts.method == http::Method::POST && !listens
}

/// Holds on to `kept` for as long as the body is being sent.
fn keep_until_end<K: Send + 'static>(body: ResponseBody, kept: K) -> Body {
    use http_body_util::BodyExt;
    // A body of known length is whole already; hyper sends it before it closes the connection.
    if http_body::Body::size_hint(&body).exact().is_some() {
        return Body::new(body);
    }
    Body::from_stream(body.into_data_stream().map(move |chunk| {
        let _ = &kept;
        chunk
    }))
}
