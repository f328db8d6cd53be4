//! MCP: maps requests of every supported revision to calls of tools, and results and errors back.

use std::sync::Arc;
use std::time::Duration;

use crate::telemetry::{Operations, Traces};
use crate::tenancy::TenantRules;

mod call;
#[cfg(feature = "conformance")]
mod conformance;
mod direct;
mod endpoint;
pub mod errors;
mod handler;
mod operation;
mod results;
mod sessions;
mod stdio;

pub use call::DEADLINE_KEY;
pub(crate) use endpoint::is_json;
#[cfg(any(test, feature = "testing"))]
pub(crate) use endpoint::parse;
pub use endpoint::{Endpoint, Refused, ResponseBody};
pub use handler::{Handler, SERVER_NAME};
pub use results::{ANSWER_KEY, ERROR_KEY};
pub(crate) use stdio::serve_process as serve_stdio;

/// What the protocol side bounds.
#[derive(Debug, Clone)]
pub struct Config {
    /// Sessions of clients that `initialize` (revision 2025-11-25 and older) at once; further ones are
    /// refused with 503. Each costs about 2 kB while nobody uses it, and 60 kB while somebody does. Default 10 000.
    pub sessions_max: usize,
    /// How long such a session may be silent before it ends. Default 30 min.
    pub session_idle: Duration,
    /// The share of all sessions that a tenant may keep while others want some: beyond it, its longest silent ones make
    /// way. Default 0.5.
    pub sessions_tenant_share: f64,
    /// How long a call may take; a caller may ask for less in `_meta["com.b2xgate/deadline_ms"]`. Default 50 s.
    pub default_deadline: Duration,
    /// The least time between two progress notifications of a call. Default 1 s.
    pub progress_interval: Duration,
    /// How often a comment is sent on a silent event stream, so that proxies keep it open. Default 15 s.
    pub keep_alive: Duration,
    /// How far each tenant's text may travel. Default: wherever a backend is.
    pub tenants: Arc<TenantRules>,
    /// Where requests and sessions are counted. Default: nowhere.
    pub operations: Operations,
    /// Which calls are traced. Default: none.
    pub traces: Traces,
    /// How long clients may keep what `tools/list` said. Default 5 min.
    pub list_ttl: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sessions_max: 10_000,
            session_idle: Duration::from_mins(30),
            sessions_tenant_share: 0.5,
            default_deadline: Duration::from_secs(50),
            progress_interval: Duration::from_secs(1),
            tenants: Arc::default(),
            operations: Operations::default(),
            traces: Traces::default(),
            keep_alive: Duration::from_secs(15),
            list_ttl: Duration::from_mins(5),
        }
    }
}
