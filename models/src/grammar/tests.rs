//! Schemas that are refused, and options that callers cannot bring along.

use std::io::Cursor;

use serde_json::json;

use super::*;
use crate::{
    gguf::Header,
    testing::{Family, TinyModel},
};

fn grammars() -> (Arc<Vocabulary>, Grammars) {
    let header = Header::read(&mut Cursor::new(TinyModel::new(Family::Llama, 1).bytes())).unwrap();
    let vocabulary = Arc::new(Vocabulary::read(&header, 272).unwrap());
    let grammars = Grammars::new(&vocabulary).unwrap();
    (vocabulary, grammars)
}

/// Whether the text is an answer that the schema allows, token by token.
fn accepts(vocabulary: &Vocabulary, grammars: &Grammars, schema: &Value, text: &str) -> bool {
    let mut constraint = grammars.compile(schema).unwrap();
    let mut ids = Vec::new();
    vocabulary.encode_text(text, &mut ids).unwrap();
    for id in ids {
        if constraint.is_complete() || !constraint.allowed().unwrap().is_allowed(id) {
            return false;
        }
        constraint.take(id).unwrap();
    }
    constraint.is_complete()
        || vocabulary
            .stops()
            .iter()
            .any(|&stop| constraint.allowed().unwrap().is_allowed(stop))
}

