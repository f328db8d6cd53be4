//! Calls that offer tools: who is asked, what comes back, and which calls are none.

use super::*;
use crate::{Message, Tool, ToolCall, ToolChoice};

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: None,
        strict: false,
    }
}

fn tool_call(name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: "call_1".to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

/// A call that offers `get_time` and `get_weather`.
fn offering(choice: ToolChoice) -> Call {
    let mut call = call(50);
    call.request.tools = vec![tool("get_time"), tool("get_weather")];
    call.request.tool_choice = choice;
    call
}

fn calling(calls: Vec<ToolCall>) -> Script {
    Script::new()
        .progress()
        .tool_calls(calls)
        .finish(FinishReason::ToolCalls)
}

fn without_tools(name: &str, model: &str) -> FakeBackend {
    FakeBackend::new(name, model).with(|info| info.tools = false)
}

#[tokio::test(start_paused = true)]
async fn tool_calls_come_with_the_answer() {
    let one = FakeBackend::new("one", "big");
    let calls = vec![
        tool_call("get_time", "{}"),
        tool_call("get_weather", "{\"city\":\"Ulm\"}"),
    ];
    one.always(calling(calls.clone()));
    let gateway = gateway(&[&one]);
    for visibility in [Visibility::Buffered, Visibility::Streamed] {
        let mut call = offering(ToolChoice::Auto);
        call.visibility = visibility;
        let events: Vec<_> = gateway.start(call).expect("admitted").collect().await;
        let Some(Ok(CallEvent::Answered(answer))) = events.last() else {
            panic!("{events:?}")
        };
        assert_eq!(
            (&answer.tool_calls, answer.finish),
            (&calls, FinishReason::ToolCalls)
        );
        assert_eq!(answer.text, "");
        let progress = events
            .iter()
            .filter(|event| matches!(event, Ok(CallEvent::Progress { .. })));
        assert_eq!(progress.count(), usize::from(visibility == Visibility::Buffered));
    }
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_call_tools_is_passed_by() {
    let (local, remote) = (without_tools("local", "small"), FakeBackend::new("remote", "big"));
    remote.always(calling(vec![tool_call("get_time", "{}")]));
    let gateway = gateway(&[&local, &remote]);
    let answer = gateway
        .complete(offering(ToolChoice::Auto))
        .await
        .expect("answered");
    assert_eq!(
        told(&answer.facts.attempts),
        ["local not_supported", "remote answered"]
    );
    assert_eq!(answer.facts.reason, Some(AttemptOutcome::NotSupported));
    assert_eq!(local.attempts(), 0);
    // A conversation that holds tool calls is no better for it, whatever it offers now.
    for messages in [
        vec![Message::tool_calls("", vec![tool_call("get_time", "{}")])],
        vec![Message::tool_result("call_1", "12:00")],
    ] {
        remote.next(Script::answer("Noon."));
        let mut call = call(50);
        call.request.messages = messages;
        let answer = gateway.complete(call).await.expect("answered");
        assert_eq!(answer.facts.backend, "remote");
    }
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(answer.facts.backend, "local", "without tools it is first");
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_call_tools_the_call_fails_and_says_so() {
    let (one, two) = (without_tools("one", "small"), without_tools("two", "tiny"));
    let gateway = gateway(&[&one, &two]);
    let error = gateway.complete(offering(ToolChoice::Auto)).await.unwrap_err();
    assert_eq!(error.code(), "not_supported");
    assert!(error.to_string().contains("two cannot call tools"), "{error}");
    assert_eq!(told(error.attempts()), ["one not_supported", "two not_supported"]);
    assert_eq!((one.attempts(), two.attempts()), (0, 0));
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn where_who_can_fails_coming_back_may_help() {
    let (remote, local) = (FakeBackend::new("remote", "big"), without_tools("local", "small"));
    remote.always(failing());
    let gateway = gateway(&[&remote, &local]);
    let error = gateway.complete(offering(ToolChoice::Auto)).await.unwrap_err();
    assert_eq!(error.code(), "all_backends_failed");
    assert_eq!(local.attempts(), 0);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn confidential_text_with_tools_stays_here_and_fails() {
    let (remote, local) = (FakeBackend::new("remote", "big"), without_tools("local", "small"));
    let local = local.with(|info| info.processing = Processing::InProcess);
    let gateway = gateway(&[&remote, &local]);
    let mut call = offering(ToolChoice::Auto);
    call.request.travel = TravelRule::confidential();
    let error = gateway.complete(call).await.unwrap_err();
    assert_eq!(error.code(), "not_supported");
    assert_eq!(
        told(error.attempts()),
        ["remote not_allowed", "local not_supported"]
    );
    assert_eq!(remote.attempts(), 0);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_none_are_made_good_by_the_next() {
    let get_time = |arguments| vec![tool_call("get_time", arguments)];
    let named = || ToolChoice::Named("get_weather".to_owned());
    let text = || Script::answer("Noon.");
    for (case, choice, script) in [
        (
            "a tool that was not offered",
            ToolChoice::Auto,
            calling(vec![tool_call("rm", "{}")]),
        ),
        (
            "arguments that are no JSON",
            ToolChoice::Auto,
            calling(get_time("{\"city\":")),
        ),
        ("no arguments at all", ToolChoice::Auto, calling(get_time(""))),
        (
            "none",
            ToolChoice::Auto,
            Script::new().finish(FinishReason::ToolCalls),
        ),
        (
            "one where none was to be",
            ToolChoice::None,
            calling(get_time("{}")),
        ),
        (
            "another than the one prescribed",
            named(),
            calling(get_time("{}")),
        ),
        ("a text where one was required", ToolChoice::Required, text()),
        ("a text where one was prescribed", named(), text()),
    ] {
        let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
        one.always(script);
        two.always(match &choice {
            ToolChoice::None => text(),
            _ => calling(vec![tool_call("get_weather", "{}")]),
        });
        let gateway = gateway(&[&one, &two]);
        let answer = gateway.complete(offering(choice)).await.expect(case);
        assert_eq!(
            told(&answer.facts.attempts),
            ["one invalid_output", "two answered"],
            "{case}"
        );
        check_idle(&gateway);
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_may_be_answered_where_tools_are_only_offered() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::answer("Noon."));
    let gateway = gateway(&[&one]);
    for choice in [ToolChoice::Auto, ToolChoice::None] {
        let answer = gateway.complete(offering(choice)).await.expect("answered");
        assert_eq!((answer.text.as_str(), answer.tool_calls.len()), ("Noon.", 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_tool_call_is_not_taken_for_silence() {
    let one = FakeBackend::new("one", "big");
    let pieces = (0..60).fold(Script::new(), |script, _| script.wait(SECOND / 2).progress());
    one.always(
        pieces
            .tool_calls(vec![tool_call("get_time", "{}")])
            .finish(FinishReason::ToolCalls),
    );
    let gateway = gateway(&[&one]);
    let answer = gateway
        .complete(offering(ToolChoice::Auto))
        .await
        .expect("answered");
    assert_eq!(answer.tool_calls.len(), 1);
    assert_eq!(answer.facts.time_to_first_token_ms, 500);
}

#[tokio::test(start_paused = true)]
async fn a_json_object_is_an_object() {
    for (text, good) in [
        ("{}", true),
        (" {\"a\": [1]} ", true),
        ("[]", false),
        ("1", false),
        ("{", false),
        ("", false),
        ("Here: {}", false),
    ] {
        let one = FakeBackend::new("one", "big");
        one.always(Script::new().text(text).finish(FinishReason::Stop));
        let mut call = call(50);
        call.request.output = Output::JsonObject;
        let result = gateway(&[&one]).complete(call).await;
        assert_eq!(
            result.as_ref().map_err(CallError::code).map(|_| ()),
            if good { Ok(()) } else { Err("invalid_output") },
            "{text:?}"
        );
    }
}

#[test]
fn tools_and_their_calls_are_counted() {
    let plain = CompletionRequest::new(vec![Message::user("Hello?")], 100);
    let bare = plain.estimated_tokens();
    let mut described = plain.clone();
    described.tools = vec![Tool {
        description: Some("d".repeat(400)),
        parameters: Some(serde_json::json!({"type": "object", "description": "p".repeat(400)})),
        ..tool("get_time")
    }];
    assert!(
        described.estimated_tokens() >= bare + 200,
        "{}",
        described.estimated_tokens()
    );
    let mut called = plain.clone();
    called.messages = vec![
        Message::user("Hello?"),
        Message::tool_calls("", vec![tool_call("get_time", &"x".repeat(400))]),
        Message::tool_result("call_1", "y".repeat(400)),
    ];
    assert!(
        called.estimated_tokens() >= bare + 200,
        "{}",
        called.estimated_tokens()
    );
}
