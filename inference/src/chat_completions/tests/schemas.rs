//! Which schemas are sent as strict.

use serde_json::{Value, json};

use super::super::strict::is_strict;

fn object(properties: &Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn nested(levels: usize) -> Value {
    (1..levels).fold(object(&json!({"a": {"type": "string"}})), |inner, _| {
        object(&json!({"a": inner}))
    })
}

#[test]
fn accepts_what_azure_accepts() {
    for (case, schema) in [
        (
            "flat",
            object(&json!({"a": {"type": "string"}, "b": {"type": ["integer", "null"]}})),
        ),
        ("empty", object(&json!({}))),
        (
            "enumeration",
            object(&json!({"a": {"type": "string", "enum": ["x", "y"], "description": "?"}})),
        ),
        ("constant", object(&json!({"a": {"const": 1}}))),
        (
            "list of objects",
            object(&json!({"a": {"type": "array", "items": object(&json!({"b": {"type": "number"}}))}})),
        ),
        (
            "alternatives",
            object(&json!({"a": {"anyOf": [{"type": "null"}, object(&json!({"b": {"type": "boolean"}}))]}})),
        ),
        ("deep enough", nested(4)),
        ("reference", {
            let mut schema = object(&json!({"a": {"$ref": "#/$defs/line"}}));
            schema["$defs"] = json!({"line": object(&json!({"b": {"type": "string"}}))});
            schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
            schema
        }),
    ] {
        assert!(is_strict(&schema), "{case}");
    }
}

#[test]
fn refuses_what_azure_refuses() {
    let with = |key: &str, value: Value| {
        let mut schema = object(&json!({"a": {"type": "string"}}));
        schema[key] = value;
        schema
    };
    let property = |schema: Value| object(&json!({"a": schema}));
    let many: Value = (0..101)
        .map(|n| (format!("p{n}"), json!({"type": "null"})))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (case, schema) in [
        ("not a schema", json!(true)),
        ("not an object at the root", json!({"type": "string"})),
        (
            "a list at the root",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        (
            "alternatives at the root",
            with("anyOf", json!([{"type": "object"}])),
        ),
        ("open object", with("additionalProperties", json!(true))),
        (
            "object with a schema for the rest",
            with("additionalProperties", json!({"type": "string"})),
        ),
        ("optional property", with("required", json!([]))),
        ("required but unknown property", with("required", json!(["b"]))),
        (
            "no required at all",
            json!({"type": "object", "properties": {}, "additionalProperties": false}),
        ),
        ("free-form object", property(json!({"type": "object"}))),
        (
            "nullable free-form object",
            property(json!({"type": ["object", "null"]})),
        ),
        (
            "bounded length",
            property(json!({"type": "string", "maxLength": 3})),
        ),
        ("pattern", property(json!({"type": "string", "pattern": "x"}))),
        ("format", property(json!({"type": "string", "format": "date"}))),
        ("range", property(json!({"type": "number", "minimum": 0}))),
        (
            "bounded list",
            property(json!({"type": "array", "items": {"type": "null"}, "maxItems": 3})),
        ),
        ("list of anything", property(json!({"type": "array"}))),
        (
            "list with a boolean schema",
            property(json!({"type": "array", "items": true})),
        ),
        ("one of", property(json!({"oneOf": [{"type": "null"}]}))),
        ("default", property(json!({"type": "string", "default": ""}))),
        ("anything", property(json!({}))),
        ("unknown type", property(json!({"type": "date"}))),
        ("no alternatives", property(json!({"anyOf": []}))),
        ("empty enumeration", property(json!({"enum": []}))),
        (
            "reference outside",
            property(json!({"$ref": "https://example.com/x.json"})),
        ),
        ("too deep", nested(6)),
        ("too many properties", object(&many)),
        (
            "too many values",
            property(json!({"enum": (0..501).collect::<Vec<_>>()})),
        ),
    ] {
        assert!(!is_strict(&schema), "{case}");
    }
}
