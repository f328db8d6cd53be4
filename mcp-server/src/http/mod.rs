//! HTTP: listeners, limits, who may ask from where, health, metrics, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use inference::Gateway;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::mcp::Endpoint;
use crate::tenancy::Authenticator;
use crate::{Bound, RenderMetrics, RunError, SetUpError, watched};
use body::Bodies;
use guard::Guard;
use health::Health;
use listener::{End, Listener};
use tls::Tls;

mod admin;
mod body;
mod challenge;
mod guard;
mod health;
mod listener;
pub mod openai;
mod refusals;
mod routes;
pub mod tls;

/// Connections of the metrics listener at once: a few scrapers and a curious person.
const METRICS_CONNECTIONS: usize = 64;
/// Time kept at the end of a drain for telling the calls that did not make it.
const LAST_WORDS: Duration = Duration::from_secs(1);

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
    /// With which certificates TLS is spoken. Default: none, and plain HTTP.
    pub tls: Option<tls::Config>,
    /// Whether a proxy in front speaks TLS, so that plain HTTP may be served beyond this machine. Default: no.
    pub tls_terminated_elsewhere: bool,
    /// Bound of a request's body. Of long ones, what eight of this length take is held at once. Default 4 MiB.
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
            tls: None,
            tls_terminated_elsewhere: false,
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

/// What is served.
pub struct Serve {
    /// MCP.
    pub endpoint: Endpoint,
    /// Bounds of chat completions.
    pub openai: openai::Config,
    /// Who answers.
    pub gateway: Gateway,
    /// What `/metrics` says.
    pub metrics: RenderMetrics,
    /// Who calls.
    pub authenticator: Arc<Authenticator>,
}

/// Bound sockets of a server that does not serve yet.
pub struct Server {
    config: Arc<Config>,
    guard: Guard,
    tls: Option<Arc<Tls>>,
    main: Listener,
    metrics: Listener,
    bound: Bound,
}

impl Server {
    /// Binds both addresses.
    ///
    /// # Errors
    /// Refuses an address that others can reach while nobody is asked who they are, or while others can read
    /// along; an address that cannot be bound; and names and files that cannot be read.
    pub async fn bind(config: Config, is_authenticated: bool) -> Result<Self, RunError> {
        let listen = config.listen;
        if !listen.ip().is_loopback() {
            if !is_authenticated {
                return Err(RunError::UnauthenticatedBind { listen });
            }
            if config.tls.is_none() && !config.tls_terminated_elsewhere {
                return Err(RunError::PlaintextBind { listen });
            }
        }
        let tls = config.tls.clone().map(load_tls).transpose()?.map(Arc::new);
        let guard = Guard::new(&config).map_err(|(field, value)| RunError::Setting {
            field,
            value,
            fix: match field {
                "server.allowed_hosts" => "write `name` or `name:port`",
                _ => "write `https://name`, `https://name:port` or `https://name:*`",
            },
        })?;
        let places = config.max_connections;
        let main = bind("server.listen", config.listen, places, &config, tls.clone()).await?;
        let watched = config.metrics_listen;
        let metrics = bind(
            "server.metrics_listen",
            watched,
            METRICS_CONNECTIONS,
            &config,
            None,
        )
        .await?;
        let address = |listener: &Listener, fallback| listener.address().unwrap_or(fallback);
        let bound = Bound {
            mcp: address(&main, config.listen),
            metrics: address(&metrics, config.metrics_listen),
        };
        Ok(Self {
            config: Arc::new(config),
            guard,
            tls,
            main,
            metrics,
            bound,
        })
    }

