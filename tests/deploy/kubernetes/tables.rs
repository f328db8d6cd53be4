//! The architecture's tables that are about the server's pods: probes, zones, scaling, tiers, and the end of a pod.

use serde_json::{Value, json};

use super::{
    quantity,
    render::{self, OVERLAYS, production},
};
use crate::{
    documents::{find, of_kind, title},
    tools,
};

fn container(documents: &[Value]) -> &Value {
    &find(documents, "Deployment", "mcp-server")["spec"]["template"]["spec"]["containers"][0]
}

fn number(value: &Value) -> f64 {
    quantity::parse(value).unwrap_or_else(|| panic!("{value} is no quantity"))
}

#[test]
fn probes_are_the_documented_ones() {
    for (probe, path, delay, period, failures) in [
        ("livenessProbe", "/health/live", 10, 10, 3),
        ("readinessProbe", "/health/ready", 5, 5, 2),
        ("startupProbe", "/health/startup", 0, 5, 30),
    ] {
        let container = container(production());
        let known = &container[probe];
        // Kustomize leaves out nothing, so a delay of 0 is written, too.
        assert_eq!(known["initialDelaySeconds"], delay, "{probe}");
        assert_eq!(known["periodSeconds"], period, "{probe}");
        assert_eq!(known["failureThreshold"], failures, "{probe}");
        assert_eq!(
            known["httpGet"],
            json!({"path": path, "port": "https", "scheme": "HTTPS"}),
            "{probe}"
        );
        assert_eq!(
            container["ports"][0],
            json!({"name": "https", "containerPort": 8080})
        );
    }
}

#[test]
fn three_zones_get_one_pod_each_and_two_hold_when_one_is_lost() {
    let documents = production();
    assert_eq!(
        find(documents, "HorizontalPodAutoscaler", "mcp-server")["spec"]["minReplicas"],
        3
    );
    let spreads =
        &find(documents, "Deployment", "mcp-server")["spec"]["template"]["spec"]["topologySpreadConstraints"];
    let zone = &spreads[0];
    assert_eq!(zone["topologyKey"], "topology.kubernetes.io/zone");
    assert_eq!(zone["maxSkew"], 1);
    assert_eq!(zone["whenUnsatisfiable"], "DoNotSchedule");
    assert_eq!(zone["nodeTaintsPolicy"], "Honor");
    assert_eq!(zone["matchLabelKeys"], json!(["pod-template-hash"]));
    assert!(
        zone["minDomains"].is_null(),
        "with two zones left, minDomains 3 would leave pods pending"
    );
}

#[test]
fn a_rollout_takes_no_pod_away_before_another_is_ready() {
    let strategy = &find(production(), "Deployment", "mcp-server")["spec"]["strategy"]["rollingUpdate"];
    assert_eq!(*strategy, json!({"maxUnavailable": 0, "maxSurge": 1}));
    let budget = &find(production(), "PodDisruptionBudget", "mcp-server")["spec"];
    assert_eq!(budget["maxUnavailable"], 1);
    assert_eq!(budget["unhealthyPodEvictionPolicy"], "AlwaysAllow");
}

#[test]
fn scaling_is_the_table_and_its_conflict_is_resolved() {
    let scaler = &find(&render::rendered("base"), "HorizontalPodAutoscaler", "mcp-server")["spec"].clone();
    assert_eq!(scaler["minReplicas"], 2);
    assert_eq!(scaler["maxReplicas"], 8);
    assert_eq!(
        scaler["metrics"],
        json!([
            {"type": "Pods", "pods": {"metric": {"name": "mcp_queue_depth"}, "target": {"type": "AverageValue", "averageValue": "100"}}},
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}},
            {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "5734Mi"}}},
        ])
    );
    let vertical = &find(production(), "VerticalPodAutoscaler", "mcp-server-vpa")["spec"];
    let policy = &vertical["resourcePolicy"]["containerPolicies"][0];
    assert_eq!(policy["minAllowed"], json!({"cpu": "500m", "memory": "1Gi"}));
    assert_eq!(policy["maxAllowed"]["memory"], "8Gi");
    assert_eq!(policy["controlledResources"], json!(["memory"]));
    let component = tools::read("kubernetes/components/vpa/vpa.yaml");
    assert!(
        component.contains("cpu: \"4\""),
        "the architecture's bound stands in the component"
    );
    let literal = render::rendered("+vpa-literal");
    assert_eq!(
        find(&literal, "VerticalPodAutoscaler", "mcp-server-vpa")["spec"]["resourcePolicy"]["containerPolicies"],
        json!([{"containerName": "mcp-server", "minAllowed": {"cpu": "500m", "memory": "1Gi"}, "maxAllowed": {"cpu": "4", "memory": "8Gi"}}])
    );
    let memory =
        &find(&literal, "HorizontalPodAutoscaler", "mcp-server")["spec"]["metrics"][2]["resource"]["target"];
    assert_eq!(*memory, json!({"type": "Utilization", "averageUtilization": 70}));
}

