//! What tenants use, counted in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::numbers::Numbers;
use super::{Alert, Amount, Limits, Moment, Money, Refused, Reservation, SharedState};

/// At so many tenants, those that have used nothing lately are forgotten before another is remembered.
const SWEEP_AT: usize = 65_536;

/// Counts in this process.
#[derive(Debug, Default)]
pub struct Memory {
    tenants: Mutex<Tenants>,
}

#[derive(Debug, Default)]
struct Tenants {
    numbers: HashMap<Arc<str>, (Numbers, Limits)>,
    sweep_at: usize,
}

impl Memory {
    fn tenants(&self) -> MutexGuard<'_, Tenants> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tenants {
    fn of(&mut self, tenant: &str, limits: &Limits, now: Moment) -> &mut Numbers {
        if !self.numbers.contains_key(tenant) {
            if self.numbers.len() >= self.sweep_at.max(SWEEP_AT) {
                self.numbers
                    .retain(|_, (numbers, limits)| !numbers.is_idle(limits, now));
                // Whoever is left is in use; looked at again when there are twice as many.
                self.sweep_at = self.numbers.len() * 2;
            }
            self.numbers
                .insert(Arc::from(tenant), (Numbers::default(), *limits));
        }
        let (numbers, _) = self.numbers.get_mut(tenant).expect("inserted above");
        numbers
    }
}

#[async_trait::async_trait]
impl SharedState for Memory {
    async fn reserve(
        &self,
        tenant: &str,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Result<Reservation, Box<Refused>> {
        let standing = self.tenants().of(tenant, limits, now).reserve(limits, ask, now)?;
        Ok(Reservation {
            amount: ask,
            standing,
            number: 0,
        })
    }

    async fn settle(
        &self,
        tenant: &str,
        limits: &Limits,
        reserved: Reservation,
        used: Amount,
        now: Moment,
    ) -> Vec<Alert> {
        let mut tenants = self.tenants();
        tenants
            .of(tenant, limits, now)
            .settle(limits, reserved.amount, used, now)
    }

    async fn add_spent(&self, tenant: &str, today: Money, this_month: Money, now: Moment) {
        let mut tenants = self.tenants();
        tenants
            .of(tenant, &Limits::default(), now)
            .add_spent(today, this_month, now);
    }

    async fn spent(&self, tenant: &str, now: Moment) -> (Money, Money) {
        let tenants = self.tenants();
        let found = tenants.numbers.get(tenant);
        found.map_or((Money::ZERO, Money::ZERO), |(numbers, _)| numbers.spent(now))
    }
}
