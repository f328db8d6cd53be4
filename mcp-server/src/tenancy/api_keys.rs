//! API keys: random, shown once, kept as hashes in a file that is read again when it changes.
//!
//! `b2x_<id>_<secret>`: the id finds the key, the hash of the whole proves it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key_file::{self, Entry, FileError};
use super::refusal::{Cause, Refusal};
use super::{Principal, Proof};

/// How every key begins, so that people and scanners know one when they see it.
pub const PREFIX: &str = "b2x_";

/// Bytes of the public part.
const ID_BYTES: usize = 8;
/// Bytes that must be guessed.
const SECRET_BYTES: usize = 32;

/// Compared with where there is no such key.
const NOBODY: [u8; 64] = [b'-'; 64];

/// A new key, to be shown once.
pub struct NewKey {
    /// The key itself.
    pub key: Zeroizing<String>,
    /// Its public part.
    pub id: String,
    /// What is kept of it.
    pub sha256: String,
}

/// Makes a key.
///
/// # Errors
/// The system has no random numbers.
pub fn generate() -> Result<NewKey, ring::error::Unspecified> {
    let mut random = Zeroizing::new([0; ID_BYTES + SECRET_BYTES]);
    SystemRandom::new().fill(random.as_mut())?;
    let id = hex(&random[..ID_BYTES]);
    let secret = Zeroizing::new(hex(&random[ID_BYTES..]));
    let mut key = Zeroizing::new(String::with_capacity(PREFIX.len() + id.len() + 1 + secret.len()));
    for part in [PREFIX, &id, "_", &secret] {
        key.push_str(part);
    }
    let sha256 = hex(digest(&SHA256, key.as_bytes()).as_ref());
    Ok(NewKey { key, id, sha256 })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    // With room from the beginning: what it would grow out of could not be wiped.
    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The keys that are valid now.
pub(super) struct ApiKeys {
    path: PathBuf,
    known: RwLock<Arc<HashMap<String, Known>>>,
}

struct Known {
    sha256: String,
    expires: Option<SystemTime>,
    principal: Principal,
}

impl ApiKeys {
    pub(super) fn load(path: PathBuf) -> Result<Self, FileError> {
        let known = read(&path)?;
        Ok(Self {
            path,
            known: RwLock::new(Arc::new(known)),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn reload(&self) -> Result<(), String> {
        let known = read(&self.path).map_err(|error| error.to_string())?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        Ok(())
    }

    pub(super) fn verify(&self, key: &str) -> Result<Principal, Refusal> {
        let known = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let id = key
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .map_or("", |(id, _)| id);
        let found = known.get(id);
        // Hashed and compared in any case, so that the time does not tell whether there is such an id.
        let sha256 = hex(digest(&SHA256, key.as_bytes()).as_ref());
        let expected = found.map_or(&NOBODY[..], |known| known.sha256.as_bytes());
        let is_same = bool::from(sha256.as_bytes().ct_eq(expected));
        let found = found
            .filter(|_| is_same)
            .ok_or(Refusal::Invalid(Cause::UnknownApiKey))?;
        if found.expires.is_some_and(|expires| expires <= SystemTime::now()) {
            return Err(Refusal::Invalid(Cause::ExpiredApiKey));
        }
        Ok(found.principal.clone())
    }
}

fn read(path: &Path) -> Result<HashMap<String, Known>, FileError> {
    Ok(key_file::load(path)?.into_iter().map(known).collect())
}

fn known(entry: Entry) -> (String, Known) {
    let principal = Principal::new(&entry.tenant, &entry.name, Proof::ApiKey, entry.scopes);
    let known = Known {
        sha256: entry.sha256,
        expires: entry.expires,
        principal,
    };
    (entry.id, known)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tenancy::{Scope, Scopes};

    #[test]
    fn a_key_is_known_until_it_ends_or_is_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let make = |expires: Option<SystemTime>| {
            let new = generate().unwrap();
            let entry = Entry {
                id: new.id.clone(),
                tenant: "acme".to_owned(),
                name: "erp".to_owned(),
                scopes: Scopes::of_token(["chat"]),
                sha256: new.sha256.clone(),
                created: SystemTime::now(),
                expires,
            };
            key_file::update(&path, |entries| entries.push(entry)).unwrap();
            new
        };
        let (first, second) = (make(None), make(None));
        let past = make(Some(SystemTime::now() - Duration::from_secs(2)));
        assert_eq!(first.key.len(), 4 + 16 + 1 + 64);
        let keys = ApiKeys::load(path.clone()).unwrap();
        // Both of the client's keys are valid at once: one can be changed for the other.
        let (one, other) = (
            keys.verify(&first.key).unwrap(),
            keys.verify(&second.key).unwrap(),
        );
        assert_eq!((one.tenant(), one.subject()), ("acme", "erp"));
        assert!(one.may(Scope::Chat) && !one.may(Scope::ToolsCall));
        assert_eq!(one.identity(), other.identity());
        assert_eq!(
            keys.verify(&past.key).unwrap_err(),
            Refusal::Invalid(Cause::ExpiredApiKey)
        );

        let unknown = Refusal::Invalid(Cause::UnknownApiKey);
        let mixed = format!("{PREFIX}{}_{}", first.id, second.key.rsplit('_').next().unwrap());
        for key in [
            mixed.as_str(),
            "b2x_",
            "b2x__",
            "b2x",
            "",
            &first.key[1..],
            &first.key[..40],
        ] {
            assert_eq!(keys.verify(key).unwrap_err(), unknown, "{key}");
        }
        key_file::update(&path, |entries| entries.retain(|entry| entry.id != first.id)).unwrap();
        keys.reload().unwrap();
        assert_eq!(keys.verify(&first.key).unwrap_err(), unknown);
        assert!(keys.verify(&second.key).is_ok());

        std::fs::write(&path, "{\n").unwrap();
        assert!(keys.reload().is_err());
        assert!(keys.verify(&second.key).is_ok(), "a broken file changes nothing");
    }
}
