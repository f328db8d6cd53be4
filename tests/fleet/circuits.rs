//! What one server of a fleet learns of Azure, all of them know.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    redis_server::{RedisCluster, RedisServer},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

use crate::pods::{PODS, Pods, sharing};

const BREAKER: (&str, &[(&str, &str)]) = ("llm_breaker_state", &[("backend", "azure")]);

async fn fleet(urls: &[String]) -> (FakeAzure, Pods) {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let azure = AzureBackend {
        resilience: "[backends.resilience.breaker]\nopen = \"4s\"\nopen_max = \"4s\"\njitter = 0.0\n"
            .to_owned(),
        ..AzureBackend::default()
    };
    let settings = Settings::default().with_azure(&fake, &azure).with_local();
    let pods = Pods::start(&sharing(settings, urls)).await;
    (fake, pods)
}

async fn ask(server: &ServerUnderTest) -> Value {
    let answer = server
        .client()
        .call("classify_ticket", json!({"text": "The invoice is wrong."}))
        .await;
    answer.answer().facts().clone()
}

/// Lets the first server find out that Azure is broken.
async fn open_on_the_first(fake: &FakeAzure, pods: &Pods) {
    fake.faults()
        .always("delay=300,status=503".parse().expect("a fault"));
    eventually(
        "the first server has seen enough",
        Duration::from_mins(1),
        async || {
            let facts = ask(&pods.servers[0]).await;
            assert_eq!(facts["backend"], "local", "{facts}");
            (facts["reason"] == "circuit_open").then_some(())
        },
    )
    .await;
}

async fn all_heard(pods: &Pods) {
    eventually("all have heard of it", Duration::from_secs(3), async || {
        (pods.each(BREAKER.0, BREAKER.1).await == [2.0; PODS]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_learns_for_all_and_one_tries_for_all() {
    let redis = RedisServer::start().await;
    let (fake, pods) = fleet(&[redis.url()]).await;
    open_on_the_first(&fake, &pods).await;
    fake.reset_stats();
    all_heard(&pods).await;
    for server in &pods.servers[1..] {
        let facts = ask(server).await;
        assert_eq!(
            (&facts["backend"], &facts["reason"]),
            (&json!("local"), &json!("circuit_open"))
        );
    }
    assert_eq!(fake.stats().requests, 0, "nobody else had to learn it");

    // While it stays broken, and all of them are busy: one trial at a time, of all servers together.
    let until = tokio::time::Instant::now() + Duration::from_secs(14);
    let calling = pods.servers.iter().map(async |server| {
        while tokio::time::Instant::now() < until {
            assert_eq!(ask(server).await["backend"], "local");
        }
    });
    futures::future::join_all(calling).await;
    let trials = fake.stats().arrivals;
    assert!(
        trials.iter().all(|trial| trial.in_flight == 1),
        "two at once: {trials:?}"
    );
    // A trial every 4 s and not one for each server: 3 or 4 in 14 s, where three servers alone would make three times that.
    assert!((2..=5).contains(&trials.len()), "{trials:?}");

    fake.faults().clear();
    fake.reset_stats();
    eventually(
        "one trial closes it for all",
        Duration::from_secs(20),
        async || {
            ask(&pods.servers[2]).await;
            (pods.each(BREAKER.0, BREAKER.1).await == [0.0; PODS]).then_some(())
        },
    )
    .await;
    let closed_by_hearsay = pods.servers.iter().filter(|server| {
        let log = server.log();
        log.contains("is closed: another process found it working")
    });
    assert!(closed_by_hearsay.count() > 0, "each had to try by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_carries_the_news_as_well() {
    let redis = RedisCluster::start().await;
    let (fake, pods) = fleet(&redis.urls()).await;
    open_on_the_first(&fake, &pods).await;
    all_heard(&pods).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_each_server_learns_by_itself() {
    let mut redis = RedisServer::start().await;
    let (fake, pods) = fleet(&[redis.url()]).await;
    redis.kill().await;
    open_on_the_first(&fake, &pods).await;
    assert_eq!(pods.each(BREAKER.0, BREAKER.1).await[1..], [0.0; PODS - 1]);
    fake.faults().clear();
    // Nobody can be asked, so the trial is made: nothing waits for Redis to come back.
    eventually("the first server recovers", Duration::from_secs(20), async || {
        ask(&pods.servers[0]).await;
        (pods.each(BREAKER.0, BREAKER.1).await == [0.0; PODS]).then_some(())
    })
    .await;
}
