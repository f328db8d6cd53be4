//! The one queue in front of all backends: bounded, and the account of every call.
//!
//! A call that is let in becomes an `Admitted`, and nothing reaches a backend without one. It is
//! given a `Seat` at the first backend of its chain that can take it. While there is none it waits in one
//! queue, in which tenants take turns by tokens, interactive calls before batch; a call that comes back
//! after a failed attempt goes to the front. Whoever frees a place, or changes what can take calls, seats
//! those who wait; an alarm does it when a breaker or a gate is due to open. Turned away at once, with the
//! time after which to try again: who would wait beyond its deadline, at the pace that was measured; who
//! finds the queue full, unless another tenant's newest call can give way; whom nobody can take in time.
//!
//! `admitted = answered + degraded + failed + cancelled + running + waiting` holds at every instant:
//! one lock guards queue and accounts, and every call settles exactly once, by name or by being dropped.

mod accounts;
mod alarm;
mod ask;
mod fair;
mod outlook;
mod pace;
mod queue;
mod seat;
mod shares;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use accounts::Ended;
pub(crate) use ask::{Asker, Refusal, Wish};
#[cfg(any(test, feature = "testing"))]
pub(crate) use fair::FairQueue;
pub(crate) use seat::{Admitted, NoSeat, PassedOver, Seat};

use crate::{Observer, guarded::Guarded};
use queue::Shared;

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

impl Snapshot {
    /// Calls that ended with `outcome`, whatever their label.
    pub fn ended_as(&self, outcome: &str) -> u64 {
        self.ended
            .iter()
            .filter(|((_, ended), _)| *ended == outcome)
            .map(|(_, count)| count)
            .sum()
    }
}

/// The front door.
pub(crate) struct Admission {
    shared: Arc<Shared>,
}

impl Admission {
    pub(crate) fn new(config: &Config, backends: Vec<Guarded>, observer: Arc<dyn Observer>) -> Self {
        let shared = Arc::new(Shared::new(config.capacity, backends, observer));
        for guarded in shared.backends() {
            let shared = Arc::downgrade(&shared);
            let changed = move || {
                if let Some(shared) = shared.upgrade() {
                    shared.changed();
                }
            };
            guarded.circuits.listen(&changed);
            guarded.backend.watch_readiness(Box::new(changed));
        }
        Self { shared }
    }

    /// Lets a call in, or refuses it at once.
    pub(crate) fn admit(&self, asker: Asker, wish: &Wish) -> Result<Admitted, Refusal> {
        Admitted::new(&self.shared, asker, wish)
    }

    /// Counts a call that was refused before it came here.
    pub(crate) fn shed(&self, label: &'static str, reason: &'static str) {
        self.shared.shed(label, reason);
    }

    pub(crate) fn backends(&self) -> &[Guarded] {
        self.shared.backends()
    }

    /// To be called when something outside changed what can take calls.
    pub(crate) fn changed(&self) {
        self.shared.changed();
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.shared.snapshot()
    }

    pub(crate) fn drain(&self) {
        self.shared.drain();
    }

    pub(crate) async fn idle(&self) {
        self.shared.idle().await;
    }
}
