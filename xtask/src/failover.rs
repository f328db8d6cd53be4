//! Shows the failover on one machine: a fake Azure OpenAI that is up, stopped, and up again, and a server
//! whose answers say each time who gave them.

use std::{
    net::SocketAddr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    command::{self, Show},
    server::{McpServer, Running, clean_command, free_address},
    steps::Need,
    workspace::Workspace,
};

const KEY: &str = "demo-key";
const DEPLOYMENT: &str = "gpt-4.1-mini";
const TICKET: &str = "My order 4711 has not arrived. It should have been here on Monday.";
const CALL_LIMIT: Duration = Duration::from_mins(1);

/// How long the breaker may take to notice that Azure is back.
const RECOVERY_LIMIT: Duration = Duration::from_secs(45);

/// Between two looks whether it has.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the demonstration; fails when an answer does not come from where it should.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    Need::Programs.provide(workspace)?;
    let azure_address = free_address()?;
    let azure = start_azure(workspace, azure_address)?;
    let endpoint = format!("http://{azure_address}");
    let environment = [
        ("AZURE_OPENAI_ENDPOINT", endpoint.as_str()),
        ("AZURE_OPENAI_DEPLOYMENT", DEPLOYMENT),
        ("AZURE_OPENAI_API_KEY", KEY),
    ];
    let server = McpServer::start(workspace, "demo", &workspace.binary("mcp-server"), &environment)?;
    println!("\nfake Azure on {endpoint}, the server on {}", server.url());

    println!("\n1. Azure is up.");
    let first = call(workspace, &server)?;
    ensure!(
        !first.degraded,
        "Azure is up, and still {} answered",
        first.backend
    );

    println!(
        "\n2. Azure is stopped. The same call goes on, and says so; after five failures the breaker opens,"
    );
    println!("   and Azure is no longer asked.");
    drop(azure);
    for _ in 0..7 {
        let answer = call(workspace, &server)?;
        ensure!(
            answer.degraded,
            "Azure is stopped, and still {} answered",
            answer.backend
        );
    }

    println!("\n3. Azure is back. One trial goes through; when it succeeds, the breaker closes.");
    let _azure = start_azure(workspace, azure_address)?;
    let back = Instant::now();
    loop {
        let answer = call(workspace, &server)?;
        if !answer.degraded {
            println!(
                "\nAzure answers again {:.1} s after its return. No call failed.",
                back.elapsed().as_secs_f32()
            );
            return Ok(());
        }
        if back.elapsed() > RECOVERY_LIMIT {
            bail!(
                "Azure is back for {} s, and still {} answers",
                RECOVERY_LIMIT.as_secs(),
                answer.backend
            );
        }
        thread::sleep(PAUSE);
    }
}

fn start_azure(workspace: &Workspace, address: SocketAddr) -> Result<Running> {
    let mut command = Command::new(workspace.binary("fake-azure"));
    command.args([
        "--listen",
        &address.to_string(),
        "--deployment",
        DEPLOYMENT,
        "--api-key",
        KEY,
    ]);
    let mut azure = Running::start(workspace, "fake-azure", &mut command)?;
    azure.wait_until_ready(address, "/__control/stats")?;
    Ok(azure)
}

/// Who gave an answer.
struct Answer {
    backend: String,
    degraded: bool,
}

/// Calls a tool as a person would, and prints who answered.
fn call(workspace: &Workspace, server: &McpServer) -> Result<Answer> {
    let mut tool = clean_command(&workspace.binary("mcp-server"));
    tool.args([
        "tools",
        "call",
        "classify_ticket",
        "--json",
        "--url",
        &server.url(),
    ]);
    tool.arg("--arg").arg(format!("text={TICKET}"));
    let lines = command::run(&mut tool, CALL_LIMIT, Show::Nothing)?;
    let text = lines.join("\n");
    let result: Value = serde_json::from_str(&text).with_context(|| format!("this is no JSON: {text}"))?;
    let facts = &result["_meta"]["com.b2xgate/answer"];
    let backend = facts["backend"]
        .as_str()
        .with_context(|| format!("who answered? {result}"))?
        .to_owned();
    let degraded = facts["degraded"]
        .as_bool()
        .context("the answer does not say whether it is degraded")?;
    let reason = facts["reason"]
        .as_str()
        .map(|reason| format!("  reason {reason}"))
        .unwrap_or_default();
    println!(
        "   backend {backend:<8}  degraded {degraded:<5}  {:>5} ms{reason}",
        facts["duration_ms"].as_u64().unwrap_or_default()
    );
    Ok(Answer { backend, degraded })
}
