//! A matrix of weights, packed for the kernels.

use std::{marker::PhantomData, ops::Range};

use super::{
    activations::{Activations, GROUP},
    floats::{Bf16, Element, F16, F32, FloatProduct},
    formats::{Affine, Format, ROWS, Scaled, SuperAffine, SuperScaled},
    kind::{Kind, Unsupported},
    layout::place,
    pool::{Pool, SharedMut},
    product::Product,
    rows::ReadRow,
    storage::{Pages, Storage},
    tier::Tier,
};

/// Weights that one task works on, about: they stay in the second cache while the rows of activations pass.
const TASK_BYTES: usize = 256 << 10;

/// A matrix of weights, packed for the kernels: tiles of 16 rows, padded with zeros.
pub(crate) struct Matrix {
    kind: Kind,
    rows: usize,
    columns: usize,
    tiles: Storage<u8>,
}

/// Some tiles of a matrix, and where their outputs go.
struct Part<'a> {
    matrix: &'a Matrix,
    out: SharedMut<f32>,
}

impl Matrix {
    /// Packs `data`, which is `rows` x `columns` as a GGUF file stores it, and does not keep it. The loader never has all of
    /// a matrix at once.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn pack(
        kind: Kind,
        rows: usize,
        columns: usize,
        data: &[u8],
        pool: &Pool,
    ) -> Result<Self, Unsupported> {
        let mut alone = Pages::by(0);
        let mut matrix = Self::unfilled(kind, rows, columns, data.len(), &mut alone)?;
        matrix.fill(0, data, pool);
        Ok(matrix)
    }

    /// A matrix of `bytes` in a file, to be filled a few tiles at a time.
    pub(crate) fn unfilled(
        kind: Kind,
        rows: usize,
        columns: usize,
        bytes: usize,
        memory: &mut Pages,
    ) -> Result<Self, Unsupported> {
        let block = kind.block_columns();
        if columns == 0 || !columns.is_multiple_of(block) {
            return Err(Unsupported::Columns { columns, block, kind });
        }
        let row_bytes = columns / block * kind.block_bytes();
        if rows == 0 || rows.checked_mul(row_bytes) != Some(bytes) {
            return Err(Unsupported::Size {
                rows,
                columns,
                kind,
                bytes,
            });
        }
        let tile_bytes = columns / block * kind.tile_block_bytes();
        Ok(Self {
            kind,
            rows,
            columns,
            tiles: memory.take(rows.div_ceil(ROWS) * tile_bytes),
        })
    }

    /// Packs rows from `first_tile` on, whole tiles or up to the last row, as a file stores them.
    pub(crate) fn fill(&mut self, first_tile: usize, data: &[u8], pool: &Pool) {
        let (kind, tile_bytes, source_bytes) = (self.kind, self.tile_bytes(), self.source_bytes());
        let row_bytes = source_bytes / ROWS;
        let tiles = &mut self.tiles.get_mut()[first_tile * tile_bytes..];
        let tiles = &mut tiles[..data.len().div_ceil(source_bytes) * tile_bytes];
        pool.split(tiles, tile_bytes, &|index, tile| {
            let end = ((index + 1) * source_bytes).min(data.len());
            let source = data[index * source_bytes..end].chunks_exact(row_bytes);
            for (row, source) in source.enumerate() {
                place_row(kind, row, source, tile);
            }
        });
    }

    /// Bytes of a file that a tile is made of.
    pub(crate) fn source_bytes(&self) -> usize {
        ROWS * (self.columns / self.kind.block_columns() * self.kind.block_bytes())
    }

    /// Rows: outputs.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Columns: inputs.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.tiles.get().len()
    }

    /// Whether it needs [`Activations::with_floats`].
    pub(crate) fn reads_floats(&self) -> bool {
        self.kind.is_float()
    }

    /// `out[i * rows + r]` = the sum over `c` of `weight[r][c] * input[i][c]`, for every row i of the input.
    ///
    /// Each row of the outputs depends on its own row of the input only, bit for bit.
    pub(crate) fn multiply(&self, input: &Activations, out: &mut [f32], pool: &Pool) {
        multiply_all(&mut [(self, out)], input, pool);
    }

    /// The weights of one row (an embedding).
    ///
    /// # Panics
    ///
    /// Unless there is such a row and `out` has room for it exactly.
    pub(crate) fn read_row(&self, row: usize, out: &mut [f32]) {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        assert!(
            out.len() == self.columns,
            "{} values for a row of {}",
            out.len(),
            self.columns
        );
        let tile_bytes = self.tile_bytes();
        let tile = &self.tiles.get()[row / ROWS * tile_bytes..][..tile_bytes];
        ReadRow {
            tile,
            row: row % ROWS,
            out,
        }
        .run(self.kind);
    }

    fn tile_bytes(&self) -> usize {
        self.columns / self.kind.block_columns() * self.kind.tile_block_bytes()
    }

    fn tile_count(&self) -> usize {
        self.rows.div_ceil(ROWS)
    }
}

