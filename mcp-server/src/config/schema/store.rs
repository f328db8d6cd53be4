//! `[store]`: where calls are written down.

use std::path::PathBuf;

use url::Url;

use super::Environment;
use crate::{
    config::{
        reader::{Located, Problem, Section},
        state_dir,
    },
    store::{Config, Location, Login},
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sqlite,
    Postgres,
    None,
}

const KINDS: &[(&str, Kind)] = &[
    ("sqlite", Kind::Sqlite),
    ("postgres", Kind::Postgres),
    ("none", Kind::None),
];

pub(super) fn read_store(mut section: Section<'_>, environment: &Environment) -> Config {
    let kind = section.choice("kind", Some(Kind::Sqlite), KINDS);
    let kind = kind.map_or(Kind::Sqlite, |read| read.value);
    let has_directory = section.has("directory");
    let directory = read_path(&mut section, "directory", Some(state_dir(environment)));
    let directory = directory.map_or_else(|| state_dir(environment), |directory| directory.value);
    let login = read_login(&mut section, kind == Kind::Postgres);
    let journal_max_bytes = section.integer(
        "journal_max_bytes",
        Config::JOURNAL_MAX_BYTES,
        1024 * 1024..=1 << 40,
    );
    let usage_kept_days = section.optional_integer("usage_kept_days", None, 1..=36_500);
    let location = match kind {
        Kind::Sqlite => Some(Location::Sqlite(directory.join(Config::FILE))),
        Kind::Postgres => login.map(Location::Postgres),
        Kind::None => None,
    };
    section.finish();
    Config {
        location,
        directory,
        is_default_directory: !has_directory,
        journal_max_bytes,
        usage_kept_days,
    }
}

/// The whole URL in one file, or the URL here and what changes in files beside it.
fn read_login(section: &mut Section<'_>, is_wanted: bool) -> Option<Login> {
    let url_file = read_path(section, "url_file", None);
    let url = section.text("url", None, Url::to_string, parse_url);
    let username_file = read_path(section, "username_file", None);
    let password_file = read_path(section, "password_file", None);
    if let Some(file) = url_file {
        let others = [
            besides(url.as_ref()),
            besides(username_file.as_ref()),
            besides(password_file.as_ref()),
        ];
        if let Some(problem) = others.into_iter().flatten().next() {
            section.problem(problem);
            return None;
        }
        return Some(Login::UrlFile(file.value));
    }
    let Some(url) = url else {
        if is_wanted {
            section.missing(
                "url",
                "write postgres://host/name and set `username_file` and `password_file`, or name a file that holds \
                 postgres://user:password@host/name as `url_file`",
            );
        }
        return None;
    };
    match (url.value.username(), &username_file) {
        ("", None) => section.missing(
            "username_file",
            "name a file that holds the user, or write postgres://user@host/name as `url`",
        ),
        ("", Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            section.problem(url.problem("names a user besides `username_file`", "keep one of them"));
        }
    }
    if password_file.is_none() {
        section.missing(
            "password_file",
            "name a file that holds the password, or the whole URL as `url_file`",
        );
    }
    Some(Login::Account {
        url: url.value,
        username_file: username_file.map(|file| file.value),
        password_file: password_file?.value,
    })
}

fn besides<T>(setting: Option<&Located<T>>) -> Option<Problem> {
    setting.map(|setting| {
        setting.problem(
            "is set besides `url_file`",
            "keep `url_file`, which holds all of it, or the others",
        )
    })
}

/// Whoever may be in it, a password may not: what is written here is shown by `config show`.
fn parse_url(text: &str) -> Result<Url, (String, String)> {
    let fix = || "write it as postgres://host:5432/name?sslmode=verify-full".to_owned();
    let url = Url::parse(text).map_err(|error| (format!("is no URL ({error})"), fix()))?;
    if url.password().is_some() {
        let fix = "write it into a file and name that as `password_file`";
        return Err(("holds a password".to_owned(), fix.to_owned()));
    }
    if !Login::is_url(&url) {
        return Err(("is no URL of PostgreSQL".to_owned(), fix()));
    }
    if url.host().is_none() {
        return Err(("names no host".to_owned(), fix()));
    }
    Ok(url)
}

fn read_path(
    section: &mut Section<'_>,
    key: &'static str,
    default: Option<PathBuf>,
) -> Option<Located<PathBuf>> {
    let show = |path: &PathBuf| path.display().to_string();
    section.text(key, default, show, |text| match text {
        "" => Err(("is empty".to_owned(), "write a path".to_owned())),
        path => Ok(PathBuf::from(path)),
    })
}
