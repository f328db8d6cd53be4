//! Whatever is reserved, settled and cancelled in whichever order: the limits hold.

use std::collections::VecDeque;

use super::numbers::Numbers;
use super::{Amount, Limits, Moment, Money};

const CASES: u64 = 100_000;
const STEPS: usize = 48;

/// Numbers that a seed decides (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn maybe(&mut self, bound: u64) -> Option<u64> {
        (self.below(4) > 0).then(|| 1 + self.below(bound))
    }
}

/// A tenant as somebody outside sees it: who was let in, and what each took.
struct Seen {
    limits: Limits,
    numbers: Numbers,
    now: Moment,
    running: Vec<Amount>,
    /// When each call was let in, with what it had reserved and then took.
    let_in: VecDeque<i64>,
    spent_day: i64,
    spent_month: i64,
    /// By how much calls that ran when money was short took more than they had reserved.
    beyond: i64,
}

impl Seen {
    fn new(random: &mut Random) -> Self {
        let money = |units: u64| Money::from_nanos(i64::try_from(units).expect("small"));
        let limits = Limits {
            requests_per_minute: random.maybe(20),
            tokens_per_minute: random.maybe(2000),
            concurrent_calls: random.maybe(6),
            budget_day: random.maybe(3000).map(money),
            budget_month: random.maybe(9000).map(money),
        };
        // A few days before a month ends, so that days and months turn.
        let start = 1_764_000_000_000 + i64::try_from(random.below(6 * 86_400_000)).expect("small");
        Self {
            limits,
            numbers: Numbers::default(),
            now: Moment { ms: start },
            running: Vec::new(),
            let_in: VecDeque::new(),
            spent_day: 0,
            spent_month: 0,
            beyond: 0,
        }
    }

    fn step(&mut self, random: &mut Random) {
        match random.below(8) {
            0..=3 => self.reserve(random),
            4 | 5 => self.settle(random),
            6 => self.cancel(random),
            _ => self.wait(random),
        }
    }

    fn reserve(&mut self, random: &mut Random) {
        let ask = Amount {
            tokens: random.below(700),
            cost: Money::from_nanos(i64::try_from(random.below(900)).expect("small")),
        };
        let before = self.numbers.clone();
        match self.numbers.reserve(&self.limits, ask, self.now) {
            Ok(_) => {
                self.running.push(ask);
                self.let_in.push_back(self.now.ms);
                self.check_let_in(ask);
            }
            Err(refused) => {
                // Nothing was taken, and what it says would have been enough really is not.
                let mut before = before;
                let mut after = self.numbers.clone();
                assert_eq!(
                    before.taken(&self.limits, self.now),
                    after.taken(&self.limits, self.now)
                );
                assert!(refused.exceeded.resets_in.is_some() || refused.exceeded.retry_after.is_some());
            }
        }
    }

    /// Whoever was let in fitted into every limit, together with all that was promised to others.
    fn check_let_in(&mut self, ask: Amount) {
        if let Some(limit) = self.limits.concurrent_calls {
            assert!(self.running.len() as u64 <= limit, "too many at once");
        }
        let promised: i64 = self.running.iter().map(|amount| amount.cost.nanos()).sum();
        for (budget, spent) in [
            (self.limits.budget_day, self.spent_day),
            (self.limits.budget_month, self.spent_month),
        ] {
            if let Some(budget) = budget
                && ask.cost > Money::ZERO
            {
                assert!(spent + promised <= budget.nanos(), "let in without money");
                // From here on, only calls that run now can spend beyond the budget.
                self.beyond = 0;
            }
        }
        let Some(limit) = self.limits.requests_per_minute else {
            return;
        };
        // In every stretch of time that ends now: no more than a minute's worth at once, and the rest evenly.
        for (index, since) in self.let_in.iter().enumerate() {
            let count = (self.let_in.len() - index) as u64;
            let passed = u64::try_from(self.now.ms - since).expect("time goes on");
            assert!(
                count * 60_000 <= limit * 60_000 + limit * passed,
                "too many a minute"
            );
        }
    }

