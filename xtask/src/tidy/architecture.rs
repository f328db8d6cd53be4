//! `ARCHITECTURE.md` is the law: its map matches the folders, and its table of what never happens matches
//! the imports.
//!
//! The map is the first fenced block: paths, folders with `/` at the end, what is in a folder indented below
//! it; two spaces part the paths from what is said about them. The law is the table whose first column is
//! `crate` or `folder` and which has a column `never names`: what stands between backticks there, no code does.

use std::{collections::BTreeSet, path::Path};

use super::{File, Problem};

const DOCUMENT: &str = "ARCHITECTURE.md";

/// Crates whose every module is on the map, where the map goes into the crate at all.
const MAPPED: [&str; 3] = ["mcp-server/src/", "inference/src/", "models/src/"];

pub(super) fn check(files: &[File], root: &Path) -> Vec<Problem> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Problem {
            path: DOCUMENT.to_owned(),
            line: None,
            text: "is missing".to_owned(),
        }];
    };
    let mut problems = check_map(document, files, &|path| root.join(path).exists());
    let (laws, faults) = read_laws(document);
    problems.extend(faults);
    for law in &laws {
        problems.extend(files.iter().flat_map(|file| breaches(law, file)));
    }
    problems
}

/// Each path of the map exists, and each module is on the map.
fn check_map(document: &File, files: &[File], exists: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let map = read_map(&document.text);
    if map.is_empty() {
        return vec![Problem::in_file(
            document,
            "it begins with no map: a fenced block with one path a line",
        )];
    }
    let either = |path: &str| {
        exists(path)
            || path
                .strip_suffix('/')
                .is_some_and(|module| exists(&format!("{module}.rs")))
    };
    let gone = map.iter().filter(|path| !either(path));
    let mut problems: Vec<_> = gone
        .map(|path| Problem::in_file(document, format!("the map names {path}, which does not exist")))
        .collect();
    let modules: BTreeSet<String> = files.iter().filter_map(|file| module_of(&file.path)).collect();
    let drawn = |module: &str| {
        MAPPED
            .iter()
            .any(|source| module.starts_with(source) && goes_into(&map, source))
    };
    let missing = modules
        .iter()
        .filter(|module| drawn(module) && !map.contains(*module));
    problems.extend(missing.map(|module| Problem::in_file(document, format!("the map lacks {module}"))));
    problems
}

/// Whether the map draws what is in a folder.
fn goes_into(map: &BTreeSet<String>, folder: &str) -> bool {
    map.iter()
        .any(|path| path.len() > folder.len() && path.starts_with(folder))
}

/// The part of a path that has to be on the map: a crate's file or folder right below `src/`.
fn module_of(path: &str) -> Option<String> {
    let source = MAPPED.iter().find(|source| path.starts_with(**source))?;
    let rest = &path[source.len()..];
    match rest.split_once('/') {
        // A folder `x/` beside `x.rs` is on the map as either.
        Some((folder, _)) => Some(format!("{source}{folder}/")),
        None => rest.strip_suffix(".rs").map(|_| format!("{source}{rest}")),
    }
}

fn read_map(text: &str) -> BTreeSet<String> {
    let block = text.lines().skip_while(|line| !line.starts_with("```")).skip(1);
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut map = BTreeSet::new();
    for line in block.take_while(|line| !line.starts_with("```")) {
        let depth = line.len() - line.trim_start().len();
        open.retain(|(deeper, _)| *deeper < depth);
        let inside = open.last().map(|(_, folder)| folder.clone()).unwrap_or_default();
        let paths = line.trim_start().split("  ").next().unwrap_or_default();
        for name in paths
            .split(' ')
            .filter(|name| name.ends_with('/') || name.contains('.'))
        {
            let path = format!("{inside}{name}");
            // A folder and the file of the same module stand for each other.
            if let Some(module) = path.strip_suffix(".rs") {
                map.insert(format!("{module}/"));
            } else if name.ends_with('/') {
                open.push((depth, path.clone()));
            }
            map.insert(path);
        }
    }
    map
}

/// One row of the law.
struct Law {
    folder: String,
    never: Vec<String>,
}

fn read_laws(document: &File) -> (Vec<Law>, Vec<Problem>) {
    let mut columns = None;
    let mut laws = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in document.text.lines().enumerate() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if ["crate", "folder"].contains(&cells[0]) {
            columns = cells.iter().position(|cell| *cell == "never names");
        } else if let Some(never) = columns
            && !cells[0].starts_with('-')
        {
            let quoted = |column: usize| cells.get(column).copied().map(quoted).unwrap_or_default();
            match (quoted(0).first(), quoted(never)) {
                (Some(folder), names) if !names.is_empty() => {
                    laws.push(Law {
                        folder: folder.clone(),
                        never: names,
                    });
                }
                _ => problems.push(Problem::at_line(
                    document,
                    index,
                    "a law needs a folder and names, in backticks",
                )),
            }
        }
    }
    if laws.is_empty() {
        problems.push(Problem::in_file(
            document,
            "it has no table with a column `never names`",
        ));
    }
    (laws, problems)
}

