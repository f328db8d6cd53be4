//! Schemas that were compiled lately: one that comes again is copied, at a thirtieth of the time.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use llguidance::Matcher;

/// Schemas that are kept. A tool has one or a few.
const MOST: usize = 32;
/// A longer schema is not kept.
const LONGEST: usize = 16 << 10;
/// Nor is one whose automaton takes more memory at its beginning. It grows in copies only.
const LARGEST: usize = 256 << 10;

/// Schemas as texts, each with what stands at its beginning; the one that was asked for last comes first. What is kept
/// follows from the schema alone and holds nothing of any answer.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<(String, Matcher)>>);

impl Recent {
    /// A copy of what was compiled from this text, if it is here.
    pub(super) fn find(&self, schema: &str) -> Option<Matcher> {
        let mut kept = self.kept();
        let place = kept.iter().position(|(text, _)| text == schema)?;
        let found = kept.remove(place)?;
        let copy = found.1.deep_clone();
        kept.push_front(found);
        Some(copy)
    }

    /// Keeps a copy, unless it is large.
    pub(super) fn keep(&self, schema: String, matcher: &Matcher, bytes: usize) {
        if schema.len() > LONGEST || bytes > LARGEST {
            return;
        }
        let copy = matcher.deep_clone();
        let mut kept = self.kept();
        kept.retain(|(text, _)| *text != schema);
        kept.push_front((schema, copy));
        kept.truncate(MOST);
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(String, Matcher)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Recent {
    pub(super) fn texts(&self) -> Vec<String> {
        self.kept().iter().map(|(text, _)| text.clone()).collect()
    }
}
