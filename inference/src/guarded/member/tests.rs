//! Random histories of several processes that call the same thing: honest ones, and a fleet that lies.

use std::{collections::VecDeque, iter::repeat_with};

use proptest::{prelude::*, sample::Index};
use tokio::time::advance;

use super::*;
use crate::{
    fleet::Heed,
    resilience::breaker::{Outcome, Permit},
};

const SECOND: Duration = Duration::from_secs(1);
const PODS: usize = 3;

fn config() -> breaker::Config {
    breaker::Config {
        consecutive_failures: 2,
        ..breaker::Config::default()
    }
}

fn circuit(fleet: &Arc<dyn Fleet>) -> Circuit {
    let circuit = Circuit::new(
        config(),
        Some(Member::new(fleet, "c".to_owned(), &config())),
        |_| {},
    );
    circuit.listen(|| {});
    circuit
}

/// A lease and a note, as processes that keep to them see it.
#[derive(Default)]
struct Board {
    lease: Option<(usize, Instant)>,
    /// Who wrote it, whether it says open, when, and for how long.
    note: Option<(usize, bool, Instant, Duration)>,
}

/// One process's view of the board.
struct Honest {
    me: usize,
    board: Arc<Mutex<Board>>,
    heed: Mutex<Option<Heed>>,
}

impl Honest {
    fn look(&self) {
        let note = self.board.lock().unwrap().note;
        let news = match note {
            Some((by, true, at, open_for)) if by != self.me && at.elapsed() < open_for => News::Opened {
                ago: at.elapsed(),
                left: open_for.saturating_sub(at.elapsed()),
            },
            Some((by, false, at, _)) if by != self.me => News::Closed { ago: at.elapsed() },
            _ => return,
        };
        if let Some(heed) = &*self.heed.lock().unwrap() {
            heed(news);
        }
    }
}

#[async_trait::async_trait]
impl Fleet for Honest {
    async fn ask_for_trial(&self, _: &str, at_most: Duration) -> Leave {
        let mut board = self.board.lock().unwrap();
        match board.lease {
            Some((by, until)) if by != self.me && Instant::now() < until => {
                Leave::Taken(until - Instant::now())
            }
            _ => {
                board.lease = Some((self.me, Instant::now() + at_most));
                Leave::Granted
            }
        }
    }

    fn trial_ended(&self, _: &str) {
        let mut board = self.board.lock().unwrap();
        board.lease.take_if(|(by, _)| *by == self.me);
    }

    fn opened(&self, _: &str, open_for: Duration) {
        self.board.lock().unwrap().note = Some((self.me, true, Instant::now(), open_for));
    }

    fn closed(&self, _: &str) {
        self.board.lock().unwrap().note = Some((self.me, false, Instant::now(), Duration::ZERO));
    }

