//! `[tenancy]` and `[[tenants]]`: how far each tenant's text may travel, what of it may, and how much it may use.

use std::collections::HashMap;

use inference::{DataClass, Residency, TravelRule};

use super::{
    Named, check_names, parse_name, quotas,
    redaction::{read_policy, read_secret},
};
use crate::{
    config::reader::Section,
    tenancy::{
        DATA_CLASSES, TenantRules,
        quota::{Limits, TenantLimits},
        redaction,
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
pub(super) fn read_tenants(root: &mut Section<'_>) -> (TenantRules, redaction::Config, TenantLimits) {
    let mut section = root.section("tenancy");
    let default = read_rules(&mut section, (TravelRule::default(), Limits::default()));
    let currency = quotas::read_currency(&mut section);
    let mut hidden = section.section("redaction");
    section.finish();
    let secret_file = read_secret(&mut hidden);
    let policy = read_policy(&mut hidden, &redaction::Policy::default());
    hidden.finish();
    let named = root
        .sections("tenants")
        .into_iter()
        .map(|section| read_tenant(section, default, &policy))
        .collect();
    let named = check_names(root, named, "tenants", MAX_TENANTS);
    let mut rules = TenantRules {
        default: default.0,
        named: HashMap::new(),
    };
    let mut limits = TenantLimits {
        currency,
        default: default.1,
        named: HashMap::new(),
    };
    let mut redaction = redaction::Config {
        secret_file,
        default: policy,
        named: HashMap::new(),
    };
    for Tenant {
        name,
        rules: (travel, limited),
        policy,
    } in named
    {
        rules.named.insert(name.clone(), travel);
        limits.named.insert(name.clone(), limited);
        redaction.named.extend(policy.map(|policy| (name, policy)));
    }
    (rules, redaction, limits)
}

struct Tenant {
    name: String,
    rules: Rules,
    /// What of its text is hidden, where it has a rule of its own.
    policy: Option<redaction::Policy>,
}

fn read_tenant(
    mut section: Section<'_>,
    default: Rules,
    policy: &redaction::Policy,
) -> Option<Named<Tenant>> {
    let name = section.text("name", None, String::clone, parse_name);
    if name.is_none() {
        section.missing("name", "write the tenant's id as credentials carry it");
    }
    let rules = read_rules(&mut section, default);
    let policy = section.has("redaction").then(|| {
        let mut section = section.section("redaction");
        let read = read_policy(&mut section, policy);
        section.finish();
        read
    });
    section.finish();
    let name = name?;
    let value = Tenant {
        name: name.value.clone(),
        rules,
        policy,
    };
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
