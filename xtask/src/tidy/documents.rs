//! Documents match the code: each public error code has its page, each link leads somewhere.

use std::{collections::BTreeSet, path::Path};

use super::{File, Problem};

const PAGES: &str = "docs/errors/";

/// The functions that say which public code an error has.
const MAPS: [&str; 2] = ["fn code(&self) -> &'static str {", "fn map(&self) -> Mapped {"];

pub(super) fn check(files: &[File], root: &Path) -> Vec<Problem> {
    let mut problems = check_error_pages(files);
    problems.extend(check_named_tests(files));
    problems.extend(
        files
            .iter()
            .filter(|file| file.extension() == "md")
            .flat_map(|file| check_links(file, files, &|path| root.join(path).exists())),
    );
    let changelog = files.iter().find(|file| file.path == "CHANGELOG.md");
    if !changelog.is_some_and(|file| file.text.contains("\n## ")) {
        let text = "is missing, or has no section".to_owned();
        problems.push(Problem {
            path: "CHANGELOG.md".to_owned(),
            line: None,
            text,
        });
    }
    problems
}

/// Each code has a page, and each page a code.
fn check_error_pages(files: &[File]) -> Vec<Problem> {
    let mut codes = BTreeSet::new();
    let mut problems = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension() == "rs" && !file.is_test())
    {
        if !["mcp-server/src/", "inference/src/"]
            .iter()
            .any(|folder| file.path.starts_with(folder))
        {
            continue;
        }
        for code in codes_in(&file.text) {
            let page = format!("{PAGES}{code}.md");
            if codes.insert(code.clone()) && !files.iter().any(|file| file.path == page) {
                problems.push(Problem::in_file(
                    file,
                    format!("the public code `{code}` has no page {page}"),
                ));
            }
        }
    }
    let pages = files
        .iter()
        .filter_map(|file| Some((file, file.path.strip_prefix(PAGES)?.strip_suffix(".md")?)));
    let orphans = pages.filter(|(_, code)| *code != "README" && !codes.contains(*code));
    problems.extend(orphans.map(|(file, _)| Problem::in_file(file, "no public code has this name")));
    problems
}

/// The pages whose tables name tests.
const NAME_TESTS: [&str; 2] = ["docs/pains.md", "docs/security.md"];

/// Each test that these pages name is there.
fn check_named_tests(files: &[File]) -> Vec<Problem> {
    let tests: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.extension() == "rs")
        .flat_map(|file| file.text.lines())
        .filter_map(|line| line.split_once("fn ")?.1.split_once('('))
        .map(|(name, _)| name)
        .collect();
    let pages = files
        .iter()
        .filter(|file| NAME_TESTS.contains(&file.path.as_str()));
    pages
        .flat_map(|file| file.text.lines().enumerate().map(move |line| (file, line)))
        .filter(|(_, (_, line))| line.starts_with('|'))
        .flat_map(|(file, (index, line))| {
            let cells = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
            let named = cells.split('`').skip(1).step_by(2);
            named.map(move |name| (file, index, name))
        })
        .filter(|(_, _, name)| !tests.contains(name))
        .map(|(file, index, name)| Problem::at_line(file, index, format!("there is no test `{name}`")))
        .collect()
}

/// The text constants in the bodies of [`MAPS`].
fn codes_in(text: &str) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.find(|line| MAPS.iter().any(|map| line.contains(map))) {
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        for line in lines.by_ref().take_while(|line| *line != end) {
            let code = line.split("//").next().unwrap_or_default();
            codes.extend(
                code.split('"')
                    .skip(1)
                    .step_by(2)
                    .filter(|text| is_code(text))
                    .map(str::to_owned),
            );
        }
    }
    codes
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Each link to a file of ours leads to one, and to a heading that is there.
fn check_links(file: &File, files: &[File], exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        // What stands between backticks is shown, not followed.
        let shown: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let links = shown
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', ' ']).next());
        for link in links.filter(|link| !fenced && !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                Some(file.path.clone())
            } else {
                resolve(&file.path, path)
            };
            let Some(target) = target.filter(|target| exists(target)) else {
                problems.push(Problem::at_line(
                    file,
                    index,
                    format!("the link {link} leads nowhere"),
                ));
                continue;
            };
            let document = files
                .iter()
                .find(|file| file.path == target && file.extension() == "md");
            if !anchor.is_empty()
                && document.is_some_and(|document| !anchors(&document.text).contains(anchor))
            {
                problems.push(Problem::at_line(
                    file,
                    index,
                    format!("{target} has no heading #{anchor}"),
                ));
            }
        }
    }
    problems
}

/// A link as a path from the root; `None` when it leaves the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchors that a forge makes of a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading
                .chars()
                .filter(|character| character.is_alphanumeric() || " -_".contains(*character));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    const CODE: &str = "
impl Error {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full => \"queue_full\", // never \"shut\"
            Self::Gone(_) => \"gone\",
        }
    }

    pub fn map(&self) -> Mapped {
        let (code, status) = match self {
            Self::NotFound => (\"not_found\", StatusCode::NOT_FOUND),
        };
    }

    fn other(&self) -> &'static str {
        \"not_a_code\"
    }
}
";

    #[test]
    fn tests_that_a_page_names_are_there() {
        let code = file("a/tests.rs", "#[test]\nfn holds() {}\n");
        for path in NAME_TESTS {
            let problems =
                |text| check_named_tests(&[file(path, text), file(code.path.as_str(), &code.text)]).len();
            assert_eq!(problems("| `what` hurts | this | `holds` |"), 0);
            assert_eq!(problems("| what hurts | this | not built yet |"), 0);
            assert_eq!(problems("| what hurts | this | `holds`, `gone` |"), 1);
        }
    }

    #[test]
    fn codes_and_pages_match() {
        let code = file("inference/src/a.rs", CODE);
        let page = |name: &str| file(&format!("docs/errors/{name}.md"), "");
        assert!(
            check_error_pages(&[
                page("README"),
                page("queue_full"),
                page("gone"),
                page("not_found"),
                code
            ])
            .is_empty()
        );
        let problems = check_error_pages(&[
            page("gone"),
            page("not_found"),
            page("old"),
            file("inference/src/a.rs", CODE),
        ]);
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 2, "{text:?}");
        assert!(
            text[0].contains("queue_full") && text[1].contains("docs/errors/old.md"),
            "{text:?}"
        );
    }

    #[test]
    fn links_are_followed() {
        let exists = |path: &str| ["README.md", "docs/a.md", "docs"].contains(&path);
        let target = || file("docs/a.md", "# A page\n\n## What to do, now?\n");
        for (link, count) in [
            ("[a](docs/a.md)", 0),
            ("[a](docs/a.md#what-to-do-now)", 0),
            ("[a](docs/a.md#elsewhere)", 1),
            ("[a](docs/b.md)", 1),
            ("[a](../outside.md)", 1),
            ("[a](#name)", 0),
            ("[a](https://example.org/x)", 0),
            ("`[a](docs/b.md)`", 0),
            ("[`code`](docs/b.md)", 1),
        ] {
            let readme = file("README.md", &format!("# Name\n\n{link}\n"));
            assert_eq!(
                check_links(&readme, &[target(), file("README.md", "# Name\n")], &exists).len(),
                count,
                "{link}"
            );
        }
    }

    #[test]
    fn links_are_seen_from_their_folder() {
        assert_eq!(resolve("docs/adr/1.md", "../a.md"), Some("docs/a.md".to_owned()));
        assert_eq!(resolve("README.md", "../a.md"), None);
    }
}
