//! The released program with the model that ships: how soon it is ready, and how soon a first token comes.

use std::{
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{http_client, server_under_test::command};

use crate::{Result, report::median};

/// As the tool `ask_assistant` asks.
const INSTRUCTION: &str = include_str!("../../mcp-server/src/tools/prompts/ask_assistant.txt");
const START_LIMIT: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// Of each started program.
const CALLS: usize = 20;

/// Starts it so many times; says what that came to.
pub(crate) fn measure(rounds: usize) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut ready, mut first, mut later) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (start, calls) = runtime.block_on(one_start())?;
        eprintln!(
            "  {}: ready after {start:?}, first tokens after {calls:?}",
            round + 1
        );
        ready.push(milliseconds(start));
        first.push(milliseconds(calls[0]));
        later.extend(calls[1..].iter().copied().map(milliseconds));
    }
    let most = later.iter().copied().fold(0.0, f64::max);
    Ok(format!(
        "Program: ready {:.0} ms after its start; first token {:.1} ms after the first call, {:.1} ms after later ones \
         (at most {most:.1} ms).",
        median(&ready),
        median(&first),
        median(&later)
    ))
}

/// From the start of the process until it is ready, and from each call to its first token.
async fn one_start() -> Result<(Duration, Vec<Duration>)> {
    let folder = tempfile::tempdir()?;
    let address = free_address()?;
    let mut command = command(folder.path());
    command
        .env("MCP_SERVER__SERVER__LISTEN", &address)
        .env("MCP_SERVER__SERVER__METRICS_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let client = http_client();
    let started = Instant::now();
    let mut process = command.spawn()?;
    loop {
        let answer = client.get(format!("http://{address}/health/ready")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        if started.elapsed() > START_LIMIT || process.try_wait()?.is_some() {
            return Err("the program does not become ready".into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let ready = started.elapsed();
    let mut first_tokens = Vec::new();
    for call in 0..CALLS {
        first_tokens.push(first_token(&client, &address, call).await?);
    }
    process.kill().await?;
    Ok((ready, first_tokens))
}

/// An address of this machine that nobody listens on.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

async fn first_token(client: &reqwest::Client, address: &str, call: usize) -> Result<Duration> {
    let body = json!({"model": "default", "stream": true, "max_tokens": 16, "messages": [
        {"role": "system", "content": INSTRUCTION.trim_end()},
        {"role": "user", "content": format!("What does the status of order {} mean?", 4711 + call)},
    ]});
    let called = Instant::now();
    let mut answer = client
        .post(format!("http://{address}/v1/chat/completions"))
        .json(&body)
        .send()
        .await?
        .error_for_status()?;
    let mut text = String::new();
    let mut first = None;
    while let Some(bytes) = answer.chunk().await? {
        text.push_str(&String::from_utf8_lossy(&bytes));
        if first.is_none() && text.lines().any(has_content) {
            first = Some(called.elapsed());
        }
    }
    first.ok_or_else(|| format!("no token in {text}").into())
}

/// Whether a line of the stream carries text.
fn has_content(line: &str) -> bool {
    let chunk = line
        .strip_prefix("data: ")
        .and_then(|data| serde_json::from_str::<Value>(data).ok());
    chunk.is_some_and(|chunk| {
        let content = chunk["choices"][0]["delta"]["content"].as_str();
        content.is_some_and(|content| !content.is_empty())
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
