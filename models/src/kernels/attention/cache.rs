//! Blocks of the cache: keys and values of some consecutive tokens, in half precision.
//!
//! A block holds, for each head of keys, first the keys of 16 tokens column by column, then those of the next 16,
//! then the values token by token: both as a kernel loads them, 16 at a time.
#![expect(unsafe_code, reason = "the kernels of the best tier")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work` and `Lanes` have one contract: the CPU has the tier"
)]

use crate::kernels::{
    lanes::Lanes,
    tier::{Tier, Work},
};

/// Tokens of a block.
pub(crate) const BLOCK_TOKENS: usize = 32;

/// Tokens whose keys lie side by side.
pub(super) const LANES: usize = 16;

/// Heads of queries, and of keys and values, and the width of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KvShape {
    /// Of queries.
    pub(crate) heads: usize,
    /// Of keys and values; as many queries' heads share each.
    pub(crate) kv_heads: usize,
    /// Values of a head.
    pub(crate) head_width: usize,
}

impl KvShape {
    /// Whether the kernels can do it: heads are shared equally, and a width is a multiple of 16.
    pub(crate) fn is_supported(&self) -> bool {
        self.kv_heads > 0
            && self.heads > 0
            && self.heads.is_multiple_of(self.kv_heads)
            && self.head_width > 0
            && self.head_width.is_multiple_of(LANES)
    }

    /// Halves of a block.
    pub(crate) fn block_len(&self) -> usize {
        self.kv_heads * self.head_len()
    }

    /// Heads of queries that share a head of keys.
    pub(super) fn group(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// Halves of a block for one head.
    pub(super) fn head_len(&self) -> usize {
        2 * BLOCK_TOKENS * self.head_width
    }
}

/// Puts the keys and values (`kv_heads * head_width` each) of a token into its slot of a block.
///
/// # Panics
///
/// Unless the shape is supported, the slot is one of the block's, and all lengths are the shape's.
pub(crate) fn write_kv(shape: &KvShape, block: &mut [u16], slot: usize, keys: &[f32], values: &[f32]) {
    let width = shape.kv_heads * shape.head_width;
    assert!(shape.is_supported(), "{shape:?} is not supported");
    assert!(
        slot < BLOCK_TOKENS && block.len() == shape.block_len(),
        "a slot of a block"
    );
    assert!(
        keys.len() == width && values.len() == width,
        "keys and values of a token"
    );
    Tier::best().run(Write {
        shape,
        block,
        slot,
        keys,
        values,
    });
}

struct Write<'a> {
    shape: &'a KvShape,
    block: &'a mut [u16],
    slot: usize,
    keys: &'a [f32],
    values: &'a [f32],
}

impl Work for Write<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let width = self.shape.head_width;
        let heads = self.block.chunks_exact_mut(self.shape.head_len());
        let sources = self.keys.chunks_exact(width).zip(self.values.chunks_exact(width));
        for (head, (keys, values)) in heads.zip(sources) {
            let (key_part, value_part) = head.split_at_mut(BLOCK_TOKENS * width);
            let columns = &mut key_part[self.slot / LANES * LANES * width..][..LANES * width];
            let mut halves = [0; LANES];
            for (keys, columns) in keys
                .chunks_exact(LANES)
                .zip(columns.chunks_exact_mut(LANES * LANES))
            {
                L::store_f16(halves.as_mut_ptr(), L::load(keys.as_ptr()));
                for (half, column) in halves.iter().zip(columns.chunks_exact_mut(LANES)) {
                    column[self.slot % LANES] = *half;
                }
            }
            let row = &mut value_part[self.slot * width..][..width];
            for (values, row) in values.chunks_exact(LANES).zip(row.chunks_exact_mut(LANES)) {
                L::store_f16(row.as_mut_ptr(), L::load(values.as_ptr()));
            }
        }
    }
}
