//! `stdio`: MCP on standard input and output. Nothing but JSON-RPC is written to standard output.

use super::{Failure, Result, Start, signals};
use crate::{accounts, backends};

pub(super) const EXAMPLES: &str = "\
Examples:
  { \"mcpServers\": { \"b2xgate\": { \"command\": \"mcp-server\", \"args\": [\"stdio\"] } } }";

pub(super) async fn run(start: &Start) -> Result {
    let mut config = start.config()?;
    let telemetry = start.telemetry("info", &config)?;
    let built = backends::build(&config)?;
    // One client, one process: nobody to count with.
    let kept = accounts::keep(&config, None).await.map_err(Failure::usage)?;
    config.mcp.traces = telemetry.traces.clone();
    let accounts = kept.accounts.clone();
    let served = crate::run_stdio(config.mcp, built.gateway, accounts, signals::shutdown()).await;
    kept.finish().await;
    telemetry.finish().await;
    served.map_err(|error| Failure::failed(error.to_string()))
}
