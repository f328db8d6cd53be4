//! From the body of a chat completion to what is asked of the gateway. Nothing is ignored in silence: what
//! cannot be done is refused by name.

use inference::{CompletionRequest, Message, Role, Truncation};
use serde_json::Value;

use super::errors::{Error, Invalid};
use super::format;
use super::request::{Body, Content, Part, Stop, Turn};
use super::tools;

/// Bound of an answer whose caller names none.
pub(super) const DEFAULT_MAX_TOKENS: u32 = 4096;
/// Bound of the bound: more than any model writes in one answer.
const MOST_TOKENS: u32 = 200_000;
/// What one request may have of texts that end an answer, and how long each may be.
const STOPS_MAX: usize = 4;
const STOP_BYTES_MAX: usize = 256;

/// A chat completion that can be asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// Which model; the name of a chain.
    pub(super) model: String,
    pub(super) request: CompletionRequest,
    pub(super) stream: bool,
    /// Whether a stream ends with what it used.
    pub(super) include_usage: bool,
}

impl Asked {
    /// Reads a body.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self::from_body(Body::read(bytes)?)?)
    }

    fn from_body(body: Body) -> Result<Self, Invalid> {
        refuse_what_is_not_done(&body)?;
        let Some(model) = body.model.filter(|model| !model.is_empty()) else {
            return Err(missing("model", "name one of those that GET /v1/models lists"));
        };
        let stream = body.stream.unwrap_or(false);
        if body.stream_options.is_some() && !stream {
            return Err(Invalid::value(
                "stream_options",
                "stands without `stream`",
                "send `stream: true`, or leave it out",
            ));
        }
        let mut request = CompletionRequest::new(
            messages(body.messages)?,
            bound(body.max_tokens, body.max_completion_tokens)?,
        );
        // What the API says of an answer that ends early: it is returned, and its `finish_reason` is `length`.
        request.truncation = Truncation::Allow;
        request.temperature = within("temperature", body.temperature, |value| {
            (0.0..=2.0).contains(&value)
        })?
        .unwrap_or(1.0);
        request.top_p = within("top_p", body.top_p, |value| value > 0.0 && value <= 1.0)?;
        request.stop = stops(body.stop)?;
        request.seed = body.seed.map(i64::cast_unsigned);
        if let Some(format) = body.response_format {
            request.output = format::output(format)?;
        }
        tools::add(
            &mut request,
            body.tools,
            body.tool_choice,
            body.parallel_tool_calls,
        )?;
        Ok(Self {
            model,
            request,
            stream,
            include_usage: body
                .stream_options
                .and_then(|options| options.include_usage)
                .unwrap_or(false),
        })
    }
}

pub(super) fn missing(param: impl Into<String>, fix: &'static str) -> Invalid {
    Invalid::value(param, "is missing", fix)
}

/// Tells the value that asks for nothing.
type Harmless<'a> = &'a dyn Fn(&Value) -> bool;

