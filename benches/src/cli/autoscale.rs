//! `mcp-loadtest autoscale`.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use benches::{
    autoscale::{Places, Setup, faster, report::Report},
    scaling::{
        hpa::{Metric, Spec},
        manifest,
        quantity::Quantity,
    },
    simulate::Span,
    traffic::{self, Shape},
};
use clap::Args;

use super::Traffic;

/// The controller's own pace.
const SYNC: Duration = Duration::from_secs(15);

#[derive(Debug, Args)]
pub(crate) struct AutoscaleArguments {
    /// The deployed HPA object, as YAML; its metrics of pods count. Without one: queue alone, 2 to 8 pods
    #[arg(long, value_name = "FILE")]
    hpa: Option<PathBuf>,
    /// How many times faster than the object time runs: windows, periods and the sync of 15 s are divided by it
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=30))]
    faster: u32,
    /// The queue's target here, since one machine does not fill queues of a hundred
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    queue_target: u32,
    /// Also scale on calls under way (`mcp_requests_running`), with this target
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    running_target: Option<u32>,
    #[command(flatten)]
    traffic: Traffic,
    /// How long
    #[arg(long = "for", default_value = "3m40s", value_parser = traffic::duration, value_name = "TIME")]
    length: Duration,
    /// The fake Azure: places a pod, and how long an answer takes
    #[arg(long, default_value = "5x500ms", value_parser = places, value_name = "PLACESxTIME")]
    azure: Places,
    /// The weaker backend
    #[arg(long, default_value = "2x1s", value_parser = places, value_name = "PLACESxTIME")]
    fallback: Places,
    /// When the fake Azure is taken away; without traffic of your own: from 99 s to 144 s
    #[arg(long, value_parser = super::simulate::span, value_name = "FROM..TO")]
    azure_outage: Vec<Span>,
    /// Seed of what is asked
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder for the report: a page, plots, figures
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

impl AutoscaleArguments {
    pub(crate) fn run(self) -> Result<bool> {
        let is_usual = self.traffic.shape.is_none() && self.traffic.trace.is_none();
        let shape = if is_usual {
            usual_traffic()
        } else {
            self.traffic.shape("constant:5")?
        };
        let mut outages = self.azure_outage.clone();
        if is_usual && outages.is_empty() {
            outages.push(Span {
                from: Duration::from_secs(99),
                to: Duration::from_secs(144),
            });
        }
        let setup = Setup {
            horizontal: self.horizontal()?,
            sync: SYNC / self.faster,
            shape,
            length: self.length,
            outages,
            azure: self.azure,
            fallback: self.fallback,
            faster: self.faster,
            seed: self.seed,
        };
        let proof = tokio::runtime::Runtime::new()?.block_on(setup.run())?;
        let report = Report {
            setup: &setup,
            proof: &proof,
            faster: self.faster,
        };
        println!("{}", report.markdown(&[]));
        if let Some(folder) = &self.report {
            report.write(folder)?;
        }
        Ok(report.claims().iter().all(|claim| claim.holds))
    }

    fn horizontal(&self) -> Result<Spec> {
        let spec = match &self.hpa {
            Some(path) => manifest::horizontal(&manifest::read(path)?)
                .with_context(|| format!("--hpa {}", path.display()))?,
            None => Spec {
                name: "mcp-server".to_owned(),
                min: 2,
                max: 8,
                metrics: vec![Metric::Pods {
                    name: "mcp_queue_depth".to_owned(),
                    target: Quantity::from_milli(100_000),
                }],
                behavior: None,
            },
        };
        let mut spec = faster(&spec, self.faster, self.queue_target);
        spec.metrics
            .extend(self.running_target.map(|target| Metric::Pods {
                name: "mcp_requests_running".to_owned(),
                target: Quantity::from_milli(i64::from(target) * 1_000),
            }));
        Ok(spec)
    }
}

/// Quiet, a rush that needs eight pods, quiet until they have left, and a steady load under which Azure goes away. No longer than
/// a busy machine can be kept still for.
fn usual_traffic() -> Shape {
    let points = [
        (0, 6.0),
        (6, 6.0),
        (7, 70.0),
        (34, 70.0),
        (35, 6.0),
        (93, 6.0),
        (94, 13.0),
        (144, 13.0),
        (145, 6.0),
        (220, 6.0),
    ];
    Shape::Trace(
        points
            .into_iter()
            .map(|(second, rate)| (Duration::from_secs(second), rate))
            .collect(),
    )
}

fn places(text: &str) -> Result<Places, String> {
    let wrong = || format!("`{text}`: write PLACESxTIME, such as 5x500ms");
    let (count, each) = text.split_once('x').ok_or_else(wrong)?;
    Ok(Places {
        count: count.parse().map_err(|_| wrong())?,
        each: traffic::duration(each)?,
    })
}
