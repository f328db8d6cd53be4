//! The credential that commands show to a running server, and how they reach it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{Environment, Failure, Result};
use crate::config::Secret;

/// Holds the credential where no file is named.
const VARIABLE: &str = "MCP_SERVER_CREDENTIAL";

#[derive(Debug, Clone, Default, Args)]
pub(super) struct Arguments {
    /// A file with the token or API key to show the server; else `MCP_SERVER_CREDENTIAL`
    #[arg(long, visible_alias = "api-key-file", value_name = "FILE", value_hint = ValueHint::FilePath)]
    token_file: Option<PathBuf>,
    /// The certificates, in PEM, to believe instead of this machine's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
}

impl Arguments {
    /// Reads the credential to send to `url`, if there is one.
    pub(super) fn read(&self, environment: &Environment, url: &url::Url) -> Result<Option<Secret>> {
        let text = match &self.token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::usage(format!("--token-file {}: {error}", path.display())))?;
                Some(Secret::new(text))
            }
            None => environment.get(VARIABLE).cloned().map(Secret::new),
        };
        let Some(text) = text else {
            return Ok(None);
        };
        let credential = text.expose().trim();
        if credential.is_empty() && self.token_file.is_none() {
            return Ok(None);
        }
        if credential.is_empty() || !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::usage(
                "the credential is empty or holds more than one word; give the token or key alone",
            ));
        }
        if url.scheme() == "http" && !is_loopback(url) {
            return Err(Failure::usage(format!(
                "{url} is plain http to another machine, which would show the credential; use https"
            )));
        }
        Ok(Some(Secret::new(credential)))
    }

    /// A client that follows no redirect: a credential goes nowhere but where it was sent.
    pub(super) fn http_client(&self) -> Result<reqwest::Client> {
        let mut builder = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none());
        if let Some(path) = &self.ca_file {
            let failed = |reason: String| Failure::usage(format!("--ca-file {}: {reason}", path.display()));
            let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|_| failed("holds no certificate in PEM".to_owned()))?;
            builder = builder.tls_certs_only(roots);
        }
        builder
            .build()
            .map_err(|error| Failure::failed(format!("no HTTP client can be made: {error}")))
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_read_from_its_file_and_kept_off_open_wires() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let from_file = Arguments {
            token_file: Some(path.clone()),
            ca_file: None,
        };
        let read = |arguments: &Arguments, variable: &str, url: &str| {
            let environment = Environment::from([(VARIABLE.to_owned(), variable.to_owned())]);
            let read = arguments.read(&environment, &url.parse().unwrap());
            read.map(|secret| secret.map(|secret| secret.expose().to_owned()))
                .map_err(|failure| failure.message)
        };
        let here = "http://127.0.0.1:8080/mcp";
        assert!(read(&from_file, "", here).unwrap_err().contains("--token-file"));
        std::fs::write(&path, "b2x_1_2\n").unwrap();
        assert_eq!(read(&from_file, "other", here), Ok(Some("b2x_1_2".to_owned())));
        let unnamed = Arguments::default();
        assert_eq!(read(&unnamed, "other", here), Ok(Some("other".to_owned())));
        assert_eq!(read(&unnamed, "", here), Ok(None));
        assert!(read(&unnamed, "two words", here).is_err());
        assert!(
            read(&unnamed, "secret", "http://example.com/mcp")
                .unwrap_err()
                .contains("use https")
        );
        assert!(read(&unnamed, "secret", "https://example.com/mcp").is_ok());
        std::fs::write(&path, "\n").unwrap();
        assert!(read(&from_file, "", here).is_err());
    }
}
