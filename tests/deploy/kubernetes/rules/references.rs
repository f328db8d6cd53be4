//! A rule for names: whoever names something that is rendered beside it names something that is there.

use serde_json::Value;

use super::{Pods, entries, pods, show};
use crate::documents::{of_kind, title};

/// Accounts, configurations, classes of secrets, volumes, roles and the targets of vertical autoscalers are there.
pub(super) fn unresolved(documents: &[Value]) -> Vec<String> {
    let pods = pods(documents);
    let mut found: Vec<String> = pods.iter().flat_map(|pods| of_pods(documents, pods)).collect();
    for binding in of_kind(documents, "RoleBinding") {
        let role = &binding["roleRef"];
        if !is_there(documents, &show(&role["kind"]), &role["name"]) {
            found.push(format!("{} gives a role that is not there", title(binding)));
        }
    }
    for vertical in of_kind(documents, "VerticalPodAutoscaler") {
        let target = &vertical["spec"]["targetRef"]["name"];
        let mut sized = pods
            .iter()
            .filter(|pods| pods.workload["metadata"]["name"] == *target);
        let Some(sized) = sized.next() else {
            found.push(format!("{} sizes pods that are not there", title(vertical)));
            continue;
        };
        let policies = entries(&vertical["spec"]["resourcePolicy"]["containerPolicies"]);
        for name in policies.map(|policy| &policy["containerName"]) {
            if *name != "*" && !sized.containers().any(|container| container["name"] == *name) {
                found.push(format!(
                    "{} sizes {}, which is no container",
                    title(vertical),
                    show(name)
                ));
            }
        }
    }
    found
}

fn of_pods(documents: &[Value], pods: &Pods<'_>) -> Vec<String> {
    let mut named = Vec::new();
    let account = &pods.spec["serviceAccountName"];
    if !account.is_null() {
        named.push(("ServiceAccount", account));
    }
    for volume in entries(&pods.spec["volumes"]) {
        // Secrets come from elsewhere: cert-manager, or whoever deploys.
        if !volume["configMap"].is_null() {
            named.push(("ConfigMap", &volume["configMap"]["name"]));
        }
        if volume["csi"]["driver"] == "secrets-store.csi.k8s.io" {
            let class = &volume["csi"]["volumeAttributes"]["secretProviderClass"];
            named.push(("SecretProviderClass", class));
        }
    }
    let missing = named
        .into_iter()
        .filter(|(kind, name)| !is_there(documents, kind, name));
    let mut found: Vec<String> = missing
        .map(|(kind, name)| format!("{} names {kind} {}, which is not there", pods.title, show(name)))
        .collect();
    let mounts = pods
        .containers()
        .flat_map(|container| entries(&container["volumeMounts"]));
    for mount in mounts {
        if !entries(&pods.spec["volumes"]).any(|volume| volume["name"] == mount["name"]) {
            found.push(format!(
                "{} mounts {}, which is no volume",
                pods.title,
                show(&mount["name"])
            ));
        }
    }
    found
}

fn is_there(documents: &[Value], kind: &str, name: &Value) -> bool {
    of_kind(documents, kind)
        .iter()
        .any(|document| document["metadata"]["name"] == *name)
}
