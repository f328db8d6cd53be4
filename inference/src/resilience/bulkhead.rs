//! Bulkhead: a cap on what runs at once, so that one slow thing cannot take everything down with it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So many places, taken and given back. Cheap to clone; clones share their places.
///
/// ```
/// use inference::resilience::bulkhead::Bulkhead;
///
/// let bulkhead = Bulkhead::new(1);
/// let place = bulkhead.try_take(1).expect("one is free");
/// assert!(bulkhead.try_take(1).is_none());
/// drop(place);
/// assert_eq!(bulkhead.taken(), 0);
/// ```
#[derive(Debug, Clone)]
pub struct Bulkhead {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    places: usize,
    taken: AtomicUsize,
}

/// One place, held until dropped.
#[derive(Debug)]
#[must_use = "a place that is dropped is given back"]
pub struct Place(Arc<Shared>);

impl Bulkhead {
    /// Makes a bulkhead of so many places; at least one.
    pub fn new(places: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                places: places.max(1),
                taken: AtomicUsize::new(0),
            }),
        }
    }

    /// Takes a place, if fewer than `most` are taken and one is free.
    pub fn try_take(&self, most: usize) -> Option<Place> {
        let shared = &self.shared;
        shared
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < shared.places.min(most)).then_some(taken + 1)
            })
            .ok()
            .map(|_| Place(Arc::clone(shared)))
    }

    /// Places that there are.
    pub fn places(&self) -> usize {
        self.shared.places
    }

    /// Places taken.
    pub fn taken(&self) -> usize {
        self.shared.taken.load(Ordering::Acquire)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}
