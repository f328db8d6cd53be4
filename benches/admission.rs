//! What taking turns costs: one call joins the line, and whoever is next leaves it.
//!
//! ```console
//! $ cargo bench --package benches --bench admission
//! ```
//!
//! The line holds one call of each of so many tenants all the while; each turn, the next of them in a round adds one
//! and one is served. One thread. Read the medians.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use inference::testing::Turns;

fn admission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("enqueue and dequeue");
    for count in [1_usize, 100, 10_000] {
        let tenants: Vec<Arc<str>> = (0..count)
            .map(|number| Arc::from(format!("tenant-{number}")))
            .collect();
        let mut turns = Turns::default();
        for tenant in &tenants {
            turns.enqueue(tenant, 100);
        }
        let mut round = tenants.iter().cycle();
        group.bench_with_input(BenchmarkId::new("tenants", count), &count, |bencher, _| {
            bencher.iter(|| {
                let tenant = round.next().expect("a cycle has no end");
                turns.enqueue(tenant, 300);
                assert!(turns.dequeue(), "somebody waits");
            });
        });
        assert_eq!(turns.waiting(), count, "as many left as came");
    }
    group.finish();
}

criterion_group!(benches, admission);
criterion_main!(benches);
