//! The collector's configuration: nothing here runs it, so what the server and the network need of it is looked at.

use std::collections::BTreeSet;

use serde_json::Value;

use super::artefacts::{self, items, text};
use crate::tools;

fn config() -> Value {
    artefacts::yaml(&tools::deploy("observability/collector/collector.yaml"))
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}

#[test]
fn memory_is_limited_first_in_each_pipeline_and_batches_come_last() {
    let pipelines = &config()["service"]["pipelines"];
    assert_eq!(
        keys(pipelines),
        ["logs", "metrics", "traces"].map(str::to_owned).into()
    );
    for (name, pipeline) in pipelines.as_object().expect("pipelines") {
        let steps = items(&pipeline["processors"]);
        assert_eq!(
            steps.first().map(text).as_deref(),
            Some("memory_limiter"),
            "{name}"
        );
        assert_eq!(steps.last().map(text).as_deref(), Some("batch"), "{name}");
    }
}

#[test]
fn what_is_used_is_defined_and_what_is_defined_is_used() {
    let config = config();
    for part in ["receivers", "processors", "exporters"] {
        let used: BTreeSet<String> = config["service"]["pipelines"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, pipeline)| items(&pipeline[part]))
            .map(|name| text(&name))
            .collect();
        assert_eq!(keys(&config[part]), used, "{part}");
    }
}

#[test]
fn it_listens_where_the_network_policies_let_the_server_send() {
    let policies = tools::read("kubernetes/base/network-policies.yaml");
    let protocols = &config()["receivers"]["otlp"]["protocols"];
    for (protocol, port) in [("grpc", "4317"), ("http", "4318")] {
        assert!(
            text(&protocols[protocol]["endpoint"]).ends_with(&format!(":{port}")),
            "{protocol}"
        );
        assert!(policies.contains(&format!("port: {port}")), "{port} is shut");
    }
    assert!(policies.contains("app.kubernetes.io/name: opentelemetry-collector"));
}

#[test]
fn neither_prompts_nor_answers_pass_and_no_call_is_counted_twice() {
    let config = config();
    for pipeline in ["traces", "logs"] {
        let steps = items(&config["service"]["pipelines"][pipeline]["processors"]);
        assert!(
            steps.contains(&Value::from("attributes/no_content")),
            "{pipeline}"
        );
    }
    let actions = items(&config["processors"]["attributes/no_content"]["actions"]);
    for content in [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
    ] {
        let deleted = actions
            .iter()
            .any(|action| action["key"] == content && action["action"] == "delete");
        assert!(deleted, "{content} would pass");
    }
    let metrics = items(&config["service"]["pipelines"]["metrics"]["processors"]);
    assert!(
        metrics.contains(&Value::from("filter/scraped")),
        "mcp-server would be counted twice"
    );
}

#[test]
fn every_way_out_waits_and_tries_again_and_is_encrypted() {
    let config = config();
    for (name, exporter) in config["exporters"].as_object().expect("exporters") {
        assert_eq!(exporter["sending_queue"]["enabled"], true, "{name}");
        assert_eq!(exporter["retry_on_failure"]["enabled"], true, "{name}");
        assert!(
            exporter["tls"]["ca_file"].is_string() && !text(&exporter["endpoint"]).starts_with("http://"),
            "{name}"
        );
    }
}
