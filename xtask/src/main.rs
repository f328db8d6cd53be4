//! Set-up and checks of this repository: `cargo xtask test` runs everything that has to hold.

mod clients;
mod command;
mod conformance;
mod dependencies;
mod deploy;
mod failover;
mod failover_report;
mod infrastructure;
mod local;
mod peers;
mod runner;
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
