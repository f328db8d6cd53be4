//! What of a tenant's text does not leave this process: addresses, numbers of phones, accounts, cards and companies, and
//! whatever its own lists say. Something stands for each, and in the answer it becomes itself again.
//!
//! | file | what |
//! |---|---|
//! | `detect`, `phone`, `checksums` | values that are known by their form |
//! | `lists` | a tenant's own terms |
//! | `fold` | texts as detectors read them |
//! | `pseudonyms` | what stands for a value |
//! | `request` | every text of a request, and what becomes of it |
//!
//! Invariant: a request leaves disguised, or as an error that says why; never as it is because something failed.

mod checksums;
mod detect;
mod fold;
mod kinds;
mod lists;
mod phone;
mod pseudonyms;
#[cfg(test)]
mod quality;
mod request;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use inference::{CompletionRequest, Disguise, Disguised};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

pub use kinds::{Kind, Kinds};
pub use lists::{List, is_label};

use fold::{Blanks, Folded};
use lists::Terms;
use pseudonyms::{Key, Pseudonyms, TenantKey};

/// No secret is shorter: it is what keeps stand-ins from being guessed back.
const SECRET_BYTES_MIN: usize = 32;
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// What is hidden, and whose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The secret that the keys of all tenants are derived from; without one, a new one for each process.
    pub secret_file: Option<PathBuf>,
    /// For tenants that are not named.
    pub default: Policy,
    /// For those that are.
    pub named: HashMap<String, Policy>,
}

/// What is hidden of one tenant's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether anything is.
    pub enabled: bool,
    /// Kinds that are known by their form.
    pub kinds: Kinds,
    /// Terms of its own.
    pub lists: Vec<List>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            enabled: true,
            kinds: Kinds::all(),
            lists: Vec::new(),
        }
    }
}

/// Why redaction cannot be set up. Names the file, the reason and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {} {reason}; {fix}", .path.display())]
pub struct SetUpError {
    /// The setting.
    pub key: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub fix: &'static str,
}

/// Hides what tenants want hidden. Share it through an `Arc`.
pub struct Redactor {
    secret: Key,
    default: Rules,
    named: HashMap<String, Rules>,
}

/// A policy whose lists were read.
struct Rules {
    enabled: bool,
    kinds: Kinds,
    lists: Vec<Arc<Terms>>,
}

impl Redactor {
    /// Reads the secret and every list.
    ///
    /// # Errors
    /// Names the file at fault.
    pub fn new(config: &Config) -> Result<Self, SetUpError> {
        let mut read = HashMap::new();
        let default = Rules::new(&config.default, &mut read)?;
        let named = config.named.iter();
        let named = named.map(|(tenant, policy)| Ok((tenant.clone(), Rules::new(policy, &mut read)?)));
        Ok(Self {
            secret: secret(config.secret_file.as_deref())?,
            default,
            named: named.collect::<Result<_, SetUpError>>()?,
        })
    }

    fn rules(&self, tenant: &str) -> &Rules {
        self.named.get(tenant).unwrap_or(&self.default)
    }
}

impl Disguise for Redactor {
    fn disguise(&self, request: &CompletionRequest) -> Result<Option<Disguised>, String> {
        let tenant = request.tenant.as_deref().unwrap_or_default();
        let rules = self.rules(tenant);
        if !rules.enabled {
            return Ok(None);
        }
        let key = TenantKey::derive(&self.secret, tenant);
        request::disguise(request, rules, &key)
    }
}

impl Rules {
    fn new(policy: &Policy, read: &mut HashMap<List, Arc<Terms>>) -> Result<Self, SetUpError> {
        let mut lists = Vec::new();
        for list in policy.lists.iter().filter(|_| policy.enabled) {
            if let Some(terms) = read.get(list) {
                lists.push(Arc::clone(terms));
                continue;
            }
            let terms = Terms::load(list).map_err(|reason| SetUpError {
                key: "redaction.lists",
                path: list.file.clone(),
                reason,
                fix: "name a file of UTF-8 text that this user can read, one term a line",
            })?;
            let terms = Arc::new(terms);
            read.insert(list.clone(), Arc::clone(&terms));
            lists.push(terms);
        }
        Ok(Self {
            enabled: policy.enabled,
            kinds: policy.kinds,
            lists,
        })
    }

    /// What stand-ins begin with.
    fn labels(&self) -> impl Iterator<Item = &str> + Clone {
        let lists = self.lists.iter().map(|terms| terms.label());
        let kinds = Kind::ALL.into_iter().map(|kind| -> &str { kind.label() });
        kinds.chain(lists)
    }

    /// Finds what is to be hidden in a text: what, and the label of what stands for it, in order and apart.
    fn find(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        let folded = Folded::of(text, Blanks::Kept);
        detect::find(folded.text(), self.kinds, |range, kind| {
            found.push((folded.origin(range), kind.label()));
        });
        if !self.lists.is_empty() {
            let folded = Folded::of(text, Blanks::Joined);
            for terms in &self.lists {
                terms.find(folded.text(), |range| {
                    found.push((folded.origin(range), terms.label()));
                });
            }
        }
        apart(found)
    }

    /// The text with something in place of each value that is to be hidden; `None` where there is none.
    fn replace(&self, text: &str, pseudonyms: &mut Pseudonyms<'_>) -> Result<Option<String>, String> {
        let found = self.find(text);
        if found.is_empty() {
            return Ok(None);
        }
        let mut replaced = String::with_capacity(text.len());
        let mut copied = 0;
        for (range, label) in found {
            replaced.push_str(&text[copied..range.start]);
            let value = &text[range.clone()];
            replaced.push_str(&pseudonyms.stand_in(label, value, original(value))?);
            copied = range.end;
        }
        replaced.push_str(&text[copied..]);
        Ok(Some(replaced))
    }
}

/// Puts finds in order, and joins those that overlap: what one of them covers is hidden.
fn apart(mut found: Vec<(Range<usize>, &str)>) -> Vec<(Range<usize>, &str)> {
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<(Range<usize>, &str)> = Vec::with_capacity(found.len());
    for (range, label) in found {
        match apart.last_mut() {
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push((range, label)),
        }
    }
    apart
}

/// What an answer has in place of a value: one that was escaped as in JSON stands there as what it means.
fn original(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    serde_json::from_str(&format!("\"{value}\"")).unwrap_or_else(|_| value.to_owned())
}

fn secret(file: Option<&Path>) -> Result<Key, SetUpError> {
    let Some(path) = file else {
        let mut random = Zeroizing::new([0_u8; SECRET_BYTES_MIN]);
        // Only a system without any randomness fails here, and TLS with it.
        SystemRandom::new()
            .fill(random.as_mut())
            .expect("this system gives random numbers");
        return Ok(Key::new(random.as_ref()));
    };
    let wrong = |reason: String| SetUpError {
        key: "tenancy.redaction.secret_file",
        path: path.to_owned(),
        reason,
        fix: "write at least 32 random bytes into it, as `openssl rand -hex 32` makes them",
    };
    let about = std::fs::metadata(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if about.len() > SECRET_BYTES_MAX {
        return Err(wrong(format!("has {} bytes, more than any secret", about.len())));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let bytes = Zeroizing::new(bytes);
    let secret = bytes.trim_ascii();
    if secret.len() < SECRET_BYTES_MIN {
        return Err(wrong(format!(
            "has {} bytes, too few to be a secret",
            secret.len()
        )));
    }
    Ok(Key::new(secret))
}
