//! Chat completions: whole and streamed, failing over, breaking off, given up, refused.

use inference::testing::Script;
use inference::{BackendError, FinishReason, ToolCall};

use super::*;

/// A chat completion.
fn chat(changes: &Value) -> Request {
    let mut body = json!({"model": "default", "messages": [{"role": "user", "content": "How?"}]});
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    let mut request = Request::new("POST", "/v1/chat/completions").with("content-type", "application/json");
    request.body = body.to_string().into_bytes();
    request
}

fn streamed() -> Request {
    chat(&json!({"stream": true}))
}

/// A server whose chain is `first`, then the served fake under the name of `second`.
async fn serve_two() -> (FakeBackend, FakeBackend, Served) {
    let first = FakeBackend::new("first", "large");
    let second = FakeBackend::new("second", "small");
    let backends = vec![first.registered(), second.registered()];
    let served = serve_with(move |parts| {
        let config = GatewayConfig {
            queue: inference::admission::Config::default(),
            backends,
            chains: vec![Chain {
                name: "default".into(),
                backends: vec!["first".into(), "second".into()],
            }],
            routing: inference::RoutingConfig::default(),
        };
        parts.gateway = Gateway::new(config, Arc::new(NoObserver)).unwrap();
    })
    .await;
    (first, second, served)
}

fn broken() -> BackendError {
    BackendError::Rejected {
        status: 400,
        message: "no".into(),
    }
}

fn server_error() -> BackendError {
    BackendError::CertificateInvalid { reason: "old".into() }
}

impl Answer {
    /// The events of a stream, without its end.
    fn chunks(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), "text/event-stream", "{self:?}");
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    fn is_done(&self) -> bool {
        self.body.ends_with("data: [DONE]\n\n")
    }

    /// The text of a stream.
    fn said(&self) -> String {
        let chunks = self.chunks();
        chunks
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
            .collect()
    }

    fn openai_error(&self) -> Value {
        self.json()["error"].take()
    }
}

#[tokio::test]
async fn an_answer_is_whole_and_says_who_gave_it() {
    let served = serve().await;
    let answer = served.send(&chat(&json!({}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for (header, value) in [
        ("x-b2x-backend", "fake"),
        ("x-b2x-region", "nowhere"),
        ("x-b2x-attempts", "fake=answered"),
        ("x-b2x-degraded", "false"),
        ("x-b2x-reason", ""),
    ] {
        assert_eq!(answer.header(header), value, "{header}");
    }
    let body = answer.json();
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-"), "{body}");
    assert!(body["created"].as_u64().unwrap() > 1_700_000_000, "{body}");
    assert_eq!(
        (&body["object"], &body["model"]),
        (&json!("chat.completion"), &json!("model"))
    );
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "ok", "refusal": null},
                        "logprobs": null, "finish_reason": "stop"});
    assert_eq!(body["choices"], json!([choice]));
    let usage = json!({"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8});
    assert_eq!(body["usage"], usage);
    served.stop().await;
}

#[tokio::test]
async fn a_stream_begins_with_the_role_and_ends_with_who_answered() {
    let served = serve().await;
    served
        .fake
        .always(Script::new().text("one ").text("two").finish(FinishReason::Stop));
    let answer = served.send(&streamed()).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-cache"));
    assert!(answer.is_done(), "{answer:?}");
    let chunks = answer.chunks();
    assert_eq!(
        chunks[0]["choices"][0]["delta"],
        json!({"role": "assistant", "content": ""})
    );
    assert_eq!(answer.said(), "one two");
    assert!(chunks.iter().all(|chunk| {
        chunk["object"] == "chat.completion.chunk"
            && chunk["id"] == chunks[0]["id"]
            && chunk["model"] == "model"
    }));
    let last = chunks.last().unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        (&last["b2x"]["backend"], &last["b2x"]["degraded"]),
        (&json!("fake"), &json!(false))
    );
    assert!(
        chunks.iter().all(|chunk| chunk.get("usage").is_none()),
        "usage was not asked for"
    );

    let request = chat(&json!({"stream": true, "stream_options": {"include_usage": true}}));
    let chunks = served.send(&request).await.chunks();
    let (last, others) = chunks.split_last().unwrap();
    assert_eq!(
        (&last["choices"], &last["usage"]["total_tokens"]),
        (&json!([]), &json!(9))
    );
    assert_eq!(last["b2x"]["backend"], "fake");
    assert!(
        others
            .iter()
            .all(|chunk| chunk["usage"] == Value::Null && chunk.get("b2x").is_none())
    );
    served.stop().await;
}

#[tokio::test]
async fn tool_calls_come_back_whole() {
    let served = serve().await;
    let call = ToolCall {
        id: "c1".into(),
        name: "find".into(),
        arguments: "{\"q\":1}".into(),
    };
    served.fake.always(
        Script::new()
            .tool_calls(vec![call])
            .finish(FinishReason::ToolCalls),
    );
    let tools = json!({"tools": [{"type": "function", "function": {"name": "find"}}]});
    let body = served.send(&chat(&tools)).await.json();
    let function = json!({"name": "find", "arguments": "{\"q\":1}"});
    let message = json!({"role": "assistant", "content": null, "refusal": null,
                         "tool_calls": [{"id": "c1", "type": "function", "function": function}]});
    assert_eq!(body["choices"][0]["message"], message);
    assert_eq!(body["choices"][0]["finish_reason"], "tool_calls");

    let mut streaming = tools;
    streaming["stream"] = json!(true);
    let answer = served.send(&chat(&streaming)).await;
    let chunks = answer.chunks();
    let delta = &chunks[1]["choices"][0]["delta"]["tool_calls"];
    assert_eq!(
        delta,
        &json!([{"index": 0, "id": "c1", "type": "function", "function": function}])
    );
    assert_eq!(
        chunks.last().unwrap()["choices"][0]["finish_reason"],
        "tool_calls"
    );
    assert!(answer.is_done());
    served.stop().await;
}

#[tokio::test]
async fn an_answer_that_reaches_its_bound_says_so() {
    let served = serve().await;
    served
        .fake
        .always(Script::new().text("half").finish(FinishReason::Length));
    let body = served.send(&chat(&json!({"max_tokens": 1}))).await.json();
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    let chunks = served.send(&streamed()).await.chunks();
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "length");
    served.stop().await;
}

