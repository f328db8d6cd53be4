//! `deploy/platform`: the rows of the scaling, zone and network tables that are not the MCP server's own.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    documents::{find, of_kind, title},
    kubernetes::{render::kustomize, schemas},
};

const ENVIRONMENTS: [&str; 3] = ["production", "staging", "development"];

/// The scaling table: workload, minimum, maximum, CPU, memory; and the port that the DMZ may reach, 0 for none.
const ROWS: [(&str, u64, u64, u64, u64, u64); 4] = [
    ("store-gateway", 3, 20, 70, 80, 8000),
    ("admin-gateway", 2, 10, 70, 80, 8080),
    ("management-gateway", 2, 5, 70, 80, 8090),
    ("workers", 3, 30, 80, 85, 0),
];

fn utilization(hpa: &Value, resource: &str) -> Value {
    let metrics = hpa["spec"]["metrics"].as_array().expect("metrics");
    let found = metrics
        .iter()
        .find(|metric| metric["resource"]["name"] == resource);
    found.expect("the metric is there")["resource"]["target"]["averageUtilization"].clone()
}

#[test]
fn everything_fits_strict_schemas() {
    let named: Vec<(String, Vec<Value>)> = ENVIRONMENTS
        .iter()
        .map(|environment| {
            (
                (*environment).to_owned(),
                kustomize(&format!("platform/overlays/{environment}")),
            )
        })
        .collect();
    let faults = schemas::faults(&named);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn scaling_is_the_table() {
    for (name, min, max, cpu, memory, _) in ROWS {
        let rendered = kustomize(&format!("platform/{name}"));
        let hpa = find(&rendered, "HorizontalPodAutoscaler", name);
        assert_eq!(hpa["spec"]["minReplicas"], min, "{name}");
        assert_eq!(hpa["spec"]["maxReplicas"], max, "{name}");
        assert_eq!(utilization(hpa, "cpu"), cpu, "{name}");
        assert_eq!(utilization(hpa, "memory"), memory, "{name}");
        assert_eq!(hpa["spec"]["scaleTargetRef"]["name"], name);
    }
    let store = kustomize("platform/store-gateway");
    let rate = &find(&store, "HorizontalPodAutoscaler", "store-gateway")["spec"]["metrics"][2]["pods"];
    assert_eq!(rate["target"]["averageValue"], "1000", "RPS > 1000");
    let workers = kustomize("platform/workers");
    let jobs = &find(&workers, "HorizontalPodAutoscaler", "workers")["spec"]["metrics"][2]["external"];
    assert_eq!(jobs["metric"]["name"], "jobs_pending");
}

#[test]
fn production_fills_every_zone_as_the_zone_table_says() {
    let rendered = kustomize("platform/overlays/production");
    for (name, per_zone) in [("store-gateway", 2), ("workers", 3)] {
        let hpa = find(&rendered, "HorizontalPodAutoscaler", name);
        assert_eq!(hpa["spec"]["minReplicas"], 3 * per_zone, "{name}");
    }
    let search = find(&rendered, "Elasticsearch", "search");
    assert_eq!(search["spec"]["nodeSets"][0]["count"], 3, "one data node a zone");
    let spread = of_kind(&rendered, "Deployment")
        .into_iter()
        .map(|workload| &workload["spec"]["template"]["spec"]["topologySpreadConstraints"][0])
        .chain([&search["spec"]["nodeSets"][0]["podTemplate"]["spec"]["topologySpreadConstraints"][0]]);
    for constraint in spread {
        assert_eq!(constraint["maxSkew"], 1);
        assert_eq!(constraint["topologyKey"], "topology.kubernetes.io/zone");
        assert_eq!(constraint["whenUnsatisfiable"], "DoNotSchedule");
        assert_eq!(
            constraint["nodeTaintsPolicy"], "Honor",
            "a lost zone would keep pods waiting"
        );
        assert!(
            constraint.get("minDomains").is_none(),
            "two zones left would never do"
        );
    }
}

#[test]
fn names_and_selectors_are_the_parameters() {
    for (name, ..) in ROWS {
        let rendered = kustomize(&format!("platform/{name}"));
        assert!(
            of_kind(&rendered, "Parameters").is_empty(),
            "the cluster would see the parameters"
        );
        for document in &rendered {
            assert_eq!(document["metadata"]["name"], name, "{}", title(document));
        }
        let selector = |document: &Value, pointer: &str| {
            document
                .pointer(pointer)
                .and_then(|labels| labels["app.kubernetes.io/name"].as_str().map(str::to_owned))
        };
        let pods = find(&rendered, "Deployment", name);
        for pointer in [
            "/spec/selector/matchLabels",
            "/spec/template/metadata/labels",
            "/spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels",
        ] {
            assert_eq!(selector(pods, pointer).as_deref(), Some(name), "{name} {pointer}");
        }
        let budget = find(&rendered, "PodDisruptionBudget", name);
        assert_eq!(
            selector(budget, "/spec/selector/matchLabels").as_deref(),
            Some(name)
        );
        let policy = find(&rendered, "NetworkPolicy", name);
        assert_eq!(
            selector(policy, "/spec/podSelector/matchLabels").as_deref(),
            Some(name)
        );
        let image = pods["spec"]["template"]["spec"]["containers"][0]["image"]
            .as_str()
            .expect("an image");
        assert!(image.contains("@sha256:"), "{image} is not named by digest");
    }
}

/// The TCP ports of a rule.
fn ports(rule: &Value) -> BTreeSet<u64> {
    let ports = rule["ports"].as_array().map_or(&[][..], Vec::as_slice);
    ports.iter().filter_map(|port| port["port"].as_u64()).collect()
}

fn zone(rule: &Value, side: &str) -> Option<String> {
    let peer = &rule[side][0]["namespaceSelector"]["matchLabels"]["b2xgate.com/zone"];
    peer.as_str().map(str::to_owned)
}

#[test]
fn network_rules_are_the_table() {
    for (name, .., port) in ROWS {
        let rendered = kustomize(&format!("platform/{name}"));
        let policy = &find(&rendered, "NetworkPolicy", name)["spec"];
        let ingress = policy["ingress"].as_array().expect("ingress");
        if port == 0 {
            assert!(ingress.is_empty(), "nobody calls {name}");
        } else {
            assert_eq!(ingress.len(), 1, "{name}");
            assert_eq!(zone(&ingress[0], "from").as_deref(), Some("dmz"), "{name}");
            assert_eq!(ports(&ingress[0]), BTreeSet::from([port]), "{name}");
        }
        let egress = policy["egress"].as_array().expect("egress");
        let data: Vec<&Value> = egress
            .iter()
            .filter(|rule| zone(rule, "to").as_deref() == Some("data"))
            .collect();
        assert_eq!(data.len(), 1, "{name}");
        assert_eq!(ports(data[0]), BTreeSet::from([5432, 6379, 9200]), "{name}");
        assert!(
            egress.iter().all(|rule| rule.get("to").is_some()),
            "{name} may go anywhere"
        );
    }
    let edge = kustomize("platform/edge");
    let out: BTreeSet<u64> = find(&edge, "NetworkPolicy", "traefik")["spec"]["egress"]
        .as_array()
        .expect("egress")
        .iter()
        .filter(|rule| zone(rule, "to").as_deref() == Some("application"))
        .flat_map(ports)
        .collect();
    assert_eq!(out, BTreeSet::from([8000, 8080, 8090]), "DMZ -> Application");
    // Data -> Data: cluster ports, among the nodes of Elasticsearch alone.
    let search = kustomize("platform/elasticsearch");
    let search = &find(&search, "NetworkPolicy", "elasticsearch")["spec"]["ingress"];
    let cluster: Vec<&Value> = search
        .as_array()
        .expect("ingress")
        .iter()
        .filter(|rule| ports(rule).contains(&9300))
        .collect();
    let nodes =
        serde_json::json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "elasticsearch"}}}]);
    assert_eq!(cluster.len(), 1);
    assert_eq!(cluster[0]["from"], nodes);
    for folder in ["edge", "elasticsearch"] {
        let rendered = kustomize(&format!("platform/{folder}"));
        let deny = find(&rendered, "NetworkPolicy", "default-deny");
        assert_eq!(deny["spec"]["podSelector"], serde_json::json!({}), "{folder}");
        assert!(
            deny["spec"].get("ingress").is_none() && deny["spec"].get("egress").is_none(),
            "{folder}"
        );
    }
}

