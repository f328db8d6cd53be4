//! JSON Schema: says what is wrong with arguments in words a caller can act on, and bounds foreign schemas.

use std::sync::Arc;

use inference::{Output, SchemaCheck};
use jsonschema::{PatternOptions, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value};

use super::Problem;

/// Problems named in one error; more would drown the first.
const PROBLEMS_MAX: usize = 5;

/// Bounds of a schema that a caller sends.
const FOREIGN_BYTES_MAX: usize = 16 * 1024;
const FOREIGN_DEPTH_MAX: usize = 16;
const FOREIGN_PATTERN_CHARS_MAX: usize = 200;

/// Compiles a schema. Patterns run on a linear-time engine, so that no text can stall it; nothing is
/// ever fetched.
pub(super) fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| error.to_string())
}

/// Asks for an answer that conforms to `schema`, and has each one checked.
pub(super) fn output(name: &str, schema: Value) -> Result<Output, String> {
    let validator = compile(&schema)?;
    let check = SchemaCheck::new(move |answer| match problems(&validator, answer).first() {
        None => Ok(()),
        Some(Problem { field, reason, .. }) => Err(format!("`{field}` {reason}")),
    });
    Ok(Output::Json {
        name: name.to_owned(),
        schema: Arc::new(schema),
        check: Some(check),
    })
}

/// Asks for an answer that conforms to a schema of ours.
pub(super) fn own_output(name: &str, schema: Value) -> Output {
    output(name, schema).expect("schemas of answers are valid constants")
}

/// Checks `instance`, and says for each fault where it is, what it is and what to send instead.
pub(super) fn problems(validator: &Validator, instance: &Value) -> Vec<Problem> {
    // Nearly always there is none, and asking for that alone is far cheaper.
    if validator.is_valid(instance) {
        return Vec::new();
    }
    validator
        .iter_errors(instance)
        .take(PROBLEMS_MAX)
        .map(|error| {
            let field = field_name(error.instance_path().as_str());
            describe(field, error.kind(), &error)
        })
        .collect()
}

fn describe(field: String, kind: &ValidationErrorKind, error: &dyn std::fmt::Display) -> Problem {
    let (field, reason, fix) = match kind {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            (
                child(&field, name),
                "is required and missing".to_owned(),
                "add it".to_owned(),
            )
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let name = unexpected.first().map_or("", String::as_str);
            (
                child(&field, name),
                "is not known".to_owned(),
                "remove it, or check its spelling".to_owned(),
            )
        }
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                jsonschema::error::TypeKind::Single(one) => one.to_string(),
                jsonschema::error::TypeKind::Multiple(many) => many
                    .iter()
                    .map(|one| one.to_string())
                    .collect::<Vec<_>>()
                    .join(" or "),
            };
            (
                field,
                "has the wrong type".to_owned(),
                format!("send a value of type {wanted}"),
            )
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let options = options
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            (
                field,
                "is not one of the allowed values".to_owned(),
                format!("use one of {options}"),
            )
        }
        ValidationErrorKind::MaxLength { limit } => (
            field,
            "is too long".to_owned(),
            format!("send at most {limit} characters"),
        ),
        ValidationErrorKind::MinLength { limit } => (
            field,
            "is too short".to_owned(),
            format!("send at least {limit} character(s)"),
        ),
        ValidationErrorKind::MaxItems { limit } => (
            field,
            "has too many items".to_owned(),
            format!("send at most {limit}"),
        ),
        ValidationErrorKind::MinItems { limit } => (
            field,
            "has too few items".to_owned(),
            format!("send at least {limit}"),
        ),
        ValidationErrorKind::UniqueItems => (
            field,
            "names an item twice".to_owned(),
            "send each item once".to_owned(),
        ),
        ValidationErrorKind::Minimum { limit } => {
            (field, "is too small".to_owned(), format!("send at least {limit}"))
        }
        ValidationErrorKind::Maximum { limit } => {
            (field, "is too large".to_owned(), format!("send at most {limit}"))
        }
        ValidationErrorKind::Pattern { pattern } => (
            field,
            "is not of the right form".to_owned(),
            format!("match the pattern {pattern}"),
        ),
        _ => {
            let mut reason = error.to_string();
            reason.truncate(reason.floor_char_boundary(200));
            (
                field,
                format!("is not valid: {reason}"),
                "see the tool's input schema".to_owned(),
            )
        }
    };
    Problem { field, reason, fix }
}

/// Turns the JSON pointer `/lines/2/qty` into `lines[2].qty`.
fn field_name(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |field, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        if step.bytes().all(|byte| byte.is_ascii_digit()) && !field.is_empty() {
            format!("{field}[{step}]")
        } else {
            child(&field, &step)
        }
    })
}

fn child(field: &str, name: &str) -> String {
    // Names come from the caller: a bounded part is enough to find the spot.
    let name = &name[..name.floor_char_boundary(80)];
    if field.is_empty() {
        name.to_owned()
    } else {
        format!("{field}.{name}")
    }
}

