//! The chat completions API of OpenAI, over the same gateway and the same rules as the tools.
//!
//! A `model` is the name of a chain. Whoever answered stands in headers or, of a stream, in the last chunk;
//! what cannot be done is refused by name; failures carry our codes in OpenAI's shape.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Uri};
use inference::{Call, CallError, Deadline, Gateway, Visibility};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

use super::body::{Bodies, Held};
use crate::accounts::{Account, Accounts, End};
use crate::mcp::{errors as protocol, is_json};
use crate::telemetry::{Traces, trace_id};
use crate::tenancy::{Principal, TenantRules};
use answer::{Chunks, Letterhead};
use completion::Asked;
use headers::Wishes;
pub(super) use headers::origin;
use models::Models;

mod answer;
mod completion;
mod errors;
mod format;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
mod headers;
mod models;
mod request;
mod shown;
mod stream;
mod tools;

pub(super) use errors::Error;

/// What calls are counted as.
pub(crate) const LABEL: &str = "chat_completions";

/// How calls are bounded.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long a call may take; a caller may ask for less in `x-b2x-deadline-ms`.
    pub deadline: Duration,
    /// How often a silent stream gives a sign of life, so that proxies keep it open.
    pub keep_alive: Duration,
    /// How far each tenant's text may travel.
    pub tenants: Arc<TenantRules>,
    /// What each tenant may use, and where calls are written down.
    pub accounts: Accounts,
    /// Which calls are traced.
    pub traces: Traces,
}

/// Serves `/v1`. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    shared: Arc<Shared>,
}

struct Shared {
    gateway: Gateway,
    models: Models,
    /// The model of each backend, by its name.
    backend_models: Arc<HashMap<String, String>>,
    config: Config,
    http: Arc<super::Config>,
    bodies: Arc<Bodies>,
    /// Counts calls until the end of their answers.
    calls: TaskTracker,
    /// Cancelled when nothing is to go on any more.
    end: CancellationToken,
}

impl Api {
    pub(super) fn new(
        gateway: Gateway,
        config: Config,
        http: Arc<super::Config>,
        bodies: Arc<Bodies>,
        calls: TaskTracker,
        end: CancellationToken,
    ) -> Self {
        let backends = gateway.snapshot().backends;
        let models = backends
            .into_iter()
            .map(|backend| (backend.info.name, backend.info.model));
        Self {
            shared: Arc::new(Shared {
                models: Models::new(gateway.chains(), answer::seconds_since_1970()),
                backend_models: Arc::new(models.collect()),
                gateway,
                config,
                http,
                bodies,
                calls,
                end,
            }),
        }
    }

    /// Everything under `/v1`.
    pub(super) fn routes(self) -> Router {
        let nothing = async || Error::from(protocol::Error::NotFound).into_response();
        Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/v1/models", get(list_models))
            .route("/v1/models/{id}", get(show_model))
            .method_not_allowed_fallback(async |uri: Uri| {
                let allowed = if uri.path().ends_with("/completions") {
                    "POST"
                } else {
                    "GET"
                };
                Error::from(protocol::Error::MethodNotAllowed { allowed }).into_response()
            })
            .route("/v1", any(nothing))
            .route("/v1/", any(nothing))
            .route("/v1/{*rest}", any(nothing))
            .with_state(self)
    }

