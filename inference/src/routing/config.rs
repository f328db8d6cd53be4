//! Numbers of routing: how often a call may ask, and when asking again comes before a weaker model.

use std::time::Duration;

use tower::retry::budget::{Budget, TpsBudget};

/// How calls are routed. Each number has a documented default.
#[derive(Debug, Clone)]
pub struct Config {
    /// Attempts of one call that may leave this process.
    pub remote_attempts: usize,
    /// The longest `Retry-After` that is waited for before a weaker model answers; zero waits for none.
    pub retry_wait: Duration,
    /// Share of calls that may be tried again on the same backend, above the three a second that always may.
    pub retry_budget: f64,
    /// Whether a second backend of the same model may start where the first is slow to begin.
    pub hedge: bool,
    /// Share of calls that may start a second backend.
    pub hedge_budget: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            remote_attempts: 2,
            retry_wait: Duration::from_secs(3),
            retry_budget: 0.2,
            hedge: false,
            hedge_budget: 0.05,
        }
    }
}

/// Time over which budgets count calls.
const BUDGET_WINDOW: Duration = Duration::from_secs(10);
/// Retries a second that need no budget: at low load a share of calls would be none.
const RETRIES_PER_SECOND: u32 = 3;

/// The numbers, and what is left of the budgets.
pub(crate) struct Policy {
    pub(super) config: Config,
    retries: TpsBudget,
    hedges: TpsBudget,
}

impl Policy {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            retries: TpsBudget::new(BUDGET_WINDOW, RETRIES_PER_SECOND, share(config.retry_budget)),
            hedges: TpsBudget::new(BUDGET_WINDOW, 0, share(config.hedge_budget)),
            config,
        }
    }

    /// Counts a call, of which the budgets are shares.
    pub(super) fn count_call(&self) {
        self.retries.deposit();
        self.hedges.deposit();
    }

    /// Whether one more call may be tried again.
    pub(super) fn may_retry(&self) -> bool {
        self.retries.withdraw()
    }

    /// Whether one more call may start a second backend.
    pub(super) fn may_hedge(&self) -> bool {
        self.config.hedge && self.hedges.withdraw()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share needs no more precision")]
fn share(of_calls: f64) -> f32 {
    of_calls.clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_shares_of_calls() {
        let policy = Policy::new(Config {
            hedge: true,
            ..Config::default()
        });
        assert!(!policy.may_hedge(), "there is no reserve");
        (0..100).for_each(|_| policy.count_call());
        let hedges = (0..100).filter(|_| policy.may_hedge()).count();
        assert_eq!(hedges, 5);
        let retries = (0..1000).filter(|_| policy.may_retry()).count();
        assert_eq!(retries, 30 + 20, "three a second for ten seconds, and a fifth");
    }

    #[test]
    fn nothing_is_hedged_unless_asked_for() {
        let policy = Policy::new(Config::default());
        (0..100).for_each(|_| policy.count_call());
        assert!(!policy.may_hedge());
    }
}
