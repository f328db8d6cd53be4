//! The rules of the house for what runs in a cluster. `deploy/policies` has a file that passes and one that fails for each.

use serde_json::Value;

use crate::documents::{of_kind, title};

mod access;
mod references;
mod scaling;
mod workloads;

/// One rule.
pub(crate) struct Rule {
    /// The name of its folder in `deploy/policies`.
    pub(crate) name: &'static str,
    /// What breaks it, one sentence each.
    pub(crate) breaches: fn(&[Value]) -> Vec<String>,
}

/// Every rule there is.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: "resources-are-bounded",
        breaches: workloads::unbounded,
    },
    Rule {
        name: "probes-are-there",
        breaches: workloads::unprobed,
    },
    Rule {
        name: "images-by-digest",
        breaches: workloads::movable_images,
    },
    Rule {
        name: "pods-are-restricted",
        breaches: workloads::unrestricted,
    },
    Rule {
        name: "selectors-match",
        breaches: workloads::mismatched,
    },
    Rule {
        name: "references-resolve",
        breaches: references::unresolved,
    },
    Rule {
        name: "drains-are-bounded",
        breaches: workloads::without_budget,
    },
    Rule {
        name: "no-secret-in-files",
        breaches: access::secrets,
    },
    Rule {
        name: "roles-are-narrow",
        breaches: access::wide_roles,
    },
    Rule {
        name: "denied-by-default",
        breaches: access::open_namespaces,
    },
    Rule {
        name: "scaled-by-one",
        breaches: scaling::scaled_twice,
    },
    Rule {
        name: "one-hand-on-each-resource",
        breaches: scaling::steered_twice,
    },
    Rule {
        name: "bounds-in-order",
        breaches: scaling::disordered,
    },
    Rule {
        name: "metric-is-exported",
        breaches: scaling::unknown_metrics,
    },
];

/// Every breach of every rule but the named ones.
pub(crate) fn breaches(documents: &[Value], but: &[&str]) -> Vec<String> {
    let rules = RULES.iter().filter(|rule| !but.contains(&rule.name));
    rules
        .flat_map(|rule| {
            (rule.breaches)(documents)
                .into_iter()
                .map(move |text| format!("{}: {text}", rule.name))
        })
        .collect()
}

/// What a workload makes pods of.
struct Pods<'a> {
    title: String,
    namespace: &'a Value,
    labels: &'a Value,
    spec: &'a Value,
    workload: &'a Value,
}

impl<'a> Pods<'a> {
    /// Whether they run for good. A job's end by themselves: nobody probes them, and a drain starts them anew.
    fn stay(&self) -> bool {
        self.workload["kind"] != "Job"
    }

    fn containers(&self) -> impl Iterator<Item = &'a Value> {
        let lists = ["containers", "initContainers"].map(|list| &self.spec[list]);
        lists.into_iter().flat_map(entries)
    }

    /// Whether a container has this port, by name or number.
    fn has_port(&self, port: &Value) -> bool {
        let mut ports = self
            .containers()
            .flat_map(|container| entries(&container["ports"]));
        ports.any(|known| known["name"] == *port || known["containerPort"] == *port)
    }

    /// Whether a selector of labels finds these pods, where `matchLabels` or the plain form is given.
    fn is_found_by(&self, labels: &Value) -> bool {
        let Some(labels) = labels.as_object() else {
            return false;
        };
        labels.iter().all(|(key, value)| self.labels[key] == *value)
    }
}

fn pods(documents: &[Value]) -> Vec<Pods<'_>> {
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job"];
    let workloads = kinds.iter().flat_map(|kind| of_kind(documents, kind));
    workloads
        .map(|workload| Pods {
            title: title(workload),
            namespace: &workload["metadata"]["namespace"],
            labels: &workload["spec"]["template"]["metadata"]["labels"],
            spec: &workload["spec"]["template"]["spec"],
            workload,
        })
        .collect()
}

/// The elements of a list; none where it is no list.
fn entries(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Text as it is, other values as JSON.
fn show(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
