//! Refusals of each kind of server, each after exactly one request.

use serde_json::json;

use super::super::classify::OPENAI;
use super::{
    backend,
    servers::{llama_cpp, openai, proxies, same_binary, server_error, throttled, too_long, vllm},
};
use crate::{
    BackendError,
    chat_completions::{
        failure::{Code, Failure, Lack, Refusal, classify},
        tests::{
            refused, request,
            server::{Server as Played, answer, piece, stream_head},
        },
    },
};

#[tokio::test]
async fn classifies_what_each_kind_of_server_says_after_one_request() {
    for (status, headers, body, expected) in
        [openai(), vllm(), llama_cpp(), same_binary(), proxies()].concat()
    {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let played = Played::playing(vec![answer(&format!("{status} X"), headers, &body)]).await;
        let error = refused(&backend(&played), &request()).await;
        assert_eq!(error, expected, "{status} {headers:?} {body}");
        assert_eq!(played.requests().len(), 1, "{status} {body}");
    }
}

#[tokio::test]
async fn classifies_an_error_in_place_of_the_rest_of_a_stream() {
    for (error, expected) in [
        (
            json!({"message": "m", "type": "InternalServerError", "code": 500}),
            server_error(500, None),
        ),
        (
            json!({"code": 503, "message": "Loading model", "type": "unavailable_error"}),
            server_error(503, None),
        ),
        (
            json!({"code": "queue_full", "retry_after_ms": 40}),
            throttled(Some(40)),
        ),
        (json!({"code": "rate_limit_exceeded"}), throttled(None)),
        (
            json!({"code": "model_not_found"}),
            BackendError::DeploymentNotFound,
        ),
        (
            json!({"type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8}),
            too_long(Some(9), Some(8)),
        ),
        (
            json!({"message": "maximum context length is 8 tokens"}),
            too_long(None, Some(8)),
        ),
        (
            json!({"code": "content_filtered"}),
            BackendError::ContentFiltered {
                stage: "answer",
                categories: String::new(),
            },
        ),
        (json!("broken"), server_error(500, None)),
    ] {
        let line = format!("data: {}\n\n", json!({"error": error}));
        let played = Played::playing(vec![stream_head(), piece(&line)]).await;
        assert_eq!(refused(&backend(&played), &request()).await, expected, "{line}");
    }
}

#[test]
fn blames_the_request_only_where_servers_do() {
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
            let error = classify(&OPENAI, Failure::Status(refusal));
            let rejected = matches!(error, BackendError::Rejected { .. });
            assert!(
                !rejected || [400, 413, 422].contains(&status),
                "{status} {code:?}: {error:?}"
            );
            let filtered = matches!(error, BackendError::ContentFiltered { .. });
            assert!(
                !filtered || (400..=499).contains(&status),
                "{status} {code:?}: {error:?}"
            );
            let throttled = matches!(error, BackendError::Throttled { .. });
            assert!(
                !throttled || status == 429 || *code == Code::Overloaded,
                "{status} {code:?}: {error:?}"
            );
        }
    }
}
