//! What answers cost, by backend and by tenant: as many tenants as the configuration names, within a bound.

use std::{collections::HashMap, sync::atomic::AtomicU64};

use inference::{BackendInfo, Price, TokenUsage};
use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{
    metric_definitions as definitions,
    metrics::{Labels, register},
};

/// Series that there are at most; tenants for whom none is left are counted with the others.
const SERIES: usize = 1000;
/// Whoever has no series of its own. No tenant can be called that.
pub(super) const OTHERS: &str = "(other)";

type Amount = Counter<f64, AtomicU64>;

/// What was spent so far.
pub(super) struct Spending {
    series: Family<Labels, Amount>,
    backends: HashMap<String, Spent>,
}

/// At one backend.
struct Spent {
    price: Price,
    named: HashMap<String, Amount>,
    others: Amount,
}

impl Spending {
    /// Nothing was spent, by anybody: every series exists from the start.
    pub(super) fn new(backends: &[BackendInfo], tenants: &[&str]) -> Self {
        let series = Family::<Labels, Amount>::default();
        let each = (SERIES / backends.len().max(1)).saturating_sub(1);
        let spent = |info: &BackendInfo| {
            let of = |tenant: &str| series.get_or_create_owned(&labels(info, tenant));
            Spent {
                price: info.price.clone(),
                named: tenants
                    .iter()
                    .take(each)
                    .map(|tenant| ((*tenant).to_owned(), of(tenant)))
                    .collect(),
                others: of(OTHERS),
            }
        };
        Self {
            backends: backends
                .iter()
                .map(|info| (info.name.clone(), spent(info)))
                .collect(),
            series,
        }
    }

    pub(super) fn add(&self, tenant: &str, backend: &str, usage: TokenUsage) {
        // A name that is not configured would open the label set.
        if let Some(spent) = self.backends.get(backend) {
            let series = spent.named.get(tenant).unwrap_or(&spent.others);
            series.inc_by(spent.price.amount(usage));
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        register(registry, &definitions::COST, self.series.clone());
    }
}

fn labels(info: &BackendInfo, tenant: &str) -> Labels {
    vec![
        ("backend", info.name.clone()),
        ("model", info.model.clone()),
        ("tenant", tenant.to_owned()),
        ("currency", info.price.currency.clone()),
    ]
}
