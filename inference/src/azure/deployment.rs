//! The backend itself: what Azure adds to the protocol.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::ClientConfig;

use super::{Api, Config, ConfigError, KeySource, classify::AZURE, endpoint};
use crate::{
    Backend, BackendError, BackendInfo, CompletionRequest, CompletionStream, Deadline, Readiness, Shares,
    chat_completions::{
        Client, MaxTokensField, Settings,
        address::is_loopback,
        key,
        transport::{self, Trust},
    },
    resilience::throttle::Allowance,
};

/// One Azure OpenAI deployment.
pub struct Deployment {
    info: BackendInfo,
    client: Client,
    api_key: std::sync::Arc<dyn KeySource>,
    shares: Shares,
}

impl Deployment {
    /// Makes the client of a deployment. Connects to nothing yet.
    ///
    /// # Errors
    /// Says which field of the configuration cannot be, why, and what to write instead.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let trust = match config.endpoint.scheme() {
            "http" => Trust::Nobody,
            _ => Trust::Machine,
        };
        let tls = transport::tls(trust)?;
        Self::with_tls(config, tls)
    }

    /// As [`Deployment::new`], with the given trust.
    pub(super) fn with_tls(config: Config, tls: ClientConfig) -> Result<Self, ConfigError> {
        let shares = Shares::at(&config.endpoint, config.api_key.name().as_deref());
        let settings = Settings {
            backend: config.info.name.clone(),
            address: endpoint::address(&config)?,
            loopback: is_loopback(&config.endpoint),
            model: match config.api {
                Api::V1 => Some(config.deployment),
                Api::Dated(_) => None,
            },
            max_tokens_field: MaxTokensField::MaxCompletionTokens,
            dialect: &AZURE,
            max_concurrency: config.info.max_concurrency,
            connect_timeout: config.resilience.connect_timeout,
        };
        Ok(Self {
            info: config.info,
            client: Client::new(settings, tls)?,
            api_key: config.api_key,
            shares,
        })
    }

    /// Asks for the key, and makes a header of it.
    pub(super) fn key(&self) -> Result<HeaderValue, BackendError> {
        key::header(&*self.api_key, "", &self.info.name)
    }
}

#[async_trait::async_trait]
impl Backend for Deployment {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    /// A deployment can always be asked; whether it answers is for its breaker to know.
    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    fn shares(&self) -> Shares {
        self.shares.clone()
    }

    fn watch_allowance(&self, learned: Box<dyn Fn(Allowance) + Send + Sync>) {
        self.client.watch_allowance(learned);
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let headers = HeaderMap::from_iter([(HeaderName::from_static("api-key"), self.key()?)]);
        self.client.complete(request, headers, deadline).await
    }
}
