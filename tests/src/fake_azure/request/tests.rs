//! What is read, and what is refused.

use serde_json::json;

use super::*;

fn parse(body: &Value) -> Result<ChatRequest, Refusal> {
    ChatRequest::parse(body.to_string().as_bytes())
}

#[test]
fn a_full_request_is_read() {
    let request = parse(&json!({
        "model": "m", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 9,
        "temperature": 0, "seed": 1, "user": "u", "stop": null,
        "messages": [{"role": "system", "content": "be brief"},
                     {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
    }))
    .expect("well formed");
    assert_eq!(request.last_user_text(), "ab");
    assert_eq!(request.form, Form::JsonSchema(json!({"type": "object"})));
    assert!(request.stream && request.include_usage);
    assert_eq!(
        (request.max_tokens, request.prompt_tokens()),
        (Some(9), 5 + 4 + 3)
    );
}

#[test]
fn what_the_service_refuses_is_refused() {
    let user = json!([{"role": "user", "content": "hi"}]);
    for (body, part) in [
        (json!([]), "could not parse"),
        (json!({}), "Missing required parameter: 'messages'"),
        (json!({"messages": []}), "empty array"),
        (json!({"messages": "hi"}), "Invalid type for 'messages'"),
        (
            json!({"messages": [{"role": "robot", "content": "hi"}]}),
            "Invalid value: 'robot'",
        ),
        (json!({"messages": [{"role": "user"}]}), "'messages[0].content'"),
        (
            json!({"messages": [{"role": "user", "content": 1}]}),
            "but got a number",
        ),
        (
            json!({"messages": user, "colour": "red"}),
            "Unrecognized request argument supplied: colour",
        ),
        (
            json!({"messages": user, "stream": "yes"}),
            "'stream': expected a boolean",
        ),
        (
            json!({"messages": user, "model": 1}),
            "'model': expected a string",
        ),
        (json!({"messages": user, "temperature": 3}), "above maximum"),
        (json!({"messages": user, "temperature": -1}), "below minimum"),
        (
            json!({"messages": user, "temperature": "hot"}),
            "expected a decimal",
        ),
        (
            json!({"messages": user, "max_completion_tokens": 0}),
            "Expected a value >= 1",
        ),
        (
            json!({"messages": user, "max_completion_tokens": 1.5}),
            "expected an integer",
        ),
        (
            json!({"messages": user, "max_completion_tokens": 1, "max_tokens": 1}),
            "at the same time",
        ),
        (
            json!({"messages": user, "seed": "x"}),
            "'seed': expected an integer",
        ),
        (
            json!({"messages": user, "stream_options": {"include_usage": true}}),
            "only allowed when 'stream'",
        ),
        (
            json!({"messages": user, "response_format": {"type": "xml"}}),
            "'response_format.type'",
        ),
        (
            json!({"messages": user, "response_format": {"type": "json_object"}}),
            "the word 'json'",
        ),
        (
            json!({"messages": user, "response_format": {"type": "json_schema"}}),
            "'response_format.json_schema'",
        ),
        (
            json!({"messages": user, "response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}),
            ".schema'",
        ),
        (
            json!({"messages": user, "response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}}),
            "pattern",
        ),
        (
            json!({"messages": user, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": {"type": "object"}}}}),
            "additionalProperties",
        ),
    ] {
        let refusal = parse(&body).expect_err(&body.to_string());
        assert_eq!(refusal.status, 400, "{body}");
        let message = refusal.body["error"]["message"].as_str().expect("a message");
        assert!(message.contains(part), "{body}: {message}");
        assert_eq!(refusal.body["error"]["type"], "invalid_request_error");
    }
    assert!(ChatRequest::parse(b"{\"messages\": \xff}").is_err());
}
