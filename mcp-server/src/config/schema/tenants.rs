//! `[tenancy]` and `[[tenants]]`: how far each tenant's text may travel, and how much it may use.

use std::collections::HashMap;

use inference::{DataClass, Residency, TravelRule};

use super::{Named, check_names, parse_name, quotas};
use crate::{
    config::reader::Section,
    tenancy::{
        DATA_CLASSES, TenantRules,
        quota::{Limits, TenantLimits},
    },
};

const MAX_TENANTS: usize = 100_000;

const LEAVES: &[(&str, Option<DataClass>)] = &[
    ("nothing", None),
    ("public", Some(DataClass::Public)),
    ("internal", Some(DataClass::Internal)),
];

const RESIDENCIES: &[(&str, Residency)] = &[
    ("anywhere", Residency::Anywhere),
    ("eu", Residency::Eu),
    ("us", Residency::Us),
];

/// What holds for one tenant.
type Rules = (TravelRule, Limits);

/// Reads what holds for all tenants, and what for some.
pub(super) fn read_tenants(root: &mut Section<'_>) -> (TenantRules, TenantLimits) {
    let mut section = root.section("tenancy");
    let default = read_rules(&mut section, (TravelRule::default(), Limits::default()));
    let currency = quotas::read_currency(&mut section);
    section.finish();
    let named = root
        .sections("tenants")
        .into_iter()
        .map(|section| read_tenant(section, default))
        .collect();
    let named = check_names(root, named, "tenants", MAX_TENANTS);
    let rules = named.iter().map(|(name, (rule, _))| (name.clone(), *rule));
    let rules = TenantRules {
        default: default.0,
        named: rules.collect::<HashMap<_, _>>(),
    };
    let limits = named.into_iter().map(|(name, (_, limits))| (name, limits));
    let limits = TenantLimits {
        currency,
        default: default.1,
        named: limits.collect::<HashMap<_, _>>(),
    };
    (rules, limits)
}

fn read_tenant(mut section: Section<'_>, default: Rules) -> Option<Named<(String, Rules)>> {
    let name = section.text("name", None, String::clone, parse_name);
    if name.is_none() {
        section.missing("name", "write the tenant's id as credentials carry it");
    }
    let rules = read_rules(&mut section, default);
    section.finish();
    let name = name?;
    let value = (name.value.clone(), rules);
    Some(Named { name, value })
}

fn read_rules(section: &mut Section<'_>, (rule, limits): Rules) -> Rules {
    (read_rule(section, rule), quotas::read_limits(section, limits))
}

/// What is not written is as `default` has it.
fn read_rule(section: &mut Section<'_>, default: TravelRule) -> TravelRule {
    let data_class = section.choice("data_class", Some(default.data_class), DATA_CLASSES);
    let leaves = section.choice("leaves", Some(default.leaves), LEAVES);
    let residency = section.choice("residency", Some(default.residency), RESIDENCIES);
    TravelRule {
        data_class: data_class.map_or(default.data_class, |read| read.value),
        leaves: leaves.map_or(default.leaves, |read| read.value),
        residency: residency.map_or(default.residency, |read| read.value),
    }
}
