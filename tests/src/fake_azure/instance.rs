//! Makes a JSON value that conforms to a JSON Schema: small, and the same one each time.
//!
//! Knows what our schemas use: types, `enum`, `const`, `required`, bounds, `anyOf`, `oneOf`, `allOf`,
//! `prefixItems`, common formats and local `$ref`s. A `pattern` is not honoured.

use serde_json::{Map, Value, json};

/// Below this depth only what is required is made, so that recursive schemas end.
const GENEROUS_DEPTH: usize = 6;
/// Below this depth nothing is made at all.
const DEEPEST: usize = 48;

/// Makes a value that conforms to `schema`.
///
/// # Errors
/// Says which part of the schema cannot be met.
pub(super) fn make_instance(schema: &Value) -> Result<Value, String> {
    Maker { root: schema }.make(schema, 0, 0)
}

struct Maker<'a> {
    root: &'a Value,
}

impl Maker<'_> {
    /// `nth` tells siblings of one array apart.
    fn make(&self, schema: &Value, depth: usize, nth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("the schema is too deep to be met".to_owned());
        }
        let schema = match schema {
            Value::Bool(true) => return Ok(json!("fake")),
            Value::Bool(false) => return Err("`false` admits no value".to_owned()),
            Value::Object(schema) => schema,
            _ => return Err("a schema is an object or a boolean".to_owned()),
        };
        if let Some(only) = schema.get("const") {
            return Ok(only.clone());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let count = values.len().max(1);
            return values
                .get(nth % count)
                .cloned()
                .ok_or_else(|| "`enum` is empty".to_owned());
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = reference
                .strip_prefix('#')
                .ok_or_else(|| format!("`{reference}` is not local"))?;
            let target = self
                .root
                .pointer(pointer)
                .ok_or_else(|| format!("`{reference}` leads nowhere"))?;
            return self.make(target, depth + 1, nth);
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let whole = parts.iter().fold(without(schema, "allOf"), |whole, part| {
                merge(whole, self.resolve(part))
            });
            return self.make(&Value::Object(whole), depth + 1, nth);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(key).and_then(Value::as_array) {
                return self.make_any(&without(schema, key), branches, depth, nth);
            }
        }
        self.make_typed(schema, depth, nth)
    }

    fn make_any(
        &self,
        base: &Map<String, Value>,
        branches: &[Value],
        depth: usize,
        nth: usize,
    ) -> Result<Value, String> {
        let mut order: Vec<&Value> = branches.iter().collect();
        if depth >= GENEROUS_DEPTH {
            order.sort_by_key(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
        }
        let mut last = "no branch of `anyOf` admits a value".to_owned();
        for branch in order {
            if branch == &Value::Bool(false) {
                continue;
            }
            match self.make(
                &Value::Object(merge(base.clone(), self.resolve(branch))),
                depth + 1,
                nth,
            ) {
                Ok(value) => return Ok(value),
                Err(reason) => last = reason,
            }
        }
        Err(last)
    }

    fn make_typed(&self, schema: &Map<String, Value>, depth: usize, nth: usize) -> Result<Value, String> {
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                let mut kinds = kinds.iter().filter_map(Value::as_str);
                let spare = kinds.clone().any(|kind| kind == "null") && depth >= GENEROUS_DEPTH;
                if spare {
                    "null"
                } else {
                    kinds.find(|kind| *kind != "null").unwrap_or("null")
                }
            }
            _ if schema.contains_key("properties") => "object",
            _ if schema.contains_key("items") => "array",
            _ => "string",
        };
        match kind {
            "object" => self.make_object(schema, depth),
            "array" => self.make_array(schema, depth),
            "string" => make_string(schema, nth),
            "integer" | "number" => make_number(schema, kind == "integer", nth),
            "boolean" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            other => Err(format!("`{other}` is no type")),
        }
    }

    fn make_object(&self, schema: &Map<String, Value>, depth: usize) -> Result<Value, String> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut object = Map::new();
        for (name, part) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let wanted = required.contains(&name.as_str());
            if !wanted && depth >= GENEROUS_DEPTH {
                continue;
            }
            match self.make(part, depth + 1, 0) {
                Ok(value) => drop(object.insert(name.clone(), value)),
                Err(reason) if wanted => return Err(format!("`{name}`: {reason}")),
                Err(_) => {}
            }
        }
        for name in required {
            object.entry(name).or_insert_with(|| json!("fake"));
        }
        Ok(Value::Object(object))
    }

    fn make_array(&self, schema: &Map<String, Value>, depth: usize) -> Result<Value, String> {
        let least = count(schema, "minItems").unwrap_or(0);
        let most = count(schema, "maxItems").unwrap_or(usize::MAX);
        let prefix = schema
            .get("prefixItems")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let wanted = if depth >= GENEROUS_DEPTH {
            least
        } else {
            least.max(1).max(prefix.len()).min(most)
        };
        let rest = schema.get("items").unwrap_or(&Value::Bool(true));
        let mut items = Vec::new();
        for nth in 0..wanted {
            match self.make(prefix.get(nth).unwrap_or(rest), depth + 1, nth) {
                Ok(item) => items.push(item),
                Err(reason) if nth < least => return Err(format!("item {nth}: {reason}")),
                Err(_) => break,
            }
        }
        Ok(Value::Array(items))
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let pointer = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix('#'));
        pointer
            .and_then(|pointer| self.root.pointer(pointer))
            .unwrap_or(schema)
    }
}

