//! Checks where a server is, and says where its calls go.

use url::Url;

use super::Config;
use crate::chat_completions::{
    address::{Address, is_loopback, without_credentials},
    transport::SetUpError,
};

/// Why a server cannot be set up. Names the field, the reason and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The address is not encrypted and not on this machine.
    #[error(
        "base_url: {base_url} would carry prompts and the key in clear; use https://, or set \
         `allow_plain_http = true` where the network itself is trusted"
    )]
    Insecure {
        /// The address.
        base_url: String,
    },
    /// The address is not one that can be called.
    #[error("base_url: {base_url} {reason}")]
    BaseUrl {
        /// The address, without user name and password.
        base_url: String,
        /// What is wrong, and what to write instead.
        reason: &'static str,
    },
    /// The model's name cannot be one.
    #[error("upstream_model: is {reason}; write the model's name as the server's /models shows it")]
    UpstreamModel {
        /// What is wrong.
        reason: &'static str,
    },
    /// The certificates that were given are none.
    #[error(
        "ca_file: {reason}; name a PEM file with the certificates of the authority that signs the server's"
    )]
    Certificates {
        /// What is wrong with them.
        reason: String,
    },
    /// This machine's root certificates could not be loaded.
    #[error(
        "base_url: no root certificates to check it with ({reason}); install the package ca-certificates, or \
         name a `ca_file`"
    )]
    RootCertificates {
        /// What failed.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("base_url: HTTP client could not be made: {reason}")]
    HttpClient {
        /// What failed.
        reason: String,
    },
}

impl From<SetUpError> for ConfigError {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::MachineRoots { reason } => Self::RootCertificates { reason },
            SetUpError::GivenRoots { reason } => Self::Certificates { reason },
            SetUpError::HttpClient { reason } => Self::HttpClient { reason },
        }
    }
}

/// Longest name of a model: some are paths of files.
const MAX_MODEL_CHARS: usize = 256;

/// Checks a configuration and takes the address from it.
pub(super) fn address(config: &Config) -> Result<Address, ConfigError> {
    check_url(&config.base_url, config.allow_plain_http)?;
    let model = &config.upstream_model;
    let wrong = |reason| Err(ConfigError::UpstreamModel { reason });
    if model.trim().is_empty() {
        return wrong("empty");
    }
    if model.chars().count() > MAX_MODEL_CHARS {
        return wrong("longer than 256 characters");
    }
    if model.contains(char::is_control) {
        return wrong("holding a control character");
    }
    let base = config.base_url.as_str().trim_end_matches('/');
    Ok(Address::new(base.to_owned(), None))
}

fn check_url(base_url: &Url, allow_plain_http: bool) -> Result<(), ConfigError> {
    let shown = || without_credentials(base_url);
    let wrong = |reason| {
        Err(ConfigError::BaseUrl {
            base_url: shown(),
            reason,
        })
    };
    match base_url.scheme() {
        "https" => {}
        "http" if allow_plain_http || is_loopback(base_url) => {}
        "http" => return Err(ConfigError::Insecure { base_url: shown() }),
        _ => return wrong("has an unknown scheme; use https://"),
    }
    if base_url.host().is_none() {
        return wrong("has no host; write https://HOST/v1");
    }
    if !base_url.username().is_empty() || base_url.password().is_some() {
        return wrong("holds a user name or a password; put the API key into its file instead");
    }
    if base_url.query().is_some() || base_url.fragment().is_some() {
        return wrong("has a query or a fragment; end it after the path");
    }
    match base_url.path().trim_end_matches('/') {
        "" => wrong("has no path; the API usually begins at /v1, so end it in /v1"),
        path if path.ends_with("/completions") || path.ends_with("/chat") => {
            wrong("already holds the path of a call; end it before /chat/completions")
        }
        _ => Ok(()),
    }
}
