//! What holds a recommendation back: windows that wait and policies that limit the pace.

use std::time::Duration;

use super::Tolerance;
use crate::scaling::{ceil_count, whole};

/// How long the controller remembers when the object says nothing.
const DEFAULT_DOWN_WINDOW: Duration = Duration::from_mins(5);
/// No window may be longer, so that nothing older has to be kept.
const LONGEST: Duration = Duration::from_hours(1);

/// The object's `behavior`.
#[derive(Debug, Clone, PartialEq)]
pub struct Behavior {
    /// How it grows.
    pub up: Direction,
    /// How it shrinks.
    pub down: Direction,
}

/// One direction of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// How long a recommendation has to hold.
    pub window: Duration,
    /// Which of the policies counts.
    pub select: Select,
    /// The policies.
    pub policies: Vec<Policy>,
    /// How far from the target nothing happens.
    pub tolerance: f64,
}

/// Which policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// The one that allows most.
    Max,
    /// The one that allows least.
    Min,
    /// None: this direction is shut.
    Disabled,
}

/// How much may change in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What is counted.
    pub unit: Unit,
    /// How much of it.
    pub value: u32,
    /// In which time.
    pub period: Duration,
}

/// What a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Pods.
    Pods,
    /// Percent of the pods at the period's beginning.
    Percent,
}

impl Default for Behavior {
    fn default() -> Self {
        let policy = |unit, value| Policy {
            unit,
            value,
            period: Duration::from_secs(15),
        };
        let direction = |window, policies| Direction {
            window,
            select: Select::Max,
            policies,
            tolerance: Tolerance::default().up,
        };
        Self {
            up: direction(
                Duration::ZERO,
                vec![policy(Unit::Pods, 4), policy(Unit::Percent, 100)],
            ),
            down: direction(DEFAULT_DOWN_WINDOW, vec![policy(Unit::Percent, 100)]),
        }
    }
}

impl Behavior {
    pub(super) fn tolerance(&self) -> Tolerance {
        Tolerance {
            up: self.up.tolerance,
            down: self.down.tolerance,
        }
    }
}

/// What was recommended and done before.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    recommendations: Vec<(Duration, u32)>,
    added: Vec<(Duration, u32)>,
    removed: Vec<(Duration, u32)>,
}

impl History {
    /// The first sync finds the count that there is recommended.
    pub(super) fn begin(&mut self, current: u32, now: Duration) {
        if self.recommendations.is_empty() {
            self.recommendations.push((now, current));
        }
        for list in [&mut self.recommendations, &mut self.added, &mut self.removed] {
            list.retain(|(at, _)| *at + LONGEST >= now);
        }
    }

    pub(super) fn record_change(&mut self, before: u32, after: u32, now: Duration) {
        if after > before {
            self.added.push((now, after - before));
        } else if after < before {
            self.removed.push((now, before - after));
        }
    }

    /// Goes up to the lowest recommendation of the up window, and down to the highest of the down window.
    pub(super) fn stabilise(&mut self, behavior: &Behavior, current: u32, wanted: u32, now: Duration) -> u32 {
        let within = |window| {
            self.recommendations
                .iter()
                .filter(move |(at, _)| is_within(*at, window, now))
        };
        let up = within(behavior.up.window)
            .map(|(_, count)| *count)
            .fold(wanted, u32::min);
        let down = within(behavior.down.window)
            .map(|(_, count)| *count)
            .fold(wanted, u32::max);
        self.recommendations.push((now, wanted));
        current.max(up).min(down)
    }

    /// As [`Self::stabilise`] for objects without a behaviour: only the way down waits.
    pub(super) fn hold_down(&mut self, wanted: u32, now: Duration) -> u32 {
        let within = self
            .recommendations
            .iter()
            .filter(|(at, _)| is_within(*at, DEFAULT_DOWN_WINDOW, now));
        let held = within.map(|(_, count)| *count).fold(wanted, u32::max);
        self.recommendations.push((now, wanted));
        held
    }

    /// Cuts a step to what the policies allow.
    pub(super) fn limit_rate(&self, behavior: &Behavior, current: u32, wanted: u32, now: Duration) -> u32 {
        if wanted > current {
            let most = self.most(&behavior.up, current, now).max(current);
            wanted.min(most)
        } else {
            let least = self.least(&behavior.down, current, now).min(current);
            wanted.max(least)
        }
    }

    fn most(&self, up: &Direction, current: u32, now: Duration) -> u32 {
        let limits = up.policies.iter().map(|policy| {
            let start = self.at_start(policy.period, current, now);
            match policy.unit {
                Unit::Pods => start.saturating_add(policy.value),
                Unit::Percent => ceil_count(f64::from(start) * (1.0 + f64::from(policy.value) / 100.0)),
            }
        });
        match up.select {
            Select::Disabled => current,
            Select::Max => limits.max().unwrap_or(current),
            Select::Min => limits.min().unwrap_or(current),
        }
    }

    fn least(&self, down: &Direction, current: u32, now: Duration) -> u32 {
        let limits = down.policies.iter().map(|policy| {
            let start = self.at_start(policy.period, current, now);
            match policy.unit {
                Unit::Pods => start.saturating_sub(policy.value),
                Unit::Percent => {
                    let left = f64::from(start) * (1.0 - f64::from(policy.value) / 100.0);
                    u32::try_from(whole(left)).unwrap_or(0)
                }
            }
        });
        match down.select {
            Select::Disabled => current,
            Select::Max => limits.min().unwrap_or(current),
            Select::Min => limits.max().unwrap_or(current),
        }
    }

    /// The count at the beginning of a policy's period.
    fn at_start(&self, period: Duration, current: u32, now: Duration) -> u32 {
        let sum = |events: &[(Duration, u32)]| -> u32 {
            let within = events.iter().filter(|(at, _)| is_within(*at, period, now));
            within.map(|(_, count)| count).sum()
        };
        (current + sum(&self.removed)).saturating_sub(sum(&self.added))
    }
}

fn is_within(at: Duration, window: Duration, now: Duration) -> bool {
    at + window > now
}
