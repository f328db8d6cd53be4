//! Which calls are traced, and the spans that they begin with.
//!
//! Whether a call is traced is decided once, where it comes in: by its caller where that says so, else by lot. Of one
//! that is not traced no span is made at all, here or further down.

use std::{borrow::Cow, collections::HashSet, fmt, sync::Arc};

use inference::{SPAN_TARGET, TravelRule};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{IdGenerator, RandomIdGenerator},
};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The name of every span that a trace begins with here: listeners take no other without one above it.
pub(super) const ROOT: &str = "call";

/// Bytes of an argument, a prompt or an answer that are shown at most.
const SHOWN_MAX: usize = 16 * 1024;

/// Which calls are traced, and whose content may be shown. Cheap to clone; by default none.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Rule>>);

struct Rule {
    /// Traced are lots below this.
    below: u64,
    everything: bool,
    content_tenants: HashSet<String>,
}

/// Where a caller may have said which trace its call belongs to.
pub(crate) trait Carrier {
    /// The value of a field: `traceparent` or `tracestate`.
    fn field(&self, name: &str) -> Option<&str>;
}

impl Carrier for http::HeaderMap {
    fn field(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str().ok()
    }
}

/// A call of a tool, or another request of MCP.
pub(crate) struct McpRequest<'a> {
    pub(crate) method: &'static str,
    /// The tool called; empty where there is none.
    pub(crate) tool: &'static str,
    pub(crate) protocol_version: Option<&'a str>,
    pub(crate) request_id: &'a dyn fmt::Display,
    pub(crate) session: Option<&'a str>,
    /// `tcp` or `pipe`.
    pub(crate) transport: &'static str,
}

impl Traces {
    /// Traces this share of the calls whose callers do not say, and shows what these tenants' calls hold.
    pub fn new(share: f64, content_tenants: HashSet<String>) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of all lots, to the precision of an f64; the conversion saturates"
        )]
        let below = (share * u64::MAX as f64) as u64;
        Self(Some(Arc::new(Rule {
            below,
            everything: share >= 1.0,
            content_tenants,
        })))
    }

    /// Whether any call may be traced.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins the span of a request of MCP. `carriers` come in the order in which they are believed; a span that
    /// another names is linked.
    pub(crate) fn mcp(&self, request: &McpRequest<'_>, carriers: &[&dyn Carrier]) -> Span {
        self.begin(carriers, || {
            let name = if request.tool.is_empty() {
                Cow::Borrowed(request.method)
            } else {
                Cow::Owned(format!("{} {}", request.method, request.tool))
            };
            info_span!(
                target: SPAN_TARGET,
                ROOT,
                otel.name = &*name,
                otel.kind = "server",
                otel.status_code = Empty,
                mcp.method.name = request.method,
                mcp.protocol.version = request.protocol_version,
                mcp.session.id = request.session,
                jsonrpc.request.id = %request.request_id,
                network.transport = request.transport,
                gen_ai.operation.name = (!request.tool.is_empty()).then_some("execute_tool"),
                gen_ai.tool.name = (!request.tool.is_empty()).then_some(request.tool),
                gen_ai.tool.call.arguments = Empty,
                gen_ai.tool.call.result = Empty,
                b2xgate.backend = Empty,
                b2xgate.degraded = Empty,
                b2xgate.code = Empty,
                "error.type" = Empty,
            )
        })
    }

    /// Begins the span of a chat completion.
    pub(crate) fn chat(&self, model: &str, headers: &http::HeaderMap) -> Span {
        self.begin(&[headers], || {
            info_span!(
                target: SPAN_TARGET,
                ROOT,
                otel.name = format!("chat {model}"),
                otel.kind = "server",
                otel.status_code = Empty,
                http.request.method = "POST",
                http.route = "/v1/chat/completions",
                network.transport = "tcp",
                gen_ai.operation.name = "chat",
                gen_ai.request.model = model,
                gen_ai.input.messages = Empty,
                gen_ai.output.messages = Empty,
                b2xgate.backend = Empty,
                b2xgate.degraded = Empty,
                b2xgate.code = Empty,
            )
        })
    }

    fn begin(&self, carriers: &[&dyn Carrier], make: impl FnOnce() -> Span) -> Span {
        let Some(rule) = &self.0 else {
            return Span::none();
        };
        let mut named = carriers.iter().filter_map(|carrier| read(*carrier));
        let parent = named.next();
        let traced = parent
            .as_ref()
            .map_or_else(|| rule.draws(), SpanContext::is_sampled);
        if !traced {
            return Span::none();
        }
        let span = make();
        if let Some(parent) = parent {
            // Refused only of a span that has begun, or that nobody listens to.
            let _ = span.set_parent(Context::new().with_remote_span_context(parent));
        }
        for other in named {
            span.add_link(other);
        }
        span
    }

    /// Whether what a traced call holds may be shown: where its tenant agreed, and the text may leave this process.
    pub(crate) fn shows(&self, span: &Span, tenant: &str, travel: TravelRule) -> bool {
        let agreed = |rule: &Arc<Rule>| rule.content_tenants.contains(tenant);
        !span.is_disabled() && travel.lets_leave() && self.0.as_ref().is_some_and(agreed)
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").field("on", &self.0.is_some()).finish()
    }
}

