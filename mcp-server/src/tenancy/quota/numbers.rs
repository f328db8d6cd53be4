//! What one tenant has used, and the two steps that change it.

use std::time::Duration;

use chrono::{DateTime, Datelike, Months, NaiveTime, Utc};

use super::bucket::Bucket;
use super::{ALERTS, Alert, Amount, Exceeded, Limit, Limits, Moment, Money, Period, Refused, Standing};

/// What one tenant has used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    requests: Bucket,
    tokens: Bucket,
    running: u64,
    /// Of calls that run.
    reserved: Money,
    day: Window,
    month: Window,
}

/// What was spent in a day or a month.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    /// Which: days or months are counted.
    number: i64,
    spent: Money,
    /// The highest share that was told, in percent.
    alerted: u8,
}

/// How long to wait for a running call to end, where nobody can know.
const RUNNING_CALL: Duration = Duration::from_secs(1);

impl Numbers {
    /// What somebody else counts: parts that are taken of calls a minute, and when that was so; the same of tokens; calls
    /// that run; what they have reserved; day, what is spent in it, share that was told; and month, alike.
    pub(crate) fn from_counts(counts: [i64; 12]) -> Self {
        let [
            requests,
            requests_at,
            tokens,
            tokens_at,
            running,
            reserved,
            rest @ ..,
        ] = counts;
        let [day, day_spent, day_told, month, month_spent, month_told] = rest;
        let window = |number, spent, told| Window {
            number,
            spent: Money::from_nanos(spent),
            alerted: u8::try_from(told).unwrap_or(0),
        };
        Self {
            requests: Bucket::new(requests, requests_at),
            tokens: Bucket::new(tokens, tokens_at),
            running: u64::try_from(running).unwrap_or(0),
            reserved: Money::from_nanos(reserved),
            day: window(day, day_spent, day_told),
            month: window(month, month_spent, month_told),
        }
    }

    /// One of so many equal parts of what is taken of minutes, with all of what is spent, and these calls alone.
    pub(super) fn part(&self, parts: u64, running: u64, reserved: Money) -> Self {
        Self {
            requests: self.requests.part(parts),
            tokens: self.tokens.part(parts),
            running,
            reserved,
            ..self.clone()
        }
    }

    /// Which day or month it is, and what is spent in it.
    pub(crate) fn spent_in(&self, period: Period) -> (i64, Money) {
        let window = match period {
            Period::Day => &self.day,
            Period::Month => &self.month,
        };
        (window.number, window.spent)
    }

    /// Sees to it that no less than this is spent.
    pub(crate) fn spent_at_least(&mut self, today: Money, this_month: Money, now: Moment) {
        self.turn(now);
        self.day.spent = self.day.spent.max(today);
        self.month.spent = self.month.spent.max(this_month);
    }

