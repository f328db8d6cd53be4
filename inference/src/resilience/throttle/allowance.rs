//! What is left of an upstream's limits, as far as it told: numbers that count down until they are told afresh.

use std::time::Duration;

use tokio::time::Instant;

/// Longest time that an allowance counts.
const LONGEST: Duration = Duration::from_hours(24);

/// What an upstream says is left of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Tokens.
    pub tokens: Option<Left>,
    /// Requests.
    pub requests: Option<Left>,
}

/// How much is left of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// So much.
    pub amount: u64,
    /// Until it is filled up again, where that was said.
    pub resets_in: Option<Duration>,
}

/// What is believed to be left now.
#[derive(Debug, Default)]
pub(super) struct Remaining {
    tokens: Option<Until>,
    requests: Option<Until>,
}

#[derive(Debug, Clone, Copy)]
struct Until {
    amount: u64,
    reset: Instant,
}

impl Remaining {
    pub(super) fn learn(&mut self, allowance: Allowance, now: Instant, unknown: Duration) {
        let until = |left: Left| Until {
            amount: left.amount,
            reset: now + left.resets_in.unwrap_or(unknown).min(LONGEST),
        };
        self.tokens = allowance.tokens.map(until).or(self.tokens);
        self.requests = allowance.requests.map(until).or(self.requests);
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.tokens.is_none() && self.requests.is_none()
    }

    /// Time until what lacks for a call is filled up again; `None` when nothing lacks.
    pub(super) fn lacks(&mut self, tokens: u32, now: Instant) -> Option<Duration> {
        let lack = |limit: &mut Option<Until>, needed: u64| {
            // After the reset nothing is known, so nothing lacks.
            *limit = limit.filter(|until| until.reset > now);
            let short = limit.filter(|until| until.amount < needed);
            short.map(|until| until.reset - now)
        };
        let of_tokens = lack(&mut self.tokens, u64::from(tokens));
        let of_requests = lack(&mut self.requests, 1);
        of_tokens.max(of_requests)
    }

    pub(super) fn spend(&mut self, tokens: u32) {
        let spend = |limit: &mut Option<Until>, amount: u64| {
            if let Some(until) = limit {
                until.amount = until.amount.saturating_sub(amount);
            }
        };
        spend(&mut self.tokens, u64::from(tokens));
        spend(&mut self.requests, 1);
    }
}