    fn listen(&self, _: &str, heed: Heed) {
        *self.heed.lock().unwrap() = Some(heed);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Enter(usize),
    Settle(Index, Outcome),
    Drop(Index),
    Look(usize),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome =
        prop_oneof![3 => Just(Outcome::Failure), 2 => Just(Outcome::Success), 1 => Just(Outcome::Ignored)];
    prop_oneof![
        8 => (0..PODS).prop_map(Step::Enter),
        6 => (any::<Index>(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        1 => any::<Index>().prop_map(Step::Drop),
        5 => (0..PODS).prop_map(Step::Look),
        4 => (0_u64..4000).prop_map(Step::Advance),
    ]
}

/// A call under way.
struct Out {
    permit: Permit,
    lease: Option<Lease>,
    since: Instant,
}

async fn enter(circuit: &Circuit) -> Option<Out> {
    let permit = circuit.try_acquire().ok()?;
    let since = Instant::now();
    if !permit.is_trial() {
        return Some(Out {
            permit,
            lease: None,
            since,
        });
    }
    match circuit.ask().await {
        Ok(lease) => Some(Out { permit, lease, since }),
        Err(left) => {
            permit.defer(left);
            None
        }
    }
}

async fn play(steps: Vec<Step>) {
    let board = Arc::new(Mutex::new(Board::default()));
    let honest: Vec<Arc<Honest>> = (0..PODS)
        .map(|me| {
            Arc::new(Honest {
                me,
                board: Arc::clone(&board),
                heed: Mutex::default(),
            })
        })
        .collect();
    let circuits: Vec<_> = honest
        .iter()
        .map(|fleet| circuit(&(Arc::clone(fleet) as Arc<dyn Fleet>)))
        .collect();
    let mut out: Vec<Out> = Vec::new();
    for step in steps {
        match step {
            Step::Enter(pod) => out.extend(enter(&circuits[pod]).await),
            Step::Settle(which, outcome) if !out.is_empty() => {
                let Out { permit, lease, .. } = out.swap_remove(which.index(out.len()));
                permit.settle(outcome);
                drop(lease);
            }
            Step::Drop(which) if !out.is_empty() => drop(out.swap_remove(which.index(out.len()))),
            Step::Look(pod) => honest[pod].look(),
            Step::Advance(ms) => advance(Duration::from_millis(ms)).await,
            Step::Settle(..) | Step::Drop(_) => {}
        }
        let in_time = |one: &&Out| one.permit.is_trial() && one.since.elapsed() < config().trial_timeout;
        let trials = out.iter().filter(in_time).count();
        assert!(trials <= 1, "{trials} trials of the fleet at once");
    }
    // Whatever happened, and though some calls never end: once it works, all of them close without another failure.
    advance(config().trial_timeout).await;
    for round in 0_u32.. {
        assert!(round < 120, "a circuit stays open");
        for circuit in &circuits {
            if let Some(Out { permit, lease, .. }) = enter(circuit).await {
                permit.settle(Outcome::Success);
                drop(lease);
            }
        }
        if circuits.iter().all(|circuit| circuit.state() == State::Closed) {
            return;
        }
        advance(SECOND).await;
        for fleet in &honest {
            fleet.look();
        }
    }
}

/// A fleet whose every word may be wrong.
struct Liar {
    answers: Mutex<VecDeque<Leave>>,
    heed: Mutex<Option<Heed>>,
}

impl Liar {
    fn say(&self, news: News) {
        if let Some(heed) = &*self.heed.lock().unwrap() {
            heed(news);
        }
    }
}

#[async_trait::async_trait]
impl Fleet for Liar {
    async fn ask_for_trial(&self, _: &str, _: Duration) -> Leave {
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or(Leave::Taken(Duration::MAX))
    }

    fn trial_ended(&self, _: &str) {}
    fn opened(&self, _: &str, _: Duration) {}
    fn closed(&self, _: &str) {}

    fn listen(&self, _: &str, heed: Heed) {
        *self.heed.lock().unwrap() = Some(heed);
    }
}

fn leave() -> impl Strategy<Value = Leave> {
    prop_oneof![
        Just(Leave::Granted),
        Just(Leave::Unknown),
        Just(Leave::Taken(Duration::ZERO)),
        (0_u64..100_000).prop_map(|ms| Leave::Taken(Duration::from_millis(ms))),
    ]
}

/// However long it is lied to, it is tried, and closes once it works.
async fn lie(answers: Vec<Leave>, news: Vec<(u64, u64, bool)>) {
    let liar = Arc::new(Liar {
        answers: Mutex::new(answers.into()),
        heed: Mutex::default(),
    });
    let circuit = circuit(&(Arc::clone(&liar) as Arc<dyn Fleet>));
    for (ago, left, open) in news {
        let (ago, left) = (Duration::from_millis(ago), Duration::from_millis(left));
        liar.say(if open {
            News::Opened { ago, left }
        } else {
            News::Closed { ago }
        });
        if let Some(out) = enter(&circuit).await {
            out.permit.settle(Outcome::Failure);
        }
        advance(left / 4).await;
    }
    // From here on everybody claims for ever that it is broken and that they are trying.
    let before_cap = config().open_max + config().trial_timeout;
    let patience = config().open_max * 10 + config().trial_timeout;
    let mut waited = Duration::ZERO;
    loop {
        liar.say(News::Opened {
            ago: Duration::MAX,
            left: Duration::MAX,
        });
        if let Some(out) = enter(&circuit).await {
            out.permit.settle(Outcome::Success);
            return;
        }
        assert!(waited < patience + before_cap, "kept open by hearsay");
        advance(SECOND).await;
        waited += SECOND;
    }
}

fn on_a_paused_clock(play: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(play);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn one_trial_of_all_and_nobody_stays_open(steps in prop::collection::vec(step(), 1..80)) {
        on_a_paused_clock(play(steps));
    }

    #[test]
    fn no_lie_keeps_a_circuit_open(
        answers in prop::collection::vec(leave(), 0..40),
        news in prop::collection::vec((0_u64..100_000, 0_u64..100_000, any::<bool>()), 0..40),
    ) {
        on_a_paused_clock(lie(answers, news));
    }
}

fn open(circuit: &Circuit) {
    for permit in repeat_with(|| circuit.try_acquire()).take(2) {
        permit.expect("it is closed").settle(Outcome::Failure);
    }
    assert_eq!(circuit.state(), State::Open);
}

#[tokio::test(start_paused = true)]
async fn what_works_here_is_believed_more_than_what_others_say() {
    let liar = Arc::new(Liar {
        answers: Mutex::default(),
        heed: Mutex::default(),
    });
    let circuit = circuit(&(Arc::clone(&liar) as Arc<dyn Fleet>));
    let opened = |ago| News::Opened {
        ago: SECOND * ago,
        left: 5 * SECOND,
    };
    circuit.try_acquire().unwrap().settle(Outcome::Success);
    advance(SECOND).await;
    liar.say(opened(2));
    assert_eq!(circuit.state(), State::Closed, "it has worked since");
    advance(2 * SECOND).await;
    liar.say(opened(2));
    assert_eq!(circuit.state(), State::Open, "it has not been tried since");
    advance(SECOND).await;
    liar.say(News::Closed { ago: 2 * SECOND });
    assert_eq!(circuit.state(), State::Open, "that was before");
    liar.say(News::Closed { ago: SECOND / 2 });
    assert_eq!(circuit.state(), State::Closed);
    let heard: Vec<_> = circuit
        .snapshot()
        .history
        .iter()
        .map(|change| change.heard)
        .collect();
    assert_eq!(heard, [true, true]);
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_is_told_and_what_was_heard_is_not() {
    let board = Arc::new(Mutex::new(Board::default()));
    let honest = |me| {
        Arc::new(Honest {
            me,
            board: Arc::clone(&board),
            heed: Mutex::default(),
        })
    };
    let (one, other) = (honest(1), honest(2));
    let first = circuit(&(Arc::clone(&one) as Arc<dyn Fleet>));
    let second = circuit(&(Arc::clone(&other) as Arc<dyn Fleet>));
    open(&first);
    let note = board.lock().unwrap().note;
    assert!(
        matches!(note, Some((1, true, _, open_for)) if open_for >= 4 * SECOND),
        "{note:?}"
    );
    advance(SECOND).await;
    other.look();
    assert_eq!(second.state(), State::Open);
    assert!(
        matches!(board.lock().unwrap().note, Some((1, ..))),
        "nobody repeats it"
    );
    // The second tries, the first hears of it.
    advance(6 * SECOND).await;
    let out = enter(&second).await.expect("it is due");
    assert!(enter(&first).await.is_none(), "the other one is at it");
    out.permit.settle(Outcome::Success);
    drop(out.lease);
    one.look();
    assert_eq!((first.state(), second.state()), (State::Closed, State::Closed));
}
