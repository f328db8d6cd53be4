//! Tools: what is sent of them, and how their calls are put together again from a stream.

use bytes::Bytes;
use futures::StreamExt;
use serde_json::{Value, json};

use super::super::{
    body::{Body, MaxTokensField},
    shape::Shapes,
    stream::{self, Expected},
};
use super::{request, soon, streams::said};
use crate::{
    BackendError, CompletionEvent, CompletionRequest, FinishReason, Message, Output, Tool, ToolCall,
    ToolChoice, azure::classify::AZURE,
};

const DONE: &str = "data: [DONE]\n\n";

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

/// A chunk with pieces of tool calls.
fn pieces(calls: &Value) -> String {
    let chunk = json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}, "finish_reason": null}]});
    format!("data: {chunk}\n\n")
}

fn begun(index: usize, id: &str, name: &str, arguments: &str) -> String {
    let function = json!({"name": name, "arguments": arguments});
    pieces(&json!([{"index": index, "id": id, "type": "function", "function": function}]))
}

fn more(index: usize, arguments: &str) -> String {
    pieces(&json!([{"index": index, "function": {"arguments": arguments}}]))
}

fn finish(reason: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"{reason}\"}}]}}\n\n")
}

/// Plays an answer, and tells its text, how often it said that it goes on, its calls, and how it ended.
async fn play(
    bytes: String,
    tools: bool,
) -> (String, usize, Vec<ToolCall>, Result<FinishReason, BackendError>) {
    let expected = Expected {
        tools,
        deployment: None,
        dialect: &AZURE,
        shapes: Shapes::default(),
    };
    let once = futures::stream::iter([Ok(Bytes::from(bytes))]);
    let mut events = stream::events(once, soon(), expected);
    let (mut text, mut progress, mut calls, mut end) = (String::new(), 0, Vec::new(), None);
    while let Some(event) = events.next().await {
        assert_eq!(end, None, "something follows the end");
        match event {
            Ok(CompletionEvent::Text { text: piece, .. }) => text.push_str(&piece),
            Ok(CompletionEvent::Progress) => progress += 1,
            Ok(CompletionEvent::ToolCalls(all)) => {
                assert!(calls.is_empty() && !all.is_empty());
                calls = all;
            }
            Ok(CompletionEvent::Finished { reason, .. }) => end = Some(Ok(reason)),
            Err(error) => end = Some(Err(error)),
        }
    }
    (text, progress, calls, end.expect("an end"))
}

