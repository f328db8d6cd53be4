//! What a scrape says: every name, from the start, and numbers that agree with each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock},
    time::Duration,
};

use super::{
    Instruments, Metrics, Spans,
    metric_definitions::{self as definitions, Kind},
};
use crate::accounts::{self, Accounts, Prices};
use crate::tenancy::quota::{Limits, Memory, Money, TenantLimits};
use futures::{StreamExt, stream};
use inference::{
    Backend, BackendError, BackendInfo, Call, CallError, Chain, CompletionEvent, CompletionRequest,
    CompletionStream, Deadline, FinishReason, Gateway, GatewayConfig, Message, Observer, Price, Processing,
    Readiness, RegisteredBackend, TokenUsage, admission, local, resilience,
};

mod costs;
mod failures;
mod lines;
mod spans;

/// Listens on this thread until dropped.
///
/// With one listener only, tracing asks none but the thread that comes first to a line or span whether anybody listens: that
/// of another test, perhaps, to which nobody does. So there is another, always.
fn listen<S>(subscriber: S) -> tracing::subscriber::DefaultGuard
where
    S: tracing::Subscriber + Send + Sync + 'static,
{
    static ANOTHER: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default()));
    LazyLock::force(&ANOTHER);
    tracing::subscriber::set_default(subscriber)
}

/// Answers, fails or hangs, as the question says.
struct Scripted(BackendInfo);

#[async_trait::async_trait]
impl Backend for Scripted {
    fn info(&self) -> &BackendInfo {
        &self.0
    }

    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        _: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let question = request
            .messages
            .last()
            .map(|message| message.content.clone())
            .unwrap_or_default();
        match (question.as_str(), self.0.kind) {
            ("hang", _) => Ok(stream::pending().boxed()),
            ("fall back", "azure") | ("fail", _) => Err(BackendError::ServerError {
                status: 500,
                retry_after: None,
            }),
            _ => {
                let usage = TokenUsage { input: 3, output: 2 };
                let end = CompletionEvent::Finished {
                    reason: FinishReason::Stop,
                    usage,
                    model: None,
                    deployment: None,
                };
                Ok(stream::iter([Ok(CompletionEvent::text("yes")), Ok(end)]).boxed())
            }
        }
    }
}

/// One tenant with a budget of the day, and one without.
fn accounts() -> Accounts {
    let with_budget = Limits {
        budget_day: Some(Money::from_nanos(1000)),
        ..Limits::default()
    };
    Accounts::new(accounts::Config {
        limits: Arc::new(TenantLimits {
            named: [
                ("acme".to_owned(), with_budget),
                ("other".to_owned(), Limits::default()),
            ]
            .into(),
            ..TenantLimits::default()
        }),
        prices: Prices::default(),
        state: Arc::new(Memory::default()),
        journal: None,
    })
}

struct Scene {
    gateway: Gateway,
    metrics: Metrics,
}

impl Scene {
    fn new() -> Self {
        let info = |name: &str, kind: &'static str, processing| BackendInfo {
            name: name.to_owned(),
            kind,
            model: format!("model-of-{name}"),
            region: "here".to_owned(),
            processing,
            max_concurrency: 4,
            context_tokens: None,
            tools: true,
            price: Price {
                input_per_million: 1e6,
                output_per_million: 2.5e6,
                ..Price::default()
            },
        };
        let infos = [
            info("first", "azure", Processing::Eu),
            info("second", "local", Processing::InProcess),
        ];
        let backends = infos
            .iter()
            .map(|info| RegisteredBackend {
                backend: Arc::new(Scripted(info.clone())),
                resilience: resilience::Config::default(),
            })
            .collect();
        let chains = vec![Chain {
            name: "default".to_owned(),
            backends: vec!["first".to_owned(), "second".to_owned()],
        }];
        let instruments = Instruments::new(&infos, &chains, &["acme"]);
        let observer: Arc<dyn Observer> = instruments.clone();
        let queue = admission::Config { capacity: 128 };
        let gateway = Gateway::new(
            GatewayConfig {
                queue,
                backends,
                chains,
                routing: inference::RoutingConfig::default(),
            },
            observer,
        )
        .expect("sound");
        let stats = Arc::new(|| local::Stats {
            slots: 4,
            busy: 1,
            kv_bytes: 4096,
            kv_kept_bytes: 1024,
            kv_budget_bytes: 8192,
        });
        let mut metrics = Metrics::new(
            &instruments,
            gateway.clone(),
            stats,
            vec!["summarize_text", "chat"],
            Spans::default(),
        );
        metrics.watch(accounts());
        metrics.certificate_expiry().set(Some(2_000_000_000));
        Self { gateway, metrics }
    }

    fn call(question: &str) -> Call {
        let request = CompletionRequest::new(vec![Message::user(question)], 10);
        Call::new("summarize_text", request, Deadline::after(Duration::from_secs(5)))
    }

    fn scrape(&self) -> Scrape {
        Scrape::parse(&self.metrics.render())
    }
}

