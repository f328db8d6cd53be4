//! Starts a program that listens, waits until it is ready, and stops it when dropped.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{command, workspace::Workspace};

/// How long a server may take to be ready: the promise is 60 s on a cold machine.
const READY_LIMIT: Duration = Duration::from_mins(1);

/// Between two questions whether it is ready.
const POLL: Duration = Duration::from_millis(50);

/// A running program; stopped when dropped.
pub(crate) struct Running {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Running {
    /// Starts `command`; what it prints goes to a file under `target/xtask/logs`.
    pub(crate) fn start(workspace: &Workspace, name: &str, command: &mut Command) -> Result<Self> {
        let log = workspace.own_folder("logs")?.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start `{}`", command::describe(command)))?;
        Ok(Self {
            child,
            name: name.to_owned(),
            log,
        })
    }

    /// Waits until `GET path` answers 200.
    pub(crate) fn wait_until_ready(&mut self, address: SocketAddr, path: &str) -> Result<()> {
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{} ended with {status} before it was ready:\n{}",
                    self.name,
                    self.last_lines()
                );
            }
            if get(address, path).is_ok_and(|status| status == 200) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let limit = READY_LIMIT.as_secs();
                bail!(
                    "{} was not ready within {limit} s:\n{}",
                    self.name,
                    self.last_lines()
                );
            }
            thread::sleep(POLL);
        }
    }

    /// All that it printed.
    pub(crate) fn whole_log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The last lines it printed.
    pub(crate) fn last_lines(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let lines: Vec<String> = String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect();
        command::tail(&lines)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An MCP server of ours under test, on ports of its own, with no configuration but `environment`.
pub(crate) struct McpServer {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
}

impl McpServer {
    /// Starts `binary serve` and waits until it is ready.
    pub(crate) fn start(
        workspace: &Workspace,
        name: &str,
        binary: &Path,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let address = free_address()?;
        let mut command = clean_command(binary);
        command
            .arg("serve")
            .env("MCP_SERVER__SERVER__LISTEN", address.to_string())
            .env("MCP_SERVER__SERVER__METRICS_LISTEN", free_address()?.to_string())
            // Not where a server of this user keeps its ledger.
            .env("XDG_STATE_HOME", workspace.own_folder("state")?)
            .envs(environment.iter().copied())
            .current_dir(workspace.own_folder("empty")?);
        let mut running = Running::start(workspace, name, &mut command)?;
        running.wait_until_ready(address, "/health/ready")?;
        Ok(Self { running, address })
    }

    /// Where it speaks MCP.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

/// A program without this shell's own settings of our server, so that every machine tests the same.
pub(crate) fn clean_command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if ["AZURE_", "MCP_SERVER_", "OPENAI_", "OTEL_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(&key);
        }
    }
    command
}

/// A loopback address that nobody listens on right now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?)
}

/// Makes one plain HTTP request, and returns the status of its answer.
fn get(address: SocketAddr, path: &str) -> Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut bytes)?;
    status(&String::from_utf8_lossy(&bytes)).context("this is no HTTP answer")
}

fn status(answer: &str) -> Option<u16> {
    let line = answer.lines().next().filter(|line| line.starts_with("HTTP/1."))?;
    line.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read() {
        assert_eq!(
            status("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nwarming"),
            Some(503)
        );
        for nonsense in ["", "garbage", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1"] {
            assert_eq!(status(nonsense), None, "{nonsense:?}");
        }
    }
}
