//! Whether a JSON Schema is within the subset that Azure accepts as `strict`.
//!
//! A schema outside of it is sent with `strict: false` (a wish), and refused outright if sent as strict.
//! Either way the answer is checked against the whole schema afterwards.

use serde_json::{Map, Value};

/// Levels of nesting that Azure accepts.
const MAX_DEPTH: usize = 5;
/// Properties of all objects together that Azure accepts.
const MAX_PROPERTIES: usize = 100;
/// Values of all enumerations together that Azure accepts.
const MAX_ENUM_VALUES: usize = 500;

/// Keywords that Azure understands. Others, such as `minLength`, `format` or `oneOf`, it refuses.
const KEYWORDS: [&str; 14] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
    "definitions",
    "description",
    "title",
    "$schema",
];

/// Says whether a schema may be sent with `strict: true`.
pub(super) fn is_strict(schema: &Value) -> bool {
    let root_is_object = schema.get("type").is_some_and(|kind| kind == "object");
    root_is_object && Walk::default().accepts(schema, 1)
}

#[derive(Default)]
struct Walk {
    properties: usize,
    enum_values: usize,
}

impl Walk {
    fn accepts(&mut self, schema: &Value, depth: usize) -> bool {
        let Value::Object(keywords) = schema else {
            return false;
        };
        depth <= MAX_DEPTH
            && keywords
                .keys()
                .all(|keyword| KEYWORDS.contains(&keyword.as_str()))
            && has_shape(keywords)
            && self.accepts_object(keywords, depth)
            && self.accepts_values(keywords)
            && keywords
                .get("items")
                .is_none_or(|items| self.accepts(items, depth + 1))
            && self.accepts_alternatives(keywords, depth)
            && self.accepts_definitions(keywords)
    }

    fn accepts_object(&mut self, keywords: &Map<String, Value>, depth: usize) -> bool {
        let Some(properties) = keywords.get("properties") else {
            return !is_type(keywords, "object") && !keywords.contains_key("required");
        };
        let (Value::Object(properties), Some(Value::Array(required))) =
            (properties, keywords.get("required"))
        else {
            return false;
        };
        self.properties += properties.len();
        self.properties <= MAX_PROPERTIES
            && keywords.get("additionalProperties") == Some(&Value::Bool(false))
            && required.len() == properties.len()
            && properties
                .keys()
                .all(|name| required.iter().any(|required| required == name))
            && properties
                .values()
                .all(|property| self.accepts(property, depth + 1))
    }

    fn accepts_values(&mut self, keywords: &Map<String, Value>) -> bool {
        match keywords.get("enum") {
            None => true,
            Some(Value::Array(values)) => {
                self.enum_values += values.len();
                !values.is_empty() && self.enum_values <= MAX_ENUM_VALUES
            }
            Some(_) => false,
        }
    }

    fn accepts_alternatives(&mut self, keywords: &Map<String, Value>, depth: usize) -> bool {
        match keywords.get("anyOf") {
            None => true,
            // At the root it is refused.
            Some(Value::Array(schemas)) => {
                depth > 1 && !schemas.is_empty() && schemas.iter().all(|schema| self.accepts(schema, depth))
            }
            Some(_) => false,
        }
    }

    /// Definitions are counted as if they stood at the second level: a reference says where they stand.
    fn accepts_definitions(&mut self, keywords: &Map<String, Value>) -> bool {
        ["$defs", "definitions"]
            .into_iter()
            .filter_map(|name| keywords.get(name))
            .all(|definitions| {
                definitions
                    .as_object()
                    .is_some_and(|schemas| schemas.values().all(|schema| self.accepts(schema, 2)))
            })
    }
}

/// Whether a schema says what it describes, in a way that Azure knows.
fn has_shape(keywords: &Map<String, Value>) -> bool {
    if let Some(reference) = keywords.get("$ref") {
        return reference
            .as_str()
            .is_some_and(|reference| reference.starts_with('#'));
    }
    let known = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            matches!(
                kind,
                "string" | "number" | "integer" | "boolean" | "object" | "array" | "null"
            )
        })
    };
    match keywords.get("type") {
        Some(Value::Array(kinds)) => !kinds.is_empty() && kinds.iter().all(known),
        Some(kind) => known(kind) && (kind != "array" || keywords.contains_key("items")),
        None => {
            keywords.contains_key("anyOf") || keywords.contains_key("enum") || keywords.contains_key("const")
        }
    }
}

fn is_type(keywords: &Map<String, Value>, name: &str) -> bool {
    match keywords.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        Some(kind) => kind == name,
        None => false,
    }
}
