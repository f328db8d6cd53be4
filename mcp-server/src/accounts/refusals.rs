//! Refusals at the door, in the audit trail. Bounded: whoever is refused can ask again as fast as it wants, at no cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many are written down in a minute: of one tenant, and of all.
const TENANT_MAX: u32 = 60;
const ALL_MAX: u32 = 600;
const WINDOW: Duration = Duration::from_mins(1);

/// Counts what was written down in this minute.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Option<Window>>);

#[derive(Debug)]
struct Window {
    began: Instant,
    /// At most as many as are written down of all.
    tenants: HashMap<Arc<str>, u32>,
    written: u32,
    left_out: u64,
}

impl Refusals {
    /// Whether one more is written down.
    pub(super) fn admit(&self, tenant: &Arc<str>, now: Instant) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |window: &Window| now.saturating_duration_since(window.began) >= WINDOW;
        if let Some(over) = window.take_if(|window| is_over(window))
            && over.left_out > 0
        {
            let count = over.left_out;
            tracing::warn!(target: "security", count, "refused calls were too many to be written down one by one");
        }
        let window = window.get_or_insert_with(|| Window {
            began: now,
            tenants: HashMap::new(),
            written: 0,
            left_out: 0,
        });
        let of_tenant = window.tenants.get(tenant).copied().unwrap_or_default();
        if window.written >= ALL_MAX || of_tenant >= TENANT_MAX {
            window.left_out += 1;
            return false;
        }
        window.written += 1;
        window.tenants.insert(Arc::clone(tenant), of_tenant + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tenant_and_all_together_are_bounded_a_minute() {
        let refusals = Refusals::default();
        let now = Instant::now();
        let admitted = |tenant: &str, times: u32, now| {
            let tenant = Arc::from(tenant);
            (0..times).filter(|_| refusals.admit(&tenant, now)).count()
        };
        assert_eq!(admitted("noisy", 1000, now), TENANT_MAX as usize);
        assert_eq!(admitted("quiet", 1, now), 1, "another tenant is not left out");
        let all: usize = (0..100).map(|n| admitted(&format!("t{n}"), 60, now)).sum();
        assert_eq!(all + 61, ALL_MAX as usize);
        assert_eq!(admitted("noisy", 1, now + WINDOW), 1, "a new minute");
    }
}
