//! What people and programs read of a run: a table, JSON, one page.

use std::fmt::Write as _;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::{
    Plan,
    assertion::Verdict,
    record::{Record, Times, real},
};
use crate::plot::{Chart, Page, Series};

const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 50.0),
    ("p95", 95.0),
    ("p99", 99.0),
    ("p99.9", 99.9),
    ("max", 100.0),
];

/// A run, ready to be written down.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was to be done.
    pub plan: &'a Plan,
    /// What was measured.
    pub record: &'a Record,
    /// Against whom.
    pub target: &'a str,
    /// How conditions came out.
    pub verdicts: &'a [Verdict],
}

impl Report<'_> {
    /// For a terminal.
    pub fn text(&self) -> String {
        let record = self.record;
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{}, against {}\n{}\n",
            self.plan.shape,
            self.target,
            self.counts()
        );
        let _ = writeln!(
            text,
            "{:<34}{}",
            "milliseconds",
            PERCENTILES.map(|(name, _)| format!("{name:>10}")).join("")
        );
        for (name, histogram) in rows(record) {
            let cells = PERCENTILES.map(|(_, percent)| format!("{:>10.1}", milliseconds(histogram, percent)));
            let _ = writeln!(text, "{name:<34}{}", cells.join(""));
        }
        for verdict in self.verdicts {
            let _ = write!(text, "\n{verdict}");
        }
        if let Some(why) = &record.stopped {
            let _ = write!(text, "\nstopped early: {why}");
        }
        text
    }

    fn counts(&self) -> String {
        let record = self.record;
        let mut text = format!(
            "{} calls in {:.1} s: {} answered ({} by a weaker model), {} refused, {} failed; cost {:.4}",
            record.all.calls,
            record.took.as_secs_f64(),
            record.answered(),
            record.degraded,
            record.count_shed(),
            record.count_failed(),
            record.cost,
        );
        for (code, count) in record.shed.iter().chain(&record.failed) {
            let _ = write!(text, "\n  {count} {code}");
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let record = self.record;
        let times = |times: &Times| {
            let of = |histogram: &Histogram<u64>| -> Value {
                let cells = PERCENTILES
                    .map(|(name, percent)| (name.to_owned(), json!(milliseconds(histogram, percent))));
                cells.into_iter().collect::<serde_json::Map<_, _>>().into()
            };
            json!({"calls": times.calls, "total_ms": of(&times.total), "first_token_ms": of(&times.first),
                "per_token_ms": of(&times.per_token)})
        };
        let kinds: serde_json::Map<_, _> = record
            .kinds
            .iter()
            .map(|(kind, own)| (kind.clone(), times(own)))
            .collect();
        json!({
            "target": self.target, "shape": self.plan.shape.to_string(), "seed": self.plan.seed,
            "took_seconds": record.took.as_secs_f64(), "stopped": record.stopped,
            "calls": record.all.calls, "answered": record.answered(), "degraded": record.degraded,
            "shed": record.shed, "failed": record.failed, "cost": record.cost,
            "all": times(&record.all), "kinds": kinds, "assertions": self.verdicts,
            "seconds": record.seconds, "looks": record.looks,
        })
    }

    /// For people who were not there.
    pub fn html(&self) -> Result<String> {
        let record = self.record;
        let mut page = Page::new("Load test");
        page.paragraph(&format!("{}, against {}.", self.plan.shape, self.target));
        page.paragraph(&self.counts());
        page.paragraph("Times count from the moment when a call was meant to begin, whether or not the server was busy then.");
        let head: Vec<&str> = ["milliseconds"]
            .into_iter()
            .chain(PERCENTILES.map(|(name, _)| name))
            .collect();
        let table: Vec<Vec<String>> = rows(record)
            .into_iter()
            .map(|(name, histogram)| {
                let cells =
                    PERCENTILES.map(|(_, percent)| format!("{:.1}", milliseconds(histogram, percent)));
                [name].into_iter().chain(cells).collect()
            })
            .collect();
        page.table(&head, &table);
        for verdict in self.verdicts {
            page.paragraph(&verdict.to_string());
        }
        for chart in self.charts() {
            page.chart(&chart)?;
        }
        Ok(page.html())
    }

    fn charts(&self) -> Vec<Chart> {
        let of = |label: &str, read: fn(&super::record::Second) -> u64| Series {
            label: label.to_owned(),
            points: (0_u32..)
                .zip(&self.record.seconds)
                .map(|(at, second)| (f64::from(at), real(read(second))))
                .collect(),
            steps: true,
        };
        let look = |label: &str, read: fn(&super::record::Look) -> f64| Series {
            label: label.to_owned(),
            points: self
                .record
                .looks
                .iter()
                .map(|look| (look.seconds, read(look)))
                .collect(),
            steps: true,
        };
        let chart = Chart::over_seconds;
        vec![
            chart(
                "What became of the calls that began in each second",
                "calls",
                vec![
                    of("answered", |second| second.answered),
                    of("refused", |second| second.shed),
                    of("failed", |second| second.failed),
                    of("by a weaker model", |second| second.degraded),
                ],
            ),
            chart(
                "The slowest answer",
                "milliseconds",
                vec![of("slowest", |second| second.slowest_ms)],
            ),
            chart(
                "Inside the server",
                "calls",
                vec![
                    look("waiting (mcp_queue_depth)", |look| look.queue),
                    look("running", |look| look.running),
                ],
            ),
        ]
    }
}

fn rows(record: &Record) -> Vec<(String, &Histogram<u64>)> {
    let mut rows = vec![("all, total".to_owned(), &record.all.total)];
    for (kind, times) in &record.kinds {
        rows.push((format!("{kind}, total"), &times.total));
        if !times.first.is_empty() {
            rows.push((format!("{kind}, first token"), &times.first));
        }
        if !times.per_token.is_empty() {
            rows.push((format!("{kind}, per token"), &times.per_token));
        }
    }
    rows
}

fn milliseconds(histogram: &Histogram<u64>, percent: f64) -> f64 {
    real(histogram.value_at_percentile(percent)) / 1_000.0
}
