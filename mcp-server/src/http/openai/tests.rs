//! What bodies and headers are read as, what is refused by which name, and what callers are told.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use inference::{
    Attempt, AttemptOutcome, BackendError, CallError, DataClass, Output, Priority, Residency, Role,
    ToolChoice, Truncation,
};
use serde_json::{Value, json};

use super::completion::{Asked, DEFAULT_MAX_TOKENS};
use super::errors::{Error, Invalid, Kind};
use super::headers::Wishes;
use crate::mcp::errors as protocol;

/// A good request with some parameters added or, as `null`, removed.
fn body(changes: Value) -> Value {
    let mut body = json!({"model": "default", "messages": [{"role": "user", "content": "How?"}]});
    let Value::Object(changes) = changes else {
        panic!("changes are an object")
    };
    for (name, value) in changes {
        body[name] = value;
    }
    body
}

fn read(changes: Value) -> Asked {
    let body = body(changes).to_string();
    Asked::read(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn refusal(body: &str) -> Value {
    let error = Asked::read(body.as_bytes()).expect_err(body);
    let mut wire: Value = serde_json::from_slice(&error.to_json()).unwrap();
    wire["error"].take()
}

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}})
}

#[test]
fn what_is_not_said_is_as_the_api_has_it() {
    let asked = read(json!({}));
    let request = asked.request;
    assert_eq!(asked.model, "default");
    assert!(!asked.stream && !asked.include_usage);
    assert_eq!(request.max_output_tokens, DEFAULT_MAX_TOKENS);
    assert_eq!(request.truncation, Truncation::Allow);
    assert!((request.temperature - 1.0).abs() < f32::EPSILON);
    assert!(request.top_p.is_none() && request.stop.is_empty() && request.seed.is_none());
    assert!(matches!(request.output, Output::Text) && request.tools.is_empty());
}

#[test]
fn everything_that_is_said_reaches_the_gateway() {
    let asked = read(json!({
        "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 7, "temperature": 0.5,
        "top_p": 0.9, "stop": ["END", "."], "seed": 42, "tools": [tool("find"), tool("buy")],
        "tool_choice": {"type": "function", "function": {"name": "buy"}}, "parallel_tool_calls": false,
        "response_format": {"type": "json_object"},
    }));
    let request = asked.request;
    assert!(asked.stream && asked.include_usage);
    assert_eq!(request.max_output_tokens, 7);
    assert!((request.temperature - 0.5).abs() < f32::EPSILON);
    assert_eq!((request.top_p, request.seed), (Some(0.9), Some(42)));
    assert_eq!(request.stop, ["END", "."]);
    assert_eq!(request.tools[1].name, "buy");
    assert!(request.tools[1].parameters.is_some());
    assert_eq!(request.tool_choice, ToolChoice::Named("buy".into()));
    assert_eq!(request.parallel_tool_calls, Some(false));
    assert!(matches!(request.output, Output::JsonObject));
    assert_eq!(read(json!({"max_tokens": 9})).request.max_output_tokens, 9);
    assert_eq!(read(json!({"stop": "x"})).request.stop, ["x"]);
    for (choice, wanted) in [
        ("auto", ToolChoice::Auto),
        ("none", ToolChoice::None),
        ("required", ToolChoice::Required),
    ] {
        let asked = read(json!({"tools": [tool("find")], "tool_choice": choice}));
        assert_eq!(asked.request.tool_choice, wanted);
    }
}

#[test]
fn messages_keep_role_text_and_tool_calls() {
    let calls = json!([{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}]);
    // As clients send back what they got: with every field of the answer, most of them null.
    let answered = json!({"role": "assistant", "content": null, "refusal": null, "annotations": [], "audio": null,
                          "function_call": null, "tool_calls": calls});
    let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
    let messages = json!([
        {"role": "developer", "content": "Be brief."}, {"role": "user", "name": "ann", "content": parts}, answered,
        {"role": "tool", "tool_call_id": "c1", "content": "7"}, {"role": "assistant", "refusal": "No.", "content": null},
    ]);
    let messages = read(json!({"messages": messages})).request.messages;
    let said: Vec<_> = messages
        .iter()
        .map(|message| (message.role, message.content.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Role::System, "Be brief."),
            (Role::User, "ab"),
            (Role::Assistant, ""),
            (Role::Tool, "7"),
            (Role::Assistant, "No."),
        ]
    );
    let call = &messages[2].tool_calls[0];
    assert_eq!(
        (call.id.as_str(), call.name.as_str(), call.arguments.as_str()),
        ("c1", "find", "{}")
    );
    assert_eq!(messages[3].tool_call_id.as_deref(), Some("c1"));
}

