//! Requests of MCP and sessions, counted by how long they take.

use std::time::Duration;

use prometheus_client::{encoding::EncodeLabelSet, metrics::family::Family, registry::Registry};

use super::{
    buckets,
    instruments::{Histogram, observe},
    metric_definitions as definitions,
    metrics::register,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    mcp_method_name: &'static str,
    gen_ai_tool_name: &'static str,
    error_type: &'static str,
}

/// Counts requests and sessions. Cheap to clone; one that no registry knows counts for nobody.
#[derive(Debug, Clone)]
pub struct Operations {
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    sessions: Histogram,
}

fn durations() -> Histogram {
    Histogram::new(buckets::MCP.into_iter())
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            durations: Family::new_with_constructor(durations),
            sessions: durations(),
        }
    }
}

impl Operations {
    /// A request of `method` ended. `tool` is a tool that there is, or empty; `error` is empty, or one of a closed set.
    pub(crate) fn ended(
        &self,
        method: &'static str,
        tool: &'static str,
        error: &'static str,
        duration: Duration,
    ) {
        let labels = Labels {
            mcp_method_name: method,
            gen_ai_tool_name: tool,
            error_type: error,
        };
        observe(&self.durations.get_or_create(&labels), duration.as_secs_f64());
    }

    /// A session ended.
    pub(crate) fn session_ended(&self, took: Duration) {
        observe(&self.sessions, took.as_secs_f64());
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let none = Labels {
            mcp_method_name: "tools/list",
            gen_ai_tool_name: "",
            error_type: "",
        };
        // A query for it finds something before the first request.
        let _ = self.durations.get_or_create(&none);
        register(
            registry,
            &definitions::MCP_OPERATION_DURATION,
            self.durations.clone(),
        );
        register(
            registry,
            &definitions::MCP_SESSION_DURATION,
            self.sessions.clone(),
        );
    }
}
