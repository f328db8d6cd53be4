//! What people and programs read of a simulation: a table, JSON, plots.

use std::fmt::Write as _;

use anyhow::Result;

use super::{Outcome, Point, Scenario};
use crate::{
    plot::{Chart, Page, Series},
    scaling::hpa::Metric,
};

/// Lines of the table.
const LINES: usize = 25;

/// A simulation, ready to be written down.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was simulated.
    pub scenario: &'a Scenario,
    /// What came of it.
    pub outcome: &'a Outcome,
}

impl Report<'_> {
    /// For a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n\n", self.setting(), self.sums());
        let head = [
            "time",
            "calls/s",
            "azure",
            "pods",
            "ready",
            "waiting",
            "wait s",
            "refused/s",
            "cost",
        ];
        let _ = writeln!(text, "{}", head.map(|cell| format!("{cell:>10}")).join(""));
        for point in self.thinned() {
            let _ = writeln!(
                text,
                "{}",
                cells(point).map(|cell| format!("{cell:>10}")).join("")
            );
        }
        text
    }

    fn setting(&self) -> String {
        let scenario = self.scenario;
        let horizontal = &scenario.horizontal;
        let labels: Vec<String> = horizontal.metrics.iter().map(Metric::label).collect();
        let vertical = scenario.vertical.as_ref().map_or_else(
            || "no VPA".to_owned(),
            |spec| {
                let driven = [("cpu", spec.cpu.is_some()), ("memory", spec.memory.is_some())];
                let driven: Vec<&str> = driven
                    .into_iter()
                    .filter_map(|(name, is)| is.then_some(name))
                    .collect();
                format!("VPA {:?} of {}", spec.mode, driven.join(" and "))
            },
        );
        format!(
            "{}; HPA {} to {} pods on {}; {vertical}. Calls are a fluid, not events: chance is not in it.",
            scenario.shape,
            horizontal.min,
            horizontal.max,
            labels.join(", ")
        )
    }

    fn sums(&self) -> String {
        let outcome = self.outcome;
        let share = |part: f64| {
            if outcome.calls > 0.0 {
                100.0 * part / outcome.calls
            } else {
                0.0
            }
        };
        format!(
            "{:.0} calls: {:.2} % by Azure, {:.2} % by the local model, {:.2} % refused, {:.0} lost where pods ended. \
             Waits p50 {:.2} s, p95 {:.2} s, p99 {:.2} s. {} to {} pods, {:.1} pod-hours, cost {:.2}.",
            outcome.calls,
            share(outcome.by_azure),
            share(outcome.by_local),
            share(outcome.shed),
            outcome.lost,
            outcome.wait_p50_seconds,
            outcome.wait_p95_seconds,
            outcome.wait_p99_seconds,
            outcome.replicas_min,
            outcome.replicas_max,
            outcome.pod_hours,
            outcome.cost,
        )
    }

    /// Every point where the count of pods changes, or else some at equal distances.
    fn thinned(&self) -> Vec<&Point> {
        let points = &self.outcome.points;
        let mut last = None;
        let changes: Vec<&Point> = points
            .iter()
            .filter(|point| {
                last.replace((point.replicas, point.azure_is_up)) != Some((point.replicas, point.azure_is_up))
            })
            .collect();
        if (2..=2 * LINES).contains(&changes.len()) {
            return changes;
        }
        points
            .iter()
            .step_by(points.len().div_ceil(LINES).max(1))
            .collect()
    }

    /// For people who were not there.
    pub fn html(&self) -> Result<String> {
        let mut page = Page::new("Simulation of the autoscalers");
        page.paragraph(&self.setting());
        page.paragraph(&self.sums());
        for chart in self.charts() {
            page.chart(&chart)?;
        }
        Ok(page.html())
    }

    /// Pods, calls, waits, requests, cost: over the same time.
    pub fn charts(&self) -> Vec<Chart> {
        let hours = self.scenario.length.as_secs() >= 4 * 3_600;
        let (x, unit) = if hours {
            ("hours", 3_600.0)
        } else {
            ("minutes", 60.0)
        };
        let series = |label: &str, steps: bool, read: fn(&Point) -> f64| Series {
            label: label.to_owned(),
            points: self
                .outcome
                .points
                .iter()
                .map(|point| (point.seconds / unit, read(point)))
                .collect(),
            steps,
        };
        let chart = |title: &str, y: &str, series| Chart {
            title: title.to_owned(),
            x: x.to_owned(),
            y: y.to_owned(),
            series,
        };
        vec![
            chart(
                "Pods",
                "pods",
                vec![
                    series("wanted by HPA", true, |point| f64::from(point.replicas)),
                    series("ready", true, |point| f64::from(point.ready)),
                ],
            ),
            chart(
                "Calls",
                "calls a second",
                vec![
                    series("come", false, |point| point.rate),
                    series("refused", false, |point| point.shed_per_second),
                ],
            ),
            chart(
                "Waiting in all pods",
                "calls",
                vec![series("waiting", false, |point| point.waiting)],
            ),
            chart(
                "Wait in the fullest pod",
                "seconds",
                vec![series("wait", false, |point| point.wait_seconds)],
            ),
            chart(
                "Memory that a new pod requests",
                "MiB",
                vec![series("request", true, |point| point.memory_request_mib)],
            ),
            chart(
                "Cost so far",
                "currency of the prices",
                vec![series("cost", false, |point| point.cost)],
            ),
        ]
    }
}

fn cells(point: &Point) -> [String; 9] {
    let seconds = point.seconds.round();
    let (hours, minutes) = ((seconds / 3_600.0).floor(), (seconds % 3_600.0 / 60.0).floor());
    [
        format!("{hours:.0}:{minutes:02.0}:{:02.0}", seconds % 60.0),
        format!("{:.1}", point.rate),
        if point.azure_is_up { "up" } else { "away" }.to_owned(),
        point.replicas.to_string(),
        point.ready.to_string(),
        format!("{:.0}", point.waiting),
        format!("{:.2}", point.wait_seconds),
        format!("{:.1}", point.shed_per_second),
        format!("{:.2}", point.cost),
    ]
}
