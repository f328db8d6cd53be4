//! MCP over HTTP: lets rmcp serve a request, and gives every refusal one shape.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Collected, Full, Limited};
use rmcp::model::{
    ClientJsonRpcMessage, JsonRpcError, JsonRpcResponse, JsonRpcVersion2_0, ProtocolVersion, RequestId,
};
use rmcp::transport::streamable_http_server::session::SessionId;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use super::direct::{self, Plain};
use super::errors::Error;
use super::handler::Handler;
use super::operation::Asked;
use super::sessions::{CALLER, Caller, SessionError, Sessions, Sleepers};
use crate::accounts::Origin;
use crate::shared::SharedSessions;
use crate::telemetry::trace_id;
use crate::tenancy::{Principal, Scopes, authorize};
use crate::tools::Definition;

/// What an endpoint answers with: JSON, or a stream of events.
pub type ResponseBody = BoxBody<Bytes, Infallible>;

/// A refusal, and the request it answers where that could be read.
pub type Refused = (Error, Option<RequestId>);

#[cfg(not(feature = "conformance"))]
type Served = Handler;
#[cfg(feature = "conformance")]
type Served = super::conformance::Fixtures;

/// Serves MCP requests of every supported revision.
#[derive(Clone)]
pub struct Endpoint {
    service: StreamableHttpService<Served, Sessions>,
    handler: Handler,
    sessions: Arc<Sessions>,
    /// Cancelled when nothing is to go on any more.
    end: CancellationToken,
}

impl Endpoint {
    /// Puts a handler behind HTTP. Cancelling `end` ends every session and every stream; those that are shared go on
    /// elsewhere.
    pub(crate) fn new(handler: Handler, shared: Option<SharedSessions>, end: CancellationToken) -> Self {
        let config = handler.config();
        let sessions = Arc::new(Sessions::new(config, shared));
        // Host, Origin and size were checked before a request comes here, for every route alike.
        let mut transport = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_json_response(true)
            .with_sse_keep_alive(Some(config.keep_alive))
            .with_max_request_body_bytes(usize::MAX)
            .with_cancellation_token(end.clone());
        transport.session_store = Some(Arc::new(Sleepers(Arc::clone(&sessions))));
        let served = serve_with(handler.clone());
        let service =
            StreamableHttpService::new(move || Ok(served.clone()), Arc::clone(&sessions), transport);
        Self {
            service,
            handler,
            sessions,
            end,
        }
    }

    /// Sessions open right now.
    pub fn sessions(&self) -> usize {
        self.sessions.open()
    }

    /// Serves one request of `principal`. Dropping the future cancels a stateless call.
    ///
    /// # Errors
    /// Whatever kept the request from becoming a JSON-RPC call.
    pub async fn handle(
        &self,
        mut parts: Parts,
        body: Bytes,
        principal: Principal,
    ) -> Result<Response<ResponseBody>, Refused> {
        if parts.method == Method::POST && !is_json(&parts.headers) {
            return Err((Error::UnsupportedMediaType, None));
        }
        // Read once: who may call a tool is asked with what was read, too.
        if let Some(call) = direct::read(&parts, &body)
            && let Some(tool) = self.handler.definition(&call.name)
        {
            self.check_scope(tool, &parts.headers, &body, &principal)?;
            return self.answer(call, &parts, principal).await;
        }
        if let Some(tool) = self.called(&body, &principal) {
            self.check_scope(tool, &parts.headers, &body, &principal)?;
        }
        // rmcp hands it on to the call.
        parts.extensions.insert(principal.clone());
        let session = session_id(&parts).filter(|_| !is_modern(&parts));
        let closes = parts.method == Method::DELETE;
        let caller = Caller::new(principal);
        let refused = Arc::clone(&caller.refused);
        let request = Request::from_parts(parts, Full::new(body.clone()));
        let response = CALLER
            .scope(caller, self.serve(request, session, closes))
            .await
            .map_err(|error| (error, request_id(&body)))?;
        let refusal = refusal(&response);
        let Some(status) = refusal else {
            return Ok(response);
        };
        Err(self
            .explain(status, response, &body, refused.load(Ordering::Relaxed))
            .await)
    }

