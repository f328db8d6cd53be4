//! The file of API keys: one JSON object a line, which holds no key but its hash.
//!
//! A line looks like this:
//! `{"id":"0f3a…","tenant":"acme","name":"erp","scopes":["tools:call"],"sha256":"9b1c…","created":"…","expires":"…"}`

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::principal::is_name;
use super::{Scope, Scopes};

/// Far above a thousand tenants with ten keys each.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// One key, as the file keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The public part of the key.
    pub id: String,
    /// For whom it acts.
    pub tenant: String,
    /// Which client of the tenant uses it. Keys of one name are one caller, so that they can be changed for another.
    pub name: String,
    /// What it allows.
    #[serde(serialize_with = "write_scopes", deserialize_with = "read_scopes")]
    pub scopes: Scopes,
    /// SHA-256 of the whole key, in hex. The key is random and long, so that a slow hash would add nothing.
    pub sha256: String,
    /// When it was made.
    #[serde(with = "date")]
    pub created: SystemTime,
    /// When it ends; never, if absent.
    #[serde(with = "optional_date", default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<SystemTime>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is wrong.
    #[error("line {line} {reason}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What is wrong, without anything of the line but names of fields.
        reason: String,
    },
}

/// Reads the file.
///
/// # Errors
/// It cannot be read, or a line of it is wrong: then no line counts, so that nobody takes half a file for a whole one.
pub fn load(path: &Path) -> Result<Vec<Entry>, FileError> {
    let length = std::fs::metadata(path)?.len();
    if length > BYTES_MAX {
        let reason = format!("has {length} bytes, more than {BYTES_MAX}");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason).into());
    }
    parse(&std::fs::read_to_string(path)?)
}

fn parse(text: &str) -> Result<Vec<Entry>, FileError> {
    let mut entries = Vec::new();
    let mut ids = std::collections::HashSet::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |reason: String| FileError::Line {
            line: index + 1,
            reason,
        };
        let entry: Entry =
            serde_json::from_str(line).map_err(|error| wrong(format!("is no key: {error}")))?;
        check(&entry).map_err(|reason| wrong(reason.to_owned()))?;
        if !ids.insert(entry.id.clone()) {
            return Err(wrong("has the id of a line above".to_owned()));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn check(entry: &Entry) -> Result<(), &'static str> {
    let is_hex = |text: &str, length| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    if !is_hex(&entry.id, 16) {
        return Err("has an `id` that is not 16 hexadecimal digits");
    }
    if !is_hex(&entry.sha256, 64) {
        return Err("has a `sha256` that is not 64 hexadecimal digits");
    }
    if !is_name(&entry.tenant) || !is_name(&entry.name) {
        return Err(
            "has a `tenant` or `name` that is not 1 to 64 letters, digits, dots, dashes or underscores",
        );
    }
    Ok(())
}

/// Changes the file: nobody sees half a change, and two who change it at once come one after the other.
///
/// # Errors
/// It cannot be read, written, or is wrong already.
pub fn update<T>(path: &Path, change: impl FnOnce(&mut Vec<Entry>) -> T) -> Result<T, FileError> {
    // Behind a link, what it leads to is replaced, and not the link.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
    };
    // The folder itself is what is locked: the file is replaced, and a lock with it.
    let lock = File::open(folder)?;
    lock.lock()?;
    let mut entries = match load(path) {
        Ok(entries) => entries,
        Err(FileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let result = change(&mut entries);
    write(path, &entries)?;
    lock.sync_all()?;
    Ok(result)
}

fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry)?;
        text.push(b'\n');
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = (|| {
        let mut file = options.open(&beside)?;
        // Whoever may read the old file may read the new one.
        if let Ok(about) = std::fs::metadata(path) {
            file.set_permissions(about.permissions())?;
        }
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    })();
    if written.is_err() {
        // What is left of the attempt; that it cannot be removed either is no news.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
fn write_scopes<S: Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter().map(Scope::as_str))
}

fn read_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scopes, D::Error> {
    let names = Vec::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    Scopes::parse(names.iter().map(AsRef::as_ref)).map_err(|_| de::Error::custom("unknown scope"))
}

mod date {
    use super::{Deserialize, Deserializer, Serializer, SystemTime, de};

    pub(super) fn serialize<S: Serializer>(date: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&httpdate::fmt_http_date(*date))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        httpdate::parse_http_date(&text)
            .map_err(|_| de::Error::custom("a date is not as in `Wed, 25 Nov 2026 18:00:00 GMT`"))
    }
}

mod optional_date {
    use super::{Deserializer, Serializer, SystemTime, date};

    #[expect(clippy::ref_option, reason = "the shape that serde calls")]
    pub(super) fn serialize<S: Serializer>(
        date: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => date::serialize(date, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        date::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            tenant: "acme".to_owned(),
            name: "erp".to_owned(),
            scopes: Scopes::all(),
            sha256: "0".repeat(64),
            created: SystemTime::UNIX_EPOCH,
            expires: None,
        }
    }

    #[test]
    fn a_file_is_changed_whole_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let mut first = entry(&"a".repeat(16));
        first.expires = Some(httpdate::parse_http_date("Wed, 25 Nov 2026 18:00:00 GMT").unwrap());
        update(&path, |entries| entries.push(first.clone())).unwrap();
        update(&path, |entries| entries.push(entry(&"b".repeat(16)))).unwrap();
        assert_eq!(load(&path).unwrap(), [first, entry(&"b".repeat(16))]);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn many_who_change_it_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        std::thread::scope(|threads| {
            for thread in 0..4 {
                let path = &path;
                threads.spawn(move || {
                    for number in 0..10 {
                        update(path, |entries| {
                            entries.push(entry(&format!("{:016x}", thread * 100 + number)));
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(load(&path).unwrap().len(), 40);
    }

    #[test]
    fn a_wrong_line_is_named_and_not_shown() {
        let good = serde_json::to_string(&entry(&"a".repeat(16))).unwrap();
        for (line, reason) in [
            ("{}".to_owned(), "missing field"),
            ("b2x_secret".to_owned(), "is no key"),
            (good.replace("\"tenant\"", "\"tennant\""), "unknown field"),
            (good.replace("aaaa", "AAAA"), "`id`"),
            (good.replace("acme", "a\\nb"), "`tenant`"),
            (good.replace("chat", "chatter"), "unknown scope"),
            (good.replace("GMT", "CET"), "a date is not"),
            (good.clone(), "id of a line above"),
        ] {
            let error = parse(&format!("# keys\n{good}\n\n{line}\n"))
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("line 4 ") && error.contains(reason),
                "{line}: {error}"
            );
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