#[test]
fn the_edge_checks_tokens_limits_rates_and_buffers_nothing() {
    let rendered = kustomize("platform/edge");
    let used = |route: &Value, name: &str| {
        route["middlewares"]
            .as_array()
            .is_some_and(|list| list.iter().any(|one| one["name"] == name))
    };
    for route in of_kind(&rendered, "IngressRoute")
        .iter()
        .flat_map(|route| route["spec"]["routes"].as_array().expect("routes"))
    {
        let rule = route["match"].as_str().expect("a rule");
        let probe = rule.contains("/health/ready");
        assert_eq!(used(route, "rate-limit"), !probe, "{rule}");
        let open = probe || rule.contains("oauth-protected-resource") || rule.contains("/api/store/");
        assert_eq!(used(route, "jwt"), !open, "{rule}");
        for service in route["services"].as_array().expect("services") {
            assert_eq!(service["scheme"], "https", "{rule}");
        }
    }
    for middleware in of_kind(&rendered, "Middleware") {
        for kind in ["buffering", "compress", "retry"] {
            assert!(
                middleware["spec"].get(kind).is_none(),
                "{}: a stream would be held back",
                title(middleware)
            );
        }
        let dropped = &middleware["spec"]["headers"]["customRequestHeaders"];
        for header in [
            "Mcp-Session-Id",
            "Mcp-Protocol-Version",
            "Authorization",
            "Last-Event-ID",
        ] {
            assert!(dropped.get(header).is_none(), "{header} would be lost");
        }
    }
}

#[test]
fn pods_leave_a_lost_node_in_time() {
    // 50 s until Kubernetes calls a node unreachable, and a node may cost 2 min: not the 300 s that are usual.
    let mut rendered = kustomize("platform/overlays/production");
    rendered.extend(kustomize("kubernetes/base"));
    for workload in of_kind(&rendered, "Deployment") {
        let tolerations = workload["spec"]["template"]["spec"]["tolerations"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for taint in ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"] {
            let found = tolerations.iter().find(|one| one["key"] == taint);
            let seconds = found.and_then(|one| one["tolerationSeconds"].as_u64());
            assert!(
                seconds.is_some_and(|seconds| seconds <= 30),
                "{} stays for {taint}",
                title(workload)
            );
        }
    }
}
