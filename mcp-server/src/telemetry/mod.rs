//! What the server tells about itself: metrics for scaling and dashboards, logs for people, traces of calls.

use std::collections::HashSet;

mod buckets;
mod collector;
mod export;
mod instruments;
mod ledger;
pub mod logs;
pub mod metric_definitions;
mod metrics;
mod operations;
pub mod otlp;
mod process;
mod spending;
mod traces;

pub(crate) use export::CAPACITY as SPANS_THAT_WAIT;
pub use export::{Counts, Exporting, Spans};
pub use instruments::Instruments;
pub use metrics::{CONTENT_TYPE, CertificateExpiry, EngineStats, Metrics};
pub use operations::Operations;
pub use traces::Traces;
pub(crate) use traces::{Carrier, McpRequest, show, trace_id};

/// Which calls are traced, and where their spans go.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where spans go.
    pub collector: otlp::Config,
    /// The share of the calls that is traced where the caller does not say.
    pub sample_ratio: f64,
    /// What is said of this process.
    pub resource: Vec<(String, String)>,
    /// Tenants whose arguments, prompts and answers are shown.
    pub content_tenants: HashSet<String>,
}

/// Everything that tells, started: logs, and traces where a collector is configured.
#[derive(Debug, Default)]
pub struct Telemetry {
    /// Which calls are traced.
    pub traces: Traces,
    /// Their spans on the way to the collector.
    pub spans: Spans,
    exporting: Option<Exporting>,
}

impl Telemetry {
    /// Starts logging, and tracing where it is configured. Must run inside a runtime.
    ///
    /// # Errors
    /// Says what is wrong with the log filter, or why no client of the collector can be made.
    pub fn start(filter: &str, colour: bool, config: Option<&Config>) -> Result<Self, String> {
        let Some(config) = config else {
            logs::start(filter, colour, None)?;
            return Ok(Self::default());
        };
        let client = otlp::Client::new(config.collector.clone()).map_err(|reason| {
            format!("telemetry.endpoint {reason}; look at the certificates of this machine")
        })?;
        let spans = Spans::default();
        logs::start(filter, colour, Some(spans.tracer()))?;
        Ok(Self {
            traces: Traces::new(config.sample_ratio, config.content_tenants.clone()),
            exporting: Some(Exporting::start(spans.clone(), client, &config.resource)),
            spans,
        })
    }

    /// Sends the last spans, if that can be done soon.
    pub async fn finish(self) {
        if let Some(exporting) = self.exporting {
            exporting.finish().await;
        }
    }
}

#[cfg(test)]
mod tests;
