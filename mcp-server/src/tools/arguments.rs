//! Reads arguments and answers that conform to their schema.

use serde_json::{Map, Value};

/// The map of a `json!` object literal.
pub(super) fn object(literal: Value) -> Map<String, Value> {
    match literal {
        Value::Object(map) => map,
        _ => unreachable!("called with object literals only"),
    }
}

/// A string argument; empty where it is absent.
pub(super) fn text<'a>(arguments: &'a Map<String, Value>, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The strings of an array argument; none where it is absent.
pub(super) fn strings<'a>(arguments: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    arguments
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