/// Parameters of the API that have one harmless value here, and what to do about any other.
fn refuse_what_is_not_done(body: &Body) -> Result<(), Invalid> {
    let is_zero = |value: &Value| value.as_f64() == Some(0.0);
    let is_false = |value: &Value| value.as_bool() == Some(false);
    let is_empty = |value: &Value| {
        value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty)
    };
    let never = |_: &Value| false;
    let rules: [(&str, &Option<Value>, Harmless<'_>, &str); 16] = [
        (
            "n",
            &body.n,
            &|n| n.as_u64() == Some(1),
            "send 1, and ask again for another answer",
        ),
        ("logprobs", &body.logprobs, &is_false, "leave it out"),
        ("top_logprobs", &body.top_logprobs, &is_zero, "leave it out"),
        ("logit_bias", &body.logit_bias, &is_empty, "leave it out"),
        (
            "frequency_penalty",
            &body.frequency_penalty,
            &is_zero,
            "send 0, or leave it out",
        ),
        (
            "presence_penalty",
            &body.presence_penalty,
            &is_zero,
            "send 0, or leave it out",
        ),
        (
            "modalities",
            &body.modalities,
            &|modalities| {
                modalities
                    .as_array()
                    .is_some_and(|list| list.iter().all(|one| one == "text"))
            },
            "send [\"text\"], or leave it out",
        ),
        ("audio", &body.audio, &never, "leave it out: answers are text"),
        (
            "store",
            &body.store,
            &is_false,
            "send false, or leave it out: nothing is stored",
        ),
        (
            "service_tier",
            &body.service_tier,
            &|tier| tier == "auto" || tier == "default",
            "send \"auto\", or leave it out",
        ),
        ("functions", &body.functions, &is_empty, "send `tools`"),
        (
            "function_call",
            &body.function_call,
            &|choice| choice == "none",
            "send `tool_choice`",
        ),
        ("prediction", &body.prediction, &never, "leave it out"),
        (
            "reasoning_effort",
            &body.reasoning_effort,
            &never,
            "leave it out: the model's own default holds",
        ),
        (
            "verbosity",
            &body.verbosity,
            &never,
            "leave it out, and say in a message how long the answer is to be",
        ),
        (
            "web_search_options",
            &body.web_search_options,
            &never,
            "leave it out: nothing is looked up",
        ),
    ];
    for (name, value, harmless, fix) in rules {
        if value.as_ref().is_some_and(|value| !harmless(value)) {
            return Err(Invalid::unsupported(
                name,
                "asks for something that this server does not do",
                fix,
            ));
        }
    }
    Ok(())
}

fn bound(old: Option<u32>, new: Option<u32>) -> Result<u32, Invalid> {
    let (name, bound) = match (old, new) {
        (Some(_), Some(_)) => {
            return Err(Invalid::value(
                "max_tokens",
                "stands beside `max_completion_tokens`",
                "send one of the two",
            ));
        }
        (Some(bound), None) => ("max_tokens", bound),
        (None, Some(bound)) => ("max_completion_tokens", bound),
        (None, None) => return Ok(DEFAULT_MAX_TOKENS),
    };
    if (1..=MOST_TOKENS).contains(&bound) {
        Ok(bound)
    } else {
        Err(Invalid::value(
            name,
            format!("is {bound}"),
            format!("send a whole number from 1 to {MOST_TOKENS}"),
        ))
    }
}

fn within(
    name: &'static str,
    value: Option<f32>,
    fits: impl FnOnce(f32) -> bool,
) -> Result<Option<f32>, Invalid> {
    match value {
        Some(value) if !fits(value) => {
            let fix = if name == "temperature" {
                "send a number from 0 to 2"
            } else {
                "send a number above 0, at most 1"
            };
            Err(Invalid::value(name, format!("is {value}"), fix))
        }
        value => Ok(value),
    }
}

fn stops(stop: Option<Stop>) -> Result<Vec<String>, Invalid> {
    let stops = match stop {
        None => Vec::new(),
        Some(Stop::One(one)) => vec![one],
        Some(Stop::Many(many)) => many,
    };
    if stops.len() > STOPS_MAX {
        let reason = format!("has {} texts", stops.len());
        return Err(Invalid::value(
            "stop",
            reason,
            format!("send at most {STOPS_MAX}"),
        ));
    }
    if stops
        .iter()
        .any(|stop| stop.is_empty() || stop.len() > STOP_BYTES_MAX)
    {
        return Err(Invalid::value(
            "stop",
            "has a text that is empty or too long",
            format!("send texts of 1 to {STOP_BYTES_MAX} bytes"),
        ));
    }
    Ok(stops)
}

fn messages(turns: Option<Vec<Turn>>) -> Result<Vec<Message>, Invalid> {
    let Some(turns) = turns.filter(|turns| !turns.is_empty()) else {
        return Err(missing(
            "messages",
            "send at least one, such as {\"role\": \"user\", \"content\": \"…\"}",
        ));
    };
    turns
        .into_iter()
        .enumerate()
        .map(|(index, turn)| message(&format!("messages[{index}]"), turn))
        .collect()
}

