//! Tests of the backend for compatible servers, against a server that plays scripted bytes.

mod config;
mod refusals;
mod servers;

use std::sync::Arc;

use serde_json::json;

use super::{Config, Server};
use crate::{
    BackendError, BackendInfo, CompletionEvent, FinishReason, MaxTokensField, Price, Processing,
    chat_completions::tests::{
        FixedKey, KEY, attempt, refused, request,
        server::{Server as Played, whole_stream},
    },
    resilience,
};

/// The certificate of the Azure client's tests, in PEM.
const CERTIFICATE: &str = include_str!("certificate.pem");

fn config(base_url: &str) -> Config {
    Config {
        info: BackendInfo {
            name: "vllm".to_owned(),
            kind: "openai",
            model: "qwen3-8b".to_owned(),
            region: "cluster".to_owned(),
            processing: Processing::Eu,
            max_concurrency: 4,
            context_tokens: None,
            tools: true,
            price: Price::default(),
        },
        base_url: base_url.parse().unwrap(),
        allow_plain_http: false,
        upstream_model: "Qwen/Qwen3-8B".to_owned(),
        api_key: None,
        roots: None,
        max_tokens_field: MaxTokensField::MaxTokens,
        resilience: resilience::Config::default(),
    }
}

fn backend(played: &Played) -> Server {
    Server::new(config(&format!("{}/v1", played.url))).unwrap()
}

#[tokio::test]
async fn speaks_the_protocol_with_and_without_a_key() {
    let played = Played::playing(whole_stream("4711")).await;
    for (path, key, field, authorization) in [
        ("/v1", None, MaxTokensField::MaxTokens, None),
        (
            "/v1/",
            Some(KEY),
            MaxTokensField::MaxCompletionTokens,
            Some(format!("authorization: Bearer {KEY}")),
        ),
        (
            "/llm/api/v1",
            Some("key-2\n"),
            MaxTokensField::MaxTokens,
            Some("authorization: Bearer key-2".to_owned()),
        ),
    ] {
        let config = Config {
            api_key: key.map(|key| Arc::new(FixedKey(Ok(key.to_owned()))) as _),
            max_tokens_field: field,
            ..config(&format!("{}{path}", played.url))
        };
        let (text, end) = attempt(&Server::new(config).unwrap(), &request()).await;
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
        let sent = played.requests().pop().unwrap();
        let line = format!("POST {}/chat/completions HTTP/1.1", path.trim_end_matches('/'));
        assert_eq!(sent.line, line);
        let found = sent
            .head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("authorization:"));
        assert_eq!(found.map(str::to_owned), authorization);
        assert!(
            !sent.head.to_ascii_lowercase().contains("api-key"),
            "{}",
            sent.head
        );
        let bound = match field {
            MaxTokensField::MaxTokens => ("max_tokens", "max_completion_tokens"),
            MaxTokensField::MaxCompletionTokens => ("max_completion_tokens", "max_tokens"),
        };
        assert_eq!((&sent.body[bound.0], sent.body.get(bound.1)), (&json!(64), None));
        assert_eq!(sent.body["model"], "Qwen/Qwen3-8B");
        assert_eq!(
            (&sent.body["stream"], &sent.body["stream_options"]),
            (&json!(true), &json!({"include_usage": true}))
        );
    }
}

#[tokio::test]
async fn believes_the_given_certificates_and_no_others() {
    let port = crate::azure::tests::connections::tls_server();
    let url = format!("https://127.0.0.1:{port}/v1");
    let trusting = |roots: Option<&str>| {
        let config = Config {
            roots: roots.map(|pem| pem.as_bytes().to_vec()),
            ..config(&url)
        };
        Server::new(config).unwrap()
    };
    let (text, end) = attempt(&trusting(Some(CERTIFICATE)), &request()).await;
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(text, "4711");
    // A bundle may hold several.
    let (_, end) = attempt(&trusting(Some(&CERTIFICATE.repeat(2))), &request()).await;
    assert!(end.is_ok(), "{end:?}");
    let error = refused(&trusting(None), &request()).await;
    assert!(
        matches!(error, BackendError::CertificateInvalid { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_key_that_is_not_there_fails_the_backend() {
    let config = Config {
        api_key: Some(Arc::new(FixedKey(Err("the file is gone".to_owned())))),
        ..config("http://127.0.0.1:1/v1")
    };
    let error = refused(&Server::new(config).unwrap(), &request()).await;
    let BackendError::Failed { reason } = error else {
        panic!("{error:?}")
    };
    assert_eq!(reason, "API key of backend vllm: the file is gone");
}
