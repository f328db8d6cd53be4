//! `[backends.resilience]`: every number of the breaker, the throttle gate and the timeouts.

use std::time::Duration;

use inference::resilience;

use crate::config::{
    duration,
    reader::{Problem, Section},
};

use super::{millis, seconds};

pub(super) fn read_resilience(mut section: Section<'_>, default: &resilience::Config) -> resilience::Config {
    let config = resilience::Config {
        connect_timeout: section.duration(
            "connect_timeout",
            default.connect_timeout,
            millis(10)..=seconds(60),
        ),
        first_byte_timeout: section.duration(
            "first_byte_timeout",
            default.first_byte_timeout,
            millis(10)..=seconds(600),
        ),
        idle_timeout: section.duration("idle_timeout", default.idle_timeout, millis(10)..=seconds(600)),
        floor_tokens_per_second: section.integer(
            "floor_tokens_per_second",
            default.floor_tokens_per_second,
            0..=1000,
        ),
        slow_first_token: section.duration(
            "slow_first_token",
            default.slow_first_token,
            Duration::ZERO..=seconds(600),
        ),
        slow_call: section.duration("slow_call", default.slow_call, Duration::ZERO..=seconds(3600)),
        breaker: read_breaker(section.section("breaker"), &default.breaker),
        throttle: read_throttle(section.section("throttle"), &default.throttle),
    };
    section.finish();
    config
}

fn read_breaker(
    mut section: Section<'_>,
    default: &resilience::breaker::Config,
) -> resilience::breaker::Config {
    let breaker = resilience::breaker::Config {
        consecutive_failures: section.integer("consecutive_failures", default.consecutive_failures, 1..=1000),
        window: section.duration("window", default.window, seconds(1)..=seconds(3600)),
        minimum_calls: section.integer("minimum_calls", default.minimum_calls, 1..=100_000),
        failure_ratio: section.number("failure_ratio", default.failure_ratio, 0.01..=1.0),
        slow_ratio: section.number("slow_ratio", default.slow_ratio, 0.01..=1.0),
        open: section.duration("open", default.open, millis(10)..=seconds(3600)),
        open_max: section.duration("open_max", default.open_max, millis(10)..=seconds(3600)),
        jitter: section.number("jitter", default.jitter, 0.0..=0.5),
        forget_after: section.duration(
            "forget_after",
            default.forget_after,
            seconds(1)..=seconds(24 * 3600),
        ),
        trial_timeout: section.duration("trial_timeout", default.trial_timeout, millis(10)..=seconds(600)),
        trials_to_close: section.integer("trials_to_close", default.trials_to_close, 1..=100),
        ramp: section.duration("ramp", default.ramp, Duration::ZERO..=seconds(600)),
        ramp_from: section.number("ramp_from", default.ramp_from, 0.0..=1.0),
    };
    refuse_reversed(&section, ("open", breaker.open), ("open_max", breaker.open_max));
    section.finish();
    breaker
}

fn read_throttle(
    mut section: Section<'_>,
    default: &resilience::throttle::Config,
) -> resilience::throttle::Config {
    let throttle = resilience::throttle::Config {
        unknown: section.duration("unknown", default.unknown, millis(10)..=seconds(3600)),
        unknown_max: section.duration("unknown_max", default.unknown_max, millis(10)..=seconds(3600)),
        probe_every: section.duration(
            "probe_every",
            default.probe_every,
            seconds(1)..=seconds(24 * 3600),
        ),
        spill: section.flag("spill", default.spill),
        unknown_reset: section.duration("unknown_reset", default.unknown_reset, millis(10)..=seconds(3600)),
    };
    refuse_reversed(
        &section,
        ("unknown", throttle.unknown),
        ("unknown_max", throttle.unknown_max),
    );
    section.finish();
    throttle
}

/// A first time that is longer than the longest one.
fn refuse_reversed(section: &Section<'_>, first: (&str, Duration), longest: (&str, Duration)) {
    if first.1 > longest.1 {
        section.problem(Problem {
            origin: section.origin().clone(),
            key: section.path().to_owned(),
            reason: format!(
                "has `{}` ({}) above `{}` ({})",
                first.0,
                duration::format(first.1),
                longest.0,
                duration::format(longest.1)
            ),
            fix: format!("raise `{}` or lower `{}`", longest.0, first.0),
        });
    }
}