#[test]
fn only_compact_json_of_the_schema_passes() {
    let (vocabulary, grammars) = grammars();
    let schema = json!({"type": "object", "properties": {"then": {"type": "integer"}, "b": {"type": "boolean"}},
                        "required": ["then"], "additionalProperties": false,
                        "x-guidance": {"whitespace_flexible": true, "lenient": true}});
    let accepts = |text: &str| accepts(&vocabulary, &grammars, &schema, text);
    assert!(accepts(r#"{"then":1,"b":true}"#));
    assert!(accepts(r#"{"then":-12}"#));
    for wrong in [
        r#"{"then": 1}"#,
        r#"{"then":1 }"#,
        r#" {"then":1}"#,
        r#"{"b":true}"#,
        r#"{"then":1.5}"#,
        r#"{"then":"1"}"#,
        r#"{"then":1,"c":1}"#,
        r#"{"then":1}x"#,
        r#"{"then":1"#,
        "",
        "<|im_end|>",
    ] {
        assert!(!accepts(wrong), "{wrong}");
    }
}

/// What is asked about one token is what the whole set says, and one token alone is found where there is one.
#[test]
fn one_token_is_judged_as_among_all() {
    let (vocabulary, grammars) = grammars();
    let schema = json!({"type": "object", "properties": {"kind": {"enum": ["offer", "order"]}, "n": {"type": "integer"}},
                        "required": ["kind", "n"], "additionalProperties": false});
    let mut ids = Vec::new();
    vocabulary
        .encode_text(r#"{"kind":"order","n":-120}"#, &mut ids)
        .unwrap();
    let (mut asked, mut knowing) = (
        grammars.compile(&schema).unwrap(),
        grammars.compile(&schema).unwrap(),
    );
    let every = 0..u32::try_from(vocabulary.len()).unwrap();
    let mut alone = 0;
    for id in ids {
        let allowed = knowing.allowed().unwrap();
        for token in every.clone() {
            assert_eq!(
                asked.allows(token),
                allowed.is_allowed(token),
                "{token} before {id}"
            );
        }
        let only = (allowed.num_set() == 1).then_some(id);
        assert_eq!(asked.only().unwrap(), only, "before {id}");
        alone += usize::from(only.is_some());
        asked.take(id).unwrap();
        knowing.take(id).unwrap();
    }
    assert!(alone > 0 && asked.is_complete() && knowing.is_complete());
}

#[test]
fn control_tokens_are_never_part_of_an_answer() {
    let (vocabulary, grammars) = grammars();
    let mut constraint = grammars.compile(&json!({"type": "string"})).unwrap();
    constraint.take(u32::from(b'"')).unwrap();
    let allowed = constraint.allowed().unwrap();
    assert!(
        vocabulary
            .controls()
            .iter()
            .all(|&(_, id)| !allowed.is_allowed(id))
    );
    assert!(allowed.is_allowed(u32::from(b'<')), "their spelling is, as text");
}

#[test]
fn what_cannot_be_held_is_refused_by_name() {
    let (_, grammars) = grammars();
    let mut deep = json!({"type": "string"});
    for _ in 0..40 {
        deep = json!({"type": "array", "items": deep});
    }
    let wide = json!({"enum": (0..5_000).collect::<Vec<_>>()});
    for (schema, named) in [
        (deep, "nested deeper than 32"),
        (wide, "more than 4096 values"),
        (json!({"const": "x".repeat(1 << 18)}), "bytes of text"),
        (
            json!({"properties": {"a": {"$ref": "other.json#/x"}}}),
            "/properties/a",
        ),
        (json!({"type": "array", "uniqueItems": true}), "uniqueItems"),
        (json!({"type": "string", "pattern": "(?=x)y"}), ""),
        (json!({"$ref": "#/$defs/none"}), ""),
        (json!(false), "root"),
        (json!("text"), "root"),
    ] {
        match grammars.compile(&schema).map(|_| ()) {
            Err(GenerateError::SchemaUnsupported(what)) => assert!(what.contains(named), "{named}: {what}"),
            other => panic!("{named}: {other:?}"),
        }
    }
    assert!(grammars.compile(&json!(true)).is_ok());
}

/// A schema that comes again is copied: each copy begins at the beginning, whatever others have become.
#[test]
fn a_schema_that_comes_again_means_the_same() {
    let (vocabulary, grammars) = grammars();
    let schema = json!({"type": "object", "properties": {"kind": {"enum": ["offer", "order"]}, "text": {"type": "string", "maxLength": 8}},
                        "required": ["kind", "text"], "additionalProperties": false});
    let mut ids = Vec::new();
    vocabulary
        .encode_text(r#"{"kind":"order","text":"abc"}"#, &mut ids)
        .unwrap();
    let walk = |mut constraint: Constraint| -> Vec<Vec<u32>> {
        let masks = ids.iter().map(|&id| {
            let mask = constraint.allowed().unwrap().as_slice().to_vec();
            constraint.take(id).unwrap();
            mask
        });
        let masks = masks.collect();
        assert!(constraint.is_complete());
        masks
    };
    let anew = walk(grammars.compile(&schema).unwrap());
    assert_eq!(grammars.recent.texts(), [schema.to_string()]);
    let mut half = grammars.compile(&schema).unwrap();
    for &id in &ids[..ids.len() / 2] {
        half.take(id).unwrap();
    }
    assert_eq!(walk(grammars.compile(&schema).unwrap()), anew);
    drop(half);
    assert_eq!(walk(grammars.compile(&schema).unwrap()), anew);
    assert_eq!(grammars.recent.texts(), [schema.to_string()], "it is kept once");
}

#[test]
fn the_schemas_that_are_kept_are_few_small_and_sound() {
    let (_, grammars) = grammars();
    let kept = |schema: &Value| {
        let wanted = schema.to_string();
        grammars.recent.texts().iter().position(|text| *text == wanted)
    };
    let one = json!({"type": "integer"});
    grammars.compile(&one).unwrap();
    let refused = json!({"type": "array", "uniqueItems": true});
    let long = json!({"type": "integer", "description": "x".repeat(20_000)});
    let properties: Map<_, _> = (0..300)
        .map(|n| {
            (
                format!("p{n}"),
                json!({"pattern": format!("[a-f]{n}"), "type": "string"}),
            )
        })
        .collect();
    let large = json!({"type": "object", "properties": properties});
    assert!(large.to_string().len() < 16 << 10);
    for _ in 0..2 {
        assert!(grammars.compile(&refused).is_err());
        for (schema, what) in [(&long, "long"), (&large, "large")] {
            assert!(grammars.compile(schema).is_ok(), "{what}");
            assert_eq!(kept(schema), None, "{what}");
        }
    }
    for many in 0..40 {
        grammars
            .compile(&json!({"type": "integer", "minimum": many}))
            .unwrap();
        // What is asked for again and again stays.
        grammars.compile(&one).unwrap();
        assert_eq!(kept(&one), Some(0));
    }
    assert_eq!(grammars.recent.texts().len(), 32);
    assert_eq!(kept(&json!({"type": "integer", "minimum": 0})), None);
}
