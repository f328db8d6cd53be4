//! Every route there is, and what each request passes on its way.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use inference::Gateway;
use tokio_stream::StreamExt;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use super::guard::Guard;
use super::health::{self, Health};
use super::openai::{self, Api};
use super::{Config, admin, body, refusals};
use crate::RenderMetrics;
use crate::mcp::errors::Error;
use crate::mcp::{Endpoint, Refused, ResponseBody};
use crate::tenancy::Principal;

/// What `/mcp` needs.
#[derive(Clone)]
pub(super) struct Mcp {
    pub(super) endpoint: Endpoint,
    pub(super) guard: Arc<Guard>,
    pub(super) config: Arc<Config>,
    /// Counts calls until the end of their answers. Streams that end only with their client are left out.
    pub(super) calls: TaskTracker,
}

/// The routes of the main listener.
pub(super) fn main(mcp: Mcp, api: Api, health: Health) -> Router {
    let guarded = Router::new()
        .route("/mcp", any(serve_mcp))
        .with_state(mcp.clone())
        .nest("/v1", api.routes())
        // Whoever is not us or comes from a strange page learns nothing but that.
        .layer(middleware::from_fn_with_state(mcp, check_source));
    let probes = Router::new()
        .route("/health/live", get(health::live_probe))
        .route("/health/ready", get(health::ready_probe))
        .route("/health/startup", get(health::startup_probe))
        // Not guarded: the kubelet asks by the pod's address.
        .with_state(health);
    finish(guarded.merge(probes))
}

/// The routes of the metrics listener: for whoever watches, and for whoever then acts.
pub(super) fn watched(render: RenderMetrics, gateway: Gateway) -> Router {
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
            .nest("/admin", admin::routes(gateway)),
    )
}

fn finish(router: Router) -> Router {
    router
        .fallback(async || refusals::plain(&Error::NotFound))
        .method_not_allowed_fallback(async || refusals::plain(&Error::MethodNotAllowed { allowed: "GET" }))
        .layer(CatchPanicLayer::custom(|_| refusals::plain(&Error::Internal)))
}

async fn check_source(State(mcp): State<Mcp>, request: Request, next: Next) -> Response {
    let is_openai = request.uri().path().starts_with("/v1/");
    match mcp.guard.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            tracing::warn!(
                code = error.map().code,
                "refused a request for where it came from"
            );
            if is_openai {
                openai::Error::from(error).into_response()
            } else {
                refusals::json_rpc(&error, None)
            }
        }
    }
}

async fn serve_mcp(State(mcp): State<Mcp>, request: Request) -> Response {
    let limit = mcp.config.request_timeout;
    match tokio::time::timeout(limit, answer(&mcp, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err((error, id))) => refusals::json_rpc(&error, id),
        Err(_) => refusals::json_rpc(&Error::RequestTimeout { limit }, None),
    }
}

async fn answer(mcp: &Mcp, request: Request) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let call = is_call(&parts).then(|| mcp.calls.token());
    // The place of authentication. Until there is one, only loopback addresses are bound.
    let principal = Principal::development();
    let body = body::read(body, mcp.config.max_body_bytes, mcp.config.body_read_timeout)
        .await
        .map_err(|error| (error, None))?;
    let response = mcp.endpoint.handle(parts, body, principal).await?;
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
