//! Tells when budgets are nearly spent: a line in the log, and a count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::tenancy::quota::{ALERTS, Alert, Period};

/// Counts of alerts, by period and share. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    counts: Arc<[[AtomicU64; ALERTS.len()]; Period::ALL.len()]>,
}

impl Alerts {
    pub(crate) fn tell(&self, tenant: &str, alert: Alert) {
        let Alert {
            period,
            percent,
            spent,
            budget,
        } = alert;
        tracing::warn!(
            tenant,
            %period,
            percent,
            %spent,
            %budget,
            "the budget of a tenant is {}",
            if percent < 100 { "nearly spent" } else { "spent" }
        );
        if let Some(count) = self.count(period, percent) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count(&self, period: Period, percent: u8) -> Option<&AtomicU64> {
        let period = Period::ALL.iter().position(|known| *known == period)?;
        let share = ALERTS.iter().position(|known| *known == percent)?;
        self.counts.get(period)?.get(share)
    }

    /// Every count, zeros included.
    pub fn counts(&self) -> Vec<(Period, u8, u64)> {
        let all = Period::ALL.into_iter();
        all.flat_map(|period| ALERTS.map(|percent| (period, percent)))
            .map(|(period, percent)| {
                let count = self.count(period, percent);
                (
                    period,
                    percent,
                    count.map_or(0, |count| count.load(Ordering::Relaxed)),
                )
            })
            .collect()
    }
}
