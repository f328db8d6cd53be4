//! The limits of tenants, as the configuration has them.

use std::collections::HashMap;
use std::fmt;

use super::{Money, Period};

/// What one tenant may use; `None` is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls that ask a model, a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens of prompts and answers, a minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls at once.
    pub concurrent_calls: Option<u64>,
    /// Money a day.
    pub budget_day: Option<Money>,
    /// Money a month.
    pub budget_month: Option<Money>,
}

impl Limits {
    /// Whether anything is limited.
    pub fn is_limited(&self) -> bool {
        *self != Self::default()
    }

    /// The budget of that period.
    pub fn budget(&self, period: Period) -> Option<Money> {
        match period {
            Period::Day => self.budget_day,
            Period::Month => self.budget_month,
        }
    }

    /// Whether money is limited.
    pub fn has_budget(&self) -> bool {
        self.budget_day.is_some() || self.budget_month.is_some()
    }
}

/// The limits of every tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantLimits {
    /// The currency of budgets, ISO 4217.
    pub currency: String,
    /// Of tenants that are not named.
    pub default: Limits,
    /// Of those that are.
    pub named: HashMap<String, Limits>,
}

impl TenantLimits {
    /// The limits of one tenant.
    pub fn of(&self, tenant: &str) -> &Limits {
        self.named.get(tenant).unwrap_or(&self.default)
    }

    /// Whether anybody's money is limited.
    pub fn has_budget(&self) -> bool {
        self.default.has_budget() || self.named.values().any(Limits::has_budget)
    }
}

/// Which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Calls a minute.
    RequestsPerMinute,
    /// Tokens a minute.
    TokensPerMinute,
    /// Calls at once.
    ConcurrentCalls,
    /// Money a day or a month.
    Budget(Period),
}

impl Limit {
    /// Its key in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "requests_per_minute",
            Self::TokensPerMinute => "tokens_per_minute",
            Self::ConcurrentCalls => "concurrent_calls",
            Self::Budget(Period::Day) => "budget_day",
            Self::Budget(Period::Month) => "budget_month",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestsPerMinute => "limit of requests per minute",
            Self::TokensPerMinute => "limit of tokens per minute",
            Self::ConcurrentCalls => "limit of calls at once",
            Self::Budget(Period::Day) => "budget of the day",
            Self::Budget(Period::Month) => "budget of the month",
        })
    }
}
