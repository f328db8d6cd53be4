//! The language of faults, and the rules that schedule them.

use super::*;

#[test]
fn every_word_is_read_and_written_back() {
    let all = [
        "status=429;code=insufficient_quota;retry-after=2",
        "status=503;body=gone;retry-after-ms=200,delay=5",
        "first-byte=7",
        "trickle=9",
        "silent",
        "close",
        "reset",
        "stall=0",
        "cut=1",
        "close=2",
        "reset=3",
        "malformed=4",
        "garbage=5",
        "fragment,no-done,no-usage",
        "filter-prompt",
        "filter-answer",
        "filter-error",
        "delay=1,answer={\"a\": 1, \"b\": 2}",
    ];
    for words in all {
        let fault: Fault = words.parse().expect(words);
        assert_eq!(fault.to_string(), words);
    }
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    for (words, reason) in [
        ("", "empty"),
        ("explode", "unknown fault `explode`"),
        ("stall", "needs a number"),
        ("stall=x", "no number"),
        ("status=200", "400 to 599"),
        ("status=70000", "400 to 599"),
        ("status=500;oops", "key=value"),
    ] {
        let error = words.parse::<Fault>().expect_err(words);
        assert!(error.contains(reason), "{words}: {error}");
    }
    assert!(Fault::in_text("a [[fault:reset").is_err());
    assert_eq!(
        Fault::in_text("a [[fault:reset]] b"),
        Ok(Some(Fault::before_head(Ending::Reset)))
    );
    assert_eq!(Fault::in_text("plain"), Ok(None));
}

fn strikes(schedule: Schedule, requests: usize) -> Vec<usize> {
    let faults = Faults::default();
    faults.add(Rule {
        fault: Fault::status(500),
        deployment: Some("a".to_owned()),
        schedule,
    });
    assert_eq!(faults.strike("b"), None, "another deployment is left alone");
    faults.clear();
    faults.add(Rule {
        fault: Fault::status(500),
        deployment: None,
        schedule,
    });
    (1..=requests).filter(|_| faults.strike("a").is_some()).collect()
}

#[tokio::test(start_paused = true)]
async fn schedules_strike_the_requests_they_name() {
    assert_eq!(strikes(Schedule::Always, 3), [1, 2, 3]);
    assert_eq!(strikes(Schedule::Next(2), 5), [1, 2]);
    assert_eq!(strikes(Schedule::Every(3), 7), [3, 6]);
    let some = strikes(
        Schedule::Chance {
            probability: 0.5,
            seed: 7,
        },
        64,
    );
    assert_eq!(
        some,
        strikes(
            Schedule::Chance {
                probability: 0.5,
                seed: 7
            },
            64
        )
    );
    assert!((16..=48).contains(&some.len()), "{}", some.len());
    assert_ne!(
        some,
        strikes(
            Schedule::Chance {
                probability: 0.5,
                seed: 8
            },
            64
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_window_opens_and_closes() {
    let faults = Faults::default();
    let (after, length) = (Duration::from_secs(1), Duration::from_secs(2));
    faults.add(Rule {
        fault: Fault::status(500),
        deployment: None,
        schedule: Schedule::Window { after, length },
    });
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(faults.strike("a").is_some());
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert_eq!(seen, [false, true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn rules_are_asked_in_order_and_spent_ones_leave() {
    let faults = Faults::default();
    faults.next(1, Fault::status(500));
    faults.next(1, Fault::before_head(Ending::Reset));
    assert_eq!(faults.strike("a"), Some(Fault::status(500)));
    assert_eq!(faults.strike("a"), Some(Fault::before_head(Ending::Reset)));
    assert_eq!(faults.strike("a"), None);
    assert!(faults.rules().is_empty());
}
