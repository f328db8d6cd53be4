//! When each call begins: the traffic's shape, cut into arrivals.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{
    Plan,
    mix::{Ask, Mix},
};
use crate::traffic::Shape;

/// Between two looks at the shape.
const STEP: Duration = Duration::from_millis(10);

/// One call to come.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When it is meant to begin.
    pub at: Duration,
    /// What it asks.
    pub ask: Ask,
}

/// Arrivals in order, the same ones for the same seed.
#[derive(Debug)]
pub struct Schedule {
    shape: Shape,
    length: Duration,
    left: usize,
    mix: Mix,
    evenly: bool,
    random: StdRng,
    now: Duration,
    /// How many calls are still to come before the next one: below 1 where they are evenly spaced.
    until: f64,
}

impl Schedule {
    /// Begins at the beginning.
    pub fn new(plan: &Plan) -> Self {
        let mut schedule = Self {
            shape: plan.shape.clone(),
            length: plan.length,
            left: plan.calls_max,
            mix: plan.mix.clone(),
            evenly: plan.evenly,
            random: StdRng::seed_from_u64(plan.seed),
            now: Duration::ZERO,
            until: 0.0,
        };
        schedule.until = schedule.gap();
        schedule
    }

    /// In units of the mean distance: exponential where arrivals are independent of each other.
    fn gap(&mut self) -> f64 {
        if self.evenly {
            1.0
        } else {
            let uniform: f64 = self.random.random();
            -(1.0 - uniform).ln()
        }
    }
}

impl Iterator for Schedule {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.left == 0 {
            return None;
        }
        while self.now < self.length {
            let rate = self.shape.rate(self.now);
            let within = rate * STEP.as_secs_f64();
            if within >= self.until && rate > 0.0 {
                let into = Duration::from_secs_f64(self.until / rate);
                let at = self.now + into;
                // The rest of this step is looked at anew from here.
                self.now = at;
                self.until = self.gap();
                self.left -= 1;
                let ask = self.mix.draw(&mut self.random);
                return (at < self.length).then_some(Arrival { at, ask });
            }
            self.until -= within;
            self.now += STEP;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(shape: &str, evenly: bool) -> Plan {
        Plan {
            shape: shape.parse().expect(shape),
            length: Duration::from_secs(100),
            calls_max: 1_000_000,
            in_flight_max: 1,
            mix: Mix::default(),
            evenly,
            seed: 7,
            cost_max: None,
        }
    }

    fn times(plan: &Plan) -> Vec<f64> {
        Schedule::new(plan)
            .map(|arrival| arrival.at.as_secs_f64())
            .collect()
    }

    #[test]
    fn as_many_calls_come_as_the_shape_says_and_in_order() {
        for (shape, wanted) in [
            ("constant:50", 5_000.0),
            ("ramp:0,100,100s", 5_000.0_f64),
            ("spike:0,100,50s,10s", 1_000.0),
        ] {
            for evenly in [true, false] {
                let times = times(&plan(shape, evenly));
                let count = f64::from(u32::try_from(times.len()).expect("few"));
                let allowed: f64 = if evenly { 2.0 } else { 4.0 * wanted.sqrt() };
                assert!((count - wanted).abs() <= allowed, "{shape}: {count}");
                assert!(times.is_sorted() && times.last().is_some_and(|last| *last < 100.0));
            }
        }
    }

    #[test]
    fn even_arrivals_have_one_distance_and_random_ones_a_seed() {
        let even = times(&plan("constant:20", true));
        assert!(even.windows(2).all(|two| (two[1] - two[0] - 0.05).abs() < 1e-6));
        let random = plan("constant:20", false);
        assert_eq!(times(&random), times(&random));
        assert_ne!(
            times(&random),
            times(&Plan {
                seed: 8,
                ..random.clone()
            })
        );
        assert_eq!(
            times(&Plan {
                calls_max: 3,
                ..random
            })
            .len(),
            3
        );
        assert!(times(&plan("constant:0", true)).is_empty());
    }
}