    fn settle(&mut self, random: &mut Random) {
        let Some(reserved) = self.pick(random) else { return };
        let used = Amount {
            tokens: random.below(900),
            cost: Money::from_nanos(i64::try_from(random.below(1000)).expect("small")),
        };
        self.end(reserved, used);
    }

    /// A caller went away: counted as all that was reserved.
    fn cancel(&mut self, random: &mut Random) {
        if let Some(reserved) = self.pick(random) {
            self.end(reserved, reserved);
        }
    }

    fn pick(&mut self, random: &mut Random) -> Option<Amount> {
        let count = self.running.len() as u64;
        (count > 0).then(|| {
            let index = usize::try_from(random.below(count)).expect("small");
            self.running.swap_remove(index)
        })
    }

    fn end(&mut self, reserved: Amount, used: Amount) {
        self.numbers.settle(&self.limits, reserved, used, self.now);
        self.spent_day += used.cost.nanos();
        self.spent_month += used.cost.nanos();
        self.beyond += (used.cost.nanos() - reserved.cost.nanos()).max(0);
        let (day, month) = self.numbers.spent(self.now);
        assert_eq!(
            (day.nanos(), month.nanos()),
            (self.spent_day, self.spent_month),
            "an account of its own"
        );
        for (budget, spent) in [
            (self.limits.budget_day, self.spent_day),
            (self.limits.budget_month, self.spent_month),
        ] {
            if let Some(budget) = budget {
                assert!(spent <= budget.nanos() + self.beyond, "overspent");
            }
        }
    }

    fn wait(&mut self, random: &mut Random) {
        let before = chrono::DateTime::from_timestamp_millis(self.now.ms).expect("a date");
        let longest = if random.below(20) == 0 {
            2 * 86_400_000
        } else {
            30_000
        };
        self.now.ms += i64::try_from(random.below(longest)).expect("small");
        let after = chrono::DateTime::from_timestamp_millis(self.now.ms).expect("a date");
        if before.date_naive() != after.date_naive() {
            self.spent_day = 0;
        }
        if before.format("%Y-%m").to_string() != after.format("%Y-%m").to_string() {
            self.spent_month = 0;
        }
    }
}

#[test]
fn limits_hold_over_random_schedules() {
    let mut refused = 0_u64;
    for seed in 0..CASES {
        let random = &mut Random(seed);
        let mut seen = Seen::new(random);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..STEPS {
                let let_in = seen.let_in.len();
                seen.step(random);
                refused += u64::from(seen.let_in.len() == let_in);
            }
            // When all calls have ended, nothing stays promised.
            while let Some(reserved) = seen.running.pop() {
                seen.end(reserved, Amount::default());
            }
            assert_eq!(seen.numbers.taken(&seen.limits, seen.now).2, 0);
        }));
        assert!(outcome.is_ok(), "seed {seed}");
    }
    assert!(refused > CASES, "hardly a limit was met");
}

#[test]
fn each_share_of_a_budget_is_told_once() {
    let limits = Limits {
        budget_day: Some(Money::from_nanos(100)),
        ..Limits::default()
    };
    let mut numbers = Numbers::default();
    let mut now = Moment {
        ms: 1_764_000_000_000,
    };
    let spend = |numbers: &mut Numbers, now, nanos| {
        let cost = Amount {
            tokens: 0,
            cost: Money::from_nanos(nanos),
        };
        let reserved = numbers.reserve(&limits, cost, now);
        let told = match reserved {
            Ok(_) => numbers.settle(&limits, cost, cost, now),
            Err(refused) => refused.alert.into_iter().collect(),
        };
        told.iter().map(|alert| alert.percent).collect::<Vec<_>>()
    };
    for (nanos, told) in [
        (79, vec![]),
        (1, vec![80]),
        (9, vec![]),
        (6, vec![90]),
        (6, vec![100]),
        (6, vec![]),
    ] {
        assert_eq!(spend(&mut numbers, now, nanos), told, "{nanos}");
    }
    now.ms += 86_400_000;
    assert_eq!(
        spend(&mut numbers, now, 95),
        [90],
        "a new day; the highest share says it all"
    );
}
