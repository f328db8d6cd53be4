//! The objects that are deployed, as texts, for tests: what is simulated is what runs in the cluster.

/// The HPA of every environment.
pub(crate) const HORIZONTAL: &str = include_str!("../../../deploy/kubernetes/base/hpa.yaml");
/// The VPA that goes with it.
pub(crate) const VERTICAL: &str = include_str!("../../../deploy/kubernetes/components/vpa/vpa.yaml");
/// What the component that keeps the architecture's letter lays over the HPA.
pub(crate) const LITERAL_PATCH: &str =
    include_str!("../../../deploy/kubernetes/components/vpa-literal/hpa.yaml");
/// The VPA of that component.
pub(crate) const LITERAL_VERTICAL: &str =
    include_str!("../../../deploy/kubernetes/components/vpa-literal/vpa.yaml");
