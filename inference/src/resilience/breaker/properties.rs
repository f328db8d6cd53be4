//! Random histories of a breaker on a paused clock: what always holds, whatever happens in whichever order.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::breaker::*;

const SECOND: Duration = Duration::from_secs(1);

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Step {
    Acquire,
    /// Settles one of the permits that are out, oldest or newer.
    Settle(prop::sample::Index, Outcome),
    Drop(prop::sample::Index),
    Advance(u64),
    Force(State),
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Failure),
        3 => Just(Outcome::Success),
        2 => Just(Outcome::Slow),
        1 => Just(Outcome::Severe),
        1 => Just(Outcome::Ignored),
    ];
    let forced = prop_oneof![
        Just(State::ForcedOpen),
        Just(State::ForcedClosed),
        Just(State::Drained)
    ];
    prop_oneof![
        16 => Just(Step::Acquire),
        12 => (any::<prop::sample::Index>(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        4 => any::<prop::sample::Index>().prop_map(Step::Drop),
        6 => (0_u64..12_000).prop_map(Step::Advance),
        2 => (12_000_u64..70_000).prop_map(Step::Advance),
        1 => forced.prop_map(Step::Force),
        3 => Just(Step::Resume),
    ]
}

/// A permit that is out, and what admitted it.
struct Out {
    permit: Permit,
    trial: bool,
    since: Instant,
}

/// A breaker, and everything that was asked of it.
struct Play {
    breaker: Breaker,
    config: Config,
    out: Vec<Out>,
    /// When it opened last, as seen from outside.
    opened: Option<(u64, Instant)>,
}

impl Play {
    fn new() -> Self {
        let config = Config {
            trial_timeout: 20 * SECOND,
            trials_to_close: 2,
            minimum_calls: 8,
            ..Config::default()
        };
        Self {
            breaker: Breaker::new(config.clone()),
            config,
            out: Vec::new(),
            opened: None,
        }
    }

    fn epoch(&self) -> u64 {
        self.breaker.look(|core| core.epoch)
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Acquire => self.acquire(),
            Step::Settle(which, outcome) if !self.out.is_empty() => self.settle(which, outcome),
            Step::Drop(which) if !self.out.is_empty() => self.drop(which),
            Step::Advance(ms) => advance(Duration::from_millis(ms)).await,
            Step::Force(State::ForcedOpen) => self.breaker.force_open("test".into()),
            Step::Force(State::ForcedClosed) => self.breaker.force_closed("test".into()),
            Step::Force(_) => self.breaker.drain("test".into()),
            Step::Resume => self.breaker.resume(&"test".into()),
            Step::Settle(..) | Step::Drop(_) => {}
        }
        self.check();
    }

    fn acquire(&mut self) {
        let checked = self.breaker.check().is_ok();
        let acquired = self.breaker.try_acquire();
        assert_eq!(checked, acquired.is_ok(), "looking and trying agree");
        if let Ok(permit) = acquired {
            assert_eq!(permit.epoch(), self.epoch(), "it is of another epoch");
            self.out.push(Out {
                permit,
                trial: self.breaker.state() == State::HalfOpen,
                since: Instant::now(),
            });
        }
    }

    fn settle(&mut self, which: prop::sample::Index, outcome: Outcome) {
        let (before, epoch) = (self.breaker.state(), self.epoch());
        let one = self.out.swap_remove(which.index(self.out.len()));
        let late = one.permit.epoch() != epoch;
        let counted = |breaker: &Breaker| breaker.look(|core| (core.failures_in_a_row, core.trial));
        let (failures, trial) = counted(&self.breaker);
        one.permit.settle(outcome);
        if late && self.epoch() != epoch {
            // The only thing that may move is a trial whose time was over.
            assert_eq!((before, self.breaker.state()), (State::HalfOpen, State::Open));
        } else if late {
            assert_eq!(
                counted(&self.breaker),
                (failures, trial),
                "a late outcome counted"
            );
        }
    }

    fn drop(&mut self, which: prop::sample::Index) {
        let epoch = self.epoch();
        let one = self.out.swap_remove(which.index(self.out.len()));
        let was_the_trial = one.trial && one.permit.epoch() == epoch;
        let overdue = one.since.elapsed() >= self.config.trial_timeout;
        drop(one);
        if was_the_trial && !overdue {
            assert!(self.breaker.check().is_ok(), "a dropped trial wedged the circuit");
        }
    }

    /// What holds after each step.
    fn check(&mut self) {
        let (epoch, snapshot) = (self.epoch(), self.breaker.snapshot());
        let in_time = |one: &&Out| one.since.elapsed() < self.config.trial_timeout;
        let trials = self.out.iter().filter(in_time);
        let trials = trials.filter(|one| one.trial && one.permit.epoch() == epoch);
        let trials = trials.count();
        assert!(trials <= 1, "{trials} trials at once");
        assert_eq!(snapshot.forced.is_some(), snapshot.state.is_forced());
        assert!(snapshot.history.len() <= 16);
        let may_grow = snapshot.state == State::Closed;
        assert!(
            snapshot
                .ramp
                .is_none_or(|share| may_grow && (self.config.ramp_from..1.0).contains(&share)),
            "{snapshot:?}"
        );
        self.check_open(epoch, &snapshot);
    }

    /// Open never lasts longer than its cap: not as it is told, and not as it is seen.
    fn check_open(&mut self, epoch: u64, snapshot: &Snapshot) {
        let Some(opens_in) = snapshot.opens_in else {
            self.opened = None;
            return;
        };
        assert!(opens_in <= self.config.open_max, "open for {opens_in:?}");
        let since = match self.opened {
            Some((seen, since)) if seen == epoch => since,
            _ => Instant::now(),
        };
        self.opened = Some((epoch, since));
        if since.elapsed() >= self.config.open_max {
            assert!(
                self.breaker.check().is_ok(),
                "still open after {:?}",
                since.elapsed()
            );
        }
    }

    /// Whatever happened, it recovers: nothing that is still out can hold it shut.
    async fn recover(self) {
        if self.breaker.state().is_forced() {
            self.breaker.resume(&"test".into());
        }
        advance(self.config.trial_timeout).await;
        let _ = self.breaker.check();
        advance(self.config.open_max).await;
        for _ in 0..self.config.trials_to_close {
            self.breaker
                .try_acquire()
                .expect("it recovers")
                .settle(Outcome::Success);
        }
        assert_eq!(self.breaker.state(), State::Closed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn whatever_happens(steps in prop::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let mut play = Play::new();
            for step in steps {
                play.take(step).await;
            }
            play.recover().await;
        });
    }
}
