//! What a call costs here and elsewhere, side by side: processor time of the gateway, and what its callers wait.
//!
//! ```console
//! $ cargo xtask bench-peers
//! ```
//!
//! which installs the peers and names them to this program; one that is not named is left out, and said so.
//!
//! Method: one fake Azure in this process that answers at once and in one piece; each gateway in a process of its
//! own, one after the other; 1, 32 and 128 connections that are kept, each calling again as soon as it is
//! answered. Every answer is checked. Processor time is user plus system of the gateway's process and its
//! children by the kernel's count (10 ms steps), divided by the calls after a warm-up of a tenth as many. *Added*
//! is the median at one connection less that of calling the fake itself. Callers, fake and gateway share the
//! machine, so throughput says little and is not printed; read the ratios. Three rounds, the median of each figure.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    mcp_client::McpClient,
    server_under_test::{AzureBackend, ServerUnderTest, Settings, program},
};
use tokio::runtime::Runtime;

const CONNECTIONS: [usize; 3] = [1, 32, 128];
const ROUNDS: usize = 3;
/// The kernel counts a process's time in hundredths of a second, on every Linux of ours.
const TICK: Duration = Duration::from_millis(10);
/// How long a peer may take to start; Python takes its time.
const START_LIMIT: Duration = Duration::from_mins(3);

/// Something that can be called over HTTP.
struct Target {
    name: &'static str,
    /// The process that is looked at; `None` for the fake itself.
    pid: Option<u32>,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Stands in every right answer.
    wants: &'static str,
    /// Calls a measurement; fewer where one takes long.
    calls: usize,
}

/// One measurement.
#[derive(Clone, Copy)]
struct Figures {
    processor: Duration,
    p50: Duration,
    p99: Duration,
}

/// A peer that was started, and ends with us.
struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let runtime = Runtime::new().expect("threads can be started");
    runtime.block_on(async {
        let config = FakeAzureConfig {
            all_at_once: true,
            ..FakeAzureConfig::default()
        };
        let fake = FakeAzure::start(config).await.expect("a free port");
        // Room for every connection: beyond it, the local model's free places would be used.
        let azure = AzureBackend {
            resilience: "max_concurrency = 256\n".to_owned(),
            ..AzureBackend::default()
        };
        let settings = Settings::default().with_azure(&fake, &azure).with_local();
        let server = ServerUnderTest::start(&settings).await;
        // What the peers do not do either.
        let settings = settings.server("[tenancy.redaction]\nenabled = false\n[store]\nkind = \"none\"\n");
        let bare = ServerUnderTest::start(&settings).await;
        let mut peers = Vec::new();
        let mut targets = vec![
            direct(&fake),
            ours_chat(&server, "this server, /v1"),
            ours_chat(&bare, "without redaction and ledger, /v1"),
            ours_tool(&server),
        ];
        targets.push(echo(&mut peers));
        targets.extend(litellm(&fake, &mut peers).await);
        targets.extend(portkey(&fake, &mut peers).await);
        println!(
            "resident before the first call: {} KiB",
            resident_kib(server.pid())
        );
        if measured {
            compare(&targets).await;
        } else {
            // Anything but `cargo bench` only wants to know that it runs.
            for target in &targets {
                measure(target, 1, 2).await;
            }
        }
    });
}

async fn compare(targets: &[Target]) {
    let mut figures: BTreeMap<(usize, usize), Vec<Figures>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for connections in CONNECTIONS {
            for (index, target) in targets.iter().enumerate() {
                measure(target, connections, target.calls / 10).await;
                let measured = measure(target, connections, target.calls).await;
                figures.entry((index, connections)).or_default().push(measured);
            }
        }
    }
    let median = |index: usize, connections: usize, of: fn(&Figures) -> Duration| {
        let mut all: Vec<Duration> = figures[&(index, connections)].iter().map(of).collect();
        all.sort_unstable();
        all[all.len() / 2]
    };
    println!(
        "\n| target | connections | processor time a call | p50 | p99 | added p50 |\n|---|---|---|---|---|---|"
    );
    for (index, target) in targets.iter().enumerate() {
        for connections in CONNECTIONS {
            let p50 = median(index, connections, |figures| figures.p50);
            let direct = median(0, connections, |figures| figures.p50);
            let added = if connections == 1 {
                format!("{:.2?}", p50.saturating_sub(direct))
            } else {
                "-".to_owned()
            };
            let processor = median(index, connections, |figures| figures.processor);
            let processor = if target.pid.is_some() {
                format!("{processor:.1?}")
            } else {
                "-".to_owned()
            };
            let p99 = median(index, connections, |figures| figures.p99);
            println!(
                "| {} | {connections} | {processor} | {p50:.2?} | {p99:.2?} | {added} |",
                target.name
            );
        }
    }
}