#[tokio::test]
async fn failover_before_the_first_text_is_invisible() {
    let (first, _second, served) = serve_two().await;
    first.always(Script::failure(server_error()));
    let answer = served.send(&chat(&json!({}))).await;
    assert_eq!((answer.status, &answer.json()["model"]), (200, &json!("small")));
    assert_eq!(
        answer.header("x-b2x-attempts"),
        "first=certificate_invalid, second=answered"
    );
    assert_eq!(
        (answer.header("x-b2x-degraded"), answer.header("x-b2x-reason")),
        ("true", "certificate_invalid")
    );

    first.always(Script::failure(server_error()));
    let answer = served.send(&streamed()).await;
    let chunks = answer.chunks();
    assert_eq!((answer.said().as_str(), answer.is_done()), ("ok", true));
    assert!(chunks.iter().all(|chunk| chunk["model"] == "small"), "{chunks:?}");
    let facts = &chunks.last().unwrap()["b2x"];
    assert_eq!(
        (&facts["degraded"], &facts["backend"]),
        (&json!(true), &json!("second"))
    );
    served.stop().await;
}

#[tokio::test]
async fn text_that_was_shown_is_taken_back_only_from_who_allows_it() {
    let (first, second, served) = serve_two().await;
    let half = || Script::new().text("half ").fail(server_error());
    first.next(half());
    let answer = served.send(&streamed()).await;
    assert_eq!((answer.status, answer.is_done()), (200, false), "{answer:?}");
    let chunks = answer.chunks();
    let error = &chunks.last().unwrap()["error"];
    assert_eq!(
        (&error["code"], &error["type"]),
        (&json!("stream_interrupted"), &json!("server_error")),
        "{answer:?}"
    );
    assert_eq!(second.attempts(), 0, "nobody is asked for what nobody can see");
    let queue = served
        .send(&Request::modern(
            "tools/call",
            json!({"name": "server_status", "arguments": {}}),
        ))
        .await;
    assert_eq!(queue.json()["result"]["structuredContent"]["queue"]["running"], 0);

    let (first, _second, served_again) = serve_two().await;
    first.next(half());
    let answer = served_again
        .send(&streamed().with("x-b2x-restart", "allow"))
        .await;
    let chunks = answer.chunks();
    let at = chunks.iter().position(|chunk| chunk["b2x"]["restarted"] == true);
    let at = at.unwrap_or_else(|| panic!("{answer:?}"));
    let restarted = json!({"restarted": true, "backend": "second", "reason": "certificate_invalid"});
    assert_eq!(
        (&chunks[at]["b2x"], &chunks[at]["choices"][0]["delta"]),
        (&restarted, &json!({}))
    );
    assert_eq!(
        (&chunks[at - 1]["model"], &chunks[at + 1]["model"]),
        (&json!("large"), &json!("small"))
    );
    assert_eq!((answer.said().as_str(), answer.is_done()), ("half ok", true));
    served.stop().await;
    served_again.stop().await;
}

