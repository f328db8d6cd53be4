//! Where things are: the workspace's root, its target folder, and the commands that work on it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::command::{self, Show};

/// Time to fetch the manifests of every dependency.
const METADATA_LIMIT: Duration = Duration::from_mins(10);

/// The checkout that is worked on.
pub(crate) struct Workspace {
    /// The folder that holds `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's output folder.
    pub(crate) target: PathBuf,
    /// True where nothing may be skipped.
    pub(crate) ci: bool,
    /// Every test program of its own, as package and name.
    pub(crate) test_programs: Vec<(String, String)>,
}

impl Workspace {
    /// Finds the workspace that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let mut metadata = cargo();
        metadata.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
        metadata.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = metadata.output().context("cannot run `cargo metadata`")?;
        ensure!(
            output.status.success(),
            "`cargo metadata`: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value =
            serde_json::from_slice(&output.stdout).context("`cargo metadata` printed no JSON")?;
        let folder = |key: &str| {
            let path = metadata[key].as_str();
            path.map(PathBuf::from)
                .with_context(|| format!("`cargo metadata` names no {key}"))
        };
        let ci = env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        let test_programs = read_test_programs(&metadata);
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            ci,
            test_programs,
        })
    }

    /// A folder of ours under the target folder; made when missing.
    pub(crate) fn own_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask").join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// A released program of the workspace.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// The same as it is shipped.
    pub(crate) fn shipped(&self, name: &str) -> PathBuf {
        self.target.join("dist").join(name)
    }

    /// Runs cargo in the root, and shows what it prints.
    pub(crate) fn cargo(&self, arguments: &[&str], limit: Duration) -> Result<Vec<String>> {
        command::run(
            cargo().args(arguments).current_dir(&self.root),
            limit,
            Show::Lines,
        )
    }

    /// What cargo resolves for these targets, dependencies of dependencies included.
    pub(crate) fn resolved<'a>(&self, targets: impl IntoIterator<Item = &'a str>) -> Result<Value> {
        let mut metadata = cargo();
        metadata
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(&self.root);
        for target in targets {
            metadata.args(["--filter-platform", target]);
        }
        let lines = command::run(&mut metadata, METADATA_LIMIT, Show::Nothing)?;
        let json = lines.iter().find(|line| line.starts_with('{'));
        Ok(serde_json::from_str(
            json.context("`cargo metadata` printed no JSON")?,
        )?)
    }

    /// Names a path as seen from the root, for messages.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

fn read_test_programs(metadata: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut programs = Vec::new();
    for package in list(&metadata["packages"]) {
        for target in list(&package["targets"]) {
            if list(&target["kind"]).iter().any(|kind| kind == "test") {
                programs.push((text(&package["name"]), text(&target["name"])));
            }
        }
    }
    programs
}

/// The cargo that started us, without what it told us about our own package.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (key, _) in env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&key);
        }
    }
    command
}
