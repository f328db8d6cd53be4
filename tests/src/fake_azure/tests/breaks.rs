//! Everything that breaks, and the accounts of it.

use super::*;

/// Whether a reset is somewhere in the chain of causes.
fn is_reset(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn connections_break_before_the_head() {
    let fake = fake().await;
    fake.faults().next(1, Fault::before_head(Ending::Reset));
    let reset = post(&fake, &ask("x")).send().await.expect_err("a reset");
    assert!(is_reset(&reset), "{reset:?}");
    fake.faults().next(1, Fault::before_head(Ending::Close));
    let closed = post(&fake, &ask("x")).send().await.expect_err("a close");
    assert!(!is_reset(&closed) && !closed.is_connect(), "{closed:?}");
    fake.faults().next(1, Fault::before_head(Ending::Silent));
    let silent = post(&fake, &ask("x"))
        .timeout(Duration::from_millis(200))
        .send()
        .await
        .expect_err("silence");
    assert!(silent.is_timeout(), "{silent:?}");
    let stats = settled(&fake).await;
    assert_eq!(
        (
            stats.outcome("reset"),
            stats.outcome("closed"),
            stats.outcome("silent")
        ),
        (1, 1, 1)
    );
    assert_eq!(stats.aborted_by_client, 1);
}

#[tokio::test]
async fn streams_break_in_the_middle() {
    let fake = fake().await;
    for (words, outcome, broken) in [
        ("cut=4", "cut", false),
        ("close=4", "closed", true),
        ("reset=4", "reset", true),
    ] {
        let (events, end) = events_of(
            post(&fake, &streamed(&format!("[[fault:{words}]]")))
                .send()
                .await
                .expect("sent"),
        )
        .await;
        assert_eq!(events.len(), 4, "{words}: what was sent before arrives");
        assert_eq!(end.is_err(), broken, "{words}: {end:?}");
        assert!(
            parse(&events)
                .iter()
                .all(|chunk| chunk["choices"][0]["finish_reason"].is_null()),
            "{words}"
        );
        if words == "reset=4" {
            assert!(is_reset(&end.expect_err("a reset")));
        }
        assert_eq!(fake.stats().outcome(outcome), 1, "{words}");
    }
}

#[tokio::test]
async fn a_stalled_stream_ends_with_its_client() {
    let fake = fake().await;
    let response = post(&fake, &streamed("[[fault:stall=3]]"))
        .send()
        .await
        .expect("sent");
    let mut body = response.bytes_stream();
    let mut events = 0;
    while events < 3 {
        let bytes = body.next().await.expect("not yet stalled").expect("whole");
        events += String::from_utf8_lossy(&bytes).matches("\n\n").count();
    }
    assert!(
        tokio::time::timeout(Duration::from_millis(100), body.next())
            .await
            .is_err(),
        "silence"
    );
    assert_eq!(fake.stats().in_flight, 1);
    drop(body);
    let stats = settled(&fake).await;
    assert_eq!((stats.outcome("stalled"), stats.aborted_by_client), (1, 1));
}

#[tokio::test]
async fn a_client_that_leaves_is_counted() {
    let fake = fake().await;
    let response = post(&fake, &streamed("[[fault:trickle=20]]"))
        .send()
        .await
        .expect("sent");
    drop(response);
    let stats = settled(&fake).await;
    assert_eq!((stats.outcome("aborted"), stats.aborted_by_client), (1, 1));
}

#[tokio::test]
async fn lines_may_be_malformed_split_or_missing() {
    let fake = fake().await;
    let whole = events_of(post(&fake, &streamed("h\u{e4}")).send().await.expect("sent"))
        .await
        .0;
    for (words, events, parsed) in [
        ("malformed=2", whole.len() + 1, whole.len() - 1),
        ("garbage=2", whole.len(), 2),
        ("no-done", whole.len() - 1, whole.len() - 1),
        ("no-usage", whole.len() - 1, whole.len() - 2),
        ("fragment", whole.len(), whole.len() - 1),
    ] {
        let response = post(&fake, &streamed("h\u{e4}"))
            .header("x-fake-fault", words)
            .send()
            .await
            .expect("sent");
        let (seen, end) = events_of(response).await;
        end.expect("a complete body");
        assert_eq!((seen.len(), parse(&seen).len()), (events, parsed), "{words}");
    }
    let scripted = post(&fake, &ask("[[fault:answer=not, json]]"))
        .send()
        .await
        .expect("sent");
    assert_eq!(
        json_of(scripted).await["choices"][0]["message"]["content"],
        "not, json"
    );
}

#[tokio::test]
async fn stopped_it_refuses_and_resumed_it_answers_on_the_same_port() {
    let fake = fake().await;
    let endpoint = fake.endpoint();
    let hanging = post(&fake, &streamed("[[fault:stall=3]]"))
        .send()
        .await
        .expect("sent");
    for _ in 0..3 {
        fake.stop().await.expect("stopped");
        fake.stop().await.expect("stopping twice is fine");
        let refused = post(&fake, &ask("x")).send().await.expect_err("nobody listens");
        assert!(refused.is_connect(), "{refused:?}");
        fake.resume().await.expect("resumed");
        assert_eq!(fake.endpoint(), endpoint);
        assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    }
    assert!(
        events_of(hanging).await.1.is_err(),
        "what was under way is broken"
    );
    assert_eq!(fake.stats().outcome("stopped"), 1);
}

#[tokio::test]
async fn other_outages_accept_and_close_or_never_answer() {
    let fake = fake().await;
    fake.set_outage(Some(Outage::Close)).await.expect("set");
    let closed = post(&fake, &ask("x")).send().await.expect_err("closed");
    assert!(!closed.is_timeout());
    fake.set_outage(Some(Outage::Silent)).await.expect("set");
    let silent = post(&fake, &ask("x"))
        .timeout(Duration::from_millis(200))
        .send()
        .await
        .expect_err("silence");
    assert!(silent.is_timeout(), "{silent:?}");
    fake.resume().await.expect("resumed");
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
}

#[tokio::test]
async fn concurrent_requests_are_counted() {
    let fake = fake().await;
    let calls = (0..5).map(|_| post(&fake, &ask("[[fault:delay=300]]")).send());
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    let stats = settled(&fake).await;
    assert_eq!(
        (stats.requests, stats.max_in_flight, stats.arrivals.len()),
        (5, 5, 5)
    );
    let mut seen: Vec<usize> = stats.arrivals.iter().map(|arrival| arrival.in_flight).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    fake.reset_stats();
    assert_eq!(fake.stats().requests, 0);
}

#[tokio::test]
async fn the_control_endpoint_does_what_its_table_says() {
    let fake = fake().await;
    let url = |name: &str| format!("{}/__control/{name}", fake.endpoint());
    let put = |name: &str, body: Value| client().put(url(name)).json(&body).send();
    let rules = json!({"rules": [{"fault": "status=503", "next": 1}, {"fault": "status=500", "deployment": "other"}]});
    let set = put("faults", rules).await.expect("sent");
    assert_eq!(json_of(set).await["rules"].as_array().map(Vec::len), Some(2));
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 503);
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    let left = json_of(client().get(url("faults")).send().await.expect("sent")).await;
    assert_eq!(left["rules"][0]["fault"], "status=500");
    let stats = json_of(client().get(url("stats")).send().await.expect("sent")).await;
    assert_eq!(
        (&stats["requests"], &stats["outcomes"]["status_503"]),
        (&json!(2), &json!(1))
    );
    for (name, body, reason) in [
        (
            "faults",
            json!({"rules": [{"fault": "explode"}]}),
            "unknown fault",
        ),
        (
            "faults",
            json!({"rules": [{"fault": "reset", "next": 1, "every": 2}]}),
            "one of",
        ),
        (
            "faults",
            json!({"rules": [{"fault": "reset", "often": 1}]}),
            "unknown field",
        ),
        ("outage", json!({"mode": "refuse"}), "for_ms"),
        ("outage", json!({"mode": "vanish"}), "unknown mode"),
    ] {
        let refused = put(name, body).await.expect("sent");
        assert_eq!(refused.status(), 400);
        let error = json_of(refused).await["error"]
            .as_str()
            .expect("a reason")
            .to_owned();
        assert!(error.contains(reason), "{error}");
    }
    client().delete(url("faults")).send().await.expect("sent");
    assert!(fake.faults().rules().is_empty());
    assert_eq!(
        client().get(url("nothing")).send().await.expect("sent").status(),
        404
    );

    put("outage", json!({"mode": "refuse", "for_ms": 300}))
        .await
        .expect("sent");
    let mut seen = Vec::new();
    for _ in 0..500 {
        let up = post(&fake, &ask("x")).send().await.is_ok();
        if seen.last() != Some(&up) {
            seen.push(up);
        }
        if seen.ends_with(&[false, true]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        seen.ends_with(&[false, true]),
        "gone, and back by itself: {seen:?}"
    );
}