#[test]
fn a_schema_is_named_described_and_checked() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
    let format = json!({"type": "json_schema", "json_schema": {"name": "answer", "description": "A number", "strict": true, "schema": schema}});
    match read(json!({"response_format": format})).request.output {
        Output::Json { name, schema, check } => {
            assert_eq!(
                (name.as_str(), &schema["description"]),
                ("answer", &json!("A number"))
            );
            assert!(check.is_some());
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        read(json!({"response_format": {"type": "text"}})).request.output,
        Output::Text
    ));
}

#[test]
fn what_asks_for_nothing_is_taken() {
    for harmless in [
        json!({"n": 1, "logprobs": false, "top_logprobs": 0, "logit_bias": {}, "frequency_penalty": 0}),
        json!({"presence_penalty": 0.0, "modalities": ["text"], "store": false, "service_tier": "auto"}),
        json!({"functions": [], "function_call": "none", "user": "u1", "metadata": {"a": "b"}}),
        json!({"safety_identifier": "s", "prompt_cache_key": "k", "prompt_cache_retention": "24h"}),
        json!({"n": null, "stop": null, "audio": null, "tools": null, "response_format": null, "seed": null}),
        json!({"stream": true, "stream_options": {"include_obfuscation": false}}),
        json!({"tools": [tool("find")], "parallel_tool_calls": true}),
    ] {
        read(harmless);
    }
}

