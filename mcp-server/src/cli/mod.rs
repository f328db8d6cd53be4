//! The command line: one file a subcommand.
//!
//! Everything that a command prints for scripts goes to standard output; everything else, logs and
//! progress included, to standard error. Here, and nowhere below, the environment is read.

mod backends;
mod chat;
mod completions;
mod config;
mod credential;
mod doctor;
mod models;
mod output;
mod serve;
mod signals;
mod stdio;
mod store;
mod tenant;
mod tools;

use std::{collections::BTreeMap, num::NonZero, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::{
    backends::BuildError,
    config::{Config, Invalid, Loaded, Setting, Sources, find_file, load},
    telemetry::{Telemetry, logs},
};
use output::Style;

const EXAMPLES: &str = "\
Examples:
  mcp-server                                  serve MCP on 127.0.0.1:8080 with the bundled model
  mcp-server chat \"Where do I see open orders?\"
  mcp-server tools call summarize_text --arg text=@mail.txt
  mcp-server --listen 127.0.0.1:9000 --set queue.capacity=512

Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration, 3 credential refused, 4 cannot connect.";

/// Answers MCP tool calls with Azure OpenAI, and with a model in this process when Azure cannot.
#[derive(Debug, Parser)]
#[command(name = "mcp-server", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// How many threads answer calls.
    ///
    /// A call takes less than a tenth of a millisecond of one thread. Where several share the calls it takes a third more: they
    /// wake each other at every step, and find what another one has written in no cache of theirs.
    pub fn threads(&self) -> usize {
        let half = || ::models::threads::recommended() / 2;
        self.global.threads.map_or_else(half, NonZero::get).max(1)
    }
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Configuration")]
pub struct Global {
    /// Configuration file; else `MCP_SERVER_CONFIG`, else `mcp-server.toml` where it exists
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Sets one key of the configuration, for example queue.capacity=512; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = parse_setting)]
    set: Vec<(String, String)>,
    /// Where MCP is served, as ip:port (key `server.listen`)
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where metrics are served, as ip:port (key `server.metrics_listen`)
    #[arg(long, global = true, value_name = "ADDRESS")]
    metrics_listen: Option<String>,
    /// What is logged to standard error, for example info,inference=debug; else `RUST_LOG`
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// Threads that answer calls; else one for every two processors
    #[arg(long, global = true, value_name = "COUNT", env = "TOKIO_WORKER_THREADS")]
    threads: Option<NonZero<usize>>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP over HTTP (the default)
    #[command(after_help = serve::EXAMPLES)]
    Serve,
    /// Serve MCP on standard input and output
    #[command(after_help = stdio::EXAMPLES)]
    Stdio,
    /// Ask the assistant in the terminal
    #[command(after_help = chat::EXAMPLES)]
    Chat(chat::Arguments),
    /// List or call tools, in this process or on a running server
    #[command(subcommand, after_help = tools::EXAMPLES)]
    Tools(tools::Command),
    /// List, show, download, verify or remove local models
    #[command(subcommand, after_help = models::EXAMPLES)]
    Models(models::Command),
    /// Show the backends of a running server, or take them in and out of service
    #[command(subcommand, after_help = backends::EXAMPLES)]
    Backends(backends::Command),
    /// API keys of tenants; what tenants used and what it cost; erasure of callers' names
    #[command(subcommand, after_help = tenant::EXAMPLES)]
    Tenant(tenant::Command),
    /// Prepare the database of the ledger
    #[command(subcommand, after_help = store::EXAMPLES)]
    Store(store::Command),
    /// Check everything that a server needs, and say how to fix what is wrong
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Arguments),
    /// Write, show or check the configuration
    #[command(subcommand, after_help = config::EXAMPLES)]
    Config(config::Command),
    /// Print a completion script for a shell
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Arguments),
}

fn parse_setting(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write KEY=VALUE, for example queue.capacity=512".to_owned()),
    }
}

/// How a command ends when it does not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Failed = 1,
    Usage = 2,
    Refused = 3,
    CannotConnect = 4,
}

/// Why a command did not do what it was asked: what is said, and how the process ends.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::usage(invalid.to_string())
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::usage(error.to_string())
    }
}

type Result<T = ()> = std::result::Result<T, Failure>;

/// The environment as it was at the start.
type Environment = BTreeMap<String, String>;

/// What every command starts from.
struct Start {
    global: Global,
    environment: Environment,
    style: Style,
}

impl Start {
    /// Where settings come from: file, environment, flags.
    fn sources(&self) -> Sources {
        let mut flags: Vec<Setting> = self
            .global
            .set
            .iter()
            .map(|(key, value)| Setting {
                key: key.clone(),
                value: value.clone(),
                flag: "--set".to_owned(),
            })
            .collect();
        for (key, value, flag) in [
            ("server.listen", &self.global.listen, "--listen"),
            (
                "server.metrics_listen",
                &self.global.metrics_listen,
                "--metrics-listen",
            ),
        ] {
            let setting = |value: &String| Setting {
                key: key.to_owned(),
                value: value.clone(),
                flag: flag.to_owned(),
            };
            flags.extend(value.as_ref().map(setting));
        }
        Sources {
            file: find_file(self.global.config.clone(), &self.environment),
            environment: self.environment.clone(),
            flags,
        }
    }

    fn load(&self) -> Result<Loaded> {
        Ok(load(&self.sources())?)
    }

    fn config(&self) -> Result<Config> {
        Ok(self.load()?.config)
    }

    /// Starts logging; `default` is what a command logs unless told otherwise.
    fn log(&self, default: &str) -> Result {
        let filter = self.log_filter(default);
        logs::start(filter, self.style.errors_in_colour(), None).map_err(Failure::usage)
    }

    /// Starts logging, and whatever else the configuration says of telemetry.
    fn telemetry(&self, default: &str, config: &Config) -> Result<Telemetry> {
        let (filter, colour) = (self.log_filter(default), self.style.errors_in_colour());
        Telemetry::start(filter, colour, config.telemetry.as_ref()).map_err(Failure::usage)
    }

    fn log_filter<'s>(&'s self, default: &'s str) -> &'s str {
        let variable = self
            .environment
            .get("RUST_LOG")
            .filter(|filter| !filter.is_empty());
        self.global
            .log
            .as_ref()
            .or(variable)
            .map_or(default, String::as_str)
    }
}

/// Carries out one command line; the process ends with the code returned.
///
/// Must run inside a multi-threaded runtime.
pub async fn run(cli: Cli, environment: BTreeMap<String, String>) -> ExitCode {
    let style = Style::new(&environment);
    let start = Start {
        global: cli.global,
        environment,
        style,
    };
    let result = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&start).await,
        Command::Stdio => stdio::run(&start).await,
        Command::Chat(arguments) => chat::run(&start, arguments).await,
        Command::Tools(command) => tools::run(&start, command).await,
        Command::Models(command) => models::run(&start, command).await,
        Command::Backends(command) => backends::run(&start, command).await,
        Command::Tenant(command) => tenant::run(&start, command).await,
        Command::Store(command) => store::run(&start, command).await,
        Command::Doctor(arguments) => doctor::run(&start, arguments).await,
        Command::Config(command) => config::run(&start, &command),
        Command::Completions(arguments) => completions::run(arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::error_line(&format!("{} {}", start.style.error("error:"), failure.message));
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

#[cfg(test)]
mod tests;
