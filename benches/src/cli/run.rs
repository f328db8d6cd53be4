//! `mcp-loadtest run`.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Result, anyhow, ensure};
use benches::{
    load::{
        self, Plan,
        assertion::{Assertion, Verdict},
        mix::{Lengths, Mix},
        report::Report,
        target::{OwnServer, Target},
    },
    traffic,
};
use clap::Args;

use super::{Outputs, Traffic};

/// No run goes on for longer.
const LONGEST: Duration = Duration::from_hours(24);

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    traffic: Traffic,
    /// How long calls begin; the last answers are waited for
    #[arg(long = "for", default_value = "30s", value_parser = traffic::duration, value_name = "TIME")]
    length: Duration,
    /// Never make more calls than this
    #[arg(long, default_value_t = 1_000_000)]
    max_calls: usize,
    /// Calls under way at once; more are not sent, and count as failed (`not_sent`)
    #[arg(long, default_value_t = 2_000)]
    max_in_flight: usize,
    /// What is asked, by weight: chat (streamed, /v1) and tools
    #[arg(
        long,
        default_value = "classify_ticket=1,chat=1",
        value_name = "KIND=WEIGHT,..."
    )]
    mix: String,
    /// Words of a prompt
    #[arg(long, default_value = "10-60", value_name = "LEAST-MOST")]
    words: Lengths,
    /// Bound of a chat's answer, in tokens
    #[arg(long, default_value = "8-32", value_name = "LEAST-MOST")]
    answer_tokens: Lengths,
    /// Space calls evenly instead of at random
    #[arg(long)]
    evenly: bool,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A condition, such as 'p99<500ms', 'chat.first.p95<300ms', 'errors<0.1%'; exit code 1 where one fails
    #[arg(long = "assert", value_name = "CONDITION")]
    assertions: Vec<Assertion>,
    #[command(flatten)]
    outputs: Outputs,

    /// A server that runs already; without this one is started, with a fake Azure
    #[arg(long, requires = "max_cost")]
    url: Option<String>,
    /// Where its metrics are, to plot its queue
    #[arg(long, requires = "url", value_name = "URL")]
    metrics_url: Option<String>,
    /// A file with one token or API key a line: each is a caller
    #[arg(long, requires = "url", value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// The model that chats ask for
    #[arg(long, default_value = "default")]
    model: String,
    /// The server is not on this machine, and its owner knows
    #[arg(long, requires = "url")]
    allow_remote: bool,
    /// Begin no more calls when those that ended have cost more, in the server's currency; those under way go on. A server
    /// that is named may have a real Azure behind it
    #[arg(long, value_name = "AMOUNT")]
    max_cost: Option<f64>,

    /// Own server: what the fake Azure waits before it answers
    #[arg(long, default_value = "0ms", value_parser = traffic::duration, conflicts_with = "url", value_name = "TIME")]
    azure_delay: Duration,
    /// Own server: calls at Azure at once
    #[arg(long, default_value_t = 64, conflicts_with = "url", value_parser = clap::value_parser!(u32).range(1..=4096))]
    azure_places: u32,
    /// Own server: tenants, each with a key of its own
    #[arg(long, default_value_t = 1, conflicts_with = "url", value_parser = clap::value_parser!(u64).range(1..=100))]
    tenants: u64,
}

impl RunArguments {
    pub(crate) fn run(self) -> Result<bool> {
        ensure!(
            self.length <= LONGEST && !self.length.is_zero(),
            "--for must be above 0 and at most 24h"
        );
        ensure!(
            self.max_cost.is_none_or(|most| most.is_finite() && most >= 0.0),
            "--max-cost must be 0 or more"
        );
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(self.measure())
    }

    async fn measure(self) -> Result<bool> {
        // What is wrong with the line is said before anything starts, and before an hour of load is lost to a missing folder.
        let mut plan = self.plan()?;
        self.outputs.check()?;
        let target = self.target().await?;
        plan.mix.callers = target.callers();
        let record = load::run(&plan, target.caller(&self.model), show_progress(self.length)).await;
        let verdicts: Vec<Verdict> = self
            .assertions
            .iter()
            .map(|assertion| assertion.judge(&record))
            .collect();
        let report = Report {
            plan: &plan,
            record: &record,
            target: &target.name,
            verdicts: &verdicts,
        };
        println!("{}", report.text());
        self.outputs.write(&report.json(), || report.html())?;
        if record.answered() == 0 {
            eprintln!("no call was answered");
        }
        Ok(record.answered() > 0 && verdicts.iter().all(|verdict| verdict.holds))
    }

    fn plan(&self) -> Result<Plan> {
        let mut mix = Mix::default()
            .with_kinds(&self.mix)
            .map_err(|why| anyhow!("--mix: {why}"))?;
        mix.words = self.words;
        mix.answer_tokens = self.answer_tokens;
        Ok(Plan {
            shape: self.traffic.shape("constant:10")?,
            length: self.length,
            calls_max: self.max_calls,
            in_flight_max: self.max_in_flight,
            mix,
            evenly: self.evenly,
            seed: self.seed,
            cost_max: self.max_cost,
        })
    }

    async fn target(&self) -> Result<Target> {
        let Some(url) = &self.url else {
            return Target::own(OwnServer {
                azure_delay: self.azure_delay,
                azure_places: self.azure_places,
                tenants: usize::try_from(self.tenants)?,
            })
            .await;
        };
        Target::named(
            url,
            self.metrics_url.clone(),
            self.credentials.as_deref(),
            self.allow_remote,
        )
    }
}

/// One line that is written over, on a terminal; nothing elsewhere.
fn show_progress(length: Duration) -> load::Progress {
    let mut out = std::io::stderr();
    let is_shown = out.is_terminal();
    let begun = std::time::Instant::now();
    Box::new(move |record| {
        if !is_shown {
            return;
        }
        let queue = record.looks.last().map_or(0.0, |look| look.queue);
        // Nobody is helped when progress cannot be shown.
        let _ = write!(
            out,
            "\r{:>4} of {} s: {} calls ended, {} refused, {} failed, {queue} waiting\x1b[K{}",
            begun.elapsed().as_secs(),
            length.as_secs(),
            record.all.calls,
            record.count_shed(),
            record.count_failed(),
            if begun.elapsed() >= length { "\r\x1b[K" } else { "" },
        );
        let _ = out.flush();
    })
}