fn make_string(schema: &Map<String, Value>, nth: usize) -> Result<Value, String> {
    let fixed = match schema.get("format").and_then(Value::as_str) {
        Some("date") => Some("2026-01-31".to_owned()),
        Some("date-time") => Some("2026-01-31T12:00:00Z".to_owned()),
        Some("time") => Some("12:00:00Z".to_owned()),
        Some("email") => Some(format!("fake{nth}@example.com")),
        Some("uri") => Some(format!("https://example.com/{nth}")),
        Some("uuid") => Some(format!("00000000-0000-4000-8000-{nth:012}")),
        _ => None,
    };
    if let Some(text) = fixed {
        return Ok(Value::String(text));
    }
    let least = count(schema, "minLength").unwrap_or(0);
    let most = count(schema, "maxLength").unwrap_or(usize::MAX);
    if least > most {
        return Err(format!(
            "no string has {least} characters at least and {most} at most"
        ));
    }
    let seed = if nth == 0 {
        "Fake Azure text".to_owned()
    } else {
        format!("{} Fake Azure text", nth + 1)
    };
    let length = seed.chars().count().clamp(least, most);
    Ok(Value::String(
        seed.chars().chain(std::iter::repeat('.')).take(length).collect(),
    ))
}

fn make_number(schema: &Map<String, Value>, integer: bool, nth: usize) -> Result<Value, String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let low = bound("minimum");
    let above = bound("exclusiveMinimum");
    let high = bound("maximum");
    let below = bound("exclusiveMaximum");
    let fits = |value: f64| {
        low.is_none_or(|low| value >= low)
            && above.is_none_or(|above| value > above)
            && high.is_none_or(|high| value <= high)
            && below.is_none_or(|below| value < below)
            && (!integer || value.fract() == 0.0)
    };
    let floor = low.or(above).or(high).or(below).unwrap_or(1.0);
    let spread = f64::from(u32::try_from(nth).unwrap_or(u32::MAX));
    let aligned = (floor / step).ceil() * step;
    let middle = low
        .or(above)
        .zip(high.or(below))
        .map(|(low, high)| f64::midpoint(low, high));
    let candidates = [
        1.0 + spread,
        aligned + step * (spread + 1.0),
        aligned + step,
        aligned,
        aligned - step,
    ];
    let aligned_to_step =
        |value: &f64| schema.get("multipleOf").is_none() || (value / step).fract().abs() < 1e-9;
    let free = middle.filter(|_| schema.get("multipleOf").is_none());
    let found = candidates
        .into_iter()
        .filter(aligned_to_step)
        .chain(free)
        .find(|value| fits(*value));
    let value = found.ok_or("no number lies within the bounds")?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and far below the limits of i64 in any schema of ours"
    )]
    Ok(if value.fract() == 0.0 && value.abs() < 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    })
}

