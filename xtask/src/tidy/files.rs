//! What every file begins with, how long it may be, and what it may not say.

use super::{File, Problem};

/// A file longer than this holds two things. Tables of tests may go on for longer.
const LINES_MAX: usize = 600;
const TEST_LINES_MAX: usize = 900;

/// Words that no file may hold, and why. Joined from parts so that this file holds none of them.
const NO_FILE: &[(&str, &str)] = &[
    (concat!("<<<<", "<<< "), "a merge was left unfinished"),
    (concat!(">>>>", ">>> "), "a merge was left unfinished"),
    (concat!("/work", "/main"), "a path of one machine"),
    (concat!("/work", "/shared"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
];

/// Words that no code may hold, and why.
const NO_CODE: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "unfinished work belongs into an issue"),
    (concat!("FIX", "ME"), "unfinished work belongs into an issue"),
    (concat!("to", "do!("), "unfinished work belongs into an issue"),
    (
        concat!("unimplem", "ented!("),
        "unfinished work belongs into an issue",
    ),
    (concat!("db", "g!("), "left from debugging"),
    (concat!("#[ign", "ore"), "a test that does not run proves nothing"),
    (concat!("#[al", "low("), "use #[expect(..., reason = \"...\")]"),
    (concat!("#![al", "low("), "use #![expect(..., reason = \"...\")]"),
];

/// Module names that say nothing.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "common", "helpers", "manager"];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    files
        .iter()
        .flat_map(|file| {
            let mut problems = check_words(file);
            problems.extend(check_header(file));
            problems.extend(check_name(file));
            problems.extend(check_size(file));
            problems
        })
        .collect()
}

/// The first line says what the file is.
fn check_header(file: &File) -> Option<Problem> {
    // `description` says it in a manifest of cargo.
    if file.name() == "Cargo.toml" {
        return None;
    }
    let wanted: &[&str] = match file.extension() {
        "rs" => &["//! "],
        "py" => &["\"\"\"", "# "],
        "sh" | "toml" | "yaml" | "yml" | "in" | "md" => &["# "],
        "js" | "mjs" | "ts" => &["// ", "/**"],
        _ => return None,
    };
    let mut lines = file.text.lines();
    let first = lines
        .next()
        .filter(|line| !line.starts_with("#!"))
        .or_else(|| lines.next())
        .unwrap_or_default();
    let said = wanted.iter().any(|start| first.starts_with(start));
    (!said).then(|| {
        Problem::in_file(
            file,
            format!("the first line must say what this is, after `{}`", wanted[0]),
        )
    })
}

fn check_name(file: &File) -> Option<Problem> {
    let mut parts = file.path.strip_suffix(".rs")?.rsplit('/');
    let empty = parts.find(|part| EMPTY_NAMES.contains(part))?;
    Some(Problem::in_file(
        file,
        format!("the name `{empty}` says nothing: a module is a noun of its subject"),
    ))
}

fn check_size(file: &File) -> Option<Problem> {
    let lines = file.text.lines().count();
    let most = if file.is_test() { TEST_LINES_MAX } else { LINES_MAX };
    let too_long = file.extension() == "rs" && lines > most;
    too_long.then(|| Problem::in_file(file, format!("{lines} lines; at most {most}, and 400 is the aim")))
}

fn check_words(file: &File) -> Vec<Problem> {
    let is_code = matches!(file.extension(), "rs" | "py" | "sh" | "js" | "mjs" | "ts");
    let code_words = if is_code { NO_CODE } else { &[] };
    let words = || NO_FILE.iter().chain(code_words);
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            words()
                .filter(|(word, _)| line.contains(word))
                .map(move |(word, why)| Problem::at_line(file, index, format!("`{word}`: {why}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        check(&[File {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
        .iter()
        .map(ToString::to_string)
        .collect()
    }

    #[test]
    fn good_files_pass() {
        for (path, text) in [
            ("a/src/lib.rs", "//! Says what it is.\n"),
            (
                "tests/clients/one.py",
                "#!/usr/bin/env python3\n\"\"\"Says what it is.\"\"\"\n",
            ),
            ("README.md", "# Name\n"),
            ("a/Cargo.toml", "[package]\n"),
            ("data.json", "{}"),
            (
                "docs/plan.md",
                concat!("# Plan\n\nTO", "DO lists are for people.\n"),
            ),
        ] {
            assert!(
                problems(path, text).is_empty(),
                "{path}: {:?}",
                problems(path, text)
            );
        }
    }

    #[test]
    fn each_rule_finds_its_breach() {
        for (path, text, wanted) in [
            ("a/src/lib.rs", "use std::fs;\n", "first line"),
            ("a/src/lib.rs", "", "first line"),
            ("a.py", "import os\n", "first line"),
            ("deploy/a.yaml", "kind: Pod\n", "first line"),
            ("a/src/utils.rs", "//! x\n", "says nothing"),
            ("a/src/common/mod.rs", "//! x\n", "says nothing"),
            ("a/src/a.rs", concat!("//! x\nto", "do!()\n"), "a/src/a.rs:2"),
            (
                "a/src/a.rs",
                concat!("//! x\n#[al", "low(dead_code)]\n"),
                "expect",
            ),
            ("notes.md", concat!("# x\nsee /work", "/main\n"), "one machine"),
        ] {
            let found = problems(path, text);
            assert!(
                found.iter().any(|problem| problem.contains(wanted)),
                "{path} {text:?}: {found:?}"
            );
        }
    }

    #[test]
    fn long_files_are_told() {
        let text = "//! x\n".repeat(LINES_MAX + 1);
        assert!(problems("a/src/a.rs", &text)[0].contains("601 lines"));
        assert!(problems("a/src/a.rs", &"//! x\n".repeat(LINES_MAX)).is_empty());
        assert!(problems("a/src/a/tests.rs", &text).is_empty());
    }
}
