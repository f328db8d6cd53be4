//! The B2XGate MCP server: speaks MCP to agents and HTTP to operators, and leaves every decision about
//! language models to [`inference`].

use std::net::SocketAddr;
use std::sync::Arc;

use inference::Gateway;
use tokio_util::sync::CancellationToken;

pub mod http;
pub mod mcp;
pub mod tenancy;
pub mod config;
pub mod tools;

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
    /// Standard input and output could not be served.
    #[error("the client on standard input did not speak MCP: {reason}")]
    Stdio {
        /// What went wrong.
        reason: String,
    },
}

impl RunError {
    /// The public code: the name of its page in `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnauthenticatedBind { .. } => "unauthenticated_bind",
            Self::Bind { .. } => "cannot_listen",
            Self::Stdio { .. } => "stdio_protocol",
        }
    }
}

/// Serves MCP over HTTP until `shutdown` is cancelled, then drains.
///
/// # Errors
/// Fails before anything was served; see [`RunError`].
#[expect(clippy::unused_async, reason = "assembled in the next step")]
pub async fn run(
    parts: Parts,
    shutdown: CancellationToken,
    on_bound: impl FnOnce(Bound),
) -> Result<(), RunError> {
    let _ = (parts.gateway, parts.metrics, parts.mcp, shutdown);
    on_bound(Bound {
        mcp: parts.http.listen,
        metrics: parts.http.metrics_listen,
    });
    Ok(())
}

/// Serves MCP on standard input and output until the input ends or `shutdown` is cancelled.
///
/// # Errors
/// See [`RunError::Stdio`].
#[expect(clippy::unused_async, reason = "assembled in the next step")]
pub async fn run_stdio(
    config: mcp::Config,
    gateway: Gateway,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let _ = (config, gateway, shutdown);
    Ok(())
}
