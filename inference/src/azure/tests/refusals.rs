//! Every answer that is not a stream, each after exactly one request.

use std::time::Duration;

use super::super::classify::AZURE;
use super::{attempt, deployment, refused, request};
use crate::chat_completions::tests::server::{Server, Step, answer, stream_head, whole_stream};
use crate::{
    BackendError, CompletionRequest, Message,
    chat_completions::failure::{Code, Failure, Lack, Refusal, classify},
};

const FILTERED: &str = r#"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter",
  "status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{
  "hate":{"filtered":true,"severity":"high"},"jailbreak":{"filtered":true,"detected":true},"violence":{"filtered":false}}}}}"#;
const TOO_LONG: &str = r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, you requested 9001 tokens (8001 in the messages, 1000 in the completion). Please reduce the length.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#;
const TOO_LONG_TOO: &str = r#"{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300001 tokens.","code":"context_length_exceeded"}}"#;

fn rejected(status: u16, message: &str) -> BackendError {
    BackendError::Rejected {
        status,
        message: message.to_owned(),
    }
}

fn throttled(wait: Duration) -> BackendError {
    BackendError::Throttled {
        retry_after: Some(wait),
    }
}

fn server_error(status: u16) -> BackendError {
    BackendError::ServerError {
        status,
        retry_after: None,
    }
}

fn failed(reason: &str) -> BackendError {
    BackendError::Failed {
        reason: reason.to_owned(),
    }
}

fn unsupported(reason: &str) -> BackendError {
    BackendError::Unsupported {
        reason: reason.to_owned(),
    }
}

type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    BackendError,
);

