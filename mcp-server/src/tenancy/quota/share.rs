//! The part of a tenant's limits that one of several servers keeps to while it cannot reach the others.
//!
//! Minutes and calls at once are divided, at least one call to each; of a budget, what was left is, and nothing is
//! rounded up. What all parts allow together exceeds a budget by no more than was spent unheard.

use super::numbers::Numbers;
use super::{Alert, Amount, Limits, Moment, Money, Period, Refused, Standing};

/// One of equal parts, and what is used of it.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    parts: u64,
    numbers: Numbers,
    /// Day and month, and what had been spent in them: that is not divided.
    before: [(i64, Money); 2],
}

impl Share {
    /// Begins with what is known of all, and with the calls that run here.
    pub(crate) fn begin(known: &Numbers, parts: u64, running: impl Iterator<Item = Amount>) -> Self {
        let (mut count, mut reserved) = (0, Money::ZERO);
        for amount in running {
            count += 1;
            reserved = reserved + amount.cost;
        }
        let parts = parts.max(1);
        Self {
            parts,
            numbers: known.part(parts, count, reserved),
            before: Period::ALL.map(|period| known.spent_in(period)),
        }
    }

    /// Takes what a call may need out of this part of every limit, or out of none.
    pub(crate) fn reserve(
        &mut self,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Result<Standing, Box<Refused>> {
        let mut part = self.part_of(limits, now);
        // Drains at the pace of the part, before a call that is larger than a part may take all of it and more: it would
        // never be let in otherwise.
        self.numbers.standing(&part, now);
        part.tokens_per_minute = limits.tokens_per_minute.map(|whole| {
            let part = part.tokens_per_minute.unwrap_or(whole);
            part.max(ask.tokens.min(whole))
        });
        self.numbers.reserve(&part, ask, now).map_err(|refused| {
            Box::new(Refused {
                parts: Some(self.parts),
                ..*refused
            })
        })
    }

    /// Puts what a call took in the place of what it had reserved.
    pub(crate) fn settle(
        &mut self,
        limits: &Limits,
        reserved: Amount,
        used: Amount,
        now: Moment,
    ) -> Vec<Alert> {
        let part = self.part_of(limits, now);
        self.numbers.settle(&part, reserved, used, now)
    }

    /// What is spent today and this month, here and by all before.
    pub(crate) fn spent(&self, now: Moment) -> (Money, Money) {
        self.numbers.spent(now)
    }

    fn part_of(&mut self, limits: &Limits, now: Moment) -> Limits {
        self.numbers.turn(now);
        let some = |whole: u64| (whole / self.parts).max(1);
        let budget = |period: Period, before: (i64, Money)| {
            let (number, _) = self.numbers.spent_in(period);
            // A new day has a new budget, of which nothing was spent before.
            let before = if number == before.0 { before.1 } else { Money::ZERO };
            let whole = limits.budget(period)?;
            Some(before + (whole - before).at_least_zero().part(self.parts))
        };
        let [day, month] = self.before;
        Limits {
            requests_per_minute: limits.requests_per_minute.map(some),
            tokens_per_minute: limits.tokens_per_minute.map(some),
            concurrent_calls: limits.concurrent_calls.map(some),
            budget_day: budget(Period::Day, day),
            budget_month: budget(Period::Month, month),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Moment = Moment {
        ms: 1_764_158_400_000,
    };

    fn ask(tokens: u64, nanos: i64) -> Amount {
        Amount {
            tokens,
            cost: Money::from_nanos(nanos),
        }
    }

    /// How many calls one share lets in at once.
    fn let_in(share: &mut Share, limits: &Limits, ask: Amount, now: Moment) -> usize {
        (0..1000)
            .take_while(|_| share.reserve(limits, ask, now).is_ok())
            .count()
    }

    #[test]
    fn parts_make_up_the_whole_and_each_lets_one_call_in() {
        let limits = Limits {
            requests_per_minute: Some(90),
            ..Limits::default()
        };
        let mut known = Numbers::default();
        for _ in 0..30 {
            known.reserve(&limits, Amount::default(), NOON).unwrap();
        }
        let mut share = Share::begin(&known, 3, std::iter::empty());
        assert_eq!(let_in(&mut share, &limits, Amount::default(), NOON), 20);
        let soon = Moment { ms: NOON.ms + 2000 };
        assert_eq!(
            let_in(&mut share, &limits, Amount::default(), soon),
            1,
            "30 a minute"
        );
        let few = Limits {
            requests_per_minute: Some(2),
            concurrent_calls: Some(2),
            ..Limits::default()
        };
        let mut share = Share::begin(&Numbers::default(), 8, std::iter::empty());
        assert_eq!(let_in(&mut share, &few, Amount::default(), NOON), 1);
    }

    #[test]
    fn calls_that_run_here_hold_their_places() {
        let limits = Limits {
            concurrent_calls: Some(12),
            budget_day: Some(Money::from_nanos(400)),
            ..Limits::default()
        };
        let running = [ask(0, 40), ask(0, 30)];
        let mut share = Share::begin(&Numbers::default(), 4, running.into_iter());
        assert_eq!(
            let_in(&mut share, &limits, ask(0, 30), NOON),
            1,
            "3 at once, 100 nanos"
        );
        share.settle(&limits, running[0], Amount::default(), NOON);
        share.settle(&limits, running[1], ask(0, 50), NOON);
        let refused = share.reserve(&limits, ask(0, 21), NOON).unwrap_err();
        assert_eq!(
            (refused.exceeded.left.as_str(), refused.parts),
            ("0.00000002", Some(4))
        );
        assert!(refused.to_string().contains("one of 4 parts"), "{refused}");
        assert!(share.reserve(&limits, ask(0, 20), NOON).is_ok());
    }

    #[test]
    fn what_is_left_of_a_budget_is_divided_and_a_new_day_is_too() {
        let limits = Limits {
            budget_day: Some(Money::from_nanos(1000)),
            ..Limits::default()
        };
        let mut known = Numbers::default();
        known.spent_at_least(Money::from_nanos(700), Money::from_nanos(700), NOON);
        let mut share = Share::begin(&known, 3, std::iter::empty());
        assert_eq!(let_in(&mut share, &limits, ask(0, 10), NOON), 10);
        let tomorrow = Moment {
            ms: NOON.ms + 86_400_000,
        };
        let mut share = Share::begin(&known, 3, std::iter::empty());
        assert_eq!(let_in(&mut share, &limits, ask(0, 10), tomorrow), 33);
        known.spent_at_least(Money::from_nanos(1200), Money::ZERO, NOON);
        let mut share = Share::begin(&known, 3, std::iter::empty());
        assert_eq!(let_in(&mut share, &limits, ask(0, 1), NOON), 0, "nothing is left");
    }

    #[test]
    fn a_call_larger_than_a_part_waits_until_nothing_is_taken_and_pays_with_time() {
        let limits = Limits {
            tokens_per_minute: Some(800),
            ..Limits::default()
        };
        let mut share = Share::begin(&Numbers::default(), 8, std::iter::empty());
        let mut served = 0;
        for second in 0..1200 {
            let now = Moment {
                ms: NOON.ms + second * 1000,
            };
            if share.reserve(&limits, ask(700, 0), now).is_ok() {
                served += 700;
            }
        }
        assert_eq!(served, 700 * 3, "100 a minute, for 20 minutes");
        assert!(
            share.reserve(&limits, ask(801, 0), NOON).is_err(),
            "more than the whole"
        );
    }
}