    /// Where it listens, port 0 resolved.
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// Serves until `shutdown`, then drains. `end` is cancelled when calls have ended, or time is up.
    pub async fn run(self, serve: Serve, shutdown: CancellationToken, end: CancellationToken) {
        let Serve {
            endpoint,
            openai,
            gateway,
            metrics,
            authenticator,
        } = serve;
        let health = Health::new(gateway.clone());
        let calls = TaskTracker::new();
        let accounts = openai.accounts.clone();
        let bodies = Arc::new(Bodies::new(&self.config));
        let api = openai::Api::new(
            gateway.clone(),
            openai,
            Arc::clone(&self.config),
            Arc::clone(&bodies),
            calls.clone(),
            end.clone(),
        );
        let mcp = routes::Mcp {
            endpoint,
            guard: Arc::new(self.guard),
            authenticator: Arc::clone(&authenticator),
            config: Arc::clone(&self.config),
            bodies,
            accounts: accounts.clone(),
            calls: calls.clone(),
        };
        let watched = routes::watched(metrics, gateway.clone(), Arc::clone(&authenticator), accounts);
        let sockets = End::default();
        let scrapes = End::default();
        // Whoever drops this future leaves nothing behind.
        let _abandoned = [
            &end,
            &sockets.abort,
            &sockets.finish,
            &scrapes.abort,
            &scrapes.finish,
        ]
        .map(|token| token.clone().drop_guard());
        let serving = tokio::spawn(
            self.main
                .serve(routes::main(mcp, api, health.clone()), sockets.clone()),
        );
        let _fresh = keep_fresh(authenticator, self.tls);
        let measuring = tokio::spawn(self.metrics.serve(watched, scrapes.clone()));

        shutdown.cancelled().await;
        let began = Instant::now();
        let deadline = began + self.config.drain_grace;
        let last_words = LAST_WORDS.min(self.config.drain_grace / 5);
        tracing::info!(grace = ?self.config.drain_grace, "shutting down");
        // 1. Say so, and go on accepting until load balancers have heard.
        health.drain();
        tokio::time::sleep(self.config.effective_drain_delay()).await;
        // 2. No new connections and no new calls; what runs may finish.
        gateway.drain();
        sockets.finish.cancel();
        calls.close();
        finish_calls(&calls, &gateway, deadline - last_words).await;
        // 3. Whatever is left ends only when told: sessions, event streams, calls that are too late.
        end.cancel();
        let mut serving = serving;
        if timeout_at(deadline, &mut serving).await.is_err() {
            tracing::warn!("connections did not end in time and are closed");
            sockets.abort.cancel();
            // It ends as soon as its connections see the signal.
            let _ = serving.await;
        }
        // 4. Metrics last: the drain itself can be watched.
        scrapes.finish.cancel();
        scrapes.abort.cancel();
        let _ = measuring.await;
        tracing::info!(took = ?began.elapsed(), "shut down");
    }
}

/// Checks that certificates and keys can be used.
///
/// # Errors
/// Names the file that cannot, and why.
pub fn check_tls(config: &Config) -> Result<(), SetUpError> {
    config.tls.clone().map(load_tls).transpose().map(|_| ())
}

fn load_tls(config: tls::Config) -> Result<Tls, SetUpError> {
    Tls::load(config).map_err(|tls::Unusable { field, reason }| SetUpError {
        field,
        reason,
        fix: "name a file in PEM that this user may read",
    })
}

/// Lets running calls finish, until then.
async fn finish_calls(calls: &TaskTracker, gateway: &Gateway, until: Instant) {
    let finished = async {
        calls.wait().await;
        gateway.idle().await;
    };
    if timeout_at(until, finished).await.is_err() {
        tracing::warn!(
            calls = calls.len(),
            "calls did not finish in time and are cancelled"
        );
    }
}

/// Reads keys and certificates again when they change, until dropped.
fn keep_fresh(authenticator: Arc<Authenticator>, tls: Option<Arc<Tls>>) -> AbortOnDropHandle<()> {
    let certificates = async move {
        if let Some(tls) = tls {
            watched::watch("the TLS certificates", tls.files(), || tls.reload()).await;
        }
    };
    AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::join!(authenticator.keep_fresh(), certificates);
    }))
}

async fn bind(
    field: &'static str,
    address: SocketAddr,
    max_connections: usize,
    config: &Config,
    tls: Option<Arc<Tls>>,
) -> Result<Listener, RunError> {
    Listener::bind(address, max_connections, config.header_read_timeout, tls)
        .await
        .map_err(|source| {
            let fix = match source.kind() {
                io::ErrorKind::AddrInUse => "end the program that uses it, or choose another port",
                io::ErrorKind::PermissionDenied => "choose a port above 1023",
                io::ErrorKind::AddrNotAvailable => "choose an address of this machine",
                _ => "choose another address",
            };
            RunError::Bind {
                field,
                address,
                fix,
                source,
            }
        })
}

#[cfg(test)]
mod tests;