#[tokio::test(start_paused = true)]
async fn calls_are_put_together_by_their_index() {
    let weather = call("call_a", "get_weather", "{\"city\":\"Zürich\"}");
    let time = call("call_b", "get_time", "{}");
    let one = [
        begun(0, "call_a", "get_weather", ""),
        more(0, "{\"city\":"),
        more(0, "\"Zürich\"}"),
        finish("tool_calls"),
    ];
    let two = [
        begun(0, "call_a", "get_weather", "{\"city\""),
        begun(1, "call_b", "get_time", ""),
        more(0, ":\"Zürich\"}"),
        finish("tool_calls"),
    ];
    let at_once = json!([
        {"index": 0, "id": "call_a", "function": {"name": "get_weather", "arguments": "{\"city\":\"Zürich\"}"}},
        {"index": 1, "id": "call_b", "function": {"name": "get_time", "arguments": null}},
    ]);
    let without_index = json!([
        {"id": "call_a", "function": {"name": "get_weather", "arguments": "{\"city\":\"Zürich\"}"}},
        {"id": "call_b", "function": {"name": "get_time"}},
    ]);
    let repeated = [
        begun(0, "call_a", "get_weather", "{\"city\":"),
        begun(0, "call_a", "get_weather", "\"Zürich\"}"),
        finish("tool_calls"),
    ];
    for (case, bytes, calls) in [
        ("in pieces", one.concat(), vec![weather.clone()]),
        ("interleaved", two.concat(), vec![weather.clone(), time.clone()]),
        (
            "in one chunk",
            pieces(&at_once) + &finish("tool_calls"),
            vec![weather.clone(), time.clone()],
        ),
        (
            "without index",
            pieces(&without_index) + &finish("tool_calls"),
            vec![weather.clone(), time],
        ),
        ("id and name each time", repeated.concat(), vec![weather.clone()]),
        (
            "prescribed, so that it ends with stop",
            one.concat().replace("\"tool_calls\"}", "\"stop\"}"),
            vec![weather],
        ),
    ] {
        let (text, progress, put_together, end) = play(bytes + DONE, true).await;
        assert_eq!(
            (text.as_str(), &put_together, end),
            ("", &calls, Ok(FinishReason::ToolCalls)),
            "{case}"
        );
        assert!(progress > 0, "{case}: each piece is a sign of life");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_id_is_given_one() {
    let anonymous = json!([{"index": 0, "function": {"name": "a", "arguments": "{}"}}, {"index": 1, "id": "", "function": {"name": "a"}}]);
    let (.., calls, end) = play(pieces(&anonymous) + &finish("tool_calls"), true).await;
    assert_eq!(end, Ok(FinishReason::ToolCalls));
    assert!(
        calls
            .iter()
            .all(|call| call.id.starts_with("call_") && call.id.len() == 37),
        "{calls:?}"
    );
    assert_ne!(calls[0].id, calls[1].id);
}

#[tokio::test(start_paused = true)]
async fn text_beside_a_call_is_kept() {
    let bytes = [
        said("Moment."),
        begun(0, "call_a", "a", "{}"),
        finish("tool_calls"),
    ]
    .concat();
    let (text, _, calls, end) = play(bytes, true).await;
    assert_eq!(
        (text.as_str(), calls),
        ("Moment.", vec![call("call_a", "a", "{}")])
    );
    assert_eq!(end, Ok(FinishReason::ToolCalls));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_together_is_malformed() {
    let lost = "a piece of a tool call is lost, or fits no call";
    let large = "more than 128 tool calls, or more than 1 MiB of them";
    let first = || begun(0, "call_a", "a", "{");
    let many: String = (0..129)
        .map(|index| begun(index, &format!("call_{index}"), "a", "{}"))
        .collect();
    let endless: String = (0..1025).map(|_| more(0, &"x".repeat(1024))).collect();
    for (case, bytes, reason) in [
        ("a gap", begun(1, "call_b", "b", "{}"), lost),
        ("a call without a name", begun(0, "call_a", "", "{}"), lost),
        ("a piece before the first", more(0, "{}"), lost),
        ("another id", first() + &begun(0, "call_b", "a", "}"), lost),
        ("another name", first() + &begun(0, "call_a", "b", "}"), lost),
        (
            "the same id twice",
            begun(0, "call_a", "a", "{}") + &begun(1, "call_a", "a", "{}"),
            lost,
        ),
        (
            "a line that may have held a piece",
            first() + "data: nonsense\n\n" + &more(0, "}"),
            lost,
        ),
        ("an index that is none", first() + &more(usize::MAX, "}"), lost),
        ("too many", many, large),
        ("too large", first() + &endless, large),
        ("no call at all", String::new(), "unknown finish reason"),
        (
            "two calls of unknown shape",
            pieces(&json!("a")) + &pieces(&json!([{"index": -1}])),
            "two lines were not chunks",
        ),
    ] {
        let (.., calls, end) = play(bytes + &finish("tool_calls"), true).await;
        let expected = BackendError::MalformedStream {
            reason: reason.to_owned(),
        };
        assert_eq!((calls, end), (Vec::new(), Err(expected)), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_where_no_tool_was_offered_is_malformed() {
    let (.., calls, end) = play(begun(0, "call_a", "a", "{}") + &finish("tool_calls"), false).await;
    let expected = BackendError::MalformedStream {
        reason: "unknown finish reason".to_owned(),
    };
    assert_eq!((calls, end), (Vec::new(), Err(expected)));
}

#[tokio::test(start_paused = true)]
async fn of_an_answer_cut_at_its_bound_only_whole_calls_are_left() {
    let bytes = begun(0, "call_a", "a", "{}") + &begun(1, "call_b", "b", "{\"x\":") + &finish("length");
    let (.., calls, end) = play(bytes, true).await;
    assert_eq!(
        (calls, end),
        (vec![call("call_a", "a", "{}")], Ok(FinishReason::Length))
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_within_a_call_is_incomplete() {
    for bytes in [begun(0, "call_a", "a", "{}"), begun(0, "call_a", "a", "{") + DONE] {
        let (.., calls, end) = play(bytes, true).await;
        assert_eq!((calls, end), (Vec::new(), Err(BackendError::IncompleteStream)));
    }
}

#[tokio::test(start_paused = true)]
async fn reasoning_is_a_sign_of_life_and_no_text() {
    let reasoning = |delta: &str| format!("data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\n");
    for (delta, expected) in [
        ("{\"reasoning_content\":\"hm\"}", 1),
        ("{\"reasoning\":\"hm\"}", 1),
        ("{\"reasoning_content\":\"\"}", 0),
        ("{\"reasoning\":null}", 0),
        ("{\"reasoning\":{\"text\":\"hm\"}}", 0),
    ] {
        let bytes = reasoning(delta) + &said("Ja.") + &finish("stop");
        let (text, progress, _, end) = play(bytes, false).await;
        assert_eq!(
            (text.as_str(), progress, end),
            ("Ja.", expected, Ok(FinishReason::Stop)),
            "{delta}"
        );
    }
}

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: None,
        strict: false,
    }
}

fn sent(request: &CompletionRequest) -> Value {
    serde_json::to_value(Body::new(request, Some("m"), MaxTokensField::MaxCompletionTokens)).unwrap()
}

#[test]
fn tools_and_their_choice_are_sent_as_the_protocol_says() {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let full = Tool {
        description: Some("Tells the weather".to_owned()),
        parameters: Some(schema.clone()),
        strict: true,
        ..tool("get_weather")
    };
    let request = |tool_choice, tools| CompletionRequest {
        tools,
        tool_choice,
        ..request()
    };
    let body = sent(&request(ToolChoice::Auto, vec![full, tool("get_time")]));
    let expected = json!([
        {"type": "function", "function": {"name": "get_weather", "description": "Tells the weather", "parameters": schema, "strict": true}},
        {"type": "function", "function": {"name": "get_time"}},
    ]);
    assert_eq!(body["tools"], expected);
    let one = || vec![tool("a")];
    for (choice, tools, expected) in [
        (ToolChoice::Auto, one(), Value::Null),
        (ToolChoice::None, one(), json!("none")),
        (ToolChoice::Required, one(), json!("required")),
        (
            ToolChoice::Named("a".to_owned()),
            one(),
            json!({"type": "function", "function": {"name": "a"}}),
        ),
        (ToolChoice::Required, vec![], Value::Null),
    ] {
        let body = sent(&request(choice.clone(), tools));
        assert_eq!(body["tool_choice"], expected, "{choice:?}");
    }
    for (parallel, tools, expected) in [
        (Some(false), one(), json!(false)),
        (None, one(), Value::Null),
        (Some(false), vec![], Value::Null),
    ] {
        let request = CompletionRequest {
            parallel_tool_calls: parallel,
            ..request(ToolChoice::Auto, tools)
        };
        assert_eq!(sent(&request)["parallel_tool_calls"], expected);
    }
}

#[test]
fn a_conversation_with_tools_is_sent_as_the_protocol_says() {
    let asked = vec![call("call_a", "get_time", "{}")];
    let messages = vec![
        Message::user("How late is it?"),
        Message::tool_calls("", asked.clone()),
        Message::tool_result("call_a", "12:00"),
        Message::tool_calls("Once more.", asked),
        Message::tool_result("call_a", ""),
        Message::assistant(""),
    ];
    let body = sent(&CompletionRequest::new(messages, 8));
    let calls =
        json!([{"id": "call_a", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}]);
    let expected = json!([
        {"role": "user", "content": "How late is it?"},
        {"role": "assistant", "content": null, "tool_calls": calls},
        {"role": "tool", "content": "12:00", "tool_call_id": "call_a"},
        {"role": "assistant", "content": "Once more.", "tool_calls": calls},
        {"role": "tool", "content": "", "tool_call_id": "call_a"},
        {"role": "assistant", "content": ""},
    ]);
    assert_eq!(body["messages"], expected);
}

#[test]
fn what_shapes_an_answer_is_sent_where_it_was_asked_for() {
    let plain = sent(&request());
    for field in [
        "top_p",
        "stop",
        "response_format",
        "tools",
        "tool_choice",
        "max_tokens",
    ] {
        assert!(plain.get(field).is_none(), "{field}");
    }
    let shaped = CompletionRequest {
        top_p: Some(0.5),
        stop: vec!["\n".to_owned(), "END".to_owned()],
        output: Output::JsonObject,
        ..request()
    };
    let body = sent(&shaped);
    assert_eq!(body["top_p"], json!(0.5));
    assert_eq!(body["stop"], json!(["\n", "END"]));
    assert_eq!(body["response_format"], json!({"type": "json_object"}));
    for whole in [1.0, 2.0, f32::NAN] {
        let request = CompletionRequest {
            top_p: Some(whole),
            ..request()
        };
        assert_eq!(sent(&request).get("top_p"), None, "{whole}");
    }
    let bounded = serde_json::to_value(Body::new(&request(), None, MaxTokensField::MaxTokens)).unwrap();
    assert_eq!(
        (&bounded["max_tokens"], bounded.get("max_completion_tokens")),
        (&json!(64), None)
    );
}
