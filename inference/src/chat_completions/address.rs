//! Where the calls of one backend go.

use async_openai::config::Config as ApiConfig;
use http::header::HeaderMap;
use secrecy::SecretString;
use url::{Host, Url};

/// The address of an API.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// Everything before `/chat/completions`.
    base: String,
    api_version: Option<String>,
    /// async-openai wants to be able to lend a key. Ours changes, and travels with each request instead.
    no_key: SecretString,
}

impl Address {
    /// Takes everything before `/chat/completions`, and the version that stands in the query.
    pub(crate) fn new(base: String, api_version: Option<String>) -> Self {
        Self {
            base,
            api_version,
            no_key: SecretString::default(),
        }
    }
}

impl ApiConfig for Address {
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
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An address as it may be shown.
pub(crate) fn without_credentials(url: &Url) -> String {
    let mut shown = url.clone();
    // Both fail only where an address has no place for them, and then holds none.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}