/// Puts a row into a tile.
fn place_row(kind: Kind, row: usize, source: &[u8], tile: &mut [u8]) {
    if kind.is_float() {
        let size = kind.bits() / 8;
        for (source, column) in source.chunks_exact(size).zip(tile.chunks_exact_mut(ROWS * size)) {
            column[row * size..][..size].copy_from_slice(source);
        }
        return;
    }
    let source = source.chunks_exact(kind.block_bytes());
    for (source, block) in source.zip(tile.chunks_exact_mut(kind.tile_block_bytes())) {
        place(kind, row, source, block);
    }
}

/// Several matrices that read the same input, in one parallel stage; see [`Matrix::multiply`].
///
/// # Panics
///
/// Unless each matrix has as many columns as the input, and each output has room for its values exactly.
pub(crate) fn multiply_all(work: &mut [(&Matrix, &mut [f32])], input: &Activations, pool: &Pool) {
    let parts: Vec<_> = work
        .iter_mut()
        .map(|(matrix, out)| {
            assert!(
                matrix.columns == input.columns(),
                "{} columns, not {}",
                input.columns(),
                matrix.columns
            );
            assert!(out.len() == input.rows() * matrix.rows, "{} outputs", out.len());
            Part {
                matrix,
                out: SharedMut(out.as_mut_ptr()),
            }
        })
        .collect();
    let total: usize = parts.iter().map(|part| part.matrix.tile_count()).sum();
    let fair = (total / (pool.threads() * 8)).max(1);
    let step = |part: &Part<'_>| {
        // Weights that meet one group of rows need not stay in a cache.
        let most = if input.rows() <= GROUP {
            total
        } else {
            TASK_BYTES / part.matrix.tile_bytes()
        };
        let tiles = fair.min(most).max(1);
        // The tile unit takes three at once.
        if tiles > 2 { tiles / 3 * 3 } else { tiles }
    };
    let tasks = parts
        .iter()
        .map(|part| part.matrix.tile_count().div_ceil(step(part)))
        .sum();
    pool.run(tasks, &|mut task| {
        for part in &parts {
            let (step, tiles) = (step(part), part.matrix.tile_count());
            if task < tiles.div_ceil(step) {
                let range = task * step..((task + 1) * step).min(tiles);
                return part.multiply(range, input, pool.tier());
            }
            task -= tiles.div_ceil(step);
        }
    });
}

impl Part<'_> {
    fn multiply(&self, range: Range<usize>, input: &Activations, tier: Tier) {
        match self.matrix.kind {
            Kind::Q4_0 => self.quantised::<Scaled<4>>(range, input, tier),
            Kind::Q4_1 => self.quantised::<Affine<4>>(range, input, tier),
            Kind::Q5_0 => self.quantised::<Scaled<5>>(range, input, tier),
            Kind::Q5_1 => self.quantised::<Affine<5>>(range, input, tier),
            Kind::Q8_0 => self.eights(range, input, tier),
            Kind::Q4K => self.quantised::<SuperAffine<4>>(range, input, tier),
            Kind::Q5K => self.quantised::<SuperAffine<5>>(range, input, tier),
            Kind::Q6K => self.quantised::<SuperScaled>(range, input, tier),
            Kind::F16 => self.floats::<F16>(range, input, tier),
            Kind::BF16 => self.floats::<Bf16>(range, input, tier),
            Kind::F32 => self.floats::<F32>(range, input, tier),
        }
    }

    /// Of weights of eight bits, which the tile unit takes as they lie.
    fn eights(&self, range: Range<usize>, input: &Activations, tier: Tier) {
        let product = self.product::<Scaled<8>>(range, input);
        #[cfg(target_arch = "x86_64")]
        let product = if tier == Tier::Amx {
            product.with_eights_done()
        } else {
            product
        };
        tier.run(product);
    }

    fn quantised<F: Format>(&self, range: Range<usize>, input: &Activations, tier: Tier) {
        tier.run(self.product::<F>(range, input));
    }

    fn product<'a, F: Format>(&'a self, range: Range<usize>, input: &'a Activations) -> Product<'a, F> {
        Product {
            tiles: self.matrix.tiles.get(),
            columns: self.matrix.columns,
            range,
            input: input.blocks(),
            out: self.out,
            outputs: self.matrix.rows,
            rest: false,
            format: PhantomData,
        }
    }

    fn floats<E: Element>(&self, range: Range<usize>, input: &Activations, tier: Tier) {
        tier.run(FloatProduct::<E> {
            tiles: self.matrix.tiles.get(),
            columns: self.matrix.columns,
            range,
            input: input.floats(),
            out: self.out,
            outputs: self.matrix.rows,
            element: PhantomData,
        });
    }
}
