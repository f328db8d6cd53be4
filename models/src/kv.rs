//! The KV cache: a budget of blocks, handed out to sequences one by one and shared where they begin alike.
//!
//! A sequence reserves at admission all that it may come to need, so nobody who runs ever waits for memory.
//! Blocks in use and blocks reserved never exceed the budget. Blocks that nobody uses keep their contents
//! for a sequence that begins the same way, until their place is needed.

use crate::kernels::BLOCK_TOKENS;

mod blocks;
mod prefix;
#[cfg(test)]
mod tests;

pub(crate) use blocks::Blocks;
use prefix::{Key, Prefixes};

/// All blocks, and who has them.
pub(crate) struct Cache {
    pub(crate) blocks: Blocks,
    prefixes: Prefixes,
    /// Sequences that use each block.
    uses: Vec<u32>,
    /// Blocks with nothing in them.
    free: Vec<usize>,
    in_use: usize,
    reserved: usize,
}

/// The blocks of one sequence, in order. To be given back with [`Cache::release`].
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) blocks: Vec<usize>,
    /// Blocks that it may still take.
    reserved: usize,
    /// What its next full block is known by; `None` where nothing is shared.
    key: Option<Key>,
    /// Full blocks that have been offered to others.
    published: usize,
}

impl Table {
    /// Tokens that its blocks hold when full.
    pub(crate) fn tokens(&self) -> usize {
        self.blocks.len() * BLOCK_TOKENS
    }
}

impl Cache {
    pub(crate) fn new(blocks: Blocks) -> Self {
        Self {
            blocks,
            prefixes: Prefixes::default(),
            uses: Vec::new(),
            free: Vec::new(),
            in_use: 0,
            reserved: 0,
        }
    }

    /// Reserves room for this many tokens, or says that there is none now. Prefixes are shared with
    /// sequences of the same scope only.
    pub(crate) fn admit(&mut self, tokens: usize, scope: Option<&str>) -> Option<Table> {
        let reserved = tokens.div_ceil(BLOCK_TOKENS);
        if self.in_use + self.reserved + reserved > self.blocks.capacity() {
            return None;
        }
        self.reserved += reserved;
        Some(Table {
            blocks: Vec::new(),
            reserved,
            key: scope.map(Key::root),
            published: 0,
        })
    }

    /// Takes over blocks that hold the beginning of `prompt`, as far as they are known; says how many tokens
    /// the table then holds. The last token is always left to be fed, since it is to be scored.
    pub(crate) fn adopt(&mut self, table: &mut Table, prompt: &[u32]) -> usize {
        let full = prompt.len().saturating_sub(1) / BLOCK_TOKENS;
        while table.blocks.len() < full && table.published == table.blocks.len() {
            let Some(key) = table.key else { break };
            let next = key.next(&prompt[table.tokens()..][..BLOCK_TOKENS]);
            let Some(block) = self.prefixes.find(&next) else {
                break;
            };
            self.take_up(block);
            self.give(table, block);
            table.key = Some(next);
            table.published += 1;
        }
        table.tokens()
    }

    /// Gives the table blocks for this many tokens.
    pub(crate) fn extend(&mut self, table: &mut Table, tokens: usize) {
        while table.tokens() < tokens {
            let block = self.empty_block();
            self.take_up(block);
            self.give(table, block);
        }
    }

    /// Offers the full blocks of what has been fed so far to sequences of the same scope.
    pub(crate) fn publish(&mut self, table: &mut Table, fed: &[u32]) {
        let Some(mut key) = table.key else { return };
        while (table.published + 1) * BLOCK_TOKENS <= fed.len() {
            let index = table.published;
            key = key.next(&fed[index * BLOCK_TOKENS..][..BLOCK_TOKENS]);
            self.prefixes.insert(key, table.blocks[index]);
            table.published += 1;
        }
        table.key = Some(key);
    }

    /// Takes everything back. What was published stays as long as there is room.
    pub(crate) fn release(&mut self, table: &Table) {
        self.reserved -= table.reserved;
        // Last first: a block is of no use without those before it, so it is the first to go.
        for &block in table.blocks.iter().rev() {
            self.uses[block] -= 1;
            if self.uses[block] == 0 {
                self.in_use -= 1;
                if !self.prefixes.rest(block) {
                    self.free.push(block);
                }
            }
        }
    }

    /// Bytes of all blocks that there may be.
    pub(crate) fn budget_bytes(&self) -> u64 {
        (self.blocks.capacity() as u64).saturating_mul(self.blocks.block_bytes() as u64)
    }

    /// Bytes of the blocks that sequences use.
    pub(crate) fn used_bytes(&self) -> u64 {
        (self.in_use * self.blocks.block_bytes()) as u64
    }

    /// Bytes of the blocks that are kept for sequences to come.
    pub(crate) fn kept_bytes(&self) -> u64 {
        (self.prefixes.resting() * self.blocks.block_bytes()) as u64
    }

    fn give(&mut self, table: &mut Table, block: usize) {
        table.blocks.push(block);
        table.reserved = table
            .reserved
            .checked_sub(1)
            .expect("a sequence never grows beyond what it has reserved");
        self.reserved -= 1;
    }

    fn take_up(&mut self, block: usize) {
        if self.uses[block] == 0 {
            self.in_use += 1;
            self.prefixes.wake(block);
        }
        self.uses[block] += 1;
    }

    /// A block that nobody uses: an empty one, a new one, or the one that has rested longest.
    fn empty_block(&mut self) -> usize {
        if let Some(block) = self.free.pop() {
            return block;
        }
        if let Some(block) = self.blocks.grow() {
            self.uses.push(0);
            return block;
        }
        self.prefixes
            .evict()
            .expect("blocks in use and reserved never exceed the budget")
    }
}
