//! The engine on tiny random models of each family: slots, bounds, cancelling, and answers to a schema.

use std::sync::Arc;

use futures::StreamExt;
use models::{
    Engine, EngineConfig, Finish, GenerateError, Generation, GenerationEvent, GenerationRequest, Source,
    Turn,
    testing::{Family, TinyModel},
};
use serde_json::{Value, json};

fn engine(model: &TinyModel, slots: usize) -> Engine {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tiny.gguf");
    model.write(&path).expect("room for a megabyte");
    Engine::start(
        &Source::File(path),
        EngineConfig {
            slots,
            ..EngineConfig::default()
        },
        |_| {},
    )
    .expect("a sound model")
}

fn request(text: &str, max_tokens: usize) -> GenerationRequest {
    GenerationRequest {
        turns: vec![Turn {
            role: "user",
            content: text.to_owned(),
        }],
        max_tokens,
        ..GenerationRequest::default()
    }
}

async fn collect(mut events: Generation) -> Result<(String, Finish, usize), GenerateError> {
    let mut text = String::new();
    while let Some(event) = events.next().await {
        match event? {
            GenerationEvent::Text(piece) => text.push_str(&piece),
            GenerationEvent::Finished {
                finish,
                generated_tokens,
                ..
            } => return Ok((text, finish, generated_tokens)),
        }
    }
    panic!("ended without saying so");
}

async fn answer(engine: &Engine, request: GenerationRequest) -> (String, Finish, usize) {
    collect(engine.generate(request).expect("a sound request"))
        .await
        .expect("an answer")
}

#[tokio::test]
async fn each_family_answers_and_repeats_itself() {
    for family in Family::ALL {
        let engine = engine(&TinyModel::new(family, 5), 1);
        let first = answer(&engine, request("Hello", 20)).await;
        answer(
            &engine,
            request("Something longer, which leaves other keys in the cache", 30),
        )
        .await;
        assert_eq!(answer(&engine, request("Hello", 20)).await, first, "{family:?}");
        assert!(first.2 <= 20);
        let mut drawn = request("Hello", 20);
        drawn.temperature = 1.0;
        drawn.seed = Some(3);
        assert_eq!(
            answer(&engine, drawn.clone()).await,
            answer(&engine, drawn).await,
            "{family:?}"
        );
    }
}

#[tokio::test]
async fn sequences_side_by_side_do_not_mix() {
    for family in Family::ALL {
        let engine = engine(&TinyModel::new(family, 6), 4);
        let prompts = ["one", "two and a half", "a third, rather longer prompt", "4"];
        let mut alone = Vec::new();
        for prompt in prompts {
            alone.push(answer(&engine, request(prompt, 24)).await);
        }
        let together =
            futures::future::join_all(prompts.map(|prompt| answer(&engine, request(prompt, 24)))).await;
        assert_eq!(together, alone, "{family:?}");
    }
}

fn schemas() -> Vec<Value> {
    vec![
        json!({"type": "object", "properties": {"label": {"enum": ["a", "b", "ü€"]}, "sure": {"type": "boolean"}},
               "required": ["label", "sure"], "additionalProperties": false}),
        json!({"type": "object", "properties": {"lines": {"type": "array", "minItems": 1, "maxItems": 3, "items":
               {"type": "object", "properties": {"text": {"type": "string", "maxLength": 8},
               "qty": {"type": "integer", "minimum": 1, "maximum": 999}}, "required": ["text", "qty"],
               "additionalProperties": false}}}, "required": ["lines"], "additionalProperties": false}),
        json!({"type": "object", "properties": {"who": {"type": ["string", "null"], "maxLength": 5},
               "when": {"anyOf": [{"type": "null"}, {"const": "now"}]}, "kind": {"const": 7}},
               "required": ["who", "when", "kind"], "additionalProperties": false}),
        json!({"$defs": {"price": {"type": "number", "minimum": 0, "maximum": 10}}, "type": "object",
               "properties": {"net": {"$ref": "#/$defs/price"}, "gross": {"$ref": "#/$defs/price"}},
               "required": ["net", "gross"], "additionalProperties": false}),
        json!({"type": "array", "items": {"enum": [1, "two", null, true]}, "minItems": 2, "maxItems": 2}),
        json!({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "object",
               "properties": {"c": {"type": "boolean"}}, "required": ["c"], "additionalProperties": false}},
               "required": ["b"], "additionalProperties": false}, "maybe": {"type": "boolean"}},
               "required": ["a"], "additionalProperties": false}),
        json!({"type": "string", "pattern": "^[A-Z]{2}-[0-9]{1,4}$"}),
        json!({"enum": ["only"]}),
    ]
}

