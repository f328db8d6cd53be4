//! One Azure OpenAI deployment behind the [`Backend`](crate::Backend) trait.
//!
//! **Which half of async-openai is used.** It builds and sends every request: its `Config` trait gives
//! URL and query, its `byot` methods serialise our borrowed body, its `middleware` seam runs the HTTP
//! client. Its reading half is left out, because that half hides what routing decides by: it retries
//! 429, 5xx and connection failures three times by itself, drops the headers of failed answers (and
//! `retry-after-ms` with them), writes bodies it cannot parse to the log, and reads streams through an
//! unbounded channel in which `[DONE]` and a cut connection look alike. So `transport` hands the
//! raw response back to us after exactly one request, `stream` reads it, and `classify` turns every
//! failure into a [`BackendError`](crate::BackendError).
//!
//! Answers are always streamed, so that a stall is seen. Dropping the stream closes the connection.
//!
//! | file | what |
//! |---|---|
//! | `deployment` | the backend: one attempt from request to stream |
//! | `endpoint` | checks the configuration, makes URLs |
//! | `transport` | the HTTP client: one request, no retries |
//! | `wire` | what is sent and received, as serde types |
//! | `strict` | whether a schema may be sent as `strict` |
//! | `lines`, `stream` | bytes to lines, chunks to events |
//! | `refusal` | reads an answer that is not a stream |
//! | `hint` | how long Azure asks us to wait |
//! | `classify` | failure to error |

mod classify;
mod deployment;
mod endpoint;
mod hint;
mod lines;
mod refusal;
mod stream;
mod strict;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

use std::{fmt, sync::Arc};

pub use deployment::Deployment;
pub use endpoint::ConfigError;

use crate::{BackendInfo, resilience};

/// How to reach one deployment.
#[derive(Clone)]
pub struct Config {
    /// What it is.
    pub info: BackendInfo,
    /// Scheme, host and port; `http` only for loopback. A path is kept as a prefix, for gateways.
    pub endpoint: url::Url,
    /// Which URL shape.
    pub api: Api,
    /// Name of the deployment.
    pub deployment: String,
    /// Gives the API key, afresh for each attempt.
    pub api_key: Arc<dyn KeySource>,
    /// Timeouts.
    pub resilience: resilience::Config,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("info", &self.info)
            .field("endpoint", &endpoint::without_credentials(&self.endpoint))
            .field("api", &self.api)
            .field("deployment", &self.deployment)
            .field("api_key", &"(hidden)")
            .field("resilience", &self.resilience)
            .finish()
    }
}

/// The two URL shapes of Azure OpenAI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Api {
    /// `{endpoint}/openai/v1/chat/completions`, the deployment named in the body.
    V1,
    /// `{endpoint}/openai/deployments/{deployment}/chat/completions?api-version={date}`.
    Dated(String),
}

/// Where an API key comes from; asked for each attempt, so that a changed file takes effect.
pub trait KeySource: Send + Sync + 'static {
    /// The key as it is now. Blanks and line ends around it are cut off.
    ///
    /// # Errors
    /// Says why there is none, without any part of a key.
    fn key(&self) -> Result<String, String>;
}
