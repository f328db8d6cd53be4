//! `[store]`: where calls are written down.

use std::path::PathBuf;

use super::Environment;
use crate::{
    config::{reader::Section, state_dir},
    store::{Config, Location},
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
    let directory = directory.unwrap_or_else(|| state_dir(environment));
    let url_file = read_path(&mut section, "url_file", None);
    let journal_max_bytes = section.integer(
        "journal_max_bytes",
        Config::JOURNAL_MAX_BYTES,
        1024 * 1024..=1 << 40,
    );
    let usage_kept_days = section.optional_integer("usage_kept_days", None, 1..=36_500);
    let location = match (kind, url_file) {
        (Kind::Sqlite, _) => Some(Location::Sqlite(directory.join(Config::FILE))),
        (Kind::Postgres, Some(file)) => Some(Location::Postgres(file)),
        (Kind::Postgres, None) => {
            section.missing(
                "url_file",
                "name a file that holds postgres://user:password@host/name",
            );
            None
        }
        (Kind::None, _) => None,
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

fn read_path(section: &mut Section<'_>, key: &'static str, default: Option<PathBuf>) -> Option<PathBuf> {
    let show = |path: &PathBuf| path.display().to_string();
    let read = section.text(key, default, show, |text| match text {
        "" => Err(("is empty".to_owned(), "write a path".to_owned())),
        path => Ok(PathBuf::from(path)),
    });
    read.map(|read| read.value)
}
