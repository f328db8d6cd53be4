//! What a call asks of admission, and how it is refused.

use std::{sync::Arc, time::Duration};

use crate::{CallError, Deadline, Priority, guarded::Need};

/// What a call needs: a chain, a bit for each backend that is left of it, and about how many tokens.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Prompt and answer together, estimated.
    pub(crate) tokens: u32,
    /// Indices of backends, best first.
    pub(crate) chain: Arc<[usize]>,
    /// Bits by index of backend.
    pub(crate) left: u64,
}

impl Wish {
    /// What is left, best first.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = usize> {
        self.chain
            .iter()
            .copied()
            .filter(|index| self.left & (1 << index) != 0)
    }

    /// What it needs of whoever takes it.
    pub(crate) fn need(&self, spill: bool) -> Need {
        Need {
            tokens: self.tokens,
            spill,
        }
    }

    /// Strikes a backend off.
    pub(crate) fn strike(&mut self, index: usize) {
        self.left &= !(1 << index);
    }
}

/// Who asks, and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) label: &'static str,
    pub(crate) tenant: Arc<str>,
    pub(crate) priority: Priority,
    pub(crate) deadline: Deadline,
}

/// Why a call was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    QueueFull(Full),
    /// It would wait longer than it may.
    TooLate {
        expected_wait: Duration,
        remaining: Duration,
    },
    Draining,
    DeadlinePassed,
}

/// The numbers of a full queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) waiting: usize,
    pub(crate) capacity: usize,
    pub(crate) retry_after: Duration,
}

impl Refusal {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::QueueFull(_) => "queue_full",
            Self::Draining => "draining",
            Self::DeadlinePassed | Self::TooLate { .. } => "deadline",
        }
    }
}

impl From<Full> for CallError {
    fn from(full: Full) -> Self {
        Self::QueueFull {
            waiting: full.waiting,
            capacity: full.capacity,
            retry_after: full.retry_after,
        }
    }
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::QueueFull(full) => full.into(),
            Refusal::TooLate {
                expected_wait,
                remaining,
            } => Self::WaitTooLong {
                expected_wait,
                remaining,
                // By then the queue is likely to be short enough.
                retry_after: expected_wait
                    .saturating_sub(remaining)
                    .clamp(SHORTEST_RETRY, LONGEST_RETRY),
            },
            Refusal::Draining => Self::Draining,
            Refusal::DeadlinePassed => Self::DeadlineExceeded {
                after: Duration::ZERO,
                attempts: Vec::new(),
            },
        }
    }
}

/// Bounds of what refused callers are told.
pub(super) const SHORTEST_RETRY: Duration = Duration::from_secs(1);
pub(super) const LONGEST_RETRY: Duration = Duration::from_mins(1);
/// What they are told while nothing was measured.
pub(super) const UNKNOWN_RETRY: Duration = Duration::from_secs(5);
