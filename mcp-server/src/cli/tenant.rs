//! `tenant`: makes, lists and revokes the API keys of tenants, in the file that servers read; and what tenants used.

mod erase;
pub(super) mod ledger;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueHint};
use serde_json::{Value, json};

use super::{Failure, Result, Start, output};
use crate::tenancy::key_file::{self, Entry};
use crate::tenancy::{Scope, Scopes, api_keys, is_name};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server tenant key add --tenant acme --name erp --scopes tools:read,tools:call
  mcp-server tenant key list --tenant acme
  mcp-server tenant key revoke 0f3a9c51b27de846
  mcp-server tenant usage --month 2026-11 --by tenant,model --csv
  mcp-server tenant export --tenant acme --from 2026-11-01 > acme.csv
  mcp-server tenant erase acme --subject ann > receipt.json
  mcp-server tenant erase acme                    what is known of the whole tenant
  mcp-server tenant erase acme --yes > receipt.json

A key is shown once, when it is made; the file keeps its hash. To change a key without an interruption, add another
under the same name, hand it out, and revoke the old one. Running servers notice within seconds.";

const DAY: Duration = Duration::from_hours(24);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// API keys, for machines
    #[command(subcommand)]
    Key(KeyCommand),
    /// Sum up what tenants' calls took and cost
    Usage(ledger::UsageArguments),
    /// Print every call of the ledger, as CSV or JSON
    Export(ledger::ExportArguments),
    /// Forget a whole tenant, or one caller of it, everywhere, and print a receipt
    Erase(erase::Arguments),
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key, and show it this once
    Add {
        /// The tenant that it acts for
        #[arg(long, value_name = "NAME")]
        tenant: String,
        /// The client that uses it; keys of one name are one caller
        #[arg(long, value_name = "NAME", default_value = "default")]
        name: String,
        /// What it allows: tools:read, tools:call, chat, operate
        #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// After how many days it ends; never unless given
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        expires_in_days: Option<u32>,
        #[command(flatten)]
        at: At,
    },
    /// List keys: whose they are, what they allow, when they end
    List {
        /// Only those of this tenant
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// Take a key away
    Revoke {
        /// Its id, as `list` shows it: what stands between the underscores of the key
        id: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Args)]
pub(super) struct At {
    /// The file of keys; else `auth.api_keys.file` of the configuration
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(start: &Start, command: Command) -> Result {
    match command {
        Command::Key(command) => run_key(start, command),
        Command::Usage(arguments) => ledger::usage(start, &arguments).await,
        Command::Export(arguments) => ledger::export(start, &arguments).await,
        Command::Erase(arguments) => erase::run(start, &arguments).await,
    }
}

fn run_key(start: &Start, command: KeyCommand) -> Result {
    match command {
        KeyCommand::Add {
            tenant,
            name,
            scopes,
            expires_in_days,
            at,
        } => add(start, &at, &tenant, &name, &scopes, expires_in_days),
        KeyCommand::List { tenant, at } => list(start, &at, tenant.as_deref()),
        KeyCommand::Revoke { id, at } => revoke(start, &at, &id),
    }
}

fn add(start: &Start, at: &At, tenant: &str, name: &str, scopes: &[String], days: Option<u32>) -> Result {
    for (flag, value) in [("--tenant", tenant), ("--name", name)] {
        if !is_name(value) {
            return Err(Failure::usage(format!(
                "{flag} {value:?} is no name; write 1 to 64 letters, digits, dots, dashes or underscores"
            )));
        }
    }
    let known = Scope::ALL.map(Scope::as_str).join(", ");
    let scopes = Scopes::parse(scopes.iter().map(String::as_str))
        .map_err(|name| Failure::usage(format!("--scopes: {name:?} is no scope; write of {known}")))?;
    let path = file(start, at)?;
    let made = api_keys::generate().map_err(|_| Failure::failed("the system has no random numbers"))?;
    let created = SystemTime::now();
    let entry = Entry {
        id: made.id.clone(),
        tenant: tenant.to_owned(),
        name: name.to_owned(),
        scopes,
        sha256: made.sha256,
        created,
        expires: days.map(|days| created + DAY * days),
    };
    let mut shown = describe(&entry);
    change(&path, |entries| entries.push(entry))?;
    if at.json {
        shown["key"] = json!(*made.key);
        output::json(&shown);
    } else {
        output::line(&made.key);
        output::error_line(&start.style.remark(&format!(
            "Key {} of {tenant}/{name} allows: {scopes}. It is shown this once; {} keeps its hash.",
            made.id,
            path.display()
        )));
    }
    Ok(())
}

fn list(start: &Start, at: &At, tenant: Option<&str>) -> Result {
    let path = file(start, at)?;
    let entries = key_file::load(&path).map_err(|error| failed(&path, &error))?;
    let wanted: Vec<_> = entries
        .iter()
        .filter(|entry| tenant.is_none_or(|tenant| entry.tenant == tenant))
        .collect();
    if at.json {
        output::json(&json!({"keys": wanted.iter().map(|entry| describe(entry)).collect::<Vec<_>>()}));
        return Ok(());
    }
    let rows: Vec<_> = wanted.iter().map(|entry| row(start, entry)).collect();
    output::table(&rows);
    Ok(())
}

fn revoke(start: &Start, at: &At, id: &str) -> Result {
    let path = file(start, at)?;
    let revoked = change(&path, |entries| {
        let index = entries.iter().position(|entry| entry.id == id)?;
        Some(entries.remove(index))
    })?;
    let Some(revoked) = revoked else {
        return Err(Failure::failed(format!(
            "no key has the id {id:?}; `mcp-server tenant key list` shows them"
        )));
    };
    if at.json {
        output::json(&describe(&revoked));
    } else {
        output::line(&format!(
            "revoked {} of {}/{}",
            revoked.id, revoked.tenant, revoked.name
        ));
    }
    Ok(())
}

fn file(start: &Start, at: &At) -> Result<PathBuf> {
    if let Some(path) = &at.file {
        return Ok(path.clone());
    }
    start.config()?.auth.api_keys.ok_or_else(|| {
        Failure::usage("no file of keys is configured; set `auth.api_keys.file`, or name one with --file")
    })
}

fn change<T>(path: &std::path::Path, change: impl FnOnce(&mut Vec<Entry>) -> T) -> Result<T> {
    key_file::update(path, change).map_err(|error| failed(path, &error))
}

fn failed(path: &std::path::Path, error: &key_file::FileError) -> Failure {
    Failure::failed(format!("{}: {error}", path.display()))
}

fn describe(entry: &Entry) -> Value {
    let date = |date: SystemTime| httpdate::fmt_http_date(date);
    json!({
        "id": entry.id, "tenant": entry.tenant, "name": entry.name,
        "scopes": entry.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        "created": date(entry.created), "expires": entry.expires.map(date),
    })
}

fn row(start: &Start, entry: &Entry) -> Vec<String> {
    let ends = match entry.expires {
        None => "never ends".to_owned(),
        Some(date) if date <= SystemTime::now() => start.style.bad("has ended"),
        Some(date) => format!("ends {}", httpdate::fmt_http_date(date)),
    };
    vec![
        entry.id.clone(),
        start.style.bold(&format!("{}/{}", entry.tenant, entry.name)),
        entry.scopes.to_string(),
        start.style.dim(&ends),
    ]
}
