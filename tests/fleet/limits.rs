//! Limits and budgets are the same however many servers there are, and none is multiplied while Redis is away.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::McpClient,
    openai_client::OpenAiClient,
    redis_server::{RedisCluster, RedisServer},
    server_under_test::{AzureBackend, ServerUnderTest, Settings, command},
};
use tokio::time::Instant;

use crate::pods::{PODS, Pods, sharing};

/// Longer than a process that died holds what its calls reserved, by the pause in which others hear of it and more.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(30);
const BACK_WITHIN: Duration = Duration::from_secs(20);

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// Three servers with limits for whoever calls, that have heard of each other.
async fn limited(fake: &FakeAzure, urls: &[String], limits: &str) -> Pods {
    let patient = AzureBackend {
        resilience: "[backends.resilience]\nfirst_byte_timeout = \"100s\"\n".to_owned(),
        ..AzureBackend::default()
    };
    let settings = Settings::default()
        .with_azure(fake, &patient)
        .server(&format!("[tenancy]\n{limits}\n"));
    let pods = Pods::start(&sharing(settings, urls)).await;
    eventually("all have heard of each other", BACK_WITHIN, async || {
        (pods.each("mcp_fleet_servers", &[]).await == [3.0; PODS]).then_some(())
    })
    .await;
    pods
}

/// What came of calls: what each that was served cost, and the last refusal.
#[derive(Default)]
struct Seen {
    costs: Vec<f64>,
    refusal: Value,
}

impl Seen {
    /// In billionths, rounded up for each call as servers do.
    fn spent(&self) -> i64 {
        self.costs.iter().map(|cost| nanos(*cost)).sum()
    }

    fn add(&mut self, other: Self) {
        self.costs.extend(other.costs);
        self.refusal = other.refusal;
    }
}

fn nanos(units: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "amounts of a test are small")]
    let nanos = (units * 1e9).ceil() as i64;
    nanos
}

/// Calls until refused.
async fn call_until_refused(client: McpClient) -> Seen {
    let mut seen = Seen::default();
    loop {
        let exchange = client
            .call("classify_ticket", json!({"text": "Where is my parcel?"}))
            .await;
        if exchange.result()["isError"] == true {
            seen.refusal = exchange.failure().clone();
            assert_eq!(seen.refusal["code"], "quota_exceeded", "{}", seen.refusal);
            return seen;
        }
        let cost = exchange.answer().facts()["cost"]["amount"].as_f64();
        seen.costs.push(cost.expect("a number"));
    }
}

async fn all_until_refused(clients: impl IntoIterator<Item = McpClient>) -> Seen {
    let calling: Vec<_> = clients
        .into_iter()
        .map(|client| tokio::spawn(call_until_refused(client)))
        .collect();
    let mut all = Seen::default();
    for calls in calling {
        all.add(calls.await.expect("a caller does not panic"));
    }
    all
}

fn at_each(pods: &Pods) -> Vec<McpClient> {
    pods.servers.iter().map(ServerUnderTest::client).collect()
}

/// What is spent today, as Redis has it.
fn spent_in(redis: &RedisServer) -> i64 {
    let kept = redis.ask(&["hmget", "{b2x:development}:used", "day_before", "day_spent"]);
    kept.lines().filter_map(|line| line.parse::<i64>().ok()).sum()
}

async fn all_is_told(pods: &Pods) {
    eventually("all is told", BACK_WITHIN, async || {
        (pods.each("mcp_limits_unsettled", &[]).await == [0.0; PODS]).then_some(())
    })
    .await;
}

async fn up(pods: &Pods, expected: f64) {
    eventually("every server knows", BACK_WITHIN, async || {
        (pods.each("mcp_shared_state_up", &[]).await == [expected; PODS]).then_some(())
    })
    .await;
}

