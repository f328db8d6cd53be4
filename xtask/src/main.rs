//! Set-up and checks of this repository: `cargo xtask test` runs everything that has to hold.

mod clients;
mod collector;
mod command;
mod conformance;
mod dashboards;
mod dependencies;
mod deploy;
mod failover;
mod failover_report;
mod infrastructure;
mod loadtest;
mod local;
mod peers;
mod runner;
mod sbom;
mod server;
mod setup;
mod steps;
mod tally;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::workspace::Workspace;

/// Set-up and checks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch what is missing, then run every check
    Test(TestArguments),
    /// Show the failover: calls while fake Azure is up, stopped, and up again
    DemoFailover,
    /// Play every fault and write down what callers got: docs/failover-report.md and .json (about an hour)
    FailoverReport,
    /// Write the Grafana dashboards from their tables: deploy/observability/grafana/dashboards
    Dashboards,
    /// Load, simulate, or show autoscaling live: `cargo xtask loadtest run|simulate|autoscale`, then --help
    Loadtest {
        /// Handed to mcp-loadtest as they are
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write the bill of materials of the program that ships, in `CycloneDX`'s format
    Sbom {
        /// Where to
        #[arg(long, value_name = "FILE", default_value = "mcp-server.cdx.json")]
        output: std::path::PathBuf,
        /// For which kind of machines; x86_64-unknown-linux-gnu unless given
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
    },
    /// Compare what a call costs here, in other gateways and in a bare rmcp server, side by side
    BenchPeers,
    /// Compare the local engine with llama.cpp, side by side: speed and memory
    BenchLocal(local::LocalArguments),
}

/// Which checks to run.
#[derive(Args)]
struct TestArguments {
    /// Run these steps only
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave these steps out; refused in CI
    #[arg(long, value_name = "STEP", value_delimiter = ',', conflicts_with = "only")]
    skip: Vec<String>,
    /// Go on after a failure; always so in CI
    #[arg(long)]
    keep_going: bool,
    /// List the steps, and run none
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Workspace::find().and_then(|workspace| match arguments.task {
        Task::Test(TestArguments { list: true, .. }) => {
            runner::list();
            Ok(true)
        }
        Task::Test(TestArguments {
            only,
            skip,
            keep_going,
            ..
        }) => {
            let selection = runner::Selection {
                only,
                skip,
                keep_going,
            };
            runner::run(&workspace, &selection)
        }
        Task::DemoFailover => failover::run(&workspace).map(|()| true),
        Task::Dashboards => dashboards::write(&workspace).map(|()| true),
        Task::Loadtest { arguments } => loadtest::run(&workspace, &arguments),
        Task::Sbom { output, target } => sbom::write(&workspace, &output, target.as_deref()).map(|()| true),
        Task::BenchPeers => peers::run(&workspace).map(|()| true),
        Task::BenchLocal(arguments) => local::run(&workspace, &arguments).map(|()| true),
        Task::FailoverReport => failover_report::run(&workspace).map(|()| true),
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
