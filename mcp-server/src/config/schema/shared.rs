//! `[shared]`: where the processes of a fleet find what they share.

use std::path::PathBuf;

use super::{
    Environment,
    backends::{Reported, check_file, parse_path},
    identity::read_identity,
    millis, seconds,
};
use crate::{
    config::{
        Secret,
        reader::{Problem, Section},
    },
    shared::{ClientCertificate, Config, Credential, Servers},
};

pub(super) fn read_shared(mut section: Section<'_>, environment: &Environment) -> Option<Config> {
    let servers = read_servers(&mut section);
    let default = Config::new(Servers::Urls(Vec::new()));
    let cluster = section.flag("cluster", default.cluster);
    let allow_plaintext = section.flag("allow_plaintext", default.allow_plaintext);
    let username = section.text("username", None, String::clone, |text| Ok(text.to_owned()));
    let credential = read_credential(&mut section, environment);
    let ca_file = read_file(
        &mut section,
        "ca_file",
        "the certificates of the servers' authority",
    );
    let client_certificate = read_client_certificate(&mut section);
    let prefix = section.text(
        "prefix",
        Some(default.prefix.clone()),
        String::clone,
        parse_prefix,
    );
    let timeout = section.duration("timeout", default.timeout, millis(5)..=seconds(2));
    let connect_timeout = section.duration(
        "connect_timeout",
        default.connect_timeout,
        millis(50)..=seconds(10),
    );
    let assumed_servers = section.integer("assumed_servers", default.assumed_servers, 1..=1000);
    section.finish();
    Some(Config {
        servers: servers?,
        cluster,
        allow_plaintext,
        username: username.map(|username| username.value),
        credential: credential.ok()?,
        ca_file: ca_file.ok()?,
        client_certificate: client_certificate.ok()?,
        prefix: prefix?.value,
        timeout,
        connect_timeout,
        assumed_servers,
    })
}

/// Whoever may be among the addresses, a password may not: what is written here is shown by `config show`.
fn read_servers(section: &mut Section<'_>) -> Option<Servers> {
    let urls = section.located_texts("urls", None);
    let file = read_file(section, "url_file", "addresses of Redis, one on each line").ok()?;
    match (urls, file) {
        (Some(urls), Some(_)) => {
            section.problem(urls.problem("is set besides `url_file`", "keep one of them"));
            None
        }
        (None, Some(file)) => Some(Servers::File(file)),
        (Some(urls), None) => {
            let holds_secret = |url: &String| url::Url::parse(url).is_ok_and(|url| url.password().is_some());
            if urls.value.iter().any(holds_secret) {
                section.problem(urls.problem(
                    "holds a password",
                    "write it into a file and name that as `password_file`, or write the whole address into `url_file`",
                ));
                return None;
            }
            Some(Servers::Urls(urls.value.into_iter().map(Secret::new).collect()))
        }
        (None, None) => {
            section.missing(
                "urls",
                "write where Redis is, for example [\"redis://127.0.0.1:6379\"]",
            );
            None
        }
    }
}

/// Reads what servers are shown: a password, or a token of this process's identity.
fn read_credential(
    section: &mut Section<'_>,
    environment: &Environment,
) -> Result<Option<Credential>, Reported> {
    let password_file = read_file(section, "password_file", "the password of Redis");
    if !section.has("workload_identity") {
        return Ok(password_file?.map(Credential::PasswordFile));
    }
    let identity = read_identity(section.section("workload_identity"), environment);
    if password_file?.is_some() {
        section.problem(Problem {
            origin: section.origin().clone(),
            key: format!("{}.workload_identity", section.path()),
            reason: "stands besides `password_file`".to_owned(),
            fix: "keep one of them".to_owned(),
        });
        return Err(Reported);
    }
    identity
        .map(|identity| Some(Credential::WorkloadIdentity(identity)))
        .ok_or(Reported)
}

/// A certificate is of no use without its key, nor a key without its certificate.
fn read_client_certificate(section: &mut Section<'_>) -> Result<Option<ClientCertificate>, Reported> {
    let certificate = read_file(section, "client_certificate_file", "this server's certificate");
    let key = read_file(section, "client_key_file", "the key of this server's certificate");
    match (certificate?, key?) {
        (None, None) => Ok(None),
        (Some(certificate_file), Some(key_file)) => Ok(Some(ClientCertificate {
            certificate_file,
            key_file,
        })),
        (Some(_), None) => {
            section.missing("client_key_file", "name the file of the certificate's key");
            Err(Reported)
        }
        (None, Some(_)) => {
            section.missing(
                "client_certificate_file",
                "name the file of the key's certificate",
            );
            Err(Reported)
        }
    }
}

/// An error for a file that is not there, and told so.
fn read_file(section: &mut Section<'_>, key: &'static str, holds: &str) -> Result<Option<PathBuf>, Reported> {
    let show = |path: &PathBuf| path.display().to_string();
    let file = section.text(key, None, show, parse_path);
    file.map(|file| check_file(section, file, holds)).transpose()
}

/// A prefix is part of keys, in which braces decide where a cluster puts them.
fn parse_prefix(text: &str) -> Result<String, (String, String)> {
    super::parse_name(text)
}
