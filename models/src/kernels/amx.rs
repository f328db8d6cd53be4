//! Products of many rows with the tile unit (AMX) of Intel's servers since Sapphire Rapids.
//!
//! The unit sums the products of 16 rows of weights with 16 rows of activations over 32 columns at once, as
//! integers. What is done with the sums is what [`super::product`] does, operation for operation, so the results
//! are the same bits. Weights are unpacked to bytes once for all rows of activations.
//!
//! Rust's intrinsics for the unit are not stable, so it is driven in assembly. Its state is put back as it was
//! found: Candle drives it too, and expects to find its own.
#![expect(unsafe_code, reason = "the CPU's instructions, and the products' pointers")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "`Work`, `Format` and `Lanes` have one contract"
)]

use std::{arch::asm, cell::RefCell, marker::PhantomData, ops::Range, sync::OnceLock};

use super::{
    activations::{BLOCK, Block, GROUP, Zero},
    formats::{Format, ROWS},
    lanes::Lanes,
    pool::SharedMut,
    tier::Work,
};

/// Columns of activations that are gone through for all tiles of a task before the next: they stay in the first
/// cache.
const CHUNK_PARTS: usize = 1024 / BLOCK;

/// Whether this CPU has the unit and the system lets this process use it.
pub(super) fn is_available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| has_unit() && ask_for_unit())
}

fn has_unit() -> bool {
    let leaf = std::arch::x86_64::__cpuid_count(7, 0);
    let (tile, int8) = (1 << 24, 1 << 25);
    leaf.edx & (tile | int8) == tile | int8
}

/// Linux gives the unit's state, which is large, to processes that ask.
#[cfg(target_os = "linux")]
fn ask_for_unit() -> bool {
    const ARCH_PRCTL: isize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let result: isize;
    // SAFETY: the call reads no memory of ours, and clobbers what is declared.
    unsafe {
        asm!("syscall", inlateout("rax") ARCH_PRCTL => result, in("rdi") ARCH_REQ_XCOMP_PERM, in("rsi") TILE_DATA,
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn ask_for_unit() -> bool {
    false
}

/// Shapes of the unit's registers.
#[derive(Default)]
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

/// The unit, shaped for us; put back as it was when dropped.
struct Unit {
    before: Shapes,
}

impl Unit {
    /// # Safety
    ///
    /// [`is_available`] said yes.
    unsafe fn shaped() -> Self {
        let mut before = Shapes::default();
        // Sums, activations, weights; then the last two of half as many columns.
        let mut shapes = Shapes {
            palette: 1,
            ..Shapes::default()
        };
        shapes.row_bytes[..5].copy_from_slice(&[64, 32, 64, 16, 64]);
        shapes.rows[..5].copy_from_slice(&[16, 16, 8, 16, 4]);
        asm!("sttilecfg [{0}]", "ldtilecfg [{1}]", in(reg) &raw mut before, in(reg) &raw const shapes,
            options(nostack));
        Self { before }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: the shapes are those that the unit had, or none.
        unsafe { asm!("ldtilecfg [{0}]", in(reg) &raw const self.before, options(nostack)) };
    }
}

/// A line of the cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A thread's buffers, kept for its next task.
#[derive(Default)]
struct Scratch {
    /// Unpacked weights: for each tile and each 32 columns 8 lines of bytes, then scales and what goes with them.
    weights: Vec<Line>,
    /// Sums so far: for each tile a line for each row of activations.
    sums: Vec<Line>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// As [`super::product::Product`], for a number of rows that is a multiple of [`GROUP`].
pub(super) struct TileProduct<'a, F> {
    pub(super) tiles: &'a [u8],
    pub(super) columns: usize,
    pub(super) range: Range<usize>,
    pub(super) input: &'a [Block],
    pub(super) out: SharedMut<f32>,
    pub(super) outputs: usize,
    pub(super) format: PhantomData<F>,
}

/// Lines of 32 unpacked columns: 8 of weights, then the scales, the scales of the last half, the minimums.
const PART_LINES: usize = 11;

impl<F: Format> Work for TileProduct<'_, F> {
    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let _unit = Unit::shaped();
        let parts = self.columns / BLOCK;
        // Taken out, as a closure would be compiled without the instructions.
        let mut scratch = SCRATCH.take();
        scratch
            .weights
            .resize(self.range.len() * parts * PART_LINES, Line([0; 64]));
        scratch.sums.resize(self.range.len() * GROUP, Line([0; 64]));
        let (weights, sums) = (scratch.weights.as_mut_ptr(), scratch.sums.as_mut_ptr());
        for (index, tile) in self.range.clone().enumerate() {
            self.unpack::<L>(tile, weights.add(index * parts * PART_LINES));
        }
        for group in 0..self.input.len() / parts / GROUP {
            let input = self.input[group * GROUP * parts..(group + 1) * GROUP * parts].as_ptr();
            sums.write_bytes(0, scratch.sums.len());
            for from in (0..parts).step_by(CHUNK_PARTS) {
                let count = CHUNK_PARTS.min(parts - from);
                for index in 0..self.range.len() {
                    let weights = weights.add((index * parts + from) * PART_LINES);
                    add_parts::<L, F>(
                        weights,
                        count,
                        input.add(from * GROUP),
                        sums.add(index * GROUP).cast(),
                    );
                }
            }
            self.store(group, sums.cast());
        }
        SCRATCH.set(scratch);
    }
}

impl<F: Format> TileProduct<'_, F> {
    /// Unpacks a tile, and takes the offset off its weights.
    #[inline(always)]
    unsafe fn unpack<L: Lanes>(&self, tile: usize, to: *mut Line) {
        let offset = match F::ZERO {
            None => 0,
            Some(Zero::Four) => 8,
            Some(Zero::Five) => 16,
            Some(Zero::Six) => 32,
            Some(Zero::Eight) => 128,
        };
        let tile_bytes = self.columns / F::COLUMNS * F::BYTES;
        let tile = &self.tiles[tile * tile_bytes..(tile + 1) * tile_bytes];
        let mut to: *mut u8 = to.cast();
        for block in tile.chunks_exact(F::BYTES) {
            let block = block.as_ptr();
            for part in 0..F::COLUMNS / BLOCK {
                for j in 0..4_u8 {
                    let (low, high) = F::weights::<L>(block, part, j);
                    let at = to.add(usize::from(j) * 64);
                    L::store_bytes(at, L::less(low, offset));
                    L::store_bytes(at.add(256), L::less(high, offset));
                }
                let (first, last) = F::scales::<L>(block, part);
                L::store(to.add(512).cast(), first);
                L::store(to.add(576).cast(), last);
                L::store(to.add(640).cast(), F::minimums::<L>(block, part));
                to = to.add(PART_LINES * 64);
            }
        }
    }

    /// Puts the sums of a group of rows where they belong.
    #[inline(always)]
    unsafe fn store(&self, group: usize, sums: *const f32) {
        for (index, tile) in self.range.clone().enumerate() {
            let outputs = ROWS.min(self.outputs - tile * ROWS);
            for row in 0..GROUP {
                let to = self.out.at((group * GROUP + row) * self.outputs + tile * ROWS);
                to.copy_from_nonoverlapping(sums.add((index * GROUP + row) * ROWS), outputs);
            }
        }
    }
}

