//! Reads the HPA and VPA objects that are deployed, as YAML. A field that Kubernetes does not know is an error.

mod wire;

use std::{path::Path, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    hpa::{self, Metric, Policy, Resource, Select, Unit},
    quantity::Quantity,
    vpa,
};

/// Why a manifest cannot be used. The text names the object, the field and the fix.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

type Result<T> = std::result::Result<T, Fault>;

/// Reads a file.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Fault(format!("{}: {error}", path.display())))
}

/// The HPA among the documents of a text.
pub fn horizontal(text: &str) -> Result<hpa::Spec> {
    let object: Object<wire::Horizontal> = only(text, "HorizontalPodAutoscaler", "autoscaling/v2")?;
    let name = object.metadata.name;
    let fault = |what: String| Fault(format!("HorizontalPodAutoscaler {name}: {what}"));
    let spec = object.spec;
    let min = spec.min_replicas.unwrap_or(1);
    if min > spec.max_replicas {
        return Err(fault(format!(
            "minReplicas {min} is more than maxReplicas {}",
            spec.max_replicas
        )));
    }
    if spec.metrics.is_empty() {
        return Err(fault(
            "metrics: there are none, so nothing would ever scale".to_owned(),
        ));
    }
    let metrics = spec
        .metrics
        .into_iter()
        .map(metric)
        .collect::<std::result::Result<_, _>>();
    Ok(hpa::Spec {
        min,
        max: spec.max_replicas,
        metrics: metrics.map_err(fault)?,
        behavior: spec.behavior.map(behavior).transpose().map_err(fault)?,
        name,
    })
}

