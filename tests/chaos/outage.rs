//! Azure goes away under load and comes back: nobody's call fails, and everybody is told who answered.
//!
//! `CHAOS_SECONDS` is the length of the load (default 10, the full run is 60).

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    server_under_test::{ServerUnderTest, Settings},
};
use tokio::time::Instant;

use crate::{
    callers::{Answered, Caller, End, Face, Seen},
    report::percentile,
    seed::{self, Dice},
};

const CALLERS: u64 = 32;
/// Calls that must begin and end while Azure is away.
const CALLS_WITHOUT_AZURE: usize = 16;
/// How long the slowest machine may take for them.
const OUTAGE_LIMIT: Duration = Duration::from_mins(2);
/// How long the server may take to notice that Azure is back.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);
/// How long Azure is given more and more to do after its return (`circuit.ramp`, its default).
const RAMP: Duration = Duration::from_secs(10);

/// Every call that ended, whoever made it.
#[derive(Debug, Clone, Default)]
struct Diary(Arc<Mutex<Vec<Seen>>>);

impl Diary {
    fn add(&self, seen: Seen) {
        self.lock().push(seen);
    }

    /// Calls that began after `since` and have ended.
    fn count_since(&self, since: Instant) -> usize {
        self.lock().iter().filter(|record| record.started > since).count()
    }

    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Seen>> {
        self.0.lock().expect("nothing panics while it holds the diary")
    }
}

/// Calls again and again until told to stop; the call under way then is finished.
async fn keep_calling(caller: Caller, mut dice: Dice, diary: Diary, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        diary.add(caller.call(&seed::ticket(&mut dice)).await);
    }
}

/// What was seen from outside while the load ran.
#[derive(Debug, Default)]
struct Watch {
    samples: u32,
    opened: bool,
    /// The accounts did not add up, at these samples.
    broken: Vec<String>,
}

