//! The breaker under a paused clock: tables for what it does.

use tokio::time::advance;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use super::breaker::{
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
    use Outcome::{Cancelled, Failure, Ignored, Severe, Slow, Success};
    let fail_every = |n: usize, calls: usize| -> Vec<Outcome> {
        (1..=calls)
            .map(|call| if call % n == 0 { Failure } else { Success })
            .collect()
    };
    let slow_but = |quick: usize, calls: usize| -> Vec<Outcome> {
        [vec![Success; quick], vec![Slow; calls - quick]].concat()
    };
    let cases: [(&str, Vec<Outcome>, State); 14] = [
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
        ("four fifths of twenty are slow", slow_but(4, 20), State::Open),
        ("fewer are slow", slow_but(5, 20), State::Closed),
        ("all of too few are slow", vec![Slow; 19], State::Closed),
        ("all of twenty are slow", vec![Slow; 20], State::Open),
        (
            "what is slow has worked",
            [vec![Failure; 4], vec![Slow], vec![Failure; 4]].concat(),
            State::Closed,
        ),
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
    breaker.force_open(Order::new("eva", "maintenance"));
    before.settle(Outcome::Success);
    advance(1000 * SECOND).await;
    assert_eq!(
        breaker.try_acquire().err(),
        Some(Refused {
            state: State::ForcedOpen,
            retry_in: None
        })
    );
    breaker.resume(&"test".into());
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
            (State::ForcedOpen, "forced open by eva: maintenance".to_owned()),
            (State::Closed, "resumed by operator: test".to_owned())
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn history_is_bounded_and_tells_causes() {
    let breaker = Breaker::new(config());
    settle_times(&breaker, 5, Outcome::Failure);
    assert_eq!(breaker.snapshot().history[0].cause, "5 failures in a row");
    for _ in 0..20 {
        breaker.resume(&"test".into());
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

#[tokio::test(start_paused = true)]
async fn causes_name_what_was_last() {
    let cases = [
        (Outcome::Failure, 5, "5 failures in a row, the last: timeout"),
        (Outcome::Severe, 1, "severe failure: timeout"),
        (Outcome::Slow, 20, "20 of 20 calls were slow"),
    ];
    for (outcome, times, cause) in cases {
        let breaker = Breaker::new(config());
        for _ in 0..times {
            breaker
                .try_acquire()
                .expect("admitted")
                .settle_as(outcome, "timeout");
        }
        let last = breaker.snapshot().history.pop().expect("it opened");
        assert_eq!(
            (last.cause.as_str(), last.alert),
            (cause, outcome == Outcome::Severe)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_trial_reopens() {
    let breaker = opened(config());
    advance(5 * SECOND).await;
    settle(&breaker, Outcome::Slow);
    assert_eq!((breaker.state(), opens_in(&breaker)), (State::Open, 10 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn the_load_grows_after_closing() {
    let breaker = opened(config());
    assert_eq!(breaker.ramp(), None, "only what is closed ramps");
    advance(5 * SECOND).await;
    settle(&breaker, Outcome::Success);
    for (left, share, wait) in [(10, 0.1, 5), (5, 0.55, 4), (1, 0.91, 1)] {
        let ramp = breaker.ramp().expect("it grows");
        assert!((ramp.share - share).abs() < 1e-9, "{ramp:?}");
        assert_eq!(ramp.left, Duration::from_secs(left));
        advance(Duration::from_secs(wait)).await;
    }
    assert_eq!((breaker.ramp(), breaker.snapshot().ramp), (None, None));
}

#[tokio::test(start_paused = true)]
async fn what_fails_while_the_load_grows_opens_at_once() {
    let breaker = opened(config());
    advance(5 * SECOND).await;
    settle(&breaker, Outcome::Success);
    settle(&breaker, Outcome::Severe);
    assert_eq!((breaker.state(), breaker.ramp()), (State::Open, None));
}

#[tokio::test(start_paused = true)]
async fn a_ramp_of_no_time_is_none() {
    let breaker = opened(Config {
        ramp: Duration::ZERO,
        ..config()
    });
    advance(5 * SECOND).await;
    settle(&breaker, Outcome::Success);
    assert_eq!(breaker.ramp(), None);
}

#[tokio::test(start_paused = true)]
async fn orders_and_what_they_do() {
    type Give = fn(&Breaker, Order);
    let cases: [(Give, State, bool, &str); 3] = [
        (
            Breaker::force_open,
            State::ForcedOpen,
            false,
            "forced open by eva: why",
        ),
        (
            Breaker::force_closed,
            State::ForcedClosed,
            true,
            "forced closed by eva: why",
        ),
        (Breaker::drain, State::Drained, false, "drained by eva: why"),
    ];
    for (give, state, flows, cause) in cases {
        let breaker = Breaker::new(config());
        give(&breaker, Order::new("eva", "why"));
        let snapshot = breaker.snapshot();
        assert_eq!((snapshot.state, breaker.check().is_ok()), (state, flows));
        let forced = snapshot.forced.expect("an order stands");
        assert_eq!((forced.order.by(), forced.order.reason()), ("eva", "why"));
        assert_eq!(snapshot.history[0].cause, cause);
        if flows {
            settle_times(&breaker, 50, Outcome::Severe);
            assert_eq!(breaker.state(), state, "an order stands whatever comes of calls");
        }
        breaker.resume(&Order::new("bob", "done"));
        let snapshot = breaker.snapshot();
        assert_eq!((snapshot.state, snapshot.forced), (State::Closed, None));
        assert_eq!(snapshot.history[1].cause, "resumed by bob: done");
        assert_eq!(snapshot.ramp.is_some(), !flows, "only what was shut is ramped");
    }
}

#[test]
fn orders_are_short_and_printable() {
    let cases = [
        (Order::new("", " "), "operator", "no reason given"),
        (
            Order::new(" eva\n", "two\nlines\u{1b}[31m"),
            "eva",
            "two lines [31m",
        ),
        (Order::from("disk"), "operator", "disk"),
    ];
    for (order, by, reason) in cases {
        assert_eq!((order.by(), order.reason()), (by, reason));
    }
    let long = Order::new(&"n".repeat(1000), &"\u{e9}".repeat(1000));
    assert_eq!(
        (long.by().chars().count(), long.reason().chars().count()),
        (64, 200)
    );
}

#[test]
fn states_have_the_values_that_dashboards_know() {
    use State::{Closed, Drained, ForcedClosed, ForcedOpen, HalfOpen, Open};
    let values = [Closed, HalfOpen, Open, ForcedOpen, ForcedClosed, Drained].map(State::as_metric);
    assert_eq!(values, [0, 1, 2, 3, 0, 3]);
}