/// Adds so many parts of 32 columns to the sums of a group of rows.
#[inline(always)]
unsafe fn add_parts<L: Lanes, F: Format>(
    weights: *const Line,
    count: usize,
    input: *const Block,
    sums: *mut f32,
) {
    let mut floats = [L::splat(0.0); GROUP];
    for (row, floats) in floats.iter_mut().enumerate() {
        *floats = L::load(sums.add(row * ROWS));
    }
    for part in 0..count {
        let (weights, input) = (weights.add(part * PART_LINES), input.add(part * GROUP));
        let scales = L::load(weights.add(8).cast());
        if F::HALVES {
            let products = half_products(input, weights);
            let last_products = half_products(input.byte_add(16), weights.add(4));
            let last_scales = L::load(weights.add(9).cast());
            for (row, sum) in floats.iter_mut().enumerate() {
                let scale = L::splat((*input.add(row)).scale);
                let first = L::load_ints(products.0.as_ptr().add(row * ROWS));
                *sum = L::fma(L::to_floats(first), L::mul(scales, scale), *sum);
                let last = L::load_ints(last_products.0.as_ptr().add(row * ROWS));
                *sum = L::fma(L::to_floats(last), L::mul(last_scales, scale), *sum);
            }
            continue;
        }
        let products = products(input, weights);
        let minimums = L::load(weights.add(10).cast());
        for (row, sum) in floats.iter_mut().enumerate() {
            let block = input.add(row);
            let integers = L::load_ints(products.0.as_ptr().add(row * ROWS));
            *sum = L::fma(
                L::to_floats(integers),
                L::mul(scales, L::splat((*block).scale)),
                *sum,
            );
            if F::ZERO.is_none() {
                *sum = L::fnma(minimums, L::splat((*block).sum), *sum);
            }
        }
    }
    for (row, floats) in floats.into_iter().enumerate() {
        L::store(sums.add(row * ROWS), floats);
    }
}

/// Sums of products: a line for each row of activations.
#[repr(C, align(64))]
struct Products([i32; GROUP * ROWS]);

/// Of 32 columns.
#[inline(always)]
unsafe fn products(input: *const Block, weights: *const Line) -> Products {
    let mut products = std::mem::MaybeUninit::<Products>::uninit();
    asm!(
        "tilezero tmm0",
        "tileloadd tmm1, [{input} + {line}*1]",
        "tileloadd tmm2, [{weights} + {line}*1]",
        "tdpbssd tmm0, tmm1, tmm2",
        "tilestored [{products} + {line}*1], tmm0",
        input = in(reg) input,
        weights = in(reg) weights,
        line = in(reg) size_of::<Line>(),
        products = in(reg) products.as_mut_ptr(),
        out("tmm0") _, out("tmm1") _, out("tmm2") _,
        options(nostack),
    );
    products.assume_init()
}

/// Of 16 columns.
#[inline(always)]
unsafe fn half_products(input: *const Block, weights: *const Line) -> Products {
    let mut products = std::mem::MaybeUninit::<Products>::uninit();
    asm!(
        "tilezero tmm0",
        "tileloadd tmm3, [{input} + {line}*1]",
        "tileloadd tmm4, [{weights} + {line}*1]",
        "tdpbssd tmm0, tmm3, tmm4",
        "tilestored [{products} + {line}*1], tmm0",
        input = in(reg) input,
        weights = in(reg) weights,
        line = in(reg) size_of::<Line>(),
        products = in(reg) products.as_mut_ptr(),
        out("tmm0") _, out("tmm3") _, out("tmm4") _,
        options(nostack),
    );
    products.assume_init()
}
