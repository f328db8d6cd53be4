//! What travels: the request body, and those parts of a chunk that are read.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{CompletionRequest, Message, Output};

use super::strict;

/// The body of a chat completion, borrowed from the request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<&'a str>,
    #[serde(serialize_with = "messages")]
    pub(super) messages: &'a [Message],
    pub(super) stream: bool,
    pub(super) stream_options: StreamOptions,
    pub(super) max_completion_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<ResponseFormat<'a>>,
}

impl<'a> Body<'a> {
    /// Writes down a request. `model` is named only where the URL does not name the deployment.
    pub(super) fn new(request: &'a CompletionRequest, model: Option<&'a str>) -> Self {
        Self {
            model,
            messages: &request.messages,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_completion_tokens: request.max_output_tokens,
            temperature: request
                .temperature
                .is_finite()
                .then(|| request.temperature.clamp(0.0, 2.0)),
            // The field is a signed 64-bit number upstream.
            seed: request.seed.map(|seed| seed & i64::MAX.unsigned_abs()),
            response_format: match &request.output {
                Output::Text => None,
                Output::Json { name, schema, .. } => Some(ResponseFormat {
                    kind: "json_schema",
                    json_schema: JsonSchema {
                        name,
                        schema,
                        strict: strict::is_strict(schema),
                    },
                }),
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
pub(super) struct ResponseFormat<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    schema: &'a serde_json::Value,
    strict: bool,
}

fn messages<S: Serializer>(messages: &[Message], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Turn<'a> {
        role: &'static str,
        content: &'a str,
    }
    serializer.collect_seq(messages.iter().map(|Message { role, content }| Turn {
        role: role.as_str(),
        content,
    }))
}

/// One `data:` line. Unknown fields are skipped, missing ones are empty.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow, default)]
    pub(super) model: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) choices: First<Choice<'a>>,
    #[serde(default)]
    pub(super) usage: Option<Usage>,
    /// Says whether the prompt was looked at by the content filter.
    #[serde(borrow, default)]
    pub(super) prompt_filter_results: First<PromptFilter<'a>>,
    /// An error in place of the rest of the answer.
    #[serde(default)]
    pub(super) error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) delta: Option<Delta>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow, default, alias = "content_filter_result")]
    pub(super) content_filter_results: Option<Verdicts<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PromptFilter<'a> {
    #[serde(borrow, default, alias = "content_filter_result")]
    pub(super) content_filter_results: Option<Verdicts<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Usage {
    #[serde(default)]
    pub(super) prompt_tokens: u32,
    #[serde(default)]
    pub(super) completion_tokens: u32,
}

/// Text that is borrowed from the line unless it had to be unescaped.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The first element of a list, and no allocation for the list: we ask for one choice only.
pub(super) struct First<T>(pub(super) Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FirstVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FirstVisitor<T> {
            type Value = First<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E>(self) -> Result<First<T>, E> {
                Ok(First(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T>, A::Error> {
                let first = list.next_element()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }

        deserializer.deserialize_any(FirstVisitor(PhantomData))
    }
}

/// What the content filter said. Forgiving: a field of an unknown shape is no verdict.
#[derive(Default)]
pub(super) struct Verdicts<'a> {
    /// Categories that triggered.
    pub(super) filtered: Vec<Cow<'a, str>>,
    /// The filter did not run.
    pub(super) unavailable: bool,
}

impl Verdicts<'_> {
    /// The categories that triggered, comma-separated, bounded, and of plain characters only.
    pub(super) fn categories(&self) -> String {
        join_categories(self.filtered.iter().map(AsRef::as_ref))
    }
}

/// Joins names of content filter categories, of which at most twelve are taken.
pub(super) fn join_categories<'a>(names: impl Iterator<Item = &'a str>) -> String {
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

        deserializer.deserialize_any(VerdictsVisitor)
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
