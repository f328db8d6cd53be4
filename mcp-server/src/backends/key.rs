//! Where the key of a deployment comes from, asked at each attempt so that a changed file takes effect.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use inference::azure::KeySource;
use secrecy::SecretString;

use crate::config::{KeyLocation, Secret};
use crate::watched::Stamp;

/// Where the key of a deployment is asked for at each attempt.
pub(crate) fn key_source(location: &KeyLocation) -> Arc<dyn KeySource> {
    match location {
        KeyLocation::File(path) => Arc::new(KeyFile {
            path: path.clone(),
            read: Mutex::new(None),
        }),
        KeyLocation::Variable { name, key } => Arc::new(FixedKey {
            variable: name.clone(),
            key: key.clone(),
        }),
    }
}

/// A key from the environment: constant for the life of the process.
struct FixedKey {
    variable: String,
    key: Secret,
}

impl KeySource for FixedKey {
    fn key(&self) -> Result<SecretString, String> {
        Ok(self.key.expose().into())
    }

    fn name(&self) -> Option<String> {
        Some(format!("variable {}", self.variable))
    }
}

/// A key in a file, read again when the file changes.
struct KeyFile {
    path: PathBuf,
    read: Mutex<Option<(Stamp, Secret)>>,
}

/// No key is longer.
const MAX_KEY_BYTES: u64 = 16 * 1024;

impl KeyFile {
    fn read(&self, about: &std::fs::Metadata) -> Result<Secret, String> {
        if about.len() > MAX_KEY_BYTES {
            return Err(format!("has {} bytes, more than any key", about.len()));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|error| error.to_string())?;
        let text = Secret::new(text);
        match text.expose().trim() {
            "" => Err("is empty".to_owned()),
            key => Ok(Secret::new(key)),
        }
    }
}

impl KeySource for KeyFile {
    fn name(&self) -> Option<String> {
        Some(format!("file {}", self.path.display()))
    }

    fn key(&self) -> Result<SecretString, String> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = std::fs::metadata(&self.path).map_err(|error| error.to_string());
        let fresh = match (&looked, &*read) {
            (Ok(about), Some((stamp, key))) if Stamp::of(about) == *stamp => {
                return Ok(key.expose().into());
            }
            (Ok(about), _) => self.read(about).map(|key| (Stamp::of(about), key)),
            (Err(error), _) => Err(error.clone()),
        };
        match fresh {
            Ok(fresh) => {
                let key = fresh.1.expose().into();
                *read = Some(fresh);
                Ok(key)
            }
            // While a secret is being replaced the file may be away or empty for a moment.
            Err(reason) => match &*read {
                Some((_, key)) => {
                    tracing::warn!(path = %self.path.display(), reason, "key file cannot be read, the last key stays in use");
                    Ok(key.expose().into())
                }
                None => Err(format!("key file {} {reason}", self.path.display())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_key_file_is_read_again_when_it_changes() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("key");
        let source = key_source(&KeyLocation::File(path.clone()));
        let key = || source.key().map(|key| key.expose_secret().to_owned());
        let error = source.key().expect_err("nothing there yet");
        assert!(error.contains("key file"), "{error}");
        std::fs::write(&path, "first\n").expect("written");
        assert_eq!(key().as_deref(), Ok("first"));
        // As Kubernetes does: a new file takes the place of the old one, as long and perhaps as old.
        let next = dir.path().join("next");
        std::fs::write(&next, "secnd\n").expect("written");
        std::fs::rename(&next, &path).expect("renamed");
        assert_eq!(key().as_deref(), Ok("secnd"));
        // Away for a moment: the last key stays in use.
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(key().as_deref(), Ok("secnd"));
        std::fs::write(&path, "").expect("written");
        assert_eq!(key().as_deref(), Ok("secnd"));
        std::fs::write(&path, "the third\n").expect("written");
        assert_eq!(key().as_deref(), Ok("the third"));
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("key");
        std::fs::write(&path, "k".repeat(20_000)).expect("written");
        let error = key_source(&KeyLocation::File(path)).key().expect_err("too long");
        assert!(
            error.contains("more than any key") && !error.contains("kkk"),
            "{error}"
        );
    }
}
