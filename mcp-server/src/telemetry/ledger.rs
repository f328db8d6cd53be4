//! What is measured of tenants' budgets and of what is written down.

use std::fmt;

use futures::FutureExt;
use prometheus_client::{
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

use super::{collector::Out, metric_definitions as definitions, metrics::Labels};
use crate::accounts::Accounts;
use crate::tenancy::quota::{Moment, Money, Period};

/// Tenants whose budgets have a series of their own: those that the configuration names, and no more than this.
const TENANTS: usize = 1000;

pub(super) struct Ledger {
    accounts: Accounts,
    /// Named tenants with a budget, in alphabetical order.
    budgets: Vec<(String, Period, Money)>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    pub(super) fn new(accounts: Accounts) -> Self {
        let mut named: Vec<_> = accounts.limits().named.iter().collect();
        named.retain(|(_, limits)| limits.has_budget());
        named.sort_by_key(|(name, _)| *name);
        let budgets = named.into_iter().take(TENANTS).flat_map(|(name, limits)| {
            Period::ALL
                .into_iter()
                .filter_map(|period| Some((name.clone(), period, limits.budget(period)?)))
        });
        Self {
            budgets: budgets.collect(),
            accounts,
        }
    }

    /// The share of a budget that is spent. A state that is not at hand is left for the next scrape.
    fn used(&self, tenant: &str, period: Period, budget: Money) -> Option<f64> {
        let (today, this_month) = self
            .accounts
            .state()
            .spent(tenant, Moment::now())
            .now_or_never()?;
        let spent = match period {
            Period::Day => today,
            Period::Month => this_month,
        };
        // A budget of nothing is spent.
        Some(if budget == Money::ZERO {
            1.0
        } else {
            spent.units() / budget.units()
        })
    }
}

impl prometheus_client::collector::Collector for Ledger {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let out = &mut Out(&mut encoder);
        let alerts = self.accounts.alerts().counts().into_iter();
        out.family(
            &definitions::BUDGET_ALERTS,
            alerts.map(|(period, percent, count)| {
                let labels = vec![
                    ("period", period.as_str().to_owned()),
                    ("percent", percent.to_string()),
                ];
                (labels, ConstCounter::new(count))
            }),
        )?;
        let used = self.budgets.iter().filter_map(|(tenant, period, budget)| {
            let labels: Labels = vec![("tenant", tenant.clone()), ("period", period.as_str().to_owned())];
            Some((labels, ConstGauge::new(self.used(tenant, *period, *budget)?)))
        });
        out.family(&definitions::BUDGET_USED, used)?;
        let sharing = self.accounts.state().sharing();
        let gauge = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        out.gauge(&definitions::FLEET_SERVERS, gauge(sharing.servers()))?;
        out.gauge(&definitions::LIMITS_UNSETTLED, gauge(sharing.unsettled()))?;
        let (pending, lost) = self
            .accounts
            .journal()
            .map_or((0, 0), |journal| (journal.pending(), journal.lost()));
        out.gauge(&definitions::LEDGER_PENDING, gauge(pending))?;
        out.family(
            &definitions::LEDGER_LOST,
            [(Labels::new(), ConstCounter::new(lost))],
        )
    }
}
