//! One request of the protocol, as it is measured and traced: from where rmcp hands it over to its result.

use http::request::Parts;
use rmcp::RoleServer;
use rmcp::model::{ProgressToken, ProtocolVersion, RequestId, RequestMetaObject};
use rmcp::service::RequestContext;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::Span;

use super::Config;
use crate::telemetry::{Carrier, McpRequest, Operations};

/// What the conventions call the failure of a tool that its caller's model reads about.
pub(super) const TOOL_ERROR: &str = "tool_error";

/// What a request says beside its parameters.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    id: &'a RequestId,
    pub(super) meta: &'a RequestMetaObject,
    /// How it came; not at all by HTTP on standard input.
    http: Option<&'a Parts>,
    /// Where rmcp serves it: the way back to the client, for what is told before the answer.
    context: Option<&'a RequestContext<RoleServer>>,
}

impl<'a> Asked<'a> {
    /// Of a request that rmcp serves.
    pub(super) fn of(context: &'a RequestContext<RoleServer>) -> Self {
        Self {
            id: &context.id,
            meta: &context.meta,
            http: context.extensions.get(),
            context: Some(context),
        }
    }

    /// Of one that was read by ourselves, in revision 2026-07-28.
    pub(super) fn directly(id: &'a RequestId, meta: &'a RequestMetaObject, http: &'a Parts) -> Self {
        Self {
            id,
            meta,
            http: Some(http),
            context: None,
        }
    }

    /// The revision of the protocol that it is written in.
    pub(super) fn version(&self) -> Option<ProtocolVersion> {
        match self.context {
            Some(context) => context.protocol_version(),
            None => Some(ProtocolVersion::V_2026_07_28),
        }
    }

    /// Where its caller may have said which trace it belongs to, in the order in which they are believed.
    pub(super) fn carriers(&self) -> [&'a dyn Carrier; 2] {
        let headers: &dyn Carrier = match self.http {
            Some(parts) => &parts.headers,
            None => &Nowhere,
        };
        [self.meta, headers]
    }

    /// What its caller's program says it is.
    pub(super) fn client(&self) -> Option<String> {
        let client = match self.context {
            Some(context) => context.client_info(),
            None => self.meta.client_info(),
        };
        client.map(|client| client.name)
    }

    /// Where and under which token the caller wants to be told how far it is, if it does.
    pub(super) fn listener(&self) -> Option<(&'a RequestContext<RoleServer>, ProgressToken)> {
        Some((self.context?, self.meta.get_progress_token()?))
    }

    /// Waits until the caller takes it back in words; who just leaves drops the work.
    pub(super) async fn taken_back(&self) {
        match self.context {
            Some(context) => context.ct.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

/// A request under way.
pub(super) struct Operation {
    method: &'static str,
    tool: &'static str,
    began: Instant,
    operations: Operations,
    pub(super) span: Span,
    /// What counts as its end when nothing else is said: whoever drops it cancelled it.
    error: &'static str,
}

/// Standard input has no headers.
struct Nowhere;

impl Carrier for Nowhere {
    fn field(&self, _: &str) -> Option<&str> {
        None
    }
}

impl Carrier for RequestMetaObject {
    fn field(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

impl Carrier for Map<String, Value> {
    fn field(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

impl Operation {
    /// Begins. `tool` is one that there is, or empty.
    pub(super) fn begin(config: &Config, method: &'static str, tool: &'static str, asked: Asked<'_>) -> Self {
        Self {
            method,
            tool,
            began: Instant::now(),
            operations: config.operations.clone(),
            span: span(config, method, tool, asked),
            error: "cancelled",
        }
    }

    /// Ends; `error` is one of a closed set, or empty.
    pub(super) fn end(mut self, error: &'static str) {
        self.error = error;
        if !error.is_empty() {
            self.span.record("error.type", error);
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let Self {
            method, tool, error, ..
        } = *self;
        let took = self.began.elapsed();
        let Self { operations, span, .. } = self;
        // Within its span, so that a slow one is found by its trace.
        span.in_scope(|| operations.ended(method, tool, error, took));
    }
}

fn span(config: &Config, method: &'static str, tool: &'static str, asked: Asked<'_>) -> Span {
    if !config.traces.is_on() {
        return Span::none();
    }
    let session = asked.http.and_then(|parts| parts.headers.field("mcp-session-id"));
    let version = asked.version();
    let request = McpRequest {
        method,
        tool,
        protocol_version: version.as_ref().map(ProtocolVersion::as_str),
        request_id: asked.id,
        session,
        transport: if asked.http.is_some() { "tcp" } else { "pipe" },
    };
    config.traces.mcp(&request, &asked.carriers())
}