async fn a_hundred_calls_a_minute(urls: &[String]) {
    let fake = fake().await;
    let pods = limited(&fake, urls, "requests_per_minute = 100").await;
    let began = Instant::now();
    let seen = all_until_refused((0..16).map(|_| pods.client())).await;
    // A minute's worth at once, and what comes back evenly while they call: not one more, and not one less.
    let back = usize::try_from(began.elapsed().as_millis() * 100 / 60_000).expect("a short test");
    let served = seen.costs.len();
    assert!((100..=100 + back).contains(&served), "{served} of 100 and {back}");
    assert_eq!(fake.stats().requests, served as u64, "nothing else was sent");
    assert_eq!(seen.refusal["limit"], "requests_per_minute");
    assert_eq!(seen.refusal["limit_value"], "100");
    let wait = seen.refusal["retry_after_ms"].as_u64().expect("waiting helps");
    assert!((1..=600).contains(&wait), "100 a minute: {wait}");
    let calls = pods.each("mcp_calls_total", &[("outcome", "answered")]).await;
    assert!(
        calls.iter().all(|calls| *calls > 10.0),
        "by all of them: {calls:?}"
    );
    for server in &pods.servers {
        let status = server.client().call("server_status", json!({})).await;
        let limits = &status.answer().structured["limits"];
        assert_eq!(
            (&limits["counted"], &limits["servers"]),
            (&json!("shared"), &json!(PODS))
        );
    }
    let mut doctor = command(pods.servers[0].folder());
    doctor.args(["doctor", "--config", "mcp-server.toml"]);
    let run = tokio::time::timeout(Duration::from_mins(1), doctor.output()).await;
    let output = run.expect("it ends by itself").expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("limits are shared by 3 servers"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_calls_a_minute_is_one_limit_for_all_servers() {
    let redis = RedisServer::start().await;
    a_hundred_calls_a_minute(&[redis.url()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_calls_a_minute_is_one_limit_in_a_cluster() {
    let redis = RedisCluster::start().await;
    a_hundred_calls_a_minute(&redis.urls()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_is_spent_once_by_all_servers_together() {
    let redis = RedisServer::start().await;
    let fake = fake().await;
    let mut pods = limited(&fake, &[redis.url()], "budget_day = 0.01").await;
    let mut seen = all_until_refused((0..8).map(|_| pods.client())).await;
    // What the last of them had reserved and not needed is there again.
    seen.add(call_until_refused(pods.client()).await);
    let needs: f64 = seen.refusal["needs"]
        .as_str()
        .and_then(|needs| needs.parse().ok())
        .expect("a number");
    let spent = seen.spent();
    assert!(spent <= 10_000_000, "{spent}");
    assert!(spent + nanos(needs) > 10_000_000, "{spent} and {needs} fit");
    assert_eq!(seen.refusal["limit"], "budget_day");
    // An orderly end leaves nothing untold, and the others hear of it at once.
    let mut first = pods.servers.remove(0);
    first.sigterm().await;
    assert!(first.wait(Duration::from_secs(30)).await.success());
    assert_eq!(spent_in(&redis), spent);
    eventually("two are left", Duration::from_secs(8), async || {
        let servers = pods.servers[0].metrics().await.sum("mcp_fleet_servers", &[]);
        (servers < 2.5).then_some(())
    })
    .await;
    let alerts = async |server: &ServerUnderTest| server.metrics().await.sum("mcp_budget_alerts_total", &[]);
    let told = alerts(&pods.servers[0]).await + alerts(&pods.servers[1]).await;
    assert!(told <= 3.0, "80, 90 and 100 %, each by one of them: {told}");
}

/// Starts as many calls as a limit allows, on the first server, and leaves them running.
async fn hold(fake: &FakeAzure, server: &ServerUnderTest, count: usize) -> Vec<tokio::task::JoinHandle<()>> {
    fake.faults().always("delay=120000".parse().expect("a fault"));
    let all = fake.stats().in_flight + count;
    let mut held = Vec::new();
    for _ in 0..count {
        let client = OpenAiClient::new(server.url("/v1"));
        let question = OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 4000}));
        held.push(tokio::spawn(async move {
            client.ask(&question, &[]).await;
        }));
    }
    eventually("they run", BACK_WITHIN, async || {
        (fake.stats().in_flight == all).then_some(())
    })
    .await;
    fake.faults().clear();
    held
}

/// One more call: its status, and the limit that refused it.
async fn one_more(server: &ServerUnderTest) -> (u16, String) {
    let question = OpenAiClient::question("Hello?", &json!({"max_completion_tokens": 4000}));
    let reply = OpenAiClient::new(server.url("/v1")).ask(&question, &[]).await;
    let message = reply.body["error"]["message"].as_str().unwrap_or_default();
    (reply.status, message.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_frees_places_and_money_that_its_calls_had_reserved() {
    // An answer of 4,000 tokens may cost 0.0064: three fit.
    for (limit, part) in [
        ("concurrent_calls = 3", "calls at once"),
        ("budget_day = 0.02", "budget of the day"),
    ] {
        let redis = RedisServer::start().await;
        let fake = fake().await;
        let mut pods = limited(&fake, &[redis.url()], limit).await;
        let held = hold(&fake, &pods.servers[0], 3).await;
        for server in &pods.servers {
            let (status, message) = one_more(server).await;
            assert!(status == 429 && message.contains(part), "{status} {message}");
        }
        // Callers who go away free their places on every server, though what they reserved counts as spent.
        if part == "calls at once" {
            held[0].abort();
            eventually("a place is free", BACK_WITHIN, async || {
                (one_more(&pods.servers[1]).await.0 == 200).then_some(())
            })
            .await;
            hold(&fake, &pods.servers[0], 1).await;
            assert_eq!(one_more(&pods.servers[1]).await.0, 429);
        }
        let killed = Instant::now();
        pods.servers[0].kill().await;
        eventually("what the dead server held is free", GIVEN_UP_WITHIN, async || {
            (one_more(&pods.servers[1]).await.0 == 200).then_some(())
        })
        .await;
        assert!(killed.elapsed() < GIVEN_UP_WITHIN);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_each_server_spends_its_part_and_tells_it_once() {
    let mut redis = RedisServer::start().await;
    let fake = fake().await;
    let pods = limited(&fake, &[redis.url()], "budget_day = 0.03").await;
    redis.kill().await;
    up(&pods, 0.0).await;
    let mut seen = Seen::default();
    for client in at_each(&pods) {
        let alone = call_until_refused(client).await;
        let spent = alone.spent();
        assert!(
            !alone.costs.is_empty() && spent <= 10_000_000,
            "a third at most: {spent}"
        );
        assert_eq!(alone.refusal["limit_value"], "0.01", "{}", alone.refusal);
        seen.add(alone);
    }
    let status = pods.servers[0].client().call("server_status", json!({})).await;
    let limits = &status.answer().structured["limits"];
    assert_eq!(
        (&limits["counted"], &limits["servers"]),
        (&json!("apart"), &json!(PODS))
    );
    // Empty as it comes back, Redis hears of all of it, once.
    redis.restart().await;
    up(&pods, 1.0).await;
    all_is_told(&pods).await;
    assert_eq!(spent_in(&redis), seen.spent());
    seen.add(all_until_refused((0..4).map(|_| pods.client())).await);
    all_is_told(&pods).await;
    assert_eq!(spent_in(&redis), seen.spent());
    assert!(seen.spent() <= 30_000_000, "{}", seen.spent());
    // Empty once more: what is spent already is remembered by those who were told.
    redis.kill().await;
    up(&pods, 0.0).await;
    redis.restart().await;
    up(&pods, 1.0).await;
    seen.add(all_until_refused(at_each(&pods)).await);
    all_is_told(&pods).await;
    assert!(seen.spent() <= 30_000_000, "{}", seen.spent());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_saw_redis_takes_a_small_part() {
    let mut redis = RedisServer::start().await;
    redis.kill().await;
    let fake = fake().await;
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .server("[tenancy]\nrequests_per_minute = 80\n");
    let server = ServerUnderTest::start(&sharing(settings, &[redis.url()])).await;
    let began = Instant::now();
    let seen = call_until_refused(server.client()).await;
    let back = usize::try_from(began.elapsed().as_millis() * 10 / 60_000).expect("a short test");
    assert!(
        (10..=10 + back).contains(&seen.costs.len()),
        "{} of 10",
        seen.costs.len()
    );
    let message = seen.refusal["message"].as_str().unwrap_or_default();
    assert!(seen.refusal["limit_value"] == "10", "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_its_answer_finds_its_place_free() {
    let redis = RedisServer::start().await;
    let fake = fake().await;
    let pods = limited(&fake, &[redis.url()], "concurrent_calls = 1").await;
    for client in [pods.client(), pods.servers[0].client()] {
        for number in 0..100 {
            let exchange = client
                .call("classify_ticket", json!({"text": "Where is my parcel?"}))
                .await;
            assert_eq!(exchange.answer().backend(), "azure", "call {number}");
        }
    }
}
