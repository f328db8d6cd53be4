//! `deploy/README.md` says which test holds which row: each of them exists.

use std::{collections::BTreeSet, fs, path::Path};

use crate::tools::{read, root};

/// Names of the functions in every file of a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).expect("a file of tests");
            let names = text
                .lines()
                .filter_map(|line| line.split_once("fn ")?.1.split_once('('));
            found.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn the_tests_that_the_table_names_exist() {
    let mut known = BTreeSet::new();
    functions(&root().join("tests/deploy"), &mut known);
    let text = read("README.md");
    let quoted = text.split('`').skip(1).step_by(2);
    // Sentences of at least four words: no file and no key is called so.
    let named: Vec<&str> = quoted
        .filter(|name| name.matches('_').count() >= 3 && !name.contains(['.', '/', ' ']))
        .map(|name| name.rsplit("::").next().unwrap_or(name))
        .collect();
    assert!(named.len() >= 10, "{named:?}");
    for name in named {
        assert!(known.contains(name), "there is no test {name}");
    }
}
