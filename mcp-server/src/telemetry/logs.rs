//! Logs: always to standard error, for people on a terminal and as JSON lines otherwise; and beside them the spans of
//! calls, for whoever collects traces.
//!
//! Lines that were written in a trace carry its id.

use std::fmt;
use std::io::IsTerminal;

use inference::SPAN_TARGET;
use opentelemetry_sdk::trace::SdkTracer;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::traces;

type Listener = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging. `filter` is the flag's or `RUST_LOG`'s, as `info,inference=debug`; spans of calls go to `tracer`.
///
/// Standard output is never used: in stdio mode it belongs to JSON-RPC.
///
/// # Errors
/// Says what is wrong with the filter.
pub fn start(filter: &str, colour: bool, tracer: Option<SdkTracer>) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        format!("log filter {filter:?} is not valid: {error}; write for example \"info,inference=debug\"")
    })?;
    let form = if std::io::stderr().is_terminal() {
        Form::Pretty { colour }
    } else {
        Form::Json
    };
    let mut listeners = vec![lines(form, filter, std::io::stderr)];
    listeners.extend(tracer.map(spans));
    // A second start (tests, embedding) keeps the first logger.
    let _ = tracing_subscriber::registry().with(listeners).try_init();
    Ok(())
}

/// How lines look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Pretty { colour: bool },
    Json,
}

/// Writes events as lines.
pub(super) fn lines<W>(form: Form, filter: EnvFilter, writer: W) -> Listener
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = Logged(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match form {
        Form::Pretty { colour } => layer
            .with_ansi(colour)
            .with_target(false)
            .map_event_format(|inner| InTrace { inner, json: false })
            .with_filter(filter)
            .boxed(),
        Form::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .map_event_format(|inner| InTrace { inner, json: true })
            .with_filter(filter)
            .boxed(),
    }
}

/// Hands the spans of calls to a tracer.
pub(super) fn spans(tracer: SdkTracer) -> Listener {
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(OfCalls)
        .boxed()
}

/// Lets the spans of traced calls through, and nothing else.
struct OfCalls;

impl<S> Filter<S> for OfCalls {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        is_of_a_call(metadata) && (metadata.name() == traces::ROOT || traces::is_within())
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_of_a_call(metadata) {
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }
}

fn is_of_a_call(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == SPAN_TARGET
}

/// Whether something may be logged at all, whatever the filter says. From INFO on, rmcp logs whole
/// messages: arguments of tools and answers of models; and spans of calls may hold content that only a trace is to show.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let speaks_mcp = metadata.target().split("::").next() == Some("rmcp");
    !is_of_a_call(metadata) && (!speaks_mcp || *metadata.level() <= Level::WARN)
}

/// What the filter of the log lets through, and may be logged.
///
/// It is asked about every line anew. Where a filter of one layer had said "always" once, a library that only asks whether
/// something is logged (sqlx does, for each statement) would leave a "no" behind that swallows the next line.
struct Logged(EnvFilter);

impl<S: Subscriber> Filter<S> for Logged {
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        may_be_logged(metadata) && Filter::enabled(&self.0, metadata, context)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        let asked = Filter::<S>::callsite_enabled(&self.0, metadata);
        if asked.is_never() || !may_be_logged(metadata) {
            Interest::never()
        } else {
            Interest::sometimes()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<S>::max_level_hint(&self.0)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        Filter::on_new_span(&self.0, attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        Filter::on_record(&self.0, id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_enter(&self.0, id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        Filter::on_exit(&self.0, id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        Filter::on_close(&self.0, id, context);
    }
}

/// Says in which trace a line was written, if in any.
struct InTrace<F> {
    inner: F,
    json: bool,
}

impl<S, N, F> FormatEvent<S, N> for InTrace<F>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = traces::current() else {
            return self.inner.format_event(context, writer, event);
        };
        let (trace, span) = (trace.trace_id(), trace.span_id());
        if !self.json {
            write!(writer, "{trace} ")?;
            return self.inner.format_event(context, writer, event);
        }
        let mut line = String::new();
        self.inner.format_event(context, Writer::new(&mut line), event)?;
        let fields = line.strip_prefix('{').unwrap_or(&line);
        write!(
            writer,
            "{{\"trace_id\":\"{trace}\",\"span_id\":\"{span}\",{fields}"
        )
    }
}
