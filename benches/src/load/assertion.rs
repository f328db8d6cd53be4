//! What a run has to meet: `p99<500ms`, `first.p95<=300ms`, `errors<0.1%`, `rate>50`.

use std::{fmt, str::FromStr, time::Duration};

use super::record::{Record, Times, real};
use crate::traffic;

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    text: String,
    kind: Option<String>,
    measure: Measure,
    comparison: Comparison,
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Measure {
    /// A percentile, in seconds.
    Time(Which, f64),
    Errors,
    Shed,
    Degraded,
    /// Answers a second.
    Rate,
    Cost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Total,
    First,
    PerToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// How a condition came out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// The condition.
    pub condition: String,
    /// What was measured; `None` where nothing was.
    pub measured: Option<f64>,
    /// Whether it holds. Where nothing was measured it does not.
    pub holds: bool,
}

impl Assertion {
    /// Holds it against a run.
    pub fn judge(&self, record: &Record) -> Verdict {
        let measured = self.measure(record);
        let holds = measured.is_some_and(|value| match self.comparison {
            Comparison::Less => value < self.limit,
            Comparison::LessOrEqual => value <= self.limit,
            Comparison::More => value > self.limit,
            Comparison::MoreOrEqual => value >= self.limit,
        });
        Verdict {
            condition: self.text.clone(),
            measured,
            holds,
        }
    }

    fn measure(&self, record: &Record) -> Option<f64> {
        let times: &Times = match &self.kind {
            Some(kind) => record.kinds.get(kind)?,
            None => &record.all,
        };
        let any = record.all.calls > 0;
        match self.measure {
            Measure::Time(which, percent) => {
                let histogram = match which {
                    Which::Total => &times.total,
                    Which::First => &times.first,
                    Which::PerToken => &times.per_token,
                };
                (!histogram.is_empty()).then(|| real(histogram.value_at_percentile(percent)) / 1e6)
            }
            Measure::Errors => any.then(|| record.share(record.count_failed())),
            Measure::Shed => any.then(|| record.share(record.count_shed())),
            Measure::Degraded => any.then(|| record.share(record.degraded)),
            Measure::Rate => any.then(|| real(record.answered()) / record.took.as_secs_f64().max(1e-9)),
            Measure::Cost => any.then_some(record.cost),
        }
    }
}

const FORMS: &str = "write [KIND.][first.|token.]p50|p95|p99|p99.9|max<TIME, errors|shed|degraded<PERCENT%, rate>CALLS or \
cost<AMOUNT; e.g. 'p99<500ms', 'chat.first.p95<300ms', 'errors<0.1%'";

impl FromStr for Assertion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = |why: &str| format!("`{text}`: {why}: {FORMS}");
        let at = text.find(['<', '>']).ok_or_else(|| fault("there is no < or >"))?;
        let (left, right) = text.split_at(at);
        let (comparison, right) = match (
            right.strip_prefix("<="),
            right.strip_prefix(">="),
            right.strip_prefix('<'),
        ) {
            (Some(right), _, _) => (Comparison::LessOrEqual, right),
            (_, Some(right), _) => (Comparison::MoreOrEqual, right),
            (_, _, Some(right)) => (Comparison::Less, right),
            _ => (Comparison::More, &right[1..]),
        };
        let (kind, measure) = measure(left.trim()).ok_or_else(|| fault("the left side is unknown"))?;
        let right = right.trim();
        let limit = match measure {
            Measure::Time(..) => traffic::duration(right)
                .map(|time: Duration| time.as_secs_f64())
                .ok(),
            Measure::Errors | Measure::Shed | Measure::Degraded => right
                .strip_suffix('%')
                .and_then(|percent| percent.trim().parse::<f64>().ok())
                .map(|percent| percent / 100.0),
            Measure::Rate | Measure::Cost => right.parse().ok(),
        };
        let limit = limit
            .filter(|limit| limit.is_finite())
            .ok_or_else(|| fault("the right side has another unit, or none"))?;
        Ok(Self {
            text: text.to_owned(),
            kind,
            measure,
            comparison,
            limit,
        })
    }
}

