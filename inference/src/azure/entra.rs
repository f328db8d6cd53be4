//! Access by a workload identity of Entra ID: the token that the cluster gives this process is exchanged for one that
//! a service of Azure takes. No secret of ours is involved.
//!
//! A token is fetched before it is needed where one is there already, one at a time, and once more when Azure says that
//! it does not know it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::header::HeaderValue;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::{sync::Mutex as AsyncMutex, time::Instant};
use url::Url;
use zeroize::Zeroizing;

use super::{ConfigError, KeySource};
use crate::{
    BackendError,
    chat_completions::{
        address::is_loopback,
        transport::{self, Trust},
    },
};

/// What a token is to be good for where Azure OpenAI is shown it.
pub const AZURE_OPENAI: &str = "https://cognitiveservices.azure.com/.default";
/// How long the token endpoint may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A token that ends so soon is taken for ended: it has to reach Azure first.
const MARGIN: Duration = Duration::from_mins(1);
/// A token is renewed this long before its end, or when half of its time is over.
const EARLY: Duration = Duration::from_mins(10);
/// How long to leave the endpoint alone after it failed, and a token that Azure refused when it was new.
const PAUSE: Duration = Duration::from_secs(10);
/// No answer with a token is longer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Who this process is for Entra ID.
#[derive(Clone)]
pub struct WorkloadIdentity {
    /// Where tokens are given: `https://login.microsoftonline.com/`, but for national clouds.
    pub authority: Url,
    /// Id of the directory.
    pub tenant_id: String,
    /// Id of the application, or of the managed identity.
    pub client_id: String,
    /// The token of the cluster, read afresh each time it is needed.
    pub assertion: Arc<dyn KeySource>,
}

impl fmt::Debug for WorkloadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadIdentity")
            .field("authority", &self.authority.as_str())
            .field("tenant_id", &self.tenant_id)
            .field("client_id", &self.client_id)
            .field("assertion", &"(hidden)")
            .finish()
    }
}

/// Gives tokens for one service. Cheap to clone.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    identity: WorkloadIdentity,
    scope: &'static str,
    endpoint: Url,
    http: reqwest::Client,
    held: Mutex<Option<Held>>,
    /// Held by whoever fetches.
    fetching: AsyncMutex<()>,
}

/// A token, and when it is to be replaced.
#[derive(Clone)]
struct Held {
    token: Arc<SecretString>,
    since: Instant,
    renew: Instant,
    ends: Instant,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The cluster gave none to exchange.
    #[error("federated token: {0}")]
    NoAssertion(String),
    /// Entra ID refuses this identity.
    #[error("Entra ID refused the identity: {0}")]
    Refused(String),
    /// Entra ID did not answer, or not as it should.
    #[error("no token from Entra ID: {0}")]
    Failed(String),
}

impl From<TokenError> for BackendError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused(_) => Self::Unauthorized,
            TokenError::NoAssertion(_) | TokenError::Failed(_) => Self::Failed {
                reason: error.to_string(),
            },
        }
    }
}

impl Tokens {
    /// Of this identity, good for this scope. Connects to nothing yet.
    ///
    /// # Errors
    /// The authority is no place to send a credential to.
    pub fn new(identity: WorkloadIdentity, scope: &'static str) -> Result<Self, ConfigError> {
        let loopback = is_loopback(&identity.authority);
        let trust = match identity.authority.scheme() {
            "https" => Trust::Machine,
            "http" if loopback => Trust::Nobody,
            _ => {
                return Err(ConfigError::Authority {
                    authority: identity.authority.to_string(),
                });
            }
        };
        let http = client(transport::tls(trust)?, loopback)?;
        let path = format!("{}/oauth2/v2.0/token", identity.tenant_id);
        let mut authority = identity.authority.clone();
        authority.set_path(&format!("{}/", authority.path().trim_end_matches('/')));
        let endpoint = authority.join(&path).map_err(|_| ConfigError::Authority {
            authority: identity.authority.to_string(),
        })?;
        Ok(Self(Arc::new(Inner {
            identity,
            scope,
            endpoint,
            http,
            held: Mutex::new(None),
            fetching: AsyncMutex::new(()),
        })))
    }

    /// Which identity this is, for circuits that watch over a credential.
    pub(super) fn name(&self) -> String {
        format!("workload identity {}", self.0.identity.client_id)
    }

