//! Real MCP clients against the program that ships, on the model that ships with it.
//!
//! Each client runs over HTTP and over stdio, and in each era of the protocol that it knows. What they check is in
//! `tests/clients`; the Inspector has no script of ours, so its answers are looked at here.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    command::{self, Show},
    server::{McpServer, clean_command},
    setup::{self, ClientTools},
    tally::Tally,
    workspace::Workspace,
};

const CLIENT_LIMIT: Duration = Duration::from_mins(3);
const INSPECTOR: &str = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";
/// The exit code of the Inspector for a tool that answered with an error.
const TOOL_ERROR: &str = "tool error";

/// How a client reaches the server.
enum Target {
    Http(String),
    Stdio(String),
}

impl Target {
    fn name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Stdio(_) => "stdio",
        }
    }

    /// What our client scripts take.
    fn script_arguments(&self) -> Vec<&str> {
        match self {
            Self::Http(url) => vec!["http", url],
            Self::Stdio(program) => vec!["stdio", program, "stdio"],
        }
    }
}

/// Runs every client.
pub(crate) fn run(workspace: &Workspace) -> Result<Tally> {
    let tools = setup::client_tools(workspace)?;
    let binary = workspace.binary("mcp-server");
    let program = binary
        .to_str()
        .context("the path of the workspace is not valid UTF-8")?
        .to_owned();
    let server = McpServer::start(workspace, "clients", &binary, &[])?;
    let mut sum = Tally::default();
    for target in [Target::Http(server.url()), Target::Stdio(program)] {
        for era in ["legacy", "auto"] {
            let python = workspace.root.join("tests/clients/python_client.py");
            sum = sum
                + script(
                    &format!("python {} {era}", target.name()),
                    &tools.python,
                    &python,
                    era,
                    &target,
                )?;
            let typescript = tools.node_folder.join("typescript_client.mjs");
            sum = sum
                + script(
                    &format!("typescript {} {era}", target.name()),
                    &tools.node,
                    &typescript,
                    era,
                    &target,
                )?;
        }
        for era in ["legacy", "auto", "modern"] {
            sum = sum + inspect(&tools, era, &target);
        }
    }
    Ok(sum)
}

/// Runs one of our scripts and counts what it found right.
fn script(name: &str, interpreter: &Path, script: &Path, era: &str, target: &Target) -> Result<Tally> {
    let mut client = clean_command(interpreter);
    client.arg(script).arg(era).args(target.script_arguments());
    let ended = command::run_to_end(&mut client, CLIENT_LIMIT, Show::Nothing)?;
    let held = ended.lines.iter().filter(|line| line.starts_with("ok ")).count();
    let passed = u32::try_from(held).context("too many checks")?;
    if !ended.success || passed == 0 {
        println!("{name}: FAILED\n{}", command::tail(&ended.lines));
        return Ok(Tally {
            passed,
            ..Tally::one_failed()
        });
    }
    println!("{name}: {passed} checks");
    Ok(Tally {
        passed,
        ..Tally::default()
    })
}

/// Lists the tools and calls two with the Inspector's command line.
fn inspect(tools: &ClientTools, era: &str, target: &Target) -> Tally {
    let name = format!("inspector {} {era}", target.name());
    let ask = |arguments: &[&str]| -> Result<Value> {
        let mut inspector = clean_command(&tools.node);
        inspector.arg(tools.script(INSPECTOR)).arg("--cli");
        match target {
            Target::Http(url) => inspector.args([url, "--transport", "http"]),
            Target::Stdio(program) => inspector.args([program, "stdio", "--transport", "stdio"]),
        };
        inspector
            .args(["--protocol-era", era, "--format", "json", "--quiet"])
            .args(arguments);
        answer(&mut inspector)
    };
    let checks: [(&str, &dyn Fn() -> Result<()>); 4] = [
        ("tools are listed, and portable", &|| {
            let listed = ask(&["--method", "tools/list", "--strict"])?;
            let count = listed["tools"].as_array().map_or(0, Vec::len);
            ensure!(count >= 6, "{count} tools are listed: {listed}");
            Ok(())
        }),
        ("a model answers and says who it is", &|| {
            let arguments = r#"{"text": "My order 4711 has not arrived. Please send it at once."}"#;
            let call = [
                "--method",
                "tools/call",
                "--tool-name",
                "classify_ticket",
                "--tool-args-json",
                arguments,
            ];
            let result = ask(&call)?;
            ensure!(
                result["_meta"]["com.b2xgate/answer"]["backend"] == "local",
                "who answered? {result}"
            );
            ensure!(
                result["structuredContent"]["label"].is_string(),
                "no label: {result}"
            );
            Ok(())
        }),
        ("the status needs no model", &|| {
            let result = ask(&[
                "--method",
                "tools/call",
                "--tool-name",
                "server_status",
                "--tool-args-json",
                "{}",
            ])?;
            ensure!(result["structuredContent"].is_object(), "no status: {result}");
            Ok(())
        }),
        ("a wrong argument is named", &|| {
            let call = [
                "--method",
                "tools/call",
                "--tool-name",
                "classify_ticket",
                "--tool-args-json",
                "{}",
            ];
            match ask(&call) {
                Ok(result) => bail!("it was accepted: {result}"),
                Err(error) => {
                    let error = format!("{error:#}");
                    ensure!(
                        error.contains("text") && error.contains(TOOL_ERROR),
                        "it is not named: {error}"
                    );
                    Ok(())
                }
            }
        }),
    ];
    let mut tally = Tally::default();
    for (what, check) in checks {
        match check() {
            Ok(()) => tally.passed += 1,
            Err(error) => {
                println!("{name}: {what}: FAILED: {error:#}");
                tally.failed += 1;
            }
        }
    }
    println!("{name}: {} checks", tally.passed);
    tally
}

/// Runs the Inspector and reads the JSON that it prints.
fn answer(inspector: &mut Command) -> Result<Value> {
    let ended = command::run_to_end(inspector, CLIENT_LIMIT, Show::Nothing)?;
    let text = ended.lines.join("\n");
    ensure!(ended.success, "{TOOL_ERROR} or worse: {text}");
    let json = text
        .find('{')
        .map(|start| &text[start..])
        .context("no JSON was printed")?;
    serde_json::from_str(json).with_context(|| format!("this is no JSON: {json}"))
}
