//! Checks where a deployment is, and says where its calls go.

use url::Url;

use super::{Api, Config};
use crate::chat_completions::{
    address::{Address, is_loopback, without_credentials},
    is_deployment_name,
    transport::SetUpError,
};

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
    /// Tokens would be asked for where others read along.
    #[error(
        "workload_identity.authority: {authority} is no place to show a token to; write https://login.microsoftonline.com/"
    )]
    Authority {
        /// What was written.
        authority: String,
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

impl From<SetUpError> for ConfigError {
    fn from(error: SetUpError) -> Self {
        match error {
            SetUpError::MachineRoots { reason } | SetUpError::GivenRoots { reason } => {
                Self::RootCertificates { reason }
            }
            SetUpError::HttpClient { reason } => Self::HttpClient { reason },
        }
    }
}

/// Checks a configuration and takes the address from it.
pub(super) fn address(config: &Config) -> Result<Address, ConfigError> {
    let endpoint = &config.endpoint;
    check_url(endpoint)?;
    if !is_deployment_name(&config.deployment) {
        return Err(ConfigError::DeploymentName {
            name: config.deployment.clone(),
        });
    }
    let root = endpoint.as_str().trim_end_matches('/');
    match &config.api {
        Api::V1 => Ok(Address::new(format!("{root}/openai/v1"), None)),
        Api::Dated(version) if is_api_version(version) => Ok(Address::new(
            format!("{root}/openai/deployments/{}", config.deployment),
            Some(version.clone()),
        )),
        Api::Dated(version) => Err(ConfigError::ApiVersion {
            version: version.clone(),
        }),
    }
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

fn is_api_version(version: &str) -> bool {
    let date = version.strip_suffix("-preview").unwrap_or(version);
    date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