/// Asks for an answer that conforms to a schema which the caller sent, once its size, its depth and its
/// references were found to be bounded.
pub(crate) fn foreign_output(name: &str, schema: &Map<String, Value>) -> Result<Output, Problem> {
    let problem = |reason: String, fix: &str| Problem {
        field: "schema".to_owned(),
        reason,
        fix: fix.to_owned(),
    };
    let bytes = serde_json::to_string(schema).map_or(usize::MAX, |text| text.len());
    if bytes > FOREIGN_BYTES_MAX {
        return Err(problem(
            format!("has {bytes} bytes and at most {FOREIGN_BYTES_MAX} are taken"),
            "ask for fewer fields, or drop descriptions",
        ));
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") || !schema.contains_key("properties") {
        return Err(problem(
            "does not describe an object".to_owned(),
            "send {\"type\":\"object\",\"properties\":{…}}",
        ));
    }
    let whole = Value::Object(schema.clone());
    walk_foreign(&whole, 0).map_err(|(reason, fix)| problem(reason, fix))?;
    output(name, whole).map_err(|error| {
        problem(
            format!("is not a valid JSON Schema: {error}"),
            "correct it (draft 2020-12)",
        )
    })
}

fn walk_foreign(node: &Value, depth: usize) -> Result<(), (String, &'static str)> {
    if depth > FOREIGN_DEPTH_MAX {
        return Err((format!("is nested deeper than {FOREIGN_DEPTH_MAX}"), "flatten it"));
    }
    match node {
        Value::Object(members) => members.iter().try_for_each(|(key, value)| {
            check_keyword(key, value)?;
            walk_foreign(value, depth + 1)
        }),
        Value::Array(items) => items.iter().try_for_each(|item| walk_foreign(item, depth + 1)),
        _ => Ok(()),
    }
}

fn check_keyword(key: &str, value: &Value) -> Result<(), (String, &'static str)> {
    match (key, value.as_str()) {
        ("$ref" | "$dynamicRef", Some(target)) if !target.starts_with('#') => Err((
            "refers to something outside itself".to_owned(),
            "use references within the schema, like #/$defs/line",
        )),
        ("$id" | "$schema", Some(target)) if key == "$id" || !target.contains("json-schema.org") => {
            Err((format!("has a `{key}` of its own"), "remove it"))
        }
        ("pattern", Some(pattern)) if pattern.chars().count() > FOREIGN_PATTERN_CHARS_MAX => Err((
            format!("has a pattern longer than {FOREIGN_PATTERN_CHARS_MAX} characters"),
            "use a shorter pattern",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_field_reason_and_fix() {
        let schema = json!({"type": "object", "required": ["text"], "additionalProperties": false, "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 5},
            "tone": {"enum": ["a", "b"]},
            "lines": {"type": "array", "maxItems": 3, "uniqueItems": true,
                      "items": {"type": "object", "properties": {"qty": {"type": "number", "minimum": 1}}}}}});
        let validator = compile(&schema).unwrap();
        for (instance, field, fix) in [
            (json!({}), "text", "add it"),
            (json!({"text": 1}), "text", "type string"),
            (json!({"text": ""}), "text", "at least 1"),
            (json!({"text": "123456"}), "text", "at most 5"),
            (json!({"text": "a", "tone": "c"}), "tone", "\"a\", \"b\""),
            (json!({"text": "a", "txet": "c"}), "txet", "spelling"),
            (
                json!({"text": "a", "lines": [{}, {}, {"qty": "x"}]}),
                "lines[2].qty",
                "type number",
            ),
            (
                json!({"text": "a", "lines": [{"qty": 0}]}),
                "lines[0].qty",
                "at least 1",
            ),
            (json!({"text": "a", "lines": [1, 1]}), "lines", "once"),
        ] {
            let problems = problems(&validator, &instance);
            assert!(
                problems.iter().any(|p| p.field == field && p.fix.contains(fix)),
                "{instance}: {problems:?}"
            );
        }
        assert!(problems(&validator, &json!({"text": "a"})).is_empty());
    }

    #[test]
    fn bounds_foreign_schemas() {
        let deep = (0..20).fold(
            json!({"type": "string"}),
            |inner, _| json!({"type": "array", "items": inner}),
        );
        for (schema, reason) in [
            (json!({"type": "string"}), "object"),
            (json!({"type": "object"}), "object"),
            (
                json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/a.json"}}}),
                "outside",
            ),
            (
                json!({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}),
                "outside",
            ),
            (
                json!({"type": "object", "properties": {}, "$id": "https://example.com/"}),
                "$id",
            ),
            (json!({"type": "object", "properties": {"a": deep}}), "deeper"),
            (
                json!({"type": "object", "properties": {"a": {"description": "x".repeat(20_000)}}}),
                "bytes",
            ),
            (
                json!({"type": "object", "properties": {"a": {"pattern": "a".repeat(300)}}}),
                "pattern",
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "strng"}}}),
                "not a valid",
            ),
        ] {
            let error = foreign_output("any", schema.as_object().unwrap()).unwrap_err();
            assert!(error.reason.contains(reason), "{reason}: {error}");
        }
        let good = json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}});
        assert!(foreign_output("any", good.as_object().unwrap()).is_ok());
    }
}
