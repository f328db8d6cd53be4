//! Breaker and gate compiled a second time, on loom's locks and atomics, and run through every order in which
//! two threads may take their steps.

#[expect(
    unreachable_pub,
    dead_code,
    reason = "public and used where it is compiled the first time"
)]
#[path = "breaker/mod.rs"]
mod breaker;
#[expect(
    unreachable_pub,
    dead_code,
    unused_imports,
    reason = "public and used where it is compiled the first time"
)]
#[path = "throttle/mod.rs"]
mod throttle;

/// What `super::sync` is to the code above.
mod sync {
    pub(super) use std::sync::PoisonError;

    pub(super) use loom::sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    };
}

use std::time::Duration;

use loom::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use self::{
    breaker::{Breaker, Config, Outcome, Permit, State},
    throttle::Throttle,
};

/// Opens on the first failure and may be tried at once: real time, which loom does not know, plays no part.
fn hasty() -> Config {
    Config {
        consecutive_failures: 1,
        open: Duration::ZERO,
        open_max: Duration::ZERO,
        jitter: 0.0,
        ramp: Duration::ZERO,
        ..Config::default()
    }
}

/// Opens on the first failure, for longer than any test.
fn lasting() -> Config {
    Config {
        open: Duration::from_hours(1),
        open_max: Duration::from_hours(1),
        ..hasty()
    }
}

/// A breaker whose open time is over.
fn due() -> Breaker {
    let breaker = Breaker::new(hasty());
    breaker.try_acquire().expect("closed").settle(Outcome::Failure);
    breaker
}

/// Lets two threads do something to the same breaker.
fn both(breaker: &Breaker, one: impl FnOnce(Breaker) + Send + 'static, other: impl FnOnce(&Breaker)) {
    let mine = breaker.clone();
    let thread = thread::spawn(move || one(mine));
    other(breaker);
    thread.join().expect("no panic");
}

#[test]
fn one_trial_at_a_time_and_a_dropped_one_wedges_nothing() {
    loom::model(|| {
        let breaker = due();
        let trials = Arc::new(AtomicUsize::new(0));
        let attempt = |trials: Arc<AtomicUsize>, end: fn(Permit)| {
            move |breaker: &Breaker| {
                if let Ok(permit) = breaker.try_acquire() {
                    assert_eq!(trials.fetch_add(1, SeqCst), 0, "two trials at once");
                    trials.fetch_sub(1, SeqCst);
                    end(permit);
                }
            }
        };
        let one = attempt(Arc::clone(&trials), drop);
        let other = attempt(trials, |permit| permit.settle(Outcome::Ignored));
        both(&breaker, move |breaker| one(&breaker), other);
        assert!(breaker.try_acquire().is_ok(), "wedged");
    });
}

#[test]
fn of_two_severe_failures_the_later_one_is_late() {
    loom::model(|| {
        let breaker = Breaker::new(lasting());
        let permits = [breaker.try_acquire(), breaker.try_acquire()];
        let [one, other] = permits.map(|permit| permit.expect("closed"));
        both(
            &breaker,
            move |_| one.settle(Outcome::Severe),
            |_| other.settle(Outcome::Severe),
        );
        assert_eq!(breaker.snapshot().history.len(), 1, "it opened once");
        assert_eq!(breaker.state(), State::Open);
    });
}

#[test]
fn nobody_passes_once_it_is_known_to_be_open() {
    loom::model(|| {
        let breaker = Breaker::new(lasting());
        let permit = breaker.try_acquire().expect("closed");
        let opened = Arc::new(AtomicUsize::new(0));
        let known = Arc::clone(&opened);
        both(
            &breaker,
            move |_| {
                permit.settle(Outcome::Failure);
                opened.store(1, SeqCst);
            },
            |breaker| {
                let was_known = known.load(SeqCst) == 1;
                match breaker.try_acquire() {
                    Ok(permit) => {
                        assert!(!was_known, "given leave while open");
                        permit.settle(Outcome::Success);
                    }
                    Err(refused) => assert_eq!(refused.state, State::Open),
                }
            },
        );
        assert_eq!(breaker.state(), State::Open, "a late success closed it");
        assert!(
            breaker.check().is_err(),
            "the word that is read without the lock is out of date"
        );
    });
}

#[test]
fn an_order_outlives_a_trial() {
    loom::model(|| {
        let breaker = due();
        let trial = breaker.try_acquire().expect("a trial");
        both(
            &breaker,
            move |_| trial.settle(Outcome::Success),
            |breaker| breaker.force_open("test".into()),
        );
        assert_eq!(breaker.state(), State::ForcedOpen);
        assert!(breaker.check().is_err());
        breaker.resume(&"test".into());
        assert!(breaker.try_acquire().is_ok());
    });
}

#[test]
fn what_is_forced_closed_flows_whatever_comes_of_calls() {
    loom::model(|| {
        let breaker = Breaker::new(lasting());
        let before = breaker.try_acquire().expect("closed");
        both(
            &breaker,
            move |_| before.settle(Outcome::Severe),
            |breaker| breaker.force_closed("test".into()),
        );
        breaker.try_acquire().expect("forced").settle(Outcome::Severe);
        assert!(breaker.is_forced_closed() && breaker.check().is_ok());
    });
}

#[test]
fn a_gate_that_was_shut_meanwhile_stays_shut() {
    loom::model(|| {
        let gate = Arc::new(Throttle::new(throttle::Config::default()));
        let pass = gate.try_pass().expect("open");
        let shut = Arc::clone(&gate);
        let thread = thread::spawn(move || shut.shut(Some(Duration::from_hours(1))));
        gate.relieve(pass);
        thread.join().expect("no panic");
        assert!(gate.try_pass().is_err(), "an answer from before opened it");
    });
}
