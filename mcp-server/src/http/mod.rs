//! HTTP: listeners, limits, who may ask from where, health, metrics, and an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

/// How the server listens, and what it bounds.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where MCP and health are served. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Where metrics are served. Default `127.0.0.1:9464`.
    pub metrics_listen: SocketAddr,
    /// Host names, or `name:port`, that requests may be addressed to, besides the loopback names.
    /// Default: none.
    pub allowed_hosts: Vec<String>,
    /// Origins of browsers that may call, as `https://app.example.com` or `http://name:*`, besides
    /// those of loopback hosts on any port. Default: none.
    pub allowed_origins: Vec<String>,
    /// Bound of a request's body. Default 4 MiB.
    pub max_body_bytes: usize,
    /// How long the head of a request may take to come, and an idle connection may be kept. Default 30 s.
    pub header_read_timeout: Duration,
    /// How long the body of a request may take to come. Default 30 s.
    pub body_read_timeout: Duration,
    /// How long a request may go without the head of its response; beyond every call's deadline, so
    /// that a call ends by its own deadline first. Default 75 s.
    pub request_timeout: Duration,
    /// Connections served at once; further ones are answered with 503. Default 4096.
    pub max_connections: usize,
    /// On shutdown: how long the server goes on accepting while it already says that it is not ready,
    /// so that load balancers look away first. Default `None`: nothing on a loopback address, otherwise 5 s.
    pub drain_delay: Option<Duration>,
    /// On shutdown: how long everything may take, `drain_delay` included. Default 25 s.
    pub drain_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            max_body_bytes: 4 * 1024 * 1024,
            header_read_timeout: Duration::from_secs(30),
            body_read_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(75),
            max_connections: 4096,
            drain_delay: None,
            drain_grace: Duration::from_secs(25),
        }
    }
}

impl Config {
    /// The delay that applies to this address.
    pub fn effective_drain_delay(&self) -> Duration {
        let default = if self.listen.ip().is_loopback() {
            Duration::ZERO
        } else {
            Duration::from_secs(5)
        };
        self.drain_delay.unwrap_or(default).min(self.drain_grace)
    }
}
