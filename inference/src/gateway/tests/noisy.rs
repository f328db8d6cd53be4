//! One tenant asks for fifty times its share: what that does to how long another one waits. On a paused clock, so that every
//! run gives the same waits.

use std::ops::Range;

use futures::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

/// Calls that are answered at once, and how long each takes on average.
const PLACES: usize = 8;
const SERVICE: Duration = Duration::from_millis(100);
const TENANTS: u32 = 4;
/// How long everybody calls.
const SPAN: Duration = Duration::from_mins(2);
/// As often it is all drawn anew.
const LOTS: Range<u64> = 1..13;

/// What a tenant does.
struct Tenant {
    name: String,
    calls_per_second: f64,
}

/// A time from an exponential distribution with this mean.
fn chance(random: &mut StdRng, mean: Duration) -> Duration {
    mean.mul_f64(-(1.0 - random.random::<f64>()).ln())
}

/// Calls at random moments until the time is over; gives how long each call waited that was answered, and how many were
/// not let in.
async fn call_on(gateway: &Gateway, tenant: &Tenant, lot: u64) -> (Vec<Duration>, usize) {
    let mut random = StdRng::seed_from_u64(lot);
    let pause = Duration::from_secs(1).div_f64(tenant.calls_per_second);
    let end = tokio::time::Instant::now() + SPAN;
    let key: Arc<str> = tenant.name.as_str().into();
    let mut calls = Vec::new();
    let mut shed = 0;
    loop {
        tokio::time::sleep(chance(&mut random, pause)).await;
        if tokio::time::Instant::now() >= end {
            break;
        }
        let call = Call {
            tenant: Arc::clone(&key),
            ..call(10)
        };
        match gateway.start(call) {
            Ok(stream) => calls.push(tokio::spawn(finished(stream))),
            Err(_) => shed += 1,
        }
    }
    let ended = join_all(calls)
        .await
        .into_iter()
        .map(|ended| ended.expect("no panic"));
    let mut waits = Vec::new();
    for wait in ended {
        match wait {
            Some(wait) => waits.push(wait),
            None => shed += 1,
        }
    }
    (waits, shed)
}

async fn finished(stream: CallStream) -> Option<Duration> {
    match stream.collect::<Vec<_>>().await.pop() {
        Some(Ok(CallEvent::Answered(answer))) => Some(Duration::from_millis(answer.facts.queue_ms)),
        _ => None,
    }
}

/// All tenants ask for `load` of their share, but for the first, which asks for `times` as much. Gives how long the
/// second one waits at most in 99 of 100 calls, and checks that all its calls were answered.
async fn p99(load: f64, times: f64, lot: u64) -> Duration {
    let backend = FakeBackend::new("one", "one").with(|info| info.max_concurrency = PLACES);
    let mut random = StdRng::seed_from_u64(lot);
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let capacity = PLACES as f64 / SERVICE.as_secs_f64();
    let most = 2 * SPAN.as_secs() * u64::from(TENANTS) * 20;
    for _ in 0..most {
        let takes = Script::new().wait(chance(&mut random, SERVICE));
        backend.next(takes.text("ok").finish(FinishReason::Stop));
    }
    let gateway = gateway(&[&backend]);
    let tenants = (0..TENANTS).map(|number| Tenant {
        name: format!("tenant-{number}"),
        calls_per_second: load * capacity / f64::from(TENANTS) * if number == 0 { times } else { 1.0 },
    });
    let tenants: Vec<_> = tenants.collect();
    let calling = tenants
        .iter()
        .zip(LOTS.end + lot * 10..)
        .map(|(tenant, lot)| call_on(&gateway, tenant, lot));
    let mut told = join_all(calling).await;
    check_idle(&gateway);
    let (waits, shed) = &mut told[1];
    assert_eq!(*shed, 0, "a call of the quiet tenant was not answered");
    waits.sort();
    waits[waits.len() * 99 / 100]
}

/// How many times as long the second tenant waits beside a noisy one, in the median of all lots.
async fn times_longer(load: f64) -> f64 {
    let (mut alone, mut beside, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for lot in LOTS {
        let (among_equals, with_noise) = (p99(load, 1.0, lot).await, p99(load, 50.0, lot).await);
        ratios.push(with_noise.div_duration_f64(among_equals));
        alone.push(among_equals);
        beside.push(with_noise);
    }
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    println!(
        "{load} of each share: p99 of the wait {:?} beside equals, {:?} beside one at fifty times its share; {ratio:.2} \
         times, {:.2} to {:.2}",
        median(alone),
        median(beside),
        ratios[0],
        ratios[ratios.len() - 1],
    );
    ratio
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// `docs/performance.md` has these.
#[tokio::test(start_paused = true)]
async fn a_tenant_at_fifty_times_its_share_does_not_double_anothers_wait() {
    for load in [0.9, 0.8, 0.7, 0.6] {
        let ratio = times_longer(load).await;
        assert!(ratio < 2.0, "{ratio} times at {load}");
    }
}

/// With every place taken, a call waits for one to be free: that is the price of being busy, not of the neighbour. Nobody
/// but the noisy one asks for more than half of the pace, so 99 of 100 that go ahead of it wait for ln(100) turns at most.
#[tokio::test(start_paused = true)]
async fn on_a_server_that_was_half_idle_a_wait_is_that_for_a_place() {
    let ratio = times_longer(0.5).await;
    assert!(ratio < 3.0, "{ratio} times");
}
