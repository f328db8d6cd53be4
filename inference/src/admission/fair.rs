//! A queue in which tenants take turns: nobody is served more than its share while others wait.
//!
//! Self-clocked fair queueing: each call is given a tag when it comes, where its tenant's calls before it
//! end, plus what it costs; the lowest tag goes first. A tenant that asks for much gets tags that run ahead
//! of everybody's, one that asks rarely goes before it ([`Shares`]). Two lanes: interactive before batch, and
//! a batch call after every few interactive ones, so that neither stops the other for good.
//!
//! Whoever waits can be served by some backends only (a mask). Calls of equal masks stand together, so the
//! next one for a backend is the lowest head of the classes that it serves, however many wait.

use std::{collections::BTreeMap, sync::Arc};

use super::shares::Shares;
use crate::Priority;

/// Interactive calls in a row that a batch call lets pass.
const INTERACTIVE_IN_A_ROW: u32 = 8;

/// The queue.
pub(crate) struct FairQueue<T> {
    lanes: [Lane<T>; 2],
    /// Interactive calls served since a batch call had its turn or none waited.
    in_a_row: u32,
}

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    lane: usize,
    mask: u64,
    tag: Tag,
}

/// The order within a lane: what was promised first, then who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tag {
    /// Tokens that were promised up to and including this call; zero for who comes back.
    promised: u64,
    number: u64,
}

struct Lane<T> {
    classes: Vec<Class<T>>,
    shares: Shares,
}

/// Everybody whom the same backends can serve.
struct Class<T> {
    mask: u64,
    entries: BTreeMap<Tag, Entry<T>>,
}

struct Entry<T> {
    /// Nobody for a call that comes back: it had its turn already.
    tenant: Option<Arc<str>>,
    item: T,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self {
            classes: Vec::new(),
            shares: Shares::default(),
        }
    }
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self {
            lanes: [Lane::default(), Lane::default()],
            in_a_row: 0,
        }
    }
}

