//! Reads a chat completion request, and refuses what the service would refuse.

use serde_json::{Map, Value};

use super::{
    conversation::{ChatMessage, check_order, read_message},
    strict::check_strict,
    tools::{Choice, OfferedTool, read_choice, read_tools},
    wire::Refusal,
};

/// What the fake knows of the API's arguments; any other is refused, as the service does.
const ARGUMENTS: [&str; 29] = [
    "messages",
    "model",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "user",
    "response_format",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "store",
    "metadata",
    "reasoning_effort",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "verbosity",
    "user_security_context",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
];

/// A request that is well formed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ChatRequest {
    pub(super) model: Option<String>,
    pub(super) messages: Vec<ChatMessage>,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) max_tokens: Option<u32>,
    pub(super) form: Form,
    pub(super) tools: Vec<OfferedTool>,
    pub(super) choice: Choice,
}

/// What the answer must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Text,
    JsonObject,
    JsonSchema(Value),
}

impl ChatRequest {
    /// The last thing the caller said.
    pub(super) fn last_user_text(&self) -> &str {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == "user")
            .map_or("", |message| &message.text)
    }

    /// Everything the caller said.
    pub(super) fn user_texts(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(|message| message.role == "user")
            .map(|message| message.text.as_str())
    }

    /// The fake's own count: four characters a token, three tokens a message.
    pub(super) fn prompt_tokens(&self) -> usize {
        self.messages
            .iter()
            .map(|message| message.text.chars().count().div_ceil(4) + 3)
            .sum::<usize>()
            + 3
    }

    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let unreadable = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";
        let value: Value =
            serde_json::from_slice(body).map_err(|_| Refusal::invalid(unreadable, None, None))?;
        let Value::Object(arguments) = value else {
            return Err(Refusal::invalid(unreadable, None, None));
        };
        if let Some(unknown) = arguments.keys().find(|key| !ARGUMENTS.contains(&key.as_str())) {
            return Err(Refusal::invalid(
                format!("Unrecognized request argument supplied: {unknown}"),
                None,
                None,
            ));
        }
        let arguments = Arguments(arguments);
        arguments.check_numbers()?;
        let stream = arguments.boolean("stream")?.unwrap_or(false);
        let messages = arguments.messages()?;
        check_order(&messages)?;
        let form = arguments.form(&messages)?;
        let tools = read_tools(arguments.get("tools"))?;
        let parallel = arguments.boolean("parallel_tool_calls")?;
        let choice = read_choice(arguments.get("tool_choice"), parallel, &tools)?;
        Ok(Self {
            model: arguments.text("model")?,
            include_usage: arguments.include_usage(stream)?,
            max_tokens: arguments.bound()?,
            messages,
            stream,
            form,
            tools,
            choice,
        })
    }
}

struct Arguments(Map<String, Value>);

