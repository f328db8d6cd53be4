//! How many calls come, over time: constant, a ramp, a spike, a day, or what was recorded. The load generator and the
//! simulator read the same shapes.

use std::{f64::consts::TAU, fmt, str::FromStr, time::Duration};

/// Calls a second over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Always as many.
    Constant {
        /// Calls a second.
        rate: f64,
    },
    /// From one to another, then so many.
    Ramp {
        /// At the beginning.
        from: f64,
        /// At the end.
        to: f64,
        /// How long it takes.
        over: Duration,
    },
    /// As many, and for a while many more.
    Spike {
        /// Before and after.
        base: f64,
        /// In between.
        peak: f64,
        /// When it begins.
        at: Duration,
        /// How long it lasts.
        lasting: Duration,
    },
    /// A wave: the least at its beginning, the most in its middle.
    Day {
        /// At night.
        low: f64,
        /// At noon.
        high: f64,
        /// How long a day is.
        length: Duration,
    },
    /// Points in time, and straight lines between them.
    Trace(Vec<(Duration, f64)>),
}

impl Shape {
    /// Calls a second at a time.
    pub fn rate(&self, at: Duration) -> f64 {
        match self {
            Self::Constant { rate } => *rate,
            Self::Ramp { from, to, over } => {
                let share = at.as_secs_f64() / over.as_secs_f64().max(f64::MIN_POSITIVE);
                from + (to - from) * share.min(1.0)
            }
            Self::Spike {
                base,
                peak,
                at: begin,
                lasting,
            } => {
                let inside = *begin <= at && at < *begin + *lasting;
                if inside { *peak } else { *base }
            }
            Self::Day { low, high, length } => {
                let share = at.as_secs_f64() / length.as_secs_f64().max(f64::MIN_POSITIVE);
                low + (high - low) * (1.0 - (share * TAU).cos()) / 2.0
            }
            Self::Trace(points) => on_trace(points, at),
        }
    }

    /// The most calls a second within a time, looked at second by second.
    pub fn most(&self, within: Duration) -> f64 {
        (0..=within.as_secs())
            .map(|second| self.rate(Duration::from_secs(second)))
            .fold(0.0, f64::max)
    }

    /// Reads a recorded trace: lines of `seconds,calls_per_second`, in order; a first line of words and lines with `#` are left out.
    ///
    /// # Errors
    /// Names the line that is wrong, and how it should be.
    pub fn trace(text: &str) -> Result<Self, String> {
        let mut points: Vec<(Duration, f64)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let is_head = index == 0 && line.starts_with(|first: char| first.is_ascii_alphabetic());
            if line.is_empty() || line.starts_with('#') || is_head {
                continue;
            }
            let wrong = |why: &str| {
                format!(
                    "line {}: {why}: write `seconds,calls_per_second`, such as `60,12.5`",
                    index + 1
                )
            };
            let (seconds, rate) = line.split_once(',').ok_or_else(|| wrong("there is no comma"))?;
            let at = seconds
                .trim()
                .parse()
                .map_err(|_| wrong("the first part is no number"))?;
            let at =
                Duration::try_from_secs_f64(at).map_err(|_| wrong("the time is negative or too long"))?;
            let rate = number(rate.trim()).map_err(|why| wrong(&why))?;
            if points.last().is_some_and(|(before, _)| *before >= at) {
                return Err(wrong("the time is not later than the line before"));
            }
            points.push((at, rate));
        }
        if points.is_empty() {
            return Err("the trace has no line of `seconds,calls_per_second`".to_owned());
        }
        Ok(Self::Trace(points))
    }
}

fn on_trace(points: &[(Duration, f64)], at: Duration) -> f64 {
    let after = points.partition_point(|(time, _)| *time <= at);
    let (Some(before), next) = (after.checked_sub(1).map(|index| points[index]), points.get(after)) else {
        return points.first().map_or(0.0, |(_, rate)| *rate);
    };
    let Some((time, rate)) = next else { return before.1 };
    let since = |time: Duration| time.as_secs_f64() - before.0.as_secs_f64();
    let share = since(at) / since(*time);
    before.1 + (rate - before.1) * share
}

