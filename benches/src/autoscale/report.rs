//! What the live proof leaves: a page for `docs/`, its plots, and the figures.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Proof, Setup};
use crate::{
    load::report::Report as LoadReport,
    plot::{Chart, Series},
    scaling::hpa::Metric,
};

/// A proof, ready to be written down.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was tried.
    pub setup: &'a Setup,
    /// What came of it.
    pub proof: &'a Proof,
    /// How many times faster than the deployed object.
    pub faster: u32,
}

/// What has to hold.
#[derive(Debug, Clone)]
pub struct Claim {
    /// In words.
    pub text: String,
    /// Whether it does.
    pub holds: bool,
}

impl Report<'_> {
    /// What the run shows, or does not.
    pub fn claims(&self) -> Vec<Claim> {
        let Proof {
            points,
            record,
            agreement,
            ..
        } = self.proof;
        let counts = || points.iter().map(|point| point.replicas);
        let (min, max) = (self.setup.horizontal.min, self.setup.horizontal.max);
        let (most, last) = (counts().max().unwrap_or(0), counts().next_back().unwrap_or(0));
        let claim = |text: String, holds| Claim { text, holds };
        vec![
            claim(
                format!(
                    "no call failed or was refused: {} of {} were answered",
                    record.answered(),
                    record.all.calls
                ),
                record.answered() == record.all.calls && record.all.calls > 0,
            ),
            claim(format!("{most} pods at most, of {min} to {max}"), most == max),
            claim(format!("{last} pods at the end"), last == min),
            claim(
                format!(
                    "{} pods drained, {} of them not in order",
                    self.proof.drained, self.proof.ended_badly
                ),
                self.proof.drained > 0 && self.proof.ended_badly == 0,
            ),
            claim(
                format!(
                    "up to one decision of time aside, the simulator differs by {} replicas at most (at {:.0} s); it agrees to the decision in {:.0} % of them",
                    agreement.worst,
                    agreement.worst_at_seconds,
                    agreement.same * 100.0
                ),
                agreement.worst <= 1,
            ),
        ]
    }

    /// For a terminal and for `docs/`.
    pub fn markdown(&self, plots: &[&str]) -> String {
        let mut text = String::from("# Autoscaling, live\n\nWritten by `mcp-loadtest autoscale`. ");
        let _ = writeln!(text, "{}\n", self.method());
        for claim in self.claims() {
            let _ = writeln!(
                text,
                "- {}: {}.",
                if claim.holds { "holds" } else { "**does not hold**" },
                claim.text
            );
        }
        text.push('\n');
        for plot in plots {
            let _ = writeln!(text, "![plot]({plot})\n");
        }
        let _ = writeln!(
            text,
            "| s | calls/s | Azure | pods wanted | simulated | ready | waiting | running |\n|---|---|---|---|---|---|---|---|"
        );
        let mut last = None;
        for (index, point) in self.proof.points.iter().enumerate() {
            let told = self.proof.agreement.simulated.get(index).map(|(_, count)| *count);
            if last.replace((point.replicas, told)) == Some((point.replicas, told)) {
                continue;
            }
            let at = std::time::Duration::from_secs_f64(point.seconds);
            let is_away = self
                .setup
                .outages
                .iter()
                .any(|outage| outage.from <= at && at < outage.to);
            let _ = writeln!(
                text,
                "| {:.0} | {:.0} | {} | {} | {} | {} | {:.0} | {:.0} |",
                point.seconds,
                self.setup.shape.rate(at),
                if is_away { "away" } else { "up" },
                point.replicas,
                told.map_or_else(|| "-".to_owned(), |count| count.to_string()),
                point.ready,
                point.waiting,
                point.running,
            );
        }
        let load = LoadReport {
            plan: &self.proof.plan,
            record: &self.proof.record,
            target: "the front",
            verdicts: &[],
        };
        let _ = writeln!(text, "\nWhat the callers saw:\n\n```\n{}```", load.text());
        text
    }

    fn method(&self) -> String {
        let setup = self.setup;
        let labels: Vec<String> = setup.horizontal.metrics.iter().map(Metric::label).collect();
        let spans: Vec<String> = setup
            .outages
            .iter()
            .map(|outage| {
                format!(
                    "{:.0} s to {:.0} s",
                    outage.from.as_secs_f64(),
                    outage.to.as_secs_f64()
                )
            })
            .collect();
        let away = if spans.is_empty() {
            "never".to_owned()
        } else {
            format!("from {}", spans.join(", "))
        };
        let rates = self.proof.rates;
        let over = |seconds: f64| {
            if seconds > 0.0 {
                format!(" (over {seconds:.0} pod-seconds)")
            } else {
                " (by its places: too few waited to measure it)".to_owned()
            }
        };
        format!(
            "Real server processes are the pods, behind a round-robin front; the HPA's algorithm reads their `/metrics` every \
             {:?}. Time runs {} times as fast as in the object: windows and periods are divided by that. HPA: {} to {} pods on {}; \
             the target of the queue is scaled down so that one machine can fill it. Azure is a fake with {} places a pod and \
             {:?} an answer, so {:.1} calls/s a pod; the weaker model is a fake, too, with {} places and {:?}, so {:.1} calls/s, and \
             takes no CPU from the pods beside it. Traffic: {}, evenly spaced. Azure was away {away}. While \
             calls waited for it, a pod answered {:.2} calls/s{}, and {:.2} without Azure{}. A pod was ready {:.1} s after its \
             start, the mean. These three figures of this run the simulator was told; everything else it knows from the lines above.",
            setup.sync,
            self.faster,
            setup.horizontal.min,
            setup.horizontal.max,
            labels.join(" and "),
            setup.azure.count,
            setup.azure.each,
            setup.azure.calls_per_second(),
            setup.fallback.count,
            setup.fallback.each,
            setup.fallback.calls_per_second(),
            setup.shape,
            rates.together,
            over(rates.together_seconds),
            rates.fallback,
            over(rates.fallback_seconds),
            self.proof.start.as_secs_f64(),
        )
    }

    fn charts(&self) -> [(&'static str, Chart); 2] {
        let live = |label: &str, read: fn(&super::LivePoint) -> f64| Series {
            label: label.to_owned(),
            points: self
                .proof
                .points
                .iter()
                .map(|point| (point.seconds, read(point)))
                .collect(),
            steps: true,
        };
        let simulated = Series {
            label: "simulated".to_owned(),
            points: self
                .proof
                .agreement
                .simulated
                .iter()
                .map(|(at, count)| (*at, f64::from(*count)))
                .collect(),
            steps: true,
        };
        let chart = Chart::over_seconds;
        let pods = vec![
            live("wanted, live", |point| f64::from(point.replicas)),
            simulated,
            live("ready, live", |point| f64::from(point.ready)),
        ];
        let calls = vec![
            live("waiting", |point| point.waiting),
            live("running", |point| point.running),
        ];
        [
            ("autoscaling-live-pods.svg", chart("Pods", "pods", pods)),
            (
                "autoscaling-live-calls.svg",
                chart("Calls in all pods", "calls", calls),
            ),
        ]
    }

    /// The figures.
    pub fn json(&self) -> Value {
        let Proof {
            points, agreement, ..
        } = self.proof;
        let claims: Vec<Value> = self
            .claims()
            .iter()
            .map(|claim| json!({"claim": claim.text, "holds": claim.holds}))
            .collect();
        json!({"method": self.method(), "claims": claims, "points": points, "agreement": agreement,
            "rates": self.proof.rates, "pod_start_seconds": self.proof.start.as_secs_f64()})
    }

    /// Writes page, plots and figures into a folder.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let put = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| path.display().to_string())
        };
        let charts = self.charts();
        for (name, chart) in &charts {
            put(name, &chart.svg()?)?;
        }
        put(
            "autoscaling-live.md",
            &self.markdown(&charts.each_ref().map(|(name, _)| *name)),
        )?;
        put(
            "autoscaling-live.json",
            &(serde_json::to_string_pretty(&self.json())? + "\n"),
        )
    }
}
