//! The command line: one file a subcommand.

mod autoscale;
mod run;
mod simulate;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use benches::traffic::Shape;
use clap::{Args, Parser, Subcommand};

/// Load against the MCP server, a simulator of its autoscalers, and the proof that both agree.
///
/// Exit codes: 0 fine, 1 a condition does not hold or nobody was answered, 2 wrong usage or something is missing.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Call a server on schedule, and say how long its callers waited
    Run(run::RunArguments),
    /// Simulate the deployed HPA and VPA over traffic, outages and lost zones
    Simulate(simulate::SimulateArguments),
    /// Run real servers as pods on this machine, scaled by the HPA's algorithm, and compare with the simulator
    Autoscale(autoscale::AutoscaleArguments),
}

impl Arguments {
    pub(crate) fn run(self) -> Result<bool> {
        match self.task {
            Task::Run(arguments) => arguments.run(),
            Task::Simulate(arguments) => arguments.run(),
            Task::Autoscale(arguments) => arguments.run(),
        }
    }
}

/// Traffic, either described or recorded.
#[derive(Debug, Args)]
#[group(required = false, multiple = false)]
struct Traffic {
    /// constant:RATE, ramp:FROM,TO,OVER, spike:BASE,PEAK,AT,LASTING, day:LOW,HIGH or day:LOW,HIGH,LENGTH; calls a second
    #[arg(long)]
    shape: Option<Shape>,
    /// A recorded trace: a file with lines of `seconds,calls_per_second`, such as `60,12.5`; in between, the rate changes evenly
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

impl Traffic {
    fn shape(&self, usual: &str) -> Result<Shape> {
        match (&self.shape, &self.trace) {
            (Some(shape), _) => Ok(shape.clone()),
            (None, Some(path)) => {
                let text = read(path)?;
                Shape::trace(&text).map_err(|why| anyhow!("--trace {}: {why}", path.display()))
            }
            (None, None) => usual.parse().map_err(|why: String| anyhow!(why)),
        }
    }
}

/// Where reports go beside the terminal.
#[derive(Debug, Args)]
struct Outputs {
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one HTML page that holds its plots
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Outputs {
    /// Fails where a report could not be written in the end.
    fn check(&self) -> Result<()> {
        for (flag, path) in [("--json", &self.json), ("--html", &self.html)] {
            if let Some(path) = path {
                let mut file = std::fs::OpenOptions::new();
                file.append(true)
                    .create(true)
                    .open(path)
                    .with_context(|| format!("{flag} {} cannot be written", path.display()))?;
            }
        }
        Ok(())
    }

    fn write(&self, json: &serde_json::Value, html: impl FnOnce() -> Result<String>) -> Result<()> {
        if let Some(path) = &self.json {
            write(path, &(serde_json::to_string_pretty(json)? + "\n"))?;
        }
        if let Some(path) = &self.html {
            write(path, &html()?)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
