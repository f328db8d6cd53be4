//! Builds `mcp-loadtest` and the server beside it, and hands the rest of the line over.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};

use crate::{steps::Need, workspace::Workspace};

const BUILD_LIMIT: Duration = Duration::from_mins(40);

/// Runs it with this terminal, so that progress is seen; true where it ended with 0.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<bool> {
    Need::Programs.provide(workspace)?;
    let build = [
        "build",
        "--release",
        "--locked",
        "--workspace",
        "--bin",
        "mcp-loadtest",
    ];
    workspace.cargo(&build, BUILD_LIMIT)?;
    let mut loadtest = Command::new(workspace.binary("mcp-loadtest"));
    let status = loadtest
        .args(arguments)
        .status()
        .context("mcp-loadtest cannot be run")?;
    Ok(status.success())
}
