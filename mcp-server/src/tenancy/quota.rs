//! How much a tenant may use: calls and tokens a minute, calls at once, money a day and a month.
//!
//! A call reserves what it may take before it starts, and settles what it took at its end. What is spent exceeds a
//! limit by no more than what the calls under way take beyond their reservations. Minutes are buckets that drain evenly: a
//! minute's worth may be used at once. Days and months are those of UTC.

mod bucket;
mod limits;
mod memory;
mod money;
mod numbers;
#[cfg(test)]
mod properties;
mod share;

use std::fmt;
use std::time::Duration;

pub use limits::{Limit, Limits, TenantLimits};
pub use memory::Memory;
pub use money::Money;
pub(crate) use numbers::{Numbers, day_and_month};
pub(crate) use share::Share;

/// What a call may take, or took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Tokens of prompt and answer.
    pub tokens: u64,
    /// What they cost.
    pub cost: Money,
}

/// Where what tenants use is counted: in this process, or where several share it.
///
/// Each operation is one step that nothing comes in between of.
#[async_trait::async_trait]
pub trait SharedState: Send + Sync + 'static {
    /// Takes what a call may need out of every limit, or out of none.
    async fn reserve(
        &self,
        tenant: &str,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Result<Reservation, Box<Refused>>;

    /// Puts what a call took in the place of what it had reserved. Says which shares of a budget were passed; those that
    /// are known only later are told by the state itself.
    async fn settle(
        &self,
        tenant: &str,
        limits: &Limits,
        reserved: Reservation,
        used: Amount,
        now: Moment,
    ) -> Vec<Alert>;

    /// Tells what the ledger knows was spent before this process began, so that a restart gives no budget twice.
    async fn add_spent(&self, tenant: &str, today: Money, this_month: Money, now: Moment);

    /// What is spent of today's and of this month's budget, as far as this process has heard.
    async fn spent(&self, tenant: &str, now: Moment) -> (Money, Money);

    /// Whether others count here, too.
    fn sharing(&self) -> Sharing {
        Sharing::Own
    }
}

/// What a call has reserved, from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// How much.
    pub amount: Amount,
    /// How the tenant stands since.
    pub standing: Standing,
    /// Tells it from others of this process, for a state that has to tell them apart.
    pub(crate) number: u64,
}

/// Who counts what tenants use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// This process, for itself.
    Own,
    /// So many servers, together. `unsettled` calls have ended here and are not told yet.
    Shared {
        /// How many servers.
        servers: u64,
        /// Calls.
        unsettled: u64,
    },
    /// So many servers, each within its part of every limit, until they can be reached again.
    Apart {
        /// How many servers.
        servers: u64,
        /// Ends that are not told yet: what was spent meanwhile is summed up.
        unsettled: u64,
    },
}

impl Sharing {
    /// For answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Shared { .. } => "shared",
            Self::Apart { .. } => "apart",
        }
    }

    /// How many servers each limit is for.
    pub fn servers(self) -> u64 {
        match self {
            Self::Own => 1,
            Self::Shared { servers, .. } | Self::Apart { servers, .. } => servers,
        }
    }

    /// Ends of calls that the others have not heard of.
    pub fn unsettled(self) -> u64 {
        match self {
            Self::Own => 0,
            Self::Shared { unsettled, .. } | Self::Apart { unsettled, .. } => unsettled,
        }
    }
}

/// A point in time, by a clock that all who share a state agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970.
    pub ms: i64,
}

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self {
            ms: chrono::Utc::now().timestamp_millis(),
        }
    }
}

/// How a tenant stands with its limits per minute, after a call was let in or refused. `None` where there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Calls.
    pub requests: Option<Left>,
    /// Tokens.
    pub tokens: Option<Left>,
}

/// What is left of a limit per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// The limit.
    pub limit: u64,
    /// What is left of it.
    pub left: u64,
    /// When all of it is there again, if nobody calls.
    pub resets_in: Duration,
}

/// A call would exceed a limit: which, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", describe(.exceeded, *.parts))]
pub struct Refused {
    /// The first limit that the call would exceed.
    pub exceeded: Exceeded,
    /// How the tenant stands.
    pub standing: Standing,
    /// Whether this is the first refusal of a budget's day or month.
    pub alert: Option<Alert>,
    /// Into how many parts the limits are divided, where this server has only one of them.
    pub parts: Option<u64>,
}

/// A limit that a call would exceed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// How much it is, as people write it.
    pub of: String,
    /// How much is left, as people write it.
    pub left: String,
    /// How much the call may need.
    pub needs: String,
    /// When the call would fit, if nobody else calls; `None` where waiting does not help: it needs more than the whole
    /// limit.
    pub retry_after: Option<Duration>,
    /// When the limit is whole again; `None` where no clock decides that.
    pub resets_in: Option<Duration>,
}

fn describe(exceeded: &Exceeded, parts: Option<u64>) -> String {
    let Exceeded {
        limit,
        of,
        left,
        needs,
        retry_after,
        resets_in,
    } = exceeded;
    let advice = match (retry_after, resets_in) {
        (None, _) => "ask for less, it never fits".to_owned(),
        (Some(_), Some(reset)) => format!("all of it is there again in {}", brief(*reset)),
        (Some(_), None) => "wait until a running call has ended".to_owned(),
    };
    let part = parts.map_or_else(String::new, |parts| {
        format!(", one of {parts} parts while servers cannot reach what they share")
    });
    format!(
        "the tenant's {limit} ({of}{part}) would be exceeded: {left} left, and the call may need {needs}; {advice}"
    )
}

/// A duration for people: `450ms`, `12s`, `3h5m`.
pub fn brief(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => format!("{}ms", duration.as_millis()),
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, _) => format!("{hours}h{minutes}m"),
    }
}

/// So much of a budget is spent, for the first time in its day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Which budget.
    pub period: Period,
    /// The share, in percent: one of [`ALERTS`].
    pub percent: u8,
    /// What is spent.
    pub spent: Money,
    /// The budget.
    pub budget: Money,
}

/// Shares of a budget that are told when they are passed, in percent.
pub const ALERTS: [u8; 3] = [80, 90, 100];

/// How long a budget lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From midnight to midnight, UTC.
    Day,
    /// From the first of a month, UTC.
    Month,
}

impl Period {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// For labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
