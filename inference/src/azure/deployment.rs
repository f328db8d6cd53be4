//! The backend itself: what Azure adds to the protocol.

use std::sync::Arc;

use http::{HeaderName, header::AUTHORIZATION};
use rustls::ClientConfig;
use secrecy::SecretString;

use super::{
    Api, Config, ConfigError, Credential, KeySource,
    classify::AZURE,
    endpoint,
    entra::{self, Tokens},
};
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

/// What opens a deployment.
enum Access {
    Key(Arc<dyn KeySource>),
    Tokens(Tokens),
}

impl Access {
    fn new(credential: &Credential) -> Result<Self, ConfigError> {
        Ok(match credential {
            Credential::Key(key) => Self::Key(Arc::clone(key)),
            Credential::WorkloadIdentity(identity) => {
                Self::Tokens(Tokens::new(identity.clone(), entra::AZURE_OPENAI)?)
            }
        })
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Key(key) => key.name(),
            Self::Tokens(tokens) => Some(tokens.name()),
        }
    }
}

/// One Azure OpenAI deployment.
pub struct Deployment {
    info: BackendInfo,
    client: Client,
    access: Access,
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
        let access = Access::new(&config.credential)?;
        let shares = Shares::at(&config.endpoint, access.name().as_deref());
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
            access,
            shares,
        })
    }

    /// Asks with a key.
    async fn with_key(
        &self,
        key: &dyn KeySource,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let header = key::header(key, "", &self.info.name)?;
        let credential = (HeaderName::from_static("api-key"), header);
        self.client.complete(request, Some(credential), deadline).await
    }

    /// Asks with a token; once more with a new one, where Azure does not take a token that was held for a while. That is
    /// no second attempt: nothing was asked with what nobody took.
    async fn with_tokens(
        &self,
        tokens: &Tokens,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let token = tokens.current().await?;
        match self.with_token(&token, request, deadline).await {
            Err(BackendError::Unauthorized) => match tokens.instead_of(&token).await {
                Some(fresh) => self.with_token(&fresh, request, deadline).await,
                None => Err(BackendError::Unauthorized),
            },
            answer => answer,
        }
    }

    async fn with_token(
        &self,
        token: &SecretString,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError> {
        let credential = (AUTHORIZATION, entra::bearer(token)?);
        self.client.complete(request, Some(credential), deadline).await
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
        match &self.access {
            Access::Key(key) => self.with_key(key.as_ref(), request, deadline).await,
            Access::Tokens(tokens) => self.with_tokens(tokens, request, deadline).await,
        }
    }
}
