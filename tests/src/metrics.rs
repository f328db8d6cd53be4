//! Reads the text that `/metrics` gives, and holds the accounts to their equation.

use std::collections::BTreeMap;

/// One scrape.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    samples: Vec<Sample>,
}

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Outcomes of calls that were admitted; `shed` ones never were.
const ENDED: [&str; 4] = ["answered", "degraded", "failed", "cancelled"];

impl Metrics {
    /// Reads the text format of Prometheus and `OpenMetrics`.
    ///
    /// # Errors
    /// Names the first line that is not of the format.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| parse_line(line).ok_or_else(|| format!("no metric: {line:?}")));
        Ok(Self {
            samples: samples.collect::<Result<_, _>>()?,
        })
    }

    /// Scrapes a server.
    ///
    /// # Panics
    /// Panics when there is no scrape to be had, or it cannot be read.
    pub async fn scrape(url: &str) -> Self {
        let response = crate::http_client()
            .get(url)
            .send()
            .await
            .expect("metrics can be reached");
        let text = response.text().await.expect("metrics are text");
        Self::parse(&text).expect("metrics are in the text format")
    }

    /// The sum of every sample of this name that has all of these labels; `None` where there is none.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let wanted = |sample: &&Sample| {
            let has =
                |(key, value): &(&str, &str)| sample.labels.get(*key).map(String::as_str) == Some(*value);
            sample.name == name && labels.iter().all(has)
        };
        let values: Vec<f64> = self
            .samples
            .iter()
            .filter(wanted)
            .map(|sample| sample.value)
            .collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// As [`Self::get`], an absent series being 0.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.get(name, labels).unwrap_or(0.0)
    }

    /// Whether any sample of this name, or of its histogram, is there.
    pub fn has(&self, name: &str) -> bool {
        let own = |sample: &Sample| {
            sample.name == name
                || sample
                    .name
                    .strip_prefix(name)
                    .is_some_and(|rest| rest == "_count")
        };
        self.samples.iter().any(own)
    }

    /// Names that occur, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.samples.iter().map(|sample| sample.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Checks that every admitted call is in exactly one place:
    /// `admitted = answered + degraded + failed + cancelled + running + waiting`.
    ///
    /// # Errors
    /// Shows both sides.
    pub fn check_equation(&self) -> Result<(), String> {
        let admitted = self
            .get("mcp_admitted_total", &[])
            .ok_or("there is no mcp_admitted_total")?;
        let mut terms: Vec<(&str, f64)> = ENDED
            .iter()
            .map(|outcome| (*outcome, self.sum("mcp_calls_total", &[("outcome", outcome)])))
            .collect();
        terms.push(("running", self.sum("mcp_requests_running", &[])));
        terms.push(("waiting", self.sum("mcp_queue_depth", &[])));
        let right: f64 = terms.iter().map(|(_, value)| value).sum();
        if (admitted - right).abs() < 0.5 {
            Ok(())
        } else {
            Err(format!("admitted {admitted} != {right} = {terms:?}"))
        }
    }

    /// As [`Self::check_equation`].
    ///
    /// # Panics
    /// Panics, showing both sides, when they differ.
    pub fn assert_equation(&self) {
        if let Err(difference) = self.check_equation() {
            panic!("calls are lost or counted twice: {difference}");
        }
    }
}

fn parse_line(line: &str) -> Option<Sample> {
    let head = line.find(['{', ' '])?;
    let name = line[..head].to_owned();
    let (labels, rest) = match line[head..].strip_prefix('{') {
        Some(inner) => parse_labels(inner)?,
        None => (BTreeMap::new(), &line[head..]),
    };
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        number => number.parse().ok()?,
    };
    Some(Sample { name, labels, value })
}

/// Reads `a="b",c="d"} ...`, and gives what follows the brace.
fn parse_labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (key, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => match characters.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (_, other) => value.push(other),
            }
        };
        labels.insert(key.to_owned(), value);
        rest = &after[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP mcp_calls_total finished\n# TYPE mcp_calls_total counter\n\
        mcp_calls_total{tool=\"a\",outcome=\"answered\"} 3\nmcp_calls_total{tool=\"b\",outcome=\"answered\"} 4.0 17\n\
        mcp_calls_total{tool=\"a \\\"x\\\", {y}\",outcome=\"failed\"} 1\nmcp_queue_depth 2\nmcp_requests_running 0\n\
        mcp_calls_total{tool=\"a\",outcome=\"shed\"} 9\nmcp_admitted_total 10\n\
        wait_seconds_bucket{le=\"+Inf\"} 5\nwait_seconds_count 5\nlimit +Inf\n# EOF\n";

    #[test]
    fn samples_are_found_by_name_and_labels() {
        let metrics = Metrics::parse(TEXT).expect("well formed");
        assert_eq!(
            metrics.get("mcp_calls_total", &[("outcome", "answered")]),
            Some(7.0)
        );
        assert_eq!(
            metrics.get("mcp_calls_total", &[("tool", "a \"x\", {y}")]),
            Some(1.0)
        );
        assert_eq!(metrics.get("mcp_calls_total", &[("outcome", "cancelled")]), None);
        assert!(metrics.get("nothing", &[]).is_none() && metrics.sum("nothing", &[]).abs() < 0.5);
        assert!(metrics.has("wait_seconds") && !metrics.has("wait"));
        assert_eq!(metrics.get("limit", &[]), Some(f64::INFINITY));
    }

    #[test]
    fn the_equation_is_held() {
        Metrics::parse(TEXT).expect("well formed").assert_equation();
        let lost =
            Metrics::parse(&TEXT.replace("admitted_total 10", "admitted_total 11")).expect("well formed");
        assert!(lost.check_equation().is_err());
        assert!(
            Metrics::parse("mcp_queue_depth 0")
                .expect("well formed")
                .check_equation()
                .is_err()
        );
    }

    #[test]
    fn nonsense_is_named() {
        for text in ["half{a=\"b} 1", "name", "name x", "name{a=\"b\"}"] {
            assert!(Metrics::parse(text).is_err(), "{text}");
        }
    }
}
