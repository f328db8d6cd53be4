//! What fuzzers feed with calls of tools, and with text of models.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::{ModelTool, catalogue::model_tools, display::make_harmless, schema};
use crate::mcp;

static TOOLS: LazyLock<Vec<(Box<dyn ModelTool>, Validator)>> = LazyLock::new(|| {
    let compiled = model_tools().into_iter().map(|tool| {
        let schema = Value::Object(tool.definition().input_schema);
        let validator = schema::compile(&schema).expect("a constant");
        (tool, validator)
    });
    compiled.collect()
});

/// A message of JSON-RPC, and in it the call of a tool: its arguments, and the schema that may be among them.
///
/// # Panics
/// Where a fault is told without its reason or what to send instead, or a prompt is empty.
pub fn tool_call(bytes: &[u8]) {
    let _ = mcp::parse(bytes);
    let Ok(message) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let params = &message["params"];
    let Value::Object(arguments) = &params["arguments"] else {
        return;
    };
    let named = |tool: &dyn ModelTool| params["name"] == tool.definition().name;
    for (tool, validator) in TOOLS.iter().filter(|(tool, _)| named(tool.as_ref())) {
        check(tool.as_ref(), validator, arguments);
    }
}

fn check(tool: &dyn ModelTool, validator: &Validator, arguments: &Map<String, Value>) {
    let mut problems = schema::problems(validator, &Value::Object(arguments.clone()));
    if problems.is_empty() {
        match tool.prompt(arguments) {
            Ok(prompt) => assert!(!prompt.messages.is_empty(), "nothing is asked"),
            Err(found) => {
                assert!(!found.is_empty(), "refused, and nobody says why");
                problems = found;
            }
        }
    }
    for problem in problems {
        assert!(
            !problem.reason.is_empty() && !problem.fix.is_empty(),
            "{problem:?}"
        );
    }
}

/// Text of a model that people are going to see.
///
/// # Panics
/// Where it could load, link or draw by itself.
pub fn display(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut fields = Map::from_iter([("answer".to_owned(), Value::from(&*text))]);
    make_harmless(&mut fields, &["answer"], &Map::new());
    let safe = fields["answer"].as_str().unwrap_or_default();
    assert!(!safe.contains("://"), "an address: {safe}");
    let tag = safe.split('<').skip(1).any(|rest| {
        rest.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!' | '?'))
    });
    assert!(!tag, "a tag: {safe}");
    // Without the first bracket, the others are none.
    let link = safe.contains('[') && safe.contains("](");
    assert!(!link, "a link or an image: {safe}");
    let hidden = |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{1b}' | '\0');
    assert!(!safe.contains(hidden), "something hidden: {safe:?}");
}
