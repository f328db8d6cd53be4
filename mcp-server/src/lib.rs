//! The B2XGate MCP server: speaks MCP to agents and HTTP to operators, and leaves every decision about
//! language models to [`inference`].

use std::net::SocketAddr;
use std::sync::Arc;

use inference::Gateway;
use tokio_util::sync::CancellationToken;

use accounts::Accounts;
use tools::Catalogue;

pub mod accounts;
pub mod backends;
mod cause;
pub mod cli;
pub mod config;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
pub mod http;
pub mod mcp;
pub mod shared;
pub mod store;
pub mod telemetry;
pub mod tenancy;
pub mod tools;
mod watched;

/// Renders all metrics in the text format of Prometheus and `OpenMetrics`.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// What a server is assembled from.
pub struct Parts {
    /// Listeners, limits and the end.
    pub http: http::Config,
    /// The protocol.
    pub mcp: mcp::Config,
    /// Who answers.
    pub gateway: Gateway,
    /// What `/metrics` says.
    pub metrics: RenderMetrics,
    /// How callers show who they are.
    pub auth: tenancy::Config,
    /// What tenants may use, and where calls are written down.
    pub accounts: Accounts,
    /// What the processes of a fleet share, if anything.
    pub shared: Option<shared::Shared>,
}

/// Where a server listens, port 0 resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Where `/mcp` is.
    pub mcp: SocketAddr,
    /// Where `/metrics` is.
    pub metrics: SocketAddr,
}

/// Why a server did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The address can be reached by others, and nobody would be asked who they are.
    #[error(
        "server.listen is {listen}, which others can reach, and no authentication is configured; \
         listen on 127.0.0.1, or configure authentication"
    )]
    UnauthenticatedBind {
        /// The address.
        listen: SocketAddr,
    },
    /// The address can be reached by others, who could read along.
    #[error(
        "server.listen is {listen}, which others can reach, and credentials would travel in the clear; set server.tls, \
         or say server.tls_terminated_elsewhere = true where a proxy speaks TLS"
    )]
    PlaintextBind {
        /// The address.
        listen: SocketAddr,
    },
    /// A part of the server cannot be set up.
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    /// The address cannot be listened on.
    #[error("{field} is {address}, which cannot be listened on: {source}; {fix}")]
    Bind {
        /// The setting.
        field: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What to do.
        fix: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// A setting cannot be read.
    #[error("{field} holds {value:?}, which cannot be read; {fix}")]
    Setting {
        /// The setting.
        field: &'static str,
        /// The value.
        value: String,
        /// What to write.
        fix: &'static str,
    },
    /// Standard input and output could not be served.
    #[error("the client on standard input did not speak MCP: {reason}")]
    Stdio {
        /// What went wrong.
        reason: String,
    },
}

/// Why a part of the server could not be set up: a file is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("{field} {reason}; {fix}")]
pub struct SetUpError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub fix: &'static str,
}

impl RunError {
    /// The public code: the name of its page in `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnauthenticatedBind { .. } => "unauthenticated_bind",
            Self::Bind { .. } => "cannot_listen",
            Self::PlaintextBind { .. } => "plaintext_bind",
            Self::SetUp(_) | Self::Setting { .. } => "invalid_configuration",
            Self::Stdio { .. } => "stdio_protocol",
        }
    }
}

/// Serves MCP over HTTP until `shutdown` is cancelled, then drains.
///
/// # Errors
/// Fails before anything was served; see [`RunError`].
pub async fn run(
    parts: Parts,
    shutdown: CancellationToken,
    on_bound: impl FnOnce(Bound),
) -> Result<(), RunError> {
    // What may fail first: keys and certificates that cannot be read, a port in use or that others can reach unasked.
    let authenticator = Arc::new(tenancy::Authenticator::new(parts.auth)?);
    let server = http::Server::bind(parts.http, authenticator.is_configured()).await?;
    on_bound(server.bound());
    // Innermost, the tools, which ask the gateway; around them the protocol; around that HTTP. A call
    // passes them the other way round: listener, source check, body bounds, principal, session or
    // stateless request, deadline, tool, gateway.
    let catalogue = Catalogue::new(parts.gateway.clone()).with_accounts(parts.accounts.clone());
    let openai = http::openai::Config {
        deadline: parts.mcp.default_deadline,
        keep_alive: parts.mcp.keep_alive,
        tenants: Arc::clone(&parts.mcp.tenants),
        accounts: parts.accounts,
        traces: parts.mcp.traces.clone(),
    };
    // Kept until the end: with its last clone ends the look for a Redis that was lost.
    let shared = parts.shared;
    let sessions = shared
        .as_ref()
        .map(|shared| shared.sessions(parts.mcp.session_idle));
    let handler = mcp::Handler::new(catalogue, parts.mcp);
    let end = CancellationToken::new();
    let endpoint = mcp::Endpoint::new(handler, sessions, end.clone());
    // Chat completions pass the same guards, and then ask the same gateway without a tool in between.
    let serve = http::Serve {
        endpoint,
        openai,
        gateway: parts.gateway,
        metrics: parts.metrics,
        authenticator,
    };
    server.run(serve, shutdown, end).await;
    drop(shared);
    Ok(())
}

/// Serves MCP on standard input and output until the input ends or `shutdown` is cancelled.
///
/// Where the input is no pipe, a read that waits cannot be taken back: the caller must end the process
/// without waiting for it.
///
/// # Errors
/// See [`RunError::Stdio`].
pub async fn run_stdio(
    config: mcp::Config,
    gateway: Gateway,
    accounts: Accounts,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let max_line_bytes = http::Config::default().max_body_bytes;
    let handler = mcp::Handler::for_process(Catalogue::new(gateway.clone()).with_accounts(accounts), config);
    let served = mcp::serve_stdio(handler, max_line_bytes, shutdown).await;
    // The client is gone, and with it whoever would read an answer.
    gateway.drain();
    served.map_err(|reason| RunError::Stdio { reason })
}
