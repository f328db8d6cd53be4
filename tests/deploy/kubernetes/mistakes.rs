//! Slips of every kind, planted into what production renders, one at a time: each is noticed by a schema, a rule or the
//! table of zones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    render::{self, production},
    rules, schemas, zones,
};
use crate::documents::title;
use Slip::{Gone, Set, Typo};

enum Slip {
    /// A key under another name.
    Typo(&'static str),
    Set(Value),
    Gone,
}

type Row = (&'static str, &'static str, Slip);

fn of_deployment() -> Vec<Row> {
    vec![
        (
            "typo",
            "/spec/template/spec/containers/0/livenessProbe/failureThreshold",
            Typo("failureTreshold"),
        ),
        (
            "wrong type",
            "/spec/template/spec/terminationGracePeriodSeconds",
            Set(json!("75")),
        ),
        (
            "bad quantity",
            "/spec/template/spec/containers/0/resources/requests/memory",
            Set(json!("4GiB")),
        ),
        (
            "min > max",
            "/spec/template/spec/containers/0/resources/requests/memory",
            Set(json!("16Gi")),
        ),
        (
            "selector mismatch",
            "/spec/template/metadata/labels/app.kubernetes.io~1name",
            Set(json!("mcp")),
        ),
        (
            "wrong port",
            "/spec/template/spec/containers/0/readinessProbe/httpGet/port",
            Set(json!(8081)),
        ),
        (
            "missing limit",
            "/spec/template/spec/containers/0/resources/limits/memory",
            Gone,
        ),
    ]
}

fn of_scaling() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        (
            "HorizontalPodAutoscaler mcp-server",
            vec![
                (
                    "typo",
                    "/spec/metrics/1/resource/target/averageUtilization",
                    Typo("averageUtilisation"),
                ),
                ("wrong type", "/spec/maxReplicas", Set(json!("8"))),
                (
                    "bad quantity",
                    "/spec/metrics/0/pods/target/averageValue",
                    Set(json!("100x")),
                ),
                ("min > max", "/spec/minReplicas", Set(json!(9))),
                (
                    "selector mismatch",
                    "/spec/scaleTargetRef/name",
                    Set(json!("mcp")),
                ),
                (
                    "wrong port",
                    "/spec/metrics/0/pods/metric/name",
                    Set(json!("mcp_queue_dept")),
                ),
                ("missing limit", "/spec/maxReplicas", Gone),
            ],
        ),
        (
            "VerticalPodAutoscaler mcp-server-vpa",
            vec![
                (
                    "typo",
                    "/spec/resourcePolicy/containerPolicies/0/controlledResources",
                    Typo("controlledResource"),
                ),
                (
                    "wrong type",
                    "/spec/resourcePolicy/containerPolicies",
                    Set(json!({})),
                ),
                (
                    "bad quantity",
                    "/spec/resourcePolicy/containerPolicies/0/maxAllowed/memory",
                    Set(json!("8GB")),
                ),
                (
                    "min > max",
                    "/spec/resourcePolicy/containerPolicies/0/minAllowed/memory",
                    Set(json!("9Gi")),
                ),
                (
                    "selector mismatch",
                    "/spec/resourcePolicy/containerPolicies/0/controlledResources/0",
                    Set(json!("cpu")),
                ),
                (
                    "missing limit",
                    "/spec/resourcePolicy/containerPolicies/0/maxAllowed",
                    Gone,
                ),
            ],
        ),
        (
            "PodDisruptionBudget mcp-server",
            vec![
                ("typo", "/spec/maxUnavailable", Typo("maxUnavaliable")),
                ("wrong type", "/spec/selector", Set(json!("mcp-server"))),
                ("bad quantity", "/spec/maxUnavailable", Set(json!("all"))),
                ("min > max", "/spec/maxUnavailable", Set(json!(0))),
                (
                    "selector mismatch",
                    "/spec/selector/matchLabels/app.kubernetes.io~1name",
                    Set(json!("mcp")),
                ),
                ("missing limit", "/spec/maxUnavailable", Gone),
            ],
        ),
    ]
}

