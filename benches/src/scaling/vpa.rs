//! The vertical autoscaler's recommender: a decaying histogram of what a container used, its 90th percentile, and a margin.
//!
//! CPU samples go in as they come; memory goes in as the peak of each day. A sample's weight halves every 24 hours. Buckets
//! grow by 5 %, and a percentile is its bucket's end, so a recommendation may lie up to 5 % above 1.15 times the usage.

use std::time::Duration;

use super::quantity::Quantity;

const HALF_LIFE: Duration = Duration::from_hours(24);
const MEMORY_INTERVAL: Duration = Duration::from_hours(24);
/// Peaks that count: those of eight days.
const MEMORY_INTERVALS: usize = 8;
const PERCENTILE: f64 = 0.9;
const MARGIN: f64 = 1.15;
/// A container that was killed for memory is taken to have needed so much more.
const OOM_RATIO: f64 = 1.2;
const OOM_MIN_BYTES: f64 = 104_857_600.0;
/// Never less than this for a pod.
const LEAST_CPU_CORES: f64 = 0.025;
const LEAST_MEMORY_BYTES: f64 = 262_144_000.0;

/// What a VPA object asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// What becomes of a recommendation.
    pub mode: Mode,
    /// `None` where CPU is left alone.
    pub cpu: Option<Range>,
    /// `None` where memory is left alone.
    pub memory: Option<Range>,
}

/// What becomes of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Pods are evicted and come back with it (`Recreate`, and its old name `Auto`).
    Recreate,
    /// Running pods get it (`InPlaceOrRecreate`, `InPlace`).
    InPlace,
    /// New pods get it.
    Initial,
    /// People read it.
    Off,
}

/// Bounds of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// `minAllowed`.
    pub min: Option<Quantity>,
    /// `maxAllowed`.
    pub max: Option<Quantity>,
}

impl Range {
    fn clamp(self, value: Quantity) -> Quantity {
        let value = self.min.map_or(value, |min| value.max(min));
        self.max.map_or(value, |max| value.min(max))
    }
}

/// What the containers of one workload used.
#[derive(Debug, Clone)]
pub struct Recommender {
    spec: Spec,
    cpu: Histogram,
    peaks: Vec<Peak>,
}

#[derive(Debug, Clone, Copy)]
struct Peak {
    interval: u128,
    at: Duration,
    bytes: f64,
}

impl Recommender {
    /// Knows nothing yet.
    pub fn new(spec: Spec) -> Self {
        Self {
            spec,
            cpu: Histogram::new(0.01),
            peaks: Vec::new(),
        }
    }

    /// What it asks for.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// A pod used so many cores; a sample weighs as much as the pod requests.
    pub fn saw_cpu(&mut self, now: Duration, used: Quantity, requested: Quantity) {
        self.cpu.add(used.units(), requested.units().max(0.1), now);
    }

    /// A pod held so many bytes.
    pub fn saw_memory(&mut self, now: Duration, held: Quantity) {
        let interval = now.as_nanos() / MEMORY_INTERVAL.as_nanos();
        let bytes = held.units();
        match self.peaks.last_mut().filter(|peak| peak.interval == interval) {
            Some(peak) if bytes > peak.bytes => {
                *peak = Peak {
                    interval,
                    at: now,
                    bytes,
                }
            }
            Some(_) => {}
            None => self.peaks.push(Peak {
                interval,
                at: now,
                bytes,
            }),
        }
        let surplus = self.peaks.len().saturating_sub(MEMORY_INTERVALS);
        self.peaks.drain(..surplus);
    }

    /// A pod was killed for holding more than it may.
    pub fn saw_oom(&mut self, now: Duration, held: Quantity) {
        let bytes = held.units();
        let needed = (bytes * OOM_RATIO).max(bytes + OOM_MIN_BYTES);
        self.saw_memory(now, Quantity::from_units(needed));
    }

    /// The CPU to request; `None` where it is left alone, or nothing is known.
    pub fn cpu(&self) -> Option<Quantity> {
        let range = self.spec.cpu?;
        let cores = self.cpu.percentile(PERCENTILE)? * MARGIN;
        Some(range.clamp(Quantity::from_units(cores.max(LEAST_CPU_CORES))))
    }

    /// The memory to request; `None` where it is left alone, or nothing is known.
    pub fn memory(&self) -> Option<Quantity> {
        let range = self.spec.memory?;
        let mut histogram = Histogram::new(1e7);
        for peak in &self.peaks {
            histogram.add(peak.bytes, 1.0, peak.at);
        }
        let bytes = histogram.percentile(PERCENTILE)? * MARGIN;
        Some(range.clamp(Quantity::from_units(bytes.max(LEAST_MEMORY_BYTES).round())))
    }
}

/// Weights by value. Newer samples weigh more, which is the same as older ones weighing less.
#[derive(Debug, Clone)]
struct Histogram {
    first: f64,
    weights: Vec<f64>,
    total: f64,
}

const GROWTH: f64 = 1.05;
/// Up to 1,000 cores and 1 TB, as the recommender goes.
const BUCKETS: usize = 176;

