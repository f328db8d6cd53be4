//! What a run is written down as: one line of JSON for each cell, into the file that `CHAOS_REPORT` names.

use std::{collections::BTreeMap, io::Write as _, time::Duration};

use serde::Serialize;

use tests::{fake_azure::FakeAzure, metrics::Metrics};

use crate::callers::{End, Face, Seen};

/// What came of one cell of the matrix, or of one phase of a longer run.
#[derive(Debug, Serialize)]
pub(crate) struct CellReport {
    pub(crate) fault: &'static str,
    pub(crate) face: &'static str,
    pub(crate) callers: usize,
    pub(crate) calls: usize,
    /// Calls by how they ended: `azure`, `local (reason)`, `error code`.
    pub(crate) ends: BTreeMap<String, usize>,
    pub(crate) median_ms: u128,
    pub(crate) p99_ms: u128,
    /// Requests that the fake saw.
    pub(crate) requests_upstream: u64,
    /// Attempts against each backend, as the server counts them.
    pub(crate) attempts: BTreeMap<&'static str, u64>,
    /// From the end of the fault to the first answer of Azure; absent where it was not waited for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovery_ms: Option<u128>,
}

impl CellReport {
    pub(crate) fn of(fault: &'static str, face: Face, callers: usize, seen: &[Seen]) -> Self {
        let mut ends = BTreeMap::new();
        for seen in seen {
            *ends.entry(describe(&seen.end)).or_default() += 1;
        }
        Self {
            fault,
            face: face.name(),
            callers,
            calls: seen.len(),
            ends,
            median_ms: percentile(seen, 50).as_millis(),
            p99_ms: percentile(seen, 99).as_millis(),
            requests_upstream: 0,
            attempts: BTreeMap::new(),
            recovery_ms: None,
        }
    }

    /// Adds who was asked how often.
    pub(crate) fn count(mut self, fake: &FakeAzure, metrics: &Metrics) -> Self {
        self.requests_upstream = fake.stats().requests;
        for backend in ["azure", "local"] {
            let attempts = metrics.sum("llm_attempts_total", &[("backend", backend)]);
            self.attempts.insert(backend, whole(attempts));
        }
        self
    }

    /// Adds the line, where a report is wanted.
    pub(crate) fn write(&self) {
        let line = serde_json::to_string(self).expect("plain data");
        println!("{line}");
        let Some(path) = std::env::var_os("CHAOS_REPORT") else {
            return;
        };
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        written.expect("CHAOS_REPORT names a file that can be written");
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a counter, far below the limits of u64"
)]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

/// Whether somebody wants a report, and so the slow measurements that only it needs.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os("CHAOS_REPORT").is_some()
}

fn describe(end: &End) -> String {
    match end {
        End::Answered(answer) => {
            let reason = answer.reason.as_deref().map(|reason| format!(" ({reason})"));
            let restarted = if answer.restarted { ", restarted" } else { "" };
            format!("{}{}{restarted}", answer.backend, reason.unwrap_or_default())
        }
        End::Failed(code) => format!("error {code}"),
        End::Wrong(_) => "wrong".to_owned(),
    }
}

/// The time within which so many of a hundred calls ended.
pub(crate) fn percentile(seen: &[Seen], percent: usize) -> Duration {
    let mut took: Vec<Duration> = seen.iter().map(|seen| seen.took).collect();
    took.sort_unstable();
    let index = (took.len() * percent).div_ceil(100).saturating_sub(1);
    took.get(index).copied().unwrap_or_default()
}
