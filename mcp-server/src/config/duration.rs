//! Durations as people write them: `250ms`, `50s`, `2m`, `1h`.

use std::time::Duration;

/// Parses `250ms`, `1.5s`, `2m` or `1h`.
///
/// # Errors
/// Says what is wrong with the text.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds_per_unit = match unit.trim() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "" => return Err(format!("has no unit: {text:?}")),
        other => return Err(format!("has an unknown unit {other:?}")),
    };
    let number: f64 = number
        .parse()
        .map_err(|_| format!("does not begin with a number: {text:?}"))?;
    Duration::try_from_secs_f64(number * seconds_per_unit).map_err(|_| format!("is too long: {text:?}"))
}

/// Writes a duration so that [`parse`] reads it back.
pub(super) fn format(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "0s".to_owned(),
        m if m % 3_600_000 == 0 => format!("{}h", m / 3_600_000),
        m if m % 60_000 == 0 => format!("{}m", m / 60_000),
        m if m % 1000 == 0 => format!("{}s", m / 1000),
        m => format!("{m}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        for (text, millis) in [
            ("50s", 50_000),
            ("250ms", 250),
            ("1.5s", 1500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("0s", 0),
        ] {
            let duration = parse(text).unwrap();
            assert_eq!(duration, Duration::from_millis(millis), "{text}");
            assert_eq!(parse(&format(duration)).unwrap(), duration, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_is_refused_with_the_reason() {
        for (text, reason) in [
            ("50", "no unit"),
            ("", "no unit"),
            ("s", "number"),
            ("50 fortnights", "unknown unit"),
            ("-5s", "unknown unit"),
            ("1.2.3s", "number"),
            ("99999999999999999999h", "too long"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
