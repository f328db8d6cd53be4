//! Rules for who may do what, and who may talk to whom.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{entries, pods, show};
use crate::documents::{of_kind, title};

/// Secrets come from Vault and cert-manager. Files name them and never hold them.
pub(super) fn secrets(documents: &[Value]) -> Vec<String> {
    let mut found: Vec<String> = of_kind(documents, "Secret")
        .into_iter()
        .map(|secret| format!("{} is written into a file", title(secret)))
        .collect();
    let tells = |name: &str| {
        // What ends so names a file that is mounted.
        !name.ends_with("_FILE")
            && ["KEY", "SECRET", "PASSWORD", "TOKEN"]
                .iter()
                .any(|part| name.to_uppercase().contains(part))
    };
    for pods in pods(documents) {
        for variable in pods.containers().flat_map(|container| entries(&container["env"])) {
            if variable["name"].as_str().is_some_and(tells) {
                found.push(format!(
                    "{}: variable {} never sees a rotation; mount a file",
                    pods.title,
                    show(&variable["name"])
                ));
            }
        }
        for mount in pods
            .containers()
            .flat_map(|container| entries(&container["volumeMounts"]))
        {
            if !mount["subPath"].is_null() {
                found.push(format!(
                    "{}: {} with a subPath is never updated",
                    pods.title,
                    show(&mount["name"])
                ));
            }
        }
    }
    found
}

/// No stars, no secrets, no shell, no way to more rights.
pub(super) fn wide_roles(documents: &[Value]) -> Vec<String> {
    let shut = [
        "*",
        "secrets",
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/ephemeralcontainers",
    ];
    let verbs = ["*", "escalate", "bind", "impersonate"];
    let mut found = Vec::new();
    for role in ["Role", "ClusterRole"]
        .iter()
        .flat_map(|kind| of_kind(documents, kind))
    {
        for rule in entries(&role["rules"]) {
            let named = |list: &str, words: &[&str]| {
                let hits = entries(&rule[list]).filter(|word| words.iter().any(|shut| *word == shut));
                hits.map(|word| format!("{} grants {list} {}", title(role), show(word)))
                    .collect::<Vec<_>>()
            };
            found.extend(named("resources", &shut));
            found.extend(named("verbs", &verbs));
            found.extend(named("apiGroups", &["*"]));
        }
    }
    found
}

/// Where pods run, what is not allowed is denied, both ways.
pub(super) fn open_namespaces(documents: &[Value]) -> Vec<String> {
    let policies = of_kind(documents, "NetworkPolicy");
    let denies = |namespace: &Value, way: &str| {
        policies.iter().any(|policy| {
            let spec = &policy["spec"];
            let everybody = spec["podSelector"]
                .as_object()
                .is_some_and(serde_json::Map::is_empty);
            let nothing = spec["ingress"].is_null() && spec["egress"].is_null();
            policy["metadata"]["namespace"] == *namespace
                && everybody
                && nothing
                && entries(&spec["policyTypes"]).any(|known| known == way)
        })
    };
    let namespaces: BTreeSet<String> = pods(documents).iter().map(|pods| show(pods.namespace)).collect();
    let ways = namespaces
        .iter()
        .flat_map(|namespace| ["Ingress", "Egress"].map(|way| (namespace, way)));
    ways.filter(|(namespace, way)| {
        let namespace = if *namespace == "null" {
            Value::Null
        } else {
            Value::from(namespace.as_str())
        };
        !denies(&namespace, way)
    })
    .map(|(namespace, way)| format!("{way} of {namespace} is not denied by default"))
    .collect()
}
