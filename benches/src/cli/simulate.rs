//! `mcp-loadtest simulate`.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, anyhow, ensure};
use benches::{
    scaling::{hpa::Spec, manifest, quantity::Quantity},
    simulate::{Requests, Scenario, Service, Span, report::Report},
    traffic,
};
use clap::Args;

use super::{Outputs, Traffic, read, write};

const MOST_STEPS: u128 = 10_000_000;

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// The deployed HPA object, as YAML. Given again, further ones are laid over it, as kustomize lays the patches of components
    #[arg(long, value_name = "FILE", required = true)]
    hpa: Vec<PathBuf>,
    /// The deployed VPA object, as YAML; it may be the same file
    #[arg(long, value_name = "FILE")]
    vpa: Option<PathBuf>,
    #[command(flatten)]
    traffic: Traffic,
    /// How long
    #[arg(long = "for", default_value = "24h", value_parser = traffic::duration, value_name = "TIME")]
    length: Duration,
    /// What one pod can do, as JSON; `--show-service` prints the default with all fields
    #[arg(long, value_name = "FILE")]
    service: Option<PathBuf>,
    /// Print the service model, and simulate nothing
    #[arg(long)]
    show_service: bool,
    /// Azure does not answer from then to then, such as 13h..14h; may be given several times
    #[arg(long, value_parser = span, value_name = "FROM..TO")]
    azure_outage: Vec<Span>,
    /// The first zone is lost from then to then
    #[arg(long, value_parser = span, value_name = "FROM..TO")]
    zone_loss: Option<Span>,
    /// Zones that pods are spread over
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    zones: u64,
    /// Pods at the beginning; HPA's minimum if left out
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    replicas: u32,
    /// Most pods, instead of what the HPA says
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_replicas: Option<u32>,
    /// CPU that a pod requests
    #[arg(long, default_value = "500m")]
    cpu_request: Quantity,
    /// Memory that a pod requests at the beginning
    #[arg(long, default_value = "4Gi")]
    memory_request: Quantity,
    /// Between two looks at the fluid
    #[arg(long, default_value = "1s", value_parser = traffic::duration, value_name = "TIME")]
    step: Duration,
    /// Between two decisions of HPA
    #[arg(long, default_value = "15s", value_parser = traffic::duration, value_name = "TIME")]
    sync: Duration,
    /// Between two readings of the metrics
    #[arg(long, default_value = "15s", value_parser = traffic::duration, value_name = "TIME")]
    scrape: Duration,
    #[command(flatten)]
    outputs: Outputs,
    /// Write the plot of pods as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl SimulateArguments {
    pub(crate) fn run(self) -> Result<bool> {
        let service = match &self.service {
            None => Service::default(),
            Some(path) => Service::read(&read(path)?).map_err(|why| anyhow!("{}: {why}", path.display()))?,
        };
        if self.show_service {
            println!("{}", serde_json::to_string_pretty(&service)?);
            return Ok(true);
        }
        let scenario = self.scenario(service)?;
        let outcome = scenario.run();
        let report = Report {
            scenario: &scenario,
            outcome: &outcome,
        };
        print!("{}", report.text());
        self.outputs
            .write(&serde_json::to_value(&outcome)?, || report.html())?;
        if let (Some(path), Some(pods)) = (&self.svg, report.charts().first()) {
            write(path, &pods.svg()?)?;
        }
        Ok(true)
    }

    fn scenario(&self, service: Service) -> Result<Scenario> {
        let mut horizontal = self.horizontal()?;
        if let Some(max) = self.max_replicas {
            ensure!(
                max >= horizontal.min,
                "--max-replicas {max} is less than minReplicas {}",
                horizontal.min
            );
            horizontal.max = max;
        }
        let vertical = self.vpa.as_ref().map(|path| -> Result<_> {
            manifest::vertical(&manifest::read(path)?).with_context(|| format!("--vpa {}", path.display()))
        });
        ensure!(!self.step.is_zero(), "--step must be above 0");
        ensure!(
            self.step <= self.sync && self.step <= self.scrape,
            "--step must not exceed --sync or --scrape"
        );
        ensure!(
            self.length.as_nanos() / self.step.as_nanos() <= MOST_STEPS,
            "--for has more than ten million of --step; take longer steps"
        );
        Ok(Scenario {
            length: self.length,
            step: self.step,
            sync: self.sync,
            scrape: self.scrape,
            service,
            vertical: vertical.transpose()?,
            requests: Requests {
                cpu: self.cpu_request,
                memory: self.memory_request,
            },
            replicas: self.replicas,
            outages: self.azure_outage.clone(),
            zones: usize::try_from(self.zones)?,
            zone_loss: self.zone_loss,
            ..Scenario::new(self.traffic.shape("day:5,60")?, horizontal)
        })
    }

    fn horizontal(&self) -> Result<Spec> {
        let texts = self.hpa.iter().map(|path| manifest::read(path));
        let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
        let names: Vec<String> = self.hpa.iter().map(|path| path.display().to_string()).collect();
        let (base, patches) = texts.split_first().context("--hpa is missing")?;
        manifest::horizontal_with(base, patches).with_context(|| format!("--hpa {}", names.join(" --hpa ")))
    }
}

pub(super) fn span(text: &str) -> Result<Span, String> {
    let wrong = || format!("`{text}` is no span: write FROM..TO, such as 13h..14h");
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let (from, to) = (traffic::duration(from)?, traffic::duration(to)?);
    if from < to {
        Ok(Span { from, to })
    } else {
        Err(wrong())
    }
}
