//! Sessions of clients that `initialize`, on servers that did not open them.

use serde_json::json;
use tests::{
    mcp_client::McpClient,
    redis_server::{RedisCluster, RedisServer},
    server_under_test::Settings,
};

use crate::{
    keys::KeyFile,
    pods::{PODS, Pods, sharing},
};

async fn lists(client: &McpClient) -> u16 {
    client.request("tools/list", json!({})).await.status
}

/// A session goes on everywhere for its owner, nowhere for others, and ends everywhere.
async fn a_session_is_at_home_everywhere(urls: &[String]) {
    let keys = KeyFile::new();
    let (alice, bob) = (keys.add("acme").await, keys.add("bolt").await);
    let pods = Pods::start(&keys.with(sharing(Settings::local(), urls))).await;
    let mut session = pods
        .client()
        .with_bearer(&alice)
        .initialize()
        .await
        .expect("a session");
    for _ in 0..3 * PODS {
        let answer = session.call("server_status", json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.answer().structured.is_object(), "{answer:?}");
    }
    // Whoever knows the id is not its owner, on no server, and cannot close it either.
    for url in pods.urls() {
        session = session.at(&url).with_bearer(&bob);
        assert_eq!(
            (lists(&session).await, session.close().await),
            (404, 404),
            "{url}"
        );
        session = session.with_bearer(&alice);
        assert_eq!(lists(&session).await, 200, "{url}");
    }
    // Closed on one, closed on all: on those that have it awake, too.
    assert_eq!(session.close().await, 202);
    for url in pods.urls() {
        session = session.at(&url);
        assert_eq!(
            (lists(&session).await, session.close().await),
            (404, 404),
            "{url}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_at_home_on_every_server() {
    let redis = RedisServer::start().await;
    a_session_is_at_home_everywhere(&[redis.url()]).await;
    let keys = redis.ask(&["keys", "*"]);
    assert!(keys.contains("b2x:session:"), "{keys}");
    let id = keys
        .lines()
        .find(|key| key.contains("session"))
        .expect("a note of it");
    let kept = redis.ask(&["hgetall", id]);
    assert!(!kept.contains("acme") && !kept.contains("introduction"), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_at_home_on_every_server_that_shares_a_cluster() {
    let redis = RedisCluster::start().await;
    a_session_is_at_home_everywhere(&redis.urls()).await;
    assert!(redis.keys().iter().sum::<u64>() > 0, "{:?}", redis.keys());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_outlives_the_server_that_opened_it_and_can_be_closed_where_it_never_was() {
    let redis = RedisServer::start().await;
    let mut pods = Pods::start(&sharing(Settings::local(), &[redis.url()])).await;
    let [first, second, third] = &pods.urls()[..] else {
        panic!("three servers")
    };
    let open = async || McpClient::legacy(first.clone()).await.expect("a session");
    let unused = open().await.at(second);
    assert_eq!(unused.close().await, 202);
    assert_eq!(lists(&unused.at(first)).await, 404);

    let session = open().await;
    let mut first = pods.servers.remove(0);
    first.sigterm().await;
    assert!(first.wait(std::time::Duration::from_secs(30)).await.success());
    let session = session.at(second);
    assert_eq!(lists(&session).await, 200);
    // Two requests at once, to a server that has to take it over.
    let session = session.at(third);
    let (one, other) = tokio::join!(lists(&session), lists(&session));
    assert_eq!((one, other), (200, 200));
    let unknown = "00000000-0000-4000-8000-000000000000";
    for id in [unknown, "*", "{b2x}:circuit:x", "../x"] {
        let client = McpClient::modern(third.clone()).with_header("mcp-session-id", id);
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        assert_eq!(client.post(&message, &[]).await.status, 404, "{id}");
    }
}
