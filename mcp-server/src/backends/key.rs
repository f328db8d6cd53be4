//! Where the key of a deployment comes from. A file is looked at once a second, so that a changed one takes effect.

use std::{
    fs::Metadata,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use inference::azure::KeySource;
use secrecy::SecretString;

use crate::config::{KeyLocation, Secret};
use crate::watched::{LOOK_EVERY, Stamp};

/// Where the key of a deployment is asked for at each attempt.
pub(crate) fn key_source(location: &KeyLocation) -> Arc<dyn KeySource> {
    match location {
        KeyLocation::File(path) => Arc::new(KeyFile {
            path: path.clone(),
            look_every: LOOK_EVERY,
            held: Mutex::new(None),
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
    look_every: Duration,
    held: Mutex<Option<Held>>,
}

struct Held {
    key: Secret,
    stamp: Stamp,
    /// When the file was looked at last.
    looked: Instant,
}

/// No key is longer.
const MAX_KEY_BYTES: u64 = 16 * 1024;

impl KeyFile {
    fn about(&self) -> Result<Metadata, String> {
        std::fs::metadata(&self.path).map_err(|error| error.to_string())
    }

    fn read(&self, about: &Metadata) -> Result<Held, String> {
        if about.len() > MAX_KEY_BYTES {
            return Err(format!("has {} bytes, more than any key", about.len()));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|error| error.to_string())?;
        let text = Secret::new(text);
        match text.expose().trim() {
            "" => Err("is empty".to_owned()),
            key => Ok(Held {
                key: Secret::new(key),
                stamp: Stamp::of(about),
                looked: Instant::now(),
            }),
        }
    }

    fn renew(&self, held: &mut Held) -> Result<(), String> {
        held.looked = Instant::now();
        let about = self.about()?;
        if Stamp::of(&about) != held.stamp {
            *held = self.read(&about)?;
        }
        Ok(())
    }
}

impl KeySource for KeyFile {
    fn name(&self) -> Option<String> {
        Some(format!("file {}", self.path.display()))
    }

    fn key(&self) -> Result<SecretString, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = &mut *held {
            // While a secret is being replaced the file may be away or empty for a moment.
            if held.looked.elapsed() >= self.look_every
                && let Err(reason) = self.renew(held)
            {
                tracing::warn!(path = %self.path.display(), reason, "key file cannot be read, the last key stays in use");
            }
            return Ok(held.key.expose().into());
        }
        let first = self.about().and_then(|about| self.read(&about));
        let first = first.map_err(|reason| format!("key file {} {reason}", self.path.display()))?;
        Ok(held.insert(first).key.expose().into())
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
        let source = KeyFile {
            path: path.clone(),
            look_every: Duration::ZERO,
            held: Mutex::new(None),
        };
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
    fn a_key_file_is_not_looked_at_for_each_call() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("key");
        std::fs::write(&path, "first\n").expect("written");
        let source = KeyFile {
            path: path.clone(),
            look_every: Duration::from_hours(1),
            held: Mutex::new(None),
        };
        let key = || source.key().map(|key| key.expose_secret().to_owned());
        assert_eq!(key().as_deref(), Ok("first"));
        std::fs::write(&path, "the second\n").expect("written");
        assert_eq!(key().as_deref(), Ok("first"));
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
