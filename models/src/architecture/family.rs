//! The families of networks that are run, and what each of them does in its own way.

use super::Keys;
use crate::engine::LoadError;

/// Of `SmolLM 3`, one layer in so many leaves queries and keys unturned; files do not say so.
const SMOLLM3_UNTURNED_EVERY: usize = 4;
/// Of Gemma 3, one layer in so many sees everything, unless the file says otherwise.
const GEMMA3_WHOLE_EVERY: usize = 6;
/// Of Gemma 3, the layers that see the last positions only, unless the file says otherwise.
const GEMMA3_WINDOW_ROPE_BASE: f64 = 10_000.0;
/// The one Gemma 3 that scales attention otherwise; files do not say so.
const GEMMA3_27B_LAYERS: usize = 62;

/// A family of networks that differ in a few details only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Llama and Mistral: no biases, rotary pairs side by side.
    Llama,
    /// Qwen 2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen 3: norms on queries and keys.
    Qwen3,
    /// `SmolLM 3`: as Llama, but some layers know no positions.
    SmolLm3,
    /// Granite 3 and 4 without experts and Mamba: as Llama, with scales of its own.
    Granite,
    /// Gemma 3: norms on queries and keys and behind each part, most layers see the last positions only.
    Gemma3,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Llama,
        Self::Qwen2,
        Self::Qwen3,
        Self::SmolLm3,
        Self::Granite,
        Self::Gemma3,
    ];

    /// What files call it: their `general.architecture`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::SmolLm3 => "smollm3",
            Self::Granite => "granite",
            Self::Gemma3 => "gemma3",
        }
    }

    /// The family of files of this `general.architecture`.
    pub(super) fn named(architecture: &str) -> Result<Self, LoadError> {
        let found = Self::ALL.into_iter().find(|family| family.name() == architecture);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            LoadError::Unsupported(format!("architecture '{architecture}'; these are run: {names}"))
        })
    }

    /// Whether queries, keys and values have biases.
    pub(crate) fn has_biases(self) -> bool {
        self == Self::Qwen2
    }

    /// Whether each head of queries and keys is normed.
    pub(crate) fn has_head_norms(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3)
    }

    /// Whether what attention and feed-forward add is normed before.
    pub(crate) fn has_post_norms(self) -> bool {
        self == Self::Gemma3
    }

    /// Whether the pairs of dimensions that are turned together lie side by side; half a head apart otherwise.
    pub(crate) fn turns_neighbours(self) -> bool {
        matches!(self, Self::Llama | Self::SmolLm3 | Self::Granite)
    }

    /// Whether gates are Gaussian error units (GELU); sigmoid units (`SiLU`) otherwise.
    pub(crate) fn has_gelu(self) -> bool {
        self == Self::Gemma3
    }

    /// Whether a layer turns queries and keys to their positions.
    pub(crate) fn turns(self, layer: usize) -> bool {
        self != Self::SmolLm3 || !(layer + 1).is_multiple_of(SMOLLM3_UNTURNED_EVERY)
    }
}

/// What is multiplied on the way through a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scales {
    /// The rows of the embedding.
    pub(crate) embedding: f32,
    /// The products of queries and keys.
    pub(crate) attention: f32,
    /// What attention and feed-forward add.
    pub(crate) residual: f32,
    /// The scores.
    pub(crate) scores: f32,
}

impl Scales {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "widths are small, and the arithmetic is in 32 bits"
    )]
    pub(super) fn read(
        family: Family,
        keys: &Keys<'_>,
        (layers, width, heads, head_width): (usize, usize, usize, usize),
    ) -> Result<Self, LoadError> {
        let plain = Self {
            embedding: 1.0,
            attention: 1.0 / (head_width as f32).sqrt(),
            residual: 1.0,
            scores: 1.0,
        };
        match family {
            Family::Granite => {
                let scale = |key, otherwise| keys.positive(key, otherwise).map(|scale| scale as f32);
                Ok(Self {
                    embedding: scale("embedding_scale", Some(1.0))?,
                    attention: scale("attention.scale", Some(f64::from(plain.attention)))?,
                    residual: scale("residual_scale", Some(1.0))?,
                    scores: 1.0 / scale("logit_scale", None)?,
                })
            }
            Family::Gemma3 => Ok(Self {
                embedding: (width as f32).sqrt(),
                attention: match layers {
                    GEMMA3_27B_LAYERS => 1.0 / ((width / heads) as f32).sqrt(),
                    _ => plain.attention,
                },
                ..plain
            }),
            Family::Llama | Family::Qwen2 | Family::Qwen3 | Family::SmolLm3 => Ok(plain),
        }
    }
}

/// Layers that see the last positions only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    /// How many a row sees, its own among them.
    pub(crate) positions: usize,
    /// One layer in so many sees all, the last of them.
    whole_every: usize,
    /// Their base of rotary embedding.
    pub(crate) rope_base: f64,
}

impl Window {
    pub(super) fn read(family: Family, keys: &Keys<'_>) -> Result<Option<Self>, LoadError> {
        let positions = match family {
            Family::Gemma3 => keys.integer_or("attention.sliding_window", 0..=1 << 24, 0)?,
            _ => 0,
        };
        if positions == 0 {
            return Ok(None);
        }
        Ok(Some(Self {
            positions,
            whole_every: keys.integer_or("attention.sliding_window_pattern", 1..=512, GEMMA3_WHOLE_EVERY)?,
            rope_base: keys.positive("rope.freq_base_swa", Some(GEMMA3_WINDOW_ROPE_BASE))?,
        }))
    }

    /// Whether a layer is one of them.
    pub(super) fn is_of(&self, layer: usize) -> bool {
        !(layer + 1).is_multiple_of(self.whole_every)
    }
}

#[cfg(test)]
mod tests;
