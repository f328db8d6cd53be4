//! How long a server asks us to wait, in each of the forms in which it says so.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::resilience::throttle::{Allowance, Left};

/// The longest wait that is passed on. Azure has been seen to say a day.
const LONGEST: Duration = Duration::from_hours(24);

/// The wait that a 429 asks for: `retry-after-ms`, else `retry-after`, else the latest reset of an
/// exhausted limit.
pub(super) fn throttle(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    retry_after(headers, now).or_else(|| rate_limit_reset(headers))
}

/// The wait that `retry-after-ms` or `retry-after` (seconds or a date) asks for.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let milliseconds = text(headers, "retry-after-ms").and_then(|value| seconds(value, 1000.0));
    milliseconds.or_else(|| {
        let value = text(headers, RETRY_AFTER.as_str())?;
        seconds(value, 1.0).or_else(|| {
            let until = httpdate::parse_http_date(value).ok()?;
            // The server's own clock, where it tells it: ours may be off.
            let now = text(headers, DATE.as_str())
                .and_then(|date| httpdate::parse_http_date(date).ok())
                .unwrap_or(now);
            Some(until.duration_since(now).unwrap_or_default().min(LONGEST))
        })
    })
}

/// What an answer says is left of the limits; nothing where it says nothing.
pub(super) fn allowance(headers: &HeaderMap) -> Option<Allowance> {
    let left = |remaining: &str, reset: &str| {
        let amount = text(headers, remaining)?.parse().ok()?;
        let resets_in = text(headers, reset).and_then(clock);
        Some(Left { amount, resets_in })
    };
    let allowance = Allowance {
        tokens: left("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        requests: left("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    };
    (allowance != Allowance::default()).then_some(allowance)
}

/// The wait that an error object asks for: `retry_after_ms`, which this program's own errors carry.
pub(super) fn in_body(error: &Value) -> Option<Duration> {
    let milliseconds = error.get("retry_after_ms")?.as_u64()?;
    Some(Duration::from_millis(milliseconds).min(LONGEST))
}

fn rate_limit_reset(headers: &HeaderMap) -> Option<Duration> {
    [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ]
    .into_iter()
    .filter(|(remaining, _)| {
        text(headers, remaining)
            .and_then(|value| value.parse::<f64>().ok())
            .is_some_and(|left| left <= 0.0)
    })
    .filter_map(|(_, reset)| clock(text(headers, reset)?))
    .max()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Reads a decimal number of seconds, or of parts of a second.
fn seconds(value: &str, parts_per_second: f64) -> Option<Duration> {
    // The standard parser also knows `inf`, `nan`, signs and exponents.
    if !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number: f64 = value.parse().ok()?;
    Some(Duration::try_from_secs_f64(number / parts_per_second).map_or(LONGEST, |wait| wait.min(LONGEST)))
}

/// Reads `26`, `26s`, `250ms`, `1m30.5s` or `2h0m0s`.
fn clock(value: &str) -> Option<Duration> {
    if let Some(plain) = seconds(value, 1.0) {
        return Some(plain);
    }
    let mut rest = value;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after
            .find(|character: char| !character.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(letters);
        let parts_per_second = match unit {
            "ms" => 1000.0,
            "s" => 1.0,
            "m" => 1.0 / 60.0,
            "h" => 1.0 / 3600.0,
            "d" => 1.0 / 86400.0,
            _ => return None,
        };
        total = total
            .saturating_add(seconds(number, parts_per_second)?)
            .min(LONGEST);
        rest = next;
    }
    (!value.is_empty()).then_some(total)
}
