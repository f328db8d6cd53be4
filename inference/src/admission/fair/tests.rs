//! Turns, and that nobody is lost.

use proptest::prelude::*;

use super::*;

const ANY: u64 = u64::MAX;

#[derive(Default)]
struct Bench {
    queue: FairQueue<String>,
    number: u64,
}

impl Bench {
    fn push(&mut self, tenant: &str, priority: Priority, cost: u32, mask: u64) -> Place {
        self.number += 1;
        let item = format!("{tenant}{}", self.number);
        self.queue
            .push(&Arc::from(tenant), priority, cost, mask, self.number, item)
    }

    /// So many interactive calls that any backend can serve.
    fn push_many(&mut self, count: usize, tenant: &str, cost: u32) -> Vec<Place> {
        (0..count)
            .map(|_| self.push(tenant, Priority::Interactive, cost, ANY))
            .collect()
    }

    fn serve(&mut self, available: u64) -> Option<String> {
        let place = self.queue.next(available, &[])?;
        self.queue.serve(place)
    }

    fn tenants_served(&mut self, count: usize) -> String {
        (0..count)
            .filter_map(|_| self.serve(ANY))
            .map(|item| item[..1].to_owned())
            .collect()
    }
}

/// Two tenants, and the tokens that each was served.
#[derive(Default)]
struct Two {
    queue: FairQueue<(usize, u32)>,
    number: u64,
    served: [u64; 2],
}

impl Two {
    fn push(&mut self, who: usize, cost: u32) {
        self.number += 1;
        let tenant = Arc::from(["a", "b"][who]);
        self.queue.push(
            &tenant,
            Priority::Interactive,
            cost,
            ANY,
            self.number,
            (who, cost),
        );
    }

    /// Serves the next call, and says whose it was.
    fn serve(&mut self) -> usize {
        let place = self.queue.next(ANY, &[]).expect("one waits");
        let (who, cost) = self.queue.serve(place).expect("it was there");
        self.served[who] += u64::from(cost);
        who
    }
}

#[test]
fn tenants_take_turns_whoever_came_first() {
    let mut bench = Bench::default();
    bench.push_many(6, "a", 100);
    bench.push_many(3, "b", 100);
    assert_eq!(bench.tenants_served(9), "abababaaa");
    assert!(bench.queue.is_empty());
    assert!(
        bench.queue.lanes[0].shares.is_empty(),
        "nothing is remembered of who is gone"
    );
}

#[test]
fn turns_are_by_tokens_and_not_by_calls() {
    let mut bench = Bench::default();
    bench.push_many(4, "l", 400);
    bench.push_many(16, "s", 100);
    let served = bench.tenants_served(10);
    let large = served.matches('l').count();
    assert_eq!(
        large, 2,
        "of ten calls two large ones, as many tokens as the eight small: {served}"
    );
}

#[test]
fn who_was_away_goes_ahead_by_a_few_calls_and_no_more() {
    let mut bench = Bench::default();
    bench.push_many(50, "a", 100);
    bench.tenants_served(40);
    bench.push_many(20, "b", 100);
    assert_eq!(bench.tenants_served(14), format!("{}ababab", "b".repeat(8)));
}

#[test]
fn who_has_used_what_it_saved_waits_for_its_turn_also_after_it_was_gone_for_a_moment() {
    let mut bench = Bench::default();
    bench.push_many(50, "a", 100);
    bench.tenants_served(20);
    let mut served = String::new();
    for _ in 0..14 {
        bench.push("b", Priority::Interactive, 100, ANY);
        while !served.ends_with('b') || bench.queue.lanes[0].shares.waiting("b") > 0 {
            served += &bench.tenants_served(1);
        }
    }
    assert_eq!(served, format!("{}abababababab", "b".repeat(8)));
}

#[test]
fn what_was_given_up_is_not_held_against_its_tenant() {
    let mut bench = Bench::default();
    bench.push_many(50, "a", 100);
    bench.tenants_served(20);
    for place in bench.push_many(30, "b", 100) {
        bench.queue.remove(place);
    }
    bench.push("b", Priority::Interactive, 100, ANY);
    assert_eq!(bench.tenants_served(1), "b");
}

#[test]
fn batch_comes_after_interactive_and_not_never() {
    let mut bench = Bench::default();
    bench.push("b", Priority::Batch, 1, ANY);
    bench.push("b", Priority::Batch, 1, ANY);
    bench.push_many(20, "i", 1000);
    assert_eq!(bench.tenants_served(19), format!("{0}b{0}bi", "i".repeat(8)));
}

#[test]
fn a_backend_is_given_the_next_whom_it_can_serve() {
    let mut bench = Bench::default();
    bench.push("a", Priority::Interactive, 1, 0b01);
    bench.push("b", Priority::Interactive, 1, 0b10);
    bench.push("c", Priority::Interactive, 1, 0b11);
    assert_eq!(bench.serve(0b10).as_deref(), Some("b2"));
    assert_eq!(bench.serve(0b10).as_deref(), Some("c3"));
    assert_eq!(bench.serve(0b10), None);
    assert_eq!(bench.serve(0b01).as_deref(), Some("a1"));
}

