//! Compares what a call costs here and in other gateways: installs those, and runs the bench that measures all.
//!
//! Nothing else needs them, so they are fetched for this command only.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result};

use crate::{
    command::{self, Show},
    setup,
    workspace::{self, Workspace},
};

const LITELLM: &str = "litellm[proxy]==1.106.2";
/// What is measured is what is shipped: the server as its container has it, and the bare one built alike.
const SHIPPED: [&str; 9] = [
    "build",
    "--profile",
    "dist",
    "--locked",
    "--workspace",
    "--bin",
    "mcp-server",
    "--bin",
    "rmcp-echo",
];
const INSTALL_LIMIT: Duration = Duration::from_mins(15);
const BUILD_LIMIT: Duration = Duration::from_mins(40);
const BENCH_LIMIT: Duration = Duration::from_hours(1);

/// Installs the peers and measures.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    workspace.cargo(&SHIPPED, BUILD_LIMIT)?;
    let tools = setup::client_tools(workspace)?;
    let node_folder = setup::install_node_packages(
        workspace,
        "portkey",
        &workspace.root.join("tests/peers"),
        &tools.node,
    )?;
    let litellm = install_litellm(workspace, &tools.python)?;
    let mut bench = workspace::cargo();
    bench.args(["bench", "--workspace", "--locked", "--bench", "peers"]);
    bench
        .env("MCP_SERVER_BIN", workspace.shipped("mcp-server"))
        .env("PEER_LITELLM", litellm)
        .env("PEER_NODE", &tools.node)
        .env(
            "PEER_PORTKEY",
            node_folder.join("node_modules/@portkey-ai/gateway/build/start-server.js"),
        );
    bench.current_dir(&workspace.root);
    command::run(&mut bench, BENCH_LIMIT, Show::Lines)?;
    Ok(())
}

fn install_litellm(workspace: &Workspace, python: &std::path::Path) -> Result<std::path::PathBuf> {
    let folder = workspace.own_folder("litellm")?;
    let (program, stamp) = (folder.join("bin/litellm"), folder.join("installed.txt"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == LITELLM) {
        return Ok(program);
    }
    println!("installing {LITELLM}");
    let mut venv = Command::new(python);
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    command::run(&mut venv, INSTALL_LIMIT, Show::Nothing)?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        LITELLM,
    ]);
    command::run(&mut pip, INSTALL_LIMIT, Show::Nothing)?;
    std::fs::write(&stamp, LITELLM).context("cannot note what was installed")?;
    Ok(program)
}
