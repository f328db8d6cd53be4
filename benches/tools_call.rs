//! What one `tools/call` costs the server's process: processor time, and what callers see of it.
//!
//! ```console
//! $ cargo build --release && cargo bench --package benches --bench tools_call
//! ```
//!
//! Method: the released program in a process of its own, a fake Azure that answers without delay in this one, 32 callers
//! over kept connections, 2,000 calls to warm up, then 10,000. Processor time is user plus system time of the
//! server's process by the kernel's count (10 ms steps), divided by the calls; noise of the machine hardly
//! touches it. Latency and throughput are printed too, and mean little on a busy machine: callers, fake
//! Azure and server share it. Every answer is checked. Last, the same with traces: to a collector in this process, for no
//! call and for each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    otlp_collector::{Mood, OtlpCollector},
    server_under_test::{ServerUnderTest, Settings},
};

const CALLERS: usize = 32;
const WARM_UP: usize = 2_000;
const CALLS: usize = 10_000;

/// The kernel counts a process's time in hundredths of a second, on every Linux of ours.
const TICK: Duration = Duration::from_millis(10);

fn main() {
    // Anything but `cargo bench` only wants to know that it runs.
    let calls = if std::env::args().any(|argument| argument == "--bench") {
        CALLS
    } else {
        CALLERS
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(async {
        let ticket = json!({"text": "Where is my order 4711? It should have been here on Monday."});
        for (all_at_once, name) in [
            (true, "Azure's answer in one piece"),
            (false, "and in one piece a token"),
        ] {
            let config = FakeAzureConfig {
                all_at_once,
                ..FakeAzureConfig::default()
            };
            let fake = FakeAzure::start(config).await.expect("a free port");
            let server = Arc::new(ServerUnderTest::start(&Settings::azure_then_local(&fake)).await);
            if all_at_once {
                let name = "server_status, no model";
                measure(&server, name, "server_status", &json!({}), calls).await;
            }
            let name = format!("classify_ticket, {name}");
            measure(&server, &name, "classify_ticket", &ticket, calls).await;
        }
        for (share, name) in [("0.0", "no call is traced"), ("1.0", "each call is traced")] {
            measure_traced(
                share,
                &format!("classify_ticket, in one piece, {name}"),
                &ticket,
                calls,
            )
            .await;
        }
    });
}

/// The same call, with a collector that takes the traces of so many.
async fn measure_traced(share: &str, name: &str, ticket: &Value, calls: usize) {
    let config = FakeAzureConfig {
        all_at_once: true,
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    let collector = OtlpCollector::start(Mood::Takes).await.expect("a free port");
    let endpoint = collector.endpoint();
    let telemetry = format!("[telemetry]\nendpoint = \"{endpoint}\"\nsample_ratio = {share}\n");
    let settings = Settings::azure_then_local(&fake).server(&telemetry);
    let server = Arc::new(ServerUnderTest::start(&settings).await);
    measure(&server, name, "classify_ticket", ticket, calls).await;
    let metrics = server.metrics().await;
    let (exported, dropped) = (
        metrics.sum("mcp_spans_exported_total", &[]),
        metrics.sum("mcp_spans_dropped_total", &[]),
    );
    println!("  {exported} spans exported, {dropped} dropped");
}

async fn measure(
    server: &Arc<ServerUnderTest>,
    name: &str,
    tool: &'static str,
    arguments: &Value,
    calls: usize,
) {
    call_many(server, tool, arguments, calls.min(WARM_UP)).await;
    let (begun, before) = (Instant::now(), processor_time(server.pid()));
    let mut latencies = call_many(server, tool, arguments, calls).await;
    let (elapsed, spent) = (
        begun.elapsed(),
        processor_time(server.pid()).saturating_sub(before),
    );
    latencies.sort_unstable();
    let count = u32::try_from(latencies.len()).expect("a few thousand");
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    println!(
        "{name}: {:?} processor time a call; {:.0} calls/s, p50 {:?}, p99 {:?} ({count} calls, {CALLERS} callers)",
        spent / count,
        f64::from(count) / elapsed.as_secs_f64(),
        at(50),
        at(99),
    );
}

/// Makes so many calls, spread over the callers, and returns how long each took.
async fn call_many(
    server: &Arc<ServerUnderTest>,
    tool: &'static str,
    arguments: &Value,
    calls: usize,
) -> Vec<Duration> {
    let callers = (0..CALLERS).map(|_| {
        let (server, arguments) = (Arc::clone(server), arguments.clone());
        tokio::spawn(async move {
            let client = server.client();
            let mut latencies = Vec::with_capacity(calls / CALLERS);
            for _ in 0..calls / CALLERS {
                let begun = Instant::now();
                let result = client.call(tool, arguments.clone()).await;
                latencies.push(begun.elapsed());
                let result = result.result();
                assert!(result["structuredContent"].is_object(), "not an answer: {result}");
                assert!(
                    tool == "server_status" || result["_meta"]["com.b2xgate/answer"]["backend"] == "azure"
                );
            }
            latencies
        })
    });
    let mut latencies = Vec::with_capacity(calls);
    for caller in callers.collect::<Vec<_>>() {
        latencies.extend(caller.await.expect("every call was answered"));
    }
    latencies
}

/// User and system time of a process.
fn processor_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs, on Linux");
    // The program's name stands in brackets and may hold spaces; utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .expect("a name in brackets")
        .1
        .split_whitespace()
        .collect();
    let ticks = |field: usize| fields[field - 3].parse::<u32>().expect("a number");
    TICK * (ticks(14) + ticks(15))
}
