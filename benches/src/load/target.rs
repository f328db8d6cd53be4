//! Against whom: a server of our own with a fake Azure, or one that is named, within what may be done to it.

use std::{net::IpAddr, path::Path, time::Duration};

use ::tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    server_under_test::{AzureBackend, ServerUnderTest, Settings, command, find_program},
};
use anyhow::{Context as _, Error, Result, bail, ensure};

use super::call::Caller;

/// A server to be loaded. Ends with this, where it is our own.
#[derive(Debug)]
pub struct Target {
    /// For reports.
    pub name: String,
    base: String,
    metrics: Option<String>,
    credentials: Vec<Option<String>>,
    _own: Option<(FakeAzure, ServerUnderTest)>,
}

/// How our own server is set up.
#[derive(Debug, Clone, Copy)]
pub struct OwnServer {
    /// What the fake Azure waits before it answers.
    pub azure_delay: Duration,
    /// Calls at Azure at once.
    pub azure_places: u32,
    /// Tenants, each with an API key of its own; one is the development tenant without any.
    pub tenants: usize,
}

impl Target {
    /// Starts the released program with a fake Azure before the bundled model.
    ///
    /// # Errors
    /// Says why it cannot be started, a program that was not built first of all.
    pub async fn own(setup: OwnServer) -> Result<Self> {
        find_program().map_err(Error::msg)?;
        let fake = FakeAzure::start(FakeAzureConfig::default())
            .await
            .context("the fake Azure finds no port")?;
        if !setup.azure_delay.is_zero() {
            fake.faults().always(Fault::delay_head(setup.azure_delay));
        }
        let azure = AzureBackend {
            resilience: format!("max_concurrency = {}\n", setup.azure_places),
            ..AzureBackend::default()
        };
        let mut settings = Settings::default().with_azure(&fake, &azure).with_local();
        let mut credentials = vec![None];
        if setup.tenants > 1 {
            let (keys, file) = make_keys(setup.tenants).await?;
            settings = settings
                .file("keys.jsonl", &file)
                .server("[auth.api_keys]\nfile = \"keys.jsonl\"");
            credentials = keys.into_iter().map(Some).collect();
        }
        let server = ServerUnderTest::start(&settings).await;
        Ok(Self {
            name: format!(
                "a server of its own; fake Azure with {} places and {:?} an answer, then the bundled model",
                setup.azure_places, setup.azure_delay
            ),
            base: server.mcp_url().trim_end_matches("/mcp").to_owned(),
            metrics: Some(server.metrics_url().to_owned()),
            credentials,
            _own: Some((fake, server)),
        })
    }

    /// A server that runs already. What is not on this machine has to be wanted expressly.
    pub fn named(
        url: &str,
        metrics: Option<String>,
        credentials: Option<&Path>,
        allow_remote: bool,
    ) -> Result<Self> {
        let parsed = reqwest::Url::parse(url).with_context(|| format!("--url {url}: is no URL"))?;
        ensure!(
            allow_remote || is_loopback(&parsed),
            "--url {url} is not this machine; load on others' servers has to be agreed with them: add --allow-remote if it is"
        );
        let credentials = match credentials {
            None => vec![None],
            Some(path) => read_credentials(path)?,
        };
        Ok(Self {
            name: url.to_owned(),
            base: url.trim_end_matches('/').trim_end_matches("/mcp").to_owned(),
            metrics,
            credentials,
            _own: None,
        })
    }

    /// How many callers there are.
    pub fn callers(&self) -> usize {
        self.credentials.len()
    }

    /// Somebody who calls it.
    pub fn caller(&self, model: &str) -> Caller {
        Caller::new(&self.base, self.metrics.clone(), model, self.credentials.clone())
    }
}

fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// One line a caller.
fn read_credentials(path: &Path) -> Result<Vec<Option<String>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("--credentials {}", path.display()))?;
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    ensure!(
        !lines.is_empty(),
        "--credentials {}: no line holds a token or an API key",
        path.display()
    );
    Ok(lines.into_iter().map(|line| Some(line.to_owned())).collect())
}

/// Has the program make API keys: the keys, and the file of their hashes.
async fn make_keys(tenants: usize) -> Result<(Vec<String>, String)> {
    // Its own start of the server writes elsewhere; this folder goes when the keys are read.
    let settings = Settings::local().write();
    let folder = settings.path();
    let mut keys = Vec::new();
    for tenant in 1..=tenants {
        let name = format!("load-{tenant}");
        let mut keygen = command(folder);
        keygen.args(["tenant", "key", "add", "--tenant", &name, "--name", &name]);
        keygen.args(["--scopes", "tools:read,tools:call,chat", "--file", "keys.jsonl"]);
        let made = keygen.output().await.context("mcp-server cannot be run")?;
        if !made.status.success() {
            bail!(
                "no API key for {name}: {}",
                String::from_utf8_lossy(&made.stderr).trim()
            );
        }
        keys.push(
            String::from_utf8(made.stdout)
                .context("the key is no text")?
                .trim()
                .to_owned(),
        );
    }
    let file = std::fs::read_to_string(folder.join("keys.jsonl")).context("the keys were not written")?;
    Ok((keys, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_have_to_be_wanted() {
        for url in [
            "http://127.0.0.1:8080",
            "http://localhost:1/mcp",
            "http://[::1]:8080",
        ] {
            Target::named(url, None, None, false).expect(url);
        }
        for url in [
            "https://mcp.example.com",
            "http://10.0.0.1:8080",
            "http://127.0.0.1.example.com",
        ] {
            let error = Target::named(url, None, None, false).expect_err(url).to_string();
            assert!(error.contains("--allow-remote"), "{error}");
            Target::named(url, None, None, true).expect(url);
        }
        assert!(
            Target::named("nonsense", None, None, true)
                .expect_err("no URL")
                .to_string()
                .contains("nonsense")
        );
    }
}
