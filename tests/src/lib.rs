//! The test harness: a fake Azure OpenAI, an issuer of tokens, an authority of certificates, the real server under test, small MCP and OpenAI clients, a reader of metrics, a collector of traces, a Redis, and a load balancer.

pub mod certificates;
pub mod entra;
pub mod fake_azure;
pub mod ledger;
pub mod mcp_client;
pub mod metrics;
pub mod openai_client;
pub mod otlp_collector;
pub mod postgres;
pub mod redis_server;
pub mod round_robin;
pub mod server_under_test;
pub mod token_issuer;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio_util::task::AbortOnDropHandle;

/// Serves these routes on a free port, until the handle is dropped.
async fn serve(routes: Router) -> std::io::Result<(SocketAddr, AbortOnDropHandle<()>)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(async move {
        // It ends with the test.
        let _ = axum::serve(listener, routes).await;
    });
    Ok((address, AbortOnDropHandle::new(serving)))
}

/// A plain HTTP client for tests: no proxy, bounded waits.
///
/// # Panics
/// Panics when no client can be made.
pub fn http_client() -> reqwest::Client {
    // A second call finds the provider installed, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tcp_nodelay(true)
        .timeout(Duration::from_secs(90))
        .build()
        .expect("a client without TLS roots or proxies")
}

/// Asks again and again until there is an answer, for `limit` at most. Waits for a state that others reach.
///
/// # Panics
/// Panics, naming `what`, when the limit passes.
pub async fn eventually<T, F>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = tokio::time::Instant::now() + limit;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < end, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
