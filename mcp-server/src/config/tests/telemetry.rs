//! `[telemetry]`: what is read of it, what OpenTelemetry's variables change, and what is refused.

use super::*;

const COLLECTOR: &str = "[telemetry]\nendpoint = \"http://collector:4318\"\n";

fn read(case: &Case) -> crate::telemetry::Config {
    case.load().config.telemetry.expect("a collector is configured")
}

fn value<'c>(config: &'c crate::telemetry::Config, key: &str) -> Option<&'c str> {
    let mut found = config.resource.iter().filter(|(known, _)| known == key);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{key} is said once");
    value
}

#[test]
fn without_a_collector_there_are_no_traces() {
    assert!(empty().load().config.telemetry.is_none());
    // Set for other programs of a pod: nothing here needs them.
    let others = empty()
        .environment("OTEL_SERVICE_NAME", "shop")
        .environment("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert!(others.load().config.telemetry.is_none());
}

#[test]
fn an_endpoint_is_enough() {
    let config = read(&Case::file(COLLECTOR));
    assert_eq!(
        config.collector.endpoint.as_str(),
        "http://collector:4318/v1/traces"
    );
    assert!((config.sample_ratio - 1.0).abs() < f64::EPSILON);
    assert!(config.content_tenants.is_empty() && config.collector.headers.is_empty());
    assert_eq!(value(&config, "service.name"), Some("mcp-server"));
    assert_eq!(value(&config, "service.version"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(value(&config, "service.instance.id").map(str::len), Some(36));
    for (written, whole) in [
        ("https://otlp.example.com/", "https://otlp.example.com/v1/traces"),
        (
            "https://otlp.example.com/v1/traces",
            "https://otlp.example.com/v1/traces",
        ),
        ("https://example.com/otlp", "https://example.com/otlp/v1/traces"),
    ] {
        let config = read(&Case::file(&format!("[telemetry]\nendpoint = \"{written}\"\n")));
        assert_eq!(config.collector.endpoint.as_str(), whole);
    }
}

#[test]
fn the_variables_of_opentelemetry_go_before_the_file_and_ours_before_them() {
    let case = Case::file(&format!(
        "{COLLECTOR}service_name = \"file\"\nsample_ratio = 0.5\n"
    ))
    .environment("OTEL_EXPORTER_OTLP_ENDPOINT", "http://node:4318")
    .environment("OTEL_SERVICE_NAME", "theirs")
    .environment("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    .environment("OTEL_TRACES_SAMPLER_ARG", "0.25")
    .environment("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=a-1, service.version=7")
    .environment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    let config = read(&case);
    assert_eq!(config.collector.endpoint.as_str(), "http://node:4318/v1/traces");
    assert!((config.sample_ratio - 0.25).abs() < f64::EPSILON);
    assert_eq!(value(&config, "service.name"), Some("theirs"));
    assert_eq!(value(&config, "k8s.pod.name"), Some("a-1"));
    assert_eq!(value(&config, "service.version"), Some("7"));

    let case = case
        .environment(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://traces:4318/v1/traces",
        )
        .environment("MCP_SERVER__TELEMETRY__SERVICE_NAME", "ours");
    let config = read(&case);
    assert_eq!(config.collector.endpoint.as_str(), "http://traces:4318/v1/traces");
    assert_eq!(value(&config, "service.name"), Some("ours"));
    let shown = case.load().shown;
    let endpoint = shown
        .iter()
        .find(|shown| shown.key == "telemetry.endpoint")
        .expect("it is shown");
    assert_eq!(
        endpoint.origin,
        Origin::Environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT".to_owned())
    );
}

#[test]
fn traces_can_be_turned_off_by_the_environment() {
    for (name, value) in [("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_EXPORTER", "none")] {
        let case = Case::file(COLLECTOR).environment(name, value);
        assert!(case.load().config.telemetry.is_none(), "{name}");
    }
    let never = read(&Case::file(COLLECTOR).environment("OTEL_TRACES_SAMPLER", "always_off"));
    assert!(never.sample_ratio < f64::EPSILON);
}

#[test]
fn credentials_of_a_collector_are_never_shown() {
    let case = Case::file("[telemetry]\nendpoint = \"https://otlp.example.com\"\n").environment(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "authorization=Bearer s3cr3t,x-scope=one",
    );
    let config = read(&case);
    assert_eq!(config.collector.headers["authorization"], "Bearer s3cr3t");
    assert_eq!(config.collector.headers["x-scope"], "one");
    assert!(!format!("{config:?}").contains("s3cr3t"));
    assert!(!format!("{:?}", case.load().shown).contains("s3cr3t"));
}

#[test]
fn each_mistake_of_telemetry_is_named_with_its_fix() {
    for (text, parts) in [
        (
            "endpoint = \"collector:4318\"",
            &["`telemetry.endpoint`", "http://localhost:4318"][..],
        ),
        (
            "endpoint = \"ftp://collector\"",
            &["`telemetry.endpoint`", "neither http nor https"],
        ),
        (
            "endpoint = \"http://u:s3cr3t@collector\"",
            &["`telemetry.endpoint`", "headers_file"],
        ),
        (
            "endpoint = \"http://c:4317\"\nprotocol = \"grpc\"",
            &["`telemetry.protocol`", "4318"],
        ),
        (
            "endpoint = \"http://c\"\nsample_ratio = 2.0",
            &["`telemetry.sample_ratio`", "from 0 to 1"],
        ),
        (
            "endpoint = \"http://c\"\nresource = [\"prod\"]",
            &["`telemetry.resource`", "key=value"],
        ),
        (
            "endpoint = \"http://c\"\nheaders_file = \"/x\"",
            &["`telemetry.endpoint`", "in the clear", "https"],
        ),
        (
            "endpoints = \"http://c\"",
            &["`telemetry.endpoints`", "did you mean `endpoint`?"],
        ),
        ("endpoint = 4318", &["`telemetry.endpoint`", "is an integer"]),
    ] {
        let problems = Case::file(&format!("[telemetry]\n{text}\n")).problems();
        for part in parts {
            assert!(problems.contains(part), "{part} in {problems}");
        }
        assert!(!problems.contains("s3cr3t"), "{problems}");
    }
    let problems = Case::file("[telemetry]\nendpoint = \"https://c\"\n")
        .environment("OTEL_EXPORTER_OTLP_HEADERS", "s3cr3t")
        .problems();
    assert!(
        problems.contains("OTEL_EXPORTER_OTLP_HEADERS") && !problems.contains("s3cr3t"),
        "{problems}"
    );
    let problems = Case::file(COLLECTOR)
        .environment("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .problems();
    assert!(problems.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "{problems}");
}
