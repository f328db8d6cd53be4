//! How far text travels, whatever fails on its way.

use proptest::prelude::*;

use super::{
    faults::{too_long, with},
    *,
};

const CLASSES: [DataClass; 3] = [DataClass::Public, DataClass::Internal, DataClass::Confidential];
const LEAVES: [Option<DataClass>; 3] = [None, Some(DataClass::Public), Some(DataClass::Internal)];
const RESIDENCIES: [Residency; 4] = [
    Residency::Anywhere,
    Residency::Eu,
    Residency::Us,
    Residency::Nowhere,
];

fn behave(backend: &FakeBackend, behaviour: usize) {
    backend.always(match behaviour {
        0 => failing(),
        1 => Script::new().text("a").stall(),
        2 => too_long(),
        3 => Script::failure(BackendError::Throttled { retry_after: None }),
        _ => Script::answer("ok"),
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Whatever a tenant's rule, a caller's wish, the chain and its faults: no text reaches a backend that may not have it.
    #[test]
    fn no_text_travels_further_than_its_rule(
        backends in prop::collection::vec((0..4_usize, 0..5_usize), 1..8),
        calls in prop::collection::vec((0..3_usize, 0..3_usize, 0..4_usize, 0..4_usize, 0..4_usize, any::<bool>()), 5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let places = [Processing::InProcess, Processing::Eu, Processing::Us, Processing::Global];
            let all: Vec<FakeBackend> = backends.iter().enumerate().map(|(index, (place, behaviour))| {
                let backend = FakeBackend::new(&index.to_string(), "m").with(|info| info.processing = places[*place]);
                behave(&backend, *behaviour);
                backend
            }).collect();
            let gateway = gateway(&all.iter().collect::<Vec<_>>());
            for (class, leaves, residency, wished_class, wished_residency, streamed) in calls {
                let rule = TravelRule { data_class: CLASSES[class], leaves: LEAVES[leaves], residency: RESIDENCIES[residency] };
                let rule = rule.narrowed(CLASSES.get(wished_class).copied(), RESIDENCIES.get(wished_residency).copied());
                let mut call = with(|request| request.travel = rule);
                if streamed {
                    call.visibility = Visibility::Streamed;
                }
                let before: Vec<usize> = all.iter().map(FakeBackend::attempts).collect();
                let _ = gateway.start(call).expect("admitted").collect::<Vec<_>>().await;
                for (backend, before) in all.iter().zip(before) {
                    let info = backend.info();
                    assert!(rule.permits(info.processing) || backend.attempts() == before, "{rule:?}, {:?}", info.processing);
                }
            }
            check_idle(&gateway);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever fails, is busy or is shut: confidential text stays in this process.
    #[test]
    fn confidential_text_never_leaves_the_process(
        backends in prop::collection::vec((any::<bool>(), 0..4_usize, 0..5_usize), 1..8),
        streamed in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let network = [Processing::Eu, Processing::Us, Processing::Global];
            let all: Vec<FakeBackend> = backends.iter().enumerate().map(|(index, (inside, place, behaviour))| {
                let processing = if *inside { Processing::InProcess } else { network[place % 3] };
                let backend = FakeBackend::new(&index.to_string(), "m").with(|info| info.processing = processing);
                behave(&backend, *behaviour);
                backend
            }).collect();
            let gateway = gateway(&all.iter().collect::<Vec<_>>());
            for _ in 0..3 {
                let mut call = with(|request| request.travel = TravelRule::confidential());
                if streamed {
                    call.visibility = Visibility::Streamed;
                }
                let _ = gateway.start(call).expect("admitted").collect::<Vec<_>>().await;
            }
            for (backend, (inside, ..)) in all.iter().zip(&backends) {
                assert!(*inside || backend.attempts() == 0, "{} got confidential text", backend.info().name);
            }
            check_idle(&gateway);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn confidential_text_without_a_backend_of_its_own_fails_and_says_why() {
    let one = FakeBackend::new("one", "big");
    let gateway = gateway(&[&one]);
    let error = gateway
        .complete(with(|request| request.travel = TravelRule::confidential()))
        .await
        .unwrap_err();
    assert_eq!(told(error.attempts()), ["one not_allowed"]);
    assert_eq!(error.code(), "not_permitted");
    assert_eq!(error.retry_after(), None, "waiting does not help");
    check_idle(&gateway);
}
