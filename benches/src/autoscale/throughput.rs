//! What one pod answers in a second while calls wait for it, measured in the very run that the simulator is held against: the
//! machine that ran it is a part of the result.

use std::{collections::HashMap, time::Duration};

use super::Setup;

/// Busy time below which a rate would be chance; what the places can do by their times stands in then.
const ENOUGH: Duration = Duration::from_secs(10);
/// The longest time that a circuit stays open, and that its load grows after closing, before time is made faster.
const SETTLES_WITHIN: Duration = Duration::from_secs(40);

/// Calls a second of one pod.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Rates {
    /// With Azure, the weaker backend beside it.
    pub together: f64,
    /// Without Azure.
    pub fallback: f64,
    /// Seconds of pods over which the first was measured; 0 where it follows from the places.
    pub together_seconds: f64,
    /// The same of the second.
    pub fallback_seconds: f64,
}

/// What a pod said of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Calls answered since it began.
    pub(super) answered: f64,
    /// Calls that wait.
    pub(super) waiting: f64,
}

/// Counts between two looks at a pod at both of which calls waited: its places were all busy.
#[derive(Debug, Default)]
pub(super) struct Throughput {
    last: HashMap<u64, (Duration, Look)>,
    with_azure: Busy,
    without: Busy,
}

#[derive(Debug, Default, Clone, Copy)]
struct Busy {
    answered: f64,
    seconds: f64,
}

impl Throughput {
    pub(super) fn see(&mut self, setup: &Setup, pod: u64, at: Duration, look: Look) {
        let Some((before, last)) = self.last.insert(pod, (at, look)) else {
            return;
        };
        if last.waiting < 1.0 || look.waiting < 1.0 {
            return;
        }
        let Some(azure_is_up) = setup.settled(before, at) else {
            return;
        };
        let busy = if azure_is_up {
            &mut self.with_azure
        } else {
            &mut self.without
        };
        busy.answered += look.answered - last.answered;
        busy.seconds += at.saturating_sub(before).as_secs_f64();
    }

    pub(super) fn rates(&self, setup: &Setup) -> Rates {
        let weaker = setup.fallback.calls_per_second();
        let (together, together_seconds) = self.with_azure.rate(setup.azure.calls_per_second() + weaker);
        let (fallback, fallback_seconds) = self.without.rate(weaker);
        Rates {
            together,
            fallback,
            together_seconds,
            fallback_seconds,
        }
    }
}

impl Busy {
    fn rate(self, by_places: f64) -> (f64, f64) {
        if self.seconds < ENOUGH.as_secs_f64() {
            (by_places, 0.0)
        } else {
            (self.answered / self.seconds, self.seconds)
        }
    }
}

impl Setup {
    /// Whether Azure was there all the time from then to then; `None` where it was not the same all the time, or circuits may
    /// not have noticed yet.
    fn settled(&self, from: Duration, to: Duration) -> Option<bool> {
        let settles = SETTLES_WITHIN / self.faster.max(1);
        let mut is_up = true;
        for outage in &self.outages {
            let touches = outage.from < to && from < outage.to + settles;
            if touches {
                let within = outage.from + settles <= from && to <= outage.to;
                is_up = within.then_some(false)?;
            }
        }
        Some(is_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        autoscale::Places,
        scaling::{deployed, manifest},
        simulate::Span,
        traffic::Shape,
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn setup() -> Setup {
        let places = |count, milliseconds| Places {
            count,
            each: Duration::from_millis(milliseconds),
        };
        Setup {
            horizontal: manifest::horizontal(deployed::HORIZONTAL).expect("an HPA"),
            sync: at(3),
            shape: Shape::Constant { rate: 1.0 },
            length: at(300),
            outages: vec![Span {
                from: at(100),
                to: at(150),
            }],
            azure: places(5, 500),
            fallback: places(2, 1_000),
            faster: 5,
            seed: 1,
        }
    }

    #[test]
    fn azure_counts_as_there_or_away_once_circuits_have_noticed() {
        let setup = setup();
        for (from, to, wanted) in [
            (0, 3, Some(true)),
            (97, 100, Some(true)),
            (98, 101, None),
            (105, 108, None),
            (108, 111, Some(false)),
            (147, 150, Some(false)),
            (148, 151, None),
            (155, 158, None),
            (158, 161, Some(true)),
        ] {
            assert_eq!(setup.settled(at(from), at(to)), wanted, "{from} to {to}");
        }
    }

    #[test]
    fn only_what_was_answered_while_calls_waited_counts() {
        let (setup, mut throughput) = (setup(), Throughput::default());
        let by_places = throughput.rates(&setup);
        assert_eq!((by_places.together, by_places.together_seconds), (12.0, 0.0));
        let mut see = |pod, second, answered, waiting| {
            throughput.see(&setup, pod, at(second), Look { answered, waiting });
        };
        // Eleven a second while somebody waits, one while nobody does; two pods.
        for pod in [1, 2] {
            for (second, answered, waiting) in [
                (3, 0.0, 0.0),
                (6, 3.0, 5.0),
                (9, 36.0, 5.0),
                (12, 69.0, 1.0),
                (15, 99.0, 0.0),
                (18, 102.0, 0.0),
            ] {
                see(pod, second, answered, waiting);
            }
        }
        // Away, and two a second; then the first seconds after its return, which count for neither.
        for (second, answered) in [(108, 200.0), (120, 224.0), (150, 284.0), (153, 300.0)] {
            see(1, second, answered, 9.0);
        }
        let rates = throughput.rates(&setup);
        assert_eq!((rates.together, rates.together_seconds), (11.0, 12.0));
        assert_eq!((rates.fallback, rates.fallback_seconds), (2.0, 42.0));
    }
}
