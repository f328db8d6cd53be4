//! Compares the local engine with llama.cpp: installs that, compiled for this machine, and runs the bench that measures both.
//!
//! Nothing else needs it, so it is fetched for this command only.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;

use crate::{
    command::{self, Show},
    setup,
    workspace::{self, Workspace},
};

/// llama.cpp takes its time to compile.
const INSTALL_LIMIT: Duration = Duration::from_hours(1);
const BUILD_LIMIT: Duration = Duration::from_hours(1);
const BENCH_LIMIT: Duration = Duration::from_hours(4);
/// Every instruction that this machine has, and nothing beyond the library.
const BUILD_FLAGS: &str = "-DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF \
                           -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF \
                           -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_UI=OFF \
                           -DLLAVA_BUILD=OFF -DMTMD_BUILD=OFF";

/// What to measure; all of it takes hours on two processors.
#[derive(Args)]
pub(crate) struct LocalArguments {
    /// Shapes: qwen3 (Qwen3-0.6B), qwen2.5 (Qwen2.5-0.5B), llama (Llama-3.2-1B)
    #[arg(long, value_name = "SHAPE,…", default_value = "qwen3,qwen2.5,llama")]
    model: String,
    /// Quantisations
    #[arg(long, value_name = "KIND,…", default_value = "q4_k_m,q8_0")]
    kind: String,
    /// Numbers of threads
    #[arg(long, value_name = "COUNT,…", default_value = "1,2")]
    threads: String,
    /// Parts; one more is `limited`, which takes root: the program in a control group of 1 GiB
    #[arg(
        long,
        value_name = "PART,…",
        default_value = "depth0,depth128,depth512,depth2048,callers,newcomer,grammar,guesses,memory,start"
    )]
    only: String,
    /// Measurements of each side; medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Installs llama.cpp and measures.
pub(crate) fn run(workspace: &Workspace, arguments: &LocalArguments) -> Result<()> {
    let python = install_llama(workspace)?;
    let models = workspace.own_folder("local-models")?;
    // For the parts that start it.
    let mut program = workspace::cargo();
    program
        .args([
            "build",
            "--release",
            "--workspace",
            "--locked",
            "--bin",
            "mcp-server",
        ])
        .current_dir(&workspace.root);
    command::run(&mut program, BUILD_LIMIT, Show::Lines)?;
    let mut bench = workspace::cargo();
    bench.args(["bench", "--workspace", "--locked", "--bench", "local", "--"]);
    bench.args(["--model", &arguments.model, "--kind", &arguments.kind]);
    bench.args(["--threads", &arguments.threads, "--only", &arguments.only]);
    bench.args(["--rounds", &arguments.rounds.to_string()]);
    bench
        .env("LLAMA_PYTHON", python)
        .env("LOCAL_MODELS", models)
        .current_dir(&workspace.root);
    command::run(&mut bench, BENCH_LIMIT, Show::Lines)?;
    Ok(())
}

fn install_llama(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("benches/local/requirements.txt");
    let folder = workspace.own_folder("llama")?;
    let (python, stamp) = (folder.join("bin/python"), folder.join("installed.txt"));
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?
        + BUILD_FLAGS;
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!(
        "compiling llama.cpp into {}",
        workspace.relative(&folder).display()
    );
    let mut venv = Command::new(setup::find_system_python()?);
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    command::run(&mut venv, INSTALL_LIMIT, Show::Nothing)?;
    let fix = workspace.root.join("benches/local/amx.h");
    command::run(
        &mut pip(&python, &requirements, &fix),
        INSTALL_LIMIT,
        Show::Nothing,
    )?;
    fs::write(&stamp, wanted).context("cannot note what was installed")?;
    Ok(python)
}

/// From source only: what is compiled elsewhere leaves out what this machine can do.
fn pip(python: &Path, requirements: &Path, fix: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args([
            "--no-cache-dir",
            "--no-binary",
            "llama-cpp-python",
            "--requirement",
        ])
        .arg(requirements)
        .env("CMAKE_ARGS", BUILD_FLAGS)
        .env("CXXFLAGS", format!("-include {}", fix.display()));
    pip
}
