//! The kinds of weights that the kernels take, as GGUF files store them.

use candle_core::quantized::GgmlDType;
use thiserror::Error;

use super::formats::ROWS;

/// How the weights of a matrix are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q4K,
    Q5K,
    Q6K,
    F16,
    BF16,
    F32,
}

/// Why a matrix cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Unsupported {
    /// No kernel reads such weights.
    #[error("weights of kind {0} are not supported")]
    Kind(String),
    /// Blocks do not fill a row.
    #[error("a row of {columns} weights is not a multiple of {block}, as {kind:?} needs")]
    Columns {
        /// In a row.
        columns: usize,
        /// Columns of a block.
        block: usize,
        /// How they are stored.
        kind: Kind,
    },
    /// The data is not that of such a matrix.
    #[error("{rows} x {columns} weights of kind {kind:?} are not {bytes} bytes")]
    Size {
        /// Of the matrix.
        rows: usize,
        /// Of the matrix.
        columns: usize,
        /// How they are stored.
        kind: Kind,
        /// Given.
        bytes: usize,
    },
}

impl TryFrom<GgmlDType> for Kind {
    type Error = Unsupported;

    fn try_from(kind: GgmlDType) -> Result<Self, Unsupported> {
        match kind {
            GgmlDType::Q4_0 => Ok(Self::Q4_0),
            GgmlDType::Q4_1 => Ok(Self::Q4_1),
            GgmlDType::Q5_0 => Ok(Self::Q5_0),
            GgmlDType::Q5_1 => Ok(Self::Q5_1),
            GgmlDType::Q8_0 => Ok(Self::Q8_0),
            GgmlDType::Q4K => Ok(Self::Q4K),
            GgmlDType::Q5K => Ok(Self::Q5K),
            GgmlDType::Q6K => Ok(Self::Q6K),
            GgmlDType::F16 => Ok(Self::F16),
            GgmlDType::BF16 => Ok(Self::BF16),
            GgmlDType::F32 => Ok(Self::F32),
            other => Err(Unsupported::Kind(format!("{other:?}"))),
        }
    }
}

impl Kind {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
        Self::F16,
        Self::BF16,
        Self::F32,
    ];

    /// Columns of a block of the file.
    pub(super) fn block_columns(self) -> usize {
        match self {
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
            _ => 32,
        }
    }

    /// Bytes of a block of the file.
    pub(super) fn block_bytes(self) -> usize {
        match self {
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
            Self::F16 | Self::BF16 => 64,
            Self::F32 => 128,
        }
    }

    /// Bits of a weight, without its share of the scales.
    pub(super) fn bits(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q4K => 4,
            Self::Q5_0 | Self::Q5_1 | Self::Q5K => 5,
            Self::Q6K => 6,
            Self::Q8_0 => 8,
            Self::F16 | Self::BF16 => 16,
            Self::F32 => 32,
        }
    }

    /// Bytes of a block of 16 rows in a tile: a little more than in the file, for the K-quants' 6-bit scales.
    pub(super) fn tile_block_bytes(self) -> usize {
        let scales = match self {
            Self::Q4_0 | Self::Q5_0 | Self::Q8_0 => 32,
            Self::Q4_1 | Self::Q5_1 => 64,
            Self::Q4K | Self::Q5K => 320,
            Self::Q6K => 288,
            Self::F16 | Self::BF16 | Self::F32 => 0,
        };
        self.block_columns() * ROWS * self.bits() / 8 + scales
    }

    /// Whether the weights are floats and not quantised.
    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::BF16 | Self::F32)
    }
}
