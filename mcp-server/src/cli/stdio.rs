//! `stdio`: MCP on standard input and output. Nothing but JSON-RPC is written to standard output.

use super::{Failure, Result, Start, signals};
use crate::accounts::{self, Kept};
use crate::backends;

pub(super) const EXAMPLES: &str = "\
Examples:
  { \"mcpServers\": { \"b2xgate\": { \"command\": \"mcp-server\", \"args\": [\"stdio\"] } } }";

pub(super) async fn run(start: &Start) -> Result {
    let mut config = start.config()?;
    let telemetry = start.telemetry("info", &config)?;
    let built = backends::build(&config)?;
    let Kept { accounts, writer } = accounts::keep(&config).await.map_err(Failure::usage)?;
    config.mcp.traces = telemetry.traces.clone();
    let served = crate::run_stdio(config.mcp, built.gateway, accounts, signals::shutdown()).await;
    if let Some(writer) = writer {
        writer.finish().await;
    }
    telemetry.finish().await;
    served.map_err(|error| Failure::failed(error.to_string()))
}
