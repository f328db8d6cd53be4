//! `[backends.workload_identity]` and `[shared.workload_identity]`: access to Azure without a key or a password, by the identity that
//! the cluster gives this process.

use std::path::PathBuf;

use url::Url;

use super::{Environment, backends::check_file};
use crate::config::{
    WorkloadIdentity,
    reader::{Located, Section},
};

/// Where Entra ID gives tokens, but for national clouds.
const AUTHORITY: &str = "https://login.microsoftonline.com/";

/// Reads who this process is. What is not written is as the cluster's variables have it.
pub(super) fn read_identity(mut section: Section<'_>, environment: &Environment) -> Option<WorkloadIdentity> {
    let from = |variable: &str| {
        environment
            .get(variable)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    };
    let client_id = read_id(&mut section, "client_id", from("AZURE_CLIENT_ID"));
    if client_id.is_none() {
        section.missing(
            "client_id",
            "write the application's id, or set AZURE_CLIENT_ID, as AKS does",
        );
    }
    let tenant_id = read_id(&mut section, "tenant_id", from("AZURE_TENANT_ID"));
    if tenant_id.is_none() {
        section.missing(
            "tenant_id",
            "write the directory's id, or set AZURE_TENANT_ID, as AKS does",
        );
    }
    let show = |path: &PathBuf| path.display().to_string();
    let default = from("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from);
    let token_file = section.text("token_file", default, show, |text| Ok(PathBuf::from(text)));
    if token_file.is_none() {
        section.missing(
            "token_file",
            "name the file with the cluster's token, or set AZURE_FEDERATED_TOKEN_FILE, as AKS does",
        );
    }
    let token_file = token_file.and_then(|file| check_file(&section, file, "the cluster's token").ok());
    let authority = from("AZURE_AUTHORITY_HOST").unwrap_or_else(|| AUTHORITY.to_owned());
    let authority = section.text("authority", Some(authority), String::clone, |text| {
        Ok(text.to_owned())
    });
    let authority = authority.and_then(|authority| parse_authority(&section, &authority));
    section.finish();
    Some(WorkloadIdentity {
        authority: authority?,
        tenant_id: tenant_id?,
        client_id: client_id?,
        token_file: token_file?,
    })
}

/// An id stands in an address and in a log.
fn read_id(section: &mut Section<'_>, key: &'static str, default: Option<String>) -> Option<String> {
    let id = section.text(key, default, String::clone, |text| Ok(text.to_owned()))?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if (1..=128).contains(&id.value.len())
        && id.value.bytes().all(allowed)
        && id.value != ".."
        && id.value != "."
    {
        return Some(id.value);
    }
    section.problem(id.problem(
        format!("is {:?}", id.value),
        "write an id as the Azure portal shows it, 00000000-0000-0000-0000-000000000000",
    ));
    None
}

fn parse_authority(section: &Section<'_>, written: &Located<String>) -> Option<Url> {
    let url = Url::parse(&written.value).ok().filter(Url::has_host);
    let loopback = |url: &Url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let fits = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && loopback(url));
    let url = url.filter(fits);
    if url.is_none() {
        section.problem(written.problem(
            format!("is {:?}, no place to show a token to", written.value),
            format!("write \"{AUTHORITY}\", or that of your national cloud"),
        ));
    }
    url
}