async fn measure(target: &Target, connections: usize, calls: usize) -> Figures {
    let each = (calls / connections).max(1);
    let before = target.pid.map(processor_time).unwrap_or_default();
    let callers = (0..connections).map(|_| {
        let http = tests::http_client();
        async move {
            let mut took = Vec::with_capacity(each);
            for _ in 0..each {
                let begun = Instant::now();
                let mut request = http.post(&target.url).header("content-type", "application/json");
                for (name, value) in &target.headers {
                    request = request.header(*name, value);
                }
                let answer = request
                    .body(target.body.clone())
                    .send()
                    .await
                    .expect("it answers");
                let text = answer.text().await.expect("the answer is whole");
                took.push(begun.elapsed());
                assert!(text.contains(target.wants), "{}: {text}", target.name);
            }
            took
        }
    });
    let mut took = futures::future::join_all(callers.collect::<Vec<_>>())
        .await
        .concat();
    let spent = target
        .pid
        .map(processor_time)
        .unwrap_or_default()
        .saturating_sub(before);
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    Figures {
        processor: spent / u32::try_from(took.len()).expect("a few thousand"),
        p50: at(50),
        p99: at(99),
    }
}

fn chat_body() -> String {
    let messages =
        json!([{"role": "user", "content": "Where is my order 4711? It should have been here on Monday."}]);
    json!({"model": "gpt-4.1-mini", "messages": messages, "max_tokens": 100}).to_string()
}

const CHAT_WANTS: &str = "received";

fn direct(fake: &FakeAzure) -> Target {
    Target {
        name: "no gateway: the fake itself",
        pid: None,
        url: format!("{}/v1/chat/completions", fake.endpoint()),
        headers: vec![("authorization", format!("Bearer {}", fake.api_key()))],
        body: chat_body(),
        wants: CHAT_WANTS,
        calls: 4_000,
    }
}

fn ours_chat(server: &ServerUnderTest, name: &'static str) -> Target {
    Target {
        name,
        pid: Some(server.pid()),
        url: server.url("/v1/chat/completions"),
        headers: Vec::new(),
        body: chat_body().replace("gpt-4.1-mini", "default"),
        wants: CHAT_WANTS,
        calls: 8_000,
    }
}

fn ours_tool(server: &ServerUnderTest) -> Target {
    let ticket = json!({"text": "Where is my order 4711? It should have been here on Monday."});
    let (headers, body) = tool_call(&server.client(), "classify_ticket", &ticket);
    Target {
        name: "this server, tools/call",
        pid: Some(server.pid()),
        url: server.mcp_url().to_owned(),
        headers,
        body,
        wants: "\"backend\":\"azure\"",
        calls: 8_000,
    }
}

fn echo(peers: &mut Vec<Peer>) -> Target {
    let echo = program().with_file_name("rmcp-echo");
    let child = Command::new(&echo).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{}: {error}; build it", echo.display()));
    let pid = child.id();
    let mut url = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    peers.push(Peer(child));
    BufReader::new(stdout)
        .read_line(&mut url)
        .expect("it says where it listens");
    let url = url.trim().to_owned();
    let (headers, body) = tool_call(
        &McpClient::modern(url.clone()),
        "echo",
        &json!({"text": "Quillwort"}),
    );
    Target {
        name: "a bare rmcp server, tools/call of an echo",
        pid: Some(pid),
        url,
        headers,
        body,
        wants: "Quillwort",
        calls: 8_000,
    }
}

