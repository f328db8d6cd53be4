//! Circuits that backends share, orders of an operator, slow answers, and the load that grows again.

use std::sync::Mutex;

use futures::future::join_all;
use tokio::time::advance;

use super::*;
use crate::resilience::{self, breaker::Transition};

const OPEN: Duration = Duration::from_secs(5);

/// No jitter, so that times are exact.
fn exact() -> resilience::Config {
    resilience::Config {
        breaker: resilience::breaker::Config {
            jitter: 0.0,
            ..Default::default()
        },
        ..Default::default()
    }
}

fn exactly(backends: &[&FakeBackend]) -> Gateway {
    let registered = backends.iter().map(|backend| backend.registered_with(exact()));
    gateway_of(registered.collect(), 256)
}

/// Three deployments behind one endpoint, and something weaker elsewhere.
fn three_and_one() -> ([FakeBackend; 3], FakeBackend) {
    let three = ["a", "b", "c"].map(|name| FakeBackend::new(name, "big").sharing("https://e", "key"));
    // Two attempts may leave the process: the third is answered within it.
    let weak = FakeBackend::new("weak", "small").with(|info| info.processing = Processing::InProcess);
    (three, weak)
}

fn unreachable() -> Script {
    Script::failure(BackendError::Unreachable {
        reason: "refused".into(),
    })
}

fn states(gateway: &Gateway) -> Vec<State> {
    let backends = gateway.snapshot().backends;
    backends.iter().map(|backend| backend.breaker.state).collect()
}

fn causes(gateway: &Gateway, backend: usize) -> Vec<String> {
    let history = gateway.snapshot().backends[backend].breaker.history.clone();
    history.into_iter().map(|change| change.cause).collect()
}

