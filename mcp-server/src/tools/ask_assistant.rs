//! `ask_assistant`: a tenant admin's question about the platform, answered in words.

use inference::{Message, Output};
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Problem, Prompt, Reply,
    arguments::{object, text},
};
use crate::tenancy::Scope;

/// What the model is told before every conversation.
pub const SYSTEM_PROMPT: &str = include_str!("prompts/ask_assistant.txt");

pub(super) struct AskAssistant;

impl ModelTool for AskAssistant {
    fn definition(&self) -> Definition {
        Definition {
            name: "ask_assistant",
            scope: Scope::ToolsCall,
            title: "Ask the assistant",
            description: "Answers a tenant administrator's question about B2XGate: orders, catalogue, customers, \
                          content, settings. Give earlier turns in `history` to go on with a conversation. Not for \
                          texts to be shortened (summarize_text) or data to be read out (extract_data). Returns \
                          prose; it changes nothing and sees no tenant data beyond what you send.",
            input_schema: object(json!({
                "type": "object", "required": ["question"], "additionalProperties": false, "properties": {
                    "question": {"type": "string", "minLength": 1, "maxLength": 20000, "description": "The question to answer now"},
                    "history": {"type": "array", "maxItems": 40, "description": "Earlier turns, oldest first", "items": {
                        "type": "object", "required": ["role", "content"], "additionalProperties": false, "properties": {
                            "role": {"enum": ["user", "assistant"], "description": "Who spoke"},
                            "content": {"type": "string", "minLength": 1, "maxLength": 20000, "description": "What was said"}}}}}})),
            output_schema: object(json!({
                "type": "object", "required": ["answer"], "properties": {
                    "answer": {"type": "string", "description": "The answer, in the language of the question"}}})),
        }
    }

    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>> {
        let mut messages = vec![Message::system(SYSTEM_PROMPT.trim_end())];
        for turn in arguments
            .get("history")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let content = turn["content"].as_str().unwrap_or_default();
            messages.push(match turn["role"].as_str() {
                Some("assistant") => Message::assistant(content),
                _ => Message::user(content),
            });
        }
        messages.push(Message::user(text(arguments, "question")));
        Ok(Prompt {
            messages,
            output: Output::Text,
            max_output_tokens: 800,
            temperature: 0.0,
        })
    }

    fn prose(&self) -> &'static [&'static str] {
        &["answer"]
    }

    fn check(&self, _arguments: &Map<String, Value>, answer: Reply) -> Checked {
        let Reply::Text(answer) = answer else {
            unreachable!("asked for text")
        };
        Checked {
            fields: object(json!({"answer": answer})),
            warnings: Vec::new(),
        }
    }
}