    /// A token that is good for now.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn current(&self) -> Result<Arc<SecretString>, TokenError> {
        if let Some(held) = self.0.held() {
            if Instant::now() >= held.renew {
                self.renew_soon();
            }
            return Ok(held.token);
        }
        let _alone = self.0.fetching.lock().await;
        match self.0.held() {
            Some(held) => Ok(held.token),
            None => self.0.fetch().await,
        }
    }

    /// A token in place of one that Azure did not take; `None` where that one was new, so that another would be no
    /// better.
    pub(super) async fn instead_of(&self, refused: &SecretString) -> Option<Arc<SecretString>> {
        let _alone = self.0.fetching.lock().await;
        match self.0.held() {
            // Somebody fetched another one meanwhile.
            Some(held) if held.token.expose_secret() != refused.expose_secret() => Some(held.token),
            Some(held) if held.since.elapsed() < PAUSE => None,
            _ => self.0.fetch().await.ok(),
        }
    }

    /// Fetches a token beside the calls, unless somebody does already.
    fn renew_soon(&self) {
        let inner = Arc::clone(&self.0);
        let Ok(()) = inner.fetching.try_lock().map(drop) else {
            return;
        };
        tokio::spawn(async move {
            let Ok(_alone) = inner.fetching.try_lock() else {
                return;
            };
            let due = inner.held().is_none_or(|held| Instant::now() >= held.renew);
            if due && let Err(error) = inner.fetch().await {
                inner.leave_alone();
                tracing::warn!(%error, "the token of Entra ID could not be renewed, the last one stays in use");
            }
        });
    }
}

impl Inner {
    /// The token, if it is good for a while.
    fn held(&self) -> Option<Held> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|held| Instant::now() + MARGIN < held.ends)
    }

    fn leave_alone(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.as_mut() {
            held.renew = Instant::now() + PAUSE;
        }
    }

    /// Exchanges the cluster's token. To be called by one at a time.
    async fn fetch(&self) -> Result<Arc<SecretString>, TokenError> {
        let assertion = self.identity.assertion.key().map_err(TokenError::NoAssertion)?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.identity.client_id),
            ("scope", self.scope),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.expose_secret().trim()),
        ];
        let began = Instant::now();
        let granted = self.ask(&form).await?;
        let lives = Duration::from_secs(granted.expires_in);
        let token = Arc::new(SecretString::from(granted.access_token.as_str()));
        let held = Held {
            token: Arc::clone(&token),
            since: began,
            renew: began + lives.saturating_sub(EARLY).max(lives / 2),
            ends: began + lives,
        };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(token)
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<Granted, TokenError> {
        // It holds what is exchanged: it has room from the beginning, and is wiped when the request is done with it.
        let longest = form
            .iter()
            .map(|(name, value)| 3 * (name.len() + value.len()) + 2);
        let body = url::form_urlencoded::Serializer::new(String::with_capacity(longest.sum()))
            .extend_pairs(form)
            .finish();
        let body = Bytes::from_owner(Zeroizing::new(body));
        let sent = self
            .http
            .post(self.endpoint.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(body)
            .send();
        let failed = |error: reqwest::Error| TokenError::Failed(describe(&error));
        let mut response = sent.await.map_err(failed)?;
        let status = response.status();
        let mut bytes = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES_MAX));
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if bytes.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(TokenError::Failed("its answer has no end".to_owned()));
            }
            bytes.extend_from_slice(&piece);
        }
        if status.is_success() {
            let granted: Option<Granted> = serde_json::from_slice(&bytes).ok();
            let granted = granted.filter(Granted::is_usable);
            return granted.ok_or_else(|| TokenError::Failed("its answer holds no token".to_owned()));
        }
        let reason = match serde_json::from_slice(&bytes) {
            Ok(Denied {
                error,
                error_description,
            }) => shown(&format!("{error}: {error_description}")),
            Err(_) => String::new(),
        };
        let reason = format!("status {} {reason}", status.as_u16());
        if status.is_client_error() && status.as_u16() != 429 && status.as_u16() != 408 {
            tracing::error!(reason, "Entra ID refused the workload identity");
            Err(TokenError::Refused(reason))
        } else {
            Err(TokenError::Failed(reason))
        }
    }
}

#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "hidden")]
    access_token: Zeroizing<String>,
    expires_in: u64,
}

fn hidden<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

impl Granted {
    fn is_usable(&self) -> bool {
        (1..=7 * 24 * 3600).contains(&self.expires_in)
            && (1..=ANSWER_BYTES_MAX).contains(&self.access_token.len())
            && self.access_token.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// The header that shows a token.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, BackendError> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
    let header = HeaderValue::from_str(&text);
    let mut header = header.map_err(|_| BackendError::Unauthorized)?;
    header.set_sensitive(true);
    Ok(header)
}

fn client(tls: ClientConfig, loopback: bool) -> Result<reqwest::Client, ConfigError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("b2xgate-mcp-server/", env!("CARGO_PKG_VERSION")))
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never());
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| ConfigError::HttpClient {
        reason: describe(&error),
    })
}

/// The root of an error: no address, and not long.
fn describe(error: &reqwest::Error) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(source) = root.source() {
        root = source;
    }
    shown(&root.to_string())
}

/// Enough of a text of others to be understood in a log: its first line.
fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|character| !character.is_control())
        .take(200)
        .collect()
}
