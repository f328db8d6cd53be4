//! What each tenant of a lane was promised, in tokens, and where its next call begins.
//!
//! The clock is the end of whatever was served last. A tenant's call begins where its call before it ended, but never
//! further back than a few calls behind the clock: so far it goes ahead of those who keep the server busy, because it asked
//! for less than its share. That decides how long a quiet tenant waits beside a noisy one, and costs the noisy one those
//! few calls of each of the others at most, however long it waits.

use std::{collections::HashMap, sync::Arc};

/// How many calls of the usual cost a tenant may be behind the clock.
const SAVED_CALLS: u64 = 8;
/// An average over about so many calls.
const AVERAGED_CALLS: u64 = 16;
/// Tenants that are gone are not looked through more often than after so many calls.
const FEW: usize = 64;

/// The tenants of one lane.
#[derive(Default)]
pub(super) struct Shares {
    waiting: HashMap<Arc<str>, Share>,
    /// Where the last served call of a tenant ends that has none waiting, while that counts for its next one.
    gone: HashMap<Arc<str>, u64>,
    /// Calls until those are looked through.
    until_swept: usize,
    /// Where the call served last ends.
    clock: u64,
    /// What a call costs on average.
    usual_cost: u64,
}

struct Share {
    waiting: usize,
    /// Where its last call ends.
    promised: u64,
    /// Where its last served call ends.
    served: u64,
}

impl Shares {
    /// How many calls of this tenant wait.
    pub(super) fn waiting(&self, tenant: &str) -> usize {
        self.waiting.get(tenant).map_or(0, |share| share.waiting)
    }

    /// How many tenants wait.
    pub(super) fn tenants(&self) -> usize {
        self.waiting.len()
    }

    /// Who has the most calls waiting, and how many.
    pub(super) fn greediest(&self) -> Option<(&Arc<str>, usize)> {
        let calls = self.waiting.iter().map(|(tenant, share)| (tenant, share.waiting));
        calls.max_by_key(|(_, waiting)| *waiting)
    }

    /// One more call of this tenant waits: where it ends.
    pub(super) fn promise(&mut self, tenant: &Arc<str>, cost: u32) -> u64 {
        let cost = u64::from(cost.max(1));
        self.usual_cost = if self.usual_cost == 0 {
            cost
        } else {
            (self.usual_cost * (AVERAGED_CALLS - 1) + cost) / AVERAGED_CALLS
        };
        let earliest = self.earliest();
        let gone = &mut self.gone;
        let share = self.waiting.entry(Arc::clone(tenant)).or_insert_with(|| {
            let served = gone.remove(tenant).unwrap_or(0);
            Share {
                waiting: 0,
                promised: served,
                served,
            }
        });
        share.waiting += 1;
        share.promised = share.promised.max(earliest).saturating_add(cost);
        share.promised
    }

    /// A call of this tenant that ends here is served.
    pub(super) fn serve(&mut self, tenant: &Arc<str>, promised: u64) {
        self.clock = self.clock.max(promised);
        if let Some(share) = self.waiting.get_mut(tenant) {
            share.served = share.served.max(promised);
        }
        self.give_up(tenant);
    }

    /// A call of this tenant waits no more.
    pub(super) fn give_up(&mut self, tenant: &Arc<str>) {
        let Some(share) = self.waiting.get_mut(tenant) else {
            return;
        };
        share.waiting -= 1;
        if share.waiting == 0 {
            // What was promised beyond what is served was given up.
            let served = share.served;
            self.waiting.remove(tenant);
            self.remember(tenant, served);
        }
    }

    fn remember(&mut self, tenant: &Arc<str>, served: u64) {
        if self.waiting.is_empty() {
            // Nobody waits, so there is nobody to go ahead of.
            self.gone.clear();
            return;
        }
        self.gone.insert(Arc::clone(tenant), served);
        self.until_swept = self.until_swept.saturating_sub(1);
        if self.until_swept == 0 {
            let earliest = self.earliest();
            self.gone.retain(|_, served| *served > earliest);
            self.until_swept = self.gone.len().max(FEW);
        }
    }

    /// Whether nobody waits, and nothing is known of who is gone.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.gone.is_empty()
    }

    /// Nobody's call begins before this.
    fn earliest(&self) -> u64 {
        self.clock.saturating_sub(SAVED_CALLS * self.usual_cost)
    }
}
