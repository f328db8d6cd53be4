//! What the engine's thread and its callers both see.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use crate::{engine::EngineStats, kv::Cache};

/// Places taken, slots busy, memory used.
#[derive(Debug)]
pub(crate) struct Counters {
    slots: usize,
    kv_budget_bytes: u64,
    taken: AtomicUsize,
    busy: AtomicUsize,
    kv_bytes: AtomicU64,
    kv_kept_bytes: AtomicU64,
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
            busy: AtomicUsize::new(0),
            kv_bytes: AtomicU64::new(0),
            kv_kept_bytes: AtomicU64::new(0),
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
        EngineStats {
            slots: self.slots,
            slots_busy: self.busy.load(Ordering::Acquire),
            kv_bytes: self.kv_bytes.load(Ordering::Acquire),
            kv_kept_bytes: self.kv_kept_bytes.load(Ordering::Acquire),
            kv_budget_bytes: self.kv_budget_bytes,
        }
    }

    pub(super) fn publish(&self, busy: usize, cache: &Cache) {
        self.busy.store(busy, Ordering::Release);
        self.kv_bytes.store(cache.used_bytes(), Ordering::Release);
        self.kv_kept_bytes.store(cache.kept_bytes(), Ordering::Release);
    }
}
