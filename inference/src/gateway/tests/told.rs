//! What the observer is told: each thing once, with the right labels.

use std::sync::Mutex;

use super::*;
use crate::{TokenUsage, resilience::breaker::Transition};

/// Writes down what it is told, without the times.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, what: String) {
        self.0.lock().expect("sound").push(what);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("sound"))
    }
}

impl Observer for Notes {
    fn call_started(&self, waited: Duration) {
        self.note(format!("started after {} s", waited.as_secs()));
    }
    fn call_ended(&self, label: &'static str, outcome: &'static str, _: Duration) {
        self.note(format!("{label} ended {outcome}"));
    }
    fn first_token(&self, backend: &str, after: Duration) {
        self.note(format!("first token of {backend} after {} s", after.as_secs()));
    }
    fn attempt_ended(&self, backend: &str, outcome: AttemptOutcome, _: Duration) {
        self.note(format!("attempt {backend} {}", outcome.as_str()));
    }
    fn call_failed(&self, label: &'static str, code: &'static str) {
        self.note(format!("{label} failed: {code}"));
    }
    fn tokens_used(&self, tenant: &str, backend: &str, usage: TokenUsage) {
        let (input, output) = (usage.input, usage.output);
        self.note(format!("{tenant:?} used {input} and {output} at {backend}"));
    }
    fn fell_back(&self, from: &str, to: &str, reason: AttemptOutcome) {
        self.note(format!("{from} to {to}: {}", reason.as_str()));
    }
    fn breaker_changed(&self, backend: &str, transition: &Transition) {
        self.note(format!("breaker of {backend} {}", transition.to.as_str()));
    }
}

fn observed(backends: &[&FakeBackend]) -> (Gateway, Arc<Notes>) {
    let notes = Arc::new(Notes::default());
    let names = backends
        .iter()
        .map(|backend| backend.info().name.clone())
        .collect();
    let config = GatewayConfig {
        queue: admission::Config::default(),
        backends: backends.iter().map(|backend| backend.registered()).collect(),
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: names,
        }],
        routing: crate::RoutingConfig::default(),
    };
    let observer: Arc<dyn Observer> = notes.clone();
    (Gateway::new(config, observer).expect("names are fine"), notes)
}

#[tokio::test(start_paused = true)]
async fn an_answer() {
    let one = FakeBackend::new("one", "big").with(|info| info.max_concurrency = 1);
    one.always(Script::new().wait(SECOND).text("ok").finish(FinishReason::Stop));
    let (gateway, notes) = observed(&[&one]);
    let (first, second) = tokio::join!(gateway.complete(call(50)), gateway.complete(call(50)));
    assert!(first.is_ok() && second.is_ok());
    let each = [
        "\"\" used 7 and 1 at one",
        "first token of one after 1 s",
        "attempt one answered",
        "test ended answered",
    ];
    let expected: Vec<&str> = ["started after 0 s"]
        .into_iter()
        .chain(each)
        .chain(["started after 1 s"])
        .chain(each)
        .collect();
    assert_eq!(notes.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_fallback_and_a_tripped_breaker() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(Script::failure(BackendError::Unauthorized));
    let (gateway, notes) = observed(&[&one, &two]);
    gateway.complete(call(50)).await.expect("answered");
    let answered = [
        "\"\" used 7 and 1 at two",
        "first token of two after 0 s",
        "attempt two answered",
        "test ended degraded",
    ];
    let expected: Vec<&str> = [
        "started after 0 s",
        "breaker of one open",
        "attempt one credential_refused",
        "one to two: credential_refused",
    ]
    .into_iter()
    .chain(answered)
    .collect();
    assert_eq!(notes.take(), expected);

    gateway.complete(call(50)).await.expect("answered");
    let expected: Vec<&str> = ["started after 0 s", "one to two: circuit_open"]
        .into_iter()
        .chain(answered)
        .collect();
    assert_eq!(notes.take(), expected, "what is passed over is no attempt");
}

#[tokio::test(start_paused = true)]
async fn a_failure() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::failure(BackendError::UpstreamTimeout));
    let (gateway, notes) = observed(&[&one]);
    gateway.complete(call(50)).await.unwrap_err();
    assert_eq!(
        notes.take(),
        [
            "started after 0 s",
            "attempt one server_error",
            "test failed: all_backends_failed",
            "test ended failed"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn whose_call_it_was_and_how_a_refused_answer_is_called() {
    let one = FakeBackend::new("one", "big");
    one.next(Script::failure(BackendError::ContentFilterUnavailable));
    let (gateway, notes) = observed(&[&one]);
    gateway.complete(call(50)).await.unwrap_err();
    assert!(notes.take().contains(&"test failed: content_filtered".to_owned()));
    let of_acme = Call {
        tenant: Arc::from("acme"),
        ..call(50)
    };
    gateway.complete(of_acme).await.expect("answered");
    assert!(notes.take().contains(&"\"acme\" used 7 and 1 at one".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::new().stall());
    let (gateway, notes) = observed(&[&one]);
    drop(gateway.start(call(50)).expect("admitted"));
    assert_eq!(notes.take(), ["test ended cancelled"], "nothing was attempted");

    let mut stream = gateway.start(call(50)).expect("admitted");
    let _ = stream.next().await;
    let _ = stream.next().now_or_never();
    drop(stream);
    assert_eq!(
        notes.take(),
        [
            "started after 0 s",
            "attempt one cancelled",
            "test ended cancelled"
        ]
    );
}
