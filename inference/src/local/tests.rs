//! The local backend over tiny models of random weights, and over files that are none.

use models::testing::{Family, TinyModel};

use super::*;
use crate::{
    Call, Chain, Gateway, GatewayConfig, Message, NoObserver, RegisteredBackend, TravelRule, Truncation,
};

#[test]
fn every_error_of_the_engine_is_translated() {
    let unsupported = |reason: &str| BackendError::Unsupported {
        reason: reason.to_owned(),
    };
    let cases = [
        (
            GenerateError::ContextLengthExceeded {
                prompt_tokens: 90,
                max_tokens: 20,
                context_tokens: 100,
            },
            BackendError::ContextLengthExceeded {
                needed: Some(110),
                limit: Some(100),
            },
        ),
        (
            GenerateError::SchemaUnsupported("a".into()),
            unsupported("schema: a"),
        ),
        (
            GenerateError::Template("b".into()),
            unsupported("chat template: b"),
        ),
        (GenerateError::NoFreeSlot, BackendError::Busy),
        (
            GenerateError::AnswerFailed("d".into()),
            unsupported("this request: d"),
        ),
        (
            GenerateError::EngineFailed("c".into()),
            BackendError::Failed { reason: "c".into() },
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(translate(error), expected);
    }
}

#[test]
fn what_no_local_model_can_do_is_refused_and_never_left_out() {
    let plain = || CompletionRequest::new(vec![Message::user("Hello?")], 8);
    let call = || crate::ToolCall {
        id: "call_1".to_owned(),
        name: "get_time".to_owned(),
        arguments: "{}".to_owned(),
    };
    let tool = crate::Tool {
        name: "get_time".to_owned(),
        description: None,
        parameters: None,
        strict: false,
    };
    let with_messages = |messages| CompletionRequest { messages, ..plain() };
    for (request, what) in [
        (
            CompletionRequest {
                tools: vec![tool],
                ..plain()
            },
            "cannot call tools",
        ),
        (
            with_messages(vec![Message::tool_calls("", vec![call()])]),
            "cannot call tools",
        ),
        (
            with_messages(vec![Message::tool_result("call_1", "12:00")]),
            "cannot call tools",
        ),
    ] {
        let expected = BackendError::Unsupported {
            reason: format!("a model in this process {what}"),
        };
        assert_eq!(generation_request(&request).err(), Some(expected));
    }
    let all = CompletionRequest {
        top_p: Some(0.9),
        stop: vec!["END".to_owned()],
        output: Output::JsonObject,
        tenant: Some(Arc::from("acme")),
        ..plain()
    };
    let request = generation_request(&all).expect("all of it can be done");
    assert_eq!(
        (
            request.sampling.top_p,
            request.stop,
            request.cache_scope.as_deref()
        ),
        (Some(0.9), vec!["END".to_owned()], Some("acme"))
    );
    assert_eq!(
        request.json_schema.as_deref(),
        Some(&serde_json::json!({"type": "object"}))
    );
}

#[test]
fn progress_is_a_fraction() {
    for (loaded_bytes, total_bytes, expected) in [
        (0, 100, 0.0),
        (50, 100, 0.5),
        (100, 100, 1.0),
        (200, 100, 1.0),
        (0, 0, 0.0),
        (u64::MAX, 1, 1.0),
    ] {
        let got = fraction(LoadProgress {
            loaded_bytes,
            total_bytes,
        });
        assert!(
            (got - expected).abs() < 1e-6,
            "{loaded_bytes} of {total_bytes}: {got}"
        );
    }
}

#[tokio::test]
async fn a_missing_file_fails_the_backend_and_says_so() {
    let backend = LocalBackend::load(config("/nonexistent/model.gguf".into()), |_| {});
    loaded(&backend).await;
    assert!(matches!(backend.readiness(), Readiness::Failed(reason) if reason.contains("model.gguf")));
    assert_eq!(backend.stats(), Stats::default());
    assert!(backend.engine().is_none());
}

fn config(path: PathBuf) -> Config {
    Config {
        name: "local".to_owned(),
        model: "some".to_owned(),
        path: Some(path),
        slots: 2,
        context_tokens: None,
        kv_precision: KvPrecision::F16,
    }
}

/// Loads a tiny model of random weights: it answers, without sense.
async fn tiny(folder: &tempfile::TempDir) -> LocalBackend {
    let path = folder.path().join("tiny.gguf");
    TinyModel::new(Family::Llama, 7).write(&path).expect("written");
    let backend = LocalBackend::load(config(path), |_| {});
    loaded(&backend).await;
    assert_eq!(backend.readiness(), Readiness::Ready);
    backend
}

/// Waits for the end of loading, as the gateway does.
async fn loaded(backend: &LocalBackend) {
    let changed = Arc::new(tokio::sync::Notify::new());
    let notify = Arc::clone(&changed);
    backend.watch_readiness(Box::new(move || notify.notify_one()));
    while matches!(backend.readiness(), Readiness::Warming(_)) {
        changed.notified().await;
    }
}

fn request(text: &str, max_output_tokens: u32) -> CompletionRequest {
    CompletionRequest {
        truncation: Truncation::Allow,
        seed: Some(1),
        travel: TravelRule::confidential(),
        ..CompletionRequest::new(vec![Message::user(text)], max_output_tokens)
    }
}

fn deadline() -> Deadline {
    Deadline::after(Duration::from_mins(1))
}

#[tokio::test]
async fn a_loaded_model_answers_and_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = tiny(&folder).await;
    let stream = backend
        .complete(&request("Hello", 12), deadline())
        .await
        .expect("begun");
    let events: Vec<_> = stream.collect().await;
    let Some(Ok(CompletionEvent::Finished { usage, .. })) = events.last() else {
        panic!("{events:?}")
    };
    assert!(usage.input > 0 && (1..=12).contains(&usage.output), "{usage:?}");
    let (last, texts) = (events.len() - 1, &events);
    assert!(
        texts[..last]
            .iter()
            .all(|event| matches!(event, Ok(CompletionEvent::Text { .. }))),
        "{texts:?}"
    );
    assert_eq!(backend.stats().slots, 2);
}