#[tokio::test(start_paused = true)]
async fn deployments_on_one_dead_endpoint_are_tried_as_one() {
    let (three, weak) = three_and_one();
    let [a, b, c] = &three;
    let attempts = || three.iter().map(FakeBackend::attempts).sum::<usize>();
    for one in &three {
        one.always(unreachable());
    }
    let gateway = exactly(&[a, b, c, &weak]);
    for _ in 0..10 {
        assert_eq!(
            gateway.complete(call(50)).await.expect("answered").facts.backend,
            "weak"
        );
    }
    assert!(attempts() <= 6, "{} attempts at a dead endpoint", attempts());
    assert_eq!(
        states(&gateway),
        [State::Open, State::Open, State::Open, State::Closed]
    );
    assert_eq!(
        causes(&gateway, 2),
        ["endpoint: 5 failures in a row, the last: unreachable"]
    );

    let before = attempts();
    for one in &three {
        one.always(Script::new().wait(SECOND).text("back").finish(FinishReason::Stop));
    }
    advance(OPEN).await;
    let answers = join_all((0..20).map(|_| gateway.complete(call(50)))).await;
    let back = answers
        .iter()
        .flatten()
        .filter(|answer| answer.text == "back")
        .count();
    assert_eq!((back, attempts() - before), (1, 1), "one trial for all of them");
    assert_eq!(states(&gateway), [State::Closed; 4]);
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn who_is_blamed_for_what() {
    use BackendError as E;
    let broken = || E::ConnectionBroken {
        reason: "reset".into(),
    };
    // What "a" says, how often, and whether "b" behind the same endpoint is shut by it.
    let cases = [
        ("401", Script::failure(E::Unauthorized), 1, true),
        ("403", Script::failure(E::Forbidden), 1, true),
        ("404", Script::failure(E::DeploymentNotFound), 1, false),
        ("500", failing(), 5, false),
        ("no connection", unreachable(), 5, true),
        (
            "certificate",
            Script::failure(E::CertificateInvalid {
                reason: "expired".into(),
            }),
            1,
            true,
        ),
        ("reset before an answer", Script::failure(broken()), 5, true),
        (
            "reset within an answer",
            Script::new().text("We").fail(broken()),
            5,
            false,
        ),
    ];
    for (name, script, times, shared) in cases {
        let (a, b) = (
            FakeBackend::new("a", "big").sharing("e", "key"),
            FakeBackend::new("b", "other").sharing("e", "key"),
        );
        a.always(script);
        let gateway = Gateway::new(
            GatewayConfig {
                queue: admission::Config::default(),
                backends: vec![a.registered(), b.registered()],
                chains: ["a", "b"]
                    .map(|name| Chain {
                        name: name.into(),
                        backends: vec![name.into()],
                    })
                    .to_vec(),
                routing: routing::Config {
                    retry_budget: 0.0,
                    ..Default::default()
                },
            },
            Arc::new(NoObserver),
        )
        .expect("names are fine");
        while a.attempts() < times {
            gateway.complete(call(4)).await.unwrap_err();
        }
        let expected = if shared { State::Open } else { State::Closed };
        assert_eq!(states(&gateway), [State::Open, expected], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_credential_or_endpoint_is_not_shut() {
    let a = FakeBackend::new("a", "big").sharing("e", "key");
    let others = [("e", "other key"), ("f", "third key")];
    let [b, c] = others.map(|(endpoint, key)| FakeBackend::new(key, "big").sharing(endpoint, key));
    a.always(Script::failure(BackendError::Unauthorized));
    let gateway = gateway(&[&a, &b, &c]);
    gateway.complete(call(50)).await.expect("answered");
    assert_eq!(states(&gateway), [State::Open, State::Closed, State::Closed]);
}

#[tokio::test(start_paused = true)]
async fn what_time_does_not_mend_burns_no_retries() {
    for error in [
        BackendError::Unauthorized,
        BackendError::Forbidden,
        BackendError::DeploymentNotFound,
    ] {
        let (one, weak) = (FakeBackend::new("one", "big"), FakeBackend::new("weak", "small"));
        one.always(Script::failure(error.clone()));
        let gateway = exactly(&[&one, &weak]);
        for _ in 0..20 {
            assert_eq!(
                gateway.complete(call(50)).await.expect("answered").facts.backend,
                "weak"
            );
        }
        assert_eq!(one.attempts(), 1, "{error} was asked again");
    }
}

#[tokio::test(start_paused = true)]
async fn forced_closed_flows_though_its_endpoint_is_shut() {
    let (a, b) = (
        FakeBackend::new("a", "big").sharing("e", "key"),
        FakeBackend::new("b", "big").sharing("e", "key"),
    );
    a.always(Script::failure(BackendError::Forbidden));
    let gateway = exactly(&[&a, &b]);
    gateway.complete(call(4)).await.unwrap_err();
    gateway
        .force_closed("b", Order::new("eva", "it works from here"))
        .expect("known");
    assert_eq!(states(&gateway), [State::Open, State::ForcedClosed]);
    let answer = gateway.complete(call(4)).await.expect("answered");
    assert_eq!(told(&answer.facts.attempts), ["a circuit_open", "b answered"]);
    let forced = gateway.snapshot().backends[1]
        .breaker
        .forced
        .clone()
        .expect("an order");
    assert_eq!(
        (forced.order.by(), forced.order.reason()),
        ("eva", "it works from here")
    );

    gateway.resume("b", "done").expect("known");
    assert_eq!(
        states(&gateway),
        [State::Closed; 2],
        "whatever kept it from flowing is closed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_drained_backend_ends_what_it_began() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "big"));
    one.always(Script::new().wait(SECOND).text("last").finish(FinishReason::Stop));
    let gateway = gateway(&[&one, &two]);
    let (last, next) = tokio::join!(gateway.complete(call(50)), async {
        tokio::task::yield_now().await;
        gateway.drain_backend("one", "new nodes").expect("known");
        gateway.complete(call(50)).await
    });
    assert_eq!(last.expect("it went on").text, "last");
    let next = next.expect("answered").facts;
    assert_eq!(told(&next.attempts), ["one circuit_open", "two answered"]);
    let drained = gateway.snapshot().backends[0].clone();
    assert_eq!((drained.breaker.state, drained.in_flight), (State::Drained, 0));
    gateway.resume("one", "back").expect("known");
    assert_eq!(
        gateway.complete(call(50)).await.expect("answered").facts.backend,
        "one"
    );
    assert_eq!(
        causes(&gateway, 0),
        ["drained by operator: new nodes", "resumed by operator: back"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_load_of_what_recovered_grows() {
    let one = FakeBackend::new("one", "big").with(|info| info.max_concurrency = 20);
    let long = (0..8).fold(Script::new(), |script, _| script.text("on").wait(8 * SECOND));
    one.always(long.finish(FinishReason::Stop));
    let gateway = exactly(&[&one]);
    gateway.force_open("one", "test").expect("known");
    gateway.resume("one", "test").expect("known");
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let gateway = gateway.clone();
            tokio::spawn(async move { gateway.complete(call(300)).await })
        })
        .collect();
    // The share of twenty places that has grown by then, rounded down; nobody else wakes those who wait.
    for (passed, running) in [(0, 2), (2, 5), (3, 11), (4, 18), (2, 20)] {
        tokio::time::sleep(Duration::from_secs(passed)).await;
        tokio::time::sleep(SECOND / 100).await;
        assert_eq!(one.running(), running, "{passed} s later");
    }
    for caller in callers {
        assert!(caller.await.expect("no panic").is_ok());
    }
    check_idle(&gateway);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_room_while_it_grows_goes_elsewhere() {
    let (one, two) = (FakeBackend::new("one", "big"), FakeBackend::new("two", "small"));
    one.always(Script::new().wait(SECOND).text("ok").finish(FinishReason::Stop));
    let gateway = exactly(&[&one, &two]);
    gateway.drain_backend("one", "test").expect("known");
    gateway.resume("one", "test").expect("known");
    let answers = join_all((0..64).map(|_| gateway.complete(call(50)))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((one.attempts(), two.attempts()), (6, 58), "a tenth of 64 places");
}

#[tokio::test(start_paused = true)]
async fn slow_answers_open_it() {
    let slow_to_begin = Script::new()
        .wait(9 * SECOND)
        .text("ok")
        .finish(FinishReason::Stop);
    let mut slow_to_end = Script::new();
    for _ in 0..8 {
        slow_to_end = slow_to_end.text("and ").wait(6 * SECOND);
    }
    let slow_to_end = slow_to_end.finish(FinishReason::Stop);
    let quick = Script::new()
        .wait(7 * SECOND)
        .text("ok")
        .finish(FinishReason::Stop);
    for (name, script, expected) in [
        ("slow to begin", slow_to_begin, State::Open),
        ("slow to end", slow_to_end, State::Open),
        ("quick", quick, State::Closed),
    ] {
        let one = FakeBackend::new("one", "big");
        one.always(script);
        let gateway = exactly(&[&one]);
        let answers = join_all((0..20).map(|_| gateway.complete(call(100)))).await;
        assert!(answers.iter().all(Result::is_ok), "{name}: slow is answered");
        assert_eq!(states(&gateway), [expected], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_slow_caller_is_not_the_backends() {
    let one = FakeBackend::new("one", "big");
    one.always(Script::new().text("a").text("b").finish(FinishReason::Stop));
    let gateway = exactly(&[&one]);
    let slow_reader = || async {
        let call = Call {
            visibility: Visibility::Streamed,
            ..call(500)
        };
        let mut events = gateway.start(call).expect("let in");
        while let Some(event) = events.next().await {
            event.expect("no failure");
            tokio::time::sleep(30 * SECOND).await;
        }
    };
    join_all((0..20).map(|_| slow_reader())).await;
    assert_eq!(states(&gateway), [State::Closed]);
}

/// Writes down the log lines of this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl tracing::field::Visit for Lines {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().expect("sound").push(format!("{value:?}"));
        }
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, about: &tracing::Metadata<'_>) -> bool {
        about.target().starts_with("inference::guarded")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Self::default();
        event.record(&mut line);
        let line = line.0.lock().expect("sound").concat();
        let line = format!("{} {line}", event.metadata().level());
        self.0.lock().expect("sound").push(line);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn each_transition_is_logged_once_with_its_cause() {
    let lines = Lines::default();
    // With one listener only, tracing asks none but the thread that comes first to a line whether anybody listens: that of
    // another test, perhaps, to which nobody does.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _guard = tracing::subscriber::set_default(lines.clone());
    let (three, weak) = three_and_one();
    let [a, b, c] = &three;
    a.next(Script::failure(BackendError::Unauthorized));
    let gateway = exactly(&[a, b, c, &weak]);
    gateway.complete(call(50)).await.expect("answered");
    advance(OPEN).await;
    gateway.complete(call(50)).await.expect("answered");
    gateway.force_open("c", Order::new("eva", "disk")).expect("known");
    gateway.resume("c", Order::new("eva", "done")).expect("known");
    let expected = [
        "ERROR circuit of credential key is open: severe failure: credential_refused; check the key of the \
         backend, and the network rules of its resource",
        "INFO circuit of credential key is half_open: open time is over",
        "INFO circuit of credential key is closed: trial succeeded",
        "WARN circuit of backend c is forced_open: forced open by eva: disk",
        "INFO circuit of backend c is closed: resumed by eva: done",
    ];
    assert_eq!(*lines.0.lock().expect("sound"), expected);
}

/// Counts changes by backend.
#[derive(Default)]
struct Changes(Mutex<Vec<String>>);

impl Observer for Changes {
    fn breaker_changed(&self, backend: &str, transition: &Transition) {
        let change = format!("{backend} {}", transition.to.as_str());
        self.0.lock().expect("sound").push(change);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_circuit_is_told_of_for_each_that_shares_it() {
    let (three, _) = three_and_one();
    three[1].always(Script::failure(BackendError::Unauthorized));
    let changes = Arc::new(Changes::default());
    let config = GatewayConfig {
        queue: admission::Config::default(),
        backends: three.iter().map(FakeBackend::registered).collect(),
        chains: vec![Chain {
            name: "default".into(),
            backends: vec!["b".into()],
        }],
        routing: routing::Config::default(),
    };
    let observer: Arc<dyn Observer> = changes.clone();
    let gateway = Gateway::new(config, observer).expect("names are fine");
    gateway.complete(call(4)).await.unwrap_err();
    assert_eq!(*changes.0.lock().expect("sound"), ["a open", "b open", "c open"]);
}
