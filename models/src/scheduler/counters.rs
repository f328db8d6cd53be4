//! What the engine's thread and its callers both see.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{engine::EngineStats, kv::Cache};

/// Places taken, slots busy, memory used.
#[derive(Debug)]
pub(crate) struct Counters {
    slots: usize,
    kv_budget_bytes: u64,
    taken: AtomicUsize,
    /// Together, so that nobody reads one number of before a step and another of after it.
    now: Mutex<Now>,
}

/// What holds between two steps.
#[derive(Debug, Default, Clone, Copy)]
struct Now {
    busy: usize,
    kv_bytes: u64,
    kv_kept_bytes: u64,
}

/// Room for one job, running or waiting; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Counters>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Counters {
    pub(crate) fn new(slots: usize, kv_budget_bytes: u64) -> Self {
        Self {
            slots,
            kv_budget_bytes,
            taken: AtomicUsize::new(0),
            now: Mutex::default(),
        }
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// As many jobs may wait as may run: enough to start the next at once, too few to queue.
    pub(crate) fn places(&self) -> usize {
        self.slots * 2
    }

    pub(crate) fn take_place(self: &Arc<Self>) -> Option<Place> {
        let room = |taken: usize| (taken < self.places()).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
            .ok()
            .map(|_| Place(self.clone()))
    }

    pub(crate) fn stats(&self) -> EngineStats {
        let now = *self.now.lock().unwrap_or_else(PoisonError::into_inner);
        EngineStats {
            slots: self.slots,
            slots_busy: now.busy,
            kv_bytes: now.kv_bytes,
            kv_kept_bytes: now.kv_kept_bytes,
            kv_budget_bytes: self.kv_budget_bytes,
        }
    }

    pub(super) fn publish(&self, busy: usize, cache: &Cache) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = Now {
            busy,
            kv_bytes: cache.used_bytes(),
            kv_kept_bytes: cache.kept_bytes(),
        };
    }
}