#[test]
fn memory_is_scaled_at_seventy_per_cent_of_the_limit_in_every_environment() {
    for overlay in OVERLAYS {
        let documents = render::rendered(overlay);
        let limit = number(&container(&documents)["resources"]["limits"]["memory"]);
        let target = number(
            &find(&documents, "HorizontalPodAutoscaler", "mcp-server")["spec"]["metrics"][2]["resource"]["target"]
                ["averageValue"],
        );
        assert!(
            (target / limit - 0.70).abs() < 0.001,
            "{overlay}: {target} of {limit}"
        );
    }
}

#[test]
fn the_queue_holds_more_than_scaling_aims_at() {
    for overlay in OVERLAYS {
        let documents = render::rendered(overlay);
        let target = number(
            &find(&documents, "HorizontalPodAutoscaler", "mcp-server")["spec"]["metrics"][0]["pods"]["target"]
                ["averageValue"],
        );
        let capacity = config(&documents)["queue"]["capacity"]
            .as_f64()
            .expect("a number");
        assert!(capacity > target * 1.1, "{overlay}: {capacity} against {target}");
    }
}

/// What nodes of each tier have to give: CPUs and GiB, less what AKS keeps for itself.
const TIERS: [(&str, &str, f64, f64); 3] = [
    ("production", "Standard_D4s_v3", 3.86, 12.6),
    ("staging", "Standard_D2s_v3", 1.9, 5.4),
    ("development", "Standard_B2s", 1.9, 2.2),
];
/// What the daemons of a node take of that.
const DAEMONS: (f64, f64) = (0.3, 0.5);

#[test]
fn pods_fit_the_nodes_of_their_tier_however_far_they_are_sized() {
    for (overlay, node, cpus, gib) in TIERS {
        let documents = render::rendered(overlay);
        let (cpus, bytes) = (cpus - DAEMONS.0, (gib - DAEMONS.1) * 1024.0 * 1024.0 * 1024.0);
        let resources = &container(&documents)["resources"];
        let most = &find(&documents, "VerticalPodAutoscaler", "mcp-server-vpa")["spec"]["resourcePolicy"]["containerPolicies"]
            [0]["maxAllowed"];
        for (what, cpu, memory) in [
            (
                "as asked for",
                &resources["requests"]["cpu"],
                &resources["requests"]["memory"],
            ),
            ("as the vertical autoscaler may", &most["cpu"], &most["memory"]),
        ] {
            assert!(number(cpu) <= cpus, "{overlay}, {what}: {cpu} of CPU on {node}");
            assert!(number(memory) <= bytes, "{overlay}, {what}: {memory} on {node}");
        }
        let limit = &resources["limits"]["memory"];
        assert!(
            number(&most["memory"]) <= number(limit),
            "{overlay}: more than the limit {limit} is asked for"
        );
        let readme = tools::read("kubernetes/README.md");
        assert!(readme.contains(node), "{node} is not in the README");
    }
}