#[tokio::test]
async fn it_waits_for_a_place_that_a_caller_who_gave_up_still_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = tiny(&folder).await;
    let engine = backend.engine().expect("loaded");
    // Two slots, and as many places to wait in.
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(engine.place().await);
    }
    let asked = request("Hello", 8);
    let mut begun = backend.complete(&asked, deadline());
    let waited = tokio::time::timeout(Duration::from_millis(50), &mut begun).await;
    assert!(waited.is_err(), "there is no room, and that is no failure");
    held.pop();
    let events: Vec<_> = begun.await.expect("begun").collect().await;
    assert!(
        matches!(events.last(), Some(Ok(CompletionEvent::Finished { .. }))),
        "{events:?}"
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_the_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = tiny(&folder).await;
    let long = "far too long ".repeat(500);
    let error = backend
        .complete(&request(&long, 12), deadline())
        .await
        .err()
        .expect("refused");
    let BackendError::ContextLengthExceeded {
        needed: Some(needed),
        limit: Some(limit),
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(needed > limit, "{needed} tokens do not fit into {limit}");
    assert_eq!(backend.readiness(), Readiness::Ready, "a refusal is no failure");
}

#[tokio::test]
async fn a_gateway_waits_for_the_model_and_then_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tiny.gguf");
    TinyModel::new(Family::Qwen3, 7).write(&path).expect("written");
    let backend = LocalBackend::load(config(path), |_| {});
    let chain = Chain {
        name: "default".to_owned(),
        backends: vec!["local".to_owned()],
    };
    let gateway = Gateway::new(
        GatewayConfig {
            queue: crate::admission::Config::default(),
            backends: vec![RegisteredBackend {
                backend: Arc::new(backend),
                resilience: Config::resilience(),
            }],
            chains: vec![chain],
            routing: crate::RoutingConfig::default(),
        },
        Arc::new(NoObserver),
    )
    .expect("names are fine");
    let call = || Call::new("test", request("Hello", 8), deadline());
    // At once, while it loads.
    let answer = gateway.complete(call()).await.expect("answered");
    assert_eq!(
        (answer.facts.backend.as_str(), answer.facts.region.as_str()),
        ("local", "in-process")
    );
    assert!(!answer.facts.degraded);
}

#[tokio::test]
async fn a_broken_file_fails_the_backend_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = TinyModel::new(Family::Llama, 7).bytes();
    for (name, bytes) in [
        ("truncated", &whole[..whole.len() / 2]),
        ("empty", &[]),
        ("text", b"not a model"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let backend = LocalBackend::load(config(path), |_| {});
        loaded(&backend).await;
        assert!(
            matches!(backend.readiness(), Readiness::Failed(_)),
            "{name}: {:?}",
            backend.readiness()
        );
        let error = backend
            .complete(&request("Hello", 8), deadline())
            .await
            .err()
            .expect("refused");
        assert!(matches!(error, BackendError::Failed { .. }), "{name}: {error:?}");
    }
}
