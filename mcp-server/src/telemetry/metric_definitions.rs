//! Every metric there is: name, kind, unit, labels and meaning.
//!
//! Names are part of the outside (dashboards, alerts, the autoscaler): renaming one breaks somebody.
//! Labels are closed sets. No series carries a person, or anything that a caller wrote; two carry tenants, those that the
//! configuration names, and scaling does not read them.

/// What a number does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts observations in buckets.
    Histogram,
}

/// The unit, which is the last word of the name (before `_total`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A plain count.
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// The name as it is exposed.
    pub name: &'static str,
    /// What the number does.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

const fn define(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    labels: &'static [&'static str],
    help: &'static str,
) -> Definition {
    Definition {
        name,
        kind,
        unit,
        labels,
        help,
    }
}

use Kind::{Counter, Gauge, Histogram};

/// The gauge that the autoscaler reads, per pod.
pub const QUEUE_DEPTH: Definition = define(
    "mcp_queue_depth",
    Gauge,
    Unit::None,
    &[],
    "Calls admitted and waiting for a backend in this pod",
);
/// Bound of the queue.
pub const QUEUE_CAPACITY: Definition = define(
    "mcp_queue_capacity",
    Gauge,
    Unit::None,
    &[],
    "Calls that may wait in this pod",
);
/// Calls in the making.
pub const REQUESTS_RUNNING: Definition = define(
    "mcp_requests_running",
    Gauge,
    Unit::None,
    &[],
    "Calls being answered now",
);
/// Time in the queue.
pub const QUEUE_WAIT: Definition = define(
    "mcp_queue_wait_seconds",
    Histogram,
    Unit::Seconds,
    &[],
    "Time from admission to start",
);
/// `mcp_admitted_total` = answered + degraded + failed + cancelled of `mcp_calls_total`
/// + `mcp_requests_running` + `mcp_queue_depth`, in every scrape.
pub const ADMITTED: Definition = define(
    "mcp_admitted_total",
    Counter,
    Unit::None,
    &[],
    "Calls admitted: ended, running and waiting together",
);
/// Finished calls.
pub const CALLS: Definition = define(
    "mcp_calls_total",
    Counter,
    Unit::None,
    &["tool", "outcome"],
    "Finished calls; outcome is answered, degraded, failed, cancelled or shed",
);
/// Calls that were let in and have no answer.
pub const FAILED_CALLS: Definition = define(
    "mcp_failed_calls_total",
    Counter,
    Unit::None,
    &["tool", "code"],
    "Calls that were admitted and failed, by the code that their callers got",
);
/// Refused calls.
pub const SHED: Definition = define(
    "mcp_shed_total",
    Counter,
    Unit::None,
    &["reason"],
    "Calls refused at the door",
);
/// Whether the server is ending.
pub const DRAINING: Definition = define(
    "mcp_draining",
    Gauge,
    Unit::None,
    &[],
    "1 while new calls are refused because the server is shutting down",
);

/// Whether what several processes share can be reached.
pub const SHARED_STATE_UP: Definition = define(
    "mcp_shared_state_up",
    Gauge,
    Unit::None,
    &[],
    "0 while Redis is lost and each process decides by itself; 1 otherwise, also where none is configured",
);

/// How many servers share limits.
pub const FLEET_SERVERS: Definition = define(
    "mcp_fleet_servers",
    Gauge,
    Unit::None,
    &[],
    "Servers that each limit of a tenant is for, as this one heard last; 1 where nothing is shared",
);
/// What other servers have not heard yet.
pub const LIMITS_UNSETTLED: Definition = define(
    "mcp_limits_unsettled",
    Gauge,
    Unit::None,
    &[],
    "Ends of calls that Redis is to be told of; while it is lost, sums of them",
);

