//! Slips of seven kinds, planted one at a time at every place of everything that production renders, and of KEDA's object: each is
//! noticed by a schema, a rule or the table of zones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    render::{self, production},
    rules, schemas,
    slips::{self, KINDS, Slip},
    zones,
};
use crate::documents::{of_kind, title};

/// Kinds of slips that a kind of objects has no place for. What is in a `ConfigMap` is the real program's to judge: `server.rs`.
const NO_PLACE: [(&str, &[&str]); 15] = [
    ("Namespace", &KINDS),
    ("ConfigMap", &KINDS),
    (
        "ServiceAccount",
        &[
            "bad quantity",
            "min > max",
            "selector mismatch",
            "wrong port",
            "missing limit",
        ],
    ),
    (
        "Role",
        &["bad quantity", "min > max", "selector mismatch", "wrong port"],
    ),
    (
        "RoleBinding",
        &["bad quantity", "min > max", "wrong port", "missing limit"],
    ),
    ("Service", &["bad quantity", "min > max", "missing limit"]),
    ("Deployment", &[]),
    ("Job", &["wrong port"]),
    ("HorizontalPodAutoscaler", &["wrong port"]),
    ("VerticalPodAutoscaler", &["wrong port"]),
    (
        "PodDisruptionBudget",
        &["bad quantity", "min > max", "wrong port"],
    ),
    ("NetworkPolicy", &["bad quantity", "min > max"]),
    ("PodMonitor", &["min > max", "missing limit"]),
    (
        "Certificate",
        &["selector mismatch", "wrong port", "missing limit"],
    ),
    (
        "SecretProviderClass",
        &["bad quantity", "min > max", "selector mismatch", "missing limit"],
    ),
];
const NO_PLACE_IN_KEDA: &[&str] = &["wrong port"];

/// Each place of each kind of objects once.
fn planted(documents: &[&Value]) -> Vec<(String, Slip)> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for document in documents {
        for slip in slips::of(document) {
            // What an object selects and opens is its own; a field is the same in every object of the kind.
            let is_field = matches!(slip.kind, "typo" | "wrong type");
            let place = (document["kind"].to_string(), slip.kind, slip.place.clone());
            if is_field && !seen.insert(place) {
                continue;
            }
            let name = format!("{}: {} at {}", title(document), slip.kind, slip.place);
            all.push((name, slip));
        }
    }
    all
}

/// Slips that nobody notices.
fn unnoticed(documents: &[Value], planted: &[(String, Slip)], but: &[&str], in_zones: bool) -> Vec<String> {
    let numbered = |number: usize, name: &str| format!("{number} {name}");
    let alone: Vec<(String, Vec<Value>)> = planted
        .iter()
        .enumerate()
        .map(|(number, (name, slip))| (numbered(number, name), vec![slip.document.clone()]))
        .collect();
    let by_schema = schemas::faults(&alone);
    let missed = planted.iter().enumerate().filter(|(number, (name, slip))| {
        if by_schema.contains_key(&numbered(*number, name)) {
            return false;
        }
        let changed: Vec<Value> = documents
            .iter()
            .map(|document| {
                if title(document) == title(&slip.document) && document["kind"] == slip.document["kind"] {
                    slip.document.clone()
                } else {
                    document.clone()
                }
            })
            .collect();
        rules::breaches(&changed, but).is_empty() && (!in_zones || zones::faults(&changed).is_empty())
    });
    missed.map(|(_, (name, _))| name.clone()).collect()
}

#[test]
fn every_planted_mistake_is_noticed() {
    let keda = render::rendered("+keda");
    let unplanted = schemas::faults(&[
        ("production".to_owned(), production().to_vec()),
        ("keda".to_owned(), keda.clone()),
    ]);
    assert!(unplanted.is_empty(), "{unplanted:?}");

    let everything: Vec<&Value> = production().iter().collect();
    let in_production = planted(&everything);
    assert!(in_production.len() >= 500, "{}", in_production.len());
    let mut missed = unnoticed(production(), &in_production, &[], true);
    let scaler = planted(&of_kind(&keda, "ScaledObject"));
    missed.extend(unnoticed(&keda, &scaler, &["images-by-digest"], false));
    assert!(missed.is_empty(), "nobody notices {missed:#?}");
}

#[test]
fn every_kind_of_mistake_is_planted_wherever_there_is_a_place() {
    let keda = render::rendered("+keda");
    let mut documents: Vec<&Value> = production().iter().collect();
    documents.extend(of_kind(&keda, "ScaledObject"));
    let mut empty: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for document in &documents {
        let kind = document["kind"].as_str().expect("a kind");
        empty.entry(kind).or_insert_with(|| KINDS.into());
    }
    for (_, slip) in planted(&documents) {
        let kind = slip.document["kind"].as_str().expect("a kind");
        empty.get_mut(kind).expect("it was just added").remove(slip.kind);
    }
    let mut expected: BTreeMap<&str, BTreeSet<&str>> = NO_PLACE
        .iter()
        .map(|(kind, none)| (*kind, none.iter().copied().collect()))
        .collect();
    expected.insert("ScaledObject", NO_PLACE_IN_KEDA.iter().copied().collect());
    assert_eq!(empty, expected);
}

#[test]
fn slips_are_planted_where_they_should() {
    let document = json!({
        "kind": "K", "metadata": {"name": "n"},
        "spec": {"ports": [{"port": 80}, {"port": 81}], "minReplicas": 2, "maxReplicas": 3, "selector": {"matchLabels": {"a/b": "c"}}},
    });
    let planted: Vec<String> = slips::of(&document)
        .iter()
        .map(|slip| format!("{} {}", slip.kind, slip.place))
        .collect();
    for wanted in [
        "typo spec.ports.*.port",
        "wrong type spec.minReplicas",
        "min > max spec.minReplicas",
        "missing limit spec.maxReplicas",
        "wrong port spec.ports.*.port",
        "selector mismatch spec.selector.matchLabels.a/b",
    ] {
        assert!(
            planted.iter().any(|one| one == wanted),
            "{wanted} in {planted:#?}"
        );
    }
    assert!(
        !planted
            .iter()
            .any(|one| one.starts_with("typo") && one.ends_with("a/b"))
    );
}
