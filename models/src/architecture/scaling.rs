//! Stretched rotary embeddings: how a model reaches further than it was first trained for.

use super::Keys;
use crate::engine::LoadError;

/// How the angles of positions are changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scaling {
    /// Not at all.
    None,
    /// All of them divided by `factor`.
    Linear {
        /// How much further the model reaches.
        factor: f64,
    },
    /// Slow ones divided by `factor`, fast ones left alone, a ramp between.
    Yarn {
        /// How much further the model reaches.
        factor: f64,
        /// What it was first trained for, in tokens.
        original_context: usize,
        /// What keys and queries are multiplied by, beside what follows from the factor.
        magnitude: f64,
    },
}

impl Scaling {
    pub(super) fn read(keys: &Keys<'_>) -> Result<Self, LoadError> {
        match keys.text("rope.scaling.type") {
            None | Some("none") => Ok(Self::None),
            Some("linear") => Ok(Self::Linear {
                factor: keys.positive("rope.scaling.factor", None)?,
            }),
            Some("yarn") => Ok(Self::Yarn {
                factor: keys.positive("rope.scaling.factor", None)?,
                original_context: keys.integer("rope.scaling.original_context_length", 1..=1 << 24)?,
                magnitude: keys.positive("rope.scaling.attn_factor", Some(1.0))?,
            }),
            Some(kind) => Err(LoadError::Unsupported(format!("rotary scaling of type '{kind}'"))),
        }
    }
}