/// Attempts against backends.
pub const ATTEMPTS: Definition = define(
    "llm_attempts_total",
    Counter,
    Unit::None,
    &["backend", "outcome"],
    "Attempts against backends, passed-over candidates included",
);
/// Where each breaker stands.
pub const BREAKER_STATE: Definition = define(
    "llm_breaker_state",
    Gauge,
    Unit::None,
    &["backend"],
    "Circuit breaker: 0 closed (or forced closed), 1 half-open, 2 open, 3 forced open (or drained)",
);
/// Its changes.
pub const BREAKER_TRANSITIONS: Definition = define(
    "llm_breaker_transitions_total",
    Counter,
    Unit::None,
    &["backend", "to"],
    "Changes of the circuit breaker's state",
);
/// The throttle gate.
pub const THROTTLE_REMAINING: Definition = define(
    "llm_throttle_remaining_seconds",
    Gauge,
    Unit::Seconds,
    &["backend"],
    "Time until the throttle gate opens; 0 when it is open",
);
/// Calls that went on to another backend.
pub const FALLBACK: Definition = define(
    "llm_fallback_total",
    Counter,
    Unit::None,
    &["from", "to", "reason"],
    "Calls that went on from one backend to another",
);
/// Tokens used.
pub const TOKENS: Definition = define(
    "llm_tokens_total",
    Counter,
    Unit::None,
    &["backend", "direction"],
    "Tokens used, as the backend counted them",
);
/// Money spent.
pub const COST: Definition = define(
    "llm_cost_total",
    Counter,
    Unit::None,
    &["backend", "model", "tenant", "currency"],
    "Cost of answers at the configured prices; tenants that the configuration does not name together as (other)",
);
/// Answers in the making.
pub const BACKEND_IN_FLIGHT: Definition = define(
    "llm_backend_in_flight",
    Gauge,
    Unit::None,
    &["backend"],
    "Attempts under way",
);
/// Whether a backend can take work.
pub const BACKEND_READY: Definition = define(
    "llm_backend_ready",
    Gauge,
    Unit::None,
    &["backend"],
    "1 when the backend can take work, 0 while its model loads or after it failed to",
);

/// Slots of the local engine.
pub const LOCAL_SLOTS: Definition = define(
    "llm_local_slots",
    Gauge,
    Unit::None,
    &[],
    "Sequences that the local engine generates at once",
);
/// Busy ones.
pub const LOCAL_SLOTS_BUSY: Definition = define(
    "llm_local_slots_busy",
    Gauge,
    Unit::None,
    &[],
    "Slots of the local engine that generate now",
);
/// Memory of the KV caches.
pub const LOCAL_KV_BYTES: Definition = define(
    "llm_local_kv_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Bytes held by the local engine's KV caches",
);

/// What of it is only kept.
pub const LOCAL_KV_KEPT_BYTES: Definition = define(
    "llm_local_kv_kept_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Bytes of KV cache kept for prompts that begin like earlier ones; given up when room is needed",
);
/// How much there may be.
pub const LOCAL_KV_BUDGET_BYTES: Definition = define(
    "llm_local_kv_budget_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Bytes that the local engine's KV caches may hold in all",
);

