//! `doctor`: looks at everything that a server needs, and says what is wrong, why, and how to fix it.

mod callers;
mod collector;
mod identity;
mod local;
mod machine;
mod redaction;
mod shared;
mod tenants;
mod upstream;

use clap::Args;
use serde_json::json;

use self::upstream::Upstream;
use super::{Failure, Result, Start, output};
use crate::{
    backends,
    config::{BackendKind, Config, Invalid, load},
};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server doctor
  mcp-server doctor --call              also asks each remote backend for one word, which costs a little
  mcp-server doctor --json | jq '.checks[] | select(.status != \"ok\")'";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Ask each backend reached over the network for one word
    #[arg(long)]
    call: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Good,
    Warning,
    Bad,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    what: String,
    status: Status,
    /// What was found: for a bad one, the cause.
    found: String,
    /// What to do; empty for a good one.
    fix: String,
}

impl Check {
    fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            status: Status::Good,
            found: found.into(),
            fix: String::new(),
        }
    }

    fn warning(what: impl Into<String>, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            status: Status::Warning,
            found: found.into(),
            fix: fix.into(),
        }
    }

    fn bad(what: impl Into<String>, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            status: Status::Bad,
            found: found.into(),
            fix: fix.into(),
        }
    }
}

/// Shows each check as soon as it is done, so that a slow one is seen to be slow.
struct Report<'a> {
    start: &'a Start,
    json: bool,
    checks: Vec<Check>,
}

impl Report<'_> {
    fn add(&mut self, check: Check) {
        if !self.json {
            let style = self.start.style;
            let mark = match check.status {
                Status::Good => style.good("✓"),
                Status::Warning => style.warning("!"),
                Status::Bad => style.bad("✗"),
            };
            output::line(&format!("{mark} {}: {}", style.bold(&check.what), check.found));
            if !check.fix.is_empty() {
                output::line(&format!("  fix: {}", check.fix));
            }
        }
        self.checks.push(check);
    }

    fn finish(self) -> Result {
        let bad = self
            .checks
            .iter()
            .filter(|check| check.status == Status::Bad)
            .count();
        if self.json {
            let checks: Vec<_> = self
                .checks
                .iter()
                .map(|check| {
                    json!({"check": check.what, "status": check.status.as_str(), "found": check.found, "fix": check.fix})
                })
                .collect();
            output::json(&json!({"healthy": bad == 0, "checks": checks}));
        }
        match bad {
            0 => Ok(()),
            // In JSON it is said already.
            _ if self.json => Err(Failure::failed("")),
            1 => Err(Failure::failed("one check failed")),
            _ => Err(Failure::failed(format!("{bad} checks failed"))),
        }
    }
}

pub(super) async fn run(start: &Start, arguments: Arguments) -> Result {
    start.log("error")?;
    let mut report = Report {
        start,
        json: arguments.json,
        checks: Vec::new(),
    };
    let sources = start.sources();
    let file = sources.file.as_ref().map_or_else(
        || "no file, defaults".to_owned(),
        |file| file.display().to_string(),
    );
    match load(&sources) {
        Ok(loaded) => {
            report.add(Check::good("configuration", file));
            examine(&mut report, &loaded.config, arguments.call).await;
        }
        Err(Invalid(problems)) => {
            for problem in problems {
                let place = format!("{}: `{}` {}", problem.origin, problem.key, problem.reason);
                report.add(Check::bad("configuration", place, problem.fix));
            }
        }
    }
    report.finish()
}

async fn examine(report: &mut Report<'_>, config: &Config, call: bool) {
    report.add(machine::port("server.listen", "--listen", config.http.listen).await);
    report.add(
        machine::port(
            "server.metrics_listen",
            "--metrics-listen",
            config.http.metrics_listen,
        )
        .await,
    );
    report.add(machine::processor());
    report.add(machine::clock());
    report.add(machine::disk(&config.models_dir).await);
    for check in callers::examine(config).await {
        report.add(check);
    }
    if let Err(error) = backends::check(config) {
        let fix = format!(
            "correct `{}`; `mcp-server config show` says where it is set",
            error.key()
        );
        report.add(Check::bad("backends", error.to_string(), fix));
    }
    for check in shared::examine(config).await {
        report.add(check);
    }
    if let Some(check) = collector::examine(config.telemetry.as_ref()).await {
        report.add(check);
    }
    for check in tenants::examine(config)
        .into_iter()
        .chain(redaction::examine(config))
    {
        report.add(check);
    }
    for backend in &config.backends {
        match &backend.kind {
            BackendKind::Local(local) => {
                for check in local::examine(&backend.name, local, &config.models_dir).await {
                    report.add(check);
                }
            }
            BackendKind::Azure(azure) => {
                for check in upstream::examine(backend, Upstream::Azure(azure), call).await {
                    report.add(check);
                }
            }
            BackendKind::OpenAi(server) => {
                for check in upstream::examine(backend, Upstream::OpenAi(server), call).await {
                    report.add(check);
                }
            }
        }
    }
}
