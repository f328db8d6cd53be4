//! Logs: always to standard error, for people on a terminal and as JSON lines otherwise.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;

/// Starts logging. `filter` is the flag's or `RUST_LOG`'s, as `info,inference=debug`.
///
/// Standard output is never used: in stdio mode it belongs to JSON-RPC.
///
/// # Errors
/// Says what is wrong with the filter.
pub fn start(filter: &str, colour: bool) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        format!("log filter {filter:?} is not valid: {error}; write for example \"info,inference=debug\"")
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start (tests, embedding) keeps the first logger.
    let _ = if std::io::stderr().is_terminal() {
        subscriber
            .with_ansi(colour)
            .with_target(false)
            .finish()
            .with(filter_fn(holds_no_content))
            .try_init()
    } else {
        subscriber
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .finish()
            .with(filter_fn(holds_no_content))
            .try_init()
    };
    Ok(())
}

/// Whether an event may be logged at all, whatever the filter says. From INFO on, rmcp logs whole
/// messages: arguments of tools and answers of models.
fn holds_no_content(metadata: &Metadata<'_>) -> bool {
    let speaks_mcp = metadata.target().split("::").next() == Some("rmcp");
    !speaks_mcp || *metadata.level() <= Level::WARN
}
