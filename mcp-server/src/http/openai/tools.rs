//! Tools that the model may call: what callers offer, and what the model called before.

use inference::{CompletionRequest, ToolChoice};

use super::completion::missing;
use super::errors::Invalid;
use super::format::is_name;
use super::request::{self, Function};

/// What one request may offer.
const TOOLS_MAX: usize = 128;
/// Tool calls in one message; no model makes as many.
const CALLS_MAX: usize = 128;

/// Adds to a request what it says of tools.
pub(super) fn add(
    request: &mut CompletionRequest,
    offered: Option<Vec<request::Tool>>,
    choice: Option<request::ToolChoice>,
    parallel: Option<bool>,
) -> Result<(), Invalid> {
    let offered = offered.unwrap_or_default();
    if offered.len() > TOOLS_MAX {
        let reason = format!("has {} tools", offered.len());
        return Err(Invalid::value(
            "tools",
            reason,
            format!("send at most {TOOLS_MAX}"),
        ));
    }
    for (index, tool) in offered.into_iter().enumerate() {
        let path = format!("tools[{index}]");
        let tool = read_tool(&path, tool)?;
        if request.tools.iter().any(|known| known.name == tool.name) {
            return Err(Invalid::value(
                format!("{path}.function.name"),
                "is the name of another tool, too",
                "give each tool a name of its own",
            ));
        }
        request.tools.push(tool);
    }
    for (name, there) in [
        ("tool_choice", choice.is_some()),
        ("parallel_tool_calls", parallel.is_some()),
    ] {
        if there && request.tools.is_empty() {
            return Err(Invalid::value(
                name,
                "stands without `tools`",
                "send `tools`, or leave it out",
            ));
        }
    }
    request.parallel_tool_calls = parallel;
    if let Some(choice) = choice {
        request.tool_choice = read_choice(choice, &request.tools)?;
    }
    Ok(())
}

fn read_tool(path: &str, tool: request::Tool) -> Result<inference::Tool, Invalid> {
    check_kind(path, tool.kind.as_deref())?;
    let at = |name: &str| format!("{path}.function.{name}");
    let Function {
        name,
        description,
        parameters,
        strict,
    } = tool.function.ok_or_else(|| {
        missing(
            format!("{path}.function"),
            "send {\"name\": …, \"parameters\": …}",
        )
    })?;
    let name = name.ok_or_else(|| missing(at("name"), "name the function"))?;
    if !is_name(&name) {
        return Err(Invalid::value(
            at("name"),
            "is not a name",
            "send 1 to 64 letters, digits, dashes or underscores",
        ));
    }
    Ok(inference::Tool {
        name,
        description,
        parameters: parameters.map(serde_json::Value::Object),
        strict: strict.unwrap_or(false),
    })
}

fn check_kind(path: &str, kind: Option<&str>) -> Result<(), Invalid> {
    let at = format!("{path}.type");
    match kind {
        Some("function") => Ok(()),
        Some("custom" | "allowed_tools") => Err(Invalid::unsupported(
            at,
            "is not \"function\", and functions are all there is here",
            "send the type \"function\"",
        )),
        Some(_) => Err(Invalid::value(at, "is not known", "send \"function\"")),
        None => Err(missing(at, "send \"function\"")),
    }
}

fn read_choice(choice: request::ToolChoice, offered: &[inference::Tool]) -> Result<ToolChoice, Invalid> {
    let named = match choice {
        request::ToolChoice::Mode(mode) => {
            return match mode.as_str() {
                "auto" => Ok(ToolChoice::Auto),
                "none" => Ok(ToolChoice::None),
                "required" => Ok(ToolChoice::Required),
                _ => Err(Invalid::value(
                    "tool_choice",
                    "is not known",
                    "send \"none\", \"auto\", \"required\" or {\"type\": \"function\", \"function\": {\"name\": …}}",
                )),
            };
        }
        request::ToolChoice::Named(named) => named,
    };
    check_kind("tool_choice", named.kind.as_deref())?;
    let param = "tool_choice.function.name";
    let name = named
        .function
        .and_then(|function| function.name)
        .ok_or_else(|| missing(param, "name one of the tools"))?;
    if offered.iter().any(|tool| tool.name == name) {
        Ok(ToolChoice::Named(name))
    } else {
        Err(Invalid::value(
            param,
            "is none of the tools",
            "name one of the tools",
        ))
    }
}

/// Reads the tool calls of an earlier answer.
pub(super) fn calls(
    path: &str,
    calls: Option<Vec<request::ToolCall>>,
) -> Result<Vec<inference::ToolCall>, Invalid> {
    let calls = calls.unwrap_or_default();
    if calls.len() > CALLS_MAX {
        let reason = format!("has {} calls", calls.len());
        return Err(Invalid::value(
            format!("{path}.tool_calls"),
            reason,
            format!("send at most {CALLS_MAX}"),
        ));
    }
    calls
        .into_iter()
        .enumerate()
        .map(|(index, call)| {
            let path = format!("{path}.tool_calls[{index}]");
            check_kind(&path, call.kind.as_deref())?;
            let at = |name: &str| format!("{path}.{name}");
            let fix = "send the tool call as the model made it";
            let function = call.function.ok_or_else(|| missing(at("function"), fix))?;
            Ok(inference::ToolCall {
                id: call.id.ok_or_else(|| missing(at("id"), fix))?,
                name: function.name.ok_or_else(|| missing(at("function.name"), fix))?,
                arguments: function
                    .arguments
                    .ok_or_else(|| missing(at("function.arguments"), fix))?,
            })
        })
        .collect()
}