/// OpenTelemetry `gen_ai.client.token.usage`.
pub const GENAI_TOKEN_USAGE: Definition = define(
    "gen_ai_client_token_usage",
    Histogram,
    Unit::None,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "gen_ai_token_type",
    ],
    "Tokens per answer",
);
/// OpenTelemetry `gen_ai.client.operation.duration`.
pub const GENAI_OPERATION_DURATION: Definition = define(
    "gen_ai_client_operation_duration_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "error_type",
    ],
    "Duration of attempts that reached a backend; error_type is empty when it answered",
);
/// OpenTelemetry `gen_ai.client.operation.time_to_first_chunk`.
pub const GENAI_FIRST_CHUNK: Definition = define(
    "gen_ai_client_operation_time_to_first_chunk_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
    ],
    "Time from an attempt's start to the first text of its answer",
);
/// OpenTelemetry `gen_ai.client.operation.time_per_output_chunk`.
pub const GENAI_PER_CHUNK: Definition = define(
    "gen_ai_client_operation_time_per_output_chunk_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
    ],
    "Time that each piece of an answer after its first was waited for",
);
/// OpenTelemetry `gen_ai.server.request.duration`, of models in this process.
pub const GENAI_SERVER_DURATION: Definition = define(
    "gen_ai_server_request_duration_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
        "error_type",
    ],
    "Duration of answers by models in this process",
);
/// OpenTelemetry `gen_ai.server.time_to_first_token`, of models in this process.
pub const GENAI_SERVER_FIRST_TOKEN: Definition = define(
    "gen_ai_server_time_to_first_token_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
    ],
    "Time to the first token of answers by models in this process",
);
/// OpenTelemetry `gen_ai.server.time_per_output_token`, of models in this process.
pub const GENAI_SERVER_PER_TOKEN: Definition = define(
    "gen_ai_server_time_per_output_token_seconds",
    Histogram,
    Unit::Seconds,
    &[
        "gen_ai_operation_name",
        "gen_ai_provider_name",
        "gen_ai_request_model",
    ],
    "Time per token after the first of an answer by a model in this process",
);
/// OpenTelemetry `gen_ai.execute_tool.duration`.
pub const GENAI_EXECUTE_TOOL_DURATION: Definition = define(
    "gen_ai_execute_tool_duration_seconds",
    Histogram,
    Unit::Seconds,
    &["gen_ai_tool_name", "error_type"],
    "Duration of calls from admission to their end; error_type is empty when answered",
);

/// Budgets that are nearly spent.
pub const BUDGET_ALERTS: Definition = define(
    "mcp_budget_alerts_total",
    Counter,
    Unit::None,
    &["period", "percent"],
    "Budgets of tenants of which so much was spent, once a day or month each; the log names the tenant",
);
/// How much of each budget is spent.
pub const BUDGET_USED: Definition = define(
    "mcp_tenant_budget_used",
    Gauge,
    Unit::None,
    &["tenant", "period"],
    "Share of a tenant's budget that is spent; of tenants that the configuration names, the first 1000",
);
/// What waits for the database.
pub const LEDGER_PENDING: Definition = define(
    "mcp_ledger_pending_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Bytes of records in the journal that the ledger's database does not have yet",
);
/// What nobody will ever know.
pub const LEDGER_LOST: Definition = define(
    "mcp_ledger_lost_total",
    Counter,
    Unit::None,
    &[],
    "Calls that could not be written down: the journal is full, or its disk fails",
);

/// OpenTelemetry `mcp.server.operation.duration`.
pub const MCP_OPERATION_DURATION: Definition = define(
    "mcp_server_operation_duration_seconds",
    Histogram,
    Unit::Seconds,
    &["mcp_method_name", "gen_ai_tool_name", "error_type"],
    "Duration of requests of MCP; error_type is empty when they succeeded, and tool_error when a tool did not",
);
/// OpenTelemetry `mcp.server.session.duration`.
pub const MCP_SESSION_DURATION: Definition = define(
    "mcp_server_session_duration_seconds",
    Histogram,
    Unit::Seconds,
    &[],
    "Duration of sessions of clients that initialize, from that to their end",
);

/// Spans that arrived.
pub const SPANS_EXPORTED: Definition = define(
    "mcp_spans_exported_total",
    Counter,
    Unit::None,
    &[],
    "Spans of traces that the collector took",
);
/// Spans that did not.
pub const SPANS_DROPPED: Definition = define(
    "mcp_spans_dropped_total",
    Counter,
    Unit::None,
    &["reason"],
    "Spans of traces that were dropped: too many waited, the collector refused them, or it could not be reached",
);
/// Until when the server's certificate is valid; absent without TLS.
pub const CERTIFICATE_EXPIRY: Definition = define(
    "mcp_certificate_expiry_timestamp_seconds",
    Gauge,
    Unit::Seconds,
    &[],
    "End of the server certificate in use, in seconds since 1970; absent without TLS",
);

