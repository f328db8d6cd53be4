//! Products of eight-bit weights with the tile unit (AMX) of Intel's servers since Sapphire Rapids.
//!
//! A tile of weights lies in memory as the unit wants it, so it takes the sums of products of 16 rows of weights with 8 or
//! 16 rows of activations over 32 columns in one instruction, as integers. What is done with the sums is what
//! [`super::product`] does, operation for operation, so the results are the same bits.
//!
//! Rust's intrinsics for the unit are not stable, so it is driven in assembly. Its state is put back as it was
//! found: Candle drives it, too, and expects to find its own.
#![expect(unsafe_code, reason = "the CPU's instructions, and the products' pointers")]
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each function is under the contract of `multiply_eights`: the CPU has the instructions"
)]

use std::{
    arch::{
        asm,
        x86_64::{
            __m512, _MM_HINT_T0, _mm_prefetch, _mm256_loadu_si256, _mm512_cvtph_ps, _mm512_setzero_ps,
            _mm512_storeu_ps,
        },
    },
    mem::{MaybeUninit, offset_of},
    sync::OnceLock,
};

use super::{
    activations::{BLOCK, Block, GROUP, Zero},
    formats::{Format, ROWS, Scaled},
    product::{EIGHT, Product},
    tier::Tier,
};

