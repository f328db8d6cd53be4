//! The gate under a paused clock: tables for what it does, random histories for what always holds.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::throttle::*;

async fn after(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_shorter_hint_never_shortens() {
    let gate = Throttle::new(Config::default());
    gate.shut(Some(Duration::from_secs(20)));
    gate.shut(Some(Duration::from_secs(2)));
    assert_eq!(gate.try_pass().unwrap_err(), Duration::from_secs(20));
    after(19).await;
    assert!(gate.try_pass().is_err());
    after(1).await;
    assert!(gate.try_pass().is_ok());
    assert_eq!(gate.remaining(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn unknown_waits_double_up_to_their_cap_and_are_forgotten() {
    let gate = Throttle::new(Config::default());
    for expected in [1, 2, 4, 8, 16, 30, 30] {
        gate.shut(None);
        assert_eq!(gate.remaining(), Duration::from_secs(expected));
        after(expected).await;
    }
    let pass = gate.try_pass().expect("open again");
    gate.relieve(pass);
    gate.shut(None);
    assert_eq!(gate.remaining(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_day_is_looked_into_once_a_minute() {
    let gate = Throttle::new(Config::default());
    gate.shut(Some(Duration::from_hours(24)));
    assert_eq!(gate.try_pass().unwrap_err(), Duration::from_mins(1));
    after(60).await;
    let probe = gate.try_pass().expect("one look");
    assert_eq!(gate.try_pass().unwrap_err(), Duration::from_mins(1), "only one");
    gate.relieve(probe);
    assert!(gate.try_pass().is_ok(), "the look found it open");
}

#[tokio::test(start_paused = true)]
async fn a_success_from_before_opens_nothing() {
    let gate = Throttle::new(Config::default());
    let early = gate.try_pass().expect("open");
    gate.shut(Some(Duration::from_secs(10)));
    gate.relieve(early);
    assert!(gate.try_pass().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_absurd_hint_does_not_overflow() {
    let gate = Throttle::new(Config::default());
    gate.shut(Some(Duration::MAX));
    assert!(gate.remaining() <= Duration::from_hours(24));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_hold_a_call_spills_it_until_the_reset() {
    let second = Duration::from_secs(1);
    let tokens = |amount, resets_in| Allowance {
        tokens: Some(Left { amount, resets_in }),
        requests: None,
    };
    let requests = |amount, resets_in| Allowance {
        tokens: None,
        requests: Some(Left { amount, resets_in }),
    };
    let cases = [
        ("nothing is known", Allowance::default(), None),
        ("enough", tokens(100, Some(second)), None),
        ("one too few", tokens(99, Some(second)), Some(second)),
        ("nobody said until when", tokens(99, None), Some(10 * second)),
        ("it was reset already", tokens(0, Some(Duration::ZERO)), None),
        ("a request is left", requests(1, Some(second)), None),
        ("no request is left", requests(0, Some(second)), Some(second)),
        (
            "an absurd reset",
            tokens(0, Some(Duration::MAX)),
            Some(24 * 3600 * second),
        ),
    ];
    for (name, allowance, expected) in cases {
        let gate = Throttle::new(Config::default());
        gate.learn(allowance);
        assert_eq!(gate.spills(100), expected, "{name}");
        assert!(gate.try_pass().is_ok(), "{name}: it is advice, no more");
        tokio::time::advance(expected.unwrap_or_default()).await;
        assert_eq!(gate.spills(100), None, "{name}: after the reset");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_spent_until_it_is_told_afresh() {
    let gate = Throttle::new(Config::default());
    let left = |amount| Left {
        amount,
        resets_in: Some(Duration::from_mins(1)),
    };
    gate.learn(Allowance {
        tokens: Some(left(250)),
        requests: Some(left(9)),
    });
    for left in [250, 150, 50] {
        assert_eq!(gate.spills(100).is_some(), left < 100, "{left} left");
        gate.spend(100);
    }
    gate.learn(Allowance {
        tokens: Some(left(100)),
        requests: None,
    });
    assert_eq!(gate.spills(100), None, "the next answer knows better");
    (0..6).for_each(|_| gate.spend(0));
    assert!(gate.spills(0).is_some(), "what was not told again stays");
}

#[tokio::test(start_paused = true)]
async fn spilling_can_be_switched_off() {
    let gate = Throttle::new(Config {
        spill: false,
        ..Config::default()
    });
    gate.learn(Allowance {
        tokens: Some(Left {
            amount: 0,
            resets_in: None,
        }),
        requests: None,
    });
    assert_eq!(gate.spills(1), None);
}

/// One thing that may happen to a gate.
#[derive(Debug, Clone)]
enum Step {
    Shut(Option<u64>),
    Pass,
    Relieve(prop::sample::Index),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![4 => 0_u64..40, 1 => Just(24 * 3600), 1 => Just(u64::MAX)];
    prop_oneof![
        2 => prop::option::of(seconds).prop_map(Step::Shut),
        6 => Just(Step::Pass),
        2 => any::<prop::sample::Index>().prop_map(Step::Relieve),
        4 => (0_u64..90).prop_map(Step::Advance),
    ]
}

/// A gate beside the plainest account of what it was told.
#[derive(Default)]
struct Told {
    /// Not before this, unless for a look.
    until: Option<Instant>,
    /// The last time that it was told, or that somebody passed a shut gate.
    looked: Option<Instant>,
    /// Passes that are out, with how often it had been shut before.
    out: Vec<(Pass, usize)>,
    shut: usize,
}

async fn play(steps: Vec<Step>) {
    let config = Config::default();
    let gate = Throttle::new(config.clone());
    let mut told = Told::default();
    for step in steps {
        let now = Instant::now();
        let is_shut = told.until.is_some_and(|until| now < until);
        match step {
            Step::Shut(seconds) => {
                let before = gate.remaining();
                gate.shut(seconds.map(Duration::from_secs));
                let after = gate.remaining();
                let least = seconds.map_or(config.unknown, Duration::from_secs);
                assert!(after >= before, "a hint shortened it");
                assert!(
                    after >= least.min(Duration::from_hours(24)),
                    "it opens before it was told"
                );
                assert!(after <= Duration::from_hours(24), "{after:?}");
                told.until = Some(now + after);
                told.looked = Some(now);
                told.shut += 1;
            }
            Step::Pass => {
                let checked = gate.check();
                let passed = gate.try_pass();
                assert_eq!(checked.is_ok(), passed.is_ok(), "looking and trying agree");
                let since_look = told.looked.map_or(Duration::MAX, |looked| now - looked);
                let due = since_look >= config.probe_every;
                assert_eq!(
                    passed.is_ok(),
                    !is_shut || due,
                    "shut {is_shut}, last look {since_look:?} ago"
                );
                match passed {
                    Ok(pass) => {
                        told.out.push((pass, told.shut));
                        if is_shut {
                            told.looked = Some(now);
                        }
                    }
                    Err(opens_in) => assert!(opens_in <= config.probe_every, "it opens in {opens_in:?}"),
                }
            }
            Step::Relieve(which) if !told.out.is_empty() => {
                let (pass, shut) = told.out.swap_remove(which.index(told.out.len()));
                let before = gate.remaining();
                gate.relieve(pass);
                if shut == told.shut {
                    assert_eq!(gate.remaining(), Duration::ZERO);
                    told.until = None;
                } else {
                    assert_eq!(gate.remaining(), before, "an answer from before opened it");
                }
            }
            Step::Advance(seconds) => tokio::time::advance(Duration::from_secs(seconds)).await,
            Step::Relieve(_) => {}
        }
    }
    // Whatever it was told, it is looked into within a minute.
    tokio::time::advance(config.probe_every).await;
    assert!(gate.try_pass().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn whatever_it_is_told(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(play(steps));
    }
}
