//! What all tools promise, and what each does with arguments and answers.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    Checked, Definition, ModelTool, Reply, ask_assistant::AskAssistant, catalogue,
    classify_ticket::ClassifyTicket, extract_data::ExtractData, generate_product_text::GenerateProductText,
    schema, summarize_text::SummarizeText,
};

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        panic!("not an object")
    };
    map
}

fn definitions() -> Vec<Definition> {
    catalogue::entries()
        .into_iter()
        .map(|(definition, _)| definition)
        .collect()
}

/// The list as clients get it, reviewed as a diff: every change of a name, word or schema shows here.
#[test]
fn list_is_as_reviewed() {
    let list: Vec<Value> = definitions()
        .into_iter()
        .map(|tool| {
            json!({"name": tool.name, "title": tool.title, "description": tool.description,
                   "inputSchema": tool.input_schema, "outputSchema": tool.output_schema})
        })
        .collect();
    // English JSON takes more than three bytes a token with every current tokenizer.
    let tokens_at_most = serde_json::to_string(&list).unwrap().len() / 3;
    assert!(tokens_at_most < 6_000, "{tokens_at_most} tokens");
    insta::assert_json_snapshot!(list);
}

#[test]
fn definitions_suit_every_client() {
    for tool in definitions() {
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(
            tool.name.len() <= 28 && tool.name.chars().all(plain),
            "{}",
            tool.name
        );
        assert!(
            tool.description.len() <= 600,
            "{}: {}",
            tool.name,
            tool.description.len()
        );
        assert_eq!(
            tool.input_schema["additionalProperties"],
            json!(false),
            "{}",
            tool.name
        );
        for top_level in ["oneOf", "anyOf", "allOf", "$ref"] {
            assert!(
                !tool.input_schema.contains_key(top_level),
                "{}: {top_level}",
                tool.name
            );
        }
        for (name, schema) in tool.input_schema["properties"].as_object().unwrap() {
            assert!(
                schema.get("description").is_some(),
                "{}.{name} has no description",
                tool.name
            );
        }
    }
}