#[tokio::test]
async fn classifies_every_status_after_one_request() {
    let prompt_filtered = |categories: &str| BackendError::ContentFiltered {
        stage: "prompt",
        categories: categories.to_owned(),
    };
    let exhausted = &[
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "26s"),
    ];
    let table: Vec<Row> = vec![
        (
            "400 Bad Request",
            &[],
            FILTERED,
            prompt_filtered("hate, jailbreak"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"content_filter","message":"x"}}"#,
            prompt_filtered(""),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"BadRequest","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            prompt_filtered(""),
        ),
        (
            "400 Bad Request",
            &[],
            TOO_LONG,
            BackendError::ContextLengthExceeded {
                needed: Some(9001),
                limit: Some(8192),
            },
        ),
        (
            "400 Bad Request",
            &[],
            TOO_LONG_TOO,
            BackendError::ContextLengthExceeded {
                needed: Some(300_001),
                limit: Some(272_000),
            },
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"context_length_exceeded","message":7}}"#,
            BackendError::ContextLengthExceeded {
                needed: None,
                limit: None,
            },
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"invalid_json_schema","message":"Invalid schema for response_format"}}"#,
            unsupported("the deployment cannot hold to this schema"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":null,"type":"invalid_request_error","param":"response_format","message":"x"}}"#,
            unsupported("the deployment cannot hold to this schema"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"unsupported_parameter","param":"stop","message":"x"}}"#,
            unsupported("the deployment takes no stop sequences"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"unsupported_value","param":"top_p","message":"x"}}"#,
            unsupported("the deployment takes no top_p"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"unsupported_parameter","param":"tools","message":"x"}}"#,
            unsupported("the deployment does not call tools in this way"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"unsupported_parameter","param":"logit_bias","message":"x"}}"#,
            rejected(400, "unsupported_parameter: x"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"OperationNotSupported","message":"x"}}"#,
            unsupported("the deployment's model does not chat; choose another deployment"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"error":{"code":"invalid_value","param":"messages","message":"bad role"}}"#,
            rejected(400, "invalid_value: bad role"),
        ),
        ("400 Bad Request", &[], "", rejected(400, "no reason given")),
        ("400 Bad Request", &[], "<html>", rejected(400, "no reason given")),
        (
            "400 Bad Request",
            &[],
            r#"{"error":"broken"}"#,
            rejected(400, "no reason given"),
        ),
        (
            "400 Bad Request",
            &[],
            r#"{"message":"from a gateway"}"#,
            rejected(400, "from a gateway"),
        ),
        (
            "401 Unauthorized",
            &[],
            r#"{"error":{"code":"401","message":"Access denied"}}"#,
            BackendError::Unauthorized,
        ),
        ("402 Payment Required", &[], "", BackendError::QuotaExhausted),
        (
            "403 Forbidden",
            &[],
            r#"{"error":{"code":"AccessDenied"}}"#,
            BackendError::Forbidden,
        ),
        (
            "403 Forbidden",
            &[],
            r#"{"error":{"code":"insufficient_quota"}}"#,
            BackendError::QuotaExhausted,
        ),
        (
            "404 Not Found",
            &[],
            r#"{"error":{"code":"DeploymentNotFound"}}"#,
            BackendError::DeploymentNotFound,
        ),
        ("404 Not Found", &[], "", BackendError::DeploymentNotFound),
        ("405 Method Not Allowed", &[], "", failed("unexpected status 405")),
        ("408 Request Timeout", &[], "", BackendError::UpstreamTimeout),
        ("409 Conflict", &[], "", BackendError::Conflict),
        ("410 Gone", &[], "", BackendError::DeploymentNotFound),
        ("413 Payload Too Large", &[], "", rejected(413, "no reason given")),
        ("418 I'm a teapot", &[], "", failed("unexpected status 418")),
        (
            "422 Unprocessable Entity",
            &[],
            r#"{"error":{"message":"no"}}"#,
            rejected(422, "no"),
        ),
        (
            "429 Too Many Requests",
            &[],
            "",
            BackendError::Throttled { retry_after: None },
        ),
        (
            "429 Too Many Requests",
            &[("retry-after-ms", "1500"), ("retry-after", "2")],
            "",
            throttled(Duration::from_millis(1500)),
        ),
        (
            "429 Too Many Requests",
            &[("retry-after", "7")],
            "",
            throttled(Duration::from_secs(7)),
        ),
        (
            "429 Too Many Requests",
            &[
                ("retry-after", "Mon, 23 Nov 2026 12:00:10 GMT"),
                ("date", "Mon, 23 Nov 2026 12:00:00 GMT"),
            ],
            "",
            throttled(Duration::from_secs(10)),
        ),
        (
            "429 Too Many Requests",
            exhausted,
            r#"{"error":{"code":"429"}}"#,
            throttled(Duration::from_secs(26)),
        ),
        (
            "429 Too Many Requests",
            &[],
            r#"{"error":{"code":"insufficient_quota"}}"#,
            BackendError::QuotaExhausted,
        ),
        (
            "429 Too Many Requests",
            &[],
            r#"{"error":{"type":"insufficient_quota","code":null}}"#,
            BackendError::QuotaExhausted,
        ),
        (
            "500 Internal Server Error",
            &[],
            r#"{"error":{"code":"InternalServerError"}}"#,
            server_error(500),
        ),
        ("502 Bad Gateway", &[], "<html>", server_error(502)),
        (
            "503 Service Unavailable",
            &[("retry-after", "4")],
            "",
            BackendError::ServerError {
                status: 503,
                retry_after: Some(Duration::from_secs(4)),
            },
        ),
        ("503 Service Unavailable", exhausted, "", server_error(503)),
        ("504 Gateway Timeout", &[], "", server_error(504)),
        ("599 Odd", &[], "", server_error(599)),
        (
            "302 Found",
            &[("location", "/elsewhere")],
            "",
            failed("redirected with status 302; check the backend's endpoint"),
        ),
        (
            "202 Accepted",
            &[],
            "",
            BackendError::MalformedStream {
                reason: "status 202 where a stream was expected".to_owned(),
            },
        ),
        (
            "200 OK",
            &[("content-type", "text/html")],
            "<html>",
            BackendError::MalformedStream {
                reason: "the answer is not an event stream".to_owned(),
            },
        ),
        ("200 OK", &[], "", BackendError::IncompleteStream),
    ];
    for (status, headers, body, expected) in table {
        let server = Server::playing(vec![answer(status, headers, body)]).await;
        let error = refused(&deployment(&server.url), &request()).await;
        assert_eq!(error, expected, "{status} {headers:?} {body}");
        assert_eq!(server.requests().len(), 1, "{status} {headers:?} {body}");
    }
}

