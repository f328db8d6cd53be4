//! Rows of activations, quantised to 8 bits once for all matrices that read them.
#![expect(unsafe_code, reason = "the kernels of the pool's tier")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work` and `Lanes` have one contract: the CPU has the tier"
)]

use super::{lanes::Lanes, pool::Pool, tier::Work};

/// Rows whose blocks lie side by side: for each 32 columns those of 16 rows (of as many as are left in the last
/// group). Where rows lay one behind the other, the same columns of many of them would compete for the same places
/// of the cache.
pub(super) const GROUP: usize = 16;
/// Columns that share a scale.
pub(super) const BLOCK: usize = 32;

/// 32 quantised activations, in one line of the cache with all that a kernel needs to know of them.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Block {
    pub(super) quants: [i8; BLOCK],
    pub(super) scale: f32,
    /// The sum of the quants, times the scale: what a weight's minimum is multiplied with.
    pub(super) sum: f32,
    /// Where a sum of products starts if the weights are stored with an offset; see [`Zero`].
    pub(super) zeros: [i32; 6],
}

/// How far above their value weights are stored, so that they are not negative: an index of `Block::zeros`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    /// 8, for 4 bits.
    Four = 0,
    /// 16, for 5 bits.
    Five = 1,
    /// 128, for 8 bits.
    Eight = 2,
    /// 32, for 6 bits; of the first 16 columns. The next index is of the last 16.
    Six = 3,
}

/// Rows of activations, quantised once for all matrices that read them. Does not allocate once it has grown.
pub(crate) struct Activations {
    rows: usize,
    columns: usize,
    blocks: Vec<Block>,
    floats: Option<Vec<f32>>,
}

impl Activations {
    /// For matrices of quantised weights.
    pub(crate) fn new() -> Self {
        Self {
            rows: 0,
            columns: 0,
            blocks: Vec::new(),
            floats: None,
        }
    }

    /// Also for matrices of floats; see [`super::Matrix::reads_floats`].
    pub(crate) fn with_floats() -> Self {
        Self {
            floats: Some(Vec::new()),
            ..Self::new()
        }
    }

    /// Sets room aside for so many values, without using it yet.
    pub(crate) fn reserve(&mut self, values: usize) {
        self.blocks.reserve_exact(values / BLOCK);
        if let Some(floats) = &mut self.floats {
            floats.reserve_exact(values);
        }
    }

    /// Takes over these rows.
    ///
    /// # Panics
    ///
    /// Unless `columns` is a positive multiple of 32 and `values` are whole rows.
    pub(crate) fn fill(&mut self, values: &[f32], columns: usize, pool: &Pool) {
        assert!(
            columns > 0 && columns.is_multiple_of(BLOCK),
            "{columns} columns are not a multiple of {BLOCK}"
        );
        assert!(
            values.len().is_multiple_of(columns),
            "{} values are no rows of {columns}",
            values.len()
        );
        self.columns = columns;
        self.rows = values.len() / columns;
        self.blocks.resize(values.len() / BLOCK, Block::EMPTY);
        let tier = pool.tier();
        pool.split(&mut self.blocks, GROUP * columns / BLOCK, &|group, blocks| {
            let values = &values[group * GROUP * columns..][..blocks.len() * BLOCK];
            tier.run(Quantise {
                values,
                columns,
                blocks,
            });
        });
        if let Some(floats) = &mut self.floats {
            floats.clear();
            floats.extend_from_slice(values);
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Group by group; see [`GROUP`].
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(super) fn floats(&self) -> &[f32] {
        self.floats
            .as_deref()
            .expect("a matrix of floats reads `Activations::with_floats()`")
    }
}

impl Block {
    const EMPTY: Self = Self {
        quants: [0; BLOCK],
        scale: 0.0,
        sum: 0.0,
        zeros: [0; 6],
    };
}

/// Quantises a group of rows.
struct Quantise<'a> {
    values: &'a [f32],
    columns: usize,
    blocks: &'a mut [Block],
}

impl Work for Quantise<'_> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let rows = self.values.len() / self.columns;
        for (row, values) in self.values.chunks_exact(self.columns).enumerate() {
            for (part, values) in values.chunks_exact(BLOCK).enumerate() {
                quantise::<L>(values, &mut self.blocks[part * rows + row]);
            }
        }
    }
}

/// Quantises 32 values.
///
/// # Safety
///
/// The CPU has the tier.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "sums of 32 bytes are exact")]
unsafe fn quantise<L: Lanes>(values: &[f32], block: &mut Block) {
    assert!(values.len() == BLOCK, "a block's worth");
    let (first, last) = (L::load(values.as_ptr()), L::load(values.as_ptr().add(16)));
    let largest = L::largest(L::max(L::abs(first), L::abs(last)));
    // So small that its reciprocal would overflow: nothing.
    let inverse = if largest > 1e-35 { 127.0 / largest } else { 0.0 };
    let inverse = L::splat(inverse);
    let quants = block.quants.as_mut_ptr();
    let first = L::sum_ints(L::store_i8(quants, L::mul(first, inverse)));
    let last = L::sum_ints(L::store_i8(quants.add(16), L::mul(last, inverse)));
    let sum = first + last;
    block.scale = largest / 127.0;
    block.sum = block.scale * sum as f32;
    block.zeros = [-8 * sum, -16 * sum, -128 * sum, -32 * first, -32 * last, 0];
}
