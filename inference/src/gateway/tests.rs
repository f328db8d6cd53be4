//! Whole calls over scripted backends, on a paused clock.

use futures::FutureExt;

use super::*;
use crate::{
    Attempt, AttemptOutcome, BackendError, CompletionRequest, DataClass, Deadline, FinishReason, Message,
    NoObserver, Output, Priority, Processing, Residency, TravelRule, Truncation, Visibility,
    resilience::breaker::State,
    testing::{FakeBackend, Script},
};

mod again;
mod circuits;
mod faults;
mod fleet;
mod noisy;
mod queueing;
mod shown;
mod spilling;
mod told;
mod tools;
mod travel;

const SECOND: Duration = Duration::from_secs(1);

/// A gateway with one chain, over all of `backends`.
fn gateway(backends: &[&FakeBackend]) -> Gateway {
    gateway_of(backends.iter().map(|backend| backend.registered()).collect(), 256)
}

fn gateway_of(backends: Vec<RegisteredBackend>, capacity: usize) -> Gateway {
    let names = backends
        .iter()
        .map(|backend| backend.backend.info().name.clone())
        .collect();
    let config = GatewayConfig {
        queue: admission::Config { capacity },
        backends,
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: names,
        }],
        routing: routing::Config::default(),
    };
    Gateway::new(config, Arc::new(NoObserver)).expect("names are fine")
}

fn call(seconds: u64) -> Call {
    let request = CompletionRequest::new(vec![Message::user("Hello?")], 100);
    Call::new("test", request, Deadline::after(Duration::from_secs(seconds)))
}

fn failing() -> Script {
    Script::failure(BackendError::ServerError {
        status: 500,
        retry_after: None,
    })
}

/// The attempts as `backend outcome`.
fn told(attempts: &[Attempt]) -> Vec<String> {
    attempts
        .iter()
        .map(|attempt| format!("{} {}", attempt.backend, attempt.outcome.as_str()))
        .collect()
}

/// What holds whenever anybody looks.
#[track_caller]
fn check_accounts(gateway: &Gateway) {
    let queue = gateway.snapshot().queue;
    let ended: u64 = ["answered", "degraded", "failed", "cancelled"]
        .iter()
        .map(|outcome| queue.ended_as(outcome))
        .sum();
    assert_eq!(
        queue.admitted,
        ended + (queue.running + queue.waiting) as u64,
        "{queue:?}"
    );
}

/// What holds when no call is left.
#[track_caller]
fn check_idle(gateway: &Gateway) {
    check_accounts(gateway);
    let snapshot = gateway.snapshot();
    assert_eq!((snapshot.queue.running, snapshot.queue.waiting), (0, 0));
    for backend in &snapshot.backends {
        assert_eq!(backend.in_flight, 0, "{}", backend.info.name);
        assert!(!backend.breaker.trial_in_flight, "{}", backend.info.name);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_of_the_chain_answers() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    let gateway = gateway(&[&one, &two]);
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(answer.text, "ok");
    assert_eq!(answer.facts.backend, "one");
    assert!(!answer.facts.degraded);
    assert_eq!(answer.facts.reason, None);
    assert_eq!(told(&answer.facts.attempts), ["one answered"]);
    assert_eq!((answer.facts.input_tokens, answer.facts.output_tokens), (7, 1));
    assert_eq!(two.attempts(), 0);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_weaker_model_says_so_and_why() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(failing());
    let gateway = gateway(&[&one, &two]);
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(answer.facts.backend, "two");
    assert!(answer.facts.degraded);
    assert_eq!(answer.facts.reason, Some(AttemptOutcome::ServerError));
    assert_eq!(told(&answer.facts.attempts), ["one server_error", "two answered"]);
    assert_eq!(gateway.snapshot().queue.ended[&("test", "degraded")], 1);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn an_equal_peer_is_no_degradation() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    one.always(failing());
    let gateway = gateway(&[&one, &two]);
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert!(!answer.facts.degraded);
    assert_eq!(answer.facts.reason, Some(AttemptOutcome::ServerError));
    assert_eq!(gateway.snapshot().queue.ended[&("test", "answered")], 1);
}

#[tokio::test(start_paused = true)]
async fn each_backend_is_asked_once_and_then_it_is_said() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(failing());
    two.always(failing());
    let gateway = gateway(&[&one, &two]);
    let error = gateway.complete(call(50)).await.unwrap_err();
    assert_eq!(error.code(), "all_backends_failed");
    assert_eq!(error.retry_after(), Some(SECOND));
    assert_eq!(told(error.attempts()), ["one server_error", "two server_error"]);
    assert_eq!((one.attempts(), two.attempts()), (1, 1));
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn names_are_checked() {
    let one = FakeBackend::new("one", "big");
    let gateway = gateway(&[&one]);
    let error = gateway
        .complete(Call {
            chain: Some("nix".to_owned()),
            ..call(50)
        })
        .await
        .unwrap_err();
    assert!(
        matches!(&error, CallError::UnknownModel { name, known } if name == "nix" && known == &["default"])
    );
    assert_eq!(gateway.chains(), ["default"]);
    assert_eq!(gateway.resume("one", "test"), Ok(()));
    for unknown in [
        gateway.force_open("nix", "test"),
        gateway.force_closed("nix", "test"),
        gateway.drain_backend("nix", "test"),
        gateway.resume("nix", "test"),
    ] {
        let message = unknown.unwrap_err().to_string();
        assert_eq!(message, "there is no backend \"nix\"; name one of: one");
    }

    let chain = |name: &str, backends: &[&str]| Chain {
        name: name.to_owned(),
        backends: backends.iter().map(|&name| name.to_owned()).collect(),
    };
    let cases = [
        (vec![], "no model is defined"),
        (vec![chain("", &["one"])], "empty name"),
        (vec![chain("a", &[])], "empty chain"),
        (vec![chain("a", &["one", "one"])], "named twice"),
        (vec![chain("a", &["one"]), chain("a", &["one"])], "named twice"),
        (vec![chain("a", &["two"])], "not one of: one"),
    ];
    for (chains, expected) in cases {
        let config = GatewayConfig {
            queue: admission::Config::default(),
            backends: vec![one.registered()],
            chains,
            routing: crate::RoutingConfig::default(),
        };
        let error = Gateway::new(config, Arc::new(NoObserver)).err().expect("refused");
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }
}
