//! The memory of the KV cache: blocks of a fixed number of tokens, each for all layers.

use crate::kernels::{BLOCK_TOKENS, KvShape, Pages, Storage};

/// Room that is asked for at once; what no block uses of it takes no memory.
const STRETCH_BYTES: usize = 64 << 20;

/// Keys and values, laid out as attention likes them.
///
/// Memory is taken when a block is first used, and kept.
pub(crate) struct Blocks {
    data: Vec<Storage<u8>>,
    memory: Pages,
    shape: KvShape,
    layers: usize,
    capacity: usize,
}

impl Blocks {
    /// As many blocks as fit into the budget.
    pub(crate) fn new(shape: &KvShape, layers: usize, budget_bytes: u64) -> Self {
        let block_bytes = (shape.block_bytes() * layers) as u64;
        let capacity = usize::try_from(budget_bytes / block_bytes).unwrap_or(usize::MAX);
        Self::of(*shape, layers, capacity)
    }

    /// As many blocks again, all of them empty.
    pub(crate) fn emptied(&self) -> Self {
        Self::of(self.shape, self.layers, self.capacity)
    }

    fn of(shape: KvShape, layers: usize, capacity: usize) -> Self {
        Self {
            data: Vec::new(),
            memory: Pages::by(STRETCH_BYTES),
            shape,
            layers,
            capacity,
        }
    }

    /// What is kept in them.
    pub(crate) fn shape(&self) -> &KvShape {
        &self.shape
    }

    /// Blocks there may be.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Tokens that all blocks hold together.
    pub(crate) fn capacity_tokens(&self) -> usize {
        self.capacity.saturating_mul(BLOCK_TOKENS)
    }

    /// Bytes of a block.
    pub(crate) fn block_bytes(&self) -> usize {
        self.shape.block_bytes() * self.layers
    }

    /// One more block, if the budget has room for it.
    pub(super) fn grow(&mut self) -> Option<usize> {
        if self.data.len() == self.capacity {
            return None;
        }
        self.data.push(self.memory.take(self.block_bytes()));
        Some(self.data.len() - 1)
    }

    /// What a block holds of a layer.
    pub(crate) fn layer(&self, block: usize, layer: usize) -> &[u8] {
        let bytes = self.shape.block_bytes();
        &self.data[block].get()[layer * bytes..][..bytes]
    }

    /// The same, to be written.
    pub(crate) fn layer_mut(&mut self, block: usize, layer: usize) -> &mut [u8] {
        let bytes = self.shape.block_bytes();
        &mut self.data[block].get_mut()[layer * bytes..][..bytes]
    }
}
