//! What a breaker is told and what it tells: outcomes, orders, states, transitions.

use std::time::{Duration, SystemTime};

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls flow.
    Closed,
    /// One trial may be under way.
    HalfOpen,
    /// Calls are refused.
    Open,
    /// Calls are refused until an operator says otherwise.
    ForcedOpen,
    /// Calls flow whatever comes of them, until an operator says otherwise.
    ForcedClosed,
    /// No new calls until an operator says otherwise, though nothing is broken.
    Drained,
}

impl State {
    /// Its name in results, labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
            Self::ForcedOpen => "forced_open",
            Self::ForcedClosed => "forced_closed",
            Self::Drained => "drained",
        }
    }

    /// Its value as a gauge, most open last: who forced it, and why, does not change whether calls flow.
    pub fn as_metric(self) -> i64 {
        match self {
            Self::Closed | Self::ForcedClosed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
            Self::ForcedOpen | Self::Drained => 3,
        }
    }

    /// Whether every call is let through.
    pub fn flows(self) -> bool {
        match self {
            Self::Closed | Self::ForcedClosed => true,
            Self::HalfOpen | Self::Open | Self::ForcedOpen | Self::Drained => false,
        }
    }

    /// Whether only an operator ends it.
    pub fn is_forced(self) -> bool {
        match self {
            Self::ForcedOpen | Self::ForcedClosed | Self::Drained => true,
            Self::Closed | Self::HalfOpen | Self::Open => false,
        }
    }
}

/// What came of a call, as far as the breaker cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It worked.
    Success,
    /// It worked, and took so long that it may as well not have.
    Slow,
    /// It failed.
    Failure,
    /// It failed in a way that the next call will not escape: opens at once, and somebody has to look.
    Severe,
    /// It says nothing about health.
    Ignored,
    /// Its caller went away. What a dropped [`Permit`](super::Permit) counts as.
    Cancelled,
}

/// What an operator wants, and who that is. Kept short and free of control characters, because it is shown
/// in logs and results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    by: String,
    reason: String,
}

/// Longest name and longest reason that are kept.
const LONGEST_NAME: usize = 64;
const LONGEST_REASON: usize = 200;

impl Order {
    /// Makes an order of somebody, for a reason.
    pub fn new(by: &str, reason: &str) -> Self {
        Self {
            by: printable(by, LONGEST_NAME, "operator"),
            reason: printable(reason, LONGEST_REASON, "no reason given"),
        }
    }

    /// Who gave it.
    pub fn by(&self) -> &str {
        &self.by
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<&str> for Order {
    /// An order whose giver is not known by name.
    fn from(reason: &str) -> Self {
        Self::new("operator", reason)
    }
}

fn printable(text: &str, longest: usize, otherwise: &str) -> String {
    let text: String = text
        .trim()
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(longest)
        .collect();
    if text.is_empty() {
        otherwise.to_owned()
    } else {
        text
    }
}

/// An order that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forced {
    /// Who and why.
    pub order: Order,
    /// Since when.
    pub since: SystemTime,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// From where.
    pub from: State,
    /// To where.
    pub to: State,
    /// What caused it.
    pub cause: String,
    /// Whether time alone will not mend it, so that somebody has to look.
    pub alert: bool,
    /// When.
    pub at: SystemTime,
    /// For how long it opened, where it did.
    pub open_for: Option<Duration>,
    /// Whether nothing that was seen here caused it, but what another process said.
    pub heard: bool,
}

/// A breaker at one instant.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Where it stands.
    pub state: State,
    /// Until a trial may run, when open.
    pub opens_in: Option<Duration>,
    /// Whether a trial is under way.
    pub trial_in_flight: bool,
    /// The share of the usual load that may run, while it grows again after closing.
    pub ramp: Option<f64>,
    /// The operator's order that stands, if one does.
    pub forced: Option<Forced>,
    /// The last transitions, newest last; bounded.
    pub history: Vec<Transition>,
}

/// Why a call may not be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("circuit is {}", .state.as_str())]
pub struct Refused {
    /// Where the breaker stands: half-open means that a trial is under way.
    pub state: State,
    /// When asking again may help: the end of the open time, or at the latest the end of the trial.
    /// `None` when only an operator can help.
    pub retry_in: Option<Duration>,
}
