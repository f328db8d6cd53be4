//! One request of the protocol, as it is measured and traced: from where rmcp hands it over to its result.

use rmcp::RoleServer;
use rmcp::model::RequestMetaObject;
use rmcp::service::RequestContext;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::Span;

use super::Config;
use crate::telemetry::{Carrier, McpRequest, Operations};

/// What the conventions call the failure of a tool that its caller's model reads about.
pub(super) const TOOL_ERROR: &str = "tool_error";

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
    pub(super) fn begin(
        config: &Config,
        method: &'static str,
        tool: &'static str,
        context: &RequestContext<RoleServer>,
    ) -> Self {
        Self {
            method,
            tool,
            began: Instant::now(),
            operations: config.operations.clone(),
            span: span(config, method, tool, context),
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

fn span(
    config: &Config,
    method: &'static str,
    tool: &'static str,
    context: &RequestContext<RoleServer>,
) -> Span {
    if !config.traces.is_on() {
        return Span::none();
    }
    let parts = context.extensions.get::<http::request::Parts>();
    let session = parts.and_then(|parts| parts.headers.field("mcp-session-id"));
    let version = context.protocol_version();
    let request = McpRequest {
        method,
        tool,
        protocol_version: version.as_ref().map(rmcp::model::ProtocolVersion::as_str),
        request_id: &context.id,
        session,
        transport: if parts.is_some() { "tcp" } else { "pipe" },
    };
    config.traces.mcp(&request, &carriers(context))
}

/// Where a caller may have said which trace a request belongs to, in the order in which they are believed.
pub(super) fn carriers(context: &RequestContext<RoleServer>) -> Vec<&dyn Carrier> {
    let parts = context.extensions.get::<http::request::Parts>();
    let headers = parts.map(|parts| -> &dyn Carrier { &parts.headers });
    let meta: &dyn Carrier = &context.meta;
    std::iter::once(meta).chain(headers).collect()
}
