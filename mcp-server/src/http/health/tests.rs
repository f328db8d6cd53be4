//! Tests of health.

use inference::testing::FakeBackend;
use inference::{Chain, GatewayConfig, NoObserver};

use super::*;

/// Snapshots of backends in these states, and whether a breaker is open.
fn backends(states: &[Readiness], breaker_is_open: bool) -> Vec<BackendSnapshot> {
    let fakes: Vec<_> = (0..states.len())
        .map(|index| FakeBackend::new(&format!("b{index}"), "m"))
        .collect();
    for (fake, state) in fakes.iter().zip(states) {
        fake.set_readiness(state.clone());
    }
    let names: Vec<_> = (0..states.len()).map(|index| format!("b{index}")).collect();
    let config = GatewayConfig {
        queue: inference::admission::Config::default(),
        backends: fakes.iter().map(FakeBackend::registered).collect(),
        chains: vec![Chain {
            name: "default".into(),
            backends: names.clone(),
        }],
        routing: inference::RoutingConfig::default(),
    };
    let gateway = Gateway::new(config, Arc::new(NoObserver)).unwrap();
    if breaker_is_open {
        for name in &names {
            gateway.force_open(name, "test").unwrap();
        }
    }
    gateway.snapshot().backends
}

fn failed() -> Readiness {
    Readiness::Failed("no such file".into())
}

#[test]
fn ready_needs_one_backend_and_no_breaker() {
    use Readiness::{Ready, Warming};
    for (states, breaker_is_open, expected) in [
        (vec![Ready], false, (true, "ready")),
        (vec![Ready], true, (true, "ready")),
        (vec![failed(), Ready], false, (true, "ready")),
        (vec![Warming(0.5), Ready], false, (true, "ready")),
        (vec![Warming(0.5)], false, (false, "starting")),
        (vec![failed(), Warming(0.0)], false, (false, "starting")),
        (vec![failed()], false, (false, "unavailable")),
    ] {
        let backends = backends(&states, breaker_is_open);
        let verdict = ready(false, &backends);
        assert_eq!((verdict.ok, verdict.status), expected, "{states:?} {verdict:?}");
        let draining = ready(true, &backends);
        assert_eq!((draining.ok, draining.status), (false, "draining"));
    }
}

#[test]
fn startup_is_passed_once() {
    let loading = backends(&[Readiness::Warming(0.25)], false);
    let verdict = startup(false, &loading);
    assert_eq!((verdict.ok, verdict.status), (false, "starting"));
    assert!(verdict.reason.contains("b0 is loading, 25 %"), "{verdict:?}");
    assert!(startup(false, &backends(&[Readiness::Ready], false)).ok);
    assert!(
        startup(true, &backends(&[failed()], false)).ok,
        "what started stays started"
    );
    assert!(
        startup(false, &backends(&[failed()], false))
            .reason
            .contains("b0 failed: no such file")
    );
}