type Labels = BTreeMap<String, String>;

/// A scrape, read as Prometheus reads it.
#[derive(Debug, Default)]
struct Scrape {
    kinds: BTreeMap<String, String>,
    helps: BTreeSet<String>,
    samples: BTreeMap<(String, Labels), String>,
}

impl Scrape {
    fn parse(text: &str) -> Self {
        let mut scrape = Self::default();
        let body = text
            .strip_suffix("# EOF\n")
            .expect("ends with the mark of the end");
        for line in body.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("name and type");
                let seen = scrape.kinds.insert(name.to_owned(), kind.to_owned());
                assert!(seen.is_none(), "{name} is described twice");
            } else if let Some(rest) = line.strip_prefix("# HELP ") {
                scrape
                    .helps
                    .insert(rest.split_once(' ').expect("name and help").0.to_owned());
            } else if !line.starts_with("# UNIT ") {
                let (series, value) = line.rsplit_once(' ').expect("series and value");
                let (name, labels) = match series.split_once('{') {
                    None => (series, Labels::new()),
                    Some((name, labels)) => (name, Self::labels(labels.strip_suffix('}').expect("closed"))),
                };
                assert!(value.parse::<f64>().is_ok(), "{line} ends in a number");
                let seen = scrape.samples.insert((name.to_owned(), labels), value.to_owned());
                assert!(seen.is_none(), "{series} appears twice");
            }
        }
        scrape
    }

    fn labels(text: &str) -> Labels {
        text.split("\",")
            .map(|pair| {
                let (name, value) = pair.split_once("=\"").expect("name and value");
                (name.to_owned(), value.trim_end_matches('"').to_owned())
            })
            .collect()
    }

    fn value(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let labels = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let key = (name.to_owned(), labels);
        let value = self
            .samples
            .get(&key)
            .unwrap_or_else(|| panic!("no series {key:?}"));
        value.parse().expect("a whole number")
    }

    fn sum(&self, name: &str, keep: impl Fn(&Labels) -> bool) -> u64 {
        self.samples
            .iter()
            .filter(|((found, labels), _)| found == name && keep(labels))
            .map(|(_, value)| value.parse::<u64>().expect("a whole number"))
            .sum()
    }

    /// The six terms: what was admitted has ended, runs or waits.
    fn assert_every_call_is_accounted_for(&self) {
        let ended = self.sum("mcp_calls_total", |labels| labels["outcome"] != "shed");
        let running = self.value("mcp_requests_running", &[]);
        let waiting = self.value("mcp_queue_depth", &[]);
        let admitted = self.value("mcp_admitted_total", &[]);
        assert_eq!(
            admitted,
            ended + running + waiting,
            "{admitted} = {ended} + {running} + {waiting}"
        );
    }
}

