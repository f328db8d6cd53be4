//! The account of every call: how many came, and how each ended.

use std::collections::BTreeMap;

/// How an admitted call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Answered,
    /// Answered by a weaker model than the first of its chain.
    Degraded,
    Failed,
    /// Its caller went away.
    Cancelled,
}

impl Ended {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What was counted so far. Those who wait are counted by the queue itself.
pub(super) struct Accounts {
    pub(super) admitted: u64,
    pub(super) running: usize,
    pub(super) ended: BTreeMap<(&'static str, &'static str), u64>,
    pub(super) shed: BTreeMap<&'static str, u64>,
}

impl Accounts {
    pub(super) fn new() -> Self {
        Self {
            admitted: 0,
            running: 0,
            ended: BTreeMap::new(),
            shed: BTreeMap::new(),
        }
    }

    /// Counts the end of an admitted call.
    pub(super) fn end(&mut self, label: &'static str, how: Ended) {
        *self.ended.entry((label, how.as_str())).or_default() += 1;
    }

    /// Counts a call that was refused at the door.
    pub(super) fn shed(&mut self, label: &'static str, reason: &'static str) {
        *self.ended.entry((label, "shed")).or_default() += 1;
        *self.shed.entry(reason).or_default() += 1;
    }
}
