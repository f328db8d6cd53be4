//! Waiting, leaving, draining: nobody overtakes, nobody is forgotten, nothing leaks.

use futures::future::join_all;
use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::*;

/// A backend of so many places that takes a second for an answer.
fn slow(name: &str, places: usize) -> FakeBackend {
    let backend = FakeBackend::new(name, name).with(|info| info.max_concurrency = places);
    backend.always(Script::new().wait(SECOND).text("ok").finish(FinishReason::Stop));
    backend
}

fn waiting(gateway: &Gateway) -> (usize, usize) {
    let queue = gateway.snapshot().queue;
    (queue.running, queue.waiting)
}

/// Starts a call and polls it until it waits or runs.
async fn begun(gateway: &Gateway, call: Call) -> CallStream {
    let mut stream = gateway.start(call).expect("admitted");
    let first = stream
        .next()
        .await
        .expect("something happens")
        .expect("no failure");
    assert!(
        matches!(first, CallEvent::Waiting { .. } | CallEvent::Started { .. }),
        "{first:?}"
    );
    stream
}

async fn finish(stream: CallStream) -> Result<Answer, CallError> {
    match stream.collect::<Vec<_>>().await.pop().expect("an end") {
        Ok(CallEvent::Answered(answer)) => Ok(*answer),
        Ok(event) => panic!("ended with {event:?}"),
        Err(error) => Err(error),
    }
}

