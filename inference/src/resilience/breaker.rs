//! Circuit breaker: stops calling a backend that keeps failing.
//!
//! *Closed* lets calls through, *open* refuses them, *half-open* lets one trial through.

use std::time::{Duration, SystemTime};

/// Numbers of a breaker.
#[derive(Debug, Clone)]
pub struct Config {
    /// Failures in a row that open it.
    pub consecutive_failures: u32,
    /// Length of the sliding window.
    pub window: Duration,
    /// Calls in the window before its ratio counts.
    pub minimum_calls: u32,
    /// Share of failures in the window that opens it.
    pub failure_ratio: f64,
    /// How long it stays open the first time; doubles with each failed trial.
    pub open: Duration,
    /// The longest it stays open.
    pub open_max: Duration,
    /// Successful trials that close it.
    pub trials_to_close: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            window: Duration::from_secs(30),
            minimum_calls: 20,
            failure_ratio: 0.5,
            open: Duration::from_secs(5),
            open_max: Duration::from_secs(30),
            trials_to_close: 1,
        }
    }
}

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
}

impl State {
    /// Its name in results, labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
            Self::ForcedOpen => "forced_open",
        }
    }

    /// Its value in `llm_breaker_state`.
    pub fn as_metric(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
            Self::ForcedOpen => 3,
        }
    }
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
    /// When.
    pub at: SystemTime,
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
    /// The last transitions, newest last; bounded.
    pub history: Vec<Transition>,
}