#[tokio::test]
async fn failures_before_the_first_text_have_a_status() {
    let served = serve().await;
    served.fake.always(Script::failure(broken()));
    for request in [chat(&json!({})), streamed()] {
        let answer = served.send(&request).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert_eq!(answer.openai_error()["code"], "request_rejected");
        assert_eq!(answer.header("x-b2x-attempts"), "fake=rejected");
    }
    served.fake.always(Script::failure(server_error()));
    let answer = served.send(&streamed()).await;
    assert_eq!(
        (answer.status, &answer.openai_error()["code"]),
        (503, &json!("all_backends_failed"))
    );
    let (seconds, millis) = (answer.header("retry-after"), answer.header("retry-after-ms"));
    assert!(seconds.parse::<u64>().unwrap() * 1000 >= millis.parse::<u64>().unwrap());
    served.stop().await;
}

#[tokio::test]
async fn a_slow_beginning_is_bridged_by_comments() {
    let served = serve_with(|parts| parts.mcp.keep_alive = Duration::from_secs(1)).await;
    served.fake.always(
        Script::new()
            .wait(Duration::from_millis(6500))
            .fail(BackendError::DeploymentNotFound),
    );
    let answer = served.send(&streamed()).await;
    assert_eq!(
        (answer.status, answer.is_done()),
        (200, false),
        "the head was sent before the failure"
    );
    assert!(
        answer.body.starts_with(": waiting\n\n: waiting\n\n"),
        "{answer:?}"
    );
    assert_eq!(answer.chunks()[0]["error"]["code"], "all_backends_failed");
    served.stop().await;
}

#[tokio::test]
async fn a_caller_that_leaves_cancels_its_call() {
    let served = serve().await;
    served.fake.always(Script::new().text("one").stall());
    for request in [chat(&json!({})), streamed()] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&request.bytes()).await.unwrap();
        served.running(1).await;
        drop(stream);
        served.running(0).await;
    }
    served.gateway.idle().await;
    assert_eq!(served.gateway.snapshot().queue.ended_as("cancelled"), 2);
    served.stop().await;
}

#[tokio::test]
async fn a_caller_that_does_not_read_keeps_no_place_beyond_its_deadline() {
    let served = serve().await;
    let piece = "x".repeat(64 * 1024);
    let endless = (0..2000).fold(Script::new(), |script, _| script.text(&piece));
    served.fake.always(endless.stall());
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = streamed().with("x-b2x-deadline-ms", "300");
    stream.write_all(&request.bytes()).await.unwrap();
    served.running(1).await;
    tokio::time::timeout(Duration::from_secs(10), served.running(0))
        .await
        .unwrap();
    drop(stream);
    served.stop().await;
}

#[tokio::test]
async fn deadlines_of_callers_hold() {
    let served = serve().await;
    served.fake.always(Script::new().stall());
    for request in [chat(&json!({})), streamed()] {
        let answer = served.send(&request.with("x-b2x-deadline-ms", "100")).await;
        assert_eq!(
            (answer.status, &answer.openai_error()["code"]),
            (504, &json!("deadline_exceeded"))
        );
    }
    served.fake.always(Script::new().text("one").stall());
    let answer = served.send(&streamed().with("x-b2x-deadline-ms", "100")).await;
    assert_eq!(
        answer.chunks().last().unwrap()["error"]["code"],
        "deadline_exceeded"
    );
    let answer = served
        .send(&chat(&json!({})).with("x-b2x-deadline-ms", "never"))
        .await;
    assert_eq!(
        (answer.status, &answer.openai_error()["param"]),
        (400, &json!("x-b2x-deadline-ms"))
    );
    served.stop().await;
}

