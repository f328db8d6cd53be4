//! What the engine's thread and its callers both see.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{engine::EngineStats, kv::Cache};

/// Places taken, slots busy, memory used.
#[derive(Debug)]
pub(crate) struct Counters {
    slots: usize,
    kv_budget_bytes: u64,
    places: Arc<Semaphore>,
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

/// Room for one answer, running or waiting; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Counters {
    pub(crate) fn new(slots: usize, kv_budget_bytes: u64) -> Self {
        Self {
            slots,
            kv_budget_bytes,
            places: Arc::new(Semaphore::new(places(slots))),
            now: Mutex::default(),
        }
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    pub(crate) fn places(&self) -> usize {
        places(self.slots)
    }

    /// A place if one is free.
    pub(crate) fn take_place(&self) -> Option<Place> {
        let permit = self.places.clone().try_acquire_owned().ok();
        permit.map(|permit| Place { _permit: permit })
    }

    /// A place as soon as one is free; whoever asks first gets it first.
    pub(crate) async fn place(&self) -> Place {
        let permit = self.places.clone().acquire_owned().await;
        Place {
            _permit: permit.expect("places are never closed"),
        }
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

/// As many jobs may wait as may run: enough to start the next at once, too few to queue.
fn places(slots: usize) -> usize {
    slots * 2
}
