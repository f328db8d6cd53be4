//! What is sent, and what comes back when all is well.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use secrecy::SecretString;
use serde_json::json;

use super::super::{Api, Credential, Deployment, KeySource};
use super::{FixedKey, KEY, attempt, config, deployment, request, soon};
use crate::chat_completions::tests::server::{Server, Step, piece, stream_head, whole_stream};
use crate::chat_completions::tests::streams::said;
use crate::{
    Backend, BackendError, CompletionEvent, CompletionRequest, Deadline, FinishReason, Output, Readiness,
};

#[tokio::test]
async fn speaks_both_url_shapes() {
    let server = Server::playing(whole_stream("4711")).await;
    let version = Api::Dated("2025-04-01-preview".to_owned());
    for (prefix, api, line, model) in [
        (
            "",
            Api::V1,
            "POST /openai/v1/chat/completions HTTP/1.1",
            json!("chat-small"),
        ),
        (
            "/llm/",
            Api::V1,
            "POST /llm/openai/v1/chat/completions HTTP/1.1",
            json!("chat-small"),
        ),
        (
            "",
            version,
            "POST /openai/deployments/chat-small/chat/completions?api-version=2025-04-01-preview HTTP/1.1",
            json!(null),
        ),
    ] {
        let config = super::Config {
            api,
            ..config(&format!("{}{prefix}", server.url))
        };
        let (text, end) = attempt(&Deployment::new(config).unwrap(), &request()).await;
        assert_eq!(text, "4711");
        assert!(
            matches!(
                end,
                Ok(CompletionEvent::Finished {
                    reason: FinishReason::Stop,
                    ..
                })
            ),
            "{end:?}"
        );
        let sent = server.requests().pop().unwrap();
        assert_eq!((sent.line.as_str(), &sent.body["model"]), (line, &model));
    }
}

#[tokio::test]
async fn sends_key_agent_and_body() {
    let server = Server::playing(whole_stream("4711")).await;
    let (_, end) = attempt(&deployment(&server.url), &request()).await;
    end.unwrap();
    let sent = server.requests().pop().unwrap();
    let head = sent.head.to_ascii_lowercase();
    assert!(head.contains(&format!("\r\napi-key: {KEY}\r\n")), "{head}");
    assert!(head.contains("\r\nuser-agent: b2xgate-mcp-server/"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
    let expected = json!({
        "model": "chat-small",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is the order number of Meyer GmbH?"},
        ],
        "stream": true,
        "stream_options": {"include_usage": true},
        "max_completion_tokens": 64,
        "temperature": 0.0,
        "seed": 7,
    });
    assert_eq!(sent.body, expected);
}

#[tokio::test]
async fn names_the_deployment_that_answered() {
    let deployment_of = async |headers: &str| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{headers}connection: close\r\n\r\n"
        );
        let body = [
            said("4711"),
            crate::chat_completions::tests::streams::STOP.to_owned(),
        ]
        .concat();
        let server = Server::playing(vec![
            Step::Send(head.into()),
            Step::Send(body.into()),
            Step::Close,
        ])
        .await;
        match attempt(&deployment(&server.url), &request()).await.1 {
            Ok(CompletionEvent::Finished { deployment, .. }) => deployment,
            other => panic!("{headers}: {other:?}"),
        }
    };
    let spilled = "x-ms-spillover-from-deployment: chat-small\r\nx-ms-deployment-name: chat-standard\r\n";
    for (headers, expected) in [
        ("", None),
        ("x-ms-deployment-name: chat-small\r\n", Some("chat-small")),
        (spilled, Some("chat-standard")),
        ("x-ms-deployment-name: \r\n", None),
        ("x-ms-deployment-name: a b\r\n", None),
        ("x-ms-deployment-name: <script>\r\n", None),
    ] {
        assert_eq!(deployment_of(headers).await.as_deref(), expected, "{headers}");
    }
}

#[tokio::test]
async fn sends_a_schema_strict_where_it_can_be() {
    let server = Server::playing(whole_stream("{}")).await;
    let backend = deployment(&server.url);
    let strict = json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
    for (schema, is_strict) in [(strict, true), (json!({"type": "object"}), false)] {
        let output = Output::Json {
            name: "ticket".to_owned(),
            schema: Arc::new(schema.clone()),
            check: None,
        };
        attempt(&backend, &CompletionRequest { output, ..request() })
            .await
            .1
            .unwrap();
        let expected = json!({
            "type": "json_schema",
            "json_schema": {"name": "ticket", "schema": schema, "strict": is_strict},
        });
        assert_eq!(server.requests().pop().unwrap().body["response_format"], expected);
    }
}

