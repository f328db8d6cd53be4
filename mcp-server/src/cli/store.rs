//! `store`: makes the tables of the ledger where a server may not.

use clap::Subcommand;

use super::tenant::ledger::{Place, failed};
use super::{Result, Start, output};
use crate::store::Database;

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server store migrate --url-file /run/secrets/ledger-owner-url

SQLite needs none of this. In PostgreSQL the owner of the database runs it once for each new version, and then lets the
role that servers log in as do what they need: GRANT mcp_server TO name;";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make or change the tables of the ledger, as the owner of the database
    Migrate {
        #[command(flatten)]
        place: Place,
    },
}

pub(super) async fn run(start: &Start, command: Command) -> Result {
    let Command::Migrate { place } = command;
    let location = place.location(start)?;
    Database::migrate(&location)
        .await
        .map_err(|error| failed(&error))?;
    output::line("the tables are of this version");
    Ok(())
}
