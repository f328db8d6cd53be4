//! Calls that failed or were refused: each has a code, and together they add up.

use super::*;

#[tokio::test]
async fn each_failed_call_has_a_code_and_together_they_are_those_that_failed() {
    let scene = Scene::new();
    let none = scene.scrape();
    for code in definitions::FAILURE_CODES {
        let page = format!("{}/../docs/errors/{code}.md", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&page).exists(), "{code} has no page");
        let labels = [("tool", "chat"), ("code", code)];
        assert_eq!(none.value("mcp_failed_calls_total", &labels), 0);
    }
    assert!(scene.gateway.complete(Scene::call("fail")).await.is_err());
    assert!(scene.gateway.complete(Scene::call("hello")).await.is_ok());
    scene.gateway.drain();
    assert!(scene.gateway.complete(Scene::call("hello")).await.is_err());
    let scrape = scene.scrape();
    let labels = [("tool", "summarize_text"), ("code", "all_backends_failed")];
    assert_eq!(scrape.value("mcp_failed_calls_total", &labels), 1);
    let failed = scrape.sum("mcp_calls_total", |labels| labels["outcome"] == "failed");
    assert_eq!(
        scrape.sum("mcp_failed_calls_total", |_| true),
        failed,
        "what is refused at the door is none of them"
    );
}

/// Whoever adds a reason to fail sees here that dashboards and alerts read its code.
#[test]
fn every_way_to_fail_is_a_known_code() {
    let attempts = Vec::new;
    let refused = |error| CallError::Refused {
        error,
        attempts: attempts(),
    };
    let (reason, soon) = (|| "x".to_owned(), Duration::from_secs(1));
    let errors = [
        CallError::QueueFull {
            waiting: 1,
            capacity: 1,
            retry_after: soon,
        },
        CallError::DeadlineExceeded {
            after: soon,
            attempts: attempts(),
        },
        CallError::Interrupted {
            backend: reason(),
            reason: inference::AttemptOutcome::Timeout,
            attempts: attempts(),
        },
        CallError::NotPermitted { attempts: attempts() },
        CallError::AllBackendsFailed {
            attempts: attempts(),
            retry_after: soon,
        },
        refused(BackendError::ContentFilterUnavailable),
        refused(BackendError::ContextLengthExceeded {
            needed: None,
            limit: None,
        }),
        refused(BackendError::OutputTruncated { max_output_tokens: 1 }),
        refused(BackendError::InvalidOutput { reason: reason() }),
        refused(BackendError::Unsupported { reason: reason() }),
        refused(BackendError::Rejected {
            status: 400,
            message: reason(),
        }),
    ];
    let codes: BTreeSet<&str> = errors.iter().map(CallError::code).collect();
    assert_eq!(codes, definitions::FAILURE_CODES.into());
}

#[tokio::test]
async fn what_is_refused_at_the_door_is_shed_and_not_admitted() {
    let scene = Scene::new();
    scene.gateway.drain();
    assert!(scene.gateway.complete(Scene::call("hello")).await.is_err());
    let scrape = scene.scrape();
    scrape.assert_every_call_is_accounted_for();
    assert_eq!(scrape.value("mcp_shed_total", &[("reason", "draining")]), 1);
    assert_eq!(
        scrape.value(
            "mcp_calls_total",
            &[("tool", "summarize_text"), ("outcome", "shed")]
        ),
        1
    );
    assert_eq!(scrape.value("mcp_admitted_total", &[]), 0);
    assert_eq!(scrape.value("mcp_draining", &[]), 1);
}
