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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::{
        architecture::Network,
        gguf::{Header, Value},
        testing::{Family, TinyModel},
    };

    fn read(entries: &[(&str, Value)]) -> Result<Scaling, String> {
        let bytes = TinyModel::new(Family::Llama, 1).bytes();
        let mut header = Header::read(&mut Cursor::new(bytes)).unwrap();
        for (key, value) in entries {
            let key = format!("llama.rope.scaling.{key}");
            header.metadata.insert(key, value.clone());
        }
        Network::read(&header)
            .map(|network| network.rope_scaling)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_known_is_read_and_the_rest_is_refused_by_name() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(read(&[]), Ok(Scaling::None));
        assert_eq!(read(&[("type", text("none"))]), Ok(Scaling::None));
        let factor = || ("factor", Value::Float(4.0));
        assert_eq!(
            read(&[("type", text("linear")), factor()]),
            Ok(Scaling::Linear { factor: 4.0 })
        );
        let original = ("original_context_length", Value::Integer(8192));
        assert_eq!(
            read(&[("type", text("yarn")), factor(), original]),
            Ok(Scaling::Yarn {
                factor: 4.0,
                original_context: 8192,
                magnitude: 1.0
            })
        );
        for (entries, named) in [
            (vec![("type", text("longrope"))], "type 'longrope'"),
            (vec![("type", text("linear"))], "scaling.factor"),
            (
                vec![("type", text("linear")), ("factor", Value::Float(0.0))],
                "scaling.factor is 0",
            ),
            (vec![("type", text("yarn")), factor()], "original_context_length"),
        ] {
            let error = read(&entries).unwrap_err();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
