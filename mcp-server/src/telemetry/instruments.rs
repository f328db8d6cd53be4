//! What is counted while calls run, as the gateway tells it.
//!
//! Every series that a call may touch is looked up once, at start, where its labels are known by then: the way of a
//! call makes no label.

use std::{collections::HashMap, sync::Arc, time::Duration};

use inference::{AttemptOutcome, BackendInfo, Chain, Decoding, Observer, TokenUsage, resilience::breaker};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, exemplar::HistogramWithExemplars, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{
    buckets, metric_definitions as definitions,
    metrics::{Labels, register},
    spending::Spending,
    traces,
};

pub(super) type Histogram = HistogramWithExemplars<InTrace>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;
type Counters = Family<Labels, Counter>;

const OPERATION: &str = "chat";

/// Where an exemplar was observed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct InTrace {
    trace_id: String,
}

/// Counts one observation, as an exemplar of its trace where it belongs to one.
pub(super) fn observe(histogram: &Histogram, value: f64) {
    let exemplar = traces::current().map(|trace| InTrace {
        trace_id: trace.trace_id().to_string(),
    });
    histogram.observe(value, exemplar, None);
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToolLabels {
    gen_ai_tool_name: &'static str,
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    tool: &'static str,
    code: &'static str,
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
    per_chunk: Histograms,
    server_duration: Histograms,
    server_first_token: Histograms,
    server_per_token: Histograms,
    tool_duration: Family<ToolLabels, Histogram, fn() -> Histogram>,
    failed_calls: Family<FailureLabels, Counter>,
    spending: Spending,
    shared_state_up: Gauge,
    backends: HashMap<String, Series>,
}

/// The series of one backend.
struct Series {
    labels: Labels,
    attempts: Vec<(AttemptOutcome, Counter)>,
    answered: Histogram,
    first_chunk: Histogram,
    per_chunk: Histogram,
    /// Tokens in and out, and their distribution.
    tokens: [(Counter, Histogram); 2],
    /// Of a model in this process.
    served: Option<Served>,
}

struct Served {
    answered: Histogram,
    first_token: Histogram,
    per_token: Histogram,
}

fn durations() -> Histogram {
    Histogram::new(buckets::GENAI.into_iter())
}

fn first_tokens() -> Histogram {
    Histogram::new(buckets::FIRST_TOKEN.into_iter())
}

fn each_token() -> Histogram {
    Histogram::new(buckets::PER_TOKEN.into_iter())
}

fn token_counts() -> Histogram {
    Histogram::new(buckets::TOKEN.into_iter())
}

impl Instruments {
    /// Makes the instruments; every series of a closed label set exists from the start, at zero. What `tenants` spend
    /// is told apart.
    pub fn new(backends: &[BackendInfo], chains: &[Chain], tenants: &[&str]) -> Arc<Self> {
        let mut instruments = Self {
            queue_wait: Histogram::new(buckets::QUEUE_WAIT.into_iter()),
            attempts: Family::default(),
            breaker_transitions: Family::default(),
            fallbacks: Family::default(),
            tokens: Family::default(),
            token_usage: Family::new_with_constructor(token_counts),
            operation_duration: Family::new_with_constructor(durations),
            first_chunk: Family::new_with_constructor(first_tokens),
            per_chunk: Family::new_with_constructor(each_token),
            server_duration: Family::new_with_constructor(durations),
            server_first_token: Family::new_with_constructor(first_tokens),
            server_per_token: Family::new_with_constructor(each_token),
            tool_duration: Family::new_with_constructor(durations),
            failed_calls: Family::default(),
            spending: Spending::new(backends, tenants),
            shared_state_up: Gauge::default(),
            backends: HashMap::new(),
        };
        instruments.shared_state_up.set(1);
        for info in backends {
            let series = instruments.series(info);
            instruments.backends.insert(info.name.clone(), series);
        }
        instruments.begin_at_zero(chains);
        Arc::new(instruments)
    }

    fn series(&self, info: &BackendInfo) -> Series {
        let labels = vec![
            ("gen_ai_operation_name", OPERATION.to_owned()),
            ("gen_ai_provider_name", info.provider().to_owned()),
            ("gen_ai_request_model", info.model.clone()),
        ];
        let answered = with(&labels, "error_type", "");
        let attempts = OUTCOMES.map(|outcome| {
            let counter = self
                .attempts
                .get_or_create_owned(&attempt_labels(&info.name, outcome));
            (outcome, counter)
        });
        let tokens = ["input", "output"].map(|direction| {
            let count = self
                .tokens
                .get_or_create_owned(&token_labels(&info.name, direction));
            let labels = with(&labels, "gen_ai_token_type", direction);
            (count, self.token_usage.get_or_create_owned(&labels))
        });
        let served = (info.kind == "local").then(|| Served {
            answered: self.server_duration.get_or_create_owned(&answered),
            first_token: self.server_first_token.get_or_create_owned(&labels),
            per_token: self.server_per_token.get_or_create_owned(&labels),
        });
        Series {
            attempts: attempts.into(),
            answered: self.operation_duration.get_or_create_owned(&answered),
            first_chunk: self.first_chunk.get_or_create_owned(&labels),
            per_chunk: self.per_chunk.get_or_create_owned(&labels),
            tokens,
            served,
            labels,
        }
    }

    fn begin_at_zero(&self, chains: &[Chain]) {
        for name in self.backends.keys() {
            for to in definitions::BREAKER_STATES {
                let _ = self
                    .breaker_transitions
                    .get_or_create(&transition_labels(name, to));
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

    /// Makes the series of these tools, at zero.
    pub(super) fn begin_tools_at_zero(&self, labels: &[&'static str]) {
        for label in labels.iter().copied() {
            let _ = self.tool_duration.get_or_create(&ToolLabels {
                gen_ai_tool_name: label,
                error_type: "",
            });
            for code in definitions::FAILURE_CODES {
                let _ = self
                    .failed_calls
                    .get_or_create(&FailureLabels { tool: label, code });
            }
        }
    }

    /// Says whether what several processes share can be reached; 1 until somebody sets it.
    pub fn shared_state(&self) -> Gauge {
        self.shared_state_up.clone()
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        use definitions as d;
        register(registry, &d::SHARED_STATE_UP, self.shared_state_up.clone());
        register(registry, &d::QUEUE_WAIT, self.queue_wait.clone());
        register(registry, &d::ATTEMPTS, self.attempts.clone());
        register(
            registry,
            &d::BREAKER_TRANSITIONS,
            self.breaker_transitions.clone(),
        );
        register(registry, &d::FALLBACK, self.fallbacks.clone());
        register(registry, &d::TOKENS, self.tokens.clone());
        register(registry, &d::FAILED_CALLS, self.failed_calls.clone());
        self.spending.register(registry);
        register(
            registry,
            &d::GENAI_EXECUTE_TOOL_DURATION,
            self.tool_duration.clone(),
        );
        for (definition, histograms) in [
            (&d::GENAI_TOKEN_USAGE, &self.token_usage),
            (&d::GENAI_OPERATION_DURATION, &self.operation_duration),
            (&d::GENAI_FIRST_CHUNK, &self.first_chunk),
            (&d::GENAI_PER_CHUNK, &self.per_chunk),
            (&d::GENAI_SERVER_DURATION, &self.server_duration),
            (&d::GENAI_SERVER_FIRST_TOKEN, &self.server_first_token),
            (&d::GENAI_SERVER_PER_TOKEN, &self.server_per_token),
        ] {
            register(registry, definition, histograms.clone());
        }
    }
}

fn with(labels: &Labels, key: &'static str, value: &str) -> Labels {
    let mut labels = labels.clone();
    labels.push((key, value.to_owned()));
    labels
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
        observe(&self.queue_wait, waited.as_secs_f64());
    }

    fn call_ended(&self, label: &'static str, outcome: &'static str, duration: Duration) {
        let error_type = if matches!(outcome, "answered" | "degraded") {
            ""
        } else {
            outcome
        };
        let labels = ToolLabels {
            gen_ai_tool_name: label,
            error_type,
        };
        observe(&self.tool_duration.get_or_create(&labels), duration.as_secs_f64());
    }

    fn first_token(&self, backend: &str, after: Duration) {
        // A name that is not configured would open the label set.
        let Some(series) = self.backends.get(backend) else {
            return;
        };
        observe(&series.first_chunk, after.as_secs_f64());
        if let Some(served) = &series.served {
            observe(&served.first_token, after.as_secs_f64());
        }
    }

    fn decoded(&self, backend: &str, decoding: Decoding<'_>) {
        let Some(series) = self.backends.get(backend) else {
            return;
        };
        for gap in decoding.gaps {
            series.per_chunk.observe(gap.as_secs_f64(), None, None);
        }
        if let Some(served) = &series.served
            && decoding.tokens > 1
        {
            let each = decoding.took / (decoding.tokens - 1);
            observe(&served.per_token, each.as_secs_f64());
        }
    }

    fn attempt_ended(&self, backend: &str, outcome: AttemptOutcome, duration: Duration) {
        let Some(series) = self.backends.get(backend) else {
            return;
        };
        if let Some((_, counter)) = series.attempts.iter().find(|(known, _)| *known == outcome) {
            counter.inc();
        }
        if !reached(outcome) {
            return;
        }
        let seconds = duration.as_secs_f64();
        if outcome == AttemptOutcome::Answered {
            observe(&series.answered, seconds);
            if let Some(served) = &series.served {
                observe(&served.answered, seconds);
            }
            return;
        }
        let labels = with(&series.labels, "error_type", outcome.as_str());
        observe(&self.operation_duration.get_or_create(&labels), seconds);
        if series.served.is_some() {
            observe(&self.server_duration.get_or_create(&labels), seconds);
        }
    }

    fn call_failed(&self, label: &'static str, code: &'static str) {
        let labels = FailureLabels { tool: label, code };
        self.failed_calls.get_or_create(&labels).inc();
    }

    fn tokens_used(&self, tenant: &str, backend: &str, usage: TokenUsage) {
        self.spending.add(tenant, backend, usage);
        let Some(series) = self.backends.get(backend) else {
            return;
        };
        for ((count, distribution), tokens) in series.tokens.iter().zip([usage.input, usage.output]) {
            count.inc_by(u64::from(tokens));
            observe(distribution, f64::from(tokens));
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
