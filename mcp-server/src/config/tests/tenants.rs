//! `[tenancy]` and `[[tenants]]`: what holds for all, and what differs for one.

use inference::{DataClass, Residency, TravelRule};

use super::*;
use crate::tenancy::quota::Money;

#[test]
fn a_tenant_differs_from_the_others_in_what_is_written_only() {
    let text = "[tenancy]\nresidency = \"eu\"\nleaves = \"public\"\n[[tenants]]\nname = \"acme\"\nleaves = \"internal\"\n";
    let rules = Case::file(text).load().config.mcp.tenants;
    let others = TravelRule {
        data_class: DataClass::Internal,
        leaves: Some(DataClass::Public),
        residency: Residency::Eu,
    };
    let acme = TravelRule {
        leaves: Some(DataClass::Internal),
        ..others
    };
    assert_eq!((rules.of("acme"), rules.of("anybody")), (acme, others));
}

#[test]
fn a_tenant_s_limits_differ_in_what_is_written_only() {
    let text = "[tenancy]\nrequests_per_minute = 60\nbudget_month = 10\n\
                [[tenants]]\nname = \"acme\"\nbudget_month = 2.5\nconcurrent_calls = 3\n";
    let limits = Case::file(text).load().config.limits;
    let others = *limits.of("anybody");
    assert_eq!(others.requests_per_minute, Some(60));
    assert_eq!(others.budget_month.map(Money::units), Some(10.0));
    assert_eq!((others.budget_day, others.concurrent_calls), (None, None));
    let acme = *limits.of("acme");
    assert_eq!(acme.requests_per_minute, Some(60));
    assert_eq!(acme.budget_month.map(Money::units), Some(2.5));
    assert_eq!(acme.concurrent_calls, Some(3));
    assert!(
        !empty().load().config.limits.of("anybody").is_limited(),
        "nothing is limited unless written"
    );
}