impl Rule {
    fn draws(&self) -> bool {
        let lot = || {
            let [_, _, _, _, _, _, _, _, low @ ..] = RandomIdGenerator::default().new_trace_id().to_bytes();
            u64::from_be_bytes(low)
        };
        self.everything || (self.below > 0 && lot() < self.below)
    }
}

/// The trace that a call belongs to: the one that it is traced in, else the first that `carriers` name.
pub(crate) fn trace_id(span: &Span, carriers: &[&dyn Carrier]) -> Option<String> {
    let own = || {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then_some(context)
    };
    let traced = if span.is_disabled() { None } else { own() };
    let named = || carriers.iter().find_map(|carrier| read(*carrier));
    traced
        .or_else(named)
        .map(|context| context.trace_id().to_string())
}

/// Shows content on a span, and no more of it than fits.
pub(crate) fn show(span: &Span, attribute: &'static str, content: &str) {
    span.record(attribute, &content[..content.floor_char_boundary(SHOWN_MAX)]);
}

/// The trace that the code at hand runs in, and its span there, where it is traced.
pub(super) fn current() -> Option<SpanContext> {
    Context::map_current(|context| {
        context
            .has_active_span()
            .then(|| context.span().span_context().clone())
            .filter(SpanContext::is_valid)
    })
}

/// Whether the code at hand runs in a trace.
pub(super) fn is_within() -> bool {
    Context::map_current(Context::has_active_span)
}

struct Fields<'a>(&'a dyn Carrier);

impl Extractor for Fields<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.field(key)
    }

    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }
}

/// Whether the ids have their full length: the propagator would fill up shorter ones.
fn is_whole(traceparent: &str) -> bool {
    let mut parts = traceparent.split('-').map(str::len);
    [2, 32, 16].iter().all(|length| parts.next() == Some(*length))
}

/// What a carrier says, if it can be read: what cannot is as good as nothing, as the specification has it.
fn read(carrier: &dyn Carrier) -> Option<SpanContext> {
    carrier.field("traceparent").filter(|text| is_whole(text))?;
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Fields(carrier));
    let named = context.span().span_context().clone();
    named.is_valid().then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_cannot_be_read_is_none() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |traceparent: &str| {
            let mut headers = http::HeaderMap::new();
            if let Ok(value) = http::HeaderValue::from_str(traceparent) {
                headers.insert("traceparent", value);
            }
            trace_id(&Span::none(), &[&headers])
        };
        assert_eq!(of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(of(&format!("00-{id}-00f067aa0ba902b7-00")).as_deref(), Some(id));
        for bad in [
            String::new(),
            id.to_owned(),
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-00f067aa0ba902b7-01", &id[1..]),
            format!("00-{id}-{}-01", "0".repeat(16)),
            format!("00-{id}\n-00f067aa0ba902b7-01"),
        ] {
            assert_eq!(of(&bad), None, "{bad}");
        }
    }
}
