//! Tools: reads what is offered, and decides which are called.
//!
//! The fake understands nothing, so it calls what it is told to: the tool that `tool_choice` prescribes, or
//! those that the last user message scripts as `[[call:NAME ARGUMENTS]]`. Arguments that are not scripted
//! are the smallest instance of the tool's schema.

use serde_json::{Value, json};

use super::{
    instance::make_instance,
    request::{ChatRequest, wrong_type},
    strict::check_strict,
    wire::{Refusal, cut_into_pieces},
};

/// Tools of one request.
const TOOLS_MAX: usize = 128;

/// A tool that may be called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OfferedTool {
    pub(super) name: String,
    parameters: Option<Value>,
}

/// What `tool_choice` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Auto,
    None,
    Required,
    Named(String),
}

/// Reads `tools`.
pub(super) fn read_tools(tools: Option<&Value>) -> Result<Vec<OfferedTool>, Refusal> {
    let Some(tools) = tools else {
        return Ok(Vec::new());
    };
    let list = tools
        .as_array()
        .ok_or_else(|| wrong_type("tools", "an array of objects", tools))?;
    if list.is_empty() {
        let text = "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.";
        return Err(Refusal::invalid(text, Some("tools"), Some("empty_array")));
    }
    if list.len() > TOOLS_MAX {
        let text = format!(
            "Invalid 'tools': array too long. Expected an array with maximum length {TOOLS_MAX}, but got an array with length {} instead.",
            list.len()
        );
        return Err(Refusal::invalid(
            text,
            Some("tools"),
            Some("array_above_max_length"),
        ));
    }
    list.iter()
        .enumerate()
        .map(|(index, tool)| read_tool(index, tool))
        .collect()
}

fn read_tool(index: usize, tool: &Value) -> Result<OfferedTool, Refusal> {
    let at = |field: &str| format!("tools[{index}].{field}");
    let missing = |field: &str| {
        let field = at(field);
        Refusal::invalid(
            format!("Missing required parameter: '{field}'."),
            Some(&field),
            Some("missing_required_parameter"),
        )
    };
    match tool.get("type").and_then(Value::as_str) {
        Some("function") => {}
        Some(other) => {
            let text = format!("Invalid value: '{other}'. Supported values are: 'function'.");
            return Err(Refusal::invalid(text, Some(&at("type")), Some("invalid_value")));
        }
        None => return Err(missing("type")),
    }
    let function = tool.get("function").ok_or_else(|| missing("function"))?;
    let name = function
        .get("name")
        .and_then(Value::as_str)
        .ok_or_else(|| missing("function.name"))?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(letters) {
        let field = at("function.name");
        let text = format!(
            "Invalid '{field}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        );
        return Err(Refusal::invalid(text, Some(&field), Some("invalid_value")));
    }
    let parameters = function.get("parameters").filter(|schema| !schema.is_null());
    if let Some(schema) = parameters {
        let strict = function.get("strict").and_then(Value::as_bool).unwrap_or(false);
        check_parameters(name, schema, strict).map_err(|text| {
            let field = at("function.parameters");
            Refusal::invalid(text, Some(&field), Some("invalid_function_parameters"))
        })?;
    }
    Ok(OfferedTool {
        name: name.to_owned(),
        parameters: parameters.cloned(),
    })
}

fn check_parameters(name: &str, schema: &Value, strict: bool) -> Result<(), String> {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or("None");
    if kind != "object" {
        return Err(format!(
            "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
        ));
    }
    if strict {
        check_strict(name, schema).map_err(|text| text.replace("response_format", "function"))?;
    }
    Ok(())
}

/// Reads `tool_choice`, and what depends on tools being there.
pub(super) fn read_choice(
    choice: Option<&Value>,
    parallel: Option<bool>,
    tools: &[OfferedTool],
) -> Result<Choice, Refusal> {
    for (name, given) in [
        ("tool_choice", choice.is_some()),
        ("parallel_tool_calls", parallel.is_some()),
    ] {
        if given && tools.is_empty() {
            let text =
                format!("Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.");
            return Err(Refusal::invalid(text, Some(name), None));
        }
    }
    match choice {
        None => Ok(Choice::Auto),
        Some(Value::String(mode)) => match mode.as_str() {
            "auto" => Ok(Choice::Auto),
            "none" => Ok(Choice::None),
            "required" => Ok(Choice::Required),
            other => {
                let text = format!(
                    "Invalid value: '{other}'. Supported values are: 'none', 'auto', and 'required'."
                );
                Err(Refusal::invalid(text, Some("tool_choice"), Some("invalid_value")))
            }
        },
        Some(one) => {
            let name = one.pointer("/function/name").and_then(Value::as_str);
            let name = name.ok_or_else(|| {
                let field = "tool_choice.function.name";
                let text = format!("Missing required parameter: '{field}'.");
                Refusal::invalid(text, Some(field), Some("missing_required_parameter"))
            })?;
            if !tools.iter().any(|tool| tool.name == name) {
                let text = format!("Invalid value for 'tool_choice': tool '{name}' is not among 'tools'.");
                return Err(Refusal::invalid(text, Some("tool_choice"), None));
            }
            Ok(Choice::Named(name.to_owned()))
        }
    }
}

/// A call that the fake makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FakeCall {
    pub(super) name: String,
    pub(super) arguments: String,
}

