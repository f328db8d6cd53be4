//! The breaker under a paused clock: tables for what it does, random histories for what always holds.

use proptest::prelude::*;
use tokio::time::advance;

use super::{
    core::{HISTORY, LONGEST, open_time},
    *,
};

const SECOND: Duration = Duration::from_secs(1);

/// No jitter, so that times are exact.
fn config() -> Config {
    Config {
        jitter: 0.0,
        ..Config::default()
    }
}

fn settle(breaker: &Breaker, outcome: Outcome) {
    breaker.try_acquire().expect("admitted").settle(outcome);
}

fn settle_times(breaker: &Breaker, times: u32, outcome: Outcome) {
    for _ in 0..times {
        settle(breaker, outcome);
    }
}

/// A breaker that has just opened for the first time.
fn opened(config: Config) -> Breaker {
    let breaker = Breaker::new(config);
    settle(&breaker, Outcome::Severe);
    assert_eq!(breaker.state(), State::Open);
    breaker
}

fn opens_in(breaker: &Breaker) -> Duration {
    breaker.snapshot().opens_in.expect("open")
}

#[tokio::test(start_paused = true)]
async fn what_opens_it() {
    use Outcome::{Cancelled, Failure, Ignored, Severe, Success};
    let fail_every = |n: usize, calls: usize| -> Vec<Outcome> {
        (1..=calls)
            .map(|call| if call % n == 0 { Failure } else { Success })
            .collect()
    };
    let cases: [(&str, Vec<Outcome>, State); 9] = [
        ("four failures", vec![Failure; 4], State::Closed),
        ("five failures", vec![Failure; 5], State::Open),
        (
            "a success in between",
            [vec![Failure; 4], vec![Success], vec![Failure; 4]].concat(),
            State::Closed,
        ),
        (
            "what is ignored does not interrupt",
            [vec![Failure; 4], vec![Ignored, Cancelled, Failure]].concat(),
            State::Open,
        ),
        (
            "ignored and cancelled alone",
            [vec![Ignored; 50], vec![Cancelled; 50]].concat(),
            State::Closed,
        ),
        ("one severe failure", vec![Severe], State::Open),
        ("half of twenty", fail_every(2, 20), State::Open),
        ("half of too few", fail_every(2, 19), State::Closed),
        ("a third of many", fail_every(3, 60), State::Closed),
    ];
    for (name, outcomes, expected) in cases {
        let breaker = Breaker::new(config());
        for outcome in outcomes {
            settle(&breaker, outcome);
        }
        assert_eq!(breaker.state(), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_window_forgets() {
    let breaker = Breaker::new(config());
    for _ in 0..9 {
        settle(&breaker, Outcome::Failure);
        settle(&breaker, Outcome::Success);
    }
    advance(31 * SECOND).await;
    for _ in 0..9 {
        settle(&breaker, Outcome::Failure);
        settle(&breaker, Outcome::Success);
    }
    assert_eq!(
        breaker.state(),
        State::Closed,
        "36 calls, but never 20 within 30 s"
    );
    settle(&breaker, Outcome::Success);
    settle(&breaker, Outcome::Success);
    settle(&breaker, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "10 of 21");
    settle(&breaker, Outcome::Failure);
    assert_eq!(breaker.state(), State::Open, "11 of 22");
}

#[tokio::test(start_paused = true)]
async fn open_refuses_and_says_for_how_long() {
    let breaker = opened(config());
    let refused = breaker.try_acquire().err().expect("refused");
    assert_eq!(
        refused,
        Refused {
            state: State::Open,
            retry_in: Some(5 * SECOND)
        }
    );
    assert_eq!(breaker.check(), Err(refused));
    advance(2 * SECOND).await;
    assert_eq!(breaker.check().unwrap_err().retry_in, Some(3 * SECOND));
    advance(3 * SECOND).await;
    assert_eq!(breaker.check(), Ok(()));
    assert_eq!(breaker.state(), State::Open, "looking is not trying");
}

#[tokio::test(start_paused = true)]
async fn one_trial_at_a_time_decides() {
    let breaker = opened(config());
    advance(5 * SECOND).await;
    let trial = breaker.try_acquire().expect("a trial");
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(
        breaker.try_acquire().err().expect("one trial only").state,
        State::HalfOpen
    );
    trial.settle(Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
    settle_times(&breaker, 3, Outcome::Success);
}

#[tokio::test(start_paused = true)]
async fn as_many_trials_as_asked_for_close_it() {
    let breaker = opened(Config {
        trials_to_close: 3,
        ..config()
    });
    advance(5 * SECOND).await;
    for _ in 0..2 {
        settle(&breaker, Outcome::Success);
        assert_eq!(breaker.state(), State::HalfOpen);
    }
    settle(&breaker, Outcome::Success);
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test(start_paused = true)]
async fn open_times_double_up_to_their_cap() {
    let breaker = opened(config());
    for expected in [5, 10, 20, 30, 30, 30] {
        assert_eq!(opens_in(&breaker), Duration::from_secs(expected));
        advance(Duration::from_secs(expected)).await;
        settle(&breaker, Outcome::Failure);
    }
}

#[tokio::test(start_paused = true)]
async fn only_healthy_time_makes_it_forget() {
    for (healthy, expected) in [(59, 10), (60, 5)] {
        let breaker = opened(config());
        advance(5 * SECOND).await;
        settle(&breaker, Outcome::Success);
        advance(Duration::from_secs(healthy)).await;
        settle(&breaker, Outcome::Severe);
        assert_eq!(
            opens_in(&breaker),
            Duration::from_secs(expected),
            "after {healthy} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_says_nothing_frees_its_place() {
    for outcome in [None, Some(Outcome::Cancelled), Some(Outcome::Ignored)] {
        let breaker = opened(config());
        advance(5 * SECOND).await;
        let trial = breaker.try_acquire().expect("a trial");
        match outcome {
            None => drop(trial),
            Some(outcome) => trial.settle(outcome),
        }
        assert_eq!(breaker.state(), State::HalfOpen, "{outcome:?}");
        assert!(breaker.try_acquire().is_ok(), "{outcome:?} wedged it");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_trial_reopens_and_counts_no_more() {
    let breaker = opened(Config {
        trial_timeout: 20 * SECOND,
        ..config()
    });
    advance(5 * SECOND).await;
    let trial = breaker.try_acquire().expect("a trial");
    advance(19 * SECOND).await;
    assert_eq!(
        breaker.try_acquire().err().expect("still under way").retry_in,
        Some(SECOND)
    );
    advance(SECOND).await;
    assert!(breaker.try_acquire().is_err());
    assert_eq!((breaker.state(), opens_in(&breaker)), (State::Open, 10 * SECOND));
    trial.settle(Outcome::Success);
    assert_eq!(breaker.state(), State::Open);
    advance(10 * SECOND).await;
    assert!(breaker.try_acquire().is_ok());
}

#[tokio::test(start_paused = true)]
async fn late_outcomes_change_nothing() {
    let breaker = Breaker::new(config());
    let early: Vec<Permit> = (0..20).map(|_| breaker.try_acquire().expect("closed")).collect();
    settle(&breaker, Outcome::Severe);
    let mut early = early.into_iter();
    early.next().expect("there").settle(Outcome::Success);
    assert_eq!(breaker.state(), State::Open, "a late success closes nothing");
    advance(5 * SECOND).await;
    let trial = breaker.try_acquire().expect("a trial");
    early
        .by_ref()
        .take(10)
        .for_each(|permit| permit.settle(Outcome::Failure));
    assert_eq!(breaker.state(), State::HalfOpen, "late failures reopen nothing");
    trial.settle(Outcome::Success);
    early.for_each(|permit| permit.settle(Outcome::Severe));
    assert_eq!(breaker.state(), State::Closed, "late failures open nothing");
}

#[tokio::test(start_paused = true)]
async fn an_operator_has_the_last_word() {
    let breaker = Breaker::new(config());
    let before = breaker.try_acquire().expect("closed");
    breaker.force_open("maintenance");
    before.settle(Outcome::Success);
    advance(1000 * SECOND).await;
    assert_eq!(
        breaker.try_acquire().err(),
        Some(Refused {
            state: State::ForcedOpen,
            retry_in: None
        })
    );
    breaker.reset();
    settle(&breaker, Outcome::Success);
    let told: Vec<_> = breaker
        .snapshot()
        .history
        .iter()
        .map(|change| (change.to, change.cause.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (State::ForcedOpen, "forced: maintenance".to_owned()),
            (State::Closed, "reset".to_owned())
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn history_is_bounded_and_tells_causes() {
    let breaker = Breaker::new(config());
    settle_times(&breaker, 5, Outcome::Failure);
    assert_eq!(breaker.snapshot().history[0].cause, "5 failures in a row");
    for _ in 0..20 {
        breaker.reset();
    }
    assert_eq!(breaker.snapshot().history.len(), HISTORY);
}

#[tokio::test(start_paused = true)]
async fn the_listener_hears_each_transition() {
    use State::{Closed, HalfOpen, Open};
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&heard);
    let breaker = Breaker::with_listener(
        config(),
        Box::new(move |change| notes.lock().expect("sound").push((change.from, change.to))),
    );
    settle(&breaker, Outcome::Severe);
    advance(5 * SECOND).await;
    settle(&breaker, Outcome::Success);
    assert_eq!(
        *heard.lock().expect("sound"),
        [(Closed, Open), (Open, HalfOpen), (HalfOpen, Closed)]
    );
}

#[test]
fn open_times_jitter_below_their_cap() {
    let config = Config::default();
    let times = |streak| -> Vec<Duration> { (0..500).map(|_| open_time(&config, streak)).collect() };
    for (streak, shortest, longest) in [(0, 4.0, 6.0), (1, 8.0, 12.0), (3, 24.0, 30.0), (40, 24.0, 30.0)] {
        let times = times(streak);
        let (least, most) = (
            times.iter().min().expect("many"),
            times.iter().max().expect("many"),
        );
        assert!(
            least.as_secs_f64() >= shortest && most.as_secs_f64() <= longest,
            "{streak}: {least:?}..{most:?}"
        );
        assert!(
            most.saturating_sub(*least) > Duration::from_secs_f64((longest - shortest) * 0.8),
            "{streak} hardly varies"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn absurd_numbers_do_not_break_it() {
    let breaker = Breaker::new(Config {
        window: Duration::ZERO,
        open: Duration::MAX,
        open_max: Duration::MAX,
        jitter: f64::NAN,
        trial_timeout: Duration::MAX,
        failure_ratio: f64::NAN,
        ..Config::default()
    });
    settle_times(&breaker, 5, Outcome::Failure);
    assert_eq!(opens_in(&breaker), LONGEST);
    advance(LONGEST).await;
    let _trial = breaker.try_acquire().expect("a trial");
    assert!(breaker.check().is_err());
}

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Acquire,
    /// Settles one of the permits that are out, oldest or newer.
    Settle(prop::sample::Index, Outcome),
    Drop(prop::sample::Index),
    Advance(u64),
    ForceOpen,
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Failure),
        3 => Just(Outcome::Success),
        1 => Just(Outcome::Severe),
        1 => Just(Outcome::Ignored),
    ];
    prop_oneof![
        8 => Just(Step::Acquire),
        6 => (any::<prop::sample::Index>(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        2 => any::<prop::sample::Index>().prop_map(Step::Drop),
        3 => (0_u64..12_000).prop_map(Step::Advance),
        1 => (12_000_u64..70_000).prop_map(Step::Advance),
        1 => Just(Step::ForceOpen),
        2 => Just(Step::Reset),
    ]
}

/// A permit that is out, and what admitted it.
struct Out {
    permit: Permit,
    trial: bool,
    since: Instant,
}

/// Plays a history and checks, after each step, what always holds.
async fn play(steps: Vec<Step>) {
    let config = Config {
        trial_timeout: 20 * SECOND,
        trials_to_close: 2,
        ..Config::default()
    };
    let breaker = Breaker::new(config.clone());
    let mut out: Vec<Out> = Vec::new();
    for step in steps {
        let (before, epoch) = (breaker.state(), breaker.shared.lock().epoch);
        match step {
            Step::Acquire => {
                let checked = breaker.check().is_ok();
                let acquired = breaker.try_acquire();
                assert_eq!(checked, acquired.is_ok(), "looking and trying agree");
                if let Ok(permit) = acquired {
                    let trial = breaker.state() != State::Closed;
                    out.push(Out {
                        permit,
                        trial,
                        since: Instant::now(),
                    });
                }
            }
            Step::Settle(which, outcome) if !out.is_empty() => {
                let one = out.swap_remove(which.index(out.len()));
                let late = one.permit.epoch != epoch;
                let failures = breaker.shared.lock().failures_in_a_row;
                one.permit.settle(outcome);
                if late && breaker.shared.lock().epoch != epoch {
                    // The only thing that may move is a trial whose time was over.
                    assert_eq!((before, breaker.state()), (State::HalfOpen, State::Open));
                } else if late {
                    assert_eq!(
                        breaker.shared.lock().failures_in_a_row,
                        failures,
                        "a late outcome counted"
                    );
                }
            }
            Step::Drop(which) if !out.is_empty() => {
                let one = out.swap_remove(which.index(out.len()));
                let was_the_trial = one.trial && one.permit.epoch == epoch;
                let overdue = one.since.elapsed() >= config.trial_timeout;
                drop(one);
                if was_the_trial && !overdue {
                    assert!(breaker.check().is_ok(), "a dropped trial wedged the circuit");
                }
            }
            Step::Advance(ms) => advance(Duration::from_millis(ms)).await,
            Step::ForceOpen => breaker.force_open("test"),
            Step::Reset => breaker.reset(),
            Step::Settle(..) | Step::Drop(_) => {}
        }
        let epoch = breaker.shared.lock().epoch;
        let trials = out
            .iter()
            .filter(|one| {
                one.trial && one.permit.epoch == epoch && one.since.elapsed() < config.trial_timeout
            })
            .count();
        assert!(trials <= 1, "{trials} trials at once");
        if let Some(opens_in) = breaker.snapshot().opens_in {
            assert!(opens_in <= config.open_max, "open for {opens_in:?}");
        }
    }
    // Whatever happened, it recovers: nothing that is still out can hold it shut.
    if breaker.state() == State::ForcedOpen {
        breaker.reset();
    }
    advance(config.trial_timeout).await;
    let _ = breaker.check();
    advance(config.open_max).await;
    for _ in 0..config.trials_to_close {
        settle(&breaker, Outcome::Success);
    }
    assert_eq!(breaker.state(), State::Closed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_happens(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(play(steps));
    }
}
