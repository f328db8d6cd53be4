//! Who may ask from where: the `Host` a request is addressed to, and the `Origin` of a browser's page.
//!
//! A page of any site can make a browser send requests to a server on the same machine, and DNS
//! rebinding even lets it read the answers. The first is seen by its `Origin`, the second by its `Host`.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

use super::Config;
use crate::mcp::errors::Error;

/// What requests may be addressed to, and where they may come from.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    hosts: Vec<Host>,
    origins: Vec<Origin>,
}

/// A name, and the port it is limited to, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    name: String,
    port: Option<u16>,
}

/// Scheme, name and port; `None` is any port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    name: String,
    port: Option<u16>,
}

impl Guard {
    /// Loopback names are always allowed, on any port.
    ///
    /// # Errors
    /// Names the setting that cannot be read, and the value.
    pub(super) fn new(config: &Config) -> Result<Self, (&'static str, String)> {
        let hosts = config
            .allowed_hosts
            .iter()
            .map(|text| parse_host(text).ok_or_else(|| ("server.allowed_hosts", text.clone())))
            .collect::<Result<_, _>>()?;
        let origins = config
            .allowed_origins
            .iter()
            .map(|text| parse_allowed_origin(text).ok_or_else(|| ("server.allowed_origins", text.clone())))
            .collect::<Result<_, _>>()?;
        Ok(Self { hosts, origins })
    }

    /// Admits loopback names alone.
    pub(super) fn loopback() -> Self {
        Self {
            hosts: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// Checks both headers.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
        self.check_host(uri, headers)?;
        self.check_origin(headers)
    }

    fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
        let mut named = headers.get_all(HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(value), None) => value.to_str().ok().and_then(parse_host),
            (None, _) => uri.authority().map(host),
            // Two of them: whoever stands in between may have read the other one.
            (Some(_), Some(_)) => None,
        }
        .ok_or(Error::HostMalformed)?;
        let allowed = is_loopback(&host.name)
            || self.hosts.iter().any(|allowed| {
                allowed.name == host.name && allowed.port.is_none_or(|port| host.port == Some(port))
            });
        if allowed {
            Ok(())
        } else {
            Err(Error::HostNotAllowed)
        }
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Error> {
        for value in headers.get_all(ORIGIN) {
            let origin = value
                .to_str()
                .ok()
                .and_then(parse_origin)
                .ok_or(Error::OriginNotAllowed)?;
            let allowed = is_loopback(&origin.name)
                || self.origins.iter().any(|allowed| {
                    allowed.scheme == origin.scheme
                        && allowed.name == origin.name
                        && allowed.port.is_none_or(|port| origin.port == Some(port))
                });
            if !allowed {
                return Err(Error::OriginNotAllowed);
            }
        }
        Ok(())
    }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn host(authority: &Authority) -> Host {
    Host {
        name: plain(authority.host()),
        port: authority.port_u16(),
    }
}

/// A host name without its brackets, in lower case.
fn plain(name: &str) -> String {
    let name = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    name.to_ascii_lowercase()
}

fn parse_host(text: &str) -> Option<Host> {
    // A user name has no place here, and `localhost@evil.example` would be read as one.
    if text.contains('@') {
        return None;
    }
    let authority = Authority::try_from(text.trim()).ok()?;
    let host = host(&authority);
    // A port that is no port: whoever stands in between may have read another one.
    let port_is_lost = host.port.is_none() && authority.as_str().len() > authority.host().len();
    (!host.name.is_empty() && !port_is_lost).then_some(host)
}

/// Reads what a browser sends. Its `null` (a sandboxed page, a file) is no origin that could be allowed.
fn parse_origin(text: &str) -> Option<Origin> {
    let (scheme, authority) = text.trim().split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let Host { name, port } = parse_host(authority)?;
    // Browsers leave the usual port out.
    let port = port.or(match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    });
    matches!(scheme.as_str(), "http" | "https").then_some(Origin { scheme, name, port })
}

fn parse_allowed_origin(text: &str) -> Option<Origin> {
    match text.trim().strip_suffix(":*") {
        Some(any_port) => {
            let (_, authority) = any_port.split_once("://")?;
            // `https://name:443:*` says two things at once.
            let origin = parse_origin(any_port)?;
            parse_host(authority)?
                .port
                .is_none()
                .then_some(Origin { port: None, ..origin })
        }
        None => parse_origin(text),
    }
}

#[cfg(test)]
mod tests;