/// Bytes of a tile's block, and of the weights in it, behind which come the scales.
const BYTES: usize = <Scaled<8> as Format>::BYTES;
const WEIGHT_BYTES: usize = BLOCK * ROWS;
const AHEAD: usize = <Scaled<8> as Format>::AHEAD;
/// Bytes of a row of the unit's registers, and from one to the next in memory.
const LINE: usize = 64;

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
    /// For so many rows of activations.
    ///
    /// # Safety
    ///
    /// [`is_available`] said yes.
    unsafe fn shaped(rows: u8) -> Self {
        let mut before = Shapes::default();
        // Three of sums, one of activations, three of weights.
        let shapes = Shapes {
            palette: 1,
            row_bytes: [64, 64, 64, 32, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            rows: [rows, rows, rows, rows, 8, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ..Shapes::default()
        };
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

impl Product<'_, Scaled<8>> {
    /// Makes the outputs of those rows of each group that make up eights, and leaves the rest to be done.
    ///
    /// # Panics
    ///
    /// Unless the CPU has [`Tier::Amx`].
    pub(super) fn with_eights_done(self) -> Self {
        assert!(Tier::Amx.is_available(), "a CPU with the unit");
        // SAFETY: it has; and as with every product, no other task writes the outputs of these tiles.
        unsafe { self.multiply_eights() };
        Self { rest: true, ..self }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    unsafe fn multiply_eights(&self) {
        let group_blocks = GROUP * self.columns / BLOCK;
        for (group, input) in self.input.chunks(group_blocks).enumerate() {
            let rows = input.len() * BLOCK / self.columns;
            let first_row = group * GROUP;
            if rows == GROUP {
                let _unit = Unit::shaped(16);
                for tile in self.range.clone() {
                    self.multiply::<16, 1>(tile, input.as_ptr(), rows, first_row);
                }
            } else if rows >= EIGHT {
                let _unit = Unit::shaped(8);
                let mut tile = self.range.start;
                while tile + 3 <= self.range.end {
                    self.multiply::<8, 3>(tile, input.as_ptr(), rows, first_row);
                    tile += 3;
                }
                for tile in tile..self.range.end {
                    self.multiply::<8, 1>(tile, input.as_ptr(), rows, first_row);
                }
            }
        }
    }

    /// `T` tiles times `M` rows, whose blocks lie side by side; those of the next columns are `step` further.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    unsafe fn multiply<const M: usize, const T: usize>(
        &self,
        tile: usize,
        mut input: *const Block,
        step: usize,
        first_row: usize,
    ) {
        let blocks = self.columns / BLOCK;
        let tile_bytes = blocks * BYTES;
        let mut weights = self.tiles[tile * tile_bytes..(tile + T) * tile_bytes].as_ptr();
        let mut sums = [[_mm512_setzero_ps(); M]; T];
        // Written by the unit, and in turn, so that its writes have time to land before they are read.
        let mut buffers = [[const { MaybeUninit::<Products>::uninit() }; T]; 2];
        for block in 0..blocks {
            // Behind the end of a tile comes what the others of these do already: the next ones are further on.
            let ahead = if (block + 1) * BYTES + AHEAD > tile_bytes {
                AHEAD + (T - 1) * tile_bytes
            } else {
                AHEAD
            };
            for t in 0..T {
                for line in 0..BYTES.div_ceil(64) {
                    _mm_prefetch::<_MM_HINT_T0>(
                        weights.wrapping_add(t * tile_bytes + line * 64 + ahead).cast(),
                    );
                }
            }
            let products = &mut buffers[block % 2];
            products_of::<T>(input, weights, tile_bytes, products);
            add_weighted(products, input, weights, tile_bytes, &mut sums);
            (input, weights) = (input.add(step), weights.add(BYTES));
        }
        for (t, sums) in sums.iter().enumerate() {
            self.store(tile + t, first_row, sums);
        }
    }

    /// Puts the sums of a tile where they belong.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
    unsafe fn store(&self, tile: usize, first_row: usize, sums: &[__m512]) {
        let outputs = ROWS.min(self.outputs - tile * ROWS);
        for (row, sums) in (first_row..).zip(sums) {
            let to = self.out.at(row * self.outputs + tile * ROWS);
            if outputs == ROWS {
                _mm512_storeu_ps(to, *sums);
            } else {
                let mut values = [0.0; ROWS];
                _mm512_storeu_ps(values.as_mut_ptr(), *sums);
                to.copy_from_nonoverlapping(values.as_ptr(), outputs);
            }
        }
    }
}

/// Sums of products of a tile: a line for each row of activations.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Products([i32; GROUP * ROWS]);

/// Adds products, each times the scale of its weights and of its activations.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]
unsafe fn add_weighted<const M: usize, const T: usize>(
    products: &[MaybeUninit<Products>; T],
    input: *const Block,
    weights: *const u8,
    tile_bytes: usize,
    sums: &mut [[__m512; M]; T],
) {
    for t in 0..T {
        let scales = _mm512_cvtph_ps(_mm256_loadu_si256(
            weights.add(t * tile_bytes + WEIGHT_BYTES).cast(),
        ));
        for (m, sum) in sums[t].iter_mut().enumerate() {
            // In assembly: the compiler would keep each number of a block in a register of its own, and none is free. 2 to 3 % of a step.
            asm!(
                "vmovdqa32 {products}, [{from}]",
                "vpaddd {products}, {products}, dword ptr [{block} + {ZERO}]{{1to16}}",
                "vmulps {weight}, {scales}, dword ptr [{block} + {SCALE}]{{1to16}}",
                "vcvtdq2ps {products}, {products}",
                "vfmadd231ps {sum}, {products}, {weight}",
                from = in(reg) products[t].as_ptr().cast::<i32>().add(m * ROWS),
                block = in(reg) input.add(m),
                scales = in(zmm_reg) scales,
                sum = inout(zmm_reg) *sum,
                products = out(zmm_reg) _,
                weight = out(zmm_reg) _,
                ZERO = const offset_of!(Block, zeros) + Zero::Eight as usize * size_of::<i32>(),
                SCALE = const offset_of!(Block, scale),
                options(pure, readonly, nostack, preserves_flags),
            );
        }
    }
}

/// Of 32 columns of one tile or three.
#[inline]
unsafe fn products_of<const T: usize>(
    input: *const Block,
    weights: *const u8,
    tile_bytes: usize,
    products: &mut [MaybeUninit<Products>; T],
) {
    let to = products.as_mut_ptr();
    if T == 1 {
        asm!(
            "tilezero tmm0",
            "tileloadd tmm3, [{input} + {line}*1]",
            "tileloadd tmm4, [{weights} + {line}*1]",
            "tdpbsud tmm0, tmm3, tmm4",
            "tilestored [{products} + {line}*1], tmm0",
            input = in(reg) input,
            weights = in(reg) weights,
            line = in(reg) LINE,
            products = in(reg) to,
            out("tmm0") _, out("tmm3") _, out("tmm4") _,
            options(nostack),
        );
    } else {
        debug_assert!(T == 3, "three tiles");
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tileloadd tmm3, [{input} + {line}*1]",
            "tileloadd tmm4, [{weights} + {line}*1]",
            "tileloadd tmm5, [{second} + {line}*1]",
            "tileloadd tmm6, [{third} + {line}*1]",
            "tdpbsud tmm0, tmm3, tmm4",
            "tdpbsud tmm1, tmm3, tmm5",
            "tdpbsud tmm2, tmm3, tmm6",
            "tilestored [{products} + {line}*1], tmm0",
            "tilestored [{products} + {line}*1 + {SIZE}], tmm1",
            "tilestored [{products} + {line}*1 + 2*{SIZE}], tmm2",
            input = in(reg) input,
            weights = in(reg) weights,
            second = in(reg) weights.wrapping_add(tile_bytes),
            third = in(reg) weights.wrapping_add(2 * tile_bytes),
            line = in(reg) LINE,
            products = in(reg) to,
            SIZE = const size_of::<Products>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _, out("tmm4") _, out("tmm5") _, out("tmm6") _,
            options(nostack),
        );
    }
}
