//! The official MCP conformance suite, run against our server with the suite's fixtures built in.
//!
//! Both frozen requirement sets, all their scenarios, scored or not. No failure is expected, so there is no
//! list of expected failures. A set that ran fewer scenarios than it has, or a scenario that checked nothing,
//! is a failure too.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    command::{self, Show},
    server::McpServer,
    setup,
    tally::Tally,
    workspace::Workspace,
};

/// The frozen sets of `@modelcontextprotocol/conformance`, with the scenarios and the checks that pass in each. Fewer
/// of either is a run that left something out. (A server that answers with an event stream where ours answers with
/// JSON passes one check more of 2026-07-28, which the suite calls optional.)
const REQUIREMENTS: [Requirements; 2] = [
    Requirements {
        revision: "2025-11-25",
        scenarios: 33,
        checks: 83,
    },
    Requirements {
        revision: "2026-07-28",
        scenarios: 50,
        checks: 196,
    },
];

/// Scenarios that this version of the suite runs without checking anything: it waits for a rewrite of its own.
const EMPTY_IN_THE_SUITE: [&str; 1] = ["tasks-status-notifications"];

struct Requirements {
    revision: &'static str,
    scenarios: usize,
    checks: u32,
}

const BUILD_LIMIT: Duration = Duration::from_mins(40);
const RUN_LIMIT: Duration = Duration::from_mins(10);
const RUNNER: &str = "@modelcontextprotocol/conformance/dist/index.js";

/// Builds the server with the fixtures, and puts it aside: the plain build has the same name.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    workspace.cargo(
        &[
            "build",
            "--release",
            "--locked",
            "--features",
            "mcp-server/conformance",
        ],
        BUILD_LIMIT,
    )?;
    let aside = binary(workspace)?;
    // Removed first: a program that still runs cannot be written to.
    if aside.exists() {
        fs::remove_file(&aside).with_context(|| format!("cannot remove {}", aside.display()))?;
    }
    fs::copy(workspace.binary("mcp-server"), &aside).context("cannot put the conformance server aside")?;
    Ok(())
}

fn binary(workspace: &Workspace) -> Result<PathBuf> {
    Ok(workspace.own_folder("conformance")?.join("mcp-server"))
}

/// Runs both requirement sets.
pub(crate) fn run(workspace: &Workspace) -> Result<Tally> {
    let tools = setup::client_tools(workspace)?;
    let mut sum = Tally::default();
    for set in &REQUIREMENTS {
        // A server of its own each, so that nothing is left over from the other.
        let server = McpServer::start(workspace, "conformance", &binary(workspace)?, &[])?;
        let output = workspace.own_folder("conformance")?.join(set.revision);
        if output.exists() {
            fs::remove_dir_all(&output).with_context(|| format!("cannot clear {}", output.display()))?;
        }
        let mut runner = Command::new(&tools.node);
        runner
            .arg(tools.script(RUNNER))
            .args(["server", "--url", &server.url()]);
        runner
            .args(["--requirements", set.revision, "--output-dir"])
            .arg(&output);
        let ended = command::run_to_end(&mut runner, RUN_LIMIT, Show::Nothing)?;
        let results = read_results(&output)?;
        let tally = judge(set, &results);
        if tally.failed > 0 || !ended.success {
            println!("{}", command::tail(&ended.lines));
            println!("the server printed last:\n{}", server.running.last_lines());
            ensure!(tally.failed > 0, "the runner failed although every check passed");
        }
        sum = sum + tally;
    }
    Ok(sum)
}

/// The checks of each scenario.
type Results = BTreeMap<String, Vec<Value>>;

/// Reads `OUTPUT/server-SCENARIO-TIME/checks.json`.
fn read_results(output: &Path) -> Result<Results> {
    let mut results = Results::new();
    let entries =
        fs::read_dir(output).with_context(|| format!("the runner wrote nothing to {}", output.display()))?;
    for entry in entries {
        let folder = entry?;
        let name = folder.file_name().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(folder.path().join("checks.json")) else {
            bail!("the scenario {name} has no checks.json: it did not end");
        };
        let checks: Vec<Value> =
            serde_json::from_str(&text).with_context(|| format!("{name}/checks.json"))?;
        results.insert(scenario_of(&name).to_owned(), checks);
    }
    Ok(results)
}

