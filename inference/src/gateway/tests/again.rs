//! Asking once more: when it comes before a weaker model, when it does not, and what bounds it.

use super::*;
use crate::RoutingConfig;

fn local() -> FakeBackend {
    FakeBackend::new("local", "small").with(|info| info.processing = Processing::InProcess)
}

fn with_routing(backends: &[&FakeBackend], change: impl FnOnce(&mut RoutingConfig)) -> Gateway {
    let mut routing = RoutingConfig::default();
    change(&mut routing);
    let config = GatewayConfig {
        queue: admission::Config::default(),
        backends: backends.iter().map(|backend| backend.registered()).collect(),
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: backends
                .iter()
                .map(|backend| backend.registered().backend.info().name.clone())
                .collect(),
        }],
        routing,
    };
    Gateway::new(config, Arc::new(NoObserver)).expect("names are fine")
}

async fn told_by(gateway: &Gateway) -> Vec<String> {
    let answer = gateway.complete(call(50)).await.expect("answered");
    told(&answer.facts.attempts)
}

fn throttled(seconds: u64) -> Script {
    Script::failure(BackendError::Throttled {
        retry_after: Some(Duration::from_secs(seconds)),
    })
}

#[tokio::test(start_paused = true)]
async fn what_failed_in_passing_is_asked_once_more_before_a_weaker_model() {
    let broken = || {
        Script::failure(BackendError::ConnectionBroken {
            reason: "reset".to_owned(),
        })
    };
    for script in [failing(), broken(), Script::failure(BackendError::Conflict)] {
        let (azure, local) = (FakeBackend::new("azure", "big"), local());
        let gateway = gateway(&[&azure, &local]);
        azure.next(script.clone());
        let told = told_by(&gateway).await;
        assert_eq!(told[1..], ["azure answered"], "{told:?}");
        azure.next(script.clone());
        azure.next(script);
        let told = told_by(&gateway).await;
        assert_eq!(
            (told.len(), told[2].as_str()),
            (3, "local answered"),
            "once, not twice: {told:?}"
        );
        assert_eq!((azure.attempts(), local.attempts()), (4, 1));
        check_idle(&gateway);
    }
}

