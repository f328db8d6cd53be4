//! Fixture tools that ask the client while they run, as revisions before 2026-07-28 do.

use rmcp::RoleServer;
use rmcp::model::{CallToolRequestParams, CallToolResult, ElicitRequestParams};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::content::{failure, text};
use super::tools::argument;

/// Carries out a call, if its tool is one of these.
pub(super) async fn call(
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Option<CallToolResult> {
    Some(match request.name.as_ref() {
        "test_sampling" => sample(argument(request, "prompt").unwrap_or_default(), context).await,
        "test_elicitation" => {
            let message = argument(request, "message").unwrap_or_default();
            elicit("User response", message, user_schema(), context).await
        }
        "test_elicitation_sep1034_defaults" => {
            elicit(
                "Elicitation completed",
                "Please check these values",
                defaults_schema(),
                context,
            )
            .await
        }
        "test_elicitation_sep1330_enums" => {
            elicit(
                "Elicitation completed",
                "Please choose",
                choices_schema(),
                context,
            )
            .await
        }
        _ => return None,
    })
}

async fn sample(prompt: &str, context: &RequestContext<RoleServer>) -> CallToolResult {
    let params = serde_json::from_value(json!({
        "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
        "maxTokens": 100,
    }))
    .expect("a fixture's request is well formed");
    match context.peer.create_message(params).await {
        Ok(answer) => {
            let answer = answer
                .message
                .content
                .first()
                .and_then(|content| content.as_text())
                .map(|text| &*text.text);
            text(format!("LLM response: {}", answer.unwrap_or_default()))
        }
        Err(error) => failure(format!("the client's model could not be asked: {error}")),
    }
}

async fn elicit(
    heading: &str,
    message: &str,
    schema: Value,
    context: &RequestContext<RoleServer>,
) -> CallToolResult {
    let params: ElicitRequestParams =
        serde_json::from_value(json!({ "mode": "form", "message": message, "requestedSchema": schema }))
            .expect("a fixture's schema is well formed");
    match context.peer.create_elicitation(params).await {
        Ok(answer) => {
            let answer = serde_json::to_value(answer).unwrap_or_default();
            let action = answer["action"].as_str().unwrap_or_default();
            text(format!(
                "{heading}: action={action}, content={}",
                answer["content"]
            ))
        }
        Err(error) => failure(format!("the user could not be asked: {error}")),
    }
}

fn user_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" },
        },
        "required": ["username", "email"],
    })
}

fn defaults_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "Name", "default": "John Doe" },
            "age": { "type": "integer", "description": "Age", "default": 30 },
            "score": { "type": "number", "description": "Score", "default": 95.5 },
            "status": {
                "type": "string",
                "description": "Status",
                "enum": ["active", "inactive", "pending"],
                "default": "active",
            },
            "verified": { "type": "boolean", "description": "Verified", "default": true },
        },
        "required": [],
    })
}

fn choices_schema() -> Value {
    let titled = |noun: &str| {
        json!([
            { "const": "value1", "title": format!("First {noun}") },
            { "const": "value2", "title": format!("Second {noun}") },
            { "const": "value3", "title": format!("Third {noun}") },
        ])
    };
    let plain = json!(["option1", "option2", "option3"]);
    json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": plain },
            "titledSingle": { "type": "string", "oneOf": titled("Option") },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": plain } },
            "titledMulti": { "type": "array", "items": { "anyOf": titled("Choice") } },
        },
        "required": [],
    })
}
