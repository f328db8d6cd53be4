//! Checks where a deployment is, and makes the URLs of its calls.

use async_openai::config::Config as ApiConfig;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use url::{Host, Url};

use super::{Api, Config};

/// Why a deployment cannot be set up. Names the field, the reason and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The endpoint is not encrypted and not on this machine.
    #[error(
        "endpoint: {endpoint} would carry the API key in clear; use https:// (http:// is for loopback addresses only)"
    )]
    Insecure {
        /// The endpoint.
        endpoint: String,
    },
    /// The endpoint is not one that can be called.
    #[error("endpoint: {endpoint} {reason}")]
    Endpoint {
        /// The endpoint, without user name and password.
        endpoint: String,
        /// What is wrong, and what to write instead.
        reason: &'static str,
    },
    /// The API version is none.
    #[error(
        "api: {version:?} is not an API version; use \"v1\", or a date such as \"2024-10-21\" or \"2025-04-01-preview\""
    )]
    ApiVersion {
        /// What was written.
        version: String,
    },
    /// The deployment's name cannot be one.
    #[error(
        "deployment: {name:?} is not a deployment name; use the name shown under Deployments in the Azure portal \
         (letters, digits, '-', '_' and '.', at most 64)"
    )]
    DeploymentName {
        /// What was written.
        name: String,
    },
    /// This machine's root certificates could not be loaded.
    #[error(
        "endpoint: no root certificates to check it with ({reason}); install the package ca-certificates"
    )]
    RootCertificates {
        /// What failed.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("endpoint: HTTP client could not be made: {reason}")]
    HttpClient {
        /// What failed.
        reason: String,
    },
}

/// Where the calls of one deployment go.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// Everything before `/chat/completions`.
    base: String,
    api_version: Option<String>,
    /// async-openai wants to be able to lend a key. Ours changes, and travels with each request instead.
    no_key: SecretString,
}

impl Endpoint {
    /// Checks a configuration and takes the address from it.
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        let endpoint = &config.endpoint;
        check_url(endpoint)?;
        if !is_deployment_name(&config.deployment) {
            return Err(ConfigError::DeploymentName {
                name: config.deployment.clone(),
            });
        }
        let root = endpoint.as_str().trim_end_matches('/');
        let (base, api_version) = match &config.api {
            Api::V1 => (format!("{root}/openai/v1"), None),
            Api::Dated(version) if is_api_version(version) => (
                format!("{root}/openai/deployments/{}", config.deployment),
                Some(version.clone()),
            ),
            Api::Dated(version) => {
                return Err(ConfigError::ApiVersion {
                    version: version.clone(),
                });
            }
        };
        Ok(Self {
            base,
            api_version,
            no_key: SecretString::default(),
        })
    }
}

impl ApiConfig for Endpoint {
    fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.api_version
            .iter()
            .map(|version| ("api-version", version.as_str()))
            .collect()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}

/// Whether an address is on this machine, so that calls to it need neither encryption nor a proxy.
pub(super) fn is_loopback(endpoint: &Url) -> bool {
    match endpoint.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An address as it may be shown.
pub(super) fn without_credentials(endpoint: &Url) -> String {
    let mut shown = endpoint.clone();
    // Both fail only where an address has no place for them, and then holds none.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

fn check_url(endpoint: &Url) -> Result<(), ConfigError> {
    let shown = || without_credentials(endpoint);
    let wrong = |reason| {
        Err(ConfigError::Endpoint {
            endpoint: shown(),
            reason,
        })
    };
    match endpoint.scheme() {
        "https" => {}
        "http" if is_loopback(endpoint) => {}
        "http" => return Err(ConfigError::Insecure { endpoint: shown() }),
        _ => return wrong("has an unknown scheme; use https://"),
    }
    if !endpoint.username().is_empty() || endpoint.password().is_some() {
        return wrong("holds a user name or a password; put the API key into its file instead");
    }
    if endpoint.query().is_some() || endpoint.fragment().is_some() {
        return wrong("has a query or a fragment; end it after the host, and put the version into `api`");
    }
    let path = endpoint.path();
    if path.trim_end_matches('/').ends_with("/openai") || path.contains("/openai/") {
        return wrong("already holds the path of the API; leave off everything from /openai on");
    }
    Ok(())
}

fn is_deployment_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed) && name.bytes().any(|byte| byte != b'.')
}

fn is_api_version(version: &str) -> bool {
    let date = version.strip_suffix("-preview").unwrap_or(version);
    date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
