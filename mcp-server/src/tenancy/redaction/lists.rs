//! A tenant's own lists: names of customers, numbers of parts, whatever no form gives away. One term a line, in a file
//! that is read again when it changes.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Instant,
};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use super::{detect::ends, fold::fold_term};
use crate::watched::{LOOK_EVERY, Stamp};

/// More than any list of customers that a person keeps.
const MOST_TERMS: usize = 200_000;
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// A shorter one would stand in every second word.
const SHORTEST_TERM: usize = 3;
const LONGEST_TERM: usize = 200;

/// A list, where it is and what stands for its terms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List {
    /// What stand-ins of its terms begin with: capital letters.
    pub label: String,
    /// One term a line.
    pub file: PathBuf,
}

/// Whether stand-ins can begin with this: 3 to 12 capital letters, that do not look like digits themselves.
pub fn is_label(text: &str) -> bool {
    (3..=12).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase())
        && text.bytes().take(4).any(|byte| !byte.is_ascii_hexdigit())
}

/// The terms of one file.
pub(super) struct Terms {
    label: String,
    path: PathBuf,
    automaton: RwLock<Arc<AhoCorasick>>,
    watch: Mutex<Watch>,
}

struct Watch {
    looked: Instant,
    stamp: Option<Stamp>,
}

impl Terms {
    /// Reads a list.
    ///
    /// # Errors
    /// Says what is wrong with the file, by the number of the line and without the term.
    pub(super) fn load(list: &List) -> Result<Self, String> {
        let stamp = stamp(&list.file);
        let automaton = read(&list.file)?;
        Ok(Self {
            label: list.label.clone(),
            path: list.file.clone(),
            automaton: RwLock::new(Arc::new(automaton)),
            watch: Mutex::new(Watch {
                looked: Instant::now(),
                stamp,
            }),
        })
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Finds every term in a text that was folded with joined blanks. They may overlap.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(Range<usize>)) {
        let automaton = self.current();
        for term in automaton.find_overlapping_iter(text) {
            let begins = !text[..term.start()].ends_with(char::is_alphanumeric);
            // German and English put an s to the end of a name.
            let tail = &text[term.end()..];
            let ends = ends(text, term.end()) || (tail.starts_with(['s', 'S']) && ends(tail, 1));
            if begins && ends {
                found(term.range());
            }
        }
    }

    /// The terms as the file has them, once a second looked at by whoever comes first. One that cannot be read
    /// leaves the last ones in use.
    fn current(&self) -> Arc<AhoCorasick> {
        if let Ok(mut watch) = self.watch.try_lock()
            && watch.looked.elapsed() >= LOOK_EVERY
        {
            watch.looked = Instant::now();
            let now = stamp(&self.path);
            if now != watch.stamp {
                watch.stamp = now;
                self.reload();
            }
        }
        Arc::clone(&self.automaton.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self) {
        let path = self.path.display();
        match read(&self.path) {
            Ok(automaton) => {
                *self.automaton.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(automaton);
                tracing::info!(%path, "a list for redaction was read again, for it has changed");
            }
            Err(reason) => {
                tracing::error!(%path, reason, "a list for redaction cannot be read; what was read last stays in use");
            }
        }
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().as_ref().map(Stamp::of)
}

fn read(path: &Path) -> Result<AhoCorasick, String> {
    let about = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if about.len() > MOST_BYTES {
        return Err(format!(
            "has {} bytes, and at most {MOST_BYTES} are read",
            about.len()
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut terms = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let term = line.trim_start_matches('\u{feff}').trim();
        if term.is_empty() || term.starts_with('#') {
            continue;
        }
        let length = term.chars().count();
        if !(SHORTEST_TERM..=LONGEST_TERM).contains(&length) {
            return Err(format!(
                "has a term of {length} characters in line {}; terms have {SHORTEST_TERM} to {LONGEST_TERM}",
                index + 1
            ));
        }
        terms.push(fold_term(term));
    }
    if terms.len() > MOST_TERMS {
        return Err(format!(
            "has {} terms, and at most {MOST_TERMS} are read",
            terms.len()
        ));
    }
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .build(&terms)
        .map_err(|error| format!("cannot be searched for: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenancy::redaction::fold::{Blanks, Folded};

    fn found(terms: &Terms, text: &str) -> Vec<String> {
        let folded = Folded::of(text, Blanks::Joined);
        let mut all = Vec::new();
        terms.find(folded.text(), |range| {
            all.push(text[folded.origin(range)].to_owned());
        });
        all
    }

    #[test]
    fn terms_are_found_as_words_however_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("customers.txt");
        std::fs::write(&file, "# customers\nMüller & Söhne GmbH\nAcme\n\nX-4711/B\n").unwrap();
        let terms = Terms::load(&List {
            label: "CUSTOMER".to_owned(),
            file,
        })
        .unwrap();
        assert_eq!(
            found(&terms, "MÜLLER &\n  Söhne GmbH, Acmes Teil x-4711/b"),
            ["MÜLLER &\n  Söhne GmbH", "Acme", "x-4711/b"]
        );
        assert_eq!(found(&terms, "Acmetal, X-4711/B2, pacme"), Vec::<String>::new());
    }

    #[test]
    fn a_list_that_cannot_be_used_says_why_and_not_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("l.txt");
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Terms::load(&List {
                label: "PART".to_owned(),
                file: file.clone(),
            })
            .err()
            .unwrap()
        };
        assert!(load("fine\nXY\n").contains("2 characters in line 2"));
        assert!(!load("fine\nXY\n").contains("XY"));
        assert!(load(&"a".repeat(201)).contains("201 characters"));
        std::fs::remove_file(&file).unwrap();
        let gone = List {
            label: "PART".to_owned(),
            file,
        };
        assert!(Terms::load(&gone).err().unwrap().contains("cannot be read"));
    }

    #[test]
    fn a_changed_list_is_read_again_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("l.txt");
        std::fs::write(&file, "first").unwrap();
        let terms = Terms::load(&List {
            label: "PART".to_owned(),
            file: file.clone(),
        })
        .unwrap();
        let later = || terms.watch.lock().unwrap().looked = Instant::now().checked_sub(LOOK_EVERY).unwrap();
        std::fs::write(&file, "second").unwrap();
        later();
        assert_eq!(found(&terms, "first second"), ["second"]);
        std::fs::write(&file, "X").unwrap();
        later();
        assert_eq!(found(&terms, "first second"), ["second"]);
    }

    #[test]
    fn labels_are_capital_and_no_digits() {
        for label in ["CUSTOMER", "PART", "ABCDX", "XYZ"] {
            assert_eq!(is_label(label), label != "ABCDX", "{label}");
        }
        for label in ["", "ab", "part", "DEADX", "A1B", "TOOLONGALABELTHIS", "ÄÖÜ"] {
            assert!(!is_label(label), "{label}");
        }
    }
}