const FORMS: &str = "constant:RATE, ramp:FROM,TO,OVER, spike:BASE,PEAK,AT,LASTING or day:LOW,HIGH[,LENGTH], \
with rates in calls a second and times such as 90s, 5m, 24h; e.g. spike:5,40,60s,2m";

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text
            .split_once(':')
            .ok_or_else(|| format!("`{text}` is no shape: write {FORMS}"))?;
        let parts: Vec<&str> = rest.split(',').map(str::trim).collect();
        let fault = |why: String| format!("{name}: {why}: write {FORMS}");
        let rate = |index: usize| number(parts[index]).map_err(fault);
        let time = |index: usize| duration(parts[index]).map_err(fault);
        match (name, parts.len()) {
            ("constant", 1) => Ok(Self::Constant { rate: rate(0)? }),
            ("ramp", 3) => Ok(Self::Ramp {
                from: rate(0)?,
                to: rate(1)?,
                over: time(2)?,
            }),
            ("spike", 4) => Ok(Self::Spike {
                base: rate(0)?,
                peak: rate(1)?,
                at: time(2)?,
                lasting: time(3)?,
            }),
            ("day", 2) => Ok(Self::Day {
                low: rate(0)?,
                high: rate(1)?,
                length: Duration::from_hours(24),
            }),
            ("day", 3) => Ok(Self::Day {
                low: rate(0)?,
                high: rate(1)?,
                length: time(2)?,
            }),
            ("constant" | "ramp" | "spike" | "day", count) => {
                Err(fault(format!("{count} parts are too many or too few")))
            }
            _ => Err(format!("`{name}` is no shape: write {FORMS}")),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant { rate } => write!(formatter, "{rate} calls/s"),
            Self::Ramp { from, to, over } => write!(formatter, "{from} to {to} calls/s over {over:?}"),
            Self::Spike {
                base,
                peak,
                at,
                lasting,
            } => {
                write!(formatter, "{base} calls/s, {peak} from {at:?} on for {lasting:?}")
            }
            Self::Day { low, high, length } => {
                write!(formatter, "{low} to {high} calls/s over a day of {length:?}")
            }
            Self::Trace(points) => write!(formatter, "a trace of {} points", points.len()),
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(format!("`{text}` must be 0 or more"))
    }
}

/// Reads `250ms`, `90s`, `1h30m`.
///
/// # Errors
/// Says how it is written.
pub fn duration(text: &str) -> Result<Duration, String> {
    // `ms` before `m`: the first that fits is taken.
    const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)];
    let wrong = || format!("`{text}` is no time: write numbers with ms, s, m or h, such as 90s or 1h30m");
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
        let (count, unit_and_more) = rest.split_at(end.ok_or_else(wrong)?);
        let count: f64 = count.parse().map_err(|_| wrong())?;
        let unit = UNITS.iter().find(|(unit, _)| unit_and_more.starts_with(unit));
        let (unit, each) = unit.ok_or_else(wrong)?;
        seconds += count * each;
        rest = &unit_and_more[unit.len()..];
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn shapes_are_read_and_give_their_rates() {
        for (text, points) in [
            ("constant:7", [(0, 7.0), (1_000, 7.0), (9_999, 7.0)]),
            ("ramp:0,10,100s", [(0, 0.0), (50, 5.0), (500, 10.0)]),
            ("spike:1,9,60s,30s", [(59, 1.0), (60, 9.0), (90, 1.0)]),
            ("day:10,30,24h", [(0, 10.0), (43_200, 30.0), (21_600, 20.0)]),
        ] {
            let shape: Shape = text.parse().expect(text);
            for (second, rate) in points {
                assert!(
                    (shape.rate(at(second)) - rate).abs() < 1e-9,
                    "{text} at {second}: {}",
                    shape.rate(at(second))
                );
            }
        }
        assert!(
            ("day:10,30"
                .parse::<Shape>()
                .expect("a day")
                .most(Duration::from_hours(24))
                - 30.0)
                .abs()
                < 1e-6
        );
    }

    #[test]
    fn times_are_read_in_one_piece_or_several() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("1.5s", 1_500),
            ("5m30s", 330_000),
            ("1h30m", 5_400_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in [
            "",
            "5",
            "s",
            "-1s",
            "1x",
            "1h30",
            "1..2s",
            "999999999999999999999h",
        ] {
            assert!(duration(text).expect_err(text).contains("1h30m"), "{text}");
        }
    }

    #[test]
    fn a_trace_is_followed_in_straight_lines() {
        let trace =
            Shape::trace("seconds,rate\n# recorded on a Monday\n10, 4\n20,8\n\n30,0\n").expect("well formed");
        for (second, rate) in [
            (0, 4.0),
            (10, 4.0),
            (15, 6.0),
            (20, 8.0),
            (25, 4.0),
            (30, 0.0),
            (99, 0.0),
        ] {
            assert!((trace.rate(at(second)) - rate).abs() < 1e-9, "{second}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_the_fix() {
        for (text, wanted) in [
            ("7", "is no shape"),
            ("square:1,2", "`square`"),
            ("constant:fast", "`fast` is no number"),
            ("constant:-1", "0 or more"),
            ("constant:NaN", "0 or more"),
            ("constant:1,2", "2 parts"),
            ("ramp:1,2,3", "`3` is no time"),
            ("spike:1,2,5s,-5s", "no time"),
        ] {
            let error = text.parse::<Shape>().expect_err(text);
            assert!(
                error.contains(wanted) && error.contains("spike:5,40"),
                "{text}: {error}"
            );
        }
        for (text, wanted) in [
            ("", "has no line"),
            ("1;2", "line 1"),
            ("1,2\n1,3", "not later"),
            ("1,x", "`x` is no number"),
            ("x\n1,2\nx,3", "line 3"),
            ("-1,2", "negative"),
        ] {
            let error = Shape::trace(text).expect_err(text);
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