#[test]
fn bad_input_names_parameter_reason_and_fix() {
    let message = |message: Value| json!({"messages": [{"role": "user", "content": "x"}, message]});
    let schema = |schema: Value| json!({"response_format": {"type": "json_schema", "json_schema": schema}});
    let call = |call: Value| message(json!({"role": "assistant", "tool_calls": [call]}));
    let tools = |one: Value| json!({"tools": [one]});
    let with_tools = |choice: Value| json!({"tools": [tool("find")], "tool_choice": choice});
    let long: Vec<_> = (0..129).map(|index| tool(&format!("t{index}"))).collect();
    let image = json!([{"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}]);
    let invalid = "invalid_parameter";
    let unsupported = "unsupported_parameter";
    for (changes, param, code, fix) in [
        (json!({"model": null}), "model", invalid, "GET /v1/models"),
        (json!({"model": ""}), "model", invalid, "GET /v1/models"),
        (json!({"model": 4}), "model", invalid, "a string"),
        (json!({"messages": null}), "messages", invalid, "at least one"),
        (json!({"messages": []}), "messages", invalid, "at least one"),
        (json!({"messages": "hi"}), "messages", invalid, "a list"),
        (json!({"messages": ["hi"]}), "messages[0]", invalid, "an object"),
        (
            message(json!({"content": "x"})),
            "messages[1].role",
            invalid,
            "developer",
        ),
        (
            message(json!({"role": "robot", "content": "x"})),
            "messages[1].role",
            invalid,
            "developer",
        ),
        (
            message(json!({"role": "function", "content": "x"})),
            "messages[1].role",
            unsupported,
            "tool_call_id",
        ),
        (
            message(json!({"role": 1, "content": "x"})),
            "messages[1].role",
            invalid,
            "a string",
        ),
        (
            message(json!({"role": "user"})),
            "messages[1].content",
            invalid,
            "a string",
        ),
        (
            message(json!({"role": "user", "content": 7})),
            "messages[1].content",
            invalid,
            "text parts",
        ),
        (
            message(json!({"role": "user", "content": []})),
            "messages[1].content",
            invalid,
            "at least one part",
        ),
        (
            message(json!({"role": "user", "content": [{"type": "text"}]})),
            "messages[1].content[0].text",
            invalid,
            "a string",
        ),
        (
            message(json!({"role": "user", "content": [{"text": "x"}]})),
            "messages[1].content[0].type",
            invalid,
            "\"text\"",
        ),
        (
            message(json!({"role": "user", "content": [{"type": "smell"}]})),
            "messages[1].content[0].type",
            invalid,
            "\"text\"",
        ),
        (
            message(json!({"role": "user", "content": [{"type": "text", "txet": "x"}]})),
            "messages[1].content[0].txet",
            invalid,
            "`text`",
        ),
        (
            message(json!({"role": "user", "content": image})),
            "messages[1].content[0].type",
            unsupported,
            "\"text\"",
        ),
        (
            message(json!({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]})),
            "messages[1].content[0].type",
            unsupported,
            "\"text\"",
        ),
        (
            message(json!({"role": "user", "content": "x", "colour": 1})),
            "messages[1].colour",
            invalid,
            "remove",
        ),
        (
            message(json!({"role": "tool", "content": "x"})),
            "messages[1].tool_call_id",
            invalid,
            "`id`",
        ),
        (
            message(json!({"role": "user", "content": "x", "tool_call_id": "c"})),
            "messages[1].tool_call_id",
            invalid,
            "role tool",
        ),
        (
            message(json!({"role": "user", "content": "x", "tool_calls": []})),
            "messages[1].tool_calls",
            invalid,
            "role assistant",
        ),
        (
            message(json!({"role": "assistant", "function_call": {}})),
            "messages[1].function_call",
            unsupported,
            "tool_calls",
        ),
        (
            message(json!({"role": "assistant", "audio": {"id": "a"}})),
            "messages[1].audio",
            unsupported,
            "content",
        ),
        (
            call(json!({"type": "function"})),
            "messages[1].tool_calls[0].function",
            invalid,
            "as the model made it",
        ),
        (
            call(json!({"type": "function", "function": {"name": "f", "arguments": "{}"}})),
            "messages[1].tool_calls[0].id",
            invalid,
            "as the model",
        ),
        (
            call(json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}})),
            "messages[1].tool_calls[0].function.arguments",
            invalid,
            "holds JSON",
        ),
        (json!({"stream": "yes"}), "stream", invalid, "true or false"),
        (
            json!({"stream_options": {"include_usage": true}}),
            "stream_options",
            invalid,
            "stream: true",
        ),
        (
            json!({"stream": true, "stream_options": {"usage": true}}),
            "stream_options.usage",
            invalid,
            "remove",
        ),
        (
            json!({"max_tokens": 5, "max_completion_tokens": 5}),
            "max_tokens",
            invalid,
            "one of the two",
        ),
        (json!({"max_tokens": 0}), "max_tokens", invalid, "from 1"),
        (json!({"max_tokens": -1}), "max_tokens", invalid, "from 1 up"),
        (
            json!({"max_completion_tokens": 4_000_000}),
            "max_completion_tokens",
            invalid,
            "200000",
        ),
        (json!({"max_tokens": 1.5}), "max_tokens", invalid, "whole number"),
        (json!({"temperature": 2.1}), "temperature", invalid, "0 to 2"),
        (json!({"temperature": -0.1}), "temperature", invalid, "0 to 2"),
        (json!({"temperature": "hot"}), "temperature", invalid, "0 to 2"),
        (json!({"top_p": 0}), "top_p", invalid, "above 0"),
        (json!({"top_p": 1.01}), "top_p", invalid, "above 0"),
        (
            json!({"stop": ["a", "b", "c", "d", "e"]}),
            "stop",
            invalid,
            "at most 4",
        ),
        (json!({"stop": ""}), "stop", invalid, "1 to 256"),
        (json!({"stop": ["x".repeat(300)]}), "stop", invalid, "1 to 256"),
        (json!({"stop": [1]}), "stop", invalid, "list of strings"),
        (json!({"seed": "x"}), "seed", invalid, "whole number"),
        (json!({"n": 2}), "n", unsupported, "ask again"),
        (json!({"logprobs": true}), "logprobs", unsupported, "leave it out"),
        (
            json!({"top_logprobs": 3}),
            "top_logprobs",
            unsupported,
            "leave it out",
        ),
        (
            json!({"logit_bias": {"50256": -100}}),
            "logit_bias",
            unsupported,
            "leave it out",
        ),
        (
            json!({"frequency_penalty": 0.5}),
            "frequency_penalty",
            unsupported,
            "send 0",
        ),
        (
            json!({"presence_penalty": -1}),
            "presence_penalty",
            unsupported,
            "send 0",
        ),
        (
            json!({"modalities": ["text", "audio"]}),
            "modalities",
            unsupported,
            "text",
        ),
        (json!({"audio": {"voice": "alloy"}}), "audio", unsupported, "text"),
        (json!({"store": true}), "store", unsupported, "nothing is stored"),
        (
            json!({"service_tier": "priority"}),
            "service_tier",
            unsupported,
            "auto",
        ),
        (
            json!({"functions": [{"name": "f"}]}),
            "functions",
            unsupported,
            "`tools`",
        ),
        (
            json!({"function_call": "auto"}),
            "function_call",
            unsupported,
            "`tool_choice`",
        ),
        (
            json!({"prediction": {}}),
            "prediction",
            unsupported,
            "leave it out",
        ),
        (
            json!({"reasoning_effort": "low"}),
            "reasoning_effort",
            unsupported,
            "leave it out",
        ),
        (
            json!({"verbosity": "low"}),
            "verbosity",
            unsupported,
            "in a message",
        ),
        (
            json!({"web_search_options": {}}),
            "web_search_options",
            unsupported,
            "looked up",
        ),
        (json!({"temprature": 0}), "temprature", invalid, "`temperature`"),
        (json!({"colour": "red"}), "colour", invalid, "remove"),
        (
            json!({"response_format": "json"}),
            "response_format",
            invalid,
            "an object",
        ),
        (
            json!({"response_format": {}}),
            "response_format.type",
            invalid,
            "json_object",
        ),
        (
            json!({"response_format": {"type": "yaml"}}),
            "response_format.type",
            invalid,
            "json_object",
        ),
        (
            json!({"response_format": {"type": "json_schema"}}),
            "response_format.json_schema",
            invalid,
            "schema",
        ),
        (
            json!({"response_format": {"type": "text", "json_schema": {}}}),
            "response_format.json_schema",
            invalid,
            "leave the schema out",
        ),
        (
            schema(json!({"schema": {}})),
            "response_format.json_schema.name",
            invalid,
            "short name",
        ),
        (
            schema(json!({"name": "a b", "schema": {}})),
            "response_format.json_schema.name",
            invalid,
            "64 letters",
        ),
        (
            schema(json!({"name": "a"})),
            "response_format.json_schema.schema",
            invalid,
            "JSON Schema",
        ),
        (
            schema(json!({"name": "a", "schema": []})),
            "response_format.json_schema.schema",
            invalid,
            "JSON Schema",
        ),
        (
            schema(json!({"name": "a", "schema": {"type": "string"}})),
            "response_format.json_schema.schema",
            invalid,
            "object",
        ),
        (
            schema(
                json!({"name": "a", "schema": {"type": "object", "properties": {"b": {"$ref": "https://example.com/b"}}}}),
            ),
            "response_format.json_schema.schema",
            invalid,
            "within the schema",
        ),
        (json!({"tools": long}), "tools", invalid, "at most 128"),
        (
            json!({"tools": [tool("a"), tool("a")]}),
            "tools[1].function.name",
            invalid,
            "name of its own",
        ),
        (
            tools(json!({"function": {"name": "f"}})),
            "tools[0].type",
            invalid,
            "\"function\"",
        ),
        (
            tools(json!({"type": "robot"})),
            "tools[0].type",
            invalid,
            "\"function\"",
        ),
        (
            tools(json!({"type": "custom", "custom": {"name": "f"}})),
            "tools[0].type",
            unsupported,
            "\"function\"",
        ),
        (
            tools(json!({"type": "function"})),
            "tools[0].function",
            invalid,
            "name",
        ),
        (
            tools(json!({"type": "function", "function": {}})),
            "tools[0].function.name",
            invalid,
            "name the function",
        ),
        (
            tools(json!({"type": "function", "function": {"name": "a.b"}})),
            "tools[0].function.name",
            invalid,
            "64 letters",
        ),
        (
            tools(json!({"type": "function", "function": {"name": "f", "parameters": "x"}})),
            "tools[0].function.parameters",
            invalid,
            "JSON Schema",
        ),
        (json!({"tool_choice": "auto"}), "tool_choice", invalid, "`tools`"),
        (
            json!({"parallel_tool_calls": true}),
            "parallel_tool_calls",
            invalid,
            "`tools`",
        ),
        (with_tools(json!("maybe")), "tool_choice", invalid, "required"),
        (with_tools(json!(3)), "tool_choice", invalid, "required"),
        (
            with_tools(json!({"type": "function"})),
            "tool_choice.function.name",
            invalid,
            "name one",
        ),
        (
            with_tools(json!({"type": "function", "function": {"name": "buy"}})),
            "tool_choice.function.name",
            invalid,
            "name one",
        ),
        (
            with_tools(json!({"type": "allowed_tools", "allowed_tools": {}})),
            "tool_choice.type",
            unsupported,
            "\"function\"",
        ),
    ] {
        let error = refusal(&body(changes.clone()).to_string());
        assert_eq!(error["param"], param, "{changes}: {error}");
        assert_eq!(
            (&error["code"], &error["type"]),
            (&json!(code), &json!("invalid_request_error")),
            "{changes}"
        );
        let text = error["message"].as_str().unwrap();
        assert!(
            text.contains(fix) && text.contains(&format!("`{param}`")),
            "{changes}: {text}"
        );
    }
}