/// Scrapes the metrics until told to stop.
async fn keep_watching(server: Arc<ServerUnderTest>, over: Arc<AtomicBool>) -> Watch {
    let mut watch = Watch::default();
    while !over.load(Ordering::Relaxed) {
        let metrics = server.metrics().await;
        watch.samples += 1;
        watch.opened |= metrics.sum("llm_breaker_state", &[("backend", "azure")]) > 1.5;
        watch.broken.extend(metrics.check_equation().err());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    watch
}

/// Waits until Azure answers again, by the fake's own account and the breaker's.
async fn recovered(server: &ServerUnderTest, fake: &FakeAzure) -> Duration {
    let began = Instant::now();
    tests::eventually(
        "the breaker closes and Azure answers",
        RECOVERY_LIMIT,
        async || {
            let closed = server
                .metrics()
                .await
                .sum("llm_breaker_state", &[("backend", "azure")])
                < 0.5;
            (closed && fake.stats().outcome("answered") > 1).then_some(())
        },
    )
    .await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_stopped_under_load_costs_nobody_a_call() {
    let seed = seed::seed();
    let length = Duration::from_secs(seed::read("CHAOS_SECONDS").unwrap_or(10).max(4));
    println!("CHAOS_SEED={seed} CHAOS_SECONDS={}", length.as_secs());
    // Slow enough that streams are under way when it stops.
    let config = FakeAzureConfig {
        chunk_delay: Some(Duration::from_millis(5)),
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    // Every number of the server is the default one: this is what users get.
    let server = Arc::new(ServerUnderTest::start(&Settings::azure_then_local(&fake)).await);
    let over = Arc::new(AtomicBool::new(false));
    let watching = tokio::spawn(keep_watching(Arc::clone(&server), Arc::clone(&over)));
    let diary = Diary::default();
    let start = |caller| {
        let dice = Dice::of(seed, &format!("outage {caller}"));
        keep_calling(
            Caller::new(&server, Face::Tool),
            dice,
            diary.clone(),
            Arc::clone(&over),
        )
    };
    let callers: Vec<_> = (0..CALLERS).map(|caller| tokio::spawn(start(caller))).collect();
    let began = Instant::now();

    tokio::time::sleep_until(began + length.mul_f64(0.3)).await;
    let before = fake.stats();
    fake.stop().await.expect("stopped");
    let stopped = Instant::now();
    tokio::time::sleep_until(began + length.mul_f64(0.6)).await;
    // On a slow machine it stays away until enough callers have met its absence.
    tests::eventually("calls are answered without Azure", OUTAGE_LIMIT, async || {
        (diary.count_since(stopped) >= CALLS_WITHOUT_AZURE).then_some(())
    })
    .await;
    fake.reset_stats();
    // Trials take their time, so that a second one beside the first would be seen.
    fake.faults().next(1, Fault::delay_head(Duration::from_secs(1)));
    let returning = Instant::now();
    fake.resume().await.expect("back");
    let recovery = recovered(&server, &fake).await;
    let closed = Instant::now();
    tokio::time::sleep_until((began + length).max(closed + RAMP + Duration::from_secs(1))).await;
    over.store(true, Ordering::Relaxed);

    for caller in callers {
        caller.await.expect("a caller does not panic");
    }
    let records = diary.take();
    let watch = watching.await.expect("the watcher does not panic");
    report(&records, recovery, before.outcome("answered"), &watch);
    check_calls(&records, stopped, returning, closed);
    check_trials(&fake);
    assert!(watch.opened, "the breaker was never seen open");
    assert_eq!(
        watch.broken,
        Vec::<String>::new(),
        "under load the accounts add up, too"
    );
    check_accounts(&server, &records).await;
}

fn report(records: &[Seen], recovery: Duration, before: u64, watch: &Watch) {
    let mut by_reason: BTreeMap<String, usize> = BTreeMap::new();
    for answered in records.iter().filter_map(Seen::answer) {
        let reason = answered.reason.as_deref().unwrap_or("first choice");
        *by_reason
            .entry(format!(
                "{} ({reason}, {} attempts)",
                answered.backend, answered.attempts
            ))
            .or_default() += 1;
    }
    let (middle, slowest) = (percentile(records, 50), percentile(records, 100));
    println!(
        "{} calls, {before} by Azure before the stop; median {middle:?}, slowest {slowest:?}",
        records.len()
    );
    println!(
        "recovered after {recovery:?}; {} scrapes; {by_reason:#?}",
        watch.samples
    );
}

fn check_calls(records: &[Seen], stopped: Instant, returning: Instant, closed: Instant) {
    let failed: Vec<&End> = records
        .iter()
        .filter(|record| record.answer().is_none())
        .map(|record| &record.end)
        .collect();
    assert!(
        failed.is_empty(),
        "{} calls failed, the first: {:?}",
        failed.len(),
        failed[0]
    );
    let during = |record: &&Seen| record.started > stopped && record.started + record.took < returning;
    let answered = |record: &Seen| {
        let answer = record.answer().expect("none failed");
        (answer.backend.clone(), answer.degraded, answer.reason.clone())
    };
    let without_azure: Vec<_> = records.iter().filter(during).map(answered).collect();
    assert!(
        without_azure.len() >= CALLS_WITHOUT_AZURE,
        "only {} calls ran without Azure",
        without_azure.len()
    );
    for (backend, degraded, reason) in &without_azure {
        assert!(
            backend == "local" && *degraded && reason.is_some(),
            "an answer without Azure says so: {backend} {degraded} {reason:?}"
        );
    }
    let first_choice = ("azure".to_owned(), false, None);
    // While its load grows, a call for which there is no room yet is answered by the next in the chain.
    let no_room = ("local".to_owned(), true, Some("busy".to_owned()));
    for record in records.iter().filter(|record| record.started > closed) {
        let seen = answered(record);
        assert!(
            seen == first_choice || seen == no_room,
            "once the breaker is closed: {seen:?}"
        );
    }
    let after: Vec<_> = records
        .iter()
        .filter(|record| record.started > closed + RAMP)
        .map(answered)
        .collect();
    assert!(!after.is_empty(), "nobody called after the return");
    assert!(
        after.iter().all(|seen| *seen == first_choice),
        "once it may have all the load, Azure answers: {after:?}"
    );
}

/// From its return on, the fake meets one trial; whoever comes next finds that trial over.
fn check_trials(fake: &FakeAzure) {
    let arrivals = fake.stats().arrivals;
    let first: Vec<usize> = arrivals.iter().take(2).map(|arrival| arrival.in_flight).collect();
    assert_eq!(
        first,
        [1, 1],
        "one trial at a time: {:?}",
        &arrivals[..arrivals.len().min(4)]
    );
    let gap = arrivals[1].at.saturating_sub(arrivals[0].at);
    assert!(
        gap >= Duration::from_secs(1),
        "the second request came {gap:?} after the trial, which takes a second"
    );
}

/// After the load: nothing runs, nothing waits, and each call is in one place.
async fn check_accounts(server: &ServerUnderTest, records: &[Seen]) {
    let metrics = server.metrics().await;
    metrics.assert_equation();
    let whole = |name: &str, labels: &[(&str, &str)]| metrics.sum(name, labels).round().to_string();
    let count = |wanted: fn(&Answered) -> bool| {
        records
            .iter()
            .filter_map(Seen::answer)
            .filter(|answered| wanted(answered))
            .count()
            .to_string()
    };
    assert_eq!(whole("mcp_admitted_total", &[]), records.len().to_string());
    assert_eq!(
        whole("mcp_calls_total", &[("outcome", "answered")]),
        count(|answered| !answered.degraded)
    );
    assert_eq!(
        whole("mcp_calls_total", &[("outcome", "degraded")]),
        count(|answered| answered.degraded)
    );
    assert_eq!(whole("mcp_requests_running", &[]), "0");
    assert_eq!(whole("mcp_queue_depth", &[]), "0");
}