/// `server-tools-list-2026-11-23T09-10-11-123Z` is a run of `tools-list`.
fn scenario_of(folder: &str) -> &str {
    const TIME: &str = "-2026-11-23T09-10-11-123Z";
    let named = folder.strip_prefix("server-").unwrap_or(folder);
    let end = named.len().saturating_sub(TIME.len());
    if named.is_char_boundary(end) {
        &named[..end]
    } else {
        named
    }
}

/// Counts the checks of a set, prints what failed, and refuses a run that is too small.
fn judge(set: &Requirements, results: &Results) -> Tally {
    let mut tally = Tally::default();
    let mut fail = |scenario: &str, what: &str| {
        println!("{} {scenario}: {what}", set.revision);
        tally.failed += 1;
    };
    let mut passed = 0;
    for (scenario, checks) in results {
        let before = passed;
        for check in checks {
            match check["status"].as_str() {
                Some("SUCCESS") => passed += 1,
                Some("FAILURE") => fail(
                    scenario,
                    &format!("{} failed: {}", check["name"], check["errorMessage"]),
                ),
                // Warnings and information are the suite's own, and count neither way.
                _ => {}
            }
        }
        if passed == before && !EMPTY_IN_THE_SUITE.contains(&scenario.as_str()) {
            fail(scenario, "not one check passed");
        }
    }
    if results.len() < set.scenarios {
        fail(
            "all",
            &format!(
                "{} scenarios ran, and the set has {}",
                results.len(),
                set.scenarios
            ),
        );
    }
    if passed < set.checks {
        fail(
            "all",
            &format!("{passed} checks passed, and the set has {}", set.checks),
        );
    }
    tally.passed = passed;
    println!(
        "{}: {} scenarios, {passed} checks passed, {} failed",
        set.revision,
        results.len(),
        tally.failed
    );
    tally
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SMALL: Requirements = Requirements {
        revision: "2026-07-28",
        scenarios: 2,
        checks: 3,
    };

    fn results(one: &Value, other: &Value) -> Results {
        let checks = |value: &Value| value.as_array().unwrap().clone();
        Results::from([
            ("one".to_owned(), checks(one)),
            ("other".to_owned(), checks(other)),
        ])
    }

    #[test]
    fn results_are_judged() {
        let good = json!([{"status": "SUCCESS"}, {"status": "INFO"}]);
        let two = json!([{"status": "SUCCESS"}, {"status": "SUCCESS"}]);
        let bad = json!([{"status": "SUCCESS"}, {"status": "SUCCESS"}, {"status": "FAILURE", "name": "x"}]);
        for (one, other, failed) in [
            (&good, &two, 0),
            (&good, &bad, 1),
            // Too few checks.
            (&good, &good, 1),
            // A scenario that checked nothing.
            (
                &json!([{"status": "INFO"}]),
                &json!([{"status": "SUCCESS"}, {"status": "SUCCESS"}, {"status": "SUCCESS"}]),
                1,
            ),
        ] {
            assert_eq!(
                judge(&SMALL, &results(one, other)).failed,
                failed,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn a_missing_scenario_is_a_failure() {
        let three = json!([{"status": "SUCCESS"}, {"status": "SUCCESS"}, {"status": "SUCCESS"}]);
        let results = Results::from([("one".to_owned(), three.as_array().unwrap().clone())]);
        assert_eq!(judge(&SMALL, &results).failed, 1);
    }

    #[test]
    fn scenarios_are_named_by_their_folders() {
        assert_eq!(
            scenario_of("server-tools-call-error-2026-11-23T09-10-11-123Z"),
            "tools-call-error"
        );
        assert_eq!(scenario_of("odd"), "");
    }
}