#[tokio::test]
async fn never_repeats_what_was_said_in_the_request() {
    let secret = "Meyer GmbH owes us 12,345 EUR";
    let request = CompletionRequest {
        messages: vec![Message::user(format!("Note: {secret}!"))],
        ..request()
    };
    for message in [
        format!("Invalid prompt: {secret}"),
        "Invalid value: 'Meyer'".to_owned(),
        "Invalid value: \"GmbH\".".to_owned(),
        "near 'x' we saw owes us 12,345 and stopped".to_owned(),
    ] {
        let body = serde_json::json!({"error": {"code": "bad", "message": message}}).to_string();
        let server = Server::playing(vec![answer("400 Bad Request", &[], &body)]).await;
        let error = refused(&deployment(&server.url), &request).await;
        assert_eq!(
            error,
            rejected(400, "bad: the reason quotes the request and is withheld"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn never_repeats_the_arguments_of_a_tool_call() {
    let call = crate::ToolCall {
        id: "call_1".to_owned(),
        name: "look_up".to_owned(),
        arguments: "{\"customer\": \"Meyer GmbH in Ulm\"}".to_owned(),
    };
    let request = CompletionRequest {
        messages: vec![Message::tool_calls("", vec![call])],
        ..request()
    };
    let body =
        serde_json::json!({"error": {"code": "bad", "message": "Unknown customer 'Meyer GmbH in Ulm'"}});
    let server = Server::playing(vec![answer("400 Bad Request", &[], &body.to_string())]).await;
    assert_eq!(
        refused(&deployment(&server.url), &request).await,
        rejected(400, "bad: the reason quotes the request and is withheld")
    );
}

#[tokio::test]
async fn bounds_the_reason_and_the_body() {
    let long =
        serde_json::json!({"error": {"code": "x\ny", "message": format!("\u{7}{}", "ä ".repeat(5000))}});
    let server = Server::playing(vec![answer("422 No", &[], &long.to_string())]).await;
    let BackendError::Rejected { message, .. } = refused(&deployment(&server.url), &request()).await else {
        panic!("expected a rejection")
    };
    assert!(
        message.chars().count() <= 300 && !message.contains(char::is_control),
        "{message:?}"
    );

    // A body without end: what matters is that reading stops.
    let endless = vec![
        Step::Send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 999999999\r\n\r\n".to_vec()),
        Step::Send(vec![b' '; 128 * 1024]),
        Step::Silence,
    ];
    let mut server = Server::playing(endless).await;
    assert_eq!(
        refused(&deployment(&server.url), &request()).await,
        rejected(400, "no reason given")
    );
    server.client_gone().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_or_stalls_leaves_the_status() {
    for last in [Step::Close, Step::Reset, Step::Silence] {
        let head = Step::Send(b"HTTP/1.1 503 No\r\nretry-after: 3\r\ncontent-length: 10\r\n\r\nabc".to_vec());
        let server = Server::playing(vec![head, last]).await;
        let error = refused(&deployment(&server.url), &request()).await;
        assert_eq!(
            error,
            BackendError::ServerError {
                status: 503,
                retry_after: Some(Duration::from_secs(3))
            }
        );
    }
}

#[tokio::test]
async fn leaves_out_a_parameter_that_the_deployment_does_not_take() {
    let body = r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.0 with this model.","param":"temperature","code":"unsupported_value"}}"#;
    let server = Server::scripted(move |n| match n {
        0 => vec![answer("400 Bad Request", &[], body)],
        _ => whole_stream("4711"),
    })
    .await;
    let backend = deployment(&server.url);
    let error = refused(&backend, &request()).await;
    assert_eq!(
        error,
        unsupported("the deployment takes no temperature; later calls leave it out")
    );
    let (text, end) = attempt(&backend, &request()).await;
    assert_eq!((text.as_str(), end.is_ok()), ("4711", true));
    let bodies: Vec<_> = server
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert!(
        bodies[0].get("temperature").is_some() && bodies[1].get("temperature").is_none(),
        "{bodies:?}"
    );
    assert!(bodies[1].get("seed").is_some(), "{bodies:?}");
}

#[tokio::test]
async fn a_stream_of_no_lines_is_incomplete() {
    let server = Server::playing(vec![
        stream_head(),
        crate::chat_completions::tests::server::stream_end(),
    ])
    .await;
    assert_eq!(
        refused(&deployment(&server.url), &request()).await,
        BackendError::IncompleteStream
    );
}

#[test]
fn blames_the_request_only_where_azure_does() {
    let codes = [
        Code::Other,
        Code::ContentFilter {
            categories: String::new(),
        },
        Code::ContentFilterUnavailable,
        Code::ContextLength {
            needed: None,
            limit: None,
        },
        Code::InsufficientQuota,
        Code::Overloaded,
        Code::UnknownModel,
        Code::InvalidOutput,
        Code::Unsupported(Lack::Seed),
    ];
    for status in 0..=u16::MAX {
        for code in &codes {
            let refusal = Refusal {
                status,
                code: code.clone(),
                message: String::new(),
                retry_after: None,
            };
            let error = classify(&AZURE, Failure::Status(refusal));
            let blamed = matches!(
                error,
                BackendError::Rejected { .. }
                    | BackendError::ContextLengthExceeded { .. }
                    | BackendError::ContentFiltered { .. }
            );
            assert!(
                !blamed || (400..=499).contains(&status),
                "{status} {code:?}: {error:?}"
            );
            let rejected = matches!(error, BackendError::Rejected { .. });
            assert!(
                !rejected || [400, 413, 422].contains(&status),
                "{status} {code:?}: {error:?}"
            );
            let throttled = matches!(error, BackendError::Throttled { .. });
            assert!(!throttled || status == 429, "{status} {code:?}: {error:?}");
        }
    }
}
