//! `[auth]` and `[server.tls]`: how callers show who they are, and how nobody reads along.

use std::path::PathBuf;

use jsonwebtoken::Algorithm;
use url::Url;

use crate::config::reader::{Located, Section};
use crate::http::tls;
use crate::telemetry::CertificateExpiry;
use crate::tenancy::{self, ClaimNames, Role, Scope, Scopes, certificates, is_name, issuer, tokens};

use super::backends::{check_file, parse_path};
use super::seconds;

const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
const DEFAULT_ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

type Wrong = (String, String);

pub(super) fn read_auth(mut section: Section<'_>) -> tenancy::Config {
    let auth = tenancy::Config {
        jwt: section
            .has("jwt")
            .then(|| read_jwt(section.section("jwt")))
            .flatten(),
        api_keys: section
            .has("api_keys")
            .then(|| read_api_keys(section.section("api_keys")))
            .flatten(),
        client_certificates: section
            .has("client_certificates")
            .then(|| read_certificates(section.section("client_certificates")))
            .flatten(),
    };
    section.finish();
    auth
}

fn read_jwt(mut section: Section<'_>) -> Option<tokens::Config> {
    let resource = section.text("resource", None, String::clone, |text| {
        parse_https(text).map(|_| text.to_owned())
    });
    if resource.is_none() {
        section.missing(
            "resource",
            "write the URL that clients reach this server by, as https://HOST/mcp",
        );
    }
    let own: Vec<_> = resource.iter().map(|resource| resource.value.clone()).collect();
    let audiences = section.texts("audiences", &own);
    let algorithms = read_algorithms(&mut section);
    let clock_skew = section.duration("clock_skew", seconds(30), seconds(0)..=seconds(300));
    let default = ClaimNames::default();
    let claims = ClaimNames {
        tenant: section.texts("tenant_claims", &default.tenant),
        scopes: section.texts("scope_claims", &default.scopes),
        roles: section.texts("role_claims", &default.roles),
    };
    let sections = section.sections("issuers");
    if sections.is_empty() {
        section.missing(
            "issuers",
            "write one [[auth.jwt.issuers]] table for each issuer of tokens",
        );
    }
    let issuers: Vec<_> = sections.into_iter().map(read_issuer).collect();
    let roles: Vec<_> = section.sections("roles").into_iter().map(read_role).collect();
    section.finish();
    Some(tokens::Config {
        resource: resource?.value,
        audiences,
        issuers: issuers.into_iter().collect::<Option<_>>()?,
        algorithms,
        clock_skew,
        claims,
        roles: roles.into_iter().collect::<Option<_>>()?,
    })
}

fn read_algorithms(section: &mut Section<'_>) -> Vec<Algorithm> {
    let default = DEFAULT_ALGORITHMS.map(str::to_owned).to_vec();
    let Some(names) = section.located_texts("algorithms", Some(default)) else {
        return Vec::new();
    };
    let mut algorithms = Vec::new();
    for name in &names.value {
        match ALGORITHMS.iter().find(|(known, _)| known == name) {
            Some((_, algorithm)) => algorithms.push(*algorithm),
            None => section.problem(names.problem(
                format!("names {name:?}, which is no signature that only an issuer can make"),
                format!("write of {}", ALGORITHMS.map(|(name, _)| name).join(", ")),
            )),
        }
    }
    if names.value.is_empty() {
        section.problem(names.problem("is empty", "name an algorithm, for example \"ES256\""));
    }
    algorithms
}

fn read_issuer(mut section: Section<'_>) -> Option<issuer::Config> {
    let name = section.text("issuer", None, String::clone, |text| Ok(text.to_owned()));
    if name.is_none() {
        section.missing("issuer", "write the `iss` of its tokens, to the letter");
    }
    let url = section.text("jwks_url", None, ToString::to_string, parse_https);
    let file = section.text("jwks_file", None, show_path, parse_path);
    let keys = match (url, file) {
        (Some(url), None) => Some(issuer::KeyLocation::Url(url.value)),
        (None, Some(file)) => check_file(&section, file, "the issuer's keys (JWKS)")
            .ok()
            .map(issuer::KeyLocation::File),
        (Some(_), Some(file)) => {
            section.problem(file.problem("is set besides `jwks_url`", "keep one of them"));
            None
        }
        (None, None) => {
            section.missing(
                "jwks_url",
                "write the URL of the issuer's keys (jwks_uri), or name a `jwks_file`",
            );
            None
        }
    };
    let ca_file = read_file(
        &mut section,
        "ca_file",
        "the certificates of the issuer's authority",
    );
    let tenants = read_names(&mut section, "tenants");
    let refresh = section.duration("refresh", seconds(300), seconds(1)..=seconds(24 * 3600));
    let max_stale = section.duration(
        "max_stale",
        seconds(24 * 3600),
        seconds(0)..=seconds(7 * 24 * 3600),
    );
    section.finish();
    Some(issuer::Config {
        issuer: name?.value,
        keys: keys?,
        tenants,
        ca_file,
        refresh,
        max_stale,
    })
}

