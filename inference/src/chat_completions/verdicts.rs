//! What Azure's content filter said beside a chunk, read forgivingly.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::chunk::Text;

/// What the content filter said. Forgiving: a field of an unknown shape is no verdict.
#[derive(Default)]
pub(super) struct Verdicts<'a> {
    /// Categories that triggered.
    pub(super) filtered: Vec<Cow<'a, str>>,
    /// The filter did not run.
    pub(super) unavailable: bool,
}

impl Verdicts<'_> {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.filtered.is_empty() && !self.unavailable
    }

    /// The categories that triggered, comma-separated, bounded, and of plain characters only.
    pub(super) fn categories(&self) -> String {
        join_categories(self.filtered.iter().map(AsRef::as_ref))
    }
}

/// Joins names of content filter categories, of which at most twelve are taken.
pub(crate) fn join_categories<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let plain = |name: &&str| {
        (1..=48).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    names.filter(plain).take(12).collect::<Vec<_>>().join(", ")
}

impl<'de: 'a, 'a> Deserialize<'de> for Verdicts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if says_nothing(raw) {
            return Ok(Self::default());
        }
        let said: Said<'de> = serde_json::from_str(raw).map_err(D::Error::custom)?;
        Ok(said.0)
    }
}

/// Whether nothing triggered, and no filter failed: true of nearly every chunk, and seen without reading it as JSON.
fn says_nothing(raw: &str) -> bool {
    !raw.contains("true") && !raw.contains("error") && !raw.contains('\\')
}

/// Verdicts that are read closely.
struct Said<'a>(Verdicts<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VerdictsVisitor;

        impl<'de> Visitor<'de> for VerdictsVisitor {
            type Value = Verdicts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("content filter results")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Verdicts::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut verdicts = Verdicts::default();
                while let Some(Text(category)) = map.next_key()? {
                    let verdict: Verdict<'de> = map.next_value()?;
                    if category == "error" {
                        verdicts.unavailable |= verdict.code == Some(Cow::Borrowed("content_filter_error"));
                    } else if verdict.filtered {
                        verdicts.filtered.push(category);
                    }
                }
                Ok(verdicts)
            }
        }

        deserializer.deserialize_any(VerdictsVisitor).map(Said)
    }
}

/// One entry of [`Verdicts`]: an object in most categories, a list in some.
#[derive(Default)]
struct Verdict<'a> {
    filtered: bool,
    code: Option<Cow<'a, str>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Verdict<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Flag {
            Known(bool),
            Other(IgnoredAny),
        }

        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Code<'a> {
            #[serde(borrow)]
            Known(Text<'a>),
            Other(IgnoredAny),
        }

        struct VerdictVisitor;

        impl<'de> Visitor<'de> for VerdictVisitor {
            type Value = Verdict<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a verdict")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Verdict::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut filtered = false;
                while let Some(item) = list.next_element::<Verdict<'de>>()? {
                    filtered |= item.filtered;
                }
                Ok(Verdict { filtered, code: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut verdict = Verdict::default();
                while let Some(Text(key)) = map.next_key()? {
                    match &*key {
                        "filtered" => verdict.filtered = matches!(map.next_value()?, Flag::Known(true)),
                        "code" => {
                            verdict.code = match map.next_value()? {
                                Code::Known(Text(code)) => Some(code),
                                Code::Other(_) => None,
                            }
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(verdict)
            }
        }

        deserializer.deserialize_any(VerdictVisitor)
    }
}
