//! What the circuit breaker costs a call: leave to make it, and saying what came of it.
//!
//! ```console
//! $ cargo bench --package benches --bench breaker
//! ```
//!
//! Closed, which is how nearly every call meets it. Alone: one thread. Contended: a second thread does the same on
//! the same breaker without a pause, and the first is measured; a call is then dearer than any real load makes it.
//! Read the medians.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use criterion::{Criterion, criterion_group, criterion_main};
use inference::resilience::breaker::{Breaker, Config, Outcome, State};

fn acquire_and_settle(breaker: &Breaker) {
    breaker
        .try_acquire()
        .expect("it is closed")
        .settle(Outcome::Success);
}

fn breaker(criterion: &mut Criterion) {
    let breaker = Breaker::new(Config::default());
    criterion.bench_function("acquire and settle, alone", |bencher| {
        bencher.iter(|| acquire_and_settle(&breaker));
    });

    let over = Arc::new(AtomicBool::new(false));
    let rival = {
        let (breaker, over) = (breaker.clone(), Arc::clone(&over));
        thread::spawn(move || {
            let mut calls = 0_u64;
            while !over.load(Ordering::Relaxed) {
                acquire_and_settle(&breaker);
                calls += 1;
            }
            calls
        })
    };
    criterion.bench_function("acquire and settle, two threads at once", |bencher| {
        bencher.iter(|| acquire_and_settle(&breaker));
    });
    over.store(true, Ordering::Relaxed);
    let calls = rival.join().expect("it does not panic");
    assert!(calls > 0, "nobody contended");
    assert_eq!(breaker.state(), State::Closed, "an open breaker is another bench");
}

criterion_group!(benches, breaker);
criterion_main!(benches);