/// The configuration in a rendering, as values.
pub(super) fn config(documents: &[Value]) -> Value {
    let maps = of_kind(documents, "ConfigMap");
    let found = maps
        .iter()
        .find(|map| title(map).starts_with("ConfigMap mcp-server-config"));
    let text = found
        .and_then(|map| map["data"]["mcp-server.toml"].as_str())
        .expect("a configuration");
    toml::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn a_pod_has_time_for_the_longest_answer_before_it_is_killed() {
    for overlay in OVERLAYS {
        let documents = render::rendered(overlay);
        let config = config(&documents);
        let duration = |table: &str, key: &str| quantity::seconds(&config[table][key]).expect("a duration");
        let (delay, drain, deadline) = (
            duration("server", "drain_delay"),
            duration("server", "drain_grace"),
            duration("queue", "deadline"),
        );
        assert!(
            drain > delay + deadline,
            "{overlay}: {drain} s are too short for answers of {deadline} s"
        );
        let spec = &find(&documents, "Deployment", "mcp-server")["spec"]["template"]["spec"];
        let pre_stop = container(&documents)["lifecycle"]["preStop"]["sleep"]["seconds"]
            .as_u64()
            .expect("a sleep");
        let grace = spec["terminationGracePeriodSeconds"].as_u64().expect("a grace");
        assert!(
            pre_stop >= 5 && grace >= pre_stop + drain + 3,
            "{overlay}: {grace} s are too short for {pre_stop} + {drain}"
        );
    }
    let unit = tools::read("container/mcp-server.service");
    assert!(unit.contains("TimeoutStopSec=75"), "systemd waits as long");
}

#[test]
fn the_same_targets_hold_with_keda() {
    let documents = render::rendered("+keda");
    assert!(
        of_kind(&documents, "HorizontalPodAutoscaler").is_empty(),
        "the plain autoscaler is gone"
    );
    let scaler = &find(&documents, "ScaledObject", "mcp-server")["spec"];
    let plain = &find(production(), "HorizontalPodAutoscaler", "mcp-server")["spec"];
    assert_eq!(
        (&scaler["minReplicaCount"], &scaler["maxReplicaCount"]),
        (&plain["minReplicas"], &plain["maxReplicas"])
    );
    assert_eq!(
        scaler["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
        plain["behavior"]
    );
    let [queue, cpu, memory] = &scaler["triggers"].as_array().expect("triggers")[..] else {
        panic!("three triggers")
    };
    assert_eq!(
        (&queue["metadata"]["threshold"], &queue["metricType"]),
        (&json!("100"), &json!("AverageValue"))
    );
    assert_eq!(
        queue["metadata"]["ignoreNullValues"], "false",
        "a lost scrape is no empty queue"
    );
    assert!(
        queue["metadata"]["query"]
            .as_str()
            .is_some_and(|query| query.starts_with("sum(")),
        "several values are an error to KEDA"
    );
    assert_eq!(cpu["metadata"]["value"], "60");
    assert_eq!(memory["metadata"]["value"], "5734Mi");
    assert_eq!(scaler["fallback"]["behavior"], "currentReplicasIfHigher");
}

#[test]
fn the_adapter_serves_the_metric_that_is_scaled_by() {
    let rules = &crate::documents::read(&tools::read(
        "kubernetes/components/prometheus-adapter/config.yaml",
    ))[0]["rules"];
    let asked = &find(production(), "HorizontalPodAutoscaler", "mcp-server")["spec"]["metrics"][0]["pods"]["metric"]
        ["name"];
    assert_eq!(rules[0]["name"]["as"], *asked);
    assert!(
        rules[0]["seriesQuery"]
            .as_str()
            .is_some_and(|query| query.starts_with("mcp_queue_depth{"))
    );
    let given = find(production(), "ConfigMap", "mcp-server-adapter-rules");
    assert_eq!(given["metadata"]["namespace"], "b2x-management");
    assert_eq!(
        given["data"]["config.yaml"].as_str(),
        Some(tools::read("kubernetes/components/prometheus-adapter/config.yaml").as_str())
    );
}

#[test]
fn what_is_to_be_filled_in_is_listed_and_is_nowhere_else() {
    let readme = tools::read("kubernetes/README.md");
    let names = [
        "registry.example.com",
        "sha256:0000",
        "mcp.example.com",
        "login.example.com",
        "b2xgate.openai.azure.com",
        "b2xgate.postgres.database.azure.com",
        "10.10.33.0/24",
        "10.10.32.0/24",
    ];
    for name in names {
        assert!(readme.contains(name), "the README does not list {name}");
        let there = production()
            .iter()
            .filter(|document| document.to_string().contains(name));
        let titles: Vec<String> = there.map(title).collect();
        assert!(!titles.is_empty(), "{name} is listed and is not there");
        let meant = [
            "ConfigMap mcp-server-config",
            "Deployment mcp-server",
            "Job mcp-server-migration",
            "Certificate mcp-server",
            "NetworkPolicy mcp-server-private-endpoints",
            "NetworkPolicy mcp-server-migration",
        ];
        for title in titles {
            assert!(
                meant.iter().any(|known| title.starts_with(known)),
                "{name} is in {title}, too"
            );
        }
    }
}
