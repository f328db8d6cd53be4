//! `[shared]`: where the processes of a fleet find what they share.

use std::path::PathBuf;

use super::{
    backends::{Reported, check_file, parse_path},
    millis, seconds,
};
use crate::{
    config::{Secret, reader::Section},
    shared::{Config, Servers},
};

pub(super) fn read_shared(mut section: Section<'_>) -> Option<Config> {
    let servers = read_servers(&mut section);
    let default = Config::new(Servers::Urls(Vec::new()));
    let cluster = section.flag("cluster", default.cluster);
    let allow_plaintext = section.flag("allow_plaintext", default.allow_plaintext);
    let username = section.text("username", None, String::clone, |text| Ok(text.to_owned()));
    let password_file = read_file(&mut section, "password_file", "the password of Redis");
    let ca_file = read_file(
        &mut section,
        "ca_file",
        "the certificates of the servers' authority",
    );
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
    section.finish();
    Some(Config {
        servers: servers?,
        cluster,
        allow_plaintext,
        username: username.map(|username| username.value),
        password_file: password_file.ok()?,
        ca_file: ca_file.ok()?,
        prefix: prefix?.value,
        timeout,
        connect_timeout,
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
