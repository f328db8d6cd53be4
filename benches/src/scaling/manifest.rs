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
    horizontal_with::<&str>(text, &[])
}

/// The HPA among the documents of a text, with those of other texts laid over it: what `kubectl kustomize` makes of a base and
/// the patches of components.
pub fn horizontal_with<S: AsRef<str>>(text: &str, patches: &[S]) -> Result<hpa::Spec> {
    let document = |text| only(text, "HorizontalPodAutoscaler", "autoscaling/v2");
    let mut whole = document(text)?;
    for patch in patches {
        lay_over(&mut whole, document(patch.as_ref())?);
    }
    let object: Object<wire::Horizontal> = typed(whole)?;
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
    let document = only(text, "VerticalPodAutoscaler", "autoscaling.k8s.io/v1")?;
    let object: Object<wire::Vertical> = typed(document)?;
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
fn only(text: &str, kind: &str, version: &str) -> Result<Value> {
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
    Ok(object)
}

fn typed<S: DeserializeOwned>(document: Value) -> Result<Object<S>> {
    let kind = document["kind"].as_str().unwrap_or_default().to_owned();
    serde_json::from_value(document).map_err(|error| Fault(format!("{kind}: {error}")))
}

/// A strategic merge, as far as these objects need it: their lists are atomic, so a patch replaces them whole.
fn lay_over(whole: &mut Value, patch: Value) {
    match (whole, patch) {
        (Value::Object(whole), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    whole.remove(&key);
                } else {
                    lay_over(whole.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (whole, patch) => *whole = patch,
    }
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
mod tests;
