//! The backend itself: what a compatible server adds to the protocol.

use std::sync::Arc;

use http::header::AUTHORIZATION;

use super::{Config, ConfigError, base_url, classify::OPENAI};
use crate::{
    Backend, BackendError, BackendInfo, CompletionRequest, CompletionStream, Deadline, KeySource, Readiness,
    Shares,
    chat_completions::{
        Client, Settings,
        address::is_loopback,
        key,
        transport::{self, Trust},
    },
    resilience::throttle::Allowance,
};

/// One server that speaks OpenAI's chat completions.
pub struct Server {
    info: BackendInfo,
    client: Client,
    api_key: Option<Arc<dyn KeySource>>,
    shares: Shares,
}

impl Server {
    /// Makes the client of a server. Connects to nothing yet.
    ///
    /// # Errors
    /// Says which field of the configuration cannot be, why, and what to write instead.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let address = base_url::address(&config)?;
        let trust = match (&config.roots, config.base_url.scheme()) {
            (Some(roots), _) => Trust::Only(roots),
            (None, "http") => Trust::Nobody,
            (None, _) => Trust::Machine,
        };
        let tls = transport::tls(trust)?;
        let key_name = config.api_key.as_ref().and_then(|key| key.name());
        let shares = Shares::at(&config.base_url, key_name.as_deref());
        let settings = Settings {
            backend: config.info.name.clone(),
            address,
            loopback: is_loopback(&config.base_url),
            model: Some(config.upstream_model),
            max_tokens_field: config.max_tokens_field,
            dialect: &OPENAI,
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
}

#[async_trait::async_trait]
impl Backend for Server {
    fn info(&self) -> &BackendInfo {
        &self.info
    }

    /// A server can always be asked; whether it answers is for its breaker to know.
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
        let header = |source: &Arc<dyn KeySource>| key::header(&**source, "Bearer ", &self.info.name);
        let header = self.api_key.as_ref().map(header).transpose()?;
        let credential = header.map(|header| (AUTHORIZATION, header));
        self.client.complete(request, credential, deadline).await
    }
}