/// Processor time.
pub const PROCESS_CPU: Definition = define(
    "process_cpu_seconds_total",
    Counter,
    Unit::Seconds,
    &[],
    "Processor time that the process used",
);
/// Memory.
pub const PROCESS_RESIDENT: Definition = define(
    "process_resident_memory_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Memory of the process that is in RAM",
);
/// Address space.
pub const PROCESS_VIRTUAL: Definition = define(
    "process_virtual_memory_bytes",
    Gauge,
    Unit::Bytes,
    &[],
    "Address space of the process",
);
/// Open files and sockets.
pub const PROCESS_FDS: Definition = define(
    "process_open_fds",
    Gauge,
    Unit::None,
    &[],
    "File descriptors that the process holds",
);
/// Their bound.
pub const PROCESS_MAX_FDS: Definition = define(
    "process_max_fds",
    Gauge,
    Unit::None,
    &[],
    "File descriptors that the process may hold",
);
/// Threads.
pub const PROCESS_THREADS: Definition = define(
    "process_threads",
    Gauge,
    Unit::None,
    &[],
    "Threads of the process",
);
/// When the process began.
pub const PROCESS_START_TIME: Definition = define(
    "process_start_time_seconds",
    Gauge,
    Unit::Seconds,
    &[],
    "Start of the process, in seconds since 1970",
);
/// What runs.
pub const BUILD_INFO: Definition = define(
    "mcp_build_info",
    Gauge,
    Unit::None,
    &["version"],
    "Always 1; says what runs",
);

/// All of them.
pub const ALL: &[Definition] = &[
    QUEUE_DEPTH,
    QUEUE_CAPACITY,
    REQUESTS_RUNNING,
    QUEUE_WAIT,
    ADMITTED,
    CALLS,
    FAILED_CALLS,
    SHED,
    DRAINING,
    SHARED_STATE_UP,
    FLEET_SERVERS,
    LIMITS_UNSETTLED,
    ATTEMPTS,
    BREAKER_STATE,
    BREAKER_TRANSITIONS,
    THROTTLE_REMAINING,
    FALLBACK,
    TOKENS,
    COST,
    BACKEND_IN_FLIGHT,
    BACKEND_READY,
    LOCAL_SLOTS,
    LOCAL_SLOTS_BUSY,
    LOCAL_KV_BYTES,
    LOCAL_KV_KEPT_BYTES,
    LOCAL_KV_BUDGET_BYTES,
    GENAI_TOKEN_USAGE,
    GENAI_OPERATION_DURATION,
    GENAI_FIRST_CHUNK,
    GENAI_PER_CHUNK,
    GENAI_SERVER_DURATION,
    GENAI_SERVER_FIRST_TOKEN,
    GENAI_SERVER_PER_TOKEN,
    GENAI_EXECUTE_TOOL_DURATION,
    BUDGET_ALERTS,
    BUDGET_USED,
    LEDGER_PENDING,
    LEDGER_LOST,
    MCP_OPERATION_DURATION,
    MCP_SESSION_DURATION,
    SPANS_EXPORTED,
    SPANS_DROPPED,
    CERTIFICATE_EXPIRY,
    PROCESS_CPU,
    PROCESS_RESIDENT,
    PROCESS_VIRTUAL,
    PROCESS_FDS,
    PROCESS_MAX_FDS,
    PROCESS_THREADS,
    PROCESS_START_TIME,
    BUILD_INFO,
];

/// Outcomes of `mcp_calls_total`.
pub const CALL_OUTCOMES: [&str; 5] = ["answered", "degraded", "failed", "cancelled", "shed"];
/// Codes of `mcp_failed_calls_total`: those of a call that was let in.
pub const FAILURE_CODES: [&str; 11] = [
    "all_backends_failed",
    "content_filtered",
    "context_length_exceeded",
    "deadline_exceeded",
    "invalid_output",
    "not_permitted",
    "not_supported",
    "output_truncated",
    "queue_full",
    "request_rejected",
    "stream_interrupted",
];
/// Reasons of `mcp_shed_total`.
pub const SHED_REASONS: [&str; 4] = ["queue_full", "deadline", "quota", "draining"];
/// Values of `to` in `llm_breaker_transitions_total`.
pub const BREAKER_STATES: [&str; 6] = [
    "closed",
    "half_open",
    "open",
    "forced_open",
    "forced_closed",
    "drained",
];
