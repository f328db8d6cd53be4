//! Reads the messages of a request, and checks that results of tools follow the calls they belong to.

use serde_json::Value;

use super::{request::wrong_type, wire::Refusal};

/// One turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChatMessage {
    pub(super) role: String,
    pub(super) text: String,
    /// Ids of the tool calls of an earlier answer.
    pub(super) calls: Vec<String>,
    /// The call whose result this is.
    pub(super) result_of: Option<String>,
}

/// Reads one turn.
pub(super) fn read_message(index: usize, message: &Value) -> Result<ChatMessage, Refusal> {
    let at = |field: &str| format!("messages[{index}].{field}");
    let known = ["system", "developer", "user", "assistant", "tool"];
    let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
    if !known.contains(&role) {
        let field = at("role");
        let message = format!(
            "Invalid value: '{role}'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'."
        );
        return Err(Refusal::invalid(message, Some(&field), Some("invalid_value")));
    }
    let text = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts: Option<Vec<&str>> = parts
                .iter()
                .map(|part| part.get("text").and_then(Value::as_str))
                .collect();
            texts
                .ok_or_else(|| {
                    Refusal::invalid("The fake reads text parts only.", Some(&at("content")), None)
                })?
                .concat()
        }
        None | Some(Value::Null) if role == "assistant" => String::new(),
        other => {
            return Err(wrong_type(
                &at("content"),
                "a string",
                other.unwrap_or(&Value::Null),
            ));
        }
    };
    let result_of = message
        .get("tool_call_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    if role == "tool" && result_of.is_none() {
        let text = "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.";
        return Err(Refusal::invalid(text, Some(&at("tool_call_id")), None));
    }
    Ok(ChatMessage {
        role: role.to_owned(),
        text,
        calls: read_calls(index, message)?,
        result_of,
    })
}

/// Reads the calls of an earlier answer.
fn read_calls(index: usize, message: &Value) -> Result<Vec<String>, Refusal> {
    let field = format!("messages[{index}].tool_calls");
    let Some(calls) = message.get("tool_calls").filter(|calls| !calls.is_null()) else {
        return Ok(Vec::new());
    };
    let calls = calls
        .as_array()
        .ok_or_else(|| wrong_type(&field, "an array of objects", calls))?;
    if calls.is_empty() {
        let text = format!(
            "Invalid '{field}': empty array. Expected an array with minimum length 1, but got an empty array instead."
        );
        return Err(Refusal::invalid(text, Some(&field), Some("empty_array")));
    }
    let read = |(nth, call): (usize, &Value)| {
        for part in ["/id", "/type", "/function/name", "/function/arguments"] {
            let name = format!("{field}[{nth}]{}", part.replace('/', "."));
            match call.pointer(part) {
                Some(Value::String(_)) => {}
                Some(other) => return Err(wrong_type(&name, "a string", other)),
                None => {
                    let text = format!("Missing required parameter: '{name}'.");
                    return Err(Refusal::invalid(
                        text,
                        Some(&name),
                        Some("missing_required_parameter"),
                    ));
                }
            }
        }
        Ok(call["id"].as_str().unwrap_or_default().to_owned())
    };
    calls.iter().enumerate().map(read).collect()
}

/// Checks that each result follows its call, and each call has its result.
pub(super) fn check_order(messages: &[ChatMessage]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let field = format!("messages.[{index}].role");
        if let Some(id) = message.result_of.as_deref().filter(|_| message.role == "tool") {
            let Some(at) = open.iter().position(|open| *open == id) else {
                let text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
                return Err(Refusal::invalid(text, Some(&field), None));
            };
            open.remove(at);
            continue;
        }
        check_answered(&open, &field)?;
        open = message.calls.iter().map(String::as_str).collect();
    }
    check_answered(&open, &format!("messages.[{}].role", messages.len()))
}

fn check_answered(open: &[&str], field: &str) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    let text = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(Refusal::invalid(text, Some(field), None))
}