fn message(path: &str, turn: Turn) -> Result<Message, Invalid> {
    let role = role(path, turn.role.as_deref())?;
    refuse_parts_of_other_roles(path, role, &turn)?;
    // An assistant that called tools, or refused, need not have said anything else.
    let may_be_silent = role == Role::Assistant && (turn.tool_calls.is_some() || turn.refusal.is_some());
    let content = match turn.content {
        Some(content) => text(path, content)?,
        None if may_be_silent => turn.refusal.unwrap_or_default(),
        None => return Err(missing(format!("{path}.content"), "send a string")),
    };
    let mut message = Message {
        content,
        ..Message::user("")
    };
    message.role = role;
    message.tool_calls = tools::calls(path, turn.tool_calls)?;
    message.tool_call_id = turn.tool_call_id;
    if role == Role::Tool && message.tool_call_id.as_ref().is_none_or(String::is_empty) {
        return Err(missing(
            format!("{path}.tool_call_id"),
            "send the `id` of the tool call that this answers",
        ));
    }
    Ok(message)
}

fn role(path: &str, role: Option<&str>) -> Result<Role, Invalid> {
    match role {
        Some("system" | "developer") => Ok(Role::System),
        Some("user") => Ok(Role::User),
        Some("assistant") => Ok(Role::Assistant),
        Some("tool") => Ok(Role::Tool),
        Some("function") => Err(Invalid::unsupported(
            format!("{path}.role"),
            "is \"function\", which was replaced by tools",
            "send \"tool\" with a `tool_call_id`",
        )),
        Some(_) => Err(Invalid::value(
            format!("{path}.role"),
            "is not a role",
            "send one of system, developer, user, assistant, tool",
        )),
        None => Err(missing(
            format!("{path}.role"),
            "send one of system, developer, user, assistant, tool",
        )),
    }
}

fn refuse_parts_of_other_roles(path: &str, role: Role, turn: &Turn) -> Result<(), Invalid> {
    let at = |name: &str| format!("{path}.{name}");
    if turn.function_call.is_some() {
        return Err(Invalid::unsupported(
            at("function_call"),
            "was replaced by tools",
            "send `tool_calls`",
        ));
    }
    if turn.audio.is_some() {
        return Err(Invalid::unsupported(
            at("audio"),
            "is no text",
            "send what was said in `content`",
        ));
    }
    for (name, there, allowed) in [
        ("tool_calls", turn.tool_calls.is_some(), Role::Assistant),
        ("refusal", turn.refusal.is_some(), Role::Assistant),
        ("tool_call_id", turn.tool_call_id.is_some(), Role::Tool),
    ] {
        if there && role != allowed {
            return Err(Invalid::value(
                at(name),
                format!("does not go with the role {}", role.as_str()),
                format!("move it to a message of the role {}", allowed.as_str()),
            ));
        }
    }
    Ok(())
}

/// The text of a message; parts are joined as they are.
fn text(path: &str, content: Content) -> Result<String, Invalid> {
    let parts = match content {
        Content::Text(text) => return Ok(text),
        Content::Parts(parts) => parts,
    };
    if parts.is_empty() {
        return Err(Invalid::value(
            format!("{path}.content"),
            "has no parts",
            "send a string or at least one part",
        ));
    }
    let mut whole = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        whole.push_str(&part_text(&format!("{path}.content[{index}]"), part)?);
    }
    Ok(whole)
}

fn part_text(path: &str, part: Part) -> Result<String, Invalid> {
    let text = match part.kind.as_deref() {
        Some("text") => part.text,
        Some("refusal") => part.refusal,
        Some("image_url" | "input_audio" | "file") => {
            return Err(Invalid::unsupported(
                format!("{path}.type"),
                "is no text, and models here read text alone",
                "send parts of the type \"text\"",
            ));
        }
        Some(_) => {
            return Err(Invalid::value(
                format!("{path}.type"),
                "is not known",
                "send \"text\"",
            ));
        }
        None => return Err(missing(format!("{path}.type"), "send \"text\"")),
    };
    text.ok_or_else(|| missing(format!("{path}.text"), "send a string"))
}
