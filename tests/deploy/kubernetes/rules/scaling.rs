//! Rules for the autoscalers: one hand on each thing, bounds in order, a metric that there is.

use serde_json::Value;

use super::{entries, pods, show};
use crate::{
    documents::{of_kind, title},
    kubernetes::quantity,
    tools,
};

/// A workload has one number of pods, and one autoscaler that sets it.
pub(super) fn scaled_twice(documents: &[Value]) -> Vec<String> {
    let scalers = ["HorizontalPodAutoscaler", "ScaledObject"]
        .into_iter()
        .flat_map(|kind| of_kind(documents, kind));
    let targets: Vec<String> = scalers
        .map(|scaler| show(&scaler["spec"]["scaleTargetRef"]["name"]))
        .collect();
    let mut found = Vec::new();
    for pods in pods(documents) {
        let name = show(&pods.workload["metadata"]["name"]);
        let scalers = targets.iter().filter(|target| **target == name).count();
        if scalers > 1 {
            found.push(format!("{} is scaled by two", pods.title));
        } else if scalers == 1 && !pods.workload["spec"]["replicas"].is_null() {
            found.push(format!(
                "{}: its file sets `replicas`, which an autoscaler sets, too",
                pods.title
            ));
        }
    }
    let names: Vec<String> = pods(documents)
        .iter()
        .map(|pods| show(&pods.workload["metadata"]["name"]))
        .collect();
    found.extend(
        targets
            .iter()
            .filter(|target| !names.contains(target))
            .map(|target| format!("{target} is scaled and does not exist")),
    );
    found
}

/// The vertical autoscaler moves no resource whose share of the request the horizontal one looks at, and no limits.
pub(super) fn steered_twice(documents: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    for vertical in of_kind(documents, "VerticalPodAutoscaler") {
        let target = &vertical["spec"]["targetRef"]["name"];
        let shares = shares_looked_at(documents, target);
        if vertical["spec"]["updatePolicy"]["updateMode"] == "Auto" {
            found.push(format!(
                "{} uses Auto, which is deprecated: say InPlaceOrRecreate",
                title(vertical)
            ));
        }
        for policy in entries(&vertical["spec"]["resourcePolicy"]["containerPolicies"]) {
            let moves = |resource: &str| {
                policy["controlledResources"].is_null()
                    || entries(&policy["controlledResources"]).any(|moved| moved == resource)
            };
            found.extend(shares.iter().filter(|resource| moves(resource)).map(|resource| {
                format!(
                    "{} moves {resource}, by whose share pods are added",
                    title(vertical)
                )
            }));
            if policy["controlledValues"] != "RequestsOnly" {
                found.push(format!("{} moves limits", title(vertical)));
            }
        }
    }
    found
}

fn shares_looked_at(documents: &[Value], target: &Value) -> Vec<String> {
    let horizontal = of_kind(documents, "HorizontalPodAutoscaler")
        .into_iter()
        .filter(|scaler| scaler["spec"]["scaleTargetRef"]["name"] == *target);
    let metrics = horizontal.flat_map(|scaler| entries(&scaler["spec"]["metrics"]));
    let resources = metrics.flat_map(|metric| [&metric["resource"], &metric["containerResource"]]);
    let mut shares: Vec<String> = resources
        .filter(|resource| resource["target"]["type"] == "Utilization")
        .map(|resource| show(&resource["name"]))
        .collect();
    let keda = of_kind(documents, "ScaledObject")
        .into_iter()
        .filter(|scaler| scaler["spec"]["scaleTargetRef"]["name"] == *target);
    let triggers = keda.flat_map(|scaler| entries(&scaler["spec"]["triggers"]));
    shares.extend(
        triggers
            .filter(|trigger| trigger["metricType"] == "Utilization")
            .map(|trigger| show(&trigger["type"])),
    );
    shares
}

