//! Requests that do not become calls: each is told why, in JSON, with a code.

use super::*;

fn listing() -> Request {
    Request::modern("tools/list", json!({}))
}

#[tokio::test]
async fn every_refusal_has_a_status_and_a_code() {
    let served = serve_with(|parts| parts.http.max_body_bytes = 100_000).await;
    let body = |body: &[u8]| Request {
        body: body.to_vec(),
        ..listing()
    };
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_params = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"x":{deep}}}}}"#);
    for (name, request, status, code) in [
        ("unknown path", Request::new("GET", "/nothing"), 404, "not_found"),
        (
            "wrong method",
            Request::new("POST", "/health/live"),
            405,
            "method_not_allowed",
        ),
        (
            "wrong method",
            Request::new("PUT", "/mcp"),
            405,
            "method_not_allowed",
        ),
        (
            "stream without session",
            Request::new("GET", "/mcp").with("accept", "text/event-stream"),
            400,
            "invalid_request",
        ),
        (
            "modern stream",
            Request {
                method: "GET",
                ..listing()
            },
            405,
            "method_not_allowed",
        ),
        (
            "no content type",
            listing().with("content-type", ""),
            415,
            "unsupported_media_type",
        ),
        (
            "form",
            listing().with("content-type", "text/plain"),
            415,
            "unsupported_media_type",
        ),
        ("no accept", listing().with("accept", ""), 406, "not_acceptable"),
        (
            "json only",
            listing().with("accept", "application/json"),
            406,
            "not_acceptable",
        ),
        ("empty", body(b""), 400, "parse_error"),
        ("not json", body(b"{"), 400, "parse_error"),
        (
            "not utf-8",
            body(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}"),
            400,
            "parse_error",
        ),
        ("deep", body(deep.as_bytes()), 400, "parse_error"),
        ("deep params", body(deep_params.as_bytes()), 400, "parse_error"),
        ("batch", body(b"[]"), 400, "invalid_request"),
        ("number", body(b"7"), 400, "invalid_request"),
        (
            "no version",
            body(br#"{"id":1,"method":"tools/list"}"#),
            400,
            "invalid_request",
        ),
        ("too large", body(&vec![b' '; 100_001]), 413, "body_too_large"),
        (
            "evil host",
            listing().with("host", "evil.example.com"),
            403,
            "host_not_allowed",
        ),
        ("no host", listing().with("host", ""), 400, "host_malformed"),
        (
            "evil origin",
            listing().with("origin", "http://evil.example.com"),
            403,
            "origin_not_allowed",
        ),
        (
            "opaque origin",
            listing().with("origin", "null"),
            403,
            "origin_not_allowed",
        ),
        (
            "no session",
            Request::post(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#),
            400,
            "invalid_request",
        ),
    ] {
        let answer = served.send(&request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{name}: {answer:?}"
        );
        if request.path == "/mcp" {
            let body = answer.json();
            assert_eq!(body["jsonrpc"], "2.0", "{name}");
            assert!(body["error"]["code"].is_i64(), "{name}");
        }
    }
    // After all that, it still answers, also to pages on this machine.
    let local = listing().with("origin", "http://localhost:5173");
    assert_eq!(served.send(&local).await.status, 200);
    served.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let served = serve_with(|parts| parts.http.body_read_timeout = Duration::from_millis(20)).await;
    let mut whole = listing().bytes();
    whole.truncate(whole.len() - 5);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(&whole).await.unwrap();
    let answer = Answer::read(stream).await;
    assert_eq!(
        (answer.status, answer.code()),
        (408, "request_timeout".to_owned())
    );
    served.stop().await;
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let served = serve_with(|parts| parts.http.header_read_timeout = Duration::from_millis(20)).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream
        .write_all(b"POST /mcp HTTP/1.1\r\nhost: loc")
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"),
        "{answer:?}"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_call_that_never_answers_is_ended() {
    let served = serve_with(|parts| parts.http.request_timeout = Duration::from_millis(20)).await;
    served.fake.always(inference::testing::Script::new().stall());
    let answer = served.send(&question(&json!({}))).await;
    assert_eq!(
        (answer.status, answer.code()),
        (408, "request_timeout".to_owned())
    );
    served.running(0).await;
    served.stop().await;
}
