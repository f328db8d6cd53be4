//! What is received: those parts of a chunk that are read, borrowed from its line where they can be.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::verdicts::Verdicts;

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
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    created: Option<&'a RawValue>,
    /// Random characters, so that the length of a chunk does not tell that of its text.
    #[serde(borrow, default)]
    obfuscation: Option<&'a RawValue>,
}

impl Chunk<'_> {
    /// Its values that nobody reads, and in which chunks differ.
    pub(super) fn unread(&self) -> impl Iterator<Item = &str> {
        [self.id, self.created, self.obfuscation]
            .into_iter()
            .flatten()
            .map(RawValue::get)
    }

    pub(super) fn text(&self) -> Option<&str> {
        let content = self.choices.0.as_ref()?.delta.as_ref()?.content.as_ref();
        content.map(|Text(text)| &**text)
    }

    /// Whether it says no more than a model, a text and a finish reason that needs no explaining.
    pub(super) fn is_plain(&self) -> bool {
        let filter = self.prompt_filter_results.0.as_ref();
        let quiet = filter
            .and_then(|prompt| prompt.content_filter_results.as_ref())
            .is_none_or(Verdicts::is_empty);
        quiet
            && self.usage.is_none()
            && self.error.is_none()
            && self.choices.0.as_ref().is_none_or(Choice::is_plain)
    }
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow, default, alias = "content_filter_result")]
    pub(super) content_filter_results: Option<Verdicts<'a>>,
}

impl Choice<'_> {
    fn is_plain(&self) -> bool {
        let filtered = matches!(&self.finish_reason, Some(Text(reason)) if reason == "content_filter");
        !filtered
            && self
                .content_filter_results
                .as_ref()
                .is_none_or(Verdicts::is_empty)
            && self.delta.as_ref().is_none_or(Delta::is_plain)
    }
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<Text<'a>>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<Vec<CallDelta<'a>>>,
    /// Reasoning, as vLLM and llama.cpp's server name it; it is not shown.
    #[serde(borrow, default)]
    pub(super) reasoning_content: Option<Aside<'a>>,
    /// Reasoning, as newer servers name it.
    #[serde(borrow, default)]
    pub(super) reasoning: Option<Aside<'a>>,
}

impl Delta<'_> {
    fn is_plain(&self) -> bool {
        self.refusal.is_none() && self.tool_calls.is_none() && !self.reasons()
    }

    /// Whether it holds reasoning.
    pub(super) fn reasons(&self) -> bool {
        let any =
            |aside: &Option<Aside<'_>>| matches!(aside, Some(Aside::Text(Text(text))) if !text.is_empty());
        any(&self.reasoning_content) || any(&self.reasoning)
    }
}

/// Text that nobody reads; another shape is none.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Aside<'a> {
    #[serde(borrow)]
    Text(Text<'a>),
    Other(IgnoredAny),
}

/// A piece of a tool call.
#[derive(Deserialize)]
pub(super) struct CallDelta<'a> {
    /// Which call it belongs to. Some servers leave it out where each call comes whole.
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) function: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize)]
pub(super) struct FunctionDelta<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<Text<'a>>,
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
