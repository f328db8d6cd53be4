//! Azure that comes and goes, and Azure that says nothing: nobody's call fails, trials come one at a time, and
//! nothing is left behind.
//!
//! `CHAOS_FLAP_SECONDS` is how long Azure is down each time (default 8, the full run is 60).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig, Outage},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    callers::{Caller, End, Face, Seen},
    report::{CellReport, percentile},
    seed::{self, Dice},
};

const CALLERS: usize = 16;
const CYCLES: u32 = 4;
/// From the first failure until the breaker is open: what was under way then still arrives.
const SETTLING: Duration = Duration::from_secs(2);
/// How long the server may take to notice that Azure is back.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);

/// Callers who call again and again until told to stop.
struct Crowd {
    over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Vec<Seen>>>,
}

impl Crowd {
    fn start(server: &ServerUnderTest, seed: u64, part: &str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let callers = (0..CALLERS).map(|number| {
            let caller = Caller::new(server, Face::Tool);
            let mut dice = Dice::of(seed, &format!("{part} {number}"));
            let over = Arc::clone(&over);
            tokio::spawn(async move {
                let mut calls = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    calls.push(caller.call(&seed::ticket(&mut dice)).await);
                }
                calls
            })
        });
        let callers = callers.collect();
        Self { over, callers }
    }

    async fn stop(self) -> Vec<Seen> {
        self.over.store(true, Ordering::Relaxed);
        let mut seen = Vec::new();
        for caller in self.callers {
            seen.extend(caller.await.expect("a caller does not panic"));
        }
        seen
    }
}

/// Resident memory of the server.
fn resident_kib(server: &ServerUnderTest) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
    number.expect("the kernel tells the resident memory")
}

fn failures(seen: &[Seen]) -> Vec<&End> {
    let failed = seen.iter().filter(|seen| seen.answer().is_none());
    failed.map(|seen| &seen.end).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_that_comes_and_goes_costs_nobody_a_call() {
    let seed = seed::seed();
    let down = Duration::from_secs(seed::read("CHAOS_FLAP_SECONDS").unwrap_or(8));
    println!("CHAOS_SEED={seed} CHAOS_FLAP_SECONDS={}", down.as_secs());
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let mut all = Vec::new();
    let mut resident = Vec::new();
    for cycle in 0..CYCLES {
        let crowd = Crowd::start(&server, seed, &format!("cycle {cycle}"));
        // Slow to refuse, so that a second trial beside the first would be seen.
        fake.faults()
            .always("delay=300,status=503".parse().expect("a fault"));
        tokio::time::sleep(SETTLING).await;
        fake.reset_stats();
        tokio::time::sleep(down.saturating_sub(SETTLING)).await;
        let trials = fake.stats().arrivals;
        fake.faults().clear();
        fake.reset_stats();
        let back = Instant::now();
        eventually("Azure is first again", RECOVERY_LIMIT, async || {
            let state = server
                .metrics()
                .await
                .sum("llm_breaker_state", &[("backend", "azure")]);
            (state < 0.5 && fake.stats().outcome("answered") > 0).then_some(())
        })
        .await;
        let recovery = back.elapsed();
        let calls = crowd.stop().await;
        server.metrics().await.assert_equation();
        println!(
            "cycle {cycle}: {} calls, {} trials, back after {recovery:?}",
            calls.len(),
            trials.len()
        );
        assert!(
            trials.iter().all(|trial| trial.in_flight == 1),
            "two trials at once: {trials:?}"
        );
        let mut report = CellReport::of("comes and goes", Face::Tool, CALLERS, &calls);
        report.recovery_ms = Some(recovery.as_millis());
        report.write();
        all.extend(calls);
        resident.push(resident_kib(&server));
    }
    assert_eq!(failures(&all), Vec::<&End>::new(), "CHAOS_SEED={seed}");
    println!("resident after each cycle: {resident:?} KiB");
    // The first half is the start: it has touched everything. An allocator keeps now more, now less: a leak shows in both
    // later figures.
    let (start, end) = resident.split_at(resident.len() / 2);
    let (start, end) = (start.iter().max(), end.iter().min());
    let (start, end) = (start.expect("a cycle"), end.expect("a cycle"));
    assert!(*end <= start + start / 10, "memory grows: {resident:?} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_costs_no_more_than_its_limit() {
    const FIRST_BYTE: Duration = Duration::from_secs(2);
    let seed = seed::seed();
    println!("CHAOS_SEED={seed}");
    let azure = AzureBackend {
        resilience: "[backends.resilience]\nfirst_byte_timeout = \"2s\"\n".to_owned(),
        ..AzureBackend::default()
    };
    let mut worst = Vec::new();
    // Refused first: what the local model takes for the same crowd.
    for outage in [Outage::Refuse, Outage::Silent] {
        let fake = FakeAzure::start(FakeAzureConfig::default())
            .await
            .expect("a free port");
        let server =
            ServerUnderTest::start(&Settings::default().with_azure(&fake, &azure).with_local()).await;
        fake.set_outage(Some(outage)).await.expect("it goes away");
        let crowd = Crowd::start(&server, seed, "silence");
        tokio::time::sleep(4 * FIRST_BYTE).await;
        let calls = crowd.stop().await;
        assert_eq!(failures(&calls), Vec::<&End>::new(), "CHAOS_SEED={seed}");
        server.metrics().await.assert_equation();
        let name = if outage == Outage::Silent {
            "silent, first byte within 2 s"
        } else {
            "refused"
        };
        let report = CellReport::of(name, Face::Tool, CALLERS, &calls);
        report.count(&fake, &server.metrics().await).write();
        worst.push(percentile(&calls, 99));
    }
    // Twice the local time: two runs on a shared machine differ by that much.
    assert!(
        worst[1] < FIRST_BYTE + 2 * worst[0],
        "refused {:?}, silent {:?}",
        worst[0],
        worst[1]
    );
}
