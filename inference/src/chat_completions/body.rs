//! What is sent: the body of a chat completion, as serde types that borrow from the request.

use serde::{Serialize, Serializer};

use super::strict;
use crate::{CompletionRequest, Message, Output, Tool, ToolCall, ToolChoice};

/// The body of a chat completion, borrowed from the request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<&'a str>,
    #[serde(serialize_with = "messages")]
    pub(super) messages: &'a [Message],
    pub(super) stream: bool,
    pub(super) stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) stop: &'a [String],
    #[serde(skip_serializing_if = "<[Tool]>::is_empty", serialize_with = "tools")]
    pub(super) tools: &'a [Tool],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<Choose<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<ResponseFormat<'a>>,
}

impl<'a> Body<'a> {
    /// Writes down a request. `model` is named only where the URL does not name the deployment.
    pub(super) fn new(request: &'a CompletionRequest, model: Option<&'a str>, bound: MaxTokensField) -> Self {
        let bound_in = |field| (bound == field).then_some(request.max_output_tokens);
        Self {
            model,
            messages: &request.messages,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_completion_tokens: bound_in(MaxTokensField::MaxCompletionTokens),
            max_tokens: bound_in(MaxTokensField::MaxTokens),
            temperature: request
                .temperature
                .is_finite()
                .then(|| request.temperature.clamp(0.0, 2.0)),
            // The field is a signed 64-bit number upstream.
            seed: request.seed.map(|seed| seed & i64::MAX.unsigned_abs()),
            // Drawing from all of the tokens is what happens without it.
            top_p: request.top_p.filter(|share| share.is_finite() && *share < 1.0),
            stop: &request.stop,
            tools: &request.tools,
            tool_choice: match &request.tool_choice {
                ToolChoice::Auto => None,
                _ if request.tools.is_empty() => None,
                ToolChoice::None => Some(Choose::Mode("none")),
                ToolChoice::Required => Some(Choose::Mode("required")),
                ToolChoice::Named(name) => Some(Choose::One {
                    kind: "function",
                    function: Name { name },
                }),
            },
            parallel_tool_calls: request.parallel_tool_calls.filter(|_| !request.tools.is_empty()),
            response_format: match &request.output {
                Output::Text => None,
                Output::JsonObject => Some(ResponseFormat::JsonObject),
                Output::Json { name, schema, .. } => Some(ResponseFormat::JsonSchema {
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

/// The field that bounds an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_completion_tokens`: what Azure and OpenAI want of reasoning models, and take from all.
    MaxCompletionTokens,
    /// `max_tokens`: what every compatible server knows. Some older ones pass the other one over, and then
    /// answer without a bound.
    MaxTokens,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ResponseFormat<'a> {
    JsonObject,
    JsonSchema { json_schema: JsonSchema<'a> },
}

#[derive(Serialize)]
pub(super) struct JsonSchema<'a> {
    name: &'a str,
    schema: &'a serde_json::Value,
    strict: bool,
}

fn messages<S: Serializer>(messages: &[Message], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Turn<'a> {
        role: &'static str,
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tool_call_id: Option<&'a str>,
    }
    serializer.collect_seq(messages.iter().map(|message| {
        Turn {
            role: message.role.as_str(),
            // Beside tool calls nothing needs to be said.
            content: Some(message.content.as_str())
                .filter(|content| !content.is_empty() || message.tool_calls.is_empty()),
            tool_calls: message.tool_calls.iter().map(Call::of).collect(),
            tool_call_id: message.tool_call_id.as_deref(),
        }
    }))
}

/// A tool call of an earlier answer.
#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Called<'a>,
}

#[derive(Serialize)]
struct Called<'a> {
    name: &'a str,
    arguments: &'a str,
}

impl<'a> Call<'a> {
    fn of(call: &'a ToolCall) -> Self {
        Self {
            id: &call.id,
            kind: "function",
            function: Called {
                name: &call.name,
                arguments: &call.arguments,
            },
        }
    }
}

fn tools<S: Serializer>(tools: &[Tool], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Offer<'a> {
        #[serde(rename = "type")]
        kind: &'static str,
        function: Function<'a>,
    }
    #[derive(Serialize)]
    struct Function<'a> {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        parameters: Option<&'a serde_json::Value>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        strict: bool,
    }
    serializer.collect_seq(tools.iter().map(|tool| Offer {
        kind: "function",
        function: Function {
            name: &tool.name,
            description: tool.description.as_deref(),
            parameters: tool.parameters.as_ref(),
            strict: tool.strict,
        },
    }))
}

/// What `tool_choice` says.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Choose<'a> {
    Mode(&'static str),
    One {
        #[serde(rename = "type")]
        kind: &'static str,
        function: Name<'a>,
    },
}

#[derive(Serialize)]
pub(super) struct Name<'a> {
    name: &'a str,
}