    async fn answer(&self, principal: Principal, request: Request) -> Result<Response, Error> {
        let Shared {
            bodies,
            calls,
            models,
            ..
        } = &*self.shared;
        let (parts, body) = request.into_parts();
        let token = calls.token();
        if !is_json(&parts.headers) {
            return Err(protocol::Error::UnsupportedMediaType.into());
        }
        let wishes = Wishes::read(&parts.headers, self.shared.config.deadline)?;
        let Held { bytes, room: _held } = bodies.read(body).await?;
        let accounts = &self.shared.config.accounts;
        let origin = origin(&parts.headers);
        let mut account = accounts.open(&principal, LABEL, &origin, || bytes.clone());
        let asked = Asked::read(&bytes).and_then(|asked| models.check(&asked.model).map(|()| asked));
        drop(bytes);
        let Asked {
            model,
            mut request,
            stream,
            include_usage,
        } = match asked {
            Ok(asked) => asked,
            Err(error) => return Err(refuse(account, error)),
        };
        let rule = self.shared.config.tenants.of(principal.tenant());
        request.travel = rule.narrowed(wishes.data_class, wishes.residency);
        let standing = match account.reserve(&request, Some(&model)).await {
            Ok(standing) => standing,
            Err(refused) => {
                self.shared.gateway.count_over_quota(LABEL);
                return Err(refuse(account, refused.into()));
            }
        };
        let letterhead = Letterhead::new(model.clone());
        let traces = &self.shared.config.traces;
        let span = traces.chat(&model, &parts.headers);
        account.note_trace(trace_id(&span, &[]));
        let agreed = traces.shows(&span, principal.tenant(), request.travel);
        if agreed {
            shown::question(&span, &request.messages);
        }
        let call = Call {
            chain: Some(model),
            tenant: principal.tenant_key(),
            priority: wishes.priority,
            ..Call::new(LABEL, request, Deadline::after(wishes.deadline))
        };
        if !stream {
            let shown = agreed.then(|| span.clone());
            let whole = self.whole(letterhead, call, account, shown);
            let mut response = whole.instrument(span).await?;
            headers::write_standing(response.headers_mut(), &standing);
            return Ok(response);
        }
        let call = Call {
            visibility: wishes.visibility(),
            ..call
        };
        let deadline = call.deadline;
        let started = span.in_scope(|| self.shared.gateway.start(call));
        let mut events = match started {
            Ok(events) => account.follow(events),
            Err(error) => return Err(fail(account, error)),
        };
        if agreed {
            events = shown::at_end(events, span);
        }
        let mut response = stream::respond(stream::Parts {
            deadline,
            events,
            chunks: Chunks {
                letterhead,
                include_usage,
            },
            models: Arc::clone(&self.shared.backend_models),
            keep_alive: self.shared.config.keep_alive,
            end: self.shared.end.clone(),
            token,
        })
        .await?;
        headers::write_standing(response.headers_mut(), &standing);
        Ok(response)
    }

    /// Answers when all is there. Dropping the future cancels the call.
    async fn whole(
        &self,
        letterhead: Letterhead,
        call: Call,
        account: Account,
        shown: Option<Span>,
    ) -> Result<Response, Error> {
        let answer = tokio::select! {
            biased;
            answer = self.shared.gateway.complete(call) => answer,
            () = self.shared.end.cancelled() => return Err(CallError::Draining.into()),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(fail(account, error)),
        };
        account.close(End::Answered(&answer.facts));
        if let Some(span) = shown {
            shown::answer(&span, &answer);
        }
        let mut response = json(answer::whole(&letterhead, &answer));
        headers::write_facts(response.headers_mut(), &answer.facts);
        Ok(response)
    }
}

/// Ends the account of a call that is not let in.
fn refuse(account: Account, error: Error) -> Error {
    account.close(End::Refused(error.map().code));
    error
}

/// Ends the account of a call that has no answer.
fn fail(account: Account, error: CallError) -> Error {
    account.close(End::of_error(&error));
    error.into()
}

async fn complete(
    State(api): State<Api>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Response {
    let limit = api.shared.http.request_timeout;
    match tokio::time::timeout(limit, api.answer(principal, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => error.into_response(),
        Err(_) => Error::from(protocol::Error::RequestTimeout { limit }).into_response(),
    }
}

async fn list_models(State(api): State<Api>) -> Response {
    json(api.shared.models.list())
}

async fn show_model(State(api): State<Api>, uri: Uri) -> Response {
    // Names need no escaping, so an escaped one is none of them.
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    match api.shared.models.show(name) {
        Ok(model) => json(model),
        Err(error) => error.into_response(),
    }
}

fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl Wishes {
    /// Whether a stream may begin again, or ends where it broke.
    fn visibility(&self) -> Visibility {
        if self.restart {
            Visibility::Streamed
        } else {
            Visibility::Irrevocable
        }
    }
}

#[cfg(test)]
mod tests;
