//! The model that ships answers a question, and fills in a schema.

use std::sync::Arc;

use futures::StreamExt;
use models::{Engine, EngineConfig, Finish, GenerationEvent, GenerationRequest, Source, Turn};

fn start() -> Engine {
    let mut told = Vec::new();
    let engine = Engine::start(
        &Source::Bundled,
        EngineConfig {
            slots: 2,
            ..EngineConfig::default()
        },
        |p| told.push(p),
    )
    .expect("the bundled model is sound");
    let last = told.last().expect("progress was told");
    assert_eq!(last.loaded_bytes, last.total_bytes);
    assert!(
        told.windows(2)
            .all(|pair| pair[0].loaded_bytes <= pair[1].loaded_bytes),
        "progress never goes back"
    );
    engine
}

/// As the product asks it.
const ASSISTANT: &str = include_str!("../../mcp-server/src/tools/prompts/ask_assistant.txt");

fn turns(text: &str) -> Vec<Turn> {
    let turn = |role, content: &str| Turn {
        role,
        content: content.to_owned(),
    };
    vec![turn("system", ASSISTANT.trim_end()), turn("user", text)]
}

/// The text, and how it ended.
async fn answer(engine: &Engine, request: GenerationRequest) -> (String, Finish, usize, usize) {
    let mut events = engine.generate(request).expect("a sound request");
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event.expect("no failure") {
            GenerationEvent::Text(piece) => text.push_str(&piece),
            GenerationEvent::Finished {
                finish,
                prompt_tokens,
                generated_tokens,
            } => {
                assert!(events.next().await.is_none(), "nothing follows the end");
                return (text, finish, prompt_tokens, generated_tokens);
            }
        }
    }
    panic!("ended without saying so, after {text:?}");
}

#[tokio::test]
async fn answers_a_question() {
    let engine = start();
    assert_eq!(engine.info().architecture, "llama");
    assert_eq!(engine.info().quantisation, "Q8_0");
    let turns = turns("What is a SKU?");
    let counted = engine.count_tokens(&turns).unwrap();
    let request = GenerationRequest {
        turns,
        max_tokens: 120,
        ..GenerationRequest::default()
    };
    let (text, finish, prompt_tokens, generated_tokens) = answer(&engine, request.clone()).await;
    assert_eq!(prompt_tokens, counted);
    assert!(generated_tokens > 3, "{text}");
    assert!(text.split_whitespace().count() > 3, "{text:?}");
    assert_eq!(finish, Finish::Stop, "{text}");
    let again = answer(&engine, request).await;
    assert_eq!(
        again.0, text,
        "a greedy answer repeats, so nothing is left over from one call to the next"
    );
}

#[tokio::test]
async fn fills_in_a_schema() {
    let engine = start();
    let schema = serde_json::json!({
        "type": "object",
        "properties": {
            "label": {"enum": ["billing", "shipping", "technical", "other"]},
            "urgent": {"type": "boolean"},
            "order": {"type": ["string", "null"], "maxLength": 20},
        },
        "required": ["label", "urgent", "order"],
        "additionalProperties": false,
    });
    let request = GenerationRequest {
        turns: turns("My invoice 4711 is wrong."),
        max_tokens: 120,
        json_schema: Some(Arc::new(schema.clone())),
        ..GenerationRequest::default()
    };
    let (text, finish, ..) = answer(&engine, request).await;
    assert_eq!(finish, Finish::Stop, "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::is_valid(&schema, &value), "{text}");
    assert_eq!(
        serde_json::to_string(&value).unwrap(),
        text,
        "compact, in the schema's order"
    );
}
