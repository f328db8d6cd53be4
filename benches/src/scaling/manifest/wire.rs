//! HPA and VPA objects as they are written.

use serde::Deserialize;
use serde_json::Value;

use crate::scaling::{quantity::Quantity, vpa::Mode};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Horizontal {
    #[serde(rename = "scaleTargetRef")]
    _target: Value,
    pub(super) min_replicas: Option<u32>,
    pub(super) max_replicas: u32,
    #[serde(default)]
    pub(super) metrics: Vec<Metric>,
    pub(super) behavior: Option<Behavior>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Metric {
    Resource {
        resource: ResourceMetric,
    },
    ContainerResource {
        #[serde(rename = "containerResource")]
        container_resource: ResourceMetric,
    },
    Pods {
        pods: NamedMetric,
    },
    External {
        external: NamedMetric,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceMetric {
    pub(super) name: String,
    #[serde(rename = "container")]
    _container: Option<String>,
    pub(super) target: Target,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedMetric {
    pub(super) metric: Identifier,
    pub(super) target: Target,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identifier {
    pub(super) name: String,
    #[serde(rename = "selector")]
    _selector: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Target {
    Utilization {
        #[serde(rename = "averageUtilization")]
        average_utilization: u32,
    },
    AverageValue {
        #[serde(rename = "averageValue")]
        average_value: Amount,
    },
    Value {
        value: Amount,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Behavior {
    pub(super) scale_up: Option<Direction>,
    pub(super) scale_down: Option<Direction>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Direction {
    pub(super) stabilization_window_seconds: Option<u64>,
    pub(super) select_policy: Option<Select>,
    pub(super) policies: Option<Vec<Policy>>,
    pub(super) tolerance: Option<Amount>,
}

#[derive(Debug, Deserialize)]
pub(super) enum Select {
    Max,
    Min,
    Disabled,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Policy {
    #[serde(rename = "type")]
    pub(super) kind: PolicyKind,
    pub(super) value: u32,
    pub(super) period_seconds: u64,
}

#[derive(Debug, Deserialize)]
pub(super) enum PolicyKind {
    Pods,
    Percent,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Vertical {
    #[serde(rename = "targetRef")]
    _target: Value,
    #[serde(rename = "recommenders")]
    _recommenders: Option<Value>,
    pub(super) update_policy: Option<UpdatePolicy>,
    pub(super) resource_policy: Option<ResourcePolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePolicy {
    pub(super) update_mode: Option<UpdateMode>,
    #[serde(rename = "minReplicas")]
    _min_replicas: Option<u32>,
    #[serde(rename = "evictionRequirements")]
    _eviction_requirements: Option<Value>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
pub(super) enum UpdateMode {
    #[default]
    Recreate,
    Auto,
    Initial,
    InPlaceOrRecreate,
    InPlace,
    Off,
}

impl From<UpdateMode> for Mode {
    fn from(mode: UpdateMode) -> Self {
        match mode {
            UpdateMode::Recreate | UpdateMode::Auto => Self::Recreate,
            UpdateMode::InPlaceOrRecreate | UpdateMode::InPlace => Self::InPlace,
            UpdateMode::Initial => Self::Initial,
            UpdateMode::Off => Self::Off,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ResourcePolicy {
    #[serde(default)]
    pub(super) container_policies: Vec<ContainerPolicy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContainerPolicy {
    #[serde(rename = "containerName")]
    _container: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) min_allowed: Option<Amounts>,
    pub(super) max_allowed: Option<Amounts>,
    pub(super) controlled_resources: Option<Vec<String>>,
    #[serde(rename = "controlledValues")]
    _controlled_values: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Amounts {
    pub(super) cpu: Option<Amount>,
    pub(super) memory: Option<Amount>,
}

/// `100` and `"100"` are the same.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Amount(Quantity);

impl TryFrom<Value> for Amount {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let text = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.parse().map(Self)
    }
}

impl From<Amount> for Quantity {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}
