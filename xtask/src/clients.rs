//! Real clients against the program that ships, on the model that ships with it.
//!
//! Each MCP client runs over HTTP and over stdio, and in each era of the protocol that it knows; OpenAI's own
//! client calls the chat completions API. What they check is in `tests/clients`; the Inspector has no script of
//! ours, so its answers are looked at here.

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
/// How a message begins when the Inspector ended with an error, as it does when a tool did.
const REFUSED: &str = "the Inspector ended with an error";

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
    let folder = workspace.own_folder("empty")?;
    let python = workspace.root.join("tests/clients/python_client.py");
    let typescript = tools.node_folder.join("typescript_client.mjs");
    let mut sum = run_openai(workspace, &tools, &folder, &server)?;
    for target in [Target::Http(server.url()), Target::Stdio(program)] {
        let visit = |era| Visit {
            tools: &tools,
            folder: &folder,
            target: &target,
            era,
        };
        for era in ["legacy", "auto"] {
            sum = sum + visit(era).run_script("python", &tools.python, &python)?;
            sum = sum + visit(era).run_script("typescript", &tools.node, &typescript)?;
        }
        for era in ["legacy", "auto", "modern"] {
            sum = sum + visit(era).inspect();
        }
    }
    Ok(sum)
}

/// Runs OpenAI's own client.
fn run_openai(
    workspace: &Workspace,
    tools: &ClientTools,
    folder: &Path,
    server: &McpServer,
) -> Result<Tally> {
    let mut command = clean_command(&tools.python);
    command
        .current_dir(folder)
        .arg(workspace.root.join("tests/clients/openai_client.py"))
        .arg(format!("http://{}/v1", server.address));
    count_checks("openai", &mut command)
}

/// Runs one of our scripts and counts what it found right.
fn count_checks(name: &str, command: &mut Command) -> Result<Tally> {
    let ended = command::run_to_end(command, CLIENT_LIMIT, Show::Nothing)?;
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

/// One client calls on the server in one way.
struct Visit<'a> {
    tools: &'a ClientTools,
    /// Where clients run: a folder without any configuration.
    folder: &'a Path,
    target: &'a Target,
    era: &'a str,
}

impl Visit<'_> {
    fn name(&self, client: &str) -> String {
        format!("{client} {} {}", self.target.name(), self.era)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = clean_command(program);
        // Clients hand HOME on to a server that they start, and little else: its ledger stays here.
        command.current_dir(self.folder).env("HOME", self.folder);
        command
    }

    /// Runs one of our scripts.
    fn run_script(&self, client: &str, interpreter: &Path, script: &Path) -> Result<Tally> {
        let mut command = self.command(interpreter);
        command
            .arg(script)
            .arg(self.era)
            .args(self.target.script_arguments());
        count_checks(&self.name(client), &mut command)
    }

    /// Asks the server one thing with the Inspector's command line.
    fn ask_inspector(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = self.command(&self.tools.node);
        command.arg(self.tools.script(INSPECTOR)).arg("--cli");
        match self.target {
            Target::Http(url) => command.args([url, "--transport", "http"]),
            Target::Stdio(program) => command.args([program, "stdio", "--transport", "stdio"]),
        };
        command
            .args(["--protocol-era", self.era, "--format", "json", "--quiet"])
            .args(arguments);
        let ended = command::run_to_end(&mut command, CLIENT_LIMIT, Show::Nothing)?;
        let text = ended.lines.join("\n");
        ensure!(ended.success, "{REFUSED}: {text}");
        let json = text
            .find('{')
            .map(|start| &text[start..])
            .context("no JSON was printed")?;
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        let mut value = values.next().context("no JSON was printed")??;
        Ok(value["result"].take())
    }

    /// Lists the tools and calls some with the Inspector.
    fn inspect(&self) -> Tally {
        let name = self.name("inspector");
        let ask = |arguments: &[&str]| self.ask_inspector(arguments);
        let call = |tool, json| {
            ask(&[
                "--method",
                "tools/call",
                "--tool-name",
                tool,
                "--tool-args-json",
                json,
            ])
        };
        let checks: [(&str, &dyn Fn() -> Result<()>); 4] = [
            ("tools are listed, and portable", &|| {
                let listed = ask(&["--method", "tools/list", "--strict"])?;
                let count = listed["tools"].as_array().map_or(0, Vec::len);
                ensure!(count >= 6, "{count} tools are listed: {listed}");
                Ok(())
            }),
            ("a model answers and says who it is", &|| {
                let text = r#"{"text": "My order 4711 has not arrived. Please send it at once."}"#;
                let result = call("classify_ticket", text)?;
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
                let result = call("server_status", "{}")?;
                ensure!(result["structuredContent"].is_object(), "no status: {result}");
                Ok(())
            }),
            (
                "a wrong argument is named",
                &|| match call("classify_ticket", "{}") {
                    Ok(result) => bail!("it was accepted: {result}"),
                    Err(error) => {
                        let error = format!("{error:#}");
                        ensure!(
                            error.contains("`text`") && error.contains(REFUSED),
                            "it is not named: {error}"
                        );
                        Ok(())
                    }
                },
            ),
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
}
