//! What the server stands on: the cloud in terraform, its hosts in ansible, its delivery in Argo CD, its neighbours, and
//! drills for the day on which something is lost.
//!
//! The tools come from `cargo xtask test --only infrastructure`.

mod ansible;
mod argocd;
mod platform;
mod recovery;
mod terraform;

use std::path::PathBuf;

/// Names the Python environment of these checks, where it is another than `target/xtask/infrastructure`.
const VARIABLE: &str = "INFRASTRUCTURE_TOOLS";

/// A program of the Python environment of these checks.
fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os(VARIABLE).map_or_else(
        || crate::tools::root().join("target/xtask/infrastructure"),
        PathBuf::from,
    );
    let program = folder.join("bin").join(name);
    assert!(
        program.is_file(),
        "{} is missing: run `cargo xtask test --only infrastructure`, or set {VARIABLE}",
        program.display()
    );
    program
}

/// Python with what these checks need.
fn python() -> PathBuf {
    program("python")
}
