//! One Azure OpenAI deployment behind the [`Backend`](crate::Backend) trait.

use std::sync::Arc;

use crate::{BackendInfo, resilience};

/// How to reach one deployment.
#[derive(Clone)]
pub struct Config {
    /// What it is.
    pub info: BackendInfo,
    /// Scheme, host and port; `http` only for loopback.
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
    /// The key as it is now.
    ///
    /// # Errors
    /// Says why there is none, without any part of a key.
    fn key(&self) -> Result<String, String>;
}
