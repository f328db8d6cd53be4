//! Which blocks hold which beginnings, and which of them may go first.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

/// Names a block by everything before it, itself, and the scope it was made in. A cryptographic hash, since
/// equal names would show one sequence's text to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// What all blocks of a scope begin with.
    pub(super) fn root(scope: &str) -> Self {
        Self(Sha256::digest(scope.as_bytes()).into())
    }

    /// The block that follows with these tokens.
    pub(super) fn next(&self, tokens: &[u32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        for token in tokens {
            hash.update(token.to_le_bytes());
        }
        Self(hash.finalize().into())
    }
}

/// The blocks that can be found by their contents.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    blocks: HashMap<Key, usize>,
    keys: HashMap<usize, Key>,
    /// Blocks that nobody uses, by when they were last used.
    resting: BTreeMap<u64, usize>,
    since: HashMap<usize, u64>,
    clock: u64,
}

impl Prefixes {
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        self.blocks.get(key).copied()
    }

    /// Makes a block known. Where another with the same contents is known already, that one stays.
    pub(super) fn insert(&mut self, key: Key, block: usize) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.blocks.entry(key) {
            entry.insert(block);
            self.keys.insert(block, key);
        }
    }

    /// Notes that nobody uses a block any more; says whether it is known and so worth keeping.
    pub(super) fn rest(&mut self, block: usize) -> bool {
        let known = self.keys.contains_key(&block);
        if known {
            self.clock += 1;
            self.resting.insert(self.clock, block);
            self.since.insert(block, self.clock);
        }
        known
    }

    /// Notes that somebody uses a block again.
    pub(super) fn wake(&mut self, block: usize) {
        if let Some(since) = self.since.remove(&block) {
            self.resting.remove(&since);
        }
    }

    /// Blocks that rest.
    pub(super) fn resting(&self) -> usize {
        self.resting.len()
    }

    /// Forgets the block that has rested longest.
    pub(super) fn evict(&mut self) -> Option<usize> {
        let (_, block) = self.resting.pop_first()?;
        self.since.remove(&block);
        if let Some(key) = self.keys.remove(&block) {
            self.blocks.remove(&key);
        }
        Some(block)
    }
}
