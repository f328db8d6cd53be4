//! The rules that a JSON Schema must keep under `strict: true`, as Azure documents them.

use serde_json::Value;

/// Keywords that the documentation lists as not supported.
const REFUSED: [&str; 25] = [
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "patternProperties",
    "unevaluatedProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "allOf",
    "not",
    "oneOf",
    "if",
];
/// Properties in the whole schema.
const PROPERTIES_MAX: usize = 100;
/// Objects within objects.
const NESTING_MAX: usize = 5;

/// Checks a schema. The error is worded as the service words it.
pub(super) fn check_strict(name: &str, schema: &Value) -> Result<(), String> {
    let mut checker = Checker { properties: 0 };
    if schema.get("anyOf").is_some() || schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err(format!(
            "Invalid schema for response_format '{name}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'.",
            schema.get("type").and_then(Value::as_str).unwrap_or("None")
        ));
    }
    checker
        .check(schema, &mut Vec::new(), 0)
        .map_err(|reason| format!("Invalid schema for response_format '{name}': {reason}"))
}

struct Checker {
    properties: usize,
}

impl Checker {
    fn check(&mut self, schema: &Value, path: &mut Vec<String>, nesting: usize) -> Result<(), String> {
        let Some(keys) = schema.as_object() else {
            return Ok(());
        };
        if let Some(key) = REFUSED.iter().find(|key| keys.contains_key(**key)) {
            return Err(format!("In context={}, '{key}' is not permitted.", context(path)));
        }
        let is_object = keys.contains_key("properties") || has_type(schema, "object");
        if is_object {
            self.check_object(schema, path, nesting + 1)?;
        }
        let within = if is_object { nesting + 1 } else { nesting };
        for key in ["items", "additionalItems"] {
            self.step(keys.get(key), path, &[key], within)?;
        }
        for key in ["anyOf", "prefixItems"] {
            for (index, part) in keys
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                self.step(Some(part), path, &[key, &index.to_string()], within)?;
            }
        }
        for key in ["$defs", "definitions"] {
            for (name, part) in keys.get(key).and_then(Value::as_object).into_iter().flatten() {
                self.step(Some(part), path, &[key, name], 0)?;
            }
        }
        Ok(())
    }

    fn check_object(&mut self, schema: &Value, path: &mut Vec<String>, nesting: usize) -> Result<(), String> {
        if nesting > NESTING_MAX {
            return Err(format!(
                "In context={}, {nesting} levels of nesting exceeds limit of {NESTING_MAX}.",
                context(path)
            ));
        }
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(format!(
                "In context={}, 'additionalProperties' is required to be supplied and to be false.",
                context(path)
            ));
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties += properties.map_or(0, serde_json::Map::len);
        if self.properties > PROPERTIES_MAX {
            return Err(format!(
                "{} parameters exceeds limit of {PROPERTIES_MAX}.",
                self.properties
            ));
        }
        for (name, part) in properties.into_iter().flatten() {
            if !required.contains(&name.as_str()) {
                return Err(format!(
                    "In context={}, 'required' is required to be supplied and to be an array including every key in properties. Missing '{name}'.",
                    context(path)
                ));
            }
            self.step(Some(part), path, &["properties", name], nesting)?;
        }
        if let Some(extra) = required
            .iter()
            .find(|name| properties.is_none_or(|known| !known.contains_key(**name)))
        {
            return Err(format!(
                "In context={}, 'required' is required to be supplied and to be an array including every key in properties. Extra required key '{extra}' supplied.",
                context(path)
            ));
        }
        Ok(())
    }

    fn step(
        &mut self,
        part: Option<&Value>,
        path: &mut Vec<String>,
        down: &[&str],
        nesting: usize,
    ) -> Result<(), String> {
        let Some(part) = part else { return Ok(()) };
        path.extend(down.iter().map(|step| (*step).to_owned()));
        let result = self.check(part, path, nesting);
        path.truncate(path.len() - down.len());
        result
    }
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == wanted,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    }
}

fn context(path: &[String]) -> String {
    match path {
        [] => "()".to_owned(),
        [only] => format!("('{only}',)"),
        _ => format!(
            "({})",
            path.iter()
                .map(|step| format!("'{step}'"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(properties: &Value) -> Value {
        let required: Vec<&String> = properties.as_object().expect("an object").keys().collect();
        json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties})
    }

    #[test]
    fn a_strict_schema_passes() {
        let line = object(&json!({"sku": {"type": ["string", "null"]}, "kind": {"enum": ["a", "b"]}}));
        let schema = object(
            &json!({"lines": {"type": "array", "items": line}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}),
        );
        assert_eq!(check_strict("x", &schema), Ok(()));
    }

    #[test]
    fn each_rule_is_held() {
        let mut deep = object(&json!({}));
        for _ in 0..5 {
            deep = object(&json!({"inner": deep}));
        }
        let wide: serde_json::Map<String, Value> = (0..101)
            .map(|n| (format!("p{n}"), json!({"type": "string"})))
            .collect();
        for (schema, reason) in [
            (json!({"type": "array"}), "got 'type: \"array\"'"),
            (json!({"anyOf": []}), "'type: \"object\"'"),
            (
                json!({"type": "object", "properties": {}}),
                "context=(), 'additionalProperties'",
            ),
            (
                json!({"type": "object", "additionalProperties": false, "properties": {"a": {}}}),
                "Missing 'a'",
            ),
            (
                json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {}}),
                "Extra required key 'a'",
            ),
            (
                object(&json!({"a": {"type": "string", "minLength": 1}})),
                "context=('properties', 'a'), 'minLength' is not permitted",
            ),
            (
                object(&json!({"a": {"type": "array", "items": {"type": "object"}}})),
                "('properties', 'a', 'items')",
            ),
            (deep, "levels of nesting"),
            (object(&Value::Object(wide)), "101 parameters"),
        ] {
            let error = check_strict("x", &schema).expect_err(&schema.to_string());
            assert!(error.contains(reason), "{schema}: {error}");
        }
    }
}
