//! Plays every fault with the chaos suite, and writes down what callers got: one table to read, one file for programs.

use std::{collections::BTreeMap, fmt::Write as _, fs, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{
    command::{self, Show},
    steps::Need,
    workspace::{self, Workspace},
};

const LIMIT: Duration = Duration::from_hours(2);
/// The crowd whose figures stand in the table; the others are in the JSON file.
const CROWD: usize = 32;

/// One cell, as the chaos suite writes it.
#[derive(Debug, Deserialize, Serialize)]
struct Cell {
    fault: String,
    face: String,
    callers: usize,
    calls: usize,
    ends: BTreeMap<String, usize>,
    median_ms: u64,
    p99_ms: u64,
    requests_upstream: u64,
    attempts: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_ms: Option<u64>,
}

#[derive(Serialize)]
struct Report {
    commit: String,
    cpus: usize,
    seed: String,
    method: &'static str,
    cells: Vec<Cell>,
}

const METHOD: &str = "The real program against a fake Azure over real sockets on one machine, one fault at a time, a fresh server for \
each cell; every caller makes one call, all within 50 ms. Waits of the server: connecting 1 s, first byte 3 s, between bytes 3 s; \
everything else is the default. The fallback is the bundled model with four slots. Times are those the callers saw.";

/// Writes the report.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    Need::Programs.provide(workspace)?;
    let lines = workspace.root.join("target/failover-report.jsonl");
    if lines.exists() {
        fs::remove_file(&lines).context("the last report is in the way")?;
    }
    let seed = commit_time(workspace)?;
    let mut tests = workspace::cargo();
    tests.args(["test", "--release", "--workspace", "--locked", "--test", "chaos"]);
    tests.args(["--", "--test-threads", "1", "matrix::every", "flapping::"]);
    tests.env("CHAOS_REPORT", &lines).env("CHAOS_PARALLEL", "1");
    tests.env("CHAOS_SEED", &seed).env("CHAOS_FLAP_SECONDS", "60");
    tests.current_dir(&workspace.root);
    command::run(&mut tests, LIMIT, Show::Lines)?;

    let text = fs::read_to_string(&lines).context("the chaos suite wrote no report")?;
    let cells: Vec<Cell> = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("this is no cell: {line}")))
        .collect::<Result<_>>()?;
    ensure!(!cells.is_empty(), "the chaos suite wrote an empty report");
    let report = Report {
        commit: git(workspace, &["rev-parse", "--short", "HEAD"])?,
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        seed,
        method: METHOD,
        cells,
    };
    let docs = workspace.root.join("docs");
    fs::write(
        docs.join("failover-report.json"),
        serde_json::to_string_pretty(&report)? + "\n",
    )?;
    fs::write(docs.join("failover-report.md"), write_table(&report)?)?;
    println!("written: docs/failover-report.md and docs/failover-report.json");
    Ok(())
}

/// The same commit gives the same run.
fn commit_time(workspace: &Workspace) -> Result<String> {
    git(workspace, &["log", "-1", "--format=%ct"])
}

fn git(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(&workspace.root);
    let lines = command::run(&mut git, Duration::from_secs(10), Show::Nothing)?;
    lines.into_iter().next().context("git said nothing")
}

fn write_table(report: &Report) -> Result<String> {
    let mut text = String::from("# Failover report\n\n");
    writeln!(
        text,
        "What callers get under each fault of Azure OpenAI. Written by `cargo xtask failover-report` at {}, on {} CPUs, seed {}.",
        report.commit, report.cpus, report.seed
    )?;
    writeln!(text, "\n{}\n", report.method)?;
    writeln!(
        text,
        "Figures of `tools/call` with {CROWD} callers at once; one caller, crowds of 256 and both forms of `/v1` are in"
    )?;
    writeln!(
        text,
        "[failover-report.json](failover-report.json). *Recovery* is the time from the end of the fault to the first answer of Azure;"
    )?;
    writeln!(
        text,
        "\"none within 36 s\" stands where a longer pause was told or is kept on purpose.\n"
    )?;
    writeln!(
        text,
        "| fault | callers got | median | p99 | attempts: Azure, local | recovery |\n|---|---|---|---|---|---|"
    )?;
    for cell in report
        .cells
        .iter()
        .filter(|cell| cell.face == "tools/call" && cell.callers == CROWD)
    {
        let attempts = |backend: &str| cell.attempts.get(backend).copied().unwrap_or(0);
        writeln!(
            text,
            "| {} | {} | {} ms | {} ms | {}, {} | {} |",
            cell.fault,
            ends(cell),
            cell.median_ms,
            cell.p99_ms,
            attempts("azure"),
            attempts("local"),
            recovery(cell),
        )?;
    }
    let calls: usize = report.cells.iter().map(|cell| cell.calls).sum();
    writeln!(
        text,
        "\n{} cells, {calls} calls in all; each ended with a complete answer or a documented error.",
        report.cells.len()
    )?;
    write_long_runs(report, &mut text)?;
    Ok(text)
}

/// Runs that are no cells of the matrix: callers who call again and again.
fn write_long_runs(report: &Report, text: &mut String) -> Result<()> {
    writeln!(
        text,
        "\n## Long runs\n\nSixteen callers, each calling again as soon as it is answered.\n"
    )?;
    writeln!(
        text,
        "| run | calls | callers got | median | p99 | requests upstream | recovery |\n|---|---|---|---|---|---|---|"
    )?;
    for cell in report.cells.iter().filter(|cell| cell.calls > cell.callers) {
        writeln!(
            text,
            "| {} | {} | {} | {} ms | {} ms | {} | {} |",
            cell.fault,
            cell.calls,
            ends(cell),
            cell.median_ms,
            cell.p99_ms,
            cell.requests_upstream,
            recovery(cell),
        )?;
    }
    Ok(())
}

fn ends(cell: &Cell) -> String {
    let ends = cell.ends.iter().map(|(end, count)| format!("{count} {end}"));
    ends.collect::<Vec<_>>().join(", ")
}

fn recovery(cell: &Cell) -> String {
    match cell.recovery_ms {
        Some(ms) => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        None if cell.ends.keys().any(|end| end.starts_with("local")) && cell.calls == cell.callers => {
            "none within 36 s".to_owned()
        }
        None => "-".to_owned(),
    }
}
