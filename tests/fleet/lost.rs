//! Redis goes away in the middle, and comes back empty: nobody's call fails, and everybody is told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tests::{eventually, mcp_client::McpClient, redis_server::RedisServer, server_under_test::Settings};
use tokio::task::JoinHandle;

use crate::pods::{PODS, Pods, sharing};

const CALLERS: usize = 4;
/// From one connection that fails to the next that is tried, with the longest pause and its jitter.
const BACK_WITHIN: Duration = Duration::from_secs(20);

/// Callers that call again and again until told to stop.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    calling: Vec<JoinHandle<(Vec<String>, u64)>>,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self {
            over: Arc::default(),
            calling: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, client: McpClient) {
        let calling = keep_calling(client, Arc::clone(&self.over));
        self.calling.push(tokio::spawn(calling));
    }

    /// Ends it: there was some, and nobody's call has failed.
    pub(crate) async fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        for calls in self.calling {
            let (failed, succeeded) = calls.await.expect("a caller does not panic");
            assert_eq!(failed, Vec::<String>::new());
            assert!(succeeded > 10, "{succeeded} calls are no load");
        }
    }
}

/// Gives what did not succeed, and how much did.
async fn keep_calling(client: McpClient, over: Arc<AtomicBool>) -> (Vec<String>, u64) {
    let (mut failed, mut succeeded) = (Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        let exchange = client.call("server_status", json!({})).await;
        if exchange.status == 200 && exchange.response.get("result").is_some() {
            succeeded += 1;
        } else {
            failed.push(format!("{} {}", exchange.status, exchange.response));
        }
    }
    (failed, succeeded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn losing_redis_costs_nobody_a_call() {
    let mut redis = RedisServer::start().await;
    let pods = Pods::start(&sharing(Settings::local(), &[redis.url()])).await;
    assert_eq!(pods.each("mcp_shared_state_up", &[]).await, [1.0; PODS]);
    let mut load = Load::new();
    for caller in 0..CALLERS {
        let mut client = pods.client();
        if caller % 2 == 0 {
            client = client.initialize().await.expect("a session");
            // At home everywhere before anything happens.
            let round = pods.round_robin();
            for url in pods.urls() {
                client = client.at(&url);
                assert_eq!(client.request("tools/list", json!({})).await.status, 200);
            }
            client = client.at(&round);
        }
        load.add(client);
    }
    redis.kill().await;
    let up = async |expected: f64| {
        let up = pods.each("mcp_shared_state_up", &[]).await;
        (up == [expected; PODS]).then_some(())
    };
    eventually(
        "every server says that it is alone",
        Duration::from_secs(5),
        async || up(0.0).await,
    )
    .await;
    for server in &pods.servers {
        let ready = tests::http_client().get(server.url("/health/ready")).send().await;
        assert_eq!(ready.expect("it answers").status(), 200);
        assert_eq!(
            server.log().matches("the shared state is lost").count(),
            1,
            "said once"
        );
    }
    // A client that comes now is served where it came to.
    let alone = McpClient::legacy(pods.urls()[0].clone())
        .await
        .expect("a session");
    assert_eq!(alone.request("tools/list", json!({})).await.status, 200);
    redis.restart().await;
    eventually("every server is back", BACK_WITHIN, async || up(1.0).await).await;
    // Its next request tells the others.
    assert_eq!(alone.request("tools/list", json!({})).await.status, 200);
    let alone = alone.at(&pods.urls()[1]);
    assert_eq!(alone.request("tools/list", json!({})).await.status, 200);
    load.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_starts_without_redis_and_finds_it_later() {
    let mut redis = RedisServer::start().await;
    redis.kill().await;
    let pods = Pods::start(&sharing(Settings::local(), &[redis.url()])).await;
    assert_eq!(pods.each("mcp_shared_state_up", &[]).await, [0.0; PODS]);
    redis.restart().await;
    eventually("every server finds it", BACK_WITHIN, async || {
        (pods.each("mcp_shared_state_up", &[]).await == [1.0; PODS]).then_some(())
    })
    .await;
}
