//! Text that was shown and cannot be taken back.

use super::*;

fn half() -> Script {
    Script::new().text("half").fail(BackendError::ConnectionBroken {
        reason: "reset".to_owned(),
    })
}

fn irrevocable() -> Call {
    Call {
        visibility: Visibility::Irrevocable,
        ..call(50)
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_the_first_text_ends_the_call_and_asks_nobody_else() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(half());
    let gateway = gateway(&[&one, &two]);
    let mut events = gateway.start(irrevocable()).expect("admitted");
    let mut shown = String::new();
    let error = loop {
        match events.next().await.expect("ends with an error") {
            Ok(CallEvent::Text(text)) => shown.push_str(&text),
            Ok(CallEvent::Started { .. }) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(shown, "half");
    assert!(
        matches!(&error, CallError::Interrupted { backend, reason: AttemptOutcome::ConnectionBroken, .. } if backend == "one")
    );
    assert_eq!((error.code(), error.retry_after()), ("stream_interrupted", None));
    assert_eq!(told(error.attempts()), ["one connection_broken"]);
    assert!(events.next().await.is_none());
    drop(events);
    assert_eq!((one.attempts(), two.attempts()), (1, 0));
    assert_eq!(gateway.snapshot().queue.ended[&("test", "failed")], 1);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn before_the_first_text_it_fails_over_as_ever() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(failing());
    let gateway = gateway(&[&one, &two]);
    let answer = gateway.complete(irrevocable()).await.expect("answered");
    assert_eq!(
        (answer.facts.backend.as_str(), answer.facts.degraded),
        ("two", true)
    );
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn what_ends_a_call_anyway_keeps_its_own_name() {
    let one = FakeBackend::new("one", "big");
    let filtered = BackendError::ContentFiltered {
        stage: "answer",
        categories: String::new(),
    };
    let gateway = gateway(&[&one]);
    for (script, code) in [
        (Script::new().text("half").fail(filtered), "content_filtered"),
        (Script::new().text("half").stall(), "deadline_exceeded"),
    ] {
        one.always(script);
        let call = Call {
            deadline: Deadline::after(SECOND),
            ..irrevocable()
        };
        let error = gateway.complete(call).await.expect_err(code);
        assert_eq!(error.code(), code);
    }
    check_idle(&gateway);
}
