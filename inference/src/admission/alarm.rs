//! Wakes the queue when something is due to open: one sleeping task for all that wait.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use tokio::{sync::Notify, time::Instant};

use super::queue::Shared;

/// When to look at the queue again.
#[derive(Default)]
pub(super) struct Alarm {
    at: Mutex<Option<Instant>>,
    changed: Notify,
    started: AtomicBool,
}

impl Alarm {
    /// Sets the alarm, or switches it off.
    pub(super) fn set(&self, at: Option<Instant>) {
        let mut current = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != at {
            *current = at;
            self.changed.notify_one();
        }
    }

    /// Sets the alarm, unless it is to ring earlier already.
    pub(super) fn set_by(&self, at: Option<Instant>) {
        let earlier = match (self.at(), at) {
            (Some(set), Some(at)) => Some(set.min(at)),
            (set, at) => set.or(at),
        };
        self.set(earlier);
    }

    /// Ends the task, when it looks whether there still is a queue.
    pub(super) fn end(&self) {
        self.changed.notify_one();
    }

    fn at(&self) -> Option<Instant> {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task that rings, once. To be called within a runtime.
    pub(super) fn start(self: &Arc<Self>, shared: &Arc<Shared>) {
        if !self.started.swap(true, Ordering::AcqRel) {
            tokio::spawn(Self::ring(Arc::clone(self), Arc::downgrade(shared)));
        }
    }

    async fn ring(self: Arc<Self>, shared: Weak<Shared>) {
        while shared.strong_count() > 0 {
            let Some(at) = self.at() else {
                self.changed.notified().await;
                continue;
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(at) => {
                    let Some(shared) = shared.upgrade() else { return };
                    // It rings once; whoever still waits sets it again.
                    self.set(None);
                    shared.changed();
                }
            }
        }
    }
}