/// The parts of a text between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Where a file breaks a law. Comments may name anything; tests may use anything.
fn breaches(law: &Law, file: &File) -> Vec<Problem> {
    let folder = law.folder.trim_end_matches('/');
    let inside = file
        .path
        .strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with(['/', '.']));
    let manifest = file.path == format!("{folder}/Cargo.toml");
    if !inside || file.is_test() || !(manifest || file.extension() == "rs") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.starts_with("[dev-dependencies]") || line.trim_start().starts_with("#[cfg(test)]") {
            // Tests stand at the end of a file, and so do their dependencies.
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        for name in &law.never {
            let name = if manifest {
                name.replace('_', "-")
            } else {
                name.clone()
            };
            let found = if manifest {
                begins_with(code, &name)
            } else {
                holds_word(code, &name)
            };
            if found {
                problems.push(Problem::at_line(
                    file,
                    index,
                    format!("{folder} never names `{name}` ({DOCUMENT})"),
                ));
            }
        }
    }
    problems
}

fn begins_with(line: &str, name: &str) -> bool {
    line.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
}

/// Whether the name stands in the line, not as a part of a longer one.
fn holds_word(line: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        let joined = |outside: Option<char>, edge: Option<char>| {
            outside.is_some_and(is_part) && edge.is_some_and(is_part)
        };
        !joined(before, name.chars().next()) && !joined(after, name.chars().next_back())
    })
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

    const MAP: &str = "\
# Architecture

```
Cargo.toml       versions
inference/src/
  lib.rs gateway.rs    the front
  azure/         the client
    wire.rs      its types
models/          weights
```

| folder | verb | never names |
|---|---|---|
| `inference/` | decides | `rmcp`, `std::env`, `crate::` |
";

    #[test]
    fn the_map_is_read_with_its_indentation() {
        let map = read_map(MAP);
        for path in [
            "Cargo.toml",
            "inference/src/gateway.rs",
            "inference/src/azure/wire.rs",
            "models/",
        ] {
            assert!(map.contains(path), "{path}: {map:?}");
        }
    }

    #[test]
    fn a_path_that_is_gone_and_a_module_that_is_not_drawn_are_told() {
        let files = [
            file("inference/src/azure/wire.rs", ""),
            file("inference/src/routing.rs", ""),
        ];
        let exists = |path: &str| path != "Cargo.toml";
        let problems = check_map(&file(DOCUMENT, MAP), &files, &exists);
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 2, "{text:?}");
        assert!(
            text[0].contains("Cargo.toml") && text[1].contains("inference/src/routing.rs"),
            "{text:?}"
        );
    }

    #[test]
    fn a_law_is_applied_to_code_and_to_the_manifest() {
        let (laws, problems) = read_laws(&file(DOCUMENT, MAP));
        assert!(problems.is_empty() && laws.len() == 1);
        for (path, text, count) in [
            ("inference/src/a.rs", "use rmcp::model;\n", 1),
            ("inference/src/a.rs", "// never rmcp\nlet rmcp_like = 1;\n", 0),
            ("inference/src/a.rs", "std::env::var(\"A\")\n", 1),
            ("inference/src/a.rs", "env!(\"A\")\n", 0),
            ("inference/src/a.rs", "use crate::Backend;\n", 1),
            ("inference/src/a.rs", "pub(crate) fn a() {}\n", 0),
            ("inference/src/a/tests.rs", "use rmcp::model;\n", 0),
            ("inference/src/a.rs", "#[cfg(test)]\nmod tests { use rmcp; }\n", 0),
            ("inference/Cargo.toml", "rmcp.workspace = true\n", 1),
            ("inference/Cargo.toml", "[dev-dependencies]\nrmcp = \"3\"\n", 0),
            ("mcp-server/src/a.rs", "use rmcp::model;\n", 0),
            ("inference2/src/a.rs", "use rmcp::model;\n", 0),
        ] {
            assert_eq!(
                breaches(&laws[0], &file(path, text)).len(),
                count,
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn a_document_without_laws_is_told() {
        assert_eq!(read_laws(&file(DOCUMENT, "# Architecture\n")).1.len(), 1);
    }
}