#[tokio::test(start_paused = true)]
async fn what_would_fail_again_is_not_asked_again() {
    let reason = || "why".to_owned();
    for error in [
        BackendError::Unauthorized,
        BackendError::Forbidden,
        BackendError::DeploymentNotFound,
        BackendError::UpstreamTimeout,
        BackendError::QuotaExhausted,
        BackendError::Throttled { retry_after: None },
        BackendError::Unreachable { reason: reason() },
        BackendError::CertificateInvalid { reason: reason() },
        BackendError::IncompleteStream,
        BackendError::MalformedStream { reason: reason() },
        BackendError::InvalidOutput { reason: reason() },
        BackendError::ContextLengthExceeded {
            needed: None,
            limit: None,
        },
    ] {
        let (azure, local) = (FakeBackend::new("azure", "big"), local());
        azure.always(Script::failure(error.clone()));
        let gateway = gateway(&[&azure, &local]);
        let told = told_by(&gateway).await;
        assert_eq!((told.len(), azure.attempts()), (2, 1), "{error:?}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_was_silent_is_not_asked_again() {
    for script in [Script::new().stall(), Script::new().text("a").stall()] {
        let (azure, local) = (FakeBackend::new("azure", "big"), local());
        azure.always(script);
        let gateway = gateway(&[&azure, &local]);
        assert_eq!(told_by(&gateway).await, ["azure timeout", "local answered"]);
        assert_eq!(azure.attempts(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_equal_peer_is_asked_at_once() {
    let (one, two, local) = (
        FakeBackend::new("one", "big"),
        FakeBackend::new("two", "big"),
        local(),
    );
    let gateway = gateway(&[&one, &two, &local]);
    one.next(failing());
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["one server_error", "two answered"]);
    assert_eq!(
        (answer.facts.duration_ms, answer.facts.degraded),
        (0, false),
        "nothing was waited for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_is_waited_for_in_the_queue() {
    let (azure, local) = (FakeBackend::new("azure", "big"), local());
    let gateway = gateway(&[&azure, &local]);
    azure.next(throttled(2));
    let mut stream = gateway.start(call(50)).expect("admitted");
    let first = stream.next().await;
    assert!(matches!(first, Some(Ok(CallEvent::Started { .. }))), "{first:?}");
    let second = stream.next().await;
    assert!(
        matches!(second, Some(Ok(CallEvent::Waiting { .. }))),
        "{second:?}"
    );
    assert_eq!(
        gateway.snapshot().queue.waiting,
        1,
        "a call that waits for Azure is seen by scaling"
    );
    let Some(Ok(CallEvent::Answered(answer))) = stream.collect::<Vec<_>>().await.pop() else {
        panic!("no answer")
    };
    assert_eq!(
        told(&answer.facts.attempts),
        ["azure throttled", "azure answered"]
    );
    assert_eq!((answer.facts.duration_ms, answer.facts.degraded), (2000, false));
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_and_a_near_deadline_are_not_waited_for() {
    for (seconds, deadline) in [(4, 50), (2, 3)] {
        let (azure, local) = (FakeBackend::new("azure", "big"), local());
        let gateway = gateway(&[&azure, &local]);
        azure.next(throttled(seconds));
        let answer = gateway.complete(call(deadline)).await.expect("answered");
        assert_eq!(
            told(&answer.facts.attempts),
            ["azure throttled", "local answered"]
        );
        assert_eq!(answer.facts.duration_ms, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_grows_ends_at_the_fallback() {
    let (azure, local) = (FakeBackend::new("azure", "big"), local());
    let gateway = gateway(&[&azure, &local]);
    azure.next(Script::new().wait(SECOND).fail(BackendError::Throttled {
        retry_after: Some(20 * SECOND),
    }));
    azure.next(throttled(2));
    let (earlier, later) = tokio::join!(told_by(&gateway), told_by(&gateway));
    assert_eq!(earlier, ["azure throttled", "local answered"]);
    assert_eq!(
        later,
        ["azure throttled", "local answered"],
        "the earlier call shut the gate for longer"
    );
    assert_eq!(azure.attempts(), 2);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn at_most_two_attempts_leave_the_process() {
    let remote: Vec<FakeBackend> = (0..4)
        .map(|number| FakeBackend::new(&format!("remote{number}"), "big"))
        .collect();
    let local = local();
    for backend in &remote {
        backend.always(failing());
    }
    let mut all: Vec<&FakeBackend> = remote.iter().collect();
    all.push(&local);
    let gateway = gateway(&all);
    assert_eq!(
        told_by(&gateway).await,
        ["remote0 server_error", "remote1 server_error", "local answered"]
    );
    let gateway = with_routing(&all, |routing| routing.remote_attempts = 1);
    assert_eq!(
        told_by(&gateway).await,
        ["remote0 server_error", "local answered"]
    );
}

#[tokio::test(start_paused = true)]
async fn retries_have_a_budget() {
    let (azure, local) = (FakeBackend::new("azure", "big"), local());
    azure.always(failing());
    let never_open = resilience::Config {
        breaker: resilience::breaker::Config {
            consecutive_failures: 1_000_000,
            minimum_calls: 1_000_000,
            ..resilience::breaker::Config::default()
        },
        ..resilience::Config::default()
    };
    let backends = vec![azure.registered_with(never_open), local.registered()];
    let gateway = gateway_of(backends, 256);
    let begun = tokio::time::Instant::now();
    for _ in 0..200 {
        gateway.complete(call(50)).await.expect("answered");
    }
    let retries = azure.attempts() - 200;
    // Three a second, saved up for ten seconds, need no budget; then a fifth of two hundred calls.
    let most = 3 * (10 + begun.elapsed().as_secs() + 1) + 40;
    assert!(
        (60..=most).contains(&(retries as u64)),
        "{retries}, at most {most}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_trickle_is_left_where_somebody_else_may_answer() {
    let trickle = || {
        let piece = |script: Script, _| script.wait(SECOND).text("a");
        (0..30).fold(Script::new(), piece).finish(FinishReason::Stop)
    };
    let (azure, local) = (FakeBackend::new("azure", "big"), local());
    azure.always(trickle());
    assert_eq!(
        told_by(&gateway(&[&azure, &local])).await,
        ["azure timeout", "local answered"]
    );
    assert_eq!(
        told_by(&gateway(&[&azure])).await,
        ["azure answered"],
        "better than nothing"
    );
}

fn hedging(backends: &[&FakeBackend]) -> Gateway {
    with_routing(backends, |routing| {
        routing.hedge = true;
        routing.hedge_budget = 0.5;
    })
}

/// Lets `first` answer often enough, in a tenth of a second, that its usual time is known.
async fn learn(gateway: &Gateway, first: &FakeBackend) {
    let usual = Script::new()
        .wait(SECOND / 10)
        .text("ok")
        .finish(FinishReason::Stop);
    first.always(usual);
    for _ in 0..40 {
        gateway.complete(call(50)).await.expect("answered");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_start_is_hedged_with_a_peer() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    let gateway = hedging(&[&one, &two]);
    learn(&gateway, &one).await;
    one.next(
        Script::new()
            .wait(5 * SECOND)
            .text("late")
            .finish(FinishReason::Stop),
    );
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["one cancelled", "two answered"]);
    assert_eq!(
        answer.facts.duration_ms, 100,
        "the second began when the first was late"
    );
    assert_eq!((one.running(), two.running()), (0, 0), "the loser was cancelled");
    // The first wins after all.
    one.next(
        Script::new()
            .wait(SECOND / 5)
            .text("ok")
            .finish(FinishReason::Stop),
    );
    two.next(Script::new().wait(SECOND).text("late").finish(FinishReason::Stop));
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["two cancelled", "one answered"]);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_hedge_outlives_the_failure_of_the_other() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    let gateway = hedging(&[&one, &two]);
    learn(&gateway, &one).await;
    one.next(Script::new().wait(SECOND).fail(BackendError::IncompleteStream));
    two.next(
        Script::new()
            .wait(2 * SECOND)
            .text("ok")
            .finish(FinishReason::Stop),
    );
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(
        told(&answer.facts.attempts),
        ["one malformed_stream", "two answered"]
    );
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn hedging_never_degrades_and_is_off_by_default() {
    let (one, weak) = (FakeBackend::new("one", "big"), FakeBackend::new("weak", "small"));
    let late = || {
        Script::new()
            .wait(5 * SECOND)
            .text("late")
            .finish(FinishReason::Stop)
    };
    let gateway = hedging(&[&one, &weak]);
    learn(&gateway, &one).await;
    one.next(late());
    assert_eq!(told_by(&gateway).await, ["one answered"]);
    let peer = FakeBackend::new("peer", "big");
    let gateway = super::gateway(&[&one, &peer]);
    learn(&gateway, &one).await;
    one.next(late());
    assert_eq!(told_by(&gateway).await, ["one answered"]);
}
