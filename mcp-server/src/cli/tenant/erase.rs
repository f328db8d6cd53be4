//! `tenant erase`: to forget one caller of a tenant, or the whole tenant, with a receipt.

use std::time::Duration;

use chrono::Utc;
use clap::Args;
use serde_json::json;

use super::ledger::{Place, failed};
use crate::cli::{Failure, Result, Start, output};
use crate::store::{Database, Erased, Known};
use crate::tenancy::{is_name, key_file};

const DAY: Duration = Duration::from_hours(24);

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Whose calls; everybody's of it, unless --subject names one
    #[arg(value_name = "TENANT", required_unless_present = "tenant")]
    whole: Option<String>,
    /// The same
    #[arg(long, value_name = "NAME", conflicts_with = "whole")]
    tenant: Option<String>,
    /// Only calls of this caller, as the ledger names it
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// Do it: without this, what would be erased of a whole tenant is only shown
    #[arg(long, conflicts_with = "subject")]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

pub(in crate::cli) async fn run(start: &Start, arguments: &Arguments) -> Result {
    let named = arguments.whole.as_ref().or(arguments.tenant.as_ref());
    let tenant = named.map(String::as_str).unwrap_or_default();
    if !is_name(tenant) {
        return Err(Failure::usage(format!(
            "{tenant:?} is no name of a tenant; write 1 to 64 letters, digits, dots, dashes or underscores"
        )));
    }
    let database = arguments.place.open(start).await?;
    if let Some(subject) = &arguments.subject {
        return forget_one(&database, tenant, subject).await;
    }
    let days = start.config()?.store.usage_kept_days;
    let books_from_ms = days.map(|days| (Utc::now() - DAY * days).timestamp_millis());
    if arguments.yes {
        forget_all(start, &database, tenant, books_from_ms).await
    } else {
        show(start, &database, tenant, books_from_ms).await
    }
}

async fn forget_one(database: &Database, tenant: &str, subject: &str) -> Result {
    let erased = database.erase(tenant, subject).await;
    let erased = erased.map_err(|error| failed(&error))?;
    // The receipt, whole: it is what has to be kept.
    output::json(&json!(erased));
    if erased.ledger_rows + erased.audit_rows == 0 {
        return Err(Failure::failed(format!(
            "nobody is named {subject:?} in the ledger of tenant {tenant:?}; `mcp-server tenant usage --by principal` shows names"
        )));
    }
    Ok(())
}

/// Keys first, so that nothing new is written down of whoever is being forgotten.
async fn forget_all(start: &Start, database: &Database, tenant: &str, books_from_ms: Option<i64>) -> Result {
    let keys = revoke_keys(start, tenant)?;
    let erased = database.erase_tenant(tenant, books_from_ms).await;
    let erased = erased.map_err(|error| failed(&error))?;
    let mut receipt = json!(erased);
    receipt["keys_revoked"] = json!(keys);
    receipt["left_elsewhere"] = json!(left_elsewhere(start, tenant)?);
    output::json(&receipt);
    let Erased {
        ledger_rows,
        ledger_rows_deleted,
        audit_rows,
        ..
    } = erased;
    if keys.is_empty() && ledger_rows + ledger_rows_deleted + audit_rows == 0 {
        return Err(Failure::failed(format!(
            "nothing is known of tenant {tenant:?}, or no longer; `mcp-server tenant usage --by tenant` shows those there are"
        )));
    }
    output::error_line(&start.style.remark(
        "Calls that servers had not carried over yet may still come: run it again in some minutes. Tokens and certificates \
         of the tenant are its issuer's to withdraw.",
    ));
    Ok(())
}

async fn show(start: &Start, database: &Database, tenant: &str, books_from_ms: Option<i64>) -> Result {
    let known = database.known_of(tenant, books_from_ms).await;
    let known = known.map_err(|error| failed(&error))?;
    let keys = key_ids(start, tenant)?;
    let Known {
        ledger_rows,
        audit_rows,
        ledger_rows_old,
    } = known;
    output::json(&json!({
        "tenant": tenant, "ledger_rows": ledger_rows, "ledger_rows_old": ledger_rows_old,
        "audit_rows": audit_rows, "keys": keys,
    }));
    Err(Failure::usage(format!(
        "nothing was erased yet; `mcp-server tenant erase {tenant} --yes` erases this for good"
    )))
}

fn key_ids(start: &Start, tenant: &str) -> Result<Vec<String>> {
    let Some(path) = start.config()?.auth.api_keys.filter(|path| path.exists()) else {
        return Ok(Vec::new());
    };
    let entries = key_file::load(&path).map_err(|error| super::failed(&path, &error))?;
    let own = entries.into_iter().filter(|entry| entry.tenant == tenant);
    Ok(own.map(|entry| entry.id).collect())
}

fn revoke_keys(start: &Start, tenant: &str) -> Result<Vec<String>> {
    let Some(path) = start.config()?.auth.api_keys.filter(|path| path.exists()) else {
        return Ok(Vec::new());
    };
    super::change(&path, |entries| {
        let of_tenant = entries.extract_if(.., |entry| entry.tenant == tenant);
        of_tenant.map(|entry| entry.id).collect()
    })
}

/// What this server does not hold, and cannot erase.
fn left_elsewhere(start: &Start, tenant: &str) -> Result<Vec<String>> {
    let config = start.config()?;
    let mut left = Vec::new();
    if let Some(telemetry) = config.telemetry
        && telemetry.content_tenants.contains(tenant)
    {
        let collector = telemetry.collector.endpoint;
        left.push(format!(
            "prompts and answers that were traced, where {collector} keeps them"
        ));
    }
    Ok(left)
}