/// Least before most, requests before limits, renewal before the end; and quantities are some.
pub(super) fn disordered(documents: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    let mut hold = |held: bool, document: &Value, what: &str| {
        if !held {
            found.push(format!("{}: {what}", title(document)));
        }
    };
    for scaler in of_kind(documents, "HorizontalPodAutoscaler") {
        hold(
            ordered(&scaler["spec"]["minReplicas"], &scaler["spec"]["maxReplicas"]),
            scaler,
            "minReplicas is not below maxReplicas",
        );
        for metric in entries(&scaler["spec"]["metrics"]) {
            let target = ["pods", "resource", "containerResource", "external"]
                .iter()
                .map(|kind| &metric[kind]["target"])
                .find(|target| target.is_object());
            let value = target.map(|target| {
                if target["averageValue"].is_null() {
                    &target["averageUtilization"]
                } else {
                    &target["averageValue"]
                }
            });
            hold(
                value.and_then(quantity::parse).is_some_and(|value| value > 0.0),
                scaler,
                "a target is no quantity",
            );
        }
    }
    for scaler in of_kind(documents, "ScaledObject") {
        hold(
            ordered(
                &scaler["spec"]["minReplicaCount"],
                &scaler["spec"]["maxReplicaCount"],
            ),
            scaler,
            "minReplicaCount is not below maxReplicaCount",
        );
        for trigger in entries(&scaler["spec"]["triggers"]) {
            let value = [&trigger["metadata"]["threshold"], &trigger["metadata"]["value"]]
                .into_iter()
                .find_map(quantity::parse);
            hold(value.is_some(), scaler, "a trigger has no threshold");
        }
    }
    for scaler in of_kind(documents, "VerticalPodAutoscaler") {
        for policy in entries(&scaler["spec"]["resourcePolicy"]["containerPolicies"]) {
            for resource in ["cpu", "memory"] {
                hold(
                    ordered(&policy["minAllowed"][resource], &policy["maxAllowed"][resource]),
                    scaler,
                    "minAllowed is not below maxAllowed",
                );
            }
        }
    }
    for pods in pods(documents) {
        for container in pods.containers() {
            let resources = &container["resources"];
            for resource in ["cpu", "memory", "ephemeral-storage"]
                .iter()
                .filter(|resource| !resources["limits"][resource].is_null())
            {
                hold(
                    ordered(&resources["requests"][resource], &resources["limits"][resource]),
                    pods.workload,
                    "a request is not below its limit",
                );
            }
        }
    }
    for certificate in of_kind(documents, "Certificate")
        .into_iter()
        .filter(|certificate| !certificate["spec"]["renewBefore"].is_null())
    {
        let (renew, lasts) = (
            quantity::seconds(&certificate["spec"]["renewBefore"]),
            quantity::seconds(&certificate["spec"]["duration"]),
        );
        hold(
            renew.zip(lasts).is_some_and(|(renew, lasts)| renew < lasts),
            certificate,
            "renewBefore is not below duration",
        );
    }
    found
}

fn ordered(least: &Value, most: &Value) -> bool {
    quantity::parse(least)
        .zip(quantity::parse(most))
        .is_some_and(|(least, most)| least <= most)
}

/// A metric that the server does not export leaves the autoscaler blind.
pub(super) fn unknown_metrics(documents: &[Value]) -> Vec<String> {
    let definitions = tools::root().join("mcp-server/src/telemetry/metric_definitions.rs");
    let definitions = std::fs::read_to_string(definitions).expect("the metrics' definitions");
    let metrics = of_kind(documents, "HorizontalPodAutoscaler")
        .into_iter()
        .flat_map(|scaler| entries(&scaler["spec"]["metrics"]));
    let names = metrics
        .filter(|metric| metric["type"] == "Pods")
        .map(|metric| show(&metric["pods"]["metric"]["name"]));
    names
        .filter(|name| !definitions.contains(&format!("\"{name}\"")))
        .map(|name| format!("the server exports no {name}"))
        .collect()
}