#[test]
fn what_is_no_request_at_all_is_told_apart() {
    let twice = r#"{"model": "a", "model": "b", "messages": [{"role": "user", "content": "x"}]}"#;
    for (body, code) in [
        ("", "parse_error"),
        ("{", "parse_error"),
        ("{\"model\": \"\u{0}\"}", "parse_error"),
        ("[]", "invalid_parameter"),
        ("null", "invalid_parameter"),
        ("\"hi\"", "invalid_parameter"),
        (twice, "invalid_parameter"),
    ] {
        assert_eq!(refusal(body)["code"], code, "{body:?}");
    }
    assert!(Asked::read(b"{\"model\": \"\xff\"}").is_err(), "not UTF-8");
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(
        refusal(&format!("{{\"messages\": {deep}}}"))["code"],
        "parse_error"
    );
}

#[test]
fn long_names_are_cut_in_errors() {
    let name = "x".repeat(10_000);
    let error = refusal(&body(json!({name: 1})).to_string());
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn headers_say_how_a_call_is_treated() {
    let longest = Duration::from_secs(50);
    let read = |pairs: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        Wishes::read(&headers, longest)
    };
    let plain = read(&[]).unwrap();
    assert_eq!(
        (plain.priority, plain.deadline, plain.restart),
        (Priority::Interactive, longest, false)
    );
    let all = read(&[
        ("x-b2x-priority", "batch"),
        ("x-b2x-deadline-ms", "300"),
        ("x-b2x-restart", "allow"),
        ("x-b2x-data-class", "confidential"),
        ("x-b2x-residency", "eu"),
    ])
    .unwrap();
    assert_eq!(
        (all.priority, all.deadline, all.restart),
        (Priority::Batch, Duration::from_millis(300), true)
    );
    assert_eq!(
        (all.data_class, all.residency),
        (Some(DataClass::Confidential), Some(Residency::Eu))
    );
    let more = read(&[("x-b2x-deadline-ms", "3600000")]).unwrap();
    assert_eq!(more.deadline, longest, "nobody may ask for more");
    for (name, value) in [
        ("x-b2x-priority", "urgent"),
        ("x-b2x-priority", ""),
        ("x-b2x-deadline-ms", "0"),
        ("x-b2x-deadline-ms", "-5"),
        ("x-b2x-deadline-ms", "soon"),
        ("x-b2x-deadline-ms", "99999999999999999999999"),
        ("x-b2x-restart", "yes"),
        ("x-b2x-data-class", "secret"),
        ("x-b2x-residency", "anywhere"),
    ] {
        let error: Invalid = read(&[(name, value)]).expect_err(value);
        assert_eq!(error.param, name, "{value:?}");
    }
    assert!(
        read(&[("x-b2x-priority", "batch"), ("x-b2x-priority", "batch")]).is_err(),
        "there twice"
    );
}