/// The VPA among the documents of a text. With several container policies the first counts: pods of ours have one container.
pub fn vertical(text: &str) -> Result<vpa::Spec> {
    let object: Object<wire::Vertical> = only(text, "VerticalPodAutoscaler", "autoscaling.k8s.io/v1")?;
    let policy = object
        .spec
        .resource_policy
        .and_then(|policy| policy.container_policies.into_iter().next());
    let policy = policy.unwrap_or_default();
    let range = |of: fn(&wire::Amounts) -> Option<Quantity>| vpa::Range {
        min: policy.min_allowed.as_ref().and_then(of),
        max: policy.max_allowed.as_ref().and_then(of),
    };
    let controls = |name: &str| {
        let listed = policy.controlled_resources.as_ref();
        policy.mode.as_deref() != Some("Off")
            && listed.is_none_or(|names| names.iter().any(|own| own == name))
    };
    let mode = object.spec.update_policy.and_then(|policy| policy.update_mode);
    Ok(vpa::Spec {
        name: object.metadata.name,
        mode: mode.unwrap_or_default().into(),
        cpu: controls("cpu").then(|| range(|amounts| amounts.cpu.map(Quantity::from))),
        memory: controls("memory").then(|| range(|amounts| amounts.memory.map(Quantity::from))),
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object<S> {
    metadata: Metadata,
    spec: S,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: String,
}

/// The one object of a kind.
fn only<S: DeserializeOwned>(text: &str, kind: &str, version: &str) -> Result<Object<S>> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| Fault(format!("no YAML: {error}")))?;
    let mut found = documents.into_iter().filter(|document| document["kind"] == kind);
    let object = found
        .next()
        .ok_or_else(|| Fault(format!("there is no {kind} in it")))?;
    if found.next().is_some() {
        return Err(Fault(format!(
            "there is more than one {kind} in it; name a file with one"
        )));
    }
    if object["apiVersion"] != version {
        let other = &object["apiVersion"];
        return Err(Fault(format!(
            "{kind}: apiVersion must be {version}, and is {other}"
        )));
    }
    serde_json::from_value(object).map_err(|error| Fault(format!("{kind}: {error}")))
}

fn metric(wire: wire::Metric) -> std::result::Result<Metric, String> {
    match wire {
        wire::Metric::Resource { resource } => resource_metric(&resource.name, &resource.target),
        wire::Metric::ContainerResource { container_resource } => {
            resource_metric(&container_resource.name, &container_resource.target)
        }
        wire::Metric::Pods { pods } => match pods.target {
            wire::Target::AverageValue { average_value } => Ok(Metric::Pods {
                target: positive(average_value.into(), &pods.metric.name)?,
                name: pods.metric.name,
            }),
            _ => Err(format!(
                "pods metric {}: its target must be an AverageValue",
                pods.metric.name
            )),
        },
        wire::Metric::External { external } => {
            let name = external.metric.name;
            match external.target {
                wire::Target::AverageValue { average_value } => Ok(Metric::ExternalAverage {
                    target: positive(average_value.into(), &name)?,
                    name,
                }),
                wire::Target::Value { value } => Ok(Metric::ExternalValue {
                    target: positive(value.into(), &name)?,
                    name,
                }),
                wire::Target::Utilization { .. } => Err(format!(
                    "external metric {name}: its target cannot be a Utilization"
                )),
            }
        }
    }
}

fn resource_metric(name: &str, target: &wire::Target) -> std::result::Result<Metric, String> {
    let resource = match name {
        "cpu" => Resource::Cpu,
        "memory" => Resource::Memory,
        other => {
            return Err(format!(
                "resource metric {other}: only cpu and memory can be simulated"
            ));
        }
    };
    match *target {
        wire::Target::Utilization { average_utilization } if average_utilization > 0 => {
            Ok(Metric::Utilization {
                resource,
                percent: average_utilization,
            })
        }
        wire::Target::AverageValue { average_value } => Ok(Metric::ResourceAverage {
            resource,
            target: positive(average_value.into(), name)?,
        }),
        _ => Err(format!(
            "resource metric {name}: its target must be a Utilization above 0 or an AverageValue"
        )),
    }
}

fn positive(target: Quantity, name: &str) -> std::result::Result<Quantity, String> {
    if target.milli() > 0 {
        Ok(target)
    } else {
        Err(format!("metric {name}: its target must be above 0"))
    }
}

/// What the object leaves out, Kubernetes fills in by direction.
fn behavior(wire: wire::Behavior) -> std::result::Result<hpa::Behavior, String> {
    let defaults = hpa::Behavior::default();
    Ok(hpa::Behavior {
        up: direction(wire.scale_up, defaults.up, "scaleUp")?,
        down: direction(wire.scale_down, defaults.down, "scaleDown")?,
    })
}

fn direction(
    wire: Option<wire::Direction>,
    defaults: hpa::Direction,
    name: &str,
) -> std::result::Result<hpa::Direction, String> {
    let Some(wire) = wire else { return Ok(defaults) };
    let window = wire
        .stabilization_window_seconds
        .map_or(defaults.window, Duration::from_secs);
    if window > Duration::from_hours(1) {
        return Err(format!(
            "behavior.{name}: stabilizationWindowSeconds is at most 3600"
        ));
    }
    let policies: Vec<Policy> = match wire.policies {
        None => defaults.policies,
        Some(policies) => policies.into_iter().map(Policy::from).collect(),
    };
    let valid = |policy: &Policy| policy.value > 0 && (1..=1_800).contains(&policy.period.as_secs());
    if policies.is_empty() || !policies.iter().all(valid) {
        return Err(format!(
            "behavior.{name}: it needs policies with a value above 0 and a periodSeconds from 1 to 1800"
        ));
    }
    Ok(hpa::Direction {
        window,
        select: wire.select_policy.map_or(Select::Max, Select::from),
        policies,
        tolerance: wire
            .tolerance
            .map_or(defaults.tolerance, |tolerance| Quantity::from(tolerance).units()),
    })
}

impl From<wire::Policy> for Policy {
    fn from(wire: wire::Policy) -> Self {
        Self {
            unit: match wire.kind {
                wire::PolicyKind::Pods => Unit::Pods,
                wire::PolicyKind::Percent => Unit::Percent,
            },
            value: wire.value,
            period: Duration::from_secs(wire.period_seconds),
        }
    }
}

impl From<wire::Select> for Select {
    fn from(wire: wire::Select) -> Self {
        match wire {
            wire::Select::Max => Self::Max,
            wire::Select::Min => Self::Min,
            wire::Select::Disabled => Self::Disabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = include_str!("../../manifests/as-written.yaml");
    const RESOLVED: &str = include_str!("../../manifests/resolved.yaml");

    #[test]
    fn both_objects_are_read_from_one_text() {
        let hpa = horizontal(WRITTEN).expect("an HPA");
        assert_eq!((hpa.min, hpa.max), (2, 8));
        let labels: Vec<String> = hpa.metrics.iter().map(Metric::label).collect();
        assert_eq!(labels, ["cpu 60 %", "memory 70 %", "mcp_queue_depth 100 a pod"]);
        let vpa = vertical(WRITTEN).expect("a VPA");
        assert_eq!(vpa.mode, vpa::Mode::Recreate);
        assert!(vpa.cpu.is_some() && vpa.memory.is_some());
        let vpa = vertical(RESOLVED).expect("a VPA");
        assert!(vpa.cpu.is_none() && vpa.mode == vpa::Mode::InPlace);
        let memory = vpa.memory.expect("memory is controlled");
        assert_eq!(memory.max.map(|max| max.to_string()).as_deref(), Some("8192Mi"));
    }

    #[test]
    fn what_a_direction_leaves_out_is_filled_in() {
        let text = WRITTEN.replace(
            "  minReplicas",
            "  behavior: {scaleUp: {stabilizationWindowSeconds: 30}}\n  minReplicas",
        );
        let behavior = horizontal(&text).expect("an HPA").behavior.expect("it has one");
        assert_eq!(behavior.up.window, Duration::from_secs(30));
        assert_eq!(behavior.up.policies, hpa::Behavior::default().up.policies);
        assert_eq!(behavior.down, hpa::Behavior::default().down);
        assert_eq!(horizontal(WRITTEN).expect("an HPA").behavior, None);
    }

    #[test]
    fn what_kubernetes_would_refuse_is_refused_and_named() {
        for (from, to, wanted) in [
            (
                "averageUtilization: 60",
                "averageUtilisation: 60",
                "averageUtilisation",
            ),
            ("minReplicas: 2", "minReplicas: 9", "minReplicas 9"),
            ("averageValue: \"100\"", "averageValue: \"100x\"", "100x"),
            ("averageValue: \"100\"", "averageValue: \"0\"", "above 0"),
            ("name: memory", "name: disk", "disk"),
            ("maxReplicas: 8", "maxReplica: 8", "maxReplica"),
            (
                "apiVersion: autoscaling/v2",
                "apiVersion: autoscaling/v1",
                "autoscaling/v2",
            ),
            (
                "kind: HorizontalPodAutoscaler",
                "kind: Deployment",
                "no HorizontalPodAutoscaler",
            ),
            ("type: Pods", "type: Object", "Object"),
            (
                "metrics:",
                "metrics: []\n  behavior: {scaleUp: {policies: []}}\n  other:",
                "other",
            ),
            ("spec:", "spec: [", "no YAML"),
        ] {
            assert!(WRITTEN.contains(from), "{from}");
            let error = horizontal(&WRITTEN.replacen(from, to, 1))
                .expect_err(to)
                .to_string();
            assert!(error.contains(wanted), "{to}: {error}");
        }
        let shut = "  behavior: {scaleUp: {policies: []}}\n  minReplicas";
        let error = horizontal(&WRITTEN.replace("  minReplicas", shut))
            .expect_err("no policy")
            .to_string();
        assert!(error.contains("behavior.scaleUp"), "{error}");
        let long = "  behavior: {scaleDown: {stabilizationWindowSeconds: 3601}}\n  minReplicas";
        let error = horizontal(&WRITTEN.replace("  minReplicas", long))
            .expect_err("too long")
            .to_string();
        assert!(error.contains("3600"), "{error}");
        let error =
            vertical(&WRITTEN.replace("updateMode: Auto", "updateMode: Sometimes")).expect_err("no mode");
        assert!(error.to_string().contains("Sometimes"), "{error}");
    }
}
