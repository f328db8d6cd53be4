//! `classify_ticket`: which label a support ticket gets, how urgent it is, and in which mood it was written.

use inference::Output;
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Problem, Prompt, Reply,
    arguments::{object, strings, text},
    prompt, schema,
};
use crate::tenancy::Scope;

/// Labels when the caller brings none.
const LABELS: [&str; 8] = [
    "order",
    "delivery",
    "invoice",
    "return",
    "product",
    "account",
    "technical",
    "other",
];

pub(super) struct ClassifyTicket {
    /// The answer for our own labels; those of callers differ from call to call.
    output: Output,
}

impl ClassifyTicket {
    pub(super) fn new() -> Self {
        Self {
            output: output(&LABELS),
        }
    }
}

fn output(labels: &[&str]) -> Output {
    schema::own_output("ticket", Value::Object(answer_schema(Some(labels))))
}

impl ModelTool for ClassifyTicket {
    fn definition(&self) -> Definition {
        Definition {
            name: "classify_ticket",
            scope: Scope::ToolsCall,
            title: "Classify a ticket",
            description: "Files a support ticket or customer e-mail under one label, and judges priority, sentiment \
                          and language. Bring your own `labels`, or get order, delivery, invoice, return, product, \
                          account, technical, other. Not for reading out order lines (extract_data). The label is \
                          always one of those given; confidence is the model's own judgement.",
            input_schema: object(json!({
                "type": "object", "required": ["text"], "additionalProperties": false, "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 50_000, "description": "The ticket as the customer wrote it"},
                    "labels": {"type": "array", "minItems": 2, "maxItems": 30, "uniqueItems": true, "description": "Labels to choose from",
                        "items": {"type": "string", "pattern": "^[^,\\n]{1,40}$"}}}})),
            output_schema: answer_schema(None),
        }
    }

    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>> {
        let own = strings(arguments, "labels");
        let (labels, output) = if own.is_empty() {
            (LABELS.to_vec(), self.output.clone())
        } else {
            (own.clone(), output(&own))
        };
        let headers = [("labels", labels.join(", "))];
        Ok(Prompt {
            messages: prompt::fenced(
                include_str!("prompts/classify_ticket.txt"),
                &headers,
                text(arguments, "text"),
            ),
            output,
            max_output_tokens: 200,
            temperature: 0.0,
        })
    }

    fn check(&self, _arguments: &Map<String, Value>, answer: Reply) -> Checked {
        let Reply::Json(mut fields) = answer else {
            unreachable!("asked for JSON")
        };
        let label = fields.get("label").cloned();
        if let Some(Value::Array(alternatives)) = fields.get_mut("alternatives") {
            let mut seen: Vec<Value> = label.into_iter().collect();
            alternatives.retain(|alternative| {
                let new = !seen.contains(alternative);
                seen.push(alternative.clone());
                new
            });
        }
        Checked {
            fields,
            warnings: Vec::new(),
        }
    }
}

/// The schema of the answer; `labels` narrows it to those of one call.
fn answer_schema(labels: Option<&[&str]>) -> Map<String, Value> {
    let label = labels.map_or_else(
        || json!({"type": "string"}),
        |labels| json!({"type": "string", "enum": labels}),
    );
    object(json!({
        "type": "object", "additionalProperties": false,
        "required": ["label", "alternatives", "priority", "sentiment", "language", "confidence"],
        "properties": {
            "label": label,
            "alternatives": {"type": "array", "maxItems": 2, "items": label},
            "priority": {"type": "string", "enum": ["low", "normal", "high", "urgent"]},
            "sentiment": {"type": "string", "enum": ["negative", "neutral", "positive"]},
            "language": {"type": "string", "enum": ["de", "en", "other"]},
            "confidence": {"type": "string", "enum": ["low", "medium", "high"]}}}))
}