#[tokio::test]
async fn no_answer_breaks_its_schema() {
    let mut finished = 0;
    for family in Family::ALL {
        for seed in 0..2 {
            let engine = engine(&TinyModel::new(family, seed), 2);
            for schema in schemas() {
                for temperature in [0.0, 1.5] {
                    let mut request = request("Fill this in.", 300);
                    request.temperature = temperature;
                    request.seed = Some(seed);
                    request.json_schema = Some(Arc::new(schema.clone()));
                    let (text, finish, _) = answer(&engine, request).await;
                    if finish == Finish::Length {
                        continue;
                    }
                    finished += 1;
                    let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
                    assert!(jsonschema::is_valid(&schema, &value), "{text} against {schema}");
                    assert_eq!(
                        text.contains(": ") || text.contains(", "),
                        text.contains('"') && {
                            let again = serde_json::to_string(&value).unwrap();
                            again.contains(": ") || again.contains(", ")
                        },
                        "compact: {text}"
                    );
                }
            }
        }
    }
    let asked = 3 * 2 * schemas().len() * 2;
    assert!(
        finished * 10 >= asked * 9,
        "only {finished} of {asked} ended within their bound"
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_the_numbers() {
    let engine = engine(&TinyModel::new(Family::Llama, 1).context(128), 1);
    assert_eq!(engine.info().context_tokens, 128);
    let long = "x ".repeat(100);
    let prompt_tokens = engine.count_tokens(&request(&long, 1).turns).unwrap();
    assert!(prompt_tokens > 200);
    assert_eq!(
        engine.generate(request(&long, 50)).unwrap_err(),
        GenerateError::ContextLengthExceeded {
            prompt_tokens,
            max_tokens: 50,
            context_tokens: 128
        }
    );
    assert!(matches!(
        engine.generate(request(&"y".repeat(1 << 22), 50)).unwrap_err(),
        GenerateError::ContextLengthExceeded {
            context_tokens: 128,
            ..
        }
    ));
    assert!(matches!(
        engine.generate(request("hi", 0)),
        Err(GenerateError::ContextLengthExceeded { .. })
    ));
    // A generous bound is cut down to what is left, and the answer says that it was cut short.
    let schema = json!({"type": "string", "minLength": 400});
    let mut request = request("hi", 4_000);
    request.json_schema = Some(Arc::new(schema));
    let prompt_tokens = engine.count_tokens(&request.turns).unwrap();
    let (_, finish, generated_tokens) = answer(&engine, request).await;
    assert_eq!((finish, prompt_tokens + generated_tokens), (Finish::Length, 128));
}

#[tokio::test]
async fn places_are_bounded_and_freed_by_dropping() {
    let engine = engine(&TinyModel::new(Family::Llama, 2).context(4096), 1);
    let mut endless = request("go on", 3_000);
    endless.json_schema = Some(Arc::new(json!({"type": "string", "minLength": 2_900})));
    let mut running = engine.generate(endless.clone()).unwrap();
    assert!(
        matches!(running.next().await, Some(Ok(GenerationEvent::Text(_)))),
        "it runs"
    );
    let waiting = engine.generate(endless.clone()).unwrap();
    assert_eq!(
        engine.generate(endless.clone()).unwrap_err(),
        GenerateError::NoFreeSlot
    );
    assert_eq!((engine.stats().slots, engine.stats().slots_busy), (1, 1));
    assert!(engine.stats().kv_bytes > 0);
    drop(running);
    let mut waiting = waiting;
    assert!(
        matches!(waiting.next().await, Some(Ok(GenerationEvent::Text(_)))),
        "the slot went to the next"
    );
    drop(waiting);
    // Both places are free once the engine has noticed, which its next answer proves.
    let mut last = loop {
        match engine.generate(request("hi", 5)) {
            Ok(events) => break events,
            Err(GenerateError::NoFreeSlot) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    while let Some(event) = last.next().await {
        event.unwrap();
    }
}

#[tokio::test]
async fn an_answer_outlives_its_engine_and_the_thread_its_answers() {
    let engine = engine(&TinyModel::new(Family::Qwen2, 3), 1);
    let events = engine.generate(request("hello", 12)).unwrap();
    drop(engine);
    collect(events).await.unwrap();
}

#[test]
fn bad_requests_are_named_before_they_cost_anything() {
    let refusing = TinyModel::new(Family::Qwen3, 1).template(
        "{% if messages[0].role != 'user' %}{{ raise_exception('begin with a user') }}{% endif %}x",
    );
    let engine = engine(&refusing, 1);
    let mut request = request("hi", 5);
    request.turns[0].role = "assistant";
    let error = engine.generate(request.clone()).unwrap_err();
    assert!(
        matches!(&error, GenerateError::Template(what) if what.contains("begin with a user")),
        "{error}"
    );
    assert!(engine.count_tokens(&request.turns).is_err());
    request.turns[0].role = "user";
    for (schema, named) in [
        (
            json!({"type": "object", "properties": {"a": {"not": {}}}}),
            "/properties/a/not",
        ),
        (json!({"$ref": "https://example.com/schema.json"}), "$ref"),
        (json!({"type": "sting"}), "sting"),
        (json!([]), "root"),
        (json!({"type": "integer", "minimum": 3, "maximum": 1}), "minimum"),
    ] {
        request.json_schema = Some(Arc::new(schema));
        let error = engine.generate(request.clone()).unwrap_err();
        assert!(
            matches!(&error, GenerateError::SchemaUnsupported(what) if what.contains(named)),
            "{named}: {error}"
        );
    }
}

#[tokio::test]
async fn a_stop_text_ends_the_answer_and_is_no_part_of_it() {
    let engine = engine(&TinyModel::new(Family::Qwen2, 5), 1);
    let (whole, ..) = answer(&engine, request("Hello", 40)).await;
    let middle: Vec<char> = whole.chars().skip(5).take(3).collect();
    let stop: String = middle.into_iter().collect();
    let expected = whole.split(&stop).next().unwrap();
    let mut stopped = request("Hello", 40);
    stopped.stop = vec!["never said".to_owned(), stop.clone()];
    let (text, finish, generated) = answer(&engine, stopped).await;
    assert_eq!(
        (text.as_str(), finish),
        (expected, Finish::Stop),
        "{stop:?} in {whole:?}"
    );
    assert!(generated < 40);
}

#[tokio::test]
async fn beginnings_are_kept_for_their_scope_and_change_no_answer() {
    let engine = engine(&TinyModel::new(Family::Llama, 5), 2);
    let mut asked = request(&"The order 4711 is late. ".repeat(8), 20);
    let plain = answer(&engine, asked.clone()).await;
    assert_eq!(engine.stats().kv_kept_bytes, 0, "nobody asked for it");
    asked.cache_scope = Some("acme".into());
    for _ in 0..2 {
        assert_eq!(answer(&engine, asked.clone()).await, plain);
    }
    let kept = settled(&engine).await.kv_kept_bytes;
    assert!(kept > 0);
    asked.cache_scope = Some("other".into());
    assert_eq!(answer(&engine, asked).await, plain);
    assert_eq!(settled(&engine).await.kv_kept_bytes, kept * 2, "each for itself");
}

/// What the engine says once nothing runs.
async fn settled(engine: &Engine) -> models::EngineStats {
    while engine.stats().slots_busy > 0 {
        tokio::task::yield_now().await;
    }
    engine.stats()
}

#[tokio::test]
async fn a_hundred_callers_with_long_prompts_stay_within_the_budget() {
    let engine = engine(&TinyModel::new(Family::Llama, 9).context(1024), 4);
    let budget = engine.stats().kv_budget_bytes;
    let calls = (0..100_usize).map(|index| {
        let engine = engine.clone();
        async move {
            let mut asked = request(&format!("{index} x ").repeat(150), 40);
            asked.cache_scope = Some(format!("tenant {}", index % 3).into());
            loop {
                match engine.generate(asked.clone()) {
                    Ok(events) if index % 5 == 0 => return drop(events),
                    Ok(events) => return drop(collect(events).await.expect("an answer")),
                    Err(GenerateError::NoFreeSlot) => tokio::task::yield_now().await,
                    Err(error) => panic!("{error}"),
                }
                let stats = engine.stats();
                assert!(stats.kv_bytes + stats.kv_kept_bytes <= stats.kv_budget_bytes);
                assert!(stats.slots_busy <= 4);
            }
        }
    });
    futures::future::join_all(calls).await;
    let stats = settled(&engine).await;
    assert_eq!((stats.kv_bytes, stats.kv_budget_bytes), (0, budget));
}