fn of_others() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        (
            "Service mcp-server",
            vec![
                ("typo", "/spec/ports/0/targetPort", Typo("targetport")),
                ("wrong type", "/spec/ports/0/port", Set(json!("8080"))),
                (
                    "selector mismatch",
                    "/spec/selector/app.kubernetes.io~1name",
                    Set(json!("mcp")),
                ),
                ("wrong port", "/spec/ports/0/targetPort", Set(json!(8000))),
            ],
        ),
        (
            "NetworkPolicy mcp-server",
            vec![
                ("typo", "/spec/ingress/0/from", Typo("form")),
                ("wrong type", "/spec/policyTypes", Set(json!("Ingress"))),
                (
                    "selector mismatch",
                    "/spec/podSelector/matchLabels/app.kubernetes.io~1name",
                    Set(json!("mcp")),
                ),
                ("wrong port", "/spec/ingress/0/ports/0/port", Set(json!(8000))),
                ("missing limit", "/spec/ingress/1/from", Gone),
            ],
        ),
        (
            "Role mcp-server-operator",
            vec![
                ("typo", "/rules/0/verbs", Typo("verb")),
                ("wrong type", "/rules/0/verbs", Set(json!("delete"))),
                ("missing limit", "/rules/0/resources", Set(json!(["*"]))),
            ],
        ),
        (
            "PodMonitor mcp-server",
            vec![
                ("typo", "/spec/podMetricsEndpoints/0/interval", Typo("intervall")),
                ("wrong type", "/spec/podMetricsEndpoints/0/port", Set(json!(9464))),
                (
                    "bad quantity",
                    "/spec/podMetricsEndpoints/0/interval",
                    Set(json!("7")),
                ),
                (
                    "selector mismatch",
                    "/spec/selector/matchLabels/app.kubernetes.io~1name",
                    Set(json!("mcp")),
                ),
                (
                    "wrong port",
                    "/spec/podMetricsEndpoints/0/port",
                    Set(json!("http")),
                ),
            ],
        ),
        (
            "Certificate mcp-server",
            vec![
                ("typo", "/spec/privateKey/rotationPolicy", Typo("rotation")),
                ("wrong type", "/spec/dnsNames", Set(json!("mcp-server"))),
                ("bad quantity", "/spec/duration", Set(json!("90d"))),
                ("min > max", "/spec/renewBefore", Set(json!("2161h"))),
            ],
        ),
        (
            "SecretProviderClass mcp-server",
            vec![
                ("typo", "/spec/parameters/roleName", Typo("role")),
                ("wrong type", "/spec/parameters/objects", Set(json!([]))),
                (
                    "wrong port",
                    "/spec/parameters/vaultAddress",
                    Set(json!("https://vault:8201")),
                ),
            ],
        ),
    ]
}

fn of_keda() -> Vec<Row> {
    vec![
        (
            "typo",
            "/spec/triggers/0/metadata/ignoreNullValues",
            Typo("ignoreNulls"),
        ),
        (
            "wrong type",
            "/spec/triggers/0/metadata/threshold",
            Set(json!(100)),
        ),
        (
            "bad quantity",
            "/spec/triggers/2/metadata/value",
            Set(json!("5734MB")),
        ),
        ("min > max", "/spec/minReplicaCount", Set(json!(9))),
        (
            "selector mismatch",
            "/spec/scaleTargetRef/name",
            Set(json!("mcp")),
        ),
        ("missing limit", "/spec/maxReplicaCount", Gone),
    ]
}

/// The documents with one slip in one of them.
fn with(documents: &[Value], artefact: &str, (kind, pointer, slip): &Row) -> (String, Vec<Value>) {
    let mut changed = documents.to_vec();
    let document = changed
        .iter_mut()
        .find(|document| title(document) == artefact)
        .unwrap_or_else(|| panic!("no {artefact}"));
    let (parent, key) = pointer.rsplit_once('/').expect("a path");
    let key = key.replace("~1", "/");
    let there = document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{artefact} has no {parent}"));
    match (there, slip) {
        (Value::Array(list), Set(value)) => list[key.parse::<usize>().expect("a number")] = value.clone(),
        (Value::Object(table), slip) => {
            let old = table
                .remove(&key)
                .unwrap_or_else(|| panic!("{artefact} has no {pointer}"));
            match slip {
                Typo(name) => table.insert((*name).to_owned(), old),
                Set(value) => table.insert(key, value.clone()),
                Gone => None,
            };
        }
        _ => panic!("{artefact}: {pointer} is neither in a table nor in a list"),
    }
    (format!("{artefact}: {kind} at {pointer}"), changed)
}

#[test]
fn every_planted_mistake_is_noticed() {
    let mut planted: Vec<(String, Vec<Value>)> = Vec::new();
    let artefacts = [
        vec![("Deployment mcp-server", of_deployment())],
        of_scaling(),
        of_others(),
    ];
    for (artefact, rows) in artefacts.iter().flatten() {
        planted.extend(rows.iter().map(|row| with(production(), artefact, row)));
    }
    let keda = render::rendered("+keda");
    planted.extend(
        of_keda()
            .iter()
            .map(|row| with(&keda, "ScaledObject mcp-server", row)),
    );
    assert!(planted.len() >= 50, "{}", planted.len());

    let unplanted = schemas::faults(&[
        ("production".to_owned(), production().to_vec()),
        ("keda".to_owned(), keda),
    ]);
    assert!(unplanted.is_empty(), "{unplanted:?}");
    // Schemas look at one document, so only the changed one is shown to them.
    let changed: Vec<(String, Vec<Value>)> = planted
        .iter()
        .map(|(name, documents)| {
            let is_changed = |document: &&Value| name.starts_with(&format!("{}:", title(document)));
            (
                name.clone(),
                documents.iter().filter(is_changed).cloned().collect(),
            )
        })
        .collect();
    let by_schema = schemas::faults(&changed);
    let unnoticed: Vec<&String> = planted
        .iter()
        .filter(|(name, documents)| {
            let is_keda = name.starts_with("ScaledObject");
            let but: &[&str] = if is_keda { &["images-by-digest"] } else { &[] };
            let in_zones = !is_keda && !zones::faults(documents).is_empty();
            !by_schema.contains_key(name) && rules::breaches(documents, but).is_empty() && !in_zones
        })
        .map(|(name, _)| name)
        .collect();
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:#?}");
}

#[test]
fn every_kind_of_mistake_is_planted_where_it_can_be() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let artefacts = [
        of_scaling(),
        of_others(),
        vec![("Deployment", of_deployment()), ("ScaledObject", of_keda())],
    ];
    for (kind, ..) in artefacts.iter().flatten().flat_map(|(_, rows)| rows) {
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    assert!(kinds.values().all(|count| *count >= 5), "{kinds:?}");
}
