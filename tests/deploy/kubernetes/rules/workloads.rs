//! Rules for pods: what they take, how they are probed, what they may do on a node.

use serde_json::{Value, json};

use super::{Pods, entries, pods, show};
use crate::{documents::of_kind, documents::title, kubernetes::quantity};

/// Every container says what it wants and where it ends; CPU alone has no limit, which would slow answers down for nothing.
/// A folder in memory or on the node's disk has a size, and a job a time.
pub(super) fn unbounded(documents: &[Value]) -> Vec<String> {
    let wanted = [
        ("requests", "cpu"),
        ("requests", "memory"),
        ("limits", "memory"),
        ("limits", "ephemeral-storage"),
    ];
    let mut found = each_container(documents, |container| {
        let lacks = wanted
            .iter()
            .filter(|(list, resource)| quantity::parse(&container["resources"][list][resource]).is_none());
        lacks
            .map(|(list, resource)| format!("has no good resources.{list}.{resource}"))
            .collect()
    });
    for pods in pods(documents) {
        let folders = entries(&pods.spec["volumes"]).filter(|volume| !volume["emptyDir"].is_null());
        found.extend(
            folders
                .filter(|volume| quantity::parse(&volume["emptyDir"]["sizeLimit"]).is_none())
                .map(|volume| {
                    format!(
                        "{}: the folder {} has no good size",
                        pods.title,
                        show(&volume["name"])
                    )
                }),
        );
        if !pods.stay() && !pods.workload["spec"]["activeDeadlineSeconds"].is_u64() {
            found.push(format!("{} may run for ever", pods.title));
        }
    }
    found
}

/// Every container is probed in three ways, on a port that it has.
pub(super) fn unprobed(documents: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    for pods in pods(documents).into_iter().filter(Pods::stay) {
        for container in entries(&pods.spec["containers"]) {
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                let get = &container[probe]["httpGet"];
                if !get["path"]
                    .as_str()
                    .is_some_and(|path| path.starts_with("/health/"))
                    || !pods.has_port(&get["port"])
                {
                    found.push(format!(
                        "{}: {probe} asks no health of a port of {}",
                        pods.title,
                        show(&container["name"])
                    ));
                }
            }
        }
    }
    found
}