fn count(schema: &Map<String, Value>, key: &str) -> Option<usize> {
    schema
        .get(key)
        .and_then(Value::as_u64)
        .and_then(|count| usize::try_from(count).ok())
}

fn without(schema: &Map<String, Value>, key: &str) -> Map<String, Value> {
    schema
        .iter()
        .filter(|(name, _)| *name != key)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Puts two schemas together: properties and `required` are joined, the rest of `part` wins.
fn merge(mut base: Map<String, Value>, part: &Value) -> Map<String, Value> {
    for (key, value) in part.as_object().into_iter().flatten() {
        match (base.get_mut(key), value) {
            (Some(Value::Object(have)), Value::Object(more)) if key == "properties" => {
                have.extend(more.iter().map(|(name, schema)| (name.clone(), schema.clone())));
            }
            (Some(Value::Array(have)), Value::Array(more)) if key == "required" => {
                have.extend(more.iter().cloned());
            }
            _ => drop(base.insert(key.clone(), value.clone())),
        }
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_conform() {
        let recursive = json!({"type": "object", "required": ["name", "next"], "additionalProperties": false,
            "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}});
        let shared = json!({"$defs": {"sku": {"type": "string", "minLength": 20}},
            "type": "object", "properties": {"a": {"$ref": "#/$defs/sku"}}, "required": ["a"]});
        for schema in [
            json!(true),
            json!({"const": 7}),
            json!({"enum": ["a", "b"]}),
            json!({"type": "string", "minLength": 40}),
            json!({"type": "string", "maxLength": 3}),
            json!({"type": ["null", "integer"], "minimum": 3}),
            json!({"type": "integer", "maximum": -3}),
            json!({"type": "integer", "minimum": 0, "maximum": 0}),
            json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!({"type": "number", "minimum": 0.2, "maximum": 0.3}),
            json!({"type": "integer", "multipleOf": 5, "minimum": 12}),
            json!({"type": "array", "items": {"enum": ["x", "y", "z"]}, "minItems": 3, "uniqueItems": true}),
            json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": true, "maxItems": 2}),
            json!({"type": "array", "items": {"type": "number", "minimum": 1, "maximum": 9}, "minItems": 4, "uniqueItems": true}),
            json!({"type": "array", "items": false}),
            json!({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false, "minItems": 2}),
            json!({"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                             {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}]}),
            json!({"anyOf": [false, {"type": "integer"}]}),
            json!({"type": "object", "properties": {"a": {"oneOf": [{"const": 1}, {"const": 2}]}}, "required": ["a", "loose"]}),
            json!({"type": "string", "format": "date"}),
            recursive,
            shared,
        ] {
            let instance = make_instance(&schema).unwrap_or_else(|reason| panic!("{schema}: {reason}"));
            assert!(
                jsonschema::is_valid(&schema, &instance),
                "{schema} does not admit {instance}"
            );
            assert_eq!(
                make_instance(&schema).as_ref(),
                Ok(&instance),
                "the same each time"
            );
        }
    }

    #[test]
    fn what_cannot_be_met_is_said() {
        for (schema, reason) in [
            (json!(false), "admits no value"),
            (json!({"enum": []}), "empty"),
            (json!({"$ref": "https://example.com/x"}), "not local"),
            (json!({"$ref": "#/$defs/none"}), "leads nowhere"),
            (json!({"$ref": "#"}), "too deep"),
            (
                json!({"type": "string", "minLength": 3, "maxLength": 2}),
                "at least",
            ),
            (
                json!({"type": "integer", "minimum": 3, "maximum": 2}),
                "no number",
            ),
            (json!({"type": "thing"}), "no type"),
            (
                json!({"type": "object", "properties": {"a": false}, "required": ["a"]}),
                "`a`",
            ),
        ] {
            let error = make_instance(&schema).expect_err(&schema.to_string());
            assert!(error.contains(reason), "{schema}: {error}");
        }
    }
}