    /// Takes what a call may need out of every limit, or out of none.
    pub(super) fn reserve(
        &mut self,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Result<Standing, Box<Refused>> {
        self.turn(now);
        if let Some(exceeded) = self.exceeded(limits, ask, now) {
            let alert = match exceeded.limit {
                Limit::Budget(period) => self.refused(period, limits),
                _ => None,
            };
            return Err(Box::new(Refused {
                standing: self.standing(limits, now),
                exceeded,
                alert,
                parts: None,
            }));
        }
        self.requests.take(1);
        self.tokens.take(ask.tokens);
        self.running += 1;
        self.reserved = self.reserved + ask.cost;
        Ok(self.standing(limits, now))
    }

    /// Puts what a call took in the place of what it had reserved.
    pub(super) fn settle(
        &mut self,
        limits: &Limits,
        reserved: Amount,
        used: Amount,
        now: Moment,
    ) -> Vec<Alert> {
        self.turn(now);
        // What is taken now must not drain for the time before.
        self.standing(limits, now);
        self.running = self.running.saturating_sub(1);
        self.reserved = (self.reserved - reserved.cost).at_least_zero();
        if used.tokens < reserved.tokens {
            self.tokens.give_back(reserved.tokens - used.tokens);
        } else {
            self.tokens.take(used.tokens - reserved.tokens);
        }
        let mut alerts = Vec::new();
        for period in Period::ALL {
            let window = self.window(period);
            window.spent = window.spent + used.cost;
            alerts.extend(
                limits
                    .budget(period)
                    .and_then(|budget| window.passed(period, budget)),
            );
        }
        alerts
    }

    /// Adds what was spent before.
    pub(crate) fn add_spent(&mut self, today: Money, this_month: Money, now: Moment) {
        self.turn(now);
        self.day.spent = self.day.spent + today;
        self.month.spent = self.month.spent + this_month;
    }

    /// What is spent today and this month.
    pub(crate) fn spent(&self, now: Moment) -> (Money, Money) {
        let mut copy = self.clone();
        copy.turn(now);
        (copy.day.spent, copy.month.spent)
    }

    /// Whether forgetting it changes nothing.
    pub(crate) fn is_idle(&self, limits: &Limits, now: Moment) -> bool {
        self.running == 0
            && self.spent(now) == (Money::ZERO, Money::ZERO)
            && self
                .requests
                .is_idle(limits.requests_per_minute.unwrap_or(u64::MAX), now)
            && self
                .tokens
                .is_idle(limits.tokens_per_minute.unwrap_or(u64::MAX), now)
    }

    /// Begins a new day and month where one has begun. Calls that run count in the one they end in.
    pub(super) fn turn(&mut self, now: Moment) {
        let (day, month) = day_and_month(now);
        for (window, number) in [(&mut self.day, day), (&mut self.month, month)] {
            // A clock that is set back does not give a budget twice.
            if number > window.number {
                *window = Window {
                    number,
                    ..Window::default()
                };
            }
        }
    }

    fn window(&mut self, period: Period) -> &mut Window {
        match period {
            Period::Day => &mut self.day,
            Period::Month => &mut self.month,
        }
    }

    /// The first limit that the call would exceed.
    pub(crate) fn exceeded(&mut self, limits: &Limits, ask: Amount, now: Moment) -> Option<Exceeded> {
        self.too_many_at_once(limits)
            .or_else(|| {
                let limit = limits.requests_per_minute?;
                over(&mut self.requests, Limit::RequestsPerMinute, limit, 1, now)
            })
            .or_else(|| {
                let limit = limits.tokens_per_minute?;
                over(&mut self.tokens, Limit::TokensPerMinute, limit, ask.tokens, now)
            })
            .or_else(|| {
                let mut periods = Period::ALL.into_iter();
                periods.find_map(|period| self.over_budget(period, limits, ask.cost, now))
            })
    }

    fn too_many_at_once(&self, limits: &Limits) -> Option<Exceeded> {
        let limit = limits.concurrent_calls?;
        (self.running >= limit).then(|| Exceeded {
            limit: Limit::ConcurrentCalls,
            of: limit.to_string(),
            left: "0".to_owned(),
            needs: "1".to_owned(),
            retry_after: Some(RUNNING_CALL),
            resets_in: None,
        })
    }

    fn over_budget(&mut self, period: Period, limits: &Limits, cost: Money, now: Moment) -> Option<Exceeded> {
        let budget = limits.budget(period)?;
        let left = (budget - self.window(period).spent - self.reserved).at_least_zero();
        // What costs nothing is no matter of money.
        if cost == Money::ZERO || cost <= left {
            return None;
        }
        let resets_in = ends_in(period, now);
        Some(Exceeded {
            limit: Limit::Budget(period),
            of: budget.to_string(),
            left: left.to_string(),
            needs: cost.to_string(),
            retry_after: (cost <= budget).then_some(resets_in),
            resets_in: Some(resets_in),
        })
    }

    /// The first refusal for want of money says that all of it is spent or promised.
    fn refused(&mut self, period: Period, limits: &Limits) -> Option<Alert> {
        let budget = limits.budget(period)?;
        let window = self.window(period);
        let is_first = window.alerted < 100;
        window.alerted = 100;
        is_first.then_some(Alert {
            period,
            percent: 100,
            spent: window.spent,
            budget,
        })
    }

    /// What is left of minutes.
    pub(crate) fn standing(&mut self, limits: &Limits, now: Moment) -> Standing {
        Standing {
            requests: limits
                .requests_per_minute
                .map(|limit| self.requests.left(limit, now)),
            tokens: limits.tokens_per_minute.map(|limit| self.tokens.left(limit, now)),
        }
    }

    #[cfg(test)]
    pub(super) fn taken(&mut self, limits: &Limits, now: Moment) -> (u64, u64, u64) {
        (
            self.requests
                .taken(limits.requests_per_minute.unwrap_or(u64::MAX / PLENTY), now),
            self.tokens
                .taken(limits.tokens_per_minute.unwrap_or(u64::MAX / PLENTY), now),
            self.running,
        )
    }
}

#[cfg(test)]
const PLENTY: u64 = 1 << 32;

impl Window {
    /// The highest share that was passed and not told yet.
    fn passed(&mut self, period: Period, budget: Money) -> Option<Alert> {
        let spent = self.spent;
        let mut shares = ALERTS.into_iter().rev();
        let percent = shares.find(|percent| spent.has_reached(*percent, budget))?;
        if percent <= self.alerted {
            return None;
        }
        self.alerted = percent;
        Some(Alert {
            period,
            percent,
            spent,
            budget,
        })
    }
}

fn over(bucket: &mut Bucket, limit: Limit, of: u64, needs: u64, now: Moment) -> Option<Exceeded> {
    let retry_after = bucket.fits_in(needs, of, now);
    if retry_after == Some(Duration::ZERO) {
        return None;
    }
    let left = bucket.left(of, now);
    Some(Exceeded {
        limit,
        of: of.to_string(),
        left: left.left.to_string(),
        needs: needs.to_string(),
        retry_after,
        resets_in: Some(left.resets_in),
    })
}

/// Days since the year 1, and months since the year 0.
pub(crate) fn day_and_month(now: Moment) -> (i64, i64) {
    let date = date(now);
    (
        i64::from(date.num_days_from_ce()),
        i64::from(date.year()) * 12 + i64::from(date.month0()),
    )
}

fn date(now: Moment) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(now.ms).unwrap_or_default()
}

/// How long the day or month goes on.
fn ends_in(period: Period, now: Moment) -> Duration {
    let time = date(now);
    let today = time.date_naive();
    let next = match period {
        Period::Day => today.succ_opt(),
        Period::Month => today
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1))),
    };
    next.map(|next| next.and_time(NaiveTime::MIN).and_utc() - time)
        .and_then(|left| left.to_std().ok())
        .unwrap_or_default()
}