/// What a tag names may change.
pub(super) fn movable_images(documents: &[Value]) -> Vec<String> {
    each_container(documents, |container| {
        let digest = container["image"]
            .as_str()
            .and_then(|image| image.split_once("@sha256:"));
        let good = digest
            .is_some_and(|(_, hex)| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if good {
            Vec::new()
        } else {
            vec![format!("runs {}, which is no digest", show(&container["image"]))]
        }
    })
}

/// The profile `restricted` of Kubernetes, a root that cannot be written, and no credential of the cluster.
pub(super) fn unrestricted(documents: &[Value]) -> Vec<String> {
    let mut found = each_container(documents, |container| {
        let context = &container["securityContext"];
        let wanted = [
            ("allowPrivilegeEscalation", json!(false)),
            ("readOnlyRootFilesystem", json!(true)),
            ("capabilities", json!({"drop": ["ALL"]})),
        ];
        let lacks = wanted.iter().filter(|(key, value)| context[key] != *value);
        lacks
            .map(|(key, value)| format!("securityContext.{key} is not {value}"))
            .collect()
    });
    for Pods { title, spec, .. } in pods(documents) {
        let context = &spec["securityContext"];
        let rules = [
            (context["runAsNonRoot"] == true, "may run as root"),
            (
                context["seccompProfile"]["type"] == "RuntimeDefault",
                "has no seccomp profile",
            ),
            (
                spec["automountServiceAccountToken"] == false,
                "mounts a credential of the cluster",
            ),
            (
                spec["hostNetwork"].is_null() && spec["hostPID"].is_null(),
                "shares a namespace of its node",
            ),
            (
                entries(&spec["volumes"]).all(|volume| volume["hostPath"].is_null()),
                "mounts a path of its node",
            ),
        ];
        found.extend(
            rules
                .iter()
                .filter(|(held, _)| !held)
                .map(|(_, breach)| format!("{title} {breach}")),
        );
    }
    found
}

/// Whoever looks for pods finds some: a workload its own, a service, a budget, a monitor those of a workload, at a port
/// that they have.
pub(super) fn mismatched(documents: &[Value]) -> Vec<String> {
    let pods = pods(documents);
    let mut found = Vec::new();
    for pods in &pods {
        if pods.stay() && !pods.is_found_by(&pods.workload["spec"]["selector"]["matchLabels"]) {
            found.push(format!("{}: its selector does not find its own pods", pods.title));
        }
        for spread in entries(&pods.spec["topologySpreadConstraints"]) {
            if !pods.is_found_by(&spread["labelSelector"]["matchLabels"]) {
                found.push(format!("{}: a spread counts other pods", pods.title));
            }
        }
    }
    for (kind, path, ports) in [
        ("Service", "/spec/selector", "/spec/ports"),
        ("PodDisruptionBudget", "/spec/selector/matchLabels", ""),
        ("NetworkPolicy", "/spec/podSelector/matchLabels", ""),
        (
            "PodMonitor",
            "/spec/selector/matchLabels",
            "/spec/podMetricsEndpoints",
        ),
    ] {
        for looking in of_kind(documents, kind) {
            let Some(selector) = looking.pointer(path) else {
                continue;
            };
            let mut seen = pods.iter().filter(|pods| {
                pods.is_found_by(selector) && *pods.namespace == looking["metadata"]["namespace"]
            });
            match seen.next() {
                None => found.push(format!("{} finds no pods", title(looking))),
                Some(pods) => {
                    let ports = looking.pointer(ports).filter(|_| !ports.is_empty());
                    let named = ports.into_iter().flat_map(entries).map(|port| {
                        if kind == "Service" {
                            &port["targetPort"]
                        } else {
                            &port["port"]
                        }
                    });
                    found.extend(named.filter(|port| !pods.has_port(port)).map(|port| {
                        format!("{} wants port {}, which pods lack", title(looking), show(port))
                    }));
                    found.extend(ports_apart(looking, pods));
                }
            }
        }
    }
    found
}

/// A service is where its pods are, and a policy opens ports that are there.
fn ports_apart(looking: &Value, pods: &Pods<'_>) -> Vec<String> {
    let spec = &looking["spec"];
    let opened = entries(&spec["ingress"]).flat_map(|rule| entries(&rule["ports"]));
    let served = entries(&spec["ports"]).filter(|_| looking["kind"] == "Service");
    let wanted = opened.chain(served).map(|port| &port["port"]);
    wanted
        .filter(|port| !pods.has_port(port))
        .map(|port| format!("{} opens port {}, which pods lack", title(looking), show(port)))
        .collect()
}

/// A drain of a node takes one pod at a time, and never none.
pub(super) fn without_budget(documents: &[Value]) -> Vec<String> {
    let budgets = of_kind(documents, "PodDisruptionBudget");
    let lets_go = |budget: &Value| {
        budget["spec"]["maxUnavailable"]
            .as_u64()
            .is_some_and(|pods| pods >= 1)
    };
    let covered = |pods: &Pods<'_>| {
        budgets
            .iter()
            .any(|budget| pods.is_found_by(&budget["spec"]["selector"]["matchLabels"]) && lets_go(budget))
    };
    pods(documents)
        .iter()
        .filter(|pods| pods.stay() && !covered(pods))
        .map(|pods| format!("{} has no budget that lets one pod go", pods.title))
        .collect()
}

fn each_container(documents: &[Value], breaches: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for pods in pods(documents) {
        for container in pods.containers() {
            found.extend(
                breaches(container)
                    .iter()
                    .map(|breach| format!("{}: container {} {breach}", pods.title, show(&container["name"]))),
            );
        }
    }
    found
}
