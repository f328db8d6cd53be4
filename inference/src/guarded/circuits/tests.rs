//! Random histories of three backends behind one endpoint and two credentials.

use std::time::Duration;

use proptest::{prelude::*, sample::Index};
use tokio::time::{Instant, advance};

use super::*;
use crate::{NoObserver, resilience::breaker::State, testing::FakeBackend};

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Enter(usize),
    Settle(Index, Finding),
    Drop(Index),
    Advance(u64),
    ForceOpen(usize),
    ForceClosed(usize),
    Resume(usize),
}

fn step() -> impl Strategy<Value = Step> {
    use AttemptOutcome as O;
    let finding = |outcome, blame, counts| {
        Just(Finding {
            outcome,
            blame,
            counts,
        })
    };
    let finding = prop_oneof![
        3 => finding(O::Answered, Blame::Backend, Outcome::Success),
        2 => finding(O::Answered, Blame::Backend, Outcome::Slow),
        3 => finding(O::ServerError, Blame::Backend, Outcome::Failure),
        3 => finding(O::Unreachable, Blame::Endpoint, Outcome::Failure),
        1 => finding(O::CredentialRefused, Blame::Credential, Outcome::Severe),
        1 => finding(O::Throttled, Blame::Backend, Outcome::Ignored),
        1 => finding(O::Timeout, Blame::Backend, Outcome::Failure),
    ];
    prop_oneof![
        12 => (0_usize..3).prop_map(Step::Enter),
        9 => (any::<Index>(), finding).prop_map(|(which, finding)| Step::Settle(which, finding)),
        3 => any::<Index>().prop_map(Step::Drop),
        4 => (0_u64..40_000).prop_map(Step::Advance),
        1 => (0_usize..3).prop_map(Step::ForceOpen),
        1 => (0_usize..3).prop_map(Step::ForceClosed),
        1 => (0_usize..3).prop_map(Step::Resume),
    ]
}

fn circuits() -> Vec<Circuits> {
    let backends = [("a", "key"), ("b", "key"), ("c", "other")];
    let backends = backends.map(|(name, key)| FakeBackend::new(name, "m").sharing("e", key).registered());
    let observer: Arc<dyn Observer> = Arc::new(NoObserver);
    Circuits::of_all(&backends, &observer, None)
}

/// Every distinct circuit, with the backends that go through it.
fn distinct(circuits: &[Circuits]) -> Vec<(&'static str, &Breaker)> {
    let shared = |circuit: &'_ Option<Circuit>| circuit.is_some();
    assert!(
        circuits
            .iter()
            .all(|one| shared(&one.endpoint) && shared(&one.credential))
    );
    let mut all = vec![
        ("a", &*circuits[0].own),
        ("b", &*circuits[1].own),
        ("c", &*circuits[2].own),
    ];
    all.extend(
        circuits[0]
            .endpoint
            .as_ref()
            .map(|circuit| ("endpoint", &**circuit)),
    );
    all.extend(circuits[1].credential.as_ref().map(|circuit| ("key", &**circuit)));
    all.extend(
        circuits[2]
            .credential
            .as_ref()
            .map(|circuit| ("other", &**circuit)),
    );
    all
}

/// A call that is under way, and in which circuits it is the trial: their names and epochs.
struct Out {
    permits: Permits,
    trials: Vec<(&'static str, u64)>,
    since: Instant,
}

const TRIAL_TIMEOUT: Duration = Duration::from_mins(1);

fn enter(circuits: &[Circuits], index: usize, out: &mut Vec<Out>) {
    let checked = circuits[index].check().is_ok();
    let entered = circuits[index].try_acquire();
    assert_eq!(checked, entered.is_ok(), "looking and trying agree");
    let Ok(permits) = entered else { return };
    let mut epochs = vec![permits.own.epoch()];
    epochs.extend(permits.endpoint.as_ref().map(Permit::epoch));
    epochs.extend(permits.credential.as_ref().map(Permit::epoch));
    let names = [["a", "b", "c"][index], "endpoint", ["key", "key", "other"][index]];
    let state = |name| {
        let all = distinct(circuits);
        let found = all.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, breaker)| breaker.state())
    };
    let trials = names.into_iter().zip(epochs);
    let trials = trials.filter(|(name, _)| state(*name) == Some(State::HalfOpen));
    out.push(Out {
        trials: trials.collect(),
        permits,
        since: Instant::now(),
    });
}

async fn play(steps: Vec<Step>) {
    let circuits = circuits();
    let mut out: Vec<Out> = Vec::new();
    for step in steps {
        match step {
            Step::Enter(index) => enter(&circuits, index, &mut out),
            Step::Settle(which, finding) if !out.is_empty() => {
                out.swap_remove(which.index(out.len())).permits.settle(finding);
            }
            Step::Drop(which) if !out.is_empty() => drop(out.swap_remove(which.index(out.len()))),
            Step::Advance(ms) => advance(Duration::from_millis(ms)).await,
            Step::ForceOpen(index) => circuits[index].force_open("test".into()),
            Step::ForceClosed(index) => circuits[index].force_closed("test".into()),
            Step::Resume(index) => circuits[index].resume(&"test".into()),
            Step::Settle(..) | Step::Drop(_) => {}
        }
        for (name, breaker) in distinct(&circuits) {
            let epoch = breaker.look(|core| core.epoch);
            let in_time = out.iter().filter(|one| one.since.elapsed() < TRIAL_TIMEOUT);
            let trials = in_time.filter(|one| one.trials.contains(&(name, epoch))).count();
            assert!(trials <= 1, "{trials} trials at once in {name}");
        }
    }
    // Whatever happened, all of it recovers, though some calls never end.
    for one in &circuits {
        if one.own.state().is_forced() {
            one.own.resume(&"test".into());
        }
    }
    advance(TRIAL_TIMEOUT).await;
    for one in &circuits {
        let _ = one.check();
    }
    advance(Duration::from_secs(30)).await;
    let answered = Finding {
        outcome: AttemptOutcome::Answered,
        blame: Blame::Backend,
        counts: Outcome::Success,
    };
    for one in &circuits {
        let permits = one.try_acquire().map_err(|refused| refused.state);
        permits.expect("it recovers").settle(answered);
    }
    assert!(
        distinct(&circuits)
            .iter()
            .all(|(_, breaker)| breaker.state() == State::Closed)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn one_trial_in_each_circuit_whoever_shares_it(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(play(steps));
    }
}