impl Histogram {
    fn new(first: f64) -> Self {
        Self {
            first,
            weights: vec![0.0; BUCKETS],
            total: 0.0,
        }
    }

    fn add(&mut self, value: f64, weight: f64, at: Duration) {
        let bucket = (0..BUCKETS - 1)
            .find(|bucket| value < self.start(bucket + 1))
            .unwrap_or(BUCKETS - 1);
        let weight = weight * (at.as_secs_f64() / HALF_LIFE.as_secs_f64()).exp2();
        self.weights[bucket] += weight;
        self.total += weight;
    }

    fn percentile(&self, share: f64) -> Option<f64> {
        if self.total <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        let reached = self.weights.iter().position(|weight| {
            sum += weight;
            sum >= share * self.total
        });
        let bucket = reached.unwrap_or(BUCKETS - 1);
        Some(self.start((bucket + 1).min(BUCKETS - 1)))
    }

    /// Where a bucket begins: the sum of a geometric series.
    fn start(&self, bucket: usize) -> f64 {
        let power = f64::from(u32::try_from(bucket).unwrap_or(u32::MAX));
        self.first * (GROWTH.powf(power) - 1.0) / (GROWTH - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: f64 = 1_073_741_824.0;

    fn spec() -> Spec {
        let range = |min: &str, max: &str| {
            Some(Range {
                min: min.parse().ok(),
                max: max.parse().ok(),
            })
        };
        Spec {
            name: "x".to_owned(),
            mode: Mode::Recreate,
            cpu: range("500m", "4"),
            memory: range("1Gi", "8Gi"),
        }
    }

    fn memory_of(bytes: f64) -> f64 {
        let mut recommender = Recommender::new(spec());
        recommender.saw_memory(Duration::ZERO, Quantity::from_units(bytes));
        recommender.memory().expect("something is known").units()
    }

    #[test]
    fn memory_is_its_peak_and_fifteen_percent() {
        for gib in [1.5, 2.0, 3.3, 4.4, 6.0] {
            let ratio = memory_of(gib * GIB) / (gib * GIB);
            assert!((1.15..1.15 * 1.05 + 0.01).contains(&ratio), "{gib} GiB: {ratio}");
        }
        assert!((memory_of(0.2 * GIB) - GIB).abs() < 1.0, "never below minAllowed");
        assert!(
            (memory_of(7.9 * GIB) - 8.0 * GIB).abs() < 1.0,
            "never above maxAllowed"
        );
    }

    #[test]
    fn a_kill_for_memory_raises_it_by_a_fifth_or_a_hundred_mebibytes() {
        for (held, needed) in [(2.0 * GIB, 2.4 * GIB), (0.95 * GIB, 0.95 * GIB * 1.2)] {
            let mut recommender = Recommender::new(spec());
            recommender.saw_oom(Duration::ZERO, Quantity::from_units(held));
            let got = recommender.memory().expect("something is known").units();
            assert!((got - memory_of(needed)).abs() < 1.0, "{held}");
        }
        let mut small = Recommender::new(spec());
        small.saw_oom(Duration::ZERO, Quantity::from_units(0.2 * GIB));
        assert!((small.peaks[0].bytes - (0.2 * GIB + OOM_MIN_BYTES)).abs() < 2.0);
    }

    #[test]
    fn cpu_is_the_ninetieth_percentile_and_old_samples_fade() {
        let mut recommender = Recommender::new(spec());
        let one = Quantity::from_milli(1_000);
        for minute in 0..100_u64 {
            let used = if minute < 85 { 1_000 } else { 2_000 };
            recommender.saw_cpu(Duration::from_mins(minute), Quantity::from_milli(used), one);
        }
        let high = recommender.cpu().expect("something is known").units();
        assert!((2.3..2.45).contains(&high), "{high}");
        // Ten days later the old peak weighs a thousandth.
        for minute in 0..100_u64 {
            let at = Duration::from_hours(240) + Duration::from_mins(minute);
            recommender.saw_cpu(at, one, one);
        }
        let low = recommender.cpu().expect("something is known").units();
        assert!((1.15..1.23).contains(&low), "{low}");
    }

    #[test]
    fn memory_forgets_after_eight_days_and_leaves_alone_what_it_must() {
        let mut recommender = Recommender::new(spec());
        recommender.saw_memory(Duration::ZERO, Quantity::from_units(6.0 * GIB));
        for day in 1..=8_u64 {
            recommender.saw_memory(Duration::from_hours(24 * day), Quantity::from_units(2.0 * GIB));
        }
        let got = recommender.memory().expect("something is known").units();
        assert!((got - memory_of(2.0 * GIB)).abs() < 1.0, "{got}");
        let left = Spec {
            cpu: None,
            memory: None,
            ..spec()
        };
        let mut recommender = Recommender::new(left);
        recommender.saw_memory(Duration::ZERO, Quantity::from_units(GIB));
        assert_eq!((recommender.cpu(), recommender.memory()), (None, None));
        assert_eq!(Recommender::new(spec()).memory(), None, "nothing is known yet");
    }
}