#[test]
fn failures_have_status_type_code_and_hint() {
    let attempts = || {
        vec![Attempt {
            backend: "azure".into(),
            outcome: AttemptOutcome::Timeout,
            duration_ms: 5,
        }]
    };
    let second = Duration::from_secs(1);
    let refused = |error| CallError::Refused {
        error,
        attempts: attempts(),
    };
    let full = CallError::QueueFull {
        waiting: 1,
        capacity: 1,
        retry_after: second,
    };
    let late = CallError::WaitTooLong {
        expected_wait: second,
        remaining: Duration::ZERO,
        retry_after: second,
    };
    let unknown = CallError::UnknownModel {
        name: "x".into(),
        known: vec!["default".into()],
    };
    let gone = CallError::AllBackendsFailed {
        attempts: attempts(),
        retry_after: second,
    };
    let broke = CallError::Interrupted {
        backend: "azure".into(),
        reason: AttemptOutcome::Timeout,
        attempts: attempts(),
    };
    let time = CallError::DeadlineExceeded {
        after: second,
        attempts: attempts(),
    };
    let filtered = BackendError::ContentFiltered {
        stage: "prompt",
        categories: "hate".into(),
    };
    let long = BackendError::ContextLengthExceeded {
        needed: None,
        limit: None,
    };
    let rejected = BackendError::Rejected {
        status: 413,
        message: "too large".into(),
    };
    let unable = BackendError::Unsupported {
        reason: "tools".into(),
    };
    let broken = BackendError::InvalidOutput {
        reason: "no JSON".into(),
    };
    let (bad, limited, server) = (Kind::InvalidRequest, Kind::RateLimit, Kind::Server);
    for (error, status, kind, code, hint) in [
        (Error::from(full), 429, limited, "queue_full", true),
        (late.into(), 429, limited, "wait_too_long", true),
        (CallError::Draining.into(), 503, server, "draining", true),
        (unknown.into(), 404, bad, "model_not_found", false),
        (time.into(), 504, server, "deadline_exceeded", false),
        (gone.into(), 503, server, "all_backends_failed", true),
        (broke.into(), 502, server, "stream_interrupted", false),
        (refused(filtered).into(), 400, bad, "content_filtered", false),
        (
            refused(BackendError::ContentFilterUnavailable).into(),
            502,
            server,
            "content_filtered",
            false,
        ),
        (refused(long).into(), 400, bad, "context_length_exceeded", false),
        (refused(rejected).into(), 400, bad, "request_rejected", false),
        (refused(unable).into(), 400, bad, "not_supported", false),
        (
            CallError::NotPermitted { attempts: attempts() }.into(),
            403,
            bad,
            "not_permitted",
            false,
        ),
        (refused(broken).into(), 502, server, "invalid_output", false),
        (
            protocol::Error::BodyTooLarge { limit_bytes: 1 }.into(),
            413,
            bad,
            "body_too_large",
            false,
        ),
        (protocol::Error::Internal.into(), 500, server, "internal", false),
        (
            Invalid::value("a", "b", "c").into(),
            400,
            bad,
            "invalid_parameter",
            false,
        ),
        (
            Invalid::unsupported("a", "b", "c").into(),
            400,
            bad,
            "unsupported_parameter",
            false,
        ),
    ] {
        let mapped = error.map();
        assert_eq!(mapped.status, StatusCode::from_u16(status).unwrap(), "{code}");
        assert_eq!((mapped.kind, mapped.code), (kind, code));
        assert_eq!(mapped.retry_after.is_some(), hint, "{code}");
        let wire: Value = serde_json::from_slice(&error.to_json()).unwrap();
        assert_eq!(wire["error"]["code"], code);
        assert_eq!(wire["error"]["retry_after_ms"].is_number(), hint, "{wire}");
        for field in ["message", "type", "param"] {
            assert!(wire["error"].get(field).is_some(), "{field} in {wire}");
        }
    }
}
