//! What holds for each tenant's text, as the configuration has it.

use std::collections::HashMap;

use inference::{DataClass, Residency, TravelRule};

/// What callers and the configuration call data classes.
pub const DATA_CLASSES: &[(&str, DataClass)] = &[
    ("public", DataClass::Public),
    ("internal", DataClass::Internal),
    ("confidential", DataClass::Confidential),
];

/// What callers call regions.
pub const RESIDENCIES: &[(&str, Residency)] = &[("eu", Residency::Eu), ("us", Residency::Us)];

/// Looks a name up.
pub fn named<T: Copy>(known: &[(&str, T)], name: &str) -> Option<T> {
    known
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| *value)
}

/// How far each tenant's text may travel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantRules {
    /// Of tenants that are not named.
    pub default: TravelRule,
    /// Of those that are.
    pub named: HashMap<String, TravelRule>,
}

impl TenantRules {
    /// The rule for one tenant.
    pub fn of(&self, tenant: &str) -> TravelRule {
        self.named.get(tenant).copied().unwrap_or(self.default)
    }
}
