//! What README and docs show: every configuration in them loads, every command line in them is understood.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::*;

/// A fenced block of a document.
struct Block {
    place: String,
    text: String,
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .expect("the package lies in the workspace")
        .to_owned()
}

/// Everything under `folder` that ends in `.md`.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

/// The blocks of that language in README, docs and deploy.
fn blocks(language: &str) -> Vec<Block> {
    let mut files = vec![root().join("README.md")];
    documents(&root().join("docs"), &mut files);
    documents(&root().join("deploy"), &mut files);
    files.iter().flat_map(|file| blocks_of(file, language)).collect()
}

fn blocks_of(file: &Path, language: &str) -> Vec<Block> {
    let text = fs::read_to_string(file).unwrap();
    let name = file.strip_prefix(root()).unwrap().display();
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(opened) = line.strip_prefix("```") {
            let inside = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```");
            let text = inside.collect::<Vec<_>>().join("\n");
            if opened == language {
                let place = format!("{name}:{}", number + 1);
                found.push(Block { place, text });
            }
        }
    }
    found
}

/// The folders that files of samples lie in.
const FOLDERS: [&str; 2] = ["/run/secrets/", "/etc/mcp-server/"];

/// The same configuration, with each file that it names in a folder of ours.
fn with_files(text: &str, folder: &Path) -> String {
    let ours = format!("{}/", folder.display());
    let text = FOLDERS
        .iter()
        .fold(text.to_owned(), |text, theirs| text.replace(theirs, &ours));
    for named in text.split('"').filter_map(|part| part.strip_prefix(&ours)) {
        let file = folder.join(named);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "sample\n").unwrap();
    }
    text
}

#[test]
fn configurations_in_documents_load() {
    let shown = blocks("toml");
    assert!(shown.len() >= 10, "only {} were found", shown.len());
    for Block { place, text } in shown {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mcp-server.toml");
        fs::write(&file, with_files(&text, folder.path())).unwrap();
        let sources = Sources {
            file: Some(file),
            environment: BTreeMap::new(),
            flags: Vec::new(),
        };
        if let Err(invalid) = load(&sources) {
            panic!("{place}: {invalid}");
        }
    }
}

/// The words of a line in a console block that calls this program, if it does.
fn own_words(line: &str) -> Option<Vec<String>> {
    let line = line.strip_prefix("$ ")?;
    let rest = ["mcp-server", "cargo run --release --", "cargo run --release"]
        .into_iter()
        .find_map(|way| line.strip_prefix(way))
        .filter(|rest| rest.is_empty() || rest.starts_with(' '))?;
    let until = rest.find(['>', '|']).unwrap_or(rest.len());
    let words = shlex::split(&rest[..until]).expect("quotes are closed");
    Some(["mcp-server".to_owned()].into_iter().chain(words).collect())
}

#[test]
fn commands_in_documents_are_understood() {
    let mut count = 0;
    for Block { place, text } in blocks("console") {
        for words in text.replace("\\\n", " ").lines().filter_map(own_words) {
            count += 1;
            if let Err(refused) = Cli::try_parse_from(&words) {
                panic!("{place}: {words:?}: {refused}");
            }
        }
    }
    assert!(count >= 15, "only {count} were found");
}
