//! What stands for a value: a label and a few digits of an HMAC under the tenant's key. The same value has the same
//! stand-in in every call of a tenant, and another in every other tenant's.

use std::collections::{HashMap, HashSet};

use hmac::{Hmac, KeyInit, Mac};
use inference::StandIns;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Few enough that models copy them without a slip.
const FEWEST_DIGITS: usize = 4;
/// What takes more tries than a few is somebody who fills the text with stand-ins.
const MOST_DIGITS: usize = 12;
const TRIES: u8 = 64;

/// A key, ready for use. Its end wipes it; it has no `Debug`.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("a secret of any length is a key"))
    }

    fn sign(&self, parts: [&[u8]; 3]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The key of a tenant.
pub(super) struct TenantKey(Key);

impl TenantKey {
    /// Derives it from the secret of all.
    pub(super) fn derive(secret: &Key, tenant: &str) -> Self {
        let tag = Zeroizing::new(secret.sign([b"redaction of tenant ", tenant.as_bytes(), b""]));
        Self(Key::new(tag.as_ref()))
    }

    /// Digits for a value: more of them, and others, at each further try.
    fn digits(&self, label: &str, value: &str, count: u8) -> String {
        let tag = self.0.sign([label.as_bytes(), &[0, count], value.as_bytes()]);
        let length = MOST_DIGITS.min(FEWEST_DIGITS + 2 * usize::from(count));
        let digits = tag.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.take(length).map(hex).collect()
    }
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}

/// What stands for what in one request.
pub(super) struct Pseudonyms<'k> {
    key: &'k TenantKey,
    /// Digits by label and value.
    given: HashMap<(String, String), String>,
    /// Every stand-in that was given.
    names: HashSet<String>,
    /// Beginnings of those, and of what the request itself has of their shape.
    spoken_for: HashSet<String>,
    stand_ins: StandIns,
}

impl<'k> Pseudonyms<'k> {
    pub(super) fn new(key: &'k TenantKey) -> Self {
        Self {
            key,
            given: HashMap::new(),
            names: HashSet::new(),
            spoken_for: HashSet::new(),
            stand_ins: StandIns::default(),
        }
    }

    /// Looks for what could be taken for a stand-in in a text of the request, before any is given.
    pub(super) fn avoid<'l>(&mut self, text: &str, labels: &(impl Iterator<Item = &'l str> + Clone)) {
        for (underscore, _) in text.match_indices('_') {
            let before = text[..underscore].trim_end_matches('\\').as_bytes();
            let after = &text[underscore + 1..];
            let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
            if digits < FEWEST_DIGITS {
                continue;
            }
            let digits = after[..digits].to_ascii_uppercase();
            for label in labels.clone() {
                let from = before.len().checked_sub(label.len());
                if from.is_some_and(|from| before[from..].eq_ignore_ascii_case(label.as_bytes())) {
                    self.speak_for(label, &digits);
                }
            }
        }
    }

    /// What stands for a value, as it is written; `original` is what the answer is to have in its place.
    ///
    /// # Errors
    /// Nothing is left to stand for it: somebody filled the request with stand-ins.
    pub(super) fn stand_in(&mut self, label: &str, value: &str, original: String) -> Result<String, String> {
        if let Some(digits) = self.given.get(&(label.to_owned(), value.to_owned())) {
            return Ok(format!("{label}_{digits}"));
        }
        let digits = (0..TRIES)
            .map(|count| self.key.digits(label, value, count))
            .find(|digits| self.is_free(label, digits))
            .ok_or("no stand-in is left that the text does not contain itself")?;
        let name = format!("{label}_{digits}");
        self.speak_for(label, &digits);
        self.names.insert(name.clone());
        self.stand_ins.insert(label, &digits, original);
        self.given.insert((label.to_owned(), value.to_owned()), digits);
        Ok(name)
    }

    fn speak_for(&mut self, label: &str, digits: &str) {
        let longest = digits.len().min(MOST_DIGITS);
        let beginnings = (FEWEST_DIGITS..=longest).step_by(2);
        self.spoken_for
            .extend(beginnings.map(|length| format!("{label}_{}", &digits[..length])));
    }

    /// Whether nobody has it, nor the beginning of it, nor goes on after it.
    fn is_free(&self, label: &str, digits: &str) -> bool {
        let shorter = (FEWEST_DIGITS..digits.len()).step_by(2);
        let mut shorter = shorter.map(|length| format!("{label}_{}", &digits[..length]));
        !self.spoken_for.contains(&format!("{label}_{digits}"))
            && !shorter.any(|name| self.names.contains(&name))
    }

    pub(super) fn into_stand_ins(self) -> StandIns {
        self.stand_ins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str, tenant: &str) -> TenantKey {
        TenantKey::derive(&Key::new(secret.as_bytes()), tenant)
    }

    fn name(key: &TenantKey, seen: &str) -> String {
        let mut pseudonyms = Pseudonyms::new(key);
        pseudonyms.avoid(seen, &["EMAIL", "PART"].into_iter());
        pseudonyms
            .stand_in("EMAIL", "a@b.de", "a@b.de".to_owned())
            .unwrap()
    }

    /// RFC 4231, case 2: what other programs make of the same key.
    #[test]
    fn a_key_signs_as_hmac_of_sha_256_does() {
        let tag = Key::new(b"Jefe").sign([b"what do ya want", b" for", b" nothing?"]);
        assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(tag[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn a_value_has_one_stand_in_per_tenant_and_secret() {
        let acme = name(&key("s", "acme"), "");
        assert_eq!(acme, name(&key("s", "acme"), "other text"));
        assert_eq!(acme.len(), "EMAIL_".len() + FEWEST_DIGITS);
        assert_ne!(acme, name(&key("s", "bolt"), ""));
        assert_ne!(acme, name(&key("t", "acme"), ""));
    }

    #[test]
    fn what_the_text_says_itself_is_no_stand_in() {
        let key = key("s", "acme");
        let short = name(&key, "");
        for seen in [
            short.clone(),
            short.to_lowercase(),
            format!("x{short}FF"),
            short.replace('_', "\\_"),
        ] {
            assert_eq!(name(&key, &seen).len(), short.len() + 2, "{seen}");
        }
        let other = short.replace("EMAIL", "PHONE");
        assert_eq!(name(&key, &other), short);
    }

    #[test]
    fn no_stand_in_is_the_beginning_of_another() {
        let key = key("s", "acme");
        let mut pseudonyms = Pseudonyms::new(&key);
        let mut names: Vec<String> = (0..2000)
            .map(|n| {
                pseudonyms
                    .stand_in("PART", &n.to_string(), String::new())
                    .unwrap()
            })
            .collect();
        names.sort();
        assert!(names.windows(2).all(|pair| !pair[1].starts_with(&pair[0])));
    }
}
