//! `extract_data`: fields read out of a text, by a preset or by the caller's own JSON Schema.

use inference::Output;
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Problem, Prompt, Reply,
    arguments::{object, text},
    grounding, prompt, schema,
};
use crate::tenancy::Scope;

/// What the answer is called where a backend wants a name for it.
const ANSWER: &str = "extraction";

pub(super) struct ExtractData {
    /// Name of each preset, and the answer it asks for.
    presets: [(&'static str, Output); 3],
}

impl ExtractData {
    pub(super) fn new() -> Self {
        Self {
            presets: [
                ("purchase_order", schema::own_output(ANSWER, purchase_order())),
                ("rfq", schema::own_output(ANSWER, rfq())),
                ("contact", schema::own_output(ANSWER, contact())),
            ],
        }
    }

    fn preset(&self, name: &str) -> Option<&Output> {
        self.presets
            .iter()
            .find(|(preset, _)| *preset == name)
            .map(|(_, output)| output)
    }
}

impl ModelTool for ExtractData {
    fn definition(&self) -> Definition {
        Definition {
            name: "extract_data",
            scope: Scope::ToolsCall,
            title: "Extract data",
            description: "Reads fields out of an e-mail or document. Give `preset` for a purchase order, a request for \
                          quotation (rfq) or a contact, or `schema` for fields of your own; exactly one of the two. Not \
                          for summaries (summarize_text). Values are copied; what the text does not say is null and \
                          listed in `missing`; values that do not stand in the text are listed in `not_in_text`. \
                          Places no order.",
            input_schema: object(json!({
                "type": "object", "required": ["text"], "additionalProperties": false, "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 100_000, "description": "The text to read"},
                    "preset": {"enum": ["purchase_order", "rfq", "contact"], "description": "Fields to read out"},
                    "schema": {"type": "object", "description": "Your own JSON Schema (2020-12) of an object: at most 16 KiB and 16 levels, no references outside itself"}}})),
            output_schema: object(json!({
                "type": "object", "required": ["data", "missing", "not_in_text"], "properties": {
                    "data": {"type": "object", "description": "Conforms to the preset or to your schema"},
                    "missing": {"type": "array", "items": {"type": "string"}, "description": "Fields that are null, like customer.phone"},
                    "not_in_text": {"type": "array", "items": {"type": "string"}, "description": "Fields whose value does not stand in the text"}}})),
        }
    }

    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>> {
        let preset = arguments.get("preset").and_then(Value::as_str);
        let own = arguments.get("schema").and_then(Value::as_object);
        let (header, output) = match (preset.and_then(|name| Some((name, self.preset(name)?))), own) {
            (Some((name, output)), None) => (("preset", name.to_owned()), output.clone()),
            (None, Some(own)) => {
                let output = schema::foreign_output(ANSWER, own).map_err(|problem| vec![problem])?;
                (("schema", Value::Object(own.clone()).to_string()), output)
            }
            (chosen, _) => {
                let reason = if chosen.is_some() {
                    "stands beside `schema`"
                } else {
                    "is missing, and so is `schema`"
                };
                return Err(vec![Problem {
                    field: "preset".to_owned(),
                    reason: reason.to_owned(),
                    fix: "send either `preset` or `schema`".to_owned(),
                }]);
            }
        };
        Ok(Prompt {
            messages: prompt::fenced(
                include_str!("prompts/extract_data.txt"),
                &[header],
                text(arguments, "text"),
            ),
            output,
            max_output_tokens: 4000,
            temperature: 0.0,
        })
    }

    fn check(&self, arguments: &Map<String, Value>, answer: Reply) -> Checked {
        let Reply::Json(data) = answer else {
            unreachable!("asked for JSON")
        };
        let data = Value::Object(data);
        let mut findings = Findings {
            source: text(arguments, "text"),
            missing: Vec::new(),
            not_in_text: Vec::new(),
        };
        findings.visit("", &data);
        let warnings = match findings.not_in_text.len() {
            0 => Vec::new(),
            count => vec![format!(
                "{count} value(s) do not stand in the text as written: see not_in_text"
            )],
        };
        let fields = json!({"data": data, "missing": findings.missing, "not_in_text": findings.not_in_text});
        Checked {
            fields: object(fields),
            warnings,
        }
    }
}

/// What a walk over the extracted data found.
struct Findings<'a> {
    source: &'a str,
    missing: Vec<String>,
    not_in_text: Vec<String>,
}

impl Findings<'_> {
    fn visit(&mut self, field: &str, value: &Value) {
        match value {
            Value::Null => self.missing.push(field.to_owned()),
            Value::String(text) if !grounding::occurs(self.source, text) => {
                self.not_in_text.push(field.to_owned());
            }
            Value::Number(number) if !self.has_number(number) => self.not_in_text.push(field.to_owned()),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.visit(&format!("{field}[{index}]"), item);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let path = if field.is_empty() {
                        name.clone()
                    } else {
                        format!("{field}.{name}")
                    };
                    self.visit(&path, member);
                }
            }
            Value::String(_) | Value::Number(_) | Value::Bool(_) => {}
        }
    }

    /// Whether the digits of a number stand in the text in this order: 1250.5 as "1.250,50", too.
    fn has_number(&self, number: &serde_json::Number) -> bool {
        let digits: String = number.to_string().chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_end_matches('0');
        self.source
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',' || c == '\''))
            .any(|part| {
                let part: String = part.chars().filter(char::is_ascii_digit).collect();
                part.trim_end_matches('0').trim_start_matches('0') == digits.trim_start_matches('0')
                    && !part.is_empty()
            })
    }
}

const TEXT: &str = "string";

fn optional(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

/// An object schema of exactly these fields, in this order.
fn fields(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}

fn lines(line: &Value) -> Value {
    json!({"type": "array", "maxItems": 200, "items": line})
}

fn rfq() -> Value {
    fields(&[
        (
            "customer",
            fields(&[
                ("company", optional(TEXT)),
                ("contact", optional(TEXT)),
                ("email", optional(TEXT)),
                ("phone", optional(TEXT)),
            ]),
        ),
        ("requested_delivery", optional(TEXT)),
        (
            "lines",
            lines(&fields(&[
                ("quantity", json!({"type": "number"})),
                ("unit", optional(TEXT)),
                ("description", json!({"type": TEXT})),
                ("part_no", optional(TEXT)),
            ])),
        ),
        ("notes", optional(TEXT)),
    ])
}

fn purchase_order() -> Value {
    fields(&[
        ("order_number", optional(TEXT)),
        ("order_date", optional(TEXT)),
        (
            "customer",
            fields(&[
                ("company", optional(TEXT)),
                ("contact", optional(TEXT)),
                ("email", optional(TEXT)),
            ]),
        ),
        ("delivery_address", optional(TEXT)),
        ("requested_delivery", optional(TEXT)),
        ("currency", optional(TEXT)),
        (
            "lines",
            lines(&fields(&[
                ("part_no", optional(TEXT)),
                ("description", json!({"type": TEXT})),
                ("quantity", json!({"type": "number"})),
                ("unit", optional(TEXT)),
                ("unit_price", optional("number")),
            ])),
        ),
    ])
}

fn contact() -> Value {
    let names = ["name", "company", "role", "email", "phone", "address", "website"];
    fields(&names.map(|name| (name, optional(TEXT))))
}
