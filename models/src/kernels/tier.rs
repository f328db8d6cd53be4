//! The sets of instructions that the kernels are written for, and the choice between them.
#![expect(unsafe_code, reason = "the CPU's instructions are known at run time only")]

use super::lanes::{Lanes, Portable};
#[cfg(target_arch = "aarch64")]
use super::neon::{Neon, NeonDot};
#[cfg(target_arch = "x86_64")]
use super::{
    amx,
    avx2::{Avx2, AvxVnni},
    avx512::Avx512,
};

/// A set of instructions. All give the same results, bit for bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// The same with the tile unit: Intel's servers since Sapphire Rapids.
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// AVX-512 with VNNI: servers since Ice Lake and Zen 4.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 with AVX-VNNI: clients since Alder Lake.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX2, FMA and F16C: since Haswell and Zen.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON with dot products: Arm's servers since Graviton 2 and Altra, Apple's since M1.
    #[cfg(target_arch = "aarch64")]
    NeonDot,
    /// NEON: every 64-bit Arm.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// What the compiler makes of plain loops.
    Portable,
}

/// Something to compute with the instructions of a tier.
pub(super) trait Work {
    /// Does it. Implementations are `#[inline(always)]`, so that they are compiled with these instructions.
    ///
    /// # Safety
    ///
    /// This CPU has the instructions of `L`.
    unsafe fn run<L: Lanes>(self);
}

impl Tier {
    /// All that were compiled in, best first.
    pub(crate) const ALL: &[Self] = &[
        #[cfg(target_arch = "x86_64")]
        Self::Amx,
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "x86_64")]
        Self::AvxVnni,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        #[cfg(target_arch = "aarch64")]
        Self::NeonDot,
        #[cfg(target_arch = "aarch64")]
        Self::Neon,
        Self::Portable,
    ];

    /// The best one that this CPU has.
    pub(crate) fn best() -> Self {
        *Self::ALL
            .iter()
            .find(|tier| tier.is_available())
            .unwrap_or(&Self::Portable)
    }

    /// Whether this CPU has it.
    pub(crate) fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        let avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("f16c");
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => Self::Avx512.is_available() && amx::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                avx2 && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni")
            }
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => avx2 && is_x86_feature_detected!("avxvnni"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2,
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot => {
                std::arch::is_aarch64_feature_detected!("neon")
                    && std::arch::is_aarch64_feature_detected!("dotprod")
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            Self::Portable => true,
        }
    }

    /// Computes with the instructions of this tier.
    pub(super) fn run(self, work: impl Work) {
        debug_assert!(self.is_available());
        // SAFETY: a pool's tier is the best one of this CPU, or was checked when it was set.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Amx | Self::Avx512 => Avx512::enter(work),
                #[cfg(target_arch = "x86_64")]
                Self::AvxVnni => AvxVnni::enter(work),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => Avx2::enter(work),
                #[cfg(target_arch = "aarch64")]
                Self::NeonDot => NeonDot::enter(work),
                #[cfg(target_arch = "aarch64")]
                Self::Neon => Neon::enter(work),
                Self::Portable => Portable::enter(work),
            }
        }
    }
}
