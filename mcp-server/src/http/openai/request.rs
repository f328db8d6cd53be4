//! The body of a chat completion as it travels, and what is said of one that is not of this shape.
//!
//! A body is read once, into these types. Only when that fails is it read again, to find the place.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::errors::{Error, Invalid};
use crate::mcp::errors as protocol;

/// Everything that the API knows. What is taken as a [`Value`] has one harmless value, which is checked later.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Body {
    pub(super) model: Option<String>,
    pub(super) messages: Option<Vec<Turn>>,
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<StreamOptions>,
    pub(super) max_tokens: Option<u32>,
    pub(super) max_completion_tokens: Option<u32>,
    pub(super) temperature: Option<f32>,
    pub(super) top_p: Option<f32>,
    pub(super) stop: Option<Stop>,
    pub(super) seed: Option<i64>,
    pub(super) response_format: Option<ResponseFormat>,
    pub(super) tools: Option<Vec<Tool>>,
    pub(super) tool_choice: Option<ToolChoice>,
    pub(super) parallel_tool_calls: Option<bool>,
    // Of no effect here, and of no harm to whoever sends them.
    pub(super) user: Option<IgnoredAny>,
    pub(super) metadata: Option<IgnoredAny>,
    pub(super) safety_identifier: Option<IgnoredAny>,
    pub(super) prompt_cache_key: Option<IgnoredAny>,
    pub(super) prompt_cache_retention: Option<IgnoredAny>,
    // Refused, unless they ask for nothing.
    pub(super) n: Option<Value>,
    pub(super) logprobs: Option<Value>,
    pub(super) top_logprobs: Option<Value>,
    pub(super) logit_bias: Option<Value>,
    pub(super) frequency_penalty: Option<Value>,
    pub(super) presence_penalty: Option<Value>,
    pub(super) modalities: Option<Value>,
    pub(super) audio: Option<Value>,
    pub(super) store: Option<Value>,
    pub(super) service_tier: Option<Value>,
    pub(super) functions: Option<Value>,
    pub(super) function_call: Option<Value>,
    pub(super) prediction: Option<Value>,
    pub(super) reasoning_effort: Option<Value>,
    pub(super) verbosity: Option<Value>,
    pub(super) web_search_options: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StreamOptions {
    pub(super) include_usage: Option<bool>,
    /// Padding against guessing at lengths; there is none here, so it is none the worse for being asked for.
    #[serde(rename = "include_obfuscation")]
    pub(super) _include_obfuscation: Option<bool>,
}

/// One or several texts that end an answer.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Stop {
    One(String),
    Many(Vec<String>),
}

/// A message of the conversation.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Turn {
    pub(super) role: Option<String>,
    pub(super) content: Option<Content>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<ToolCall>>,
    pub(super) tool_call_id: Option<String>,
    // Part of answers that callers send back as they got them.
    #[serde(rename = "name")]
    pub(super) _name: Option<String>,
    #[serde(rename = "annotations")]
    pub(super) _annotations: Option<IgnoredAny>,
    pub(super) audio: Option<IgnoredAny>,
    pub(super) function_call: Option<IgnoredAny>,
}

/// What a message says.
#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Part {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) text: Option<String>,
    pub(super) refusal: Option<String>,
    // Named, so that their type is what is refused, and not their name.
    #[serde(rename = "image_url")]
    pub(super) _image_url: Option<IgnoredAny>,
    #[serde(rename = "input_audio")]
    pub(super) _input_audio: Option<IgnoredAny>,
    #[serde(rename = "file")]
    pub(super) _file: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ResponseFormat {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) json_schema: Option<JsonSchema>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct JsonSchema {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) schema: Option<Map<String, Value>>,
    /// Answers are held to their schema either way.
    #[serde(rename = "strict")]
    pub(super) _strict: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tool {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) function: Option<Function>,
    #[serde(rename = "custom")]
    pub(super) _custom: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) parameters: Option<Map<String, Value>>,
    pub(super) strict: Option<bool>,
}

