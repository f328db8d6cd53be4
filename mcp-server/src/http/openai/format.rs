//! `response_format`: which form the answer is to have.

use inference::Output;
use serde_json::Value;

use super::completion::missing;
use super::errors::Invalid;
use super::request::{JsonSchema, ResponseFormat};
use crate::tools::schema;

const PARAM: &str = "response_format";

/// Reads what is asked for. Every answer to a schema is checked against it, `strict` or not.
pub(super) fn output(format: ResponseFormat) -> Result<Output, Invalid> {
    let at = |name: &str| format!("{PARAM}.{name}");
    match (format.kind.as_deref(), format.json_schema) {
        (Some("text"), None) => Ok(Output::Text),
        (Some("json_object"), None) => Ok(Output::JsonObject),
        (Some("json_schema"), Some(schema)) => json_schema(schema),
        (Some("json_schema"), None) => Err(missing(at("json_schema"), "send {\"name\": …, \"schema\": …}")),
        (Some("text" | "json_object"), Some(_)) => Err(Invalid::value(
            at("json_schema"),
            "does not go with this type",
            "send the type \"json_schema\", or leave the schema out",
        )),
        (Some(_), _) => Err(Invalid::value(
            at("type"),
            "is not known",
            "send \"text\", \"json_object\" or \"json_schema\"",
        )),
        (None, _) => Err(missing(
            at("type"),
            "send \"text\", \"json_object\" or \"json_schema\"",
        )),
    }
}

fn json_schema(wanted: JsonSchema) -> Result<Output, Invalid> {
    let at = |name: &str| format!("{PARAM}.json_schema.{name}");
    let name = wanted
        .name
        .ok_or_else(|| missing(at("name"), "send a short name, such as \"answer\""))?;
    if !is_name(&name) {
        return Err(Invalid::value(
            at("name"),
            "is not a name",
            "send 1 to 64 letters, digits, dashes or underscores",
        ));
    }
    let mut schema = wanted
        .schema
        .ok_or_else(|| missing(at("schema"), "send a JSON Schema of an object"))?;
    // Said where the model reads it.
    if let Some(description) = wanted.description {
        schema.entry("description").or_insert(Value::String(description));
    }
    schema::foreign_output(&name, &schema)
        .map_err(|problem| Invalid::value(at("schema"), problem.reason, problem.fix))
}

/// What upstreams take as the name of a schema or a function.
pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
