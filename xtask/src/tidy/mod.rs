//! Rules of the house that no other tool knows: what every file begins with, what no file says, and that
//! the documents match the code.

mod architecture;
mod documents;
mod files;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{tally::Tally, workspace::Workspace};

/// Folders that are made, not written.
const MADE: [&str; 7] = [
    ".git",
    "target",
    "node_modules",
    ".venv",
    "checkpoints",
    "__pycache__",
    ".terraform",
];

/// A text file of the repository.
pub(crate) struct File {
    /// Seen from the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// The name after the last `/`.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// What follows the last dot of the name, if any.
    fn extension(&self) -> &str {
        self.name()
            .rsplit_once('.')
            .map_or("", |(_, extension)| extension)
    }

    /// Code that runs in tests only.
    fn is_test(&self) -> bool {
        self.name() == "tests.rs" || self.path.contains("/tests/") || self.path.starts_with("tests/")
    }
}

/// One breach of a rule, and where.
struct Problem {
    path: String,
    line: Option<usize>,
    text: String,
}

impl Problem {
    fn in_file(file: &File, text: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line: None,
            text: text.into(),
        }
    }

    fn at_line(file: &File, index: usize, text: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line: Some(index + 1),
            text: text.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.text),
            None => write!(f, "{}: {}", self.path, self.text),
        }
    }
}

/// Checks every rule on every file.
pub(crate) fn run(workspace: &Workspace) -> Result<Tally> {
    let files = read_files(&workspace.root)?;
    let mut problems = files::check(&files);
    problems.extend(architecture::check(&files, &workspace.root));
    problems.extend(documents::check(&files, &workspace.root));
    println!("{} files checked", files.len());
    for problem in &problems {
        println!("{problem}");
    }
    ensure!(
        problems.is_empty(),
        "{} breaches of the rules of the house",
        problems.len()
    );
    Ok(Tally::one())
}

/// Every text file that somebody wrote, in the order of their paths.
fn read_files(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                if !MADE.iter().any(|made| entry.file_name() == *made) {
                    folders.push(path);
                }
            } else if kind.is_file()
                && let Ok(text) = String::from_utf8(fs::read(&path)?)
            {
                let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}