/// Decides which tools are called; none, and a text is answered.
pub(super) fn choose_calls(request: &ChatRequest) -> Result<Vec<FakeCall>, Refusal> {
    let asked = request
        .messages
        .last()
        .is_some_and(|message| message.role == "user");
    let of = |tool: &OfferedTool| {
        let instance = tool.parameters.as_ref().map_or(Ok(json!({})), make_instance);
        let arguments = instance.map_err(|reason| {
            Refusal::invalid(
                format!("The fake cannot meet the schema: {reason}"),
                Some("tools"),
                None,
            )
        })?;
        Ok(FakeCall {
            name: tool.name.clone(),
            arguments: arguments.to_string(),
        })
    };
    match &request.choice {
        Choice::None => Ok(Vec::new()),
        Choice::Named(name) => request
            .tools
            .iter()
            .filter(|tool| tool.name == *name)
            .map(of)
            .collect(),
        _ if request.tools.is_empty() || !asked => Ok(Vec::new()),
        choice => {
            let scripted = scripted(request.last_user_text());
            if scripted.is_empty() && *choice == Choice::Required {
                return request.tools.iter().take(1).map(of).collect();
            }
            Ok(scripted)
        }
    }
}

/// The calls that a text scripts, whether such tools are offered or not: models invent names, too.
fn scripted(text: &str) -> Vec<FakeCall> {
    text.split("[[call:")
        .skip(1)
        .filter_map(|rest| rest.split_once("]]"))
        .map(|(call, _)| {
            let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
            FakeCall {
                name: name.to_owned(),
                arguments: arguments.to_owned(),
            }
        })
        .collect()
}

/// The pieces in which calls are streamed: first id and name, then the arguments bit by bit.
pub(super) fn to_pieces(calls: &[FakeCall], serial: u64) -> Vec<Value> {
    let mut pieces = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let id = format!("call_fake{serial:012}{index:03}");
        let function = json!({"name": call.name, "arguments": ""});
        pieces.push(json!({"index": index, "id": id, "type": "function", "function": function}));
        for part in cut_into_pieces(&call.arguments) {
            pieces.push(json!({"index": index, "function": {"arguments": part}}));
        }
    }
    pieces
}

/// Puts pieces together again, for an answer that is not streamed.
pub(super) fn join_pieces(pieces: &[Value]) -> Vec<Value> {
    let mut calls: Vec<Value> = Vec::new();
    for piece in pieces {
        if piece.get("id").is_some() {
            let mut call = piece.clone();
            call.as_object_mut().expect("made as an object").remove("index");
            calls.push(call);
        } else if let Some(Value::String(arguments)) = calls
            .last_mut()
            .and_then(|call| call.pointer_mut("/function/arguments"))
        {
            arguments.push_str(piece["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    calls
}