#[tokio::test]
async fn sends_only_numbers_that_azure_takes() {
    let server = Server::playing(whole_stream("")).await;
    let backend = deployment(&server.url);
    let one = json!(1.0);
    for (temperature, seed, expected) in [
        (f32::NAN, None, [json!(null), json!(null)]),
        (9.0, Some(u64::MAX), [json!(2.0), json!(i64::MAX)]),
        (1.0, Some(0), [one, json!(0)]),
    ] {
        attempt(
            &backend,
            &CompletionRequest {
                temperature,
                seed,
                ..request()
            },
        )
        .await
        .1
        .unwrap();
        let body = server.requests().pop().unwrap().body;
        assert_eq!(
            [&body["temperature"], &body["seed"]],
            [&expected[0], &expected[1]]
        );
    }
}

#[tokio::test]
async fn uses_a_connection_again_though_its_answer_ends_late() {
    let mut steps = whole_stream("4711");
    steps.insert(steps.len() - 1, Step::Wait);
    let server = Server::playing(steps).await;
    let backend = deployment(&server.url);
    // The end may arrive too late for the next call, but not for each of them.
    for _ in 0..100 {
        attempt(&backend, &request()).await.1.unwrap();
        server.go_on();
        if server.connections() < server.requests().len() {
            return;
        }
    }
    panic!("no connection was used twice");
}

#[test]
fn the_key_is_marked_as_a_secret() {
    let source = FixedKey(Ok(KEY.to_owned()));
    let key = crate::chat_completions::key::header(&source, "", "azure-test").unwrap();
    assert!(key.is_sensitive());
    assert!(!format!("{key:?}").contains(KEY));
}

#[tokio::test]
async fn asks_for_the_key_each_time() {
    struct Rotating(Mutex<u32>);
    impl KeySource for Rotating {
        fn key(&self) -> Result<SecretString, String> {
            let mut count = self.0.lock().unwrap();
            *count += 1;
            Ok(format!("key-{count}\n").into())
        }
    }
    let server = Server::playing(whole_stream("4711")).await;
    let backend = Deployment::new(super::Config {
        credential: Credential::Key(Arc::new(Rotating(Mutex::new(0)))),
        ..config(&server.url)
    })
    .unwrap();
    for _ in 0..3 {
        attempt(&backend, &request()).await.1.unwrap();
    }
    let keys: BTreeSet<_> = server
        .requests()
        .iter()
        .filter_map(|request| {
            Some(
                request
                    .head
                    .lines()
                    .find_map(|line| line.strip_prefix("api-key: "))?
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(keys, ["key-1", "key-2", "key-3"].map(str::to_owned).into());
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let mut server = Server::playing(vec![stream_head(), piece(&said("a")), Step::Silence]).await;
    let mut stream = deployment(&server.url)
        .complete(&request(), soon())
        .await
        .unwrap();
    assert_eq!(stream.next().await, Some(Ok(CompletionEvent::text("a"))));
    drop(stream);
    server.client_gone().await;
}

#[tokio::test]
async fn dropping_the_attempt_before_its_answer_closes_the_connection() {
    let mut server = Server::playing(vec![Step::Silence]).await;
    let backend = deployment(&server.url);
    let request = request();
    tokio::select! {
        _ = backend.complete(&request, soon()) => panic!("nothing was answered"),
        () = server.request_seen() => {}
    }
    server.client_gone().await;
}

#[tokio::test]
async fn the_deadline_bounds_the_wait_for_an_answer() {
    let mut server = Server::playing(vec![Step::Silence]).await;
    let deadline = Deadline::after(Duration::from_secs(1));
    let outcome = deployment(&server.url).complete(&request(), deadline).await;
    assert_eq!(outcome.err(), Some(BackendError::DeadlineExceeded));
    server.client_gone().await;
}

#[test]
fn can_always_be_asked() {
    let backend = deployment("http://127.0.0.1:1");
    assert_eq!(backend.readiness(), Readiness::Ready);
    assert_eq!(backend.info().name, "azure-test");
}