    /// Answers a plain call of a tool that there is.
    async fn answer(
        &self,
        call: Plain,
        parts: &Parts,
        principal: Principal,
    ) -> Result<Response<ResponseBody>, Refused> {
        let Plain {
            id,
            name,
            arguments,
            meta,
        } = call;
        let asked = Asked::directly(&id, &meta, parts);
        let called = tokio::select! {
            biased;
            called = self.handler.call(principal, (&name, arguments), asked) => called,
            () = self.end.cancelled() => return Err((Error::Draining, Some(id))),
        };
        // Made of strings and numbers: writing them into memory cannot fail.
        let body = match called {
            Ok(result) => serde_json::to_vec(&JsonRpcResponse {
                jsonrpc: JsonRpcVersion2_0,
                id,
                result,
            }),
            Err(error) => serde_json::to_vec(&JsonRpcError::new(Some(id), error)),
        };
        let mut response = Response::new(Full::new(Bytes::from(body.unwrap_or_default())).boxed());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok(response)
    }

    /// The tool that a request is for, where it could be one that the caller may not call.
    fn called(&self, body: &[u8], principal: &Principal) -> Option<&Definition> {
        // Nothing has to be read for somebody who may do everything.
        if principal.scopes() == Scopes::all() {
            return None;
        }
        // What is no call of a tool, or cannot be read, is somebody else's to judge.
        let called = serde_json::from_slice::<Called>(body).ok();
        called
            .filter(|called| called.method == "tools/call")
            .and_then(|called| self.handler.definition(&called.params?.name))
    }

    /// Refuses a call that the caller may not make while a status can still say so; the catalogue would, too.
    fn check_scope(
        &self,
        tool: &Definition,
        headers: &HeaderMap,
        body: &[u8],
        principal: &Principal,
    ) -> Result<(), Refused> {
        authorize(principal, tool.scope).map_err(|refusal| {
            self.write_down(principal, tool.name, headers, body, refusal.code());
            (refusal.into(), request_id(body))
        })
    }

    /// Writes down that a call was refused here: the catalogue never sees it.
    fn write_down(
        &self,
        principal: &Principal,
        tool: &'static str,
        headers: &HeaderMap,
        body: &[u8],
        code: &'static str,
    ) {
        let refused: Option<RefusedCall> = serde_json::from_slice(body).ok();
        let params = refused.map(|refused| refused.params).unwrap_or_default();
        let client = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let trace_id = trace_id(&Span::none(), &[&params.meta, headers]);
        self.handler.accounts().refuse(
            principal,
            tool,
            &Origin::new(client, trace_id),
            // A map of texts and numbers, into memory: this cannot fail.
            || serde_json::to_vec(&params.arguments).unwrap_or_default(),
            code,
        );
    }

    async fn serve(
        &self,
        request: Request<Full<Bytes>>,
        session: Option<SessionId>,
        closes: bool,
    ) -> Result<Response<ResponseBody>, Error> {
        if let Some(id) = session {
            // rmcp says 202 to the closing of any session at all, and lets whoever asks while a session is being woken
            // go on with it.
            self.sessions
                .find(&id, closes)
                .await
                .map_err(|error| self.refuse(&error))?;
            if !closes && self.sessions.is_asleep(&id) {
                return self.wake_and_serve(request).await;
            }
        }
        Ok(self.service.handle(request).await)
    }

    fn refuse(&self, error: &SessionError) -> Error {
        match error {
            SessionError::TooMany => Error::TooManySessions {
                limit: self.sessions.max(),
            },
            SessionError::NotFound => Error::SessionNotFound,
            SessionError::Local(_) => Error::Internal,
        }
    }

    /// Serves a request in a task of its own: a client that leaves must not leave its session half awake.
    async fn wake_and_serve(&self, request: Request<Full<Bytes>>) -> Result<Response<ResponseBody>, Error> {
        let service = self.service.clone();
        let caller = CALLER.with(Caller::clone);
        let served = tokio::spawn(CALLER.scope(caller, async move { service.handle(request).await }));
        served.await.map_err(|_| Error::Internal)
    }

