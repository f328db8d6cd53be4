//! `config`: writes a commented sample, shows what is in effect and why, checks.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use clap::{Subcommand, ValueHint};
use serde_json::{Value, json};

use super::{Failure, Result, Start, output};
use crate::{
    backends,
    config::{Config, DEFAULT_FILE, Invalid, Origin, SAMPLE, Shown, load},
    http, shared,
    tenancy::Authenticator,
};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server config init                write mcp-server.toml, every setting explained
  mcp-server config show                what is in effect, and where each value comes from
  mcp-server config check --config /etc/mcp-server.toml";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented configuration file
    Init {
        /// Where to; an existing file is kept
        #[arg(default_value = DEFAULT_FILE, value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// Overwrite an existing file
        #[arg(long)]
        force: bool,
    },
    /// Show every value that is in effect, and where it comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check the configuration, and name everything that is wrong with it
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(start: &Start, command: &Command) -> Result {
    match command {
        Command::Init { path, force } => init(path, *force),
        Command::Show { json } => {
            let shown = start.load()?.shown;
            if *json {
                output::json(&Value::Array(shown.iter().map(setting_json).collect()));
            } else {
                output::table(
                    &shown
                        .iter()
                        .map(|setting| setting_row(start, setting))
                        .collect::<Vec<_>>(),
                );
            }
            Ok(())
        }
        Command::Check { json } => check(start, *json),
    }
}

fn init(path: &PathBuf, force: bool) -> Result {
    let mut options = OpenOptions::new();
    options.write(true);
    let file = if force {
        options.create(true).truncate(true).open(path)
    } else {
        options.create_new(true).open(path)
    };
    let written = file.and_then(|mut file| file.write_all(SAMPLE.as_bytes()));
    match written {
        Ok(()) => {
            output::line(&format!(
                "wrote {}; look with `mcp-server config show --config {}`",
                path.display(),
                path.display()
            ));
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::failed(format!(
            "{} exists; name another file, or overwrite it with --force",
            path.display()
        ))),
        Err(error) => Err(Failure::failed(format!(
            "cannot write {}: {error}",
            path.display()
        ))),
    }
}

fn setting_row(start: &Start, setting: &Shown) -> Vec<String> {
    let value = setting.value.clone().unwrap_or_else(|| "-".to_owned());
    vec![
        setting.key.clone(),
        value,
        start.style.dim(&setting.origin.to_string()),
    ]
}

fn setting_json(setting: &Shown) -> Value {
    let (kind, name, line) = match &setting.origin {
        Origin::Default => ("default", None, None),
        Origin::File { path, line } => ("file", Some(path.display().to_string()), Some(*line)),
        Origin::Environment(name) => ("environment", Some(name.clone()), None),
        Origin::Flag(flag) => ("flag", Some(flag.clone()), None),
    };
    json!({
        "key": setting.key,
        "value": setting.value.as_deref().map(toml_to_json),
        "origin": {"kind": kind, "name": name, "line": line},
    })
}

/// Values are kept as TOML writes them; scripts want them typed.
fn toml_to_json(value: &str) -> Value {
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
    parsed
        .and_then(|table| serde_json::to_value(table.get("value")?).ok())
        .unwrap_or_else(|| Value::String(value.to_owned()))
}

/// What each part of the server would stumble over at the start.
fn set_up_problems(config: &Config) -> Vec<Value> {
    let problem = |key: &str, message: String| json!({"key": key, "origin": Value::Null, "message": message});
    let callers = Authenticator::new(config.auth.clone()).err();
    let shared = config
        .shared
        .as_ref()
        .and_then(|shared| shared::check(shared).err());
    let parts = http::check_tls(&config.http).err().into_iter();
    let parts = parts.chain(callers).chain(shared);
    let mut problems: Vec<_> = parts
        .map(|error| problem(error.field, error.to_string()))
        .collect();
    problems.extend(
        backends::check(config)
            .err()
            .map(|error| problem(error.key(), error.to_string())),
    );
    problems
}

fn check(start: &Start, json: bool) -> Result {
    let sources = start.sources();
    let problems = match load(&sources) {
        Ok(loaded) => set_up_problems(&loaded.config),
        Err(Invalid(problems)) => problems
            .iter()
            .map(|problem| {
                json!({
                    "key": problem.key, "origin": problem.origin.to_string(), "reason": problem.reason,
                    "fix": problem.fix, "message": problem.to_string(),
                })
            })
            .collect(),
    };
    let sound = problems.is_empty();
    if json {
        output::json(&json!({"valid": sound, "problems": problems}));
    } else if sound {
        let file = sources
            .file
            .map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
        output::line(&format!(
            "{} the configuration is valid ({file})",
            start.style.good("✓")
        ));
    } else {
        for problem in &problems {
            output::line(&format!(
                "{} {}",
                start.style.bad("✗"),
                problem["message"].as_str().unwrap_or_default()
            ));
        }
    }
    // What is wrong was said above.
    if sound { Ok(()) } else { Err(Failure::usage("")) }
}