#[test]
fn who_comes_back_goes_first_and_those_in_their_order() {
    let mut bench = Bench::default();
    bench.push("a", Priority::Interactive, 1, ANY);
    bench
        .queue
        .push_front(Priority::Interactive, ANY, 8, "x".to_owned());
    bench
        .queue
        .push_front(Priority::Interactive, ANY, 9, "y".to_owned());
    assert_eq!(bench.tenants_served(3), "xya");
}

#[test]
fn the_greediest_gives_way_with_its_newest_call() {
    let mut bench = Bench::default();
    bench.push_many(3, "a", 1);
    bench.push("b", Priority::Interactive, 1, ANY);
    let item = |bench: &Bench, tenant| {
        let place = bench.queue.greediest(tenant)?;
        bench.queue.get(place).cloned()
    };
    assert_eq!(item(&bench, "c").as_deref(), Some("a3"));
    assert_eq!(item(&bench, "b").as_deref(), Some("a3"));
    assert_eq!(item(&bench, "a"), None, "nobody has more than itself");
    bench.push("b", Priority::Interactive, 1, ANY);
    assert_eq!(item(&bench, "b"), None, "one more is no reason");
}

#[test]
fn a_newcomer_is_told_how_many_go_first() {
    let mut bench = Bench::default();
    assert_eq!(bench.queue.ahead("a", Priority::Interactive), 0);
    bench.push_many(10, "a", 1);
    assert_eq!(bench.queue.ahead("a", Priority::Interactive), 10);
    assert_eq!(bench.queue.ahead("b", Priority::Interactive), 1);
    assert_eq!(bench.queue.ahead("b", Priority::Batch), 10);
}

proptest! {
    /// While two tenants wait all the time, neither is served more than one call's cost ahead of the other.
    #[test]
    fn nobody_gets_ahead(costs in prop::collection::vec((1_u32..500, 1_u32..500), 20..60)) {
        let mut two = Two::default();
        for (one, other) in &costs {
            two.push(0, *one);
            two.push(1, *other);
        }
        let mut left = [costs.len(); 2];
        while left.iter().all(|left| *left > 0) {
            left[two.serve()] -= 1;
            let served = two.served;
            prop_assert!(served[0].abs_diff(served[1]) <= 500, "{served:?}");
        }
    }

    /// However another tenant calls, it is never served more than what it may have saved ahead of one that waits all
    /// the time.
    #[test]
    fn nobody_is_passed_for_long(
        steps in prop::collection::vec((0_usize..4, 1_u32..500, 0_usize..6), 20..200),
    ) {
        let mut two = Two::default();
        two.push(0, 500);
        let mut least_lead = 0_i64;
        for (calls, cost, places) in steps {
            for _ in 0..calls {
                two.push(1, cost);
            }
            for _ in 0..places {
                two.push(0, cost);
                two.serve();
                let served = two.served;
                let lead = served[1].cast_signed() - served[0].cast_signed();
                least_lead = least_lead.min(lead);
                prop_assert!(lead - least_lead <= 10 * 500, "{served:?} after {least_lead}");
            }
        }
    }

    /// Whatever is pushed, removed and served: everybody leaves exactly once.
    #[test]
    fn nobody_is_lost(steps in prop::collection::vec((0_u8..4, 0_u8..5, 1_u32..100, 1_u64..8), 1..200)) {
        let mut queue = FairQueue::default();
        let mut waiting: Vec<(Place, u64)> = Vec::new();
        let mut number = 0;
        for (what, tenant, cost, mask) in steps {
            number += 1;
            match what {
                0 | 1 => {
                    let tenant: Arc<str> = Arc::from(tenant.to_string());
                    let priority = if what == 0 { Priority::Interactive } else { Priority::Batch };
                    waiting.push((queue.push(&tenant, priority, cost, mask, number, number), number));
                }
                2 if !waiting.is_empty() => {
                    let (place, number) = waiting.swap_remove(cost as usize % waiting.len());
                    prop_assert_eq!(queue.remove(place), Some(number));
                    prop_assert_eq!(queue.remove(place), None);
                }
                _ => {
                    let next = queue.next(mask, &[]);
                    let can = waiting.iter().any(|(place, _)| place.mask & mask != 0);
                    prop_assert_eq!(next.is_some(), can);
                    if let Some(place) = next {
                        let item = queue.serve(place);
                        let index = waiting.iter().position(|(known, _)| *known == place);
                        let (_, number) = waiting.swap_remove(index.expect("it waits"));
                        prop_assert_eq!(item, Some(number));
                    }
                }
            }
            prop_assert_eq!(queue.len(), waiting.len());
            prop_assert_eq!(queue.is_empty(), waiting.is_empty());
        }
    }
}