    /// Says in our words what rmcp refused in plain text.
    async fn explain(
        &self,
        status: StatusCode,
        response: Response<ResponseBody>,
        body: &[u8],
        no_room: bool,
    ) -> Refused {
        let id = request_id(body);
        let error = match status {
            StatusCode::INTERNAL_SERVER_ERROR if no_room => Error::TooManySessions {
                limit: self.sessions.max(),
            },
            StatusCode::INTERNAL_SERVER_ERROR if self.end.is_cancelled() => Error::Draining,
            StatusCode::NOT_FOUND => Error::SessionNotFound,
            StatusCode::NOT_ACCEPTABLE => Error::NotAcceptable,
            StatusCode::METHOD_NOT_ALLOWED => {
                let only_post = response
                    .headers()
                    .get(header::ALLOW)
                    .is_some_and(|allowed| allowed == "POST");
                Error::MethodNotAllowed {
                    allowed: if only_post { "POST" } else { "GET, POST, DELETE" },
                }
            }
            // The content type was looked at before, so what rmcp could not read is the body.
            StatusCode::UNSUPPORTED_MEDIA_TYPE => match parse(body) {
                Err(refused) => return refused,
                Ok(_) => Error::InvalidMessage,
            },
            StatusCode::BAD_REQUEST => Error::BadRequest {
                reason: text(response).await,
            },
            _ => Error::Internal,
        };
        (error, id)
    }
}

/// As much of a call as says which tool it is for.
#[derive(serde::Deserialize)]
struct Called {
    method: String,
    params: Option<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: String,
}

/// What is written down of a call that is refused.
#[derive(serde::Deserialize)]
struct RefusedCall {
    params: RefusedParams,
}

#[derive(Default, serde::Deserialize)]
struct RefusedParams {
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default, rename = "_meta")]
    meta: Map<String, Value>,
}

#[cfg(not(feature = "conformance"))]
fn serve_with(handler: Handler) -> Served {
    handler
}

#[cfg(feature = "conformance")]
fn serve_with(handler: Handler) -> Served {
    super::conformance::Fixtures::new(handler)
}

/// Reads a message, or says what it is instead.
pub(crate) fn parse(body: &[u8]) -> Result<ClientJsonRpcMessage, Refused> {
    if let Ok(message) = serde_json::from_slice(body) {
        return Ok(message);
    }
    // What is JSON, and no message, is told apart by reading it again.
    Err(match serde_json::from_slice::<Value>(body) {
        Ok(_) => (Error::InvalidMessage, request_id(body)),
        Err(error) => (
            Error::ParseError {
                reason: error.to_string(),
            },
            None,
        ),
    })
}

/// The id of a request that may be wrong in every other way.
fn request_id(body: &[u8]) -> Option<RequestId> {
    let message: Map<String, Value> = serde_json::from_slice(body).ok()?;
    serde_json::from_value(message.get("id")?.clone()).ok()
}

/// Whether a body is said to be JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether the revision is one without sessions.
fn is_modern(parts: &Parts) -> bool {
    let version = parts
        .headers
        .get("mcp-protocol-version")
        .and_then(|value| value.to_str().ok());
    version.is_some_and(|version| version >= ProtocolVersion::V_2026_07_28.as_str())
}

fn session_id(parts: &Parts) -> Option<SessionId> {
    parts
        .headers
        .get("mcp-session-id")
        .and_then(|value| value.to_str().ok())
        .map(SessionId::from)
}

/// The status of a response that refuses without saying so in JSON.
fn refusal(response: &Response<ResponseBody>) -> Option<StatusCode> {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    (!status.is_success() && !is_json).then_some(status)
}

/// rmcp's own words, of which its refusals have a few hundred bytes at most.
async fn text(response: Response<ResponseBody>) -> String {
    let words = Limited::new(response.into_body(), 4096)
        .collect()
        .await
        .map(Collected::to_bytes);
    let words = words.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    words.trim_start_matches("Bad Request: ").to_owned()
}
