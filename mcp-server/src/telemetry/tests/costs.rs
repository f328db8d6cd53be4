//! What answers cost, by tenants that are named, within a bound of series.

use super::*;

#[tokio::test]
async fn what_an_answer_costs_is_counted_for_the_tenants_that_are_named() {
    let scene = Scene::new();
    let spent = |tenant: &str, backend: &str| {
        let labels = [
            ("backend", backend.to_owned()),
            ("model", format!("model-of-{backend}")),
            ("tenant", tenant.to_owned()),
            ("currency", "EUR".to_owned()),
        ];
        let labels = labels.map(|(name, value)| (name.to_owned(), value)).into();
        let scrape = scene.scrape();
        let text = &scrape.samples[&("llm_cost_total".to_owned(), labels)];
        text.parse::<f64>().expect("a number")
    };
    for tenant in ["acme", "(other)"] {
        assert!(spent(tenant, "first").abs() < 1e-9 && spent(tenant, "second").abs() < 1e-9);
    }
    for (tenant, question) in [
        ("acme", "hello"),
        ("acme", "fall back"),
        ("unnamed", "hello"),
        ("acme", "fail"),
    ] {
        let call = Call {
            tenant: Arc::from(tenant),
            ..Scene::call(question)
        };
        // Whoever fails costs nothing.
        let _ = scene.gateway.complete(call).await;
    }
    // Three tokens at 1 and two at 2.5 each.
    let all = [
        ("acme", "first"),
        ("acme", "second"),
        ("(other)", "first"),
        ("(other)", "second"),
    ];
    let expected = [8.0, 8.0, 8.0, 0.0];
    for ((tenant, backend), expected) in all.into_iter().zip(expected) {
        let spent = spent(tenant, backend);
        assert!((spent - expected).abs() < 1e-9, "{tenant} at {backend}: {spent}");
    }
}

#[test]
fn many_tenants_do_not_make_series_without_end() {
    let names: Vec<String> = (0..5_000).map(|index| format!("tenant-{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let info = |name: &str| inference::testing::FakeBackend::new(name, "m").info().clone();
    let spending = super::super::spending::Spending::new(&[info("a"), info("b")], &names);
    let mut registry = prometheus_client::registry::Registry::default();
    spending.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("written");
    let series = text.lines().filter(|line| line.starts_with("llm_cost_total{"));
    assert_eq!(series.count(), 1_000);
    assert!(text.contains("tenant-0\"") && !text.contains("tenant-4999\""));
}

#[test]
fn a_backend_that_nobody_configured_opens_no_series() {
    let instruments = Instruments::new(&[], &[], &["made up"]);
    instruments.attempt_ended("made up", inference::AttemptOutcome::Answered, Duration::ZERO);
    instruments.tokens_used("acme", "made up", TokenUsage { input: 1, output: 1 });
    instruments.fell_back("made", "up", inference::AttemptOutcome::Failed);
    instruments.first_token("made up", Duration::ZERO);
    let mut registry = prometheus_client::registry::Registry::default();
    instruments.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).expect("written");
    assert!(!text.contains("made"), "{text}");
}
