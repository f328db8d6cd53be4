//! Results of tools as MCP carries them: structured, as text, and with who answered.

use rmcp::model::{CallToolResult, ContentBlock, Implementation, MetaObject};
use serde_json::Value;

use super::errors::Error;
use crate::tools::ToolResult;

/// Where a result says who answered.
pub const ANSWER_KEY: &str = "com.b2xgate/answer";
/// Where a failed result says why, for programs.
pub const ERROR_KEY: &str = "com.b2xgate/error";
/// Where a result says which server made it (2026-07-28).
const SERVER_INFO_KEY: &str = "io.modelcontextprotocol/serverInfo";

/// Wraps a result. The text is the structured content, byte for byte: clients differ in which of the
/// two they show to the model, so neither may say less.
pub(super) fn answered(result: ToolResult) -> CallToolResult {
    let mut meta = MetaObject::new();
    if let Some(facts) = result.facts {
        // Facts are plain numbers and names; serde_json cannot fail on them.
        meta.insert(
            ANSWER_KEY.to_owned(),
            serde_json::to_value(facts).unwrap_or(Value::Null),
        );
    }
    CallToolResult::structured(result.structured).with_meta(Some(meta))
}

/// Wraps a failure that the model should read, and may act on.
pub(super) fn failed(error: &Error) -> CallToolResult {
    let mapped = error.map();
    let text = match mapped.retry_after {
        Some(wait) => format!(
            "{}: {error}; retry in {:.1} s",
            mapped.code,
            wait.as_secs_f64().max(0.1)
        ),
        None => format!("{}: {error}", mapped.code),
    };
    let mut meta = MetaObject::new();
    meta.insert(ERROR_KEY.to_owned(), error.detail());
    CallToolResult::error(vec![ContentBlock::text(text)]).with_meta(Some(meta))
}

/// What says which server made a result.
pub(super) fn stamp(server: &Implementation) -> Value {
    serde_json::to_value(server).unwrap_or(Value::Null)
}

/// Puts it on a result.
pub(super) fn put(stamp: &Value, meta: &mut Option<MetaObject>) {
    meta.get_or_insert_with(MetaObject::new)
        .insert(SERVER_INFO_KEY.to_owned(), stamp.clone());
}