/// Which tool is to be used.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ToolChoice {
    Mode(String),
    Named(NamedTool),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NamedTool {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) function: Option<FunctionName>,
    #[serde(rename = "allowed_tools")]
    pub(super) _allowed_tools: Option<IgnoredAny>,
    #[serde(rename = "custom")]
    pub(super) _custom: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FunctionName {
    pub(super) name: Option<String>,
}

/// A tool that the model called earlier.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ToolCall {
    pub(super) id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) function: Option<CalledFunction>,
    #[serde(rename = "index")]
    pub(super) _index: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CalledFunction {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By hand: an untagged enum would copy every message once more.
        struct Either;

        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = Content;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or a list of parts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Content, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Content, E> {
                Ok(Content::Text(text))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = list.next_element()? {
                    parts.push(part);
                }
                Ok(Content::Parts(parts))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl Body {
    /// Reads a body.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(|error| diagnose(bytes, &error))
    }
}

/// A field of a body: what it must be, and what it is made of.
#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    wants: &'static str,
    is: fn(&Value) -> bool,
    /// Fields of an object, or of each object of a list.
    parts: &'static [Field],
}

const fn field(name: &'static str, wants: &'static str, is: fn(&Value) -> bool) -> Field {
    Field {
        name,
        wants,
        is,
        parts: &[],
    }
}

const fn made_of(field: Field, parts: &'static [Field]) -> Field {
    Field { parts, ..field }
}

fn is<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

fn anything(_: &Value) -> bool {
    true
}

const TEXT: &str = "a string";
const FLAG: &str = "true or false";
const BOUND: &str = "a whole number from 1 up";

const BODY: &[Field] = &[
    field("model", TEXT, is::<String>),
    made_of(
        field("messages", "a list of messages", is::<Vec<Turn>>),
        &[
            field("role", TEXT, is::<String>),
            made_of(
                field("content", "a string or a list of text parts", is::<Content>),
                &[
                    field("type", TEXT, is::<String>),
                    field("text", TEXT, is::<String>),
                    field("refusal", TEXT, is::<String>),
                    field("image_url", "", anything),
                    field("input_audio", "", anything),
                    field("file", "", anything),
                ],
            ),
            field("refusal", TEXT, is::<String>),
            made_of(
                field("tool_calls", "a list of tool calls", is::<Vec<ToolCall>>),
                &[
                    field("id", TEXT, is::<String>),
                    field("type", TEXT, is::<String>),
                    made_of(
                        field("function", "an object", is::<CalledFunction>),
                        &[
                            field("name", TEXT, is::<String>),
                            field("arguments", "a string that holds JSON", is::<String>),
                        ],
                    ),
                    field("index", "a whole number", is::<u32>),
                ],
            ),
            field("tool_call_id", TEXT, is::<String>),
            field("name", TEXT, is::<String>),
            field("annotations", "", anything),
            field("audio", "", anything),
            field("function_call", "", anything),
        ],
    ),
    field("stream", FLAG, is::<bool>),
    made_of(
        field("stream_options", "an object", is::<StreamOptions>),
        &[
            field("include_usage", FLAG, is::<bool>),
            field("include_obfuscation", FLAG, is::<bool>),
        ],
    ),
    field("max_tokens", BOUND, is::<u32>),
    field("max_completion_tokens", BOUND, is::<u32>),
    field("temperature", "a number from 0 to 2", is::<f32>),
    field("top_p", "a number above 0, at most 1", is::<f32>),
    field("stop", "a string or a list of strings", is::<Stop>),
    field("seed", "a whole number", is::<i64>),
    made_of(
        field("response_format", "an object", is::<ResponseFormat>),
        &[
            field("type", TEXT, is::<String>),
            made_of(
                field("json_schema", "an object", is::<JsonSchema>),
                &[
                    field("name", TEXT, is::<String>),
                    field("description", TEXT, is::<String>),
                    field("schema", "a JSON Schema", is::<Map<String, Value>>),
                    field("strict", FLAG, is::<bool>),
                ],
            ),
        ],
    ),
    made_of(
        field("tools", "a list of tools", is::<Vec<Tool>>),
        &[
            field("type", TEXT, is::<String>),
            made_of(
                field("function", "an object", is::<Function>),
                &[
                    field("name", TEXT, is::<String>),
                    field("description", TEXT, is::<String>),
                    field("parameters", "a JSON Schema", is::<Map<String, Value>>),
                    field("strict", FLAG, is::<bool>),
                ],
            ),
            field("custom", "", anything),
        ],
    ),
    made_of(
        field(
            "tool_choice",
            "\"none\", \"auto\", \"required\" or a function's name in an object",
            is::<ToolChoice>,
        ),
        &[
            field("type", TEXT, is::<String>),
            made_of(
                field("function", "an object", is::<FunctionName>),
                &[field("name", TEXT, is::<String>)],
            ),
            field("allowed_tools", "", anything),
            field("custom", "", anything),
        ],
    ),
    field("parallel_tool_calls", FLAG, is::<bool>),
    field("user", "", anything),
    field("metadata", "", anything),
    field("safety_identifier", "", anything),
    field("prompt_cache_key", "", anything),
    field("prompt_cache_retention", "", anything),
    field("n", "", anything),
    field("logprobs", "", anything),
    field("top_logprobs", "", anything),
    field("logit_bias", "", anything),
    field("frequency_penalty", "", anything),
    field("presence_penalty", "", anything),
    field("modalities", "", anything),
    field("audio", "", anything),
    field("store", "", anything),
    field("service_tier", "", anything),
    field("functions", "", anything),
    field("function_call", "", anything),
    field("prediction", "", anything),
    field("reasoning_effort", "", anything),
    field("verbosity", "", anything),
    field("web_search_options", "", anything),
];