#[test]
fn prompt_has_the_form_the_bundled_model_was_trained_on() {
    let user = |tool: &dyn ModelTool, arguments: Value| {
        let prompt = tool.prompt(&map(arguments)).expect("arguments are valid");
        prompt
            .messages
            .last()
            .expect("a prompt has messages")
            .content
            .clone()
    };
    assert_eq!(
        user(
            &ClassifyTicket::new(),
            json!({"text": "Where is it?", "labels": ["a", "b c"]})
        ),
        "labels: a, b c\n<input>\nWhere is it?\n</input>"
    );
    assert_eq!(
        user(
            &SummarizeText::new(),
            json!({"text": "Die Lieferung ist da und vollständig."})
        ),
        "language: de\nmax_words: 80\n<input>\nDie Lieferung ist da und vollständig.\n</input>"
    );
    assert_eq!(
        user(&ExtractData::new(), json!({"text": "10 x M8", "preset": "rfq"})),
        "preset: rfq\n<input>\n10 x M8\n</input>"
    );
    assert_eq!(
        user(
            &GenerateProductText::new(),
            json!({"product": {"sku": "A1", "name": "Bolt", "attributes": [{"name": "Steel", "value": "A2\nx"}]},
                   "language": "en", "audience": "shops", "must_include": ["a", "b"], "forbidden_claims": ["c"]})
        ),
        "language: en\nlength: medium\naudience: shops\nmust_include: a; b\navoid: c\n\
         <input>\nsku: A1\nname: Bolt\nSteel: A2 x\n</input>"
    );
    let history = json!({"question": "And now?", "history": [
        {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]});
    let roles: Vec<&str> = AskAssistant
        .prompt(&map(history))
        .expect("valid")
        .messages
        .iter()
        .map(|m| m.role.as_str())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
}

#[test]
fn extraction_wants_exactly_one_of_preset_and_schema() {
    let own = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for (arguments, reason) in [
        (json!({"text": "x"}), "is missing"),
        (
            json!({"text": "x", "preset": "rfq", "schema": own}),
            "stands beside",
        ),
        (
            json!({"text": "x", "schema": {"type": "array"}}),
            "does not describe an object",
        ),
    ] {
        let problems = ExtractData::new().prompt(&map(arguments)).err().expect("refused");
        assert!(problems[0].reason.contains(reason), "{problems:?}");
    }
    assert!(
        ExtractData::new()
            .prompt(&map(json!({"text": "x", "schema": own})))
            .is_ok()
    );
}

#[test]
fn extraction_reports_what_is_missing_and_what_was_invented() {
    let arguments =
        map(json!({"preset": "rfq", "text": "Acme GmbH wants 1.250,50 m of cable KB-200, 3 pcs spare."}));
    let data = json!({"customer": {"company": "ACME GmbH", "email": null},
                      "lines": [{"quantity": 1250.5, "part_no": "KB-200"}, {"quantity": 3}, {"quantity": 40, "part_no": "XY-1"}]});
    let Checked { fields, warnings } = ExtractData::new().check(&arguments, Reply::Json(map(data)));
    assert_eq!(fields["missing"], json!(["customer.email"]));
    assert_eq!(
        fields["not_in_text"],
        json!(["lines[2].quantity", "lines[2].part_no"])
    );
    assert_eq!(warnings.len(), 1);
}

#[test]
fn answers_are_checked_against_their_source() {
    let summary = json!({"summary": "25 of 30 arrived.", "key_points": [], "open_questions": []});
    let checked = SummarizeText::new().check(&map(json!({"text": "30 ordered"})), Reply::Json(map(summary)));
    assert_eq!(checked.warnings, ["the number 25 is not in the text"]);

    let copy = json!({"title": "Bolt", "body": "The best bolt, 99 years.", "bullets": []});
    let arguments =
        json!({"product": {"name": "Bolt"}, "must_include": ["steel"], "forbidden_claims": ["best"]});
    let checked = GenerateProductText::new().check(&map(arguments), Reply::Json(map(copy)));
    let warnings = checked.warnings.join("\n");
    for expected in [
        "99 is not in the facts",
        "\"steel\" was wanted",
        "\"best\" is forbidden",
    ] {
        assert!(warnings.contains(expected), "{warnings}");
    }

    let ticket = json!({"label": "order", "alternatives": ["order", "return", "return"]});
    let checked = ClassifyTicket::new().check(&Map::new(), Reply::Json(map(ticket)));
    assert_eq!(checked.fields["alternatives"], json!(["return"]));
}

/// JSON as a caller might send it: near the schemas, and far from them.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "user",
            "assistant",
            "de",
            "purchase_order",
            "short",
            "string",
            "object",
            "#/$defs/a"
        ])
        .prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "text",
        "question",
        "history",
        "role",
        "content",
        "labels",
        "name",
        "product",
        "attributes",
        "value",
        "schema",
        "document",
        "type",
        "properties",
        "items",
        "$ref",
        "$defs",
        "a",
        "language",
        "max_words",
        "length",
    ]);
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6).prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect())
            }),
        ]
    })
}

proptest! {
    /// `docs/fuzzing.md` says how to run it for long.
    #[test]
    fn no_arguments_make_a_tool_panic(
        names in prop::collection::vec("[a-z_]{0,12}", 0..3),
        values in prop::collection::vec(any_value(), 8),
    ) {
        for tool in catalogue::model_tools() {
            let schema = Value::Object(tool.definition().input_schema);
            let known = schema["properties"].as_object().expect("an object").keys().cloned();
            let arguments: Map<String, Value> = known.chain(names.clone()).zip(values.clone()).collect();
            let arguments = Value::Object(arguments);
            let validator = schema::compile(&schema).expect("a constant");
            let problems = schema::problems(&validator, &arguments);
            for problem in &problems {
                prop_assert!(!problem.reason.is_empty() && !problem.fix.is_empty());
            }
            if problems.is_empty() {
                let prompt = tool.prompt(&map(arguments));
                prop_assert!(prompt.is_ok_and(|prompt| !prompt.messages.is_empty()) || tool.definition().name == "extract_data" || tool.definition().name == "classify_ticket");
            }
        }
    }
}