#[tokio::test(start_paused = true)]
async fn a_free_place_means_no_wait() {
    let one = slow("one", 2);
    let gateway = gateway(&[&one]);
    let calls = [begun(&gateway, call(50)).await, begun(&gateway, call(50)).await];
    assert_eq!(waiting(&gateway), (2, 0));
    for answer in join_all(calls.map(finish)).await {
        assert_eq!(answer.expect("answered").facts.queue_ms, 0);
    }
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn first_come_first_served() {
    let one = slow("one", 2);
    let gateway = gateway(&[&one]);
    let mut calls = Vec::new();
    for _ in 0..7 {
        calls.push(begun(&gateway, call(50)).await);
    }
    assert_eq!(waiting(&gateway), (2, 5));
    assert_eq!(gateway.snapshot().queue.capacity, 256);
    let waits: Vec<u64> = join_all(calls.into_iter().map(finish))
        .await
        .into_iter()
        .map(|answer| answer.expect("answered").facts.queue_ms)
        .collect();
    assert_eq!(waits, [0, 0, 1000, 1000, 2000, 2000, 3000]);
    assert_eq!(one.most_running(), 2);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_told_how_many_are_ahead() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    let _running = begun(&gateway, call(50)).await;
    for expected in 0..3 {
        let mut stream = gateway.start(call(50)).expect("admitted");
        let first = stream.next().await;
        assert!(
            matches!(first, Some(Ok(CallEvent::Waiting { ahead })) if ahead == expected),
            "{first:?}"
        );
        // Kept, so that the next one has it ahead.
        std::mem::forget(stream);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_at_once_and_says_when() {
    let one = slow("one", 1);
    let gateway = gateway_of(vec![one.registered()], 3);
    let calls: Vec<CallStream> = (0..4)
        .map(|_| gateway.start(call(50)).expect("admitted"))
        .collect();
    let error = gateway.start(call(50)).err().expect("refused");
    assert!(
        matches!(
            error,
            CallError::QueueFull {
                waiting: 3,
                capacity: 3,
                ..
            }
        ),
        "{error:?}"
    );
    let queue = gateway.snapshot().queue;
    assert_eq!(
        (queue.shed["queue_full"], queue.ended_as("shed"), queue.admitted),
        (1, 1, 4)
    );
    join_all(calls.into_iter().map(finish)).await;
    check_idle(&gateway);

    // Four were served in four seconds, which is remembered as a rate.
    let calls: Vec<CallStream> = (0..4)
        .map(|_| gateway.start(call(50)).expect("admitted"))
        .collect();
    let hint = gateway
        .start(call(50))
        .err()
        .and_then(|error| error.retry_after())
        .expect("a hint");
    assert!((SECOND..=60 * SECOND).contains(&hint), "{hint:?}");
    drop(calls);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_keeps_nobody_from_a_free_backend() {
    let (inside, outside) = (
        slow("inside", 1).with(|info| info.processing = Processing::InProcess),
        slow("outside", 1),
    );
    let gateway = gateway_of(vec![inside.registered(), outside.registered()], 1);
    let confidential = || {
        let mut call = call(50);
        call.request.travel = TravelRule::confidential();
        call
    };
    let _running = begun(&gateway, confidential()).await;
    let _waiting = begun(&gateway, confidential()).await;
    assert_eq!(
        gateway.start(confidential()).err().map(|error| error.code()),
        Some("queue_full")
    );
    let answer = gateway
        .complete(call(50))
        .await
        .expect("the other backend is free");
    assert_eq!(told(&answer.facts.attempts), ["inside busy", "outside answered"]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_waiting() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    one.always(
        Script::new()
            .wait(5 * SECOND)
            .text("late")
            .finish(FinishReason::Stop),
    );
    let running = begun(&gateway, call(50)).await;
    let error = gateway.complete(call(2)).await.unwrap_err();
    assert!(
        matches!(&error, CallError::DeadlineExceeded { after, .. } if *after == 2 * SECOND),
        "{error:?}"
    );
    assert_eq!(told(error.attempts()), ["one busy"]);
    assert_eq!(waiting(&gateway), (1, 0));
    finish(running).await.expect("answered");
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_has_passed_is_refused_at_the_door() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    assert_eq!(
        gateway.start(call(0)).err().map(|error| error.code()),
        Some("deadline_exceeded")
    );
    assert_eq!(gateway.snapshot().queue.shed["deadline"], 1);
    assert_eq!((one.attempts(), gateway.snapshot().queue.admitted), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn leaving_frees_at_every_stage() {
    let shown = Script::new().text("a").stall();
    let silent = Script::new().stall();
    for script in [silent, shown] {
        let one = slow("one", 1);
        one.always(script.clone());
        let gateway = gateway(&[&one]);

        drop(gateway.start(call(50)).expect("admitted")); // Never polled.
        check_idle(&gateway);

        let running = begun(&gateway, call(50)).await;
        let unpolled = gateway.start(call(50)).expect("admitted");
        let queued = begun(&gateway, call(50)).await;
        assert_eq!(waiting(&gateway), (1, 2));
        drop(unpolled);
        assert_eq!(waiting(&gateway), (1, 1));
        let mut running = running;
        for _ in 0..2 {
            let _ = running.next().now_or_never(); // Into the middle of the answer.
        }
        assert_eq!(one.running(), 1);
        drop(running);
        assert_eq!(
            (one.running(), waiting(&gateway)),
            (0, (1, 0)),
            "the next was seated at once"
        );
        drop(queued); // Was given a seat, and never took it.
        check_idle(&gateway);
        assert_eq!(gateway.snapshot().queue.ended[&("test", "cancelled")], 4);
        one.always(Script::answer("ok"));
        gateway.complete(call(50)).await.expect("the place is free");
    }
}

#[tokio::test(start_paused = true)]
async fn a_seat_that_nobody_took_goes_to_the_next() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    let running = begun(&gateway, call(50)).await;
    let granted = begun(&gateway, call(50)).await;
    let next = begun(&gateway, call(50)).await;
    drop(running);
    drop(granted);
    assert_eq!(waiting(&gateway), (1, 0));
    finish(next).await.expect("answered");
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_does_not_take_what_opened_for_another() {
    let one = slow("one", 1);
    one.next(Script::failure(BackendError::Throttled {
        retry_after: Some(4 * SECOND),
    }));
    let gateway = gateway(&[&one]);
    gateway.complete(call(50)).await.unwrap_err();
    // Not polled, so no alarm has been set when the gate opens.
    let older = gateway.start(call(50)).expect("admitted");
    advance(4 * SECOND).await;
    let newcomer = begun(&gateway, call(50)).await;
    let (older, newcomer) = tokio::join!(finish(older), finish(newcomer));
    assert_eq!(older.expect("answered").facts.duration_ms, 5000);
    assert_eq!(newcomer.expect("answered").facts.queue_ms, 1000);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_a_trial_does_not_wedge() {
    let (one, two) = (slow("one", 4), slow("two", 4));
    one.always(failing());
    let gateway = gateway(&[&one, &two]);
    join_all((0..5).map(|_| gateway.complete(call(50)))).await;
    assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Open);
    one.always(Script::new().stall());
    advance(6 * SECOND).await;
    let mut trial = begun(&gateway, call(50)).await;
    let _ = trial.next().now_or_never();
    assert!(gateway.snapshot().backends[0].breaker.trial_in_flight);
    drop(trial);
    check_idle(&gateway);
    one.always(Script::answer("back"));
    assert_eq!(gateway.complete(call(50)).await.expect("answered").text, "back");
    assert_eq!(gateway.snapshot().backends[0].breaker.state, State::Closed);
}

#[tokio::test(start_paused = true)]
async fn what_is_shut_is_waited_for_only_if_it_opens_in_time() {
    let one = slow("one", 4);
    one.always(Script::failure(BackendError::Unauthorized));
    let config = resilience::Config {
        breaker: resilience::breaker::Config {
            jitter: 0.0,
            ..Default::default()
        },
        ..Default::default()
    };
    let gateway = gateway_of(vec![one.registered_with(config)], 256);
    gateway.complete(call(50)).await.unwrap_err();
    one.always(Script::answer("back"));

    let began = Instant::now();
    let error = gateway.complete(call(4)).await.unwrap_err();
    assert_eq!(told(error.attempts()), ["one circuit_open"]);
    assert_eq!(
        (error.code(), error.retry_after()),
        ("all_backends_failed", Some(5 * SECOND))
    );
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits in vain");

    let answers = join_all((0..20).map(|_| gateway.complete(call(6)))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(began.elapsed() < 6 * SECOND);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_told_when_hope_is_lost() {
    let one = slow("one", 1);
    one.always(Script::new().wait(SECOND).fail(BackendError::Unauthorized));
    let gateway = gateway(&[&one]);
    let began = Instant::now();
    let results = join_all([gateway.complete(call(3)), gateway.complete(call(3))]).await;
    assert_eq!(
        told(results[1].as_ref().unwrap_err().attempts()),
        ["one circuit_open"]
    );
    assert_eq!((began.elapsed(), one.attempts()), (SECOND, 1));
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn forced_open_is_never_waited_for() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    gateway.force_open("one", "maintenance").expect("known");
    let error = gateway.complete(call(50)).await.unwrap_err();
    assert_eq!(
        (error.code(), error.retry_after()),
        ("all_backends_failed", Some(60 * SECOND))
    );
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_opens_wakes_those_who_wait() {
    let one = slow("one", 4);
    one.next(Script::failure(BackendError::Throttled {
        retry_after: Some(4 * SECOND),
    }));
    let gateway = gateway(&[&one]);
    gateway.complete(call(50)).await.unwrap_err();
    let began = Instant::now();
    gateway.complete(call(50)).await.expect("answered");
    assert_eq!(began.elapsed().as_secs(), 5, "four to wait, one to answer");
}

#[tokio::test(start_paused = true)]
async fn warming_is_waited_for_and_its_end_wakes() {
    for (end, expected) in [
        (Readiness::Ready, Ok(())),
        (Readiness::Failed("broken".to_owned()), Err("all_backends_failed")),
    ] {
        let one = slow("one", 4);
        one.set_readiness(Readiness::Warming(0.1));
        let gateway = gateway(&[&one]);
        let waiting_call = begun(&gateway, call(50)).await;
        let finished = tokio::spawn(finish(waiting_call));
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(waiting(&gateway), (0, 1));
        let began = Instant::now();
        one.set_readiness(end);
        let result = finished.await.expect("no panic");
        assert_eq!(result.map(|_| ()).map_err(|error| error.code()), expected);
        assert!(began.elapsed() <= SECOND, "it was woken at once");
        check_idle(&gateway);
    }
}

#[tokio::test(start_paused = true)]
async fn warming_is_passed_over_when_another_is_ready() {
    let (one, two) = (slow("one", 1), slow("two", 1));
    one.set_readiness(Readiness::Warming(0.5));
    let answer = gateway(&[&one, &two]).complete(call(50)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["one warming", "two answered"]);
    assert_eq!(answer.facts.reason, Some(AttemptOutcome::Warming));
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_goes_to_the_front() {
    let (one, two) = (
        slow("one", 1),
        slow("two", 1).with(|info| info.processing = Processing::InProcess),
    );
    one.next(
        Script::new()
            .wait(2 * SECOND)
            .fail(BackendError::IncompleteStream),
    );
    two.always(
        Script::new()
            .wait(3 * SECOND)
            .text("two")
            .finish(FinishReason::Stop),
    );
    let gateway = gateway(&[&one, &two]);
    // The third may only go to the second backend, and waits for it longer than the first, which loses
    // its own after 2 s.
    let mut third = call(50);
    third.request.travel = TravelRule::confidential();
    let calls = [
        begun(&gateway, call(50)).await,
        begun(&gateway, call(50)).await,
        begun(&gateway, third).await,
    ];
    let [first, second, third] = calls.map(|call| tokio::spawn(finish(call)));
    let first = first.await.expect("no panic").expect("answered");
    assert_eq!(
        told(&first.facts.attempts),
        ["one malformed_stream", "two answered"]
    );
    assert_eq!(first.facts.duration_ms, 6000, "2 lost, 1 waited, 3 to answer");
    assert_eq!(first.facts.queue_ms, 0);
    assert_eq!(
        second
            .await
            .expect("no panic")
            .expect("answered")
            .facts
            .duration_ms,
        3000
    );
    assert_eq!(
        third.await.expect("no panic").expect("answered").facts.queue_ms,
        6000
    );
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn draining_refuses_the_new_and_finishes_the_rest() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    let calls = [begun(&gateway, call(50)).await, begun(&gateway, call(50)).await];
    gateway.drain();
    assert_eq!(
        gateway.start(call(50)).err().map(|error| error.code()),
        Some("draining")
    );
    let queue = gateway.snapshot().queue;
    assert!(queue.draining);
    assert_eq!(queue.shed["draining"], 1);
    assert!(gateway.idle().now_or_never().is_none());
    let calls = tokio::spawn(join_all(calls.map(finish)));
    gateway.idle().await;
    assert!(calls.await.expect("no panic").iter().all(Result::is_ok));
    gateway.idle().await;
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn the_alarm_ends_with_the_gateway() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    join_all([gateway.complete(call(50)), gateway.complete(call(50))]).await;
    let inner = Arc::downgrade(&gateway.inner);
    drop(gateway);
    assert!(inner.upgrade().is_none());
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), 0);
}

/// On several threads, where wakes can be lost. A lost one shows as a deadline that passed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_on_several_threads_is_served() {
    let (one, two) = (slow("one", 3), slow("two", 1));
    one.always(
        Script::new()
            .wait(SECOND / 1000)
            .text("ok")
            .finish(FinishReason::Stop),
    );
    two.always(Script::new().text("ok").finish(FinishReason::Stop));
    let gateway = gateway(&[&one, &two]);
    let caller = |gateway: Gateway, number: usize| async move {
        for round in 0..30 {
            let stream = gateway.start(call(20)).expect("admitted");
            if (number + round).is_multiple_of(5) {
                tokio::task::yield_now().await;
                drop(stream);
            } else {
                finish(stream).await.expect("answered");
            }
        }
    };
    let callers: Vec<_> = (0..64)
        .map(|number| tokio::spawn(caller(gateway.clone(), number)))
        .collect();
    for caller in join_all(callers).await {
        caller.expect("no panic");
    }
    check_idle(&gateway);
    assert_eq!(gateway.snapshot().queue.admitted, 64 * 30);
    assert!(one.most_running() <= 3 && two.most_running() <= 1);
}

/// What one caller of a random crowd does.
#[derive(Debug, Clone)]
struct Caller {
    comes: Duration,
    deadline: Duration,
    leaves: Option<Duration>,
}

fn caller() -> impl Strategy<Value = Caller> {
    let within = |range: std::ops::Range<u64>| range.prop_map(Duration::from_millis);
    (
        within(0..3000),
        within(1..4000),
        prop::option::of(within(0..3000)),
    )
        .prop_map(|(comes, deadline, leaves)| Caller {
            comes,
            deadline,
            leaves,
        })
}

fn behaviour() -> impl Strategy<Value = Script> {
    prop_oneof![
        4 => (0_u64..1500).prop_map(|ms| Script::new().wait(Duration::from_millis(ms)).text("ok").finish(FinishReason::Stop)),
        1 => Just(Script::new().text("a").stall()),
        1 => Just(failing()),
        1 => Just(Script::failure(BackendError::Unauthorized)),
        1 => Just(Script::failure(BackendError::Throttled { retry_after: Some(SECOND) })),
        1 => (0_u64..500).prop_map(|ms| Script::new().wait(Duration::from_millis(ms)).fail(BackendError::Busy)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whoever comes, waits, fails or leaves: each call ends once and in time, and nothing leaks.
    #[test]
    fn the_accounts_are_right_whatever_happens(
        callers in prop::collection::vec(caller(), 1..40),
        behaviours in prop::collection::vec(behaviour(), 0..40),
        places in (1_usize..4, 1_usize..3),
        capacity in 0_usize..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let (one, two) = (slow("one", places.0), slow("two", places.1));
            behaviours.into_iter().enumerate().for_each(|(index, script)| [&one, &two][index % 2].next(script));
            let gateway = gateway_of(vec![one.registered(), two.registered()], capacity);
            let admitted = join_all(callers.iter().map(|caller| async {
                tokio::time::sleep(caller.comes).await;
                let deadline = caller.deadline;
                let Ok(stream) = gateway.start(Call { deadline: Deadline::after(deadline), ..call(1) }) else {
                    return 0;
                };
                check_accounts(&gateway);
                let began = Instant::now();
                let leaves = caller.leaves.unwrap_or(Duration::from_hours(1));
                let _ = tokio::time::timeout(leaves, finish(stream)).await;
                assert!(began.elapsed() <= deadline + Duration::from_millis(2), "it outlived its deadline");
                check_accounts(&gateway);
                1
            })).await;
            check_idle(&gateway);
            prop_assert_eq!(gateway.snapshot().queue.admitted, admitted.into_iter().sum::<u64>());
            prop_assert!(one.most_running() <= places.0 && two.most_running() <= places.1);
            prop_assert_eq!(one.running() + two.running(), 0);
            Ok(())
        })?;
    }
}

/// Calls of `tenant`, waiting.
async fn waiting_calls(gateway: &Gateway, tenant: &str, priority: Priority, count: usize) -> Vec<CallStream> {
    let mut calls = Vec::new();
    for _ in 0..count {
        let call = Call {
            tenant: Arc::from(tenant),
            priority,
            ..call(50)
        };
        calls.push(begun(gateway, call).await);
    }
    calls
}

async fn seconds_waited(calls: Vec<CallStream>) -> Vec<u64> {
    let answers = join_all(calls.into_iter().map(finish)).await;
    answers
        .into_iter()
        .map(|answer| answer.expect("answered").facts.queue_ms / 1000)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn tenants_take_turns_and_batch_comes_after() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    let mut running = waiting_calls(&gateway, "a", Priority::Interactive, 1).await;
    let many = waiting_calls(&gateway, "a", Priority::Interactive, 4).await;
    let batch = waiting_calls(&gateway, "a", Priority::Batch, 1).await;
    let few = waiting_calls(&gateway, "b", Priority::Interactive, 2).await;
    running.extend(many);
    let (a, b, batch) = tokio::join!(
        seconds_waited(running),
        seconds_waited(few),
        seconds_waited(batch)
    );
    assert_eq!((a, b, batch), (vec![0, 1, 3, 5, 6], vec![2, 4], vec![7]));
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_kept_out_by_anothers_queue() {
    let one = slow("one", 1);
    let gateway = gateway_of(vec![one.registered()], 4);
    let mut greedy = waiting_calls(&gateway, "a", Priority::Interactive, 5).await;
    assert_eq!(waiting(&gateway), (1, 4));
    let modest = waiting_calls(&gateway, "b", Priority::Interactive, 1).await;
    let displaced = greedy.pop().expect("five");
    let error = finish(displaced).await.unwrap_err();
    assert!(
        matches!(
            error,
            CallError::QueueFull {
                waiting: 4,
                capacity: 4,
                ..
            }
        ),
        "the newest of the greedy one gave way: {error:?}"
    );
    assert_eq!(waiting(&gateway), (1, 4));
    let (modest, greedy) = tokio::join!(seconds_waited(modest), seconds_waited(greedy));
    assert_eq!((modest, greedy), (vec![2], vec![0, 1, 3, 4]), "served in turn");
    let queue = gateway.snapshot().queue;
    assert_eq!(
        (queue.ended_as("failed"), queue.shed.get("queue_full")),
        (1, None)
    );
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_is_told_at_once() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    // Ten departures, one a second, are enough to know the pace.
    let known = waiting_calls(&gateway, "a", Priority::Interactive, 11).await;
    assert_eq!(seconds_waited(known).await.last(), Some(&10));
    let _queue = waiting_calls(&gateway, "a", Priority::Interactive, 9).await;
    let before = one.attempts();
    let error = gateway.start(call_of("a", 5)).err().expect("refused");
    let CallError::WaitTooLong {
        expected_wait,
        remaining,
        retry_after,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (expected_wait, remaining, retry_after),
        (9 * SECOND, 5 * SECOND, 4 * SECOND)
    );
    assert_eq!(gateway.snapshot().queue.shed["deadline"], 1);
    assert_eq!(one.attempts(), before);
    drop(
        gateway
            .start(call_of("b", 5))
            .expect("another tenant's turn comes sooner"),
    );
    drop(gateway.start(call_of("a", 20)).expect("time enough"));
}

fn call_of(tenant: &str, seconds: u64) -> Call {
    Call {
        tenant: Arc::from(tenant),
        ..call(seconds)
    }
}

#[tokio::test(start_paused = true)]
async fn who_expired_is_passed_by() {
    let one = slow("one", 1);
    let gateway = gateway(&[&one]);
    let running = begun(&gateway, call(50)).await;
    // Polled once, and then not looked at any more: its own timer cannot end it.
    let expired = begun(&gateway, call_of("a", 1)).await;
    let next = begun(&gateway, call_of("b", 50)).await;
    advance(SECOND / 2).await;
    finish(running).await.expect("answered");
    assert_eq!(finish(next).await.expect("answered").facts.queue_ms, 1500);
    assert_eq!(finish(expired).await.unwrap_err().code(), "deadline_exceeded");
    assert_eq!(one.attempts(), 2);
    check_idle(&gateway);
}
