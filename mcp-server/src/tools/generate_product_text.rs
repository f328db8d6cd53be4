//! `generate_product_text`: copy for a product, from its facts and nothing else.

use std::fmt::Write as _;

use inference::Output;
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Problem, Prompt, Reply,
    arguments::{object, strings},
    grounding, prompt, schema,
};
use crate::tenancy::Scope;

/// Characters of a body, by its wanted length: a small model that finds no end of its own is brought to one.
const BODY_CHARS_MAX: [(&str, u32); 3] = [("short", 1000), ("medium", 2500), ("long", 8000)];
/// Characters of every other text.
const LINE_CHARS_MAX: u32 = 500;

pub(super) struct GenerateProductText {
    /// In the order of [`BODY_CHARS_MAX`].
    outputs: [Output; 3],
}

impl GenerateProductText {
    pub(super) fn new() -> Self {
        Self {
            outputs: BODY_CHARS_MAX
                .map(|(_, body_chars)| schema::own_output("product_text", bounded_schema(body_chars))),
        }
    }
}

impl ModelTool for GenerateProductText {
    fn definition(&self) -> Definition {
        Definition {
            name: "generate_product_text",
            scope: Scope::ToolsCall,
            title: "Write product copy",
            description: "Writes title, short text, body, bullets and search snippet for a product from its facts. Call \
                          once per language. Not for existing copy to be shortened (summarize_text). Returns a draft \
                          and publishes nothing; warns of numbers that the facts do not contain, of wanted words left \
                          out, and of forbidden claims.",
            input_schema: object(json!({
                "type": "object", "required": ["product"], "additionalProperties": false, "properties": {
                    "product": {"type": "object", "required": ["name"], "additionalProperties": false, "description": "The facts", "properties": {
                        "sku": {"type": "string", "minLength": 1, "maxLength": 64, "description": "Article number"},
                        "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "What it is called"},
                        "attributes": {"type": "array", "maxItems": 60, "description": "Properties, like material: steel", "items": {
                            "type": "object", "required": ["name", "value"], "additionalProperties": false, "properties": {
                                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                                "value": {"type": "string", "minLength": 1, "maxLength": 300}}}},
                        "source_text": {"type": "string", "maxLength": 20000, "description": "A data sheet or older copy to draw facts from"}}},
                    "language": {"type": "string", "pattern": "^[a-z]{2}$", "default": "de", "description": "Language of the copy, like de or en"},
                    "length": {"enum": ["short", "medium", "long"], "default": "medium", "description": "Length of the body"},
                    "audience": {"type": "string", "maxLength": 200, "description": "For whom it is written"},
                    "must_include": {"type": "array", "maxItems": 10, "items": {"type": "string", "minLength": 1, "maxLength": 100}, "description": "Words that must occur"},
                    "forbidden_claims": {"type": "array", "maxItems": 20, "items": {"type": "string", "minLength": 1, "maxLength": 100}, "description": "Words that must not occur"}}})),
            output_schema: answer_schema(),
        }
    }

    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>> {
        let or = |name, default| {
            arguments
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or(default)
                .to_owned()
        };
        let length = or("length", "medium");
        let index = BODY_CHARS_MAX.iter().position(|(known, _)| *known == length);
        // The input schema admits no other length.
        let output = self.outputs[index.unwrap_or(1)].clone();
        let mut headers = vec![("language", or("language", "de")), ("length", length)];
        for (header, argument) in [("must_include", "must_include"), ("avoid", "forbidden_claims")] {
            let words = strings(arguments, argument);
            if !words.is_empty() {
                headers.push((header, words.join("; ")));
            }
        }
        if let Some(audience) = arguments.get("audience").and_then(Value::as_str) {
            headers.insert(2, ("audience", audience.to_owned()));
        }
        Ok(Prompt {
            messages: prompt::fenced(
                include_str!("prompts/generate_product_text.txt"),
                &headers,
                &facts(arguments),
            ),
            output,
            max_output_tokens: 2000,
            temperature: 0.0,
        })
    }

    fn prose(&self) -> &'static [&'static str] {
        &[
            "title",
            "short_description",
            "body",
            "bullets",
            "seo_title",
            "seo_description",
        ]
    }

    fn check(&self, arguments: &Map<String, Value>, answer: Reply) -> Checked {
        let Reply::Json(fields) = answer else {
            unreachable!("asked for JSON")
        };
        let copy = Value::Object(fields.clone()).to_string();
        let mut warnings: Vec<String> = grounding::foreign_numbers(&facts(arguments), &copy)
            .into_iter()
            .map(|number| format!("the number {number} is not in the facts"))
            .collect();
        for wanted in strings(arguments, "must_include") {
            if !grounding::occurs(&copy, wanted) {
                warnings.push(format!("\"{wanted}\" was wanted and does not occur"));
            }
        }
        for forbidden in strings(arguments, "forbidden_claims") {
            if grounding::occurs(&copy, forbidden) {
                warnings.push(format!("\"{forbidden}\" is forbidden and occurs: do not publish"));
            }
        }
        Checked { fields, warnings }
    }
}

/// The product as lines of `name: value`, then its free text.
fn facts(arguments: &Map<String, Value>) -> String {
    let Some(product) = arguments.get("product").and_then(Value::as_object) else {
        return String::new();
    };
    let mut facts = String::new();
    for name in ["sku", "name"] {
        if let Some(value) = product.get(name).and_then(Value::as_str) {
            let _ = writeln!(facts, "{name}: {}", one_line(value));
        }
    }
    for attribute in product
        .get("attributes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let part = |name: &str| one_line(attribute[name].as_str().unwrap_or_default());
        let _ = writeln!(facts, "{}: {}", part("name"), part("value"));
    }
    if let Some(source) = product.get("source_text").and_then(Value::as_str) {
        let _ = write!(facts, "\n{source}");
    }
    facts
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the model may say: as promised to callers, and each text bounded.
fn bounded_schema(body_chars: u32) -> Value {
    let mut schema = Value::Object(answer_schema());
    for (name, property) in schema["properties"].as_object_mut().into_iter().flatten() {
        let text = if property["type"] == "array" {
            &mut property["items"]
        } else {
            property
        };
        text["maxLength"] = json!(if name == "body" {
            body_chars
        } else {
            LINE_CHARS_MAX
        });
    }
    schema
}

fn answer_schema() -> Map<String, Value> {
    object(json!({
        "type": "object", "additionalProperties": false,
        "required": ["title", "short_description", "body", "bullets", "seo_title", "seo_description"],
        "properties": {
            "title": {"type": "string", "description": "Headline"},
            "short_description": {"type": "string", "description": "One or two sentences"},
            "body": {"type": "string", "description": "The copy"},
            "bullets": {"type": "array", "maxItems": 8, "items": {"type": "string"}, "description": "Facts in short"},
            "seo_title": {"type": "string", "description": "For search results"},
            "seo_description": {"type": "string", "description": "For search results"}}}))
}