fn tool_call(client: &McpClient, tool: &str, arguments: &Value) -> (Vec<(&'static str, String)>, String) {
    let (message, mut headers) = client.frame(1, "tools/call", json!({"name": tool, "arguments": arguments}));
    headers.push(("accept", "application/json, text/event-stream".to_owned()));
    (headers, message.to_string())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// The program that a variable names; says so where there is none.
fn named(variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    if named.is_none() {
        println!("left out: {variable} names no program");
    }
    named
}

async fn litellm(fake: &FakeAzure, peers: &mut Vec<Peer>) -> Option<Target> {
    let program = named("PEER_LITELLM")?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = json!({"model_list": [{"model_name": "gpt-4.1-mini", "litellm_params": {
        "model": "openai/gpt-4.1-mini", "api_base": format!("{}/v1", fake.endpoint()), "api_key": fake.api_key()}}]});
    let path = folder.path().join("config.yaml");
    // JSON is YAML.
    std::fs::write(&path, config.to_string()).expect("it can be written");
    let port = free_port();
    let mut command = Command::new(program);
    command
        .args([
            "--host",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--num_workers",
            "1",
            "--config",
        ])
        .arg(&path);
    command
        .env("LITELLM_LOG", "ERROR")
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        // On loopback and for a minute; nobody else here asks for a credential either.
        .env("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true")
        .env("NO_PROXY", "*");
    let target = start(
        command,
        peers,
        Target {
            name: "LiteLLM proxy, /v1",
            pid: None,
            url: format!("http://127.0.0.1:{port}/v1/chat/completions"),
            headers: Vec::new(),
            body: chat_body(),
            wants: CHAT_WANTS,
            calls: 400,
        },
    );
    let target = target.await;
    drop(folder);
    Some(target)
}

async fn portkey(fake: &FakeAzure, peers: &mut Vec<Peer>) -> Option<Target> {
    let (node, script) = (named("PEER_NODE")?, named("PEER_PORTKEY")?);
    let port = free_port();
    let mut command = Command::new(node);
    // It would listen on every address; the bench speaks to this machine only.
    let loopback = "data:text/javascript,import net from 'node:net'; const listen = net.Server.prototype.listen; \
        net.Server.prototype.listen = function (first, ...rest) { return typeof first === 'object' ? listen.call(this, \
        {...first, host: '127.0.0.1'}, ...rest) : listen.call(this, first, '127.0.0.1', ...rest.filter(one => typeof one === 'function')); };";
    command
        .arg(format!("--import={}", loopback.replace(' ', "%20")))
        .arg(script);
    command.args([format!("--port={port}"), "--headless".to_owned()]);
    let target = start(
        command,
        peers,
        Target {
            name: "Portkey gateway, /v1",
            pid: None,
            url: format!("http://127.0.0.1:{port}/v1/chat/completions"),
            headers: vec![
                ("authorization", format!("Bearer {}", fake.api_key())),
                ("x-portkey-provider", "openai".to_owned()),
                ("x-portkey-custom-host", format!("{}/v1", fake.endpoint())),
            ],
            body: chat_body(),
            wants: CHAT_WANTS,
            calls: 2_000,
        },
    );
    Some(target.await)
}

/// Starts a peer and waits until it gives a right answer.
async fn start(mut command: Command, peers: &mut Vec<Peer>, mut target: Target) -> Target {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = child.unwrap_or_else(|error| panic!("{}: {error}", target.name));
    target.pid = Some(child.id());
    peers.push(Peer(child));
    let http = tests::http_client();
    tests::eventually(target.name, START_LIMIT, async || {
        let mut request = http.post(&target.url).header("content-type", "application/json");
        for (name, value) in &target.headers {
            request = request.header(*name, value);
        }
        let text = request
            .body(target.body.clone())
            .send()
            .await
            .ok()?
            .text()
            .await
            .ok()?;
        text.contains(target.wants).then_some(())
    })
    .await;
    target
}

/// User and system time of a process and its living children.
fn processor_time(pid: u32) -> Duration {
    let own = stat(pid)
        .map(|fields| TICK * (fields.1 + fields.2))
        .unwrap_or_default();
    own + children(pid).into_iter().map(processor_time).sum::<Duration>()
}

fn children(pid: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("Linux");
    let processes = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    processes
        .filter(|child| stat(*child).is_some_and(|fields| fields.0 == pid))
        .collect()
}

/// Parent, user time and system time in ticks.
fn stat(pid: u32) -> Option<(u32, u32, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold spaces; the parent is field 4, utime and stime 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse().ok();
    Some((number(4)?, number(14)?, number(15)?))
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap_or(0)
}