/// Says what is wrong with a body that could not be read.
fn diagnose(bytes: &[u8], error: &serde_json::Error) -> Error {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(body)) => locate("", &body, BODY)
            // A name that is there twice, or a number too large for any type.
            .unwrap_or_else(|| {
                let place = format!(
                    "cannot be read at line {}, column {}",
                    error.line(),
                    error.column()
                );
                Invalid::value(
                    "body",
                    place,
                    "send each parameter once, and of the documented type",
                )
            })
            .into(),
        Ok(_) => Invalid::value(
            "body",
            "is no JSON object",
            "send an object with `model` and `messages`",
        )
        .into(),
        Err(error) => protocol::Error::ParseError {
            reason: error.to_string(),
        }
        .into(),
    }
}

/// Finds the first field that is not known, or not what it must be.
fn locate(prefix: &str, object: &Map<String, Value>, fields: &[Field]) -> Option<Invalid> {
    for (name, value) in object {
        let path = child(prefix, name);
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Some(unknown(path, name, fields));
        };
        if value.is_null() || (field.is)(value) {
            continue;
        }
        return Some(within(&path, value, field).unwrap_or_else(|| {
            let wants = field.wants;
            Invalid::value(
                path,
                format!("is not {wants}"),
                format!("send {wants}, or leave it out"),
            )
        }));
    }
    None
}

/// Looks for the fault inside a field.
fn within(path: &str, value: &Value, field: &Field) -> Option<Invalid> {
    match value {
        _ if field.parts.is_empty() => None,
        Value::Object(members) => locate(path, members, field.parts),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let path = format!("{path}[{index}]");
            match item {
                Value::Object(members) => locate(&path, members, field.parts),
                _ => Some(Invalid::value(path, "is no object", "send an object")),
            }
        }),
        _ => None,
    }
}

fn child(prefix: &str, name: &str) -> String {
    // Names come from the caller: a bounded part is enough to find the spot.
    let name = &name[..name.floor_char_boundary(80)];
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn unknown(path: String, name: &str, fields: &[Field]) -> Invalid {
    let name = &name[..name.floor_char_boundary(80)];
    let nearest = fields
        .iter()
        .map(|field| (strsim::damerau_levenshtein(field.name, name), field.name))
        .min()
        .filter(|(distance, nearest)| *distance <= nearest.len() / 3);
    let fix = match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None => "remove it".to_owned(),
    };
    Invalid::value(path, "is not known here", fix)
}