fn measure(text: &str) -> Option<(Option<String>, Measure)> {
    let whole = match text {
        "errors" => Some(Measure::Errors),
        "shed" => Some(Measure::Shed),
        "degraded" => Some(Measure::Degraded),
        "rate" => Some(Measure::Rate),
        "cost" => Some(Measure::Cost),
        _ => None,
    };
    if let Some(measure) = whole {
        return Some((None, measure));
    }
    // `p99.9` has a point of its own.
    let at = text.rfind("max").or_else(|| {
        text.rfind('p')
            .filter(|at| *at == 0 || text[..*at].ends_with('.'))
    })?;
    let (before, percentile) = text.split_at(at);
    let percent = match percentile {
        "max" => 100.0,
        other => other[1..]
            .parse()
            .ok()
            .filter(|percent| (0.0..=100.0).contains(percent))?,
    };
    let mut parts: Vec<&str> = before.split_terminator('.').collect();
    let which = match parts.last() {
        Some(&"first") => Which::First,
        Some(&"token") => Which::PerToken,
        _ => Which::Total,
    };
    if which != Which::Total {
        parts.pop();
    }
    match parts.as_slice() {
        [] => Some((None, Measure::Time(which, percent))),
        [kind] if !kind.is_empty() => Some((Some((*kind).to_owned()), Measure::Time(which, percent))),
        _ => None,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = if self.holds { "holds" } else { "FAILS" };
        match self.measured {
            Some(measured) => write!(formatter, "{holds}  {}  (measured {measured:.4})", self.condition),
            None => write!(formatter, "{holds}  {}  (nothing was measured)", self.condition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::call::{Ended, Sample};

    fn record() -> Record {
        let mut record = Record::new();
        for index in 1..=100_u64 {
            let ended = match index {
                100 => Ended::Failed("x".to_owned()),
                91..=99 => Ended::Degraded,
                _ => Ended::Answered,
            };
            record.add(&Sample {
                kind: "chat".to_owned(),
                began: Duration::from_millis(index),
                first: Some(Duration::from_millis(index / 2)),
                total: Duration::from_millis(index),
                tokens: 11,
                cost: 0.01,
                ended,
            });
        }
        record.took = Duration::from_secs(10);
        record
    }

    #[test]
    fn conditions_hold_or_fail_by_what_was_measured() {
        let record = record();
        for (text, holds) in [
            ("p99<500ms", true),
            ("p50<49ms", false),
            ("p50 <= 51ms", true),
            ("chat.first.p99<40ms", false),
            ("chat.first.p99<60ms", true),
            ("token.p99<5.1ms", true),
            ("max<99ms", false),
            ("p99.9<=100ms", true),
            ("errors<1%", false),
            ("errors<=1%", true),
            ("degraded>5%", true),
            ("shed<0.1%", true),
            ("rate>9", true),
            ("rate>=10", false),
            ("cost<0.5", false),
            ("summarize_text.p99<1h", false),
        ] {
            let verdict = text.parse::<Assertion>().expect(text).judge(&record);
            assert_eq!(verdict.holds, holds, "{verdict}");
        }
        let nothing = "p99<1h"
            .parse::<Assertion>()
            .expect("well formed")
            .judge(&Record::new());
        assert!(!nothing.holds && nothing.to_string().contains("nothing was measured"));
    }

    #[test]
    fn what_is_no_condition_is_named_with_the_forms_there_are() {
        for text in [
            "",
            "p99",
            "p99<",
            "p99<5",
            "p101<1s",
            "q<1s",
            "errors<1",
            "rate>5%",
            "a.b.p99<1s",
            ".p99<1s",
            "p99=1s",
        ] {
            let error = text.parse::<Assertion>().expect_err(text);
            assert!(error.contains("p99<500ms"), "{error}");
        }
    }
}