#[tokio::test]
async fn every_metric_is_there_from_the_start_with_its_type_and_labels() {
    let scrape = Scene::new().scrape();
    for definition in definitions::ALL {
        let (kind, family) = match definition.kind {
            Kind::Counter => (
                "counter",
                definition
                    .name
                    .strip_suffix("_total")
                    .expect("counters end in _total"),
            ),
            Kind::Gauge => ("gauge", definition.name),
            Kind::Histogram => ("histogram", definition.name),
        };
        assert_eq!(
            scrape.kinds.get(family).map(String::as_str),
            Some(kind),
            "{}",
            definition.name
        );
        assert!(scrape.helps.contains(family), "{family} is explained");
        let sample = match definition.kind {
            Kind::Histogram => format!("{}_count", definition.name),
            Kind::Counter | Kind::Gauge => definition.name.to_owned(),
        };
        let series: Vec<_> = scrape
            .samples
            .keys()
            .filter(|(name, _)| *name == sample)
            .collect();
        assert!(!series.is_empty(), "{sample} has no series before the first call");
        for (_, labels) in series {
            let found: BTreeSet<_> = labels.keys().map(String::as_str).collect();
            assert_eq!(
                found,
                definition.labels.iter().copied().collect(),
                "labels of {sample}"
            );
        }
    }
    assert_eq!(
        scrape.kinds.len(),
        definitions::ALL.len(),
        "nothing is exposed that is not defined"
    );
}

/// The table that scaling and dashboards rely on. Changing a line breaks somebody.
#[test]
fn the_documented_names_stay() {
    let documented: &[(&str, &[&str])] = &[
        ("mcp_queue_depth", &[]),
        ("mcp_queue_capacity", &[]),
        ("mcp_requests_running", &[]),
        ("mcp_queue_wait_seconds", &[]),
        ("mcp_calls_total", &["tool", "outcome"]),
        ("mcp_shed_total", &["reason"]),
        ("llm_attempts_total", &["backend", "outcome"]),
        ("llm_breaker_state", &["backend"]),
        ("llm_breaker_transitions_total", &["backend", "to"]),
        ("llm_throttle_remaining_seconds", &["backend"]),
        ("llm_fallback_total", &["from", "to", "reason"]),
        ("llm_tokens_total", &["backend", "direction"]),
        ("llm_local_slots", &[]),
        ("llm_local_slots_busy", &[]),
        ("llm_local_kv_bytes", &[]),
    ];
    for (name, labels) in documented {
        let definition = definitions::ALL
            .iter()
            .find(|definition| definition.name == *name);
        assert_eq!(
            definition.map(|definition| definition.labels),
            Some(*labels),
            "{name}"
        );
    }
    let forbidden = ["tenant", "user", "subject", "session", "prompt"];
    // Two tell of tenants, those that the configuration names.
    let others = definitions::ALL
        .iter()
        .filter(|definition| !["mcp_tenant_budget_used", "llm_cost_total"].contains(&definition.name));
    for definition in others {
        for label in definition.labels {
            assert!(
                !forbidden.iter().any(|word| label.contains(word)),
                "{label} of {}",
                definition.name
            );
        }
    }
}

/// Every name, kind and label: whoever changes one sees here that it is on dashboards, alerts and the autoscaler.
#[test]
fn no_name_changes_unnoticed() {
    let mut lines: Vec<_> = definitions::ALL
        .iter()
        .map(|definition| {
            let kind = format!("{:?}", definition.kind).to_lowercase();
            format!("{} {kind} {}", definition.name, definition.labels.join(" "))
                .trim()
                .to_owned()
        })
        .collect();
    lines.sort();
    let known: Vec<_> = include_str!("metric_names.txt").lines().collect();
    assert_eq!(lines, known, "metric_names.txt and CHANGELOG.md say what changed");
}

