//! One Azure OpenAI deployment behind the [`Backend`](crate::Backend) trait.
//!
//! It speaks the protocol of `chat_completions`. What Azure adds is here: the shapes of its URLs, its key
//! header, and what its refusals mean.
//!
//! | file | what |
//! |---|---|
//! | `deployment` | the backend |
//! | `endpoint` | checks the configuration, says where calls go |
//! | `entra` | access by workload identity instead of a key |
//! | `classify` | error object to code, code to error |

pub(crate) mod classify;
mod deployment;
mod endpoint;
pub mod entra;
#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, sync::Arc};

pub use deployment::Deployment;
pub use endpoint::ConfigError;

pub use crate::chat_completions::key::KeySource;
use crate::{BackendInfo, chat_completions::address::without_credentials, resilience};

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
    /// What is shown to it.
    pub credential: Credential,
    /// Timeouts.
    pub resilience: resilience::Config,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("info", &self.info)
            .field("endpoint", &without_credentials(&self.endpoint))
            .field("api", &self.api)
            .field("deployment", &self.deployment)
            .field("credential", &"(hidden)")
            .field("resilience", &self.resilience)
            .finish()
    }
}

/// What is shown to a deployment.
#[derive(Clone)]
pub enum Credential {
    /// An API key, asked for at each attempt.
    Key(Arc<dyn KeySource>),
    /// A token of Entra ID.
    WorkloadIdentity(entra::WorkloadIdentity),
}

/// The two URL shapes of Azure OpenAI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Api {
    /// `{endpoint}/openai/v1/chat/completions`, the deployment named in the body.
    V1,
    /// `{endpoint}/openai/deployments/{deployment}/chat/completions?api-version={date}`.
    Dated(String),
}
