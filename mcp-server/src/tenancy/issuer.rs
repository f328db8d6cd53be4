//! One issuer of tokens: where its keys are, how fresh they are, and when they are asked for again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use futures::StreamExt;
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect;
use url::Url;

use super::key_set::KeySet;
use crate::watched;

/// No key set is longer.
const BYTES_MAX: usize = 256 * 1024;
/// The longest wait for a key set.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The least time between two fetches that tokens with unknown keys bring about.
const UNASKED_FETCH_EVERY: Duration = Duration::from_secs(10);
/// The first and the longest pause after a failed fetch.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// What is known of an issuer beforehand.
#[derive(Debug, Clone)]
pub struct Config {
    /// The `iss` of its tokens, to the letter.
    pub issuer: String,
    /// Where its keys are.
    pub keys: KeyLocation,
    /// The tenants that it may speak for; any, if empty.
    pub tenants: Vec<String>,
    /// The certificates, in PEM, that are believed when its keys are fetched, instead of this machine's.
    pub ca_file: Option<PathBuf>,
    /// How often its keys are fetched. Default 5 min.
    pub refresh: Duration,
    /// How long its keys are valid while they cannot be fetched again. Default 24 h.
    pub max_stale: Duration,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyLocation {
    /// A JWKS on the network. `http` only on this machine.
    Url(Url),
    /// A JWKS in a file, read again when it changes.
    File(PathBuf),
}

/// An issuer and its keys.
pub(super) struct Issuer {
    config: Config,
    name: Arc<str>,
    http: Option<reqwest::Client>,
    keys: RwLock<Option<Arc<KeySet>>>,
    versions: AtomicU64,
    /// Held while keys are fetched for a token: when that was done last.
    unasked: tokio::sync::Mutex<Option<Instant>>,
}

/// What came of fetching keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// How many there are.
    pub keys: usize,
    /// What the issuer's clock says, where it does.
    pub date: Option<SystemTime>,
}

/// Why a key was not found.
pub(super) enum NoKey {
    /// The issuer has no such key.
    Unknown,
    /// Its keys could not be fetched, or were fetched too long ago.
    Unavailable,
}

impl Issuer {
    /// Makes ready for fetching; a file is read at once.
    ///
    /// # Errors
    /// Says what is wrong with the file or the certificates.
    pub(super) fn new(config: Config) -> Result<Self, String> {
        let http = match &config.keys {
            KeyLocation::Url(url) => Some(client(url, config.ca_file.as_deref())?),
            KeyLocation::File(_) => None,
        };
        let issuer = Self {
            name: config.issuer.as_str().into(),
            http,
            keys: RwLock::default(),
            versions: AtomicU64::new(0),
            unasked: tokio::sync::Mutex::default(),
            config,
        };
        if let KeyLocation::File(path) = &issuer.config.keys {
            issuer
                .read_file()
                .map_err(|reason| format!("{} {reason}", path.display()))?;
        }
        Ok(issuer)
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn may_speak_for(&self, tenant: &str) -> bool {
        self.config.tenants.is_empty() || self.config.tenants.iter().any(|known| known == tenant)
    }

    /// Keeps the keys fresh. Ends only by being dropped.
    pub(super) async fn keep_fresh(&self) {
        match &self.config.keys {
            KeyLocation::File(path) => {
                watched::watch("a key set", vec![path.clone()], || self.read_file().map(|_| ())).await;
            }
            KeyLocation::Url(_) => self.keep_fetching().await,
        }
    }

    async fn keep_fetching(&self) {
        let mut pause = RETRY_AFTER.0;
        loop {
            match self.fetch().await {
                Ok(_) => {
                    pause = RETRY_AFTER.0;
                    tokio::time::sleep(self.config.refresh).await;
                }
                Err(reason) => {
                    tracing::warn!(issuer = %self.name, reason, "the keys of an issuer cannot be fetched");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RETRY_AFTER.1);
                }
            }
        }
    }

    /// The keys there are, unless they are too old. Those of a file are as old as the file is readable.
    pub(super) fn keys(&self) -> Option<Arc<KeySet>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let is_fresh =
            self.http.is_none() || keys.read().elapsed() <= self.config.refresh + self.config.max_stale;
        is_fresh.then_some(keys)
    }

    /// Finds a key; fetches the keys for it where they may have changed, but not often.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<(DecodingKey, u64), NoKey> {
        let find = |keys: &KeySet| keys.find(id, algorithm).map(|key| (key.clone(), keys.version()));
        let before = self.keys();
        if let Some(found) = before.as_deref().and_then(find) {
            return Ok(found);
        }
        if self.http.is_some() {
            let mut last = self.unasked.lock().await;
            // Somebody else may have fetched them while this one waited.
            if let Some(found) = self.keys().as_deref().and_then(find) {
                return Ok(found);
            }
            if last.is_none_or(|last| last.elapsed() >= UNASKED_FETCH_EVERY) {
                let fetched = self.fetch().await;
                if let Err(reason) = &fetched {
                    tracing::warn!(issuer = %self.name, reason, "the keys of an issuer cannot be fetched");
                }
                // The first keys of all were not fetched for one that is unknown.
                if before.is_some() || fetched.is_err() {
                    *last = Some(Instant::now());
                }
            }
        }
        match self.keys() {
            Some(keys) => find(&keys).ok_or(NoKey::Unknown),
            None => Err(NoKey::Unavailable),
        }
    }

    fn read_file(&self) -> Result<usize, String> {
        let KeyLocation::File(path) = &self.config.keys else {
            return Ok(0);
        };
        let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > BYTES_MAX as u64 {
            return Err(format!("has {length} bytes, more than {BYTES_MAX}"));
        }
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        self.put(&bytes)
    }

    /// Fetches the keys.
    pub(super) async fn fetch(&self) -> Result<Fetched, String> {
        let (Some(http), KeyLocation::Url(url)) = (&self.http, &self.config.keys) else {
            let keys = self.read_file()?;
            return Ok(Fetched { keys, date: None });
        };
        let answer = http
            .get(url.clone())
            .send()
            .await
            .map_err(|error| innermost(&error))?;
        // A redirect counts as a failure: it would lead elsewhere.
        if answer.status() != http::StatusCode::OK {
            return Err(format!("HTTP {}", answer.status()));
        }
        let date = answer.headers().get(http::header::DATE);
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let mut bytes = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| innermost(&error))?);
            if bytes.len() > BYTES_MAX {
                return Err(format!("the key set has more than {BYTES_MAX} bytes"));
            }
        }
        let keys = self
            .put(&bytes)
            .map_err(|reason| format!("the answer {reason}"))?;
        Ok(Fetched { keys, date })
    }

    fn put(&self, bytes: &[u8]) -> Result<usize, String> {
        let version = self.versions.fetch_add(1, Ordering::Relaxed) + 1;
        let keys = KeySet::parse(bytes, version)?;
        let count = keys.len();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
        Ok(count)
    }
}

fn client(url: &Url, ca_file: Option<&std::path::Path>) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(FETCH_TIMEOUT)
        .no_proxy();
    if let Some(path) = ca_file {
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let roots = reqwest::Certificate::from_pem_bundle(&pem)
            .ok()
            .filter(|roots| !roots.is_empty())
            .ok_or_else(|| format!("{} holds no certificate in PEM", path.display()))?;
        builder = builder.tls_certs_only(roots);
    } else if url.scheme() == "http" {
        // Nothing is encrypted, so that a container without any roots works.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| innermost(&error))
}

/// The cause that says most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