fn read_role(mut section: Section<'_>) -> Option<Role> {
    let name = section.text("name", None, String::clone, |text| Ok(text.to_owned()));
    if name.is_none() {
        section.missing("name", "write the role as tokens name it");
    }
    let scopes = read_scopes(&mut section);
    section.finish();
    Some(Role {
        name: name?.value,
        scopes: scopes?,
    })
}

fn read_api_keys(mut section: Section<'_>) -> Option<PathBuf> {
    // It may not be there yet: `tenant key add` makes it.
    let file = section.text("file", None, show_path, parse_path);
    if file.is_none() {
        section.missing("file", "name the file that `mcp-server tenant key add` writes");
    }
    section.finish();
    Some(file?.value)
}

fn read_certificates(mut section: Section<'_>) -> Option<certificates::Config> {
    let ca_file = read_file(
        &mut section,
        "ca_file",
        "the certificates of the clients' authority",
    );
    if ca_file.is_none() {
        section.missing(
            "ca_file",
            "name the file with the certificates of the clients' authority, in PEM",
        );
    }
    let required = section.flag("required", false);
    let clients: Vec<_> = section.sections("clients").into_iter().map(read_client).collect();
    section.finish();
    Some(certificates::Config {
        ca_file: ca_file?,
        required,
        clients: clients.into_iter().collect::<Option<_>>()?,
    })
}

fn read_client(mut section: Section<'_>) -> Option<certificates::Client> {
    let name = section.text("name", None, String::clone, |text| Ok(text.to_owned()));
    if name.is_none() {
        section.missing(
            "name",
            "write the DNS name or the URI in the client's certificate",
        );
    }
    let tenant = section.text("tenant", None, String::clone, parse_tenant);
    if tenant.is_none() {
        section.missing("tenant", "write the tenant that the client acts for");
    }
    let scopes = read_scopes(&mut section);
    section.finish();
    Some(certificates::Client {
        name: name?.value,
        tenant: tenant?.value,
        scopes: scopes?,
    })
}

fn read_scopes(section: &mut Section<'_>) -> Option<Scopes> {
    let known = Scope::ALL.map(Scope::as_str).join(", ");
    let Some(names) = section.located_texts("scopes", None) else {
        section.missing("scopes", format!("write a list of {known}"));
        return None;
    };
    match Scopes::parse(names.value.iter().map(String::as_str)) {
        Ok(scopes) => Some(scopes),
        Err(name) => {
            let reason = format!("names {name:?}, which is no scope");
            section.problem(names.problem(reason, format!("write of {known}")));
            None
        }
    }
}

/// Reads `[server.tls]`, where it is written.
pub(super) fn read_tls(mut section: Section<'_>) -> Option<tls::Config> {
    let certificate = read_file(&mut section, "certificate_file", "the server's certificate");
    let key = read_file(&mut section, "key_file", "the certificate's private key");
    for (key, is_there) in [
        ("certificate_file", certificate.is_some()),
        ("key_file", key.is_some()),
    ] {
        if !is_there {
            section.missing(key, "name a file in PEM");
        }
    }
    section.finish();
    Some(tls::Config {
        certificate_file: certificate?,
        key_file: key?,
        clients: None,
        expiry: CertificateExpiry::default(),
    })
}

fn read_names(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let names = section.located_texts(key, Some(Vec::new()));
    for name in names.iter().flat_map(|names| &names.value) {
        if let (Err((reason, fix)), Some(names)) = (parse_tenant(name), &names) {
            section.problem(names.problem(format!("holds what {reason}"), fix));
        }
    }
    names.map(|names| names.value).unwrap_or_default()
}

fn read_file(section: &mut Section<'_>, key: &'static str, holds: &str) -> Option<PathBuf> {
    let file: Option<Located<PathBuf>> = section.text(key, None, show_path, parse_path);
    check_file(section, file?, holds).ok()
}

#[expect(clippy::ptr_arg, reason = "the shape that readers of a text have")]
fn show_path(path: &PathBuf) -> String {
    path.display().to_string()
}

fn parse_tenant(text: &str) -> Result<String, Wrong> {
    if is_name(text) {
        Ok(text.to_owned())
    } else {
        Err((
            format!("is {text:?}"),
            "write 1 to 64 letters, digits, dots, dashes or underscores".to_owned(),
        ))
    }
}

/// An address that nobody can speak for: `https`, or this machine.
fn parse_https(text: &str) -> Result<Url, Wrong> {
    let fix = || "write https://HOST/PATH".to_owned();
    let url = Url::parse(text).map_err(|error| (format!("is no URL ({error})"), fix()))?;
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(("has no host".to_owned(), fix())),
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let has_more = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
    match (is_safe, has_more) {
        (true, false) => Ok(url),
        (false, _) => Err(("is neither https nor on this machine".to_owned(), fix())),
        (true, true) => Err(("has a user name or a fragment".to_owned(), fix())),
    }
}
