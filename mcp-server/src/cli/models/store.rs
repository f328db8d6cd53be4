//! Models on disk: one GGUF file each, and beside it where it came from.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    backends,
    cli::{Failure, Result},
};

/// The directory of downloaded models.
pub(super) struct Store {
    dir: PathBuf,
}

/// Where a stored file came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Provenance {
    /// URL or path.
    pub(super) source: String,
    /// In lower-case hexadecimal.
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
    pub(super) licence: Option<String>,
}

/// A model on disk.
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) size_bytes: u64,
    pub(super) provenance: Option<Provenance>,
}

impl Store {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the file of this name is, or would be.
    pub(super) fn path(&self, name: &str) -> Result<PathBuf> {
        check_name(name)?;
        Ok(backends::stored_model(&self.dir, name))
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Stored>> {
        let path = self.path(name)?;
        let Ok(about) = fs::metadata(&path) else {
            return Ok(None);
        };
        let provenance = fs::read(provenance_path(&path))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Some(Stored {
            name: name.to_owned(),
            path,
            size_bytes: about.len(),
            provenance,
        }))
    }

    /// Every stored model, by name.
    pub(super) fn all(&self) -> Result<Vec<Stored>> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Ok(Vec::new());
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| {
                entry
                    .ok()?
                    .file_name()
                    .into_string()
                    .ok()?
                    .strip_suffix(".gguf")
                    .map(str::to_owned)
            })
            .filter(|name| check_name(name).is_ok())
            .collect();
        names.sort();
        names
            .iter()
            .filter_map(|name| self.get(name).transpose())
            .collect()
    }

    pub(super) fn note(&self, name: &str, provenance: &Provenance) -> Result {
        let path = provenance_path(&self.path(name)?);
        let text =
            serde_json::to_vec_pretty(provenance).map_err(|error| Failure::failed(error.to_string()))?;
        fs::write(&path, text)
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
    }

    /// Removes a model, and what is left of an unfinished download.
    pub(super) fn remove(&self, name: &str) -> Result<bool> {
        let path = self.path(name)?;
        let mut removed = false;
        for path in [part_path(&path), provenance_path(&path), path] {
            match fs::remove_file(&path) {
                Ok(()) => removed = true,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Failure::failed(format!(
                        "cannot remove {}: {error}",
                        path.display()
                    )));
                }
            }
        }
        Ok(removed)
    }
}

fn provenance_path(file: &Path) -> PathBuf {
    file.with_extension("gguf.json")
}

/// Where a download grows until it is complete and checked.
pub(super) fn part_path(file: &Path) -> PathBuf {
    file.with_extension("gguf.part")
}

/// A name becomes the name of a file, so it must not lead anywhere else.
pub(super) fn check_name(name: &str) -> Result {
    let fits = (1..=100).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if fits {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{name:?} is not a name of a model; write letters, digits, dots, dashes and underscores, 100 at most"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_lead_out_of_the_store() {
        for name in [
            "",
            ".",
            "..",
            "../up",
            "a/b",
            "a\\b",
            "/etc/passwd",
            "a b",
            "-x",
            ".hidden",
            "ä",
            &"x".repeat(101),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in ["qwen3-0.6b", "Model_1.Q4_K_M", "a"] {
            assert!(check_name(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn what_is_stored_is_found_listed_and_removed() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let store = Store::new(dir.path().to_owned());
        assert!(store.get("one").expect("a fine name").is_none());
        fs::write(store.path("one").expect("a fine name"), b"weights").expect("written");
        fs::write(dir.path().join("two.gguf.part"), b"half").expect("written");
        let provenance = Provenance {
            source: "here".to_owned(),
            sha256: "00".to_owned(),
            size_bytes: 7,
            licence: None,
        };
        store.note("one", &provenance).expect("written");
        let all = store.all().expect("listed");
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].name.as_str(), all[0].size_bytes), ("one", 7));
        assert_eq!(all[0].provenance, Some(provenance));
        assert!(store.remove("one").expect("removed"));
        assert!(store.remove("two").expect("removed"));
        assert!(!store.remove("one").expect("nothing left"));
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 0);
    }
}
