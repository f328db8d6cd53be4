//! What a call's limits cost in a Redis of this machine: how long a reservation takes, and the processor time of both.
//!
//! Not by criterion: the end of a call is told by a task of its own, and processor time is what it is about.
//!
//! ```console
//! $ cargo bench --package benches --bench shared_limits
//! ```

use std::time::{Duration, Instant};

use mcp_server::{
    accounts,
    config::{Sources, load},
    shared::Shared,
    tenancy::quota::{Amount, Moment, Money, SharedState},
};
use tests::{eventually, redis_server::RedisServer};

const CALLS: u32 = 20_000;
const TENANTS: u32 = 20;

fn main() -> anyhow::Result<()> {
    // `cargo test --benches` only wants to know that it runs.
    let calls = if std::env::args().any(|argument| argument == "--bench") {
        CALLS
    } else {
        100
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(calls))
}

async fn measure(calls: u32) -> anyhow::Result<()> {
    let redis = RedisServer::start().await;
    for at_once in [1, 16] {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("mcp-server.toml");
        let limits = "requests_per_minute = 1000000\ntokens_per_minute = 1000000000\nconcurrent_calls = 1000\n\
                      budget_day = 1000000.0\nbudget_month = 1000000.0";
        let text = format!(
            "[tenancy]\n{limits}\n[store]\nkind = \"none\"\n[shared]\nurls = [\"{}\"]\ntimeout = \"2s\"\n",
            redis.url()
        );
        std::fs::write(&file, text)?;
        let sources = Sources {
            file: Some(file),
            ..Sources::default()
        };
        let config = load(&sources).map_err(|error| anyhow::anyhow!("{error}"))?.config;
        let shared = config.shared.clone().expect("it is configured");
        let shared = Shared::start(shared).await?;
        let kept = accounts::keep(&config, Some(&shared))
            .await
            .map_err(anyhow::Error::msg)?;
        let limits = *config.limits.of("tenant-0");
        let state = kept.accounts.state();
        let before = (own_cpu(), cpu_of(&redis));
        let began = Instant::now();
        let callers = (0..at_once).map(|_| call(state.as_ref(), &limits, calls / at_once));
        let mut took: Vec<_> = futures::future::join_all(callers).await.concat();
        eventually("all is told", Duration::from_mins(1), async || {
            (state.sharing().unsettled() == 0).then_some(())
        })
        .await;
        let passed = began.elapsed();
        let after = (own_cpu(), cpu_of(&redis));
        took.sort_unstable();
        let at = |share: usize| took[took.len() * share / 100];
        let each = |cpu: Duration| cpu / calls;
        println!(
            "{at_once:>3} at once: reserved in p50 {:?}, p99 {:?}; processor time of a call, both steps: {:?} here, {:?} in Redis; {:.0} calls/s",
            at(50),
            at(99),
            each(after.0.saturating_sub(before.0)),
            each(after.1.saturating_sub(before.1)),
            f64::from(calls) / passed.as_secs_f64()
        );
        kept.finish().await;
    }
    Ok(())
}

/// Reserves and settles one call after the other; how long each reservation took.
async fn call(
    state: &dyn SharedState,
    limits: &mcp_server::tenancy::quota::Limits,
    calls: u32,
) -> Vec<Duration> {
    let mut took = Vec::new();
    let ask = Amount {
        tokens: 700,
        cost: Money::from_nanos(640_000),
    };
    let used = Amount {
        tokens: 576,
        cost: Money::from_nanos(307_200),
    };
    for number in 0..calls {
        let tenant = format!("tenant-{}", number % TENANTS);
        let began = Instant::now();
        let reserved = state.reserve(&tenant, limits, ask, Moment::now()).await;
        took.push(began.elapsed());
        let reserved = reserved.expect("there is plenty");
        state.settle(&tenant, limits, reserved, used, Moment::now()).await;
    }
    took
}

/// Processor time of this process.
fn own_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which may hold blanks: user and system time are the 14th and 15th of all, in hundredths of a second.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Processor time of Redis, as it says.
fn cpu_of(redis: &RedisServer) -> Duration {
    let said = redis.ask(&["info", "cpu"]);
    let seconds = said.lines().filter_map(|line| {
        let (name, value) = line.trim().split_once(':')?;
        ["used_cpu_sys", "used_cpu_user"]
            .contains(&name)
            .then(|| value.parse::<f64>().ok())?
    });
    Duration::from_secs_f64(seconds.sum())
}