impl<T> FairQueue<T> {
    pub(crate) fn len(&self) -> usize {
        self.lanes.iter().map(Lane::len).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.classes.is_empty())
    }

    /// How many are likely to be served before a newcomer of this tenant, if all cost the same.
    pub(super) fn ahead(&self, tenant: &str, priority: Priority) -> usize {
        let lane = &self.lanes[lane_of(priority)];
        let own = lane.shares.waiting(tenant);
        let others = lane.shares.tenants() - usize::from(own > 0);
        let before = match priority {
            Priority::Interactive => 0,
            Priority::Batch => self.lanes[0].len(),
        };
        before + lane.len().min(own + (own + 1) * others)
    }

    /// Lets somebody wait. `number` is unique, and grows.
    pub(crate) fn push(
        &mut self,
        tenant: &Arc<str>,
        priority: Priority,
        cost: u32,
        mask: u64,
        number: u64,
        item: T,
    ) -> Place {
        let index = lane_of(priority);
        let lane = &mut self.lanes[index];
        let promised = lane.shares.promise(tenant, cost);
        let tag = Tag { promised, number };
        let tenant = Some(Arc::clone(tenant));
        lane.insert(mask, tag, Entry { tenant, item });
        Place {
            lane: index,
            mask,
            tag,
        }
    }

    /// Lets somebody wait who had its turn and needs another backend: before everybody but its like.
    pub(super) fn push_front(&mut self, priority: Priority, mask: u64, number: u64, item: T) -> Place {
        let lane = lane_of(priority);
        let tag = Tag { promised: 0, number };
        self.lanes[lane].insert(mask, tag, Entry { tenant: None, item });
        Place { lane, mask, tag }
    }

    /// Takes somebody out who goes away unserved.
    pub(super) fn remove(&mut self, place: Place) -> Option<T> {
        let lane = &mut self.lanes[place.lane];
        let entry = lane.remove(place)?;
        if let Some(tenant) = &entry.tenant {
            lane.shares.give_up(tenant);
        }
        Some(entry.item)
    }

    /// Who is next among those whom the `available` backends can serve, `skipped` numbers aside.
    pub(crate) fn next(&self, available: u64, skipped: &[u64]) -> Option<Place> {
        let head = |lane: usize| self.lanes[lane].next(lane, available, skipped);
        if self.in_a_row >= INTERACTIVE_IN_A_ROW {
            head(1).or_else(|| head(0))
        } else {
            head(0).or_else(|| head(1))
        }
    }

    pub(super) fn get(&self, place: Place) -> Option<&T> {
        let class = self.lanes[place.lane].class(place.mask)?;
        class.entries.get(&place.tag).map(|entry| &entry.item)
    }

    /// Takes somebody out who is served.
    pub(crate) fn serve(&mut self, place: Place) -> Option<T> {
        let lane = &mut self.lanes[place.lane];
        let entry = lane.remove(place)?;
        if let Some(tenant) = &entry.tenant {
            lane.shares.serve(tenant, place.tag.promised);
        }
        self.in_a_row = if place.lane == 0 && !self.lanes[1].classes.is_empty() {
            self.in_a_row + 1
        } else {
            0
        };
        Some(entry.item)
    }

    /// The distinct masks of those who wait; one may come twice.
    pub(super) fn masks(&self) -> impl Iterator<Item = u64> {
        self.lanes
            .iter()
            .flat_map(|lane| lane.classes.iter().map(|class| class.mask))
    }

    /// Where those of this mask stand for whom `wanted` holds.
    pub(super) fn find(&self, mask: u64, wanted: impl Fn(&T) -> bool) -> Vec<Place> {
        let mut found = Vec::new();
        for (index, lane) in self.lanes.iter().enumerate() {
            let entries = lane.class(mask).into_iter().flat_map(|class| &class.entries);
            let wanted = entries.filter(|(_, entry)| wanted(&entry.item));
            found.extend(wanted.map(|(tag, _)| Place {
                lane: index,
                mask,
                tag: *tag,
            }));
        }
        found
    }

    /// The newest call of the tenant that has the most, if that is at least two more than `tenant` has:
    /// who has to go when the queue is full.
    pub(super) fn greediest(&self, tenant: &str) -> Option<Place> {
        // Batch calls go first: nobody looks at a screen for them.
        (0..self.lanes.len()).rev().find_map(|index| {
            let lane = &self.lanes[index];
            let (greediest, most) = lane.shares.greediest()?;
            if most < lane.shares.waiting(tenant) + 2 {
                return None;
            }
            let newest = |class: &Class<T>| {
                let mut entries = class.entries.iter().rev();
                let newest = entries.find(|(_, entry)| entry.tenant.as_ref() == Some(greediest));
                newest.map(|(tag, _)| Place {
                    lane: index,
                    mask: class.mask,
                    tag: *tag,
                })
            };
            lane.classes
                .iter()
                .filter_map(newest)
                .max_by_key(|place| place.tag)
        })
    }
}

impl<T> Lane<T> {
    fn len(&self) -> usize {
        self.classes.iter().map(|class| class.entries.len()).sum()
    }

    fn class(&self, mask: u64) -> Option<&Class<T>> {
        self.classes.iter().find(|class| class.mask == mask)
    }

    fn insert(&mut self, mask: u64, tag: Tag, entry: Entry<T>) {
        let known = self.classes.iter_mut().find(|class| class.mask == mask);
        if let Some(class) = known {
            class.entries.insert(tag, entry);
        } else {
            let entries = BTreeMap::from([(tag, entry)]);
            self.classes.push(Class { mask, entries });
        }
    }

    fn remove(&mut self, place: Place) -> Option<Entry<T>> {
        let index = self.classes.iter().position(|class| class.mask == place.mask)?;
        let entry = self.classes[index].entries.remove(&place.tag)?;
        if self.classes[index].entries.is_empty() {
            self.classes.swap_remove(index);
        }
        Some(entry)
    }

    fn next(&self, lane: usize, available: u64, skipped: &[u64]) -> Option<Place> {
        let heads = self
            .classes
            .iter()
            .filter(|class| class.mask & available != 0)
            .filter_map(|class| {
                let mut tags = class.entries.keys();
                let tag = tags.find(|tag| !skipped.contains(&tag.number))?;
                Some(Place {
                    lane,
                    mask: class.mask,
                    tag: *tag,
                })
            });
        heads.min_by_key(|place| place.tag)
    }
}

fn lane_of(priority: Priority) -> usize {
    match priority {
        Priority::Interactive => 0,
        Priority::Batch => 1,
    }
}

#[cfg(test)]
mod tests;
