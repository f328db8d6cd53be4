//! Three servers of one configuration, and the round-robin in front of them.

use std::net::SocketAddr;

use tests::{
    mcp_client::McpClient,
    round_robin::RoundRobin,
    server_under_test::{ServerUnderTest, Settings},
};

pub(crate) const PODS: usize = 3;

pub(crate) struct Pods {
    pub(crate) servers: Vec<ServerUnderTest>,
    front: RoundRobin,
}

/// The settings of a fleet that shares what is in these servers.
pub(crate) fn sharing(settings: Settings, urls: &[String]) -> Settings {
    let cluster = urls.len() > 1;
    settings.server(&format!(
        "[shared]\nurls = {urls:?}\ncluster = {cluster}\ntimeout = \"2s\"\n"
    ))
}

impl Pods {
    pub(crate) async fn start(settings: &Settings) -> Self {
        let mut servers = Vec::new();
        for _ in 0..PODS {
            servers.push(ServerUnderTest::start(settings).await);
        }
        let front = RoundRobin::start(servers.iter().map(address).collect()).await;
        Self { servers, front }
    }

    /// A client whose requests go to one server after the other: each has a connection of its own.
    pub(crate) fn client(&self) -> McpClient {
        // The provider of TLS is installed by this.
        let _ = tests::http_client();
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(std::time::Duration::from_secs(90))
            .build()
            .expect("a client without TLS roots or proxies");
        McpClient::modern(self.round_robin()).with_http(http)
    }

    /// The URL behind which requests go to one after the other.
    pub(crate) fn round_robin(&self) -> String {
        self.front.mcp_url()
    }

    /// The URL of each.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.servers
            .iter()
            .map(|server| server.mcp_url().to_owned())
            .collect()
    }

    /// The value of a metric on each.
    pub(crate) async fn each(&self, metric: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let mut values = Vec::new();
        for server in &self.servers {
            values.push(server.metrics().await.sum(metric, labels));
        }
        values
    }
}

fn address(server: &ServerUnderTest) -> SocketAddr {
    let url = server.mcp_url();
    let address = url.trim_start_matches("http://").trim_end_matches("/mcp");
    address.parse().expect("the server told an address")
}
