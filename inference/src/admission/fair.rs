//! A queue in which tenants take turns: nobody is served more than its share while others wait.
//!
//! Self-clocked fair queueing: each call is given a tag when it comes, where its tenant's calls before it
//! end, plus what it costs; the lowest tag goes first. A tenant that asks for much gets tags that run ahead
//! of everybody's, one that asks rarely is served at once. Two lanes: interactive before batch, and a batch
//! call after every few interactive ones, so that neither stops the other for good.
//!
//! Whoever waits can be served by some backends only (a mask). Calls of equal masks stand together, so the
//! next one for a backend is the lowest head of the classes that it serves, however many wait.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

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
    /// Tenants that wait.
    shares: HashMap<Arc<str>, Share>,
    /// Tag of the call served last: the clock.
    served: u64,
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

struct Share {
    waiting: usize,
    /// Where its last call ends.
    promised: u64,
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self {
            classes: Vec::new(),
            shares: HashMap::new(),
            served: 0,
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
        let own = lane.shares.get(tenant).map_or(0, |share| share.waiting);
        let others = lane.shares.len() - usize::from(own > 0);
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
        let clock = lane.served;
        let share = lane.shares.entry(Arc::clone(tenant)).or_insert(Share {
            waiting: 0,
            promised: clock,
        });
        share.waiting += 1;
        share.promised = share.promised.max(clock).saturating_add(u64::from(cost.max(1)));
        let tag = Tag {
            promised: share.promised,
            number,
        };
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
        self.lanes[place.lane].remove(place).map(|entry| entry.item)
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
        let entry = self.lanes[place.lane].remove(place)?;
        let clock = &mut self.lanes[place.lane].served;
        *clock = (*clock).max(place.tag.promised);
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
            let own = lane.shares.get(tenant).map_or(0, |share| share.waiting);
            let (greediest, share) = lane.shares.iter().max_by_key(|(_, share)| share.waiting)?;
            if share.waiting < own + 2 {
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
        if let Some(tenant) = &entry.tenant
            && let Some(share) = self.shares.get_mut(tenant)
        {
            share.waiting -= 1;
            // What it was promised is served or given up, so there is nothing to remember.
            if share.waiting == 0 {
                self.shares.remove(tenant);
            }
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANY: u64 = u64::MAX;

    #[derive(Default)]
    struct Bench {
        queue: FairQueue<String>,
        number: u64,
    }

    impl Bench {
        fn push(&mut self, tenant: &str, priority: Priority, cost: u32, mask: u64) -> Place {
            self.number += 1;
            let item = format!("{tenant}{}", self.number);
            self.queue
                .push(&Arc::from(tenant), priority, cost, mask, self.number, item)
        }

        fn serve(&mut self, available: u64) -> Option<String> {
            let place = self.queue.next(available, &[])?;
            self.queue.serve(place)
        }

        fn tenants_served(&mut self, count: usize) -> String {
            (0..count)
                .filter_map(|_| self.serve(ANY))
                .map(|item| item[..1].to_owned())
                .collect()
        }
    }

    #[test]
    fn tenants_take_turns_whoever_came_first() {
        let mut bench = Bench::default();
        for _ in 0..6 {
            bench.push("a", Priority::Interactive, 100, ANY);
        }
        for _ in 0..3 {
            bench.push("b", Priority::Interactive, 100, ANY);
        }
        assert_eq!(bench.tenants_served(9), "abababaaa");
        assert!(bench.queue.is_empty());
        assert!(
            bench.queue.lanes[0].shares.is_empty(),
            "nothing is remembered of who is gone"
        );
    }

    #[test]
    fn turns_are_by_tokens_and_not_by_calls() {
        let mut bench = Bench::default();
        for _ in 0..4 {
            bench.push("l", Priority::Interactive, 400, ANY);
        }
        for _ in 0..16 {
            bench.push("s", Priority::Interactive, 100, ANY);
        }
        let served = bench.tenants_served(10);
        let large = served.matches('l').count();
        assert_eq!(
            large, 2,
            "of ten calls two large ones, as many tokens as the eight small: {served}"
        );
    }

    #[test]
    fn who_was_away_saves_nothing_up() {
        let mut bench = Bench::default();
        for _ in 0..50 {
            bench.push("a", Priority::Interactive, 100, ANY);
        }
        bench.tenants_served(40);
        for _ in 0..10 {
            bench.push("b", Priority::Interactive, 100, ANY);
        }
        let served = bench.tenants_served(8);
        assert_eq!(served.matches('b').count(), 4, "{served}");
    }

    #[test]
    fn batch_comes_after_interactive_and_not_never() {
        let mut bench = Bench::default();
        bench.push("b", Priority::Batch, 1, ANY);
        bench.push("b", Priority::Batch, 1, ANY);
        for _ in 0..20 {
            bench.push("i", Priority::Interactive, 1000, ANY);
        }
        assert_eq!(bench.tenants_served(19), format!("{0}b{0}bi", "i".repeat(8)));
    }

    #[test]
    fn a_backend_is_given_the_next_whom_it_can_serve() {
        let mut bench = Bench::default();
        bench.push("a", Priority::Interactive, 1, 0b01);
        bench.push("b", Priority::Interactive, 1, 0b10);
        bench.push("c", Priority::Interactive, 1, 0b11);
        assert_eq!(bench.serve(0b10).as_deref(), Some("b2"));
        assert_eq!(bench.serve(0b10).as_deref(), Some("c3"));
        assert_eq!(bench.serve(0b10), None);
        assert_eq!(bench.serve(0b01).as_deref(), Some("a1"));
    }

    #[test]
    fn who_comes_back_goes_first_and_those_in_their_order() {
        let mut bench = Bench::default();
        bench.push("a", Priority::Interactive, 1, ANY);
        bench
            .queue
            .push_front(Priority::Interactive, ANY, 8, "x".to_owned());
        bench
            .queue
            .push_front(Priority::Interactive, ANY, 9, "y".to_owned());
        assert_eq!(bench.tenants_served(3), "xya");
    }

    #[test]
    fn the_greediest_gives_way_with_its_newest_call() {
        let mut bench = Bench::default();
        for _ in 0..3 {
            bench.push("a", Priority::Interactive, 1, ANY);
        }
        bench.push("b", Priority::Interactive, 1, ANY);
        let item = |bench: &Bench, tenant| {
            let place = bench.queue.greediest(tenant)?;
            bench.queue.get(place).cloned()
        };
        assert_eq!(item(&bench, "c").as_deref(), Some("a3"));
        assert_eq!(item(&bench, "b").as_deref(), Some("a3"));
        assert_eq!(item(&bench, "a"), None, "nobody has more than itself");
        bench.push("b", Priority::Interactive, 1, ANY);
        assert_eq!(item(&bench, "b"), None, "one more is no reason");
    }

    #[test]
    fn a_newcomer_is_told_how_many_go_first() {
        let mut bench = Bench::default();
        assert_eq!(bench.queue.ahead("a", Priority::Interactive), 0);
        for _ in 0..10 {
            bench.push("a", Priority::Interactive, 1, ANY);
        }
        assert_eq!(bench.queue.ahead("a", Priority::Interactive), 10);
        assert_eq!(bench.queue.ahead("b", Priority::Interactive), 1);
        assert_eq!(bench.queue.ahead("b", Priority::Batch), 10);
    }

    proptest! {
        /// While two tenants wait all the time, neither is served more than one call's cost ahead of the other.
        #[test]
        fn nobody_gets_ahead(costs in prop::collection::vec((1_u32..500, 1_u32..500), 20..60)) {
            let mut queue = FairQueue::default();
            let (a, b): (Arc<str>, Arc<str>) = (Arc::from("a"), Arc::from("b"));
            let mut number = 0;
            let mut push = |queue: &mut FairQueue<(usize, u32)>, tenant: &Arc<str>, who, cost| {
                number += 1;
                queue.push(tenant, Priority::Interactive, cost, ANY, number, (who, cost));
            };
            for (one, other) in &costs {
                push(&mut queue, &a, 0, *one);
                push(&mut queue, &b, 1, *other);
            }
            let mut served = [0_u64; 2];
            let mut left = [costs.len(); 2];
            while left.iter().all(|left| *left > 0) {
                let place = queue.next(ANY, &[]).expect("both wait");
                let (who, cost) = queue.serve(place).expect("it was there");
                served[who] += u64::from(cost);
                left[who] -= 1;
                prop_assert!(served[0].abs_diff(served[1]) <= 500, "{served:?}");
            }
        }

        /// Whatever is pushed, removed and served: everybody leaves exactly once.
        #[test]
        fn nobody_is_lost(steps in prop::collection::vec((0_u8..4, 0_u8..5, 1_u32..100, 1_u64..8), 1..200)) {
            let mut queue = FairQueue::default();
            let mut waiting: Vec<(Place, u64)> = Vec::new();
            let mut number = 0;
            for (what, tenant, cost, mask) in steps {
                number += 1;
                match what {
                    0 | 1 => {
                        let tenant: Arc<str> = Arc::from(tenant.to_string());
                        let priority = if what == 0 { Priority::Interactive } else { Priority::Batch };
                        waiting.push((queue.push(&tenant, priority, cost, mask, number, number), number));
                    }
                    2 if !waiting.is_empty() => {
                        let (place, number) = waiting.swap_remove(cost as usize % waiting.len());
                        prop_assert_eq!(queue.remove(place), Some(number));
                        prop_assert_eq!(queue.remove(place), None);
                    }
                    _ => {
                        let next = queue.next(mask, &[]);
                        let can = waiting.iter().any(|(place, _)| place.mask & mask != 0);
                        prop_assert_eq!(next.is_some(), can);
                        if let Some(place) = next {
                            let item = queue.serve(place);
                            let index = waiting.iter().position(|(known, _)| *known == place);
                            let (_, number) = waiting.swap_remove(index.expect("it waits"));
                            prop_assert_eq!(item, Some(number));
                        }
                    }
                }
                prop_assert_eq!(queue.len(), waiting.len());
                prop_assert_eq!(queue.is_empty(), waiting.is_empty());
            }
        }
    }
}