#[tokio::test]
async fn what_a_call_took_is_in_the_histograms_of_the_conventions() {
    let scene = Scene::new();
    assert!(scene.gateway.complete(Scene::call("fall back")).await.is_ok());
    let operations = scene.metrics.operations();
    operations.ended(
        "tools/call",
        "summarize_text",
        "tool_error",
        Duration::from_millis(15),
    );
    operations.session_ended(Duration::from_secs(90));
    let scrape = scene.scrape();
    let local = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "b2xgate.local"),
        ("gen_ai_request_model", "model-of-second"),
    ];
    for name in [
        "gen_ai_client_operation_time_to_first_chunk_seconds_count",
        "gen_ai_server_time_to_first_token_seconds_count",
        "gen_ai_server_time_per_output_token_seconds_count",
    ] {
        assert_eq!(scrape.value(name, &local), 1, "{name}");
    }
    let failed = [
        ("mcp_method_name", "tools/call"),
        ("gen_ai_tool_name", "summarize_text"),
        ("error_type", "tool_error"),
    ];
    assert_eq!(
        scrape.value("mcp_server_operation_duration_seconds_count", &failed),
        1
    );
    let within = |bound| [&failed[..], &[("le", bound)]].concat();
    let bucket = "mcp_server_operation_duration_seconds_bucket";
    assert_eq!(scrape.value(bucket, &within("0.01")), 0);
    assert_eq!(scrape.value(bucket, &within("0.02")), 1);
    assert_eq!(scrape.value("mcp_server_session_duration_seconds_count", &[]), 1);
    let expiry = scrape.samples[&(
        "mcp_certificate_expiry_timestamp_seconds".to_owned(),
        Labels::new(),
    )]
        .clone();
    assert_eq!(expiry, "2000000000");
}

#[tokio::test]
async fn numbers_of_one_scrape_agree_while_calls_come_and_go() {
    let scene = Scene::new();
    scene.scrape().assert_every_call_is_accounted_for();
    assert!(scene.gateway.complete(Scene::call("hello")).await.is_ok());
    assert!(
        scene
            .gateway
            .complete(Scene::call("fall back"))
            .await
            .expect("the second answers")
            .facts
            .degraded
    );
    assert!(scene.gateway.complete(Scene::call("fail")).await.is_err());
    let mut hanging = scene.gateway.start(Scene::call("hang")).expect("admitted");
    // Until it runs: whatever happens to a call is told in order.
    let started = hanging.next().await;
    assert!(started.is_some());
    let scrape = scene.scrape();
    scrape.assert_every_call_is_accounted_for();
    let ended = |outcome: &str| {
        scrape.value(
            "mcp_calls_total",
            &[("tool", "summarize_text"), ("outcome", outcome)],
        )
    };
    assert_eq!(
        [
            ended("answered"),
            ended("degraded"),
            ended("failed"),
            ended("cancelled")
        ],
        [1, 1, 1, 0]
    );
    assert_eq!(scrape.value("mcp_admitted_total", &[]), 4);
    assert_eq!(scrape.value("mcp_queue_capacity", &[]), 128);
    let attempts = |backend: &str, outcome: &str| {
        scrape.value(
            "llm_attempts_total",
            &[("backend", backend), ("outcome", outcome)],
        )
    };
    assert_eq!(
        (attempts("first", "answered"), attempts("second", "answered")),
        (1, 1)
    );
    assert!(attempts("first", "server_error") >= 2);
    assert!(
        scrape.value(
            "llm_fallback_total",
            &[("from", "first"), ("to", "second"), ("reason", "server_error")]
        ) >= 1
    );
    assert_eq!(
        scrape.value(
            "llm_tokens_total",
            &[("backend", "second"), ("direction", "output")]
        ),
        2
    );
    assert_eq!(scrape.value("llm_breaker_state", &[("backend", "first")]), 0);
    assert_eq!(scrape.value("llm_local_kv_bytes", &[]), 4096);
    drop(hanging);
    let scrape = scene.scrape();
    scrape.assert_every_call_is_accounted_for();
    assert_eq!(
        scrape.value(
            "mcp_calls_total",
            &[("tool", "summarize_text"), ("outcome", "cancelled")]
        ),
        1
    );
}
