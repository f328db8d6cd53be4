//! `summarize_text`: a text in few words, with its points and what it leaves open.

use inference::Output;
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Problem, Prompt, Reply,
    arguments::{object, text},
    grounding, prompt, schema,
};
use crate::tenancy::Scope;

const MAX_WORDS_DEFAULT: u64 = 80;

pub(super) struct SummarizeText {
    output: Output,
}

impl SummarizeText {
    pub(super) fn new() -> Self {
        Self {
            output: schema::own_output("summary", Value::Object(answer_schema())),
        }
    }
}

impl ModelTool for SummarizeText {
    fn definition(&self) -> Definition {
        Definition {
            name: "summarize_text",
            scope: Scope::ToolsCall,
            title: "Summarise a text",
            description: "Summarises an e-mail, a thread, a ticket or a document for a B2B commerce team. Use it to \
                          read less; not to read out fields (extract_data) or to file a ticket (classify_ticket). \
                          Returns a summary, key points and open questions, and warns of numbers that the text \
                          does not contain.",
            input_schema: object(json!({
                "type": "object", "required": ["text"], "additionalProperties": false, "properties": {
                    "text": {"type": "string", "minLength": 1, "maxLength": 100_000, "description": "The text to summarise"},
                    "language": {"type": "string", "pattern": "^[a-z]{2}$", "description": "Language of the summary, like de or en; default: that of the text"},
                    "max_words": {"type": "integer", "minimum": 20, "maximum": 400, "default": MAX_WORDS_DEFAULT, "description": "Longest summary, in words"}}})),
            output_schema: answer_schema(),
        }
    }

    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>> {
        let source = text(arguments, "text");
        let language = arguments
            .get("language")
            .and_then(Value::as_str)
            .unwrap_or_else(|| prompt::language_of(source));
        let headers = [
            ("language", language.to_owned()),
            ("max_words", max_words(arguments).to_string()),
        ];
        Ok(Prompt {
            messages: prompt::fenced(include_str!("prompts/summarize_text.txt"), &headers, source),
            output: self.output.clone(),
            max_output_tokens: 1500,
            temperature: 0.0,
        })
    }

    fn prose(&self) -> &'static [&'static str] {
        &["summary", "key_points", "open_questions"]
    }

    fn check(&self, arguments: &Map<String, Value>, answer: Reply) -> Checked {
        let Reply::Json(fields) = answer else {
            unreachable!("asked for JSON")
        };
        let summary = text(&fields, "summary");
        let mut warnings = Vec::new();
        let words = summary.split_whitespace().count() as u64;
        let allowed = max_words(arguments);
        if words > allowed {
            warnings.push(format!("the summary has {words} words and {allowed} were wanted"));
        }
        let answer = Value::Object(fields.clone()).to_string();
        warnings.extend(
            grounding::foreign_numbers(text(arguments, "text"), &answer)
                .into_iter()
                .map(|number| format!("the number {number} is not in the text")),
        );
        Checked { fields, warnings }
    }
}

fn max_words(arguments: &Map<String, Value>) -> u64 {
    arguments
        .get("max_words")
        .and_then(Value::as_u64)
        .unwrap_or(MAX_WORDS_DEFAULT)
}

fn answer_schema() -> Map<String, Value> {
    object(json!({
        "type": "object", "required": ["summary", "key_points", "open_questions"], "additionalProperties": false, "properties": {
            "summary": {"type": "string", "description": "The text in few words"},
            "key_points": {"type": "array", "maxItems": 8, "items": {"type": "string"}, "description": "What matters"},
            "open_questions": {"type": "array", "maxItems": 5, "items": {"type": "string"}, "description": "What the text leaves open"}}}))
}