#[tokio::test]
async fn models_are_the_names_of_chains() {
    let served = serve().await;
    let list = served.get("/v1/models").await.json();
    let model = json!({"id": "default", "object": "model", "created": list["data"][0]["created"], "owned_by": "b2xgate"});
    assert_eq!(list, json!({"object": "list", "data": [model]}));
    assert_eq!(served.get("/v1/models/default").await.json(), model);
    for answer in [
        served.get("/v1/models/gpt-4").await,
        served.get("/v1/models/").await,
        served.get("/v1/models/%64efault").await,
        served.send(&chat(&json!({"model": "gpt-4"}))).await,
    ] {
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    let error = served
        .send(&chat(&json!({"model": "gpt-4"})))
        .await
        .openai_error();
    assert_eq!(
        (&error["code"], &error["param"]),
        (&json!("model_not_found"), &json!("model"))
    );
    assert!(error["message"].as_str().unwrap().contains("default"), "{error}");
    let queue = served.gateway.snapshot().queue;
    assert_eq!(queue.admitted, 0, "nothing was asked");
    served.stop().await;
}

#[tokio::test]
async fn the_same_guards_hold_as_for_mcp() {
    let served = serve_with(|parts| parts.http.max_body_bytes = 2000).await;
    let with_body = |body: &str| {
        let mut request = chat(&json!({}));
        request.body = body.as_bytes().to_vec();
        request
    };
    for (request, status, code) in [
        (
            chat(&json!({})).with("host", "evil.example"),
            403,
            "host_not_allowed",
        ),
        (
            chat(&json!({})).with("origin", "https://evil.example"),
            403,
            "origin_not_allowed",
        ),
        (
            Request::new("GET", "/v1/models").with("host", "evil.example"),
            403,
            "host_not_allowed",
        ),
        (
            chat(&json!({})).with("content-type", "text/plain"),
            415,
            "unsupported_media_type",
        ),
        (
            chat(&json!({})).with("content-type", ""),
            415,
            "unsupported_media_type",
        ),
        (with_body(&"x".repeat(3000)), 413, "body_too_large"),
        (with_body("{"), 400, "parse_error"),
        (with_body("{\"modle\": 1}"), 400, "invalid_parameter"),
        (
            Request::new("GET", "/v1/chat/completions"),
            405,
            "method_not_allowed",
        ),
        (Request::new("POST", "/v1/models"), 405, "method_not_allowed"),
        (Request::new("POST", "/v1/embeddings"), 404, "not_found"),
    ] {
        let answer = served.send(&request).await;
        let error = answer.openai_error();
        assert_eq!(
            (answer.status, &error["code"]),
            (status, &json!(code)),
            "{} {answer:?}",
            request.path
        );
        assert!(error["type"].is_string(), "{error}");
    }
    let keyed = chat(&json!({})).with("authorization", "Bearer anything");
    assert_eq!(
        served.send(&keyed).await.status,
        200,
        "clients send some key, whether or not one is wanted"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_drain_finishes_streams_and_tells_those_that_are_too_late() {
    let served = serve().await;
    served.fake.always(
        Script::new()
            .text("one ")
            .wait(Duration::from_millis(300))
            .text("two")
            .finish(FinishReason::Stop),
    );
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&streamed().bytes()).await.unwrap();
    served.running(1).await;
    served.shutdown.cancel();
    let answer = Answer::read(stream).await;
    assert_eq!((answer.said().as_str(), answer.is_done()), ("one two", true));
    served.stop().await;

    let served = serve_with(|parts| parts.http.drain_grace = Duration::from_millis(300)).await;
    served.fake.always(Script::new().text("one").stall());
    let mut whole = TcpStream::connect(served.address).await.unwrap();
    whole.write_all(&chat(&json!({})).bytes()).await.unwrap();
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&streamed().bytes()).await.unwrap();
    served.running(2).await;
    served.shutdown.cancel();
    let answer = Answer::read(stream).await;
    assert_eq!(
        answer.chunks().last().unwrap()["error"]["code"],
        "draining",
        "{answer:?}"
    );
    let answer = Answer::read(whole).await;
    assert_eq!(
        (answer.status, &answer.openai_error()["code"]),
        (503, &json!("draining"))
    );
    served.stop().await;
}
