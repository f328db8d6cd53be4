//! What deciding costs: one call through queue, routing, breaker and accounts, with backends that answer at once.
//!
//! ```console
//! $ cargo bench --package benches --bench routing
//! ```
//!
//! One thread, one call at a time, nothing asleep: what is measured is the processor time of a call beside
//! its backend. Read the medians, and compare runs on the same machine only.

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use inference::{
    BackendError, Call, Chain, CompletionRequest, Deadline, Gateway, GatewayConfig, Message, NoObserver,
    admission,
    testing::{FakeBackend, Script},
};
use tokio::runtime::Runtime;

/// A chain of two backends, of which the second is the weaker.
struct Pair {
    first: FakeBackend,
    gateway: Gateway,
}

fn pair() -> Pair {
    let first = FakeBackend::new("first", "strong");
    let second = FakeBackend::new("second", "weak");
    let config = GatewayConfig {
        queue: admission::Config::default(),
        backends: vec![first.registered(), second.registered()],
        chains: vec![Chain {
            name: "default".to_owned(),
            backends: vec!["first".to_owned(), "second".to_owned()],
        }],
        routing: inference::RoutingConfig::default(),
    };
    let gateway = Gateway::new(config, Arc::new(NoObserver)).expect("the names are unique and known");
    Pair { first, gateway }
}

fn call() -> Call {
    let messages = vec![
        Message::system("Be brief."),
        Message::user("Where is my order 4711?"),
    ];
    let request = CompletionRequest::new(messages, 64);
    Call::new("bench", request, Deadline::after(Duration::from_mins(1)))
}

fn bench(criterion: &mut Criterion, name: &str, pair: &Pair, answered_by: &str) {
    let runtime = Runtime::new().expect("threads can be started");
    let complete = || runtime.block_on(pair.gateway.complete(black_box(call())));
    // A benchmark of something else than its name says is worse than none.
    assert_eq!(
        complete().expect("it is answered").facts.backend,
        answered_by,
        "{name}"
    );
    criterion.bench_function(name, |bencher| bencher.iter(complete));
    assert_eq!(
        complete().expect("it is answered").facts.backend,
        answered_by,
        "{name}"
    );
}

fn routing(criterion: &mut Criterion) {
    bench(criterion, "first backend answers", &pair(), "first");

    let open = pair();
    open.gateway
        .force_open("first", "bench")
        .expect("there is a backend of this name");
    bench(criterion, "circuit open, second answers", &open, "second");

    // A refused request says nothing about the backend, so the breaker stays closed and each call tries both.
    let failing = pair();
    failing.first.always(Script::failure(BackendError::Warming));
    bench(criterion, "first fails, second answers", &failing, "second");
}

criterion_group!(benches, routing);
criterion_main!(benches);
