//! Every query of a dashboard and every expression of a rule, against a real Prometheus that scraped the real server.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use axum::{Router, routing::get};
use serde_json::json;
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault, Filter},
    mcp_client::McpClient,
    server_under_test::{ServerUnderTest, Settings},
};
use tokio::{net::TcpListener, time::Instant};

use super::{
    artefacts::{self, Query},
    expressions,
    process::Running,
};

/// Series that others show: kube-state-metrics, the kubelet, exporters, cert-manager, the collector, Prometheus itself. A
/// rule or dashboard may name these and those of the server, and no others.
const ELSEWHERE: &str = include_str!("elsewhere.prom");
/// Series that Prometheus makes by itself.
const OF_PROMETHEUS: [&str; 2] = ["ALERTS", "up"];
/// Series of the server that one without TLS and tenants does not show, with a value each for the queries.
const NOT_SHOWN: &str = "mcp_certificate_expiry_timestamp_seconds 4102444800\n\
    mcp_tenant_budget_used{tenant=\"acme\",period=\"day\"} 0.5\n";
/// Rates are to be seen once two scrapes show them.
const DATA_LIMIT: Duration = Duration::from_mins(2);

/// Every expression that is committed.
fn queries() -> Vec<Query> {
    let mut queries: Vec<Query> = artefacts::rules().iter().map(artefacts::Rule::query).collect();
    queries.extend(artefacts::dashboard_queries());
    queries
}

/// Names that stand in an exposition; those of a histogram with all its endings.
fn names(exposition: &str) -> BTreeSet<String> {
    let samples = exposition.lines().filter(|line| !line.starts_with('#'));
    samples
        .filter_map(|line| line.split(['{', ' ']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What is named and shown by nobody.
fn strangers(queries: &[Query], shown: &BTreeSet<String>) -> Vec<String> {
    let recorded: BTreeSet<String> = artefacts::rules()
        .iter()
        .filter_map(|rule| rule.record().map(str::to_owned))
        .collect();
    let (elsewhere, not_shown) = (names(ELSEWHERE), names(NOT_SHOWN));
    let known = |name: &String| {
        [shown, &recorded, &elsewhere, &not_shown]
            .iter()
            .any(|names| names.contains(name))
            || OF_PROMETHEUS.contains(&name.as_str())
    };
    let mut strangers = Vec::new();
    for query in queries {
        for name in expressions::series(&query.expression) {
            if !known(&name) {
                strangers.push(format!("{}: {name}", query.place));
            }
        }
    }
    strangers
}

/// Serves what others would show, for Prometheus to scrape.
async fn serve(exposition: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let routes = Router::new().route("/metrics", get(move || std::future::ready(exposition.clone())));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address.to_string()
}

async fn call(client: &McpClient, times: u32) {
    for _ in 0..times {
        client
            .call("classify_ticket", json!({"text": "Where is my parcel?"}))
            .await;
    }
}

/// A little of everything: answers, answers of the local model, refusals, failures.
async fn make_traffic(fake: &FakeAzure, server: &ServerUnderTest) {
    let client = server.client();
    call(&client, 3).await;
    fake.faults().always(Fault::filter(Filter::Prompt));
    call(&client, 1).await;
    fake.faults().clear();
    fake.faults().always("status=500".parse().expect("a fault"));
    call(&client, 3).await;
    fake.faults().clear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_and_rule_finds_data_in_what_the_real_server_shows() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let elsewhere = serve(format!("{ELSEWHERE}{}", of_the_job(NOT_SHOWN))).await;
    let address = server
        .metrics_url()
        .trim_start_matches("http://")
        .trim_end_matches("/metrics")
        .to_owned();
    let prometheus = Running::prometheus(&[("mcp-server", &address), ("elsewhere", &elsewhere)]).await;
    make_traffic(&fake, &server).await;

    let shown = scrape(&server).await;
    let strangers = strangers(&queries(), &shown);
    assert!(strangers.is_empty(), "nobody shows these: {strangers:#?}");

    let end = Instant::now() + DATA_LIMIT;
    let mut silent = queries();
    while !silent.is_empty() {
        assert!(Instant::now() < end, "these find no data: {silent:#?}");
        make_traffic(&fake, &server).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut still = Vec::new();
        for query in silent {
            match finds(&prometheus, &query).await {
                Ok(true) => {}
                Ok(false) => still.push(query),
                Err(error) => panic!("{}: {error}: {}", query.place, query.expression),
            }
        }
        silent = still;
    }
}

/// Series of the server carry its job; these come from elsewhere and would not match.
fn of_the_job(exposition: &str) -> String {
    let mut text = String::new();
    for line in exposition.lines() {
        let (name, rest) = line.split_once(' ').expect("a sample has a value");
        let _ = match name.split_once('{') {
            Some((name, labels)) => writeln!(text, "{name}{{job=\"mcp-server\",{labels} {rest}"),
            None => writeln!(text, "{name}{{job=\"mcp-server\"}} {rest}"),
        };
    }
    text
}

async fn scrape(server: &ServerUnderTest) -> BTreeSet<String> {
    let answer = tests::http_client().get(server.metrics_url()).send().await;
    let text = answer.expect("metrics can be reached").text().await;
    names(&text.expect("metrics are text"))
}

async fn finds(prometheus: &Running, query: &Query) -> Result<bool, String> {
    let expression = query.expression.replace("$__rate_interval", "1m");
    let bare = expression.trim();
    // There is a value only when something is missing: look at what must not be missing instead.
    let asked = match bare
        .strip_prefix("absent(")
        .and_then(|inner| inner.strip_suffix(')'))
    {
        Some(inner) => inner.to_owned(),
        None => expressions::always_valued(bare),
    };
    Ok(!prometheus.ask(&asked).await?.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_metric_is_found_by_every_name_that_is_used() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let shown = scrape(&server).await;
    let queries = queries();
    let used: BTreeSet<String> = queries
        .iter()
        .flat_map(|query| expressions::series(&query.expression))
        .filter(|name| shown.contains(name))
        .collect();
    assert!(used.len() > 20, "few series of the server are used: {used:?}");
    for name in &used {
        let mut renamed = shown.clone();
        renamed.remove(name);
        renamed.insert(format!("{name}_renamed"));
        let found = strangers(&queries, &renamed);
        assert!(
            !found.is_empty() && found.iter().all(|line| line.ends_with(&format!(": {name}"))),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn what_scaling_reads_is_a_series_of_the_server() {
    let definitions =
        std::fs::read_to_string(crate::tools::root().join("mcp-server/src/telemetry/metric_definitions.rs"))
            .expect("the metrics are defined");
    let files = [
        "kubernetes/base/hpa.yaml",
        "kubernetes/components/prometheus-adapter/config.yaml",
        "kubernetes/components/keda/scaled-object.yaml",
    ];
    for file in files {
        assert!(
            crate::tools::read(file).contains("mcp_queue_depth"),
            "{file} scales on something else"
        );
    }
    assert!(
        definitions.contains("\"mcp_queue_depth\""),
        "the server does not define what scaling reads"
    );
}

#[test]
fn nothing_stands_in_the_list_of_others_that_nobody_reads() {
    let read: BTreeSet<String> = queries()
        .iter()
        .flat_map(|query| expressions::series(&query.expression))
        .collect();
    let listed = names(ELSEWHERE).into_iter().chain(names(NOT_SHOWN));
    let idle: Vec<String> = listed.filter(|name| !read.contains(name)).collect();
    assert!(idle.is_empty(), "nobody reads {idle:?}");
}
