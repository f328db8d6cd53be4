//! The program: reads the command line and the environment, and hands over to the command.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use mcp_server::cli::{self, Cli};

/// A call allocates a few hundred times, and the system's allocator took a sixth of its processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A blocked read of standard input or a model in the middle of loading must not hold up the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a second cryptography provider"))
        .context("cannot set up TLS")?;
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cli.threads())
        .build()
        .context("cannot start the runtime")?;
    let code = runtime.block_on(cli::run(cli, environment));
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    Ok(code)
}
