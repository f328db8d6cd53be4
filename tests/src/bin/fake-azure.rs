//! Runs the fake Azure OpenAI by itself, for demonstrations and for trying a client.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use clap::Parser;
use tests::fake_azure::{FakeAzure, FakeAzureConfig, Rule, Schedule};

/// A fake Azure OpenAI: the wire protocol without a model. For tests and demonstrations only.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8089")]
    listen: SocketAddr,
    /// A deployment; give it several times for several.
    #[arg(long = "deployment", default_value = "gpt-4.1-mini")]
    deployments: Vec<String>,
    /// The one valid key.
    #[arg(long, default_value = "demo-key")]
    api_key: String,
    /// Region told in `x-ms-region`.
    #[arg(long, default_value = "Sweden Central")]
    region: String,
    /// Requests a minute and deployment; more is 429.
    #[arg(long, default_value_t = 1_000_000)]
    requests_per_minute: u32,
    /// Wait before each chunk of a stream, in milliseconds.
    #[arg(long)]
    chunk_delay_ms: Option<u64>,
    /// Send a whole answer in one write.
    #[arg(long)]
    all_at_once: bool,
    /// Fill up chunks with characters that mean nothing, as OpenAI does unless asked not to.
    #[arg(long)]
    obfuscated: bool,
    /// A fault for every request: `status=503`, `delay=500`, `reset=3`, `stall=3`...
    #[arg(long)]
    fault: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let deployment = arguments.deployments.first().cloned().unwrap_or_default();
    let fake = FakeAzure::start(FakeAzureConfig {
        listen: arguments.listen,
        deployments: arguments.deployments,
        api_key: arguments.api_key,
        region: arguments.region,
        requests_per_minute: arguments.requests_per_minute,
        chunk_delay: arguments.chunk_delay_ms.map(Duration::from_millis),
        all_at_once: arguments.all_at_once,
        obfuscated: arguments.obfuscated,
        ..FakeAzureConfig::default()
    })
    .await
    .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    if let Some(words) = arguments.fault {
        let fault = words
            .parse()
            .map_err(|reason: String| anyhow::anyhow!("--fault: {reason}"))?;
        fake.faults().add(Rule {
            fault,
            deployment: None,
            schedule: Schedule::Always,
        });
    }
    println!(
        "fake Azure OpenAI on {} (no model behind it); to use it:\n",
        fake.endpoint()
    );
    println!("  export AZURE_OPENAI_ENDPOINT={}", fake.endpoint());
    println!("  export AZURE_OPENAI_DEPLOYMENT={deployment}");
    println!("  export AZURE_OPENAI_API_KEY={}", fake.api_key());
    println!(
        "\nfaults: curl -X PUT {}/__control/faults -d '{{\"rules\":[{{\"fault\":\"status=503\",\"next\":3}}]}}'",
        fake.endpoint()
    );
    println!("stats:  curl {}/__control/stats\nstop:   ctrl-c", fake.endpoint());
    wait_for_end().await?;
    println!("fake Azure ends after {} requests", fake.stats().requests);
    Ok(())
}

/// Waits for ctrl-c or SIGTERM.
async fn wait_for_end() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}
