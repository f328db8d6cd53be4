//! Each way to fail, and what the caller gets.

use super::*;
use crate::SchemaCheck;

fn json() -> Output {
    Output::Json {
        name: "any".to_owned(),
        schema: Arc::new(serde_json::json!({"type": "object"})),
        check: None,
    }
}

pub(super) fn with(change: impl FnOnce(&mut CompletionRequest)) -> Call {
    let mut call = call(50);
    change(&mut call.request);
    call
}

fn sized(name: &str, model: &str, context_tokens: Option<u32>) -> FakeBackend {
    FakeBackend::new(name, model).with(|info| info.context_tokens = context_tokens)
}

pub(super) fn too_long() -> Script {
    Script::failure(BackendError::ContextLengthExceeded {
        needed: Some(900),
        limit: None,
    })
}

#[tokio::test(start_paused = true)]
async fn what_is_not_routed_around() {
    let cases = [
        (
            BackendError::ContentFiltered {
                stage: "prompt",
                categories: "hate".into(),
            },
            "content_filtered",
        ),
        (BackendError::ContentFilterUnavailable, "content_filtered"),
        (
            BackendError::Rejected {
                status: 400,
                message: "no".into(),
            },
            "request_rejected",
        ),
        (
            BackendError::OutputTruncated { max_output_tokens: 5 },
            "output_truncated",
        ),
    ];
    for (error, code) in cases {
        for script in [
            Script::failure(error.clone()),
            Script::new().text("Well").fail(error.clone()),
        ] {
            let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
            one.always(script);
            let gateway = gateway(&[&one, &two]);
            for _ in 0..30 {
                let failed = gateway.complete(call(50)).await.unwrap_err();
                assert_eq!(failed.code(), code);
                assert!(matches!(failed, CallError::Refused { error: told, .. } if told == error));
            }
            assert_eq!(two.attempts(), 0, "{error} was routed around");
            assert_eq!(
                gateway.snapshot().backends[0].breaker.state,
                State::Closed,
                "{error} was blamed"
            );
            check_idle(&gateway);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_for_the_next() {
    use AttemptOutcome as O;
    let reason = || "why".to_owned();
    let cases = [
        (BackendError::Unauthorized, O::CredentialRefused),
        (BackendError::Forbidden, O::CredentialRefused),
        (BackendError::DeploymentNotFound, O::DeploymentNotFound),
        (BackendError::UpstreamTimeout, O::ServerError),
        (BackendError::Conflict, O::ServerError),
        (BackendError::Throttled { retry_after: None }, O::Throttled),
        (BackendError::QuotaExhausted, O::QuotaExhausted),
        (
            BackendError::ServerError {
                status: 503,
                retry_after: Some(SECOND),
            },
            O::ServerError,
        ),
        (BackendError::Unreachable { reason: reason() }, O::Unreachable),
        (
            BackendError::CertificateInvalid { reason: reason() },
            O::CertificateInvalid,
        ),
        (
            BackendError::ConnectionBroken { reason: reason() },
            O::ConnectionBroken,
        ),
        (BackendError::NoFirstByte(SECOND), O::Timeout),
        (BackendError::Stalled(SECOND), O::Timeout),
        (BackendError::IncompleteStream, O::MalformedStream),
        (
            BackendError::MalformedStream { reason: reason() },
            O::MalformedStream,
        ),
        (BackendError::InvalidOutput { reason: reason() }, O::InvalidOutput),
        (BackendError::Unsupported { reason: reason() }, O::NotSupported),
        (BackendError::Warming, O::Warming),
        (BackendError::Busy, O::Busy),
        (BackendError::Failed { reason: reason() }, O::Failed),
    ];
    for (error, outcome) in cases {
        for script in [
            Script::failure(error.clone()),
            Script::new().text("Well").fail(error.clone()),
        ] {
            let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
            one.always(script);
            two.always(Script::answer("mine"));
            let gateway = gateway(&[&one, &two]);
            let answer = gateway.complete(call(50)).await.expect("answered");
            assert_eq!(answer.text, "mine", "partial text of {error} was kept");
            assert_eq!(answer.facts.reason, Some(outcome), "{error}");
            assert!(answer.facts.degraded);
            check_idle(&gateway);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn time_said_to_be_up_is_the_end() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    one.always(Script::failure(BackendError::DeadlineExceeded));
    let gateway = gateway(&[&one, &two]);
    assert_eq!(
        gateway.complete(call(50)).await.unwrap_err().code(),
        "deadline_exceeded"
    );
    assert_eq!(two.attempts(), 0);
}

#[tokio::test(start_paused = true)]
async fn too_long_goes_only_to_where_it_may_fit() {
    /// What it is about, the context of the first, the other backends, and the model that answers.
    type Case = (
        &'static str,
        Option<u32>,
        &'static [(&'static str, Option<u32>)],
        Option<&'static str>,
    );
    let cases: [Case; 7] = [
        (
            "larger",
            Some(800),
            &[("small", Some(400)), ("large", Some(1600))],
            Some("large"),
        ),
        (
            "unknown",
            Some(800),
            &[("small", Some(400)), ("other", None)],
            Some("other"),
        ),
        ("unknown everywhere", None, &[("other", None)], Some("other")),
        (
            "only smaller",
            Some(800),
            &[("small", Some(400)), ("tiny", Some(100))],
            None,
        ),
        ("no larger", Some(800), &[("equal", Some(800))], None),
        ("the same model", Some(800), &[("first", Some(1600))], None),
        ("nobody else", Some(800), &[], None),
    ];
    for (name, context, others, expected) in cases {
        let first = sized("one", "first", context);
        first.always(too_long());
        let others: Vec<FakeBackend> = others
            .iter()
            .enumerate()
            .map(|(index, (model, context))| sized(&format!("{model}-{index}"), model, *context))
            .collect();
        let all: Vec<&FakeBackend> = std::iter::once(&first).chain(&others).collect();
        let gateway = gateway(&all);
        match (gateway.complete(call(50)).await, expected) {
            (Ok(answer), Some(model)) => {
                assert_eq!(answer.facts.model, model, "{name}");
                assert_eq!(
                    answer.facts.reason,
                    Some(AttemptOutcome::ContextLengthExceeded),
                    "{name}"
                );
            }
            (Err(error), None) => {
                assert_eq!(error.code(), "context_length_exceeded", "{name}");
                assert!(others.iter().all(|other| other.attempts() == 0), "{name}");
                assert_eq!(error.attempts().len(), 1 + others.len(), "{name}");
            }
            (got, expected) => panic!("{name}: {got:?}, expected {expected:?}"),
        }
        assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn too_long_for_the_fallback_of_a_broken_backend_may_be_tried_later() {
    let (one, two) = (sized("one", "big", Some(8000)), sized("two", "small", Some(400)));
    one.always(failing());
    two.always(too_long());
    let error = gateway(&[&one, &two]).complete(call(50)).await.unwrap_err();
    assert_eq!(error.code(), "all_backends_failed");
    assert!(error.retry_after().is_some());
}

#[tokio::test(start_paused = true)]
async fn json_that_is_none_is_left_and_not_blamed() {
    let cases = [
        (
            "{\"a\": 1}",
            FinishReason::Stop,
            Truncation::Refuse,
            Ok("{\"a\": 1}"),
        ),
        (
            "{\"a\": ",
            FinishReason::Stop,
            Truncation::Refuse,
            Err("invalid_output"),
        ),
        (
            "Sure! {\"a\": 1}",
            FinishReason::Stop,
            Truncation::Refuse,
            Err("invalid_output"),
        ),
        ("", FinishReason::Stop, Truncation::Refuse, Err("invalid_output")),
        (
            "{\"a\": ",
            FinishReason::Length,
            Truncation::Refuse,
            Err("output_truncated"),
        ),
        (
            "{\"a\": ",
            FinishReason::Length,
            Truncation::Allow,
            Ok("{\"a\": "),
        ),
    ];
    for (text, finish, truncation, expected) in cases {
        let one = FakeBackend::new("one", "big");
        one.always(Script::new().text(text).finish(finish));
        let gateway = gateway(&[&one]);
        for _ in 0..10 {
            let call = with(|request| {
                request.output = json();
                request.truncation = truncation;
            });
            let got = gateway.complete(call).await;
            let got = got
                .as_ref()
                .map(|answer| answer.text.as_str())
                .map_err(CallError::code);
            assert_eq!(got, expected, "{text:?}");
        }
        assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn broken_json_is_made_good_by_the_next() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(Script::answer("{"));
    two.always(Script::answer("{}"));
    let answer = gateway(&[&one, &two])
        .complete(with(|request| request.output = json()))
        .await
        .expect("answered");
    assert_eq!(
        (answer.text.as_str(), answer.facts.reason),
        ("{}", Some(AttemptOutcome::InvalidOutput))
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_the_schema_is_made_good_by_the_next() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(Script::answer("{\"a\": 1}"));
    two.always(Script::answer("{\"a\": null}"));
    let output = || Output::Json {
        name: "nothing".to_owned(),
        schema: Arc::new(serde_json::json!({"properties": {"a": {"type": "null"}}})),
        check: Some(SchemaCheck::new(|value| {
            if value["a"].is_null() {
                Ok(())
            } else {
                Err("`a` has the wrong type".to_owned())
            }
        })),
    };
    let gateway_of_both = gateway(&[&one, &two]);
    let answer = gateway_of_both
        .complete(with(|request| request.output = output()))
        .await
        .expect("answered");
    assert_eq!(answer.facts.reason, Some(AttemptOutcome::InvalidOutput));
    assert_eq!(answer.text, "{\"a\": null}");

    let alone = gateway(&[&one]);
    let error = alone
        .complete(with(|request| request.output = output()))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "invalid_output");
    assert!(error.to_string().contains("`a` has the wrong type"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn silence_is_left_in_time() {
    let silent = Script::new().stall();
    let stalling = Script::new().text("Well").stall();
    let incomplete = Script::new().text("Well");
    // (script, deadline, seconds until the other backend has answered)
    let cases = [
        (silent.clone(), 50, 10),
        (stalling.clone(), 50, 10),
        (incomplete, 50, 0),
        // The deadline is shared out: half of what is left.
        (silent, 12, 6),
        (stalling, 12, 6),
    ];
    for (script, deadline, expected) in cases {
        let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
        one.always(script.clone());
        let gateway = gateway(&[&one, &two]);
        let began = tokio::time::Instant::now();
        let answer = gateway.complete(call(deadline)).await.expect("answered");
        assert_eq!(
            (answer.text.as_str(), began.elapsed().as_secs()),
            ("ok", expected),
            "{script:?}"
        );
        assert_eq!(one.running(), 0, "the silent attempt was not dropped");
        check_idle(&gateway);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_of_the_last_ends_with_the_deadline_and_blames_nobody() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::new().stall());
    let gateway = gateway(&[&one]);
    for _ in 0..10 {
        let error = gateway.complete(call(1)).await.unwrap_err();
        assert!(
            matches!(&error, CallError::DeadlineExceeded { after, .. } if *after == SECOND),
            "{error:?}"
        );
        assert_eq!(told(error.attempts()), ["one deadline_exceeded"]);
    }
    assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Closed);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_hurried_call_blames_nobody_and_a_patient_one_does() {
    for (deadline, expected) in [(4, State::Closed), (5, State::Open)] {
        let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
        one.always(Script::new().stall());
        let gateway = gateway(&[&one, &two]);
        for _ in 0..5 {
            gateway
                .complete(call(deadline))
                .await
                .expect("answered by the other");
        }
        assert_eq!(
            gateway.snapshot().backends[0].breaker.state,
            expected,
            "{deadline} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn slow_and_steady_is_not_a_stall() {
    let one = FakeBackend::new("one", "big");
    let pieces = (0..5).fold(Script::new(), |script, _| script.wait(8 * SECOND).text("a"));
    one.always(pieces.finish(FinishReason::Stop));
    let answer = gateway(&[&one]).complete(call(50)).await.expect("answered");
    assert_eq!(
        (answer.text.as_str(), answer.facts.time_to_first_token_ms),
        ("aaaaa", 8000)
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_not_a_stall() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::new().text("a").text("b").finish(FinishReason::Stop));
    let gateway = gateway(&[&one]);
    let mut events = gateway
        .start(Call {
            visibility: Visibility::Streamed,
            ..call(500)
        })
        .expect("admitted");
    let mut last = None;
    while let Some(event) = events.next().await {
        tokio::time::advance(60 * SECOND).await;
        last = Some(event.expect("no stall"));
    }
    assert!(matches!(last, Some(CallEvent::Answered(answer)) if answer.text == "ab"));
}

/// The events of a call, in short.
async fn events(gateway: &Gateway, visibility: Visibility) -> Vec<String> {
    let events = gateway
        .start(Call {
            visibility,
            ..call(50)
        })
        .expect("admitted");
    events
        .map(|event| match event {
            Ok(CallEvent::Waiting { ahead }) => format!("waiting {ahead}"),
            Ok(CallEvent::Started { backend }) => format!("started {backend}"),
            Ok(CallEvent::Text(text)) => format!("text {text}"),
            Ok(CallEvent::Progress { pieces }) => format!("progress {pieces}"),
            Ok(CallEvent::Restarted { backend, reason }) => {
                format!("restarted {backend} {}", reason.as_str())
            }
            Ok(CallEvent::Answered(answer)) => format!("answered {}", answer.text),
            Err(error) => format!("failed {}", error.code()),
        })
        .collect()
        .await
}

#[tokio::test(start_paused = true)]
async fn what_was_shown_is_declared_void_and_what_was_not_is_not() {
    let half = || Script::new().text("Ber").stall();
    let whole = || Script::new().text("Bel").text("lin").finish(FinishReason::Stop);
    // (first, second, third, streamed, buffered)
    let cases: [([Script; 3], &[&str], &[&str]); 3] = [
        (
            [half(), whole(), whole()],
            &[
                "started 0",
                "text Ber",
                "restarted 1 timeout",
                "text Bel",
                "text lin",
                "answered Bellin",
            ],
            &[
                "started 0",
                "progress 1",
                "started 1",
                "progress 1",
                "progress 2",
                "answered Bellin",
            ],
        ),
        (
            [failing(), whole(), whole()],
            &[
                "started 0",
                "started 1",
                "text Bel",
                "text lin",
                "answered Bellin",
            ],
            &[
                "started 0",
                "started 1",
                "progress 1",
                "progress 2",
                "answered Bellin",
            ],
        ),
        (
            [half(), failing(), half()],
            &[
                "started 0",
                "text Ber",
                "restarted 1 timeout",
                "started 2",
                "text Ber",
                "failed all_backends_failed",
            ],
            &[
                "started 0",
                "progress 1",
                "started 1",
                "started 2",
                "progress 1",
                "failed all_backends_failed",
            ],
        ),
    ];
    for (scripts, streamed, buffered) in cases {
        for (visibility, expected) in [(Visibility::Streamed, streamed), (Visibility::Buffered, buffered)] {
            let mut backends: Vec<FakeBackend> = (0..3)
                .map(|index| FakeBackend::new(&index.to_string(), "big"))
                .collect();
            // Two attempts may leave the process.
            backends[2] = backends[2]
                .clone()
                .with(|info| info.processing = Processing::InProcess);
            for (backend, script) in backends.iter().zip(&scripts) {
                backend.always(script.clone());
            }
            let gateway = gateway(&backends.iter().collect::<Vec<_>>());
            assert_eq!(events(&gateway, visibility).await, expected, "{visibility:?}");
            check_idle(&gateway);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn thirty_two_callers_lose_their_backend_midway_and_none_fails() {
    let (one, two) = (
        FakeBackend::new("one", "big"),
        FakeBackend::new("two", "small").with(|info| info.max_concurrency = 4),
    );
    one.always(
        Script::new()
            .wait(SECOND / 10)
            .text("first")
            .finish(FinishReason::Stop),
    );
    two.always(
        Script::new()
            .wait(SECOND / 50)
            .text("second")
            .finish(FinishReason::Stop),
    );
    let gateway = gateway(&[&one, &two]);
    let caller = |gateway: Gateway| async move {
        let (mut degraded, mut calls) = (0, 0);
        let end = tokio::time::Instant::now() + 60 * SECOND;
        while tokio::time::Instant::now() < end {
            let answer = gateway.complete(call(50)).await.expect("every call is answered");
            assert_eq!(answer.facts.degraded, answer.facts.backend == "two");
            assert_eq!(answer.facts.reason.is_some(), answer.facts.degraded);
            degraded += u32::from(answer.facts.degraded);
            calls += 1;
        }
        (degraded, calls)
    };
    let callers: Vec<_> = (0..32).map(|_| tokio::spawn(caller(gateway.clone()))).collect();
    tokio::time::sleep(10 * SECOND).await;
    one.always(
        Script::new()
            .text("fir")
            .wait(SECOND / 20)
            .fail(BackendError::ConnectionBroken {
                reason: "gone".into(),
            }),
    );
    tokio::time::sleep(20 * SECOND).await;
    assert_eq!(
        gateway.snapshot().backends[0].breaker.state.as_metric().signum(),
        1,
        "open, or on trial"
    );
    let attempts_while_down = one.attempts();
    check_accounts(&gateway);
    tokio::time::sleep(10 * SECOND).await;
    assert!(
        one.attempts() - attempts_while_down <= 2,
        "one trial at a time, further and further apart"
    );
    one.always(
        Script::new()
            .wait(SECOND / 10)
            .text("back")
            .finish(FinishReason::Stop),
    );
    tokio::time::sleep(10 * SECOND).await;
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.expect("no panic").1;
    }
    assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Closed);
    assert_eq!(gateway.complete(call(50)).await.expect("answered").text, "back");
    check_idle(&gateway);
    let queue = gateway.snapshot().queue;
    assert_eq!((queue.admitted, queue.ended_as("failed")), (calls + 1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_passed_over_and_one_trial_at_a_time_closes_it() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(failing());
    let gateway = gateway(&[&one, &two]);
    for _ in 0..5 {
        gateway.complete(call(50)).await.expect("answered");
    }
    let answer = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["one circuit_open", "two answered"]);
    assert_eq!((one.attempts(), answer.facts.attempts[0].duration_ms), (5, 0));

    // The open time is over; the trial hangs while others come.
    one.always(
        Script::new()
            .wait(2 * SECOND)
            .text("slow")
            .finish(FinishReason::Stop),
    );
    tokio::time::sleep(6 * SECOND).await;
    let calls = (0..20).map(|_| gateway.complete(call(50)));
    let answers = futures::future::try_join_all(calls).await.expect("all answered");
    assert_eq!(answers.iter().filter(|answer| answer.text == "slow").count(), 1);
    assert_eq!(one.attempts(), 6);
    assert_eq!(gateway.complete(call(50)).await.expect("answered").text, "slow");
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn severe_failures_open_at_once() {
    let errors = [
        BackendError::Unauthorized,
        BackendError::Forbidden,
        BackendError::DeploymentNotFound,
        BackendError::CertificateInvalid {
            reason: "expired".into(),
        },
    ];
    for error in errors {
        let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
        one.always(Script::failure(error.clone()));
        let gateway = gateway(&[&one, &two]);
        gateway.complete(call(50)).await.expect("answered");
        assert_eq!(
            gateway.snapshot().backends[0].breaker.state,
            State::Open,
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_is_left_alone_until_it_may_be_asked() {
    let hint = Some(3 * SECOND);
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.next(Script::failure(BackendError::Throttled { retry_after: hint }));
    let gateway = gateway(&[&one, &two]);
    let first = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&first.facts.attempts), ["one throttled", "two answered"]);
    assert_eq!(gateway.snapshot().backends[0].throttled_for, 3 * SECOND);
    let second = gateway.complete(call(50)).await.expect("answered");
    assert_eq!(told(&second.facts.attempts), ["one throttled", "two answered"]);
    assert_eq!(one.attempts(), 1, "it was asked again");
    tokio::time::sleep(3 * SECOND).await;
    assert_eq!(
        gateway.complete(call(50)).await.expect("answered").facts.backend,
        "one"
    );
    assert_eq!(
        gateway.snapshot().backends[0].breaker.state,
        State::Closed,
        "throttled is not broken"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_makes_the_gate_forget() {
    let one = FakeBackend::new("one", "big");
    let gateway = gateway(&[&one]);
    for _ in 0..3 {
        one.next(Script::failure(BackendError::Throttled { retry_after: None }));
        gateway.complete(call(50)).await.unwrap_err();
        assert_eq!(gateway.snapshot().backends[0].throttled_for, SECOND);
        gateway
            .complete(call(50))
            .await
            .expect("answered, after the gate opened");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_shuts_and_opens() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    let gateway = gateway(&[&one, &two]);
    gateway.force_open("one", "maintenance").expect("known");
    assert_eq!(
        gateway.complete(call(50)).await.expect("answered").facts.backend,
        "two"
    );
    gateway.resume("one", "done").expect("known");
    assert_eq!(
        gateway.complete(call(50)).await.expect("answered").facts.backend,
        "one"
    );
}
