//! Fixture tools that need nothing from the client, and the definitions of all of them.

use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ContentBlock, ErrorData, JsonObject,
    LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam, Tool,
};
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::content::{AUDIO, IMAGE, failure, resource, text};
use super::{Fixtures, rounds, tasks};

/// The pause between two notifications, so that they are seen to come one by one.
const PAUSE: Duration = Duration::from_millis(50);

/// What listeners can be told of.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Tools,
    Prompts,
}

/// Tools without arguments.
const PLAIN: &[(&str, &str)] = &[
    ("test_simple_text", "Returns a text"),
    ("test_image_content", "Returns an image"),
    ("test_audio_content", "Returns a sound"),
    ("test_embedded_resource", "Returns a resource"),
    (
        "test_multiple_content_types",
        "Returns a text, an image and a resource",
    ),
    ("test_tool_with_logging", "Logs while it runs"),
    ("test_error_handling", "Fails"),
    ("test_tool_with_progress", "Reports its progress"),
    ("test_reconnection", "Takes a moment"),
    (
        "test_elicitation_sep1034_defaults",
        "Asks the user, with defaults",
    ),
    ("test_elicitation_sep1330_enums", "Asks the user, with choices"),
    ("test_missing_capability", "Needs a client that can sample"),
    ("test_logging_tool", "Logs if the request wants it"),
    ("test_trigger_tool_change", "Says that the list of tools changed"),
    (
        "test_trigger_prompt_change",
        "Says that the list of prompts changed",
    ),
];

/// Every fixture tool, in a fixed order.
pub(super) fn definitions() -> Vec<Tool> {
    let plain = PLAIN.iter().chain(rounds::TOOLS).map(|(name, description)| {
        Tool::new(
            *name,
            *description,
            object(json!({ "type": "object", "properties": {} })),
        )
    });
    let with_arguments = [
        (
            "test_sampling",
            "Asks the client's model",
            json!({
                "type": "object",
                "properties": { "prompt": { "type": "string", "description": "What to ask" } },
                "required": ["prompt"],
            }),
        ),
        (
            "test_elicitation",
            "Asks the user",
            json!({
                "type": "object",
                "properties": { "message": { "type": "string", "description": "What to say" } },
                "required": ["message"],
            }),
        ),
        (
            "test_custom_header",
            "Takes an argument that is repeated in a header",
            json!({
                "type": "object",
                "properties": { "value": { "type": "string", "x-mcp-header": "Value" } },
                "required": ["value"],
            }),
        ),
        (
            "json_schema_2020_12_tool",
            "Tool with JSON Schema 2020-12 features",
            rich_schema(),
        ),
    ]
    .map(|(name, description, schema)| Tool::new(name, description, object(schema)));
    plain.chain(with_arguments).chain(tasks::definitions()).collect()
}

pub(super) fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

/// The schema whose every keyword must reach the client.
fn rich_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Carries out a tool that needs nothing from the client.
pub(super) async fn call(
    fixtures: &Fixtures,
    request: &CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    Ok(match request.name.as_ref() {
        "test_simple_text" => text("This is a simple text response for testing."),
        "test_image_content" => CallToolResult::success(vec![ContentBlock::image(IMAGE, "image/png")]),
        "test_audio_content" => CallToolResult::success(vec![ContentBlock::audio(AUDIO, "audio/wav")]),
        "test_embedded_resource" => CallToolResult::success(vec![resource(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content.",
        )]),
        "test_multiple_content_types" => CallToolResult::success(vec![
            ContentBlock::text("Multiple content types test:"),
            ContentBlock::image(IMAGE, "image/png"),
            resource(
                "test://mixed-content-resource",
                "application/json",
                r#"{"test":"data","value":123}"#,
            ),
        ]),
        "test_tool_with_logging" => {
            for message in [
                "Tool execution started",
                "Tool processing data",
                "Tool execution completed",
            ] {
                log(context, LoggingLevel::Info, message).await;
                tokio::time::sleep(PAUSE).await;
            }
            text("Logged three times")
        }
        "test_logging_tool" => {
            if let Some(level) = context.meta.log_level() {
                log(context, level, "A level was asked for").await;
            }
            text("Logged as asked")
        }
        "test_error_handling" => failure("This tool intentionally returns an error for testing"),
        "test_tool_with_progress" => {
            report_progress(context).await;
            text("Progress was reported")
        }
        "test_reconnection" => {
            tokio::time::sleep(2 * PAUSE).await;
            text("Reconnection test completed")
        }
        "test_custom_header" => match argument(request, "value") {
            Some(value) => text(value),
            None => {
                return Err(ErrorData::invalid_params(
                    "`value` is not a string; send one",
                    None,
                ));
            }
        },
        "json_schema_2020_12_tool" => text("The schema was read"),
        "test_missing_capability" => {
            let can_sample = context
                .client_capabilities()
                .is_some_and(|client| client.sampling.is_some());
            if !can_sample {
                let needed = ClientCapabilities::builder().enable_sampling().build();
                return Err(ErrorData::missing_required_client_capability(needed));
            }
            text("The client can sample")
        }
        "test_trigger_tool_change" => {
            fixtures.tell(Change::Tools).await;
            text("Told")
        }
        "test_trigger_prompt_change" => {
            fixtures.tell(Change::Prompts).await;
            text("Told")
        }
        name => {
            return Err(ErrorData::internal_error(
                format!("the fixture {name:?} does nothing"),
                None,
            ));
        }
    })
}

/// A string among the arguments.
pub(super) fn argument<'a>(request: &'a CallToolRequestParams, name: &str) -> Option<&'a str> {
    request.arguments.as_ref()?.get(name)?.as_str()
}

async fn log(context: &RequestContext<RoleServer>, level: LoggingLevel, message: &str) {
    let message = LoggingMessageNotificationParam::new(level, json!(message)).with_logger("conformance");
    // The scenario sees what arrived; nothing else depends on it.
    let _ = context.peer.notify_logging_message(message).await;
}

async fn report_progress(context: &RequestContext<RoleServer>) {
    let token = context.meta.get_progress_token();
    for progress in [0.0, 50.0, 100.0] {
        if let Some(token) = token.clone() {
            let progress = ProgressNotificationParam::new(token, progress).with_total(100.0);
            // The scenario sees what arrived; nothing else depends on it.
            let _ = context.peer.notify_progress(progress).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
