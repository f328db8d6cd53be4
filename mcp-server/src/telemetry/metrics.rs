//! The registry: what is counted while calls run, and how it is written out.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::accounts::Accounts;
use inference::{AttemptOutcome, BackendInfo, Chain, Gateway, Observer, TokenUsage, resilience::breaker};
use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry, Unit as RegistryUnit},
};

use super::{
    collector::Collector,
    ledger::Ledger,
    metric_definitions::{self as definitions, Definition, Kind, Unit},
};

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Slots and memory of all local engines together, at one instant.
pub type EngineStats = Arc<dyn Fn() -> inference::local::Stats + Send + Sync>;

pub(super) type Labels = Vec<(&'static str, String)>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;
type Counters = Family<Labels, Counter>;

const OPERATION: &str = "chat";

/// Splits an exposed name into what the registry wants: it appends unit and `_total` itself.
pub(super) fn registered(definition: &Definition) -> (&'static str, Option<RegistryUnit>) {
    let name = match definition.kind {
        Kind::Counter => definition.name.strip_suffix("_total").unwrap_or(definition.name),
        Kind::Gauge | Kind::Histogram => definition.name,
    };
    let without = |suffix: &str| name.strip_suffix(suffix).unwrap_or(name);
    match definition.unit {
        Unit::None => (name, None),
        Unit::Seconds => (without("_seconds"), Some(RegistryUnit::Seconds)),
        Unit::Bytes => (without("_bytes"), Some(RegistryUnit::Bytes)),
    }
}

/// What is counted while calls run. The gateway's observer.
pub struct Instruments {
    queue_wait: Histogram,
    attempts: Counters,
    breaker_transitions: Counters,
    fallbacks: Counters,
    tokens: Counters,
    token_usage: Histograms,
    operation_duration: Histograms,
    first_chunk: Histograms,
    server_duration: Histograms,
    server_first_token: Histograms,
    tool_duration: Histograms,
    shared_state_up: Gauge,
    /// Provider and model of each backend, for the conventions' labels.
    backends: HashMap<String, Served>,
}

struct Served {
    local: bool,
    provider: &'static str,
    model: String,
}

fn durations() -> Histogram {
    Histogram::new(definitions::GENAI_BUCKETS)
}

fn first_tokens() -> Histogram {
    Histogram::new(definitions::FIRST_TOKEN_BUCKETS)
}

fn token_counts() -> Histogram {
    Histogram::new(definitions::TOKEN_BUCKETS)
}

impl Instruments {
    /// Makes the instruments; every series of a closed label set exists from the start, at zero.
    pub fn new(backends: &[BackendInfo], chains: &[Chain]) -> Arc<Self> {
        let instruments = Self {
            queue_wait: Histogram::new(definitions::QUEUE_WAIT_BUCKETS),
            attempts: Family::default(),
            breaker_transitions: Family::default(),
            fallbacks: Family::default(),
            tokens: Family::default(),
            token_usage: Family::new_with_constructor(token_counts),
            operation_duration: Family::new_with_constructor(durations),
            first_chunk: Family::new_with_constructor(first_tokens),
            server_duration: Family::new_with_constructor(durations),
            server_first_token: Family::new_with_constructor(first_tokens),
            tool_duration: Family::new_with_constructor(durations),
            shared_state_up: Gauge::default(),
            backends: backends
                .iter()
                .map(|info| {
                    let provider = match info.kind {
                        "azure" => "azure.ai.openai",
                        "openai" => "openai",
                        _ => "b2xgate.local",
                    };
                    let local = info.kind == "local";
                    (
                        info.name.clone(),
                        Served {
                            local,
                            provider,
                            model: info.model.clone(),
                        },
                    )
                })
                .collect(),
        };
        instruments.begin_at_zero(backends, chains);
        instruments.shared_state_up.set(1);
        Arc::new(instruments)
    }

    fn begin_at_zero(&self, backends: &[BackendInfo], chains: &[Chain]) {
        for BackendInfo { name, .. } in backends {
            for outcome in OUTCOMES {
                let _ = self.attempts.get_or_create(&attempt_labels(name, outcome));
            }
            for to in definitions::BREAKER_STATES {
                let _ = self
                    .breaker_transitions
                    .get_or_create(&transition_labels(name, to));
            }
            for direction in ["input", "output"] {
                let _ = self.tokens.get_or_create(&token_labels(name, direction));
            }
            let Some((served, labels)) = self.served(name) else {
                continue;
            };
            let answered = with(&labels, "error_type", "");
            let _ = self.first_chunk.get_or_create(&labels);
            let _ = self.operation_duration.get_or_create(&answered);
            if served.local {
                let _ = self.server_first_token.get_or_create(&labels);
                let _ = self.server_duration.get_or_create(&answered);
            }
            for direction in ["input", "output"] {
                let _ = self
                    .token_usage
                    .get_or_create(&with(&labels, "gen_ai_token_type", direction));
            }
        }
        for chain in chains {
            for (place, from) in chain.backends.iter().enumerate() {
                for to in chain.backends.iter().skip(place + 1) {
                    for reason in OUTCOMES
                        .into_iter()
                        .filter(|outcome| *outcome != AttemptOutcome::Answered)
                    {
                        let _ = self.fallbacks.get_or_create(&fallback_labels(from, to, reason));
                    }
                }
            }
        }
    }

    /// Says whether what several processes share can be reached; 1 until somebody sets it.
    pub fn shared_state(&self) -> Gauge {
        self.shared_state_up.clone()
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        register(
            registry,
            &definitions::SHARED_STATE_UP,
            self.shared_state_up.clone(),
        );
        register(registry, &definitions::QUEUE_WAIT, self.queue_wait.clone());
        register(registry, &definitions::ATTEMPTS, self.attempts.clone());
        register(
            registry,
            &definitions::BREAKER_TRANSITIONS,
            self.breaker_transitions.clone(),
        );
        register(registry, &definitions::FALLBACK, self.fallbacks.clone());
        register(registry, &definitions::TOKENS, self.tokens.clone());
        register(
            registry,
            &definitions::GENAI_TOKEN_USAGE,
            self.token_usage.clone(),
        );
        register(
            registry,
            &definitions::GENAI_OPERATION_DURATION,
            self.operation_duration.clone(),
        );
        register(
            registry,
            &definitions::GENAI_FIRST_CHUNK,
            self.first_chunk.clone(),
        );
        register(
            registry,
            &definitions::GENAI_SERVER_DURATION,
            self.server_duration.clone(),
        );
        register(
            registry,
            &definitions::GENAI_SERVER_FIRST_TOKEN,
            self.server_first_token.clone(),
        );
        register(
            registry,
            &definitions::GENAI_EXECUTE_TOOL_DURATION,
            self.tool_duration.clone(),
        );
    }

    /// The conventions' labels of a backend; `None` for a name that is not configured, which would
    /// open the label set.
    fn served(&self, backend: &str) -> Option<(&Served, Labels)> {
        let served = self.backends.get(backend)?;
        let labels = vec![
            ("gen_ai_operation_name", OPERATION.to_owned()),
            ("gen_ai_provider_name", served.provider.to_owned()),
            ("gen_ai_request_model", served.model.clone()),
        ];
        Some((served, labels))
    }
}

fn register(registry: &mut Registry, definition: &Definition, metric: impl Metric) {
    let (name, unit) = registered(definition);
    match unit {
        Some(unit) => registry.register_with_unit(name, definition.help, unit, metric),
        None => registry.register(name, definition.help, metric),
    }
}

fn with(labels: &Labels, key: &'static str, value: &str) -> Labels {
    let mut labels = labels.clone();
    labels.push((key, value.to_owned()));
    labels
}

fn tool_labels(tool: &str, error: &str) -> Labels {
    vec![
        ("gen_ai_tool_name", tool.to_owned()),
        ("error_type", error.to_owned()),
    ]
}

fn attempt_labels(backend: &str, outcome: AttemptOutcome) -> Labels {
    vec![
        ("backend", backend.to_owned()),
        ("outcome", outcome.as_str().to_owned()),
    ]
}

fn transition_labels(backend: &str, to: &str) -> Labels {
    vec![("backend", backend.to_owned()), ("to", to.to_owned())]
}

fn token_labels(backend: &str, direction: &str) -> Labels {
    vec![
        ("backend", backend.to_owned()),
        ("direction", direction.to_owned()),
    ]
}

fn fallback_labels(from: &str, to: &str, reason: AttemptOutcome) -> Labels {
    vec![
        ("from", from.to_owned()),
        ("to", to.to_owned()),
        ("reason", reason.as_str().to_owned()),
    ]
}

/// Whether an attempt with this outcome reached the backend: a passed-over candidate has no duration.
fn reached(outcome: AttemptOutcome) -> bool {
    use AttemptOutcome as O;
    match outcome {
        O::CircuitOpen | O::SpilledOver | O::Busy | O::Warming | O::NotAllowed | O::NotSupported => false,
        O::Answered
        | O::Throttled
        | O::QuotaExhausted
        | O::ContentFiltered
        | O::ContextLengthExceeded
        | O::Rejected
        | O::CredentialRefused
        | O::DeploymentNotFound
        | O::ServerError
        | O::Unreachable
        | O::CertificateInvalid
        | O::ConnectionBroken
        | O::Timeout
        | O::MalformedStream
        | O::OutputTruncated
        | O::InvalidOutput
        | O::Failed
        | O::DeadlineExceeded
        | O::Cancelled => true,
    }
}

/// Every outcome, so that its series exists before it happens. [`reached`] fails to compile when one is new.
const OUTCOMES: [AttemptOutcome; 25] = [
    AttemptOutcome::Answered,
    AttemptOutcome::CircuitOpen,
    AttemptOutcome::SpilledOver,
    AttemptOutcome::Busy,
    AttemptOutcome::Warming,
    AttemptOutcome::NotAllowed,
    AttemptOutcome::NotSupported,
    AttemptOutcome::Throttled,
    AttemptOutcome::QuotaExhausted,
    AttemptOutcome::ContentFiltered,
    AttemptOutcome::ContextLengthExceeded,
    AttemptOutcome::Rejected,
    AttemptOutcome::CredentialRefused,
    AttemptOutcome::DeploymentNotFound,
    AttemptOutcome::ServerError,
    AttemptOutcome::Unreachable,
    AttemptOutcome::CertificateInvalid,
    AttemptOutcome::ConnectionBroken,
    AttemptOutcome::Timeout,
    AttemptOutcome::MalformedStream,
    AttemptOutcome::OutputTruncated,
    AttemptOutcome::InvalidOutput,
    AttemptOutcome::Failed,
    AttemptOutcome::DeadlineExceeded,
    AttemptOutcome::Cancelled,
];

impl Observer for Instruments {
    fn call_started(&self, waited: Duration) {
        self.queue_wait.observe(waited.as_secs_f64());
    }

    fn call_ended(&self, label: &'static str, outcome: &'static str, duration: Duration) {
        let error = if matches!(outcome, "answered" | "degraded") {
            ""
        } else {
            outcome
        };
        self.tool_duration
            .get_or_create(&tool_labels(label, error))
            .observe(duration.as_secs_f64());
    }

    fn first_token(&self, backend: &str, after: Duration) {
        let Some((served, labels)) = self.served(backend) else {
            return;
        };
        self.first_chunk
            .get_or_create(&labels)
            .observe(after.as_secs_f64());
        if served.local {
            self.server_first_token
                .get_or_create(&labels)
                .observe(after.as_secs_f64());
        }
    }

    fn attempt_ended(&self, backend: &str, outcome: AttemptOutcome, duration: Duration) {
        let Some((served, labels)) = self.served(backend) else {
            return;
        };
        self.attempts
            .get_or_create(&attempt_labels(backend, outcome))
            .inc();
        if !reached(outcome) {
            return;
        }
        let error = if outcome == AttemptOutcome::Answered {
            ""
        } else {
            outcome.as_str()
        };
        let labels = with(&labels, "error_type", error);
        self.operation_duration
            .get_or_create(&labels)
            .observe(duration.as_secs_f64());
        if served.local {
            self.server_duration
                .get_or_create(&labels)
                .observe(duration.as_secs_f64());
        }
    }

    fn tokens_used(&self, backend: &str, usage: TokenUsage) {
        let Some((_, labels)) = self.served(backend) else {
            return;
        };
        for (direction, tokens) in [("input", usage.input), ("output", usage.output)] {
            self.tokens
                .get_or_create(&token_labels(backend, direction))
                .inc_by(u64::from(tokens));
            let labels = with(&labels, "gen_ai_token_type", direction);
            self.token_usage.get_or_create(&labels).observe(f64::from(tokens));
        }
    }

    fn fell_back(&self, from: &str, to: &str, reason: AttemptOutcome) {
        if self.backends.contains_key(from) && self.backends.contains_key(to) {
            self.fallbacks
                .get_or_create(&fallback_labels(from, to, reason))
                .inc();
        }
    }

    fn breaker_changed(&self, backend: &str, transition: &breaker::Transition) {
        if self.backends.contains_key(backend) {
            self.breaker_transitions
                .get_or_create(&transition_labels(backend, transition.to.as_str()))
                .inc();
        }
    }
}

/// Everything that `/metrics` says.
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Joins the instruments with what is read from the gateway at each scrape.
    ///
    /// `labels` are the tools and endpoints whose calls are counted.
    pub fn new(
        instruments: &Instruments,
        gateway: Gateway,
        engines: EngineStats,
        labels: Vec<&'static str>,
    ) -> Self {
        for label in &labels {
            let _ = instruments.tool_duration.get_or_create(&tool_labels(label, ""));
        }
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Collector::new(gateway, engines, labels)));
        instruments.register(&mut registry);
        Self { registry }
    }

    /// Adds what is known of tenants' use and of the ledger.
    pub fn watch(&mut self, accounts: Accounts) {
        self.registry.register_collector(Box::new(Ledger::new(accounts)));
    }

    /// Writes all metrics as `OpenMetrics` text.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(32 * 1024);
        // Writing into a String fails only when a metric refuses to be written, which none of ours does.
        if let Err(error) = text::encode(&mut out, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        out
    }
}
