//! How long something usually takes: the last few times, and what nearly all of them stayed under.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Times that are remembered.
const REMEMBERED: usize = 128;
/// Times that must be known before anything is said.
const ENOUGH: usize = 20;

/// The last few times that something took.
///
/// ```
/// use std::time::Duration;
/// use inference::resilience::latency::Latency;
///
/// let latency = Latency::default();
/// (1..=100).for_each(|ms| latency.record(Duration::from_millis(ms)));
/// assert_eq!(latency.quantile(0.95), Some(Duration::from_millis(95)));
/// ```
#[derive(Default)]
pub struct Latency {
    times: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    ring: Vec<Duration>,
    next: usize,
}

impl Latency {
    /// Remembers one time.
    pub fn record(&self, took: Duration) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        if times.ring.len() < REMEMBERED {
            times.ring.push(took);
        } else {
            let next = times.next;
            times.ring[next] = took;
            times.next = (next + 1) % REMEMBERED;
        }
    }

    /// The time under which this share of the last times stayed; `None` while too few are known.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let mut ring = {
            let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.ring.clone()
        };
        if ring.len() < ENOUGH {
            return None;
        }
        // At most 128 entries, and asked for a few times a second: a whole sort would do, a partial one is free.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index below 128"
        )]
        let index = ((ring.len() as f64 * share.clamp(0.0, 1.0)).ceil() as usize).clamp(1, ring.len()) - 1;
        Some(*ring.select_nth_unstable(index).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_times_count_and_few_say_nothing() {
        let latency = Latency::default();
        let ms = Duration::from_millis;
        for _ in 0..ENOUGH - 1 {
            latency.record(ms(900));
        }
        assert_eq!(latency.quantile(0.5), None);
        for _ in 0..REMEMBERED {
            latency.record(ms(5));
        }
        assert_eq!(latency.quantile(1.0), Some(ms(5)), "the slow ones are forgotten");
    }
}
