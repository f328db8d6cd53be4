//! The one queue in front of all backends: bounded, and the account of every call.

use std::collections::BTreeMap;

/// Limits of the queue.
#[derive(Debug, Clone)]
pub struct Config {
    /// Calls that may wait.
    pub capacity: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { capacity: 256 }
    }
}

/// The queue and the accounts at one instant.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Calls admitted and waiting for a backend.
    pub waiting: usize,
    /// Calls that may wait.
    pub capacity: usize,
    /// Calls being answered.
    pub running: usize,
    /// Calls admitted since start.
    pub admitted: u64,
    /// Ended calls, by label and outcome (`answered`, `degraded`, `failed`, `cancelled`), plus `shed` for refused ones.
    pub ended: BTreeMap<(&'static str, &'static str), u64>,
    /// Refused calls by reason (`queue_full`, `deadline`, `quota`, `draining`).
    pub shed: BTreeMap<&'static str, u64>,
    /// Whether new calls are refused because the server is shutting down.
    pub draining: bool,
}
