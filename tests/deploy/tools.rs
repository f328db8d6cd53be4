//! The programs that files of `deploy/` are checked with, and where the files are.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Names the folder of the tools, where it is another than `target/xtask/deploy`.
const VARIABLE: &str = "DEPLOY_TOOLS";

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the crate of tests is in the workspace's root")
}

/// A file or folder of `deploy/`.
pub(crate) fn deploy(path: &str) -> PathBuf {
    root().join("deploy").join(path)
}

/// The text of a file of `deploy/`.
pub(crate) fn read(path: &str) -> String {
    let path = deploy(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A tool, ready for its arguments: one of ours, or else of this machine.
pub(crate) fn tool(name: &str) -> Command {
    let ours = folder().join("bin").join(name);
    Command::new(if ours.is_file() {
        ours.as_os_str()
    } else {
        OsStr::new(name)
    })
}

/// Checkov, which is in an environment of its own beside that of the tools.
pub(crate) fn checkov() -> Command {
    let beside = folder().with_file_name("checkov").join("bin");
    let mut command = Command::new(beside.join("python"));
    command.arg(beside.join("checkov"));
    command
}

/// Runs a tool that has to succeed, and returns what it wrote to standard output.
pub(crate) fn run(command: &mut Command) -> String {
    let output = end(command);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{text}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Runs a tool to its end, whatever that is.
pub(crate) fn end(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| {
        panic!("{command:?} does not run ({error}): try `cargo xtask test --only deploy`")
    })
}

fn folder() -> PathBuf {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return PathBuf::from(named);
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/release/deps/deploy-0123 -> target/xtask/deploy
    let found = test
        .ancestors()
        .map(|folder| folder.join("xtask/deploy"))
        .find(|path| path.is_dir());
    found.unwrap_or_else(|| {
        panic!("there are no tools: run `cargo xtask test --only deploy`, or set {VARIABLE}")
    })
}

#[test]
fn tools_are_the_pinned_ones() {
    for (name, arguments, version) in [
        ("kubectl", &["version", "--client"][..], "v1.37.1"),
        ("helm", &["version", "--short"], "v4.3.1"),
        ("kubernetes-validate", &["--version"], "1.37.0"),
    ] {
        let told = run(tool(name).args(arguments));
        assert!(told.contains(version), "{name} is another one: {told}");
    }
}
