//! Blocks of the cache: keys and values of some consecutive tokens, as 16-bit floats or as eight bits and a scale.
//!
//! A block holds, for each head of keys, first the keys of 16 tokens column by column, then those of the next 16,
//! then the values token by token: both as a kernel loads them, 16 at a time. Scales follow the numbers that they
//! belong to: those of keys 16 tokens side by side, those of values token by token.
#![expect(unsafe_code, reason = "the kernels of the best tier")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work` and `Lanes` have one contract: the CPU has the tier"
)]

use super::number::{Byte, Half, Number};
use crate::kernels::{
    lanes::Lanes,
    tier::{Tier, Work},
};

/// Tokens of a block.
pub(crate) const BLOCK_TOKENS: usize = 32;

/// Tokens whose keys lie side by side.
pub(super) const LANES: usize = 16;

/// How keys and values are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KvPrecision {
    /// 16-bit floats.
    #[default]
    F16,
    /// Eight bits each, and a 32-bit scale for every 32 of them: 56 % of the memory.
    Q8_0,
}

/// Heads of queries, and of keys and values, and the width of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KvShape {
    /// Of queries.
    pub(crate) heads: usize,
    /// Of keys and values; as many queries' heads share each.
    pub(crate) kv_heads: usize,
    /// Values of a head.
    pub(crate) head_width: usize,
    /// Of keys and values.
    pub(crate) precision: KvPrecision,
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

    /// Bytes of a block.
    pub(crate) fn block_bytes(&self) -> usize {
        self.kv_heads * self.head_bytes()
    }

    /// Heads of queries that share a head of keys.
    pub(super) fn group(&self) -> usize {
        self.heads / self.kv_heads
    }

    /// Bytes of a block for one head: keys, then as many for values.
    pub(super) fn head_bytes(&self) -> usize {
        2 * match self.precision {
            KvPrecision::F16 => part_bytes::<Half>(self.head_width),
            KvPrecision::Q8_0 => part_bytes::<Byte>(self.head_width),
        }
    }
}

/// Bytes of the keys, or of the values, of one head in a block.
pub(super) fn part_bytes<N: Number>(width: usize) -> usize {
    BLOCK_TOKENS * (width * N::BYTES + N::scales(width) * size_of::<f32>())
}

/// Puts the keys and values (`kv_heads * head_width` each) of a token into its slot of a block.
///
/// # Panics
///
/// Unless the shape is supported, the slot is one of the block's, and all lengths are the shape's.
pub(crate) fn write_kv(shape: &KvShape, block: &mut [u8], slot: usize, keys: &[f32], values: &[f32]) {
    write_kv_in(Tier::best(), shape, block, slot, keys, values);
}

pub(super) fn write_kv_in(
    tier: Tier,
    shape: &KvShape,
    block: &mut [u8],
    slot: usize,
    keys: &[f32],
    values: &[f32],
) {
    let width = shape.kv_heads * shape.head_width;
    assert!(shape.is_supported(), "{shape:?} is not supported");
    assert!(
        slot < BLOCK_TOKENS && block.len() == shape.block_bytes(),
        "a slot of a block"
    );
    assert!(
        keys.len() == width && values.len() == width,
        "keys and values of a token"
    );
    tier.run(Write {
        shape,
        block,
        slot,
        keys,
        values,
    });
}

struct Write<'a> {
    shape: &'a KvShape,
    block: &'a mut [u8],
    slot: usize,
    keys: &'a [f32],
    values: &'a [f32],
}

impl Work for Write<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        match self.shape.precision {
            KvPrecision::F16 => self.write::<L, Half>(),
            KvPrecision::Q8_0 => self.write::<L, Byte>(),
        }
    }
}

impl Write<'_> {
    #[inline(always)]
    unsafe fn write<L: Lanes, N: Number>(self) {
        let (width, scales) = (self.shape.head_width, N::scales(self.shape.head_width));
        let (numbers, part) = (BLOCK_TOKENS * width * N::BYTES, part_bytes::<N>(width));
        let (half, lane) = (self.slot / LANES, self.slot % LANES);
        let heads = self.block.chunks_exact_mut(2 * part);
        let sources = self.keys.chunks_exact(width).zip(self.values.chunks_exact(width));
        for (head, (keys, values)) in heads.zip(sources) {
            let (key_part, value_part) = head.split_at_mut(part);
            let (columns, key_scales) = key_part.split_at_mut(numbers);
            let columns = &mut columns[half * LANES * width * N::BYTES..];
            let key_scales = &mut key_scales[half * LANES * scales * size_of::<f32>()..];
            let mut packed = [0; LANES * 2];
            for (index, keys) in keys.chunks(N::SHARE).enumerate() {
                let scale = N::scale::<L>(keys);
                for (at, keys) in (index * N::SHARE..).step_by(LANES).zip(keys.chunks_exact(LANES)) {
                    N::store::<L>(packed.as_mut_ptr(), L::load(keys.as_ptr()), scale);
                    for (column, number) in (at..).zip(packed.chunks_exact(N::BYTES).take(LANES)) {
                        columns[(column * LANES + lane) * N::BYTES..][..N::BYTES].copy_from_slice(number);
                    }
                }
                keep_scale::<N>(key_scales, index * LANES + lane, scale);
            }
            let (rows, value_scales) = value_part.split_at_mut(numbers);
            let row = &mut rows[self.slot * width * N::BYTES..][..width * N::BYTES];
            for (index, values) in values.chunks(N::SHARE).enumerate() {
                let scale = N::scale::<L>(values);
                for (at, values) in (index * N::SHARE..)
                    .step_by(LANES)
                    .zip(values.chunks_exact(LANES))
                {
                    let to = &mut row[at * N::BYTES..][..LANES * N::BYTES];
                    N::store::<L>(to.as_mut_ptr(), L::load(values.as_ptr()), scale);
                }
                keep_scale::<N>(value_scales, self.slot * scales + index, scale);
            }
        }
    }
}

fn keep_scale<N: Number>(scales: &mut [u8], index: usize, scale: f32) {
    if N::SCALED {
        scales[index * size_of::<f32>()..][..size_of::<f32>()].copy_from_slice(&scale.to_ne_bytes());
    }
}