impl Arguments {
    /// `null` counts as absent, as the service has it.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.get(name)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| wrong_type(name, "a boolean", value))
            })
            .transpose()
    }

    fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        let read = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| wrong_type(name, "a string", value))
        };
        self.get(name).map(read).transpose()
    }

    fn check_numbers(&self) -> Result<(), Refusal> {
        for (name, low, high) in [
            ("temperature", 0.0, 2.0),
            ("top_p", 0.0, 1.0),
            ("presence_penalty", -2.0, 2.0),
            ("frequency_penalty", -2.0, 2.0),
        ] {
            let Some(value) = self.get(name) else { continue };
            let number = value
                .as_f64()
                .ok_or_else(|| wrong_type(name, "a decimal", value))?;
            if number < low {
                return Err(out_of_range(
                    name,
                    &format!("decimal below minimum value. Expected a value >= {low}"),
                    value,
                    "decimal_below_min_value",
                ));
            }
            if number > high {
                return Err(out_of_range(
                    name,
                    &format!("decimal above maximum value. Expected a value <= {high}"),
                    value,
                    "decimal_above_max_value",
                ));
            }
        }
        for name in ["seed", "n", "top_logprobs"] {
            if let Some(value) = self.get(name).filter(|value| value.as_i64().is_none()) {
                return Err(wrong_type(name, "an integer", value));
            }
        }
        if self.get("n").is_some_and(|n| n != 1) {
            return Err(Refusal::invalid(
                "The fake makes one choice: leave out `n`.",
                Some("n"),
                None,
            ));
        }
        Ok(())
    }

    fn bound(&self) -> Result<Option<u32>, Refusal> {
        if self.get("max_tokens").is_some() && self.get("max_completion_tokens").is_some() {
            let message =
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
            return Err(Refusal::invalid(
                message,
                Some("max_tokens"),
                Some("invalid_parameter_combination"),
            ));
        }
        for name in ["max_completion_tokens", "max_tokens"] {
            let Some(value) = self.get(name) else { continue };
            let number = value
                .as_i64()
                .ok_or_else(|| wrong_type(name, "an integer", value))?;
            return match u32::try_from(number) {
                Ok(bound) if bound > 0 => Ok(Some(bound)),
                _ => Err(out_of_range(
                    name,
                    "integer below minimum value. Expected a value >= 1",
                    value,
                    "integer_below_min_value",
                )),
            };
        }
        Ok(None)
    }

    fn include_usage(&self, stream: bool) -> Result<bool, Refusal> {
        let Some(options) = self.get("stream_options") else {
            return Ok(false);
        };
        if !stream {
            let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
            return Err(Refusal::invalid(message, Some("stream_options"), None));
        }
        let options = options
            .as_object()
            .ok_or_else(|| wrong_type("stream_options", "an object", options))?;
        Self(options.clone())
            .boolean("include_usage")
            .map(Option::unwrap_or_default)
    }

    fn messages(&self) -> Result<Vec<ChatMessage>, Refusal> {
        let Some(value) = self.get("messages") else {
            return Err(Refusal::invalid(
                "Missing required parameter: 'messages'.",
                Some("messages"),
                Some("missing_required_parameter"),
            ));
        };
        let list = value
            .as_array()
            .ok_or_else(|| wrong_type("messages", "an array of objects", value))?;
        if list.is_empty() {
            let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
            return Err(Refusal::invalid(message, Some("messages"), Some("empty_array")));
        }
        list.iter()
            .enumerate()
            .map(|(index, message)| read_message(index, message))
            .collect()
    }

    fn form(&self, messages: &[ChatMessage]) -> Result<Form, Refusal> {
        let Some(format) = self.get("response_format") else {
            return Ok(Form::Text);
        };
        let param = "response_format";
        match format.get("type").and_then(Value::as_str) {
            Some("text") => Ok(Form::Text),
            Some("json_object")
                if messages
                    .iter()
                    .any(|message| message.text.to_lowercase().contains("json")) =>
            {
                Ok(Form::JsonObject)
            }
            Some("json_object") => Err(Refusal::invalid(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                Some("messages"),
                None,
            )),
            Some("json_schema") => read_schema(format),
            _ => Err(Refusal::invalid(
                "Invalid value for 'response_format.type'. Supported values are: 'json_object', 'json_schema', and 'text'.",
                Some(param),
                Some("invalid_value"),
            )),
        }
    }
}

fn read_schema(format: &Value) -> Result<Form, Refusal> {
    let missing = |name: &str| {
        let field = format!("response_format.json_schema{name}");
        Refusal::invalid(
            format!("Missing required parameter: '{field}'."),
            Some(&field),
            Some("missing_required_parameter"),
        )
    };
    let part = format
        .get("json_schema")
        .and_then(Value::as_object)
        .ok_or_else(|| missing(""))?;
    let name = part
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| missing(".name"))?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(letters) {
        let message = format!(
            "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$', of at most 64 characters, but got '{name}'."
        );
        return Err(Refusal::invalid(
            message,
            Some("response_format.json_schema.name"),
            Some("invalid_value"),
        ));
    }
    let schema = part
        .get("schema")
        .filter(|schema| schema.is_object())
        .ok_or_else(|| missing(".schema"))?;
    if part.get("strict").and_then(Value::as_bool).unwrap_or(false) {
        check_strict(name, schema)
            .map_err(|message| Refusal::invalid(message, Some("response_format"), None))?;
    }
    Ok(Form::JsonSchema(schema.clone()))
}

pub(super) fn wrong_type(name: &str, wanted: &str, got: &Value) -> Refusal {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!("Invalid type for '{name}': expected {wanted}, but got {got} instead.");
    Refusal::invalid(message, Some(name), Some("invalid_type"))
}

fn out_of_range(name: &str, what: &str, got: &Value, code: &str) -> Refusal {
    Refusal::invalid(
        format!("Invalid '{name}': {what}, but got {got} instead."),
        Some(name),
        Some(code),
    )
}

#[cfg(test)]
mod tests;
