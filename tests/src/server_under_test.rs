//! Starts the real `mcp-server` program on free ports, with a configuration of the test's own.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

use crate::{eventually, fake_azure::FakeAzure, mcp_client::McpClient, metrics::Metrics};

/// Lines of its log that are kept.
const LOG_LINES_MAX: usize = 20_000;
/// How long the program may take to say where it listens, and to become ready.
const START_LIMIT: Duration = Duration::from_mins(1);

/// What the server is configured with.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    server: String,
    queue: String,
    backends: Vec<Backend>,
    files: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Backend {
    name: String,
    toml: String,
    /// Content of the key file, which is named after the backend.
    key: Option<String>,
}

/// How one Azure backend of the configuration is described.
#[derive(Debug, Clone)]
pub struct AzureBackend {
    /// Its name.
    pub name: String,
    /// Which model it is said to be.
    pub model: String,
    /// `v1`, or an api-version.
    pub api: String,
    /// Another endpoint than the fake's own.
    pub endpoint: Option<String>,
    /// Lines of `[backends.resilience]` and its parts.
    pub resilience: String,
}

impl Default for AzureBackend {
    fn default() -> Self {
        Self {
            name: "azure".to_owned(),
            model: "gpt-4.1-mini".to_owned(),
            api: "v1".to_owned(),
            endpoint: None,
            resilience: String::new(),
        }
    }
}

impl Settings {
    /// The bundled model alone.
    pub fn local() -> Self {
        Self::default().with_local()
    }

    /// A fake Azure first, then the bundled model.
    pub fn azure_then_local(fake: &FakeAzure) -> Self {
        Self::default()
            .with_azure(fake, &AzureBackend::default())
            .with_local()
    }

    /// Adds an Azure backend at the end of the chain.
    #[must_use]
    pub fn with_azure(mut self, fake: &FakeAzure, backend: &AzureBackend) -> Self {
        let AzureBackend {
            name,
            model,
            api,
            endpoint,
            resilience,
        } = backend;
        let endpoint = endpoint.clone().unwrap_or_else(|| fake.endpoint());
        let deployment = fake.deployment();
        let toml = format!(
            "[[backends]]\nname = \"{name}\"\nkind = \"azure\"\nendpoint = \"{endpoint}\"\napi = \"{api}\"\n\
             deployment = \"{deployment}\"\nmodel = \"{model}\"\nregion = \"swedencentral\"\nprocessing = \"eu\"\n\
             api_key_file = \"{name}.key\"\n\
             price_per_million = {{ input = 0.40, output = 1.60, currency = \"EUR\" }}\n{resilience}\n"
        );
        let key = Some(fake.api_key().to_owned());
        self.backends.push(Backend {
            name: name.clone(),
            toml,
            key,
        });
        self
    }

    /// Adds the fake's OpenAI-compatible face at the end of the chain, as backend `openai`. `lines` are
    /// further settings of it.
    #[must_use]
    pub fn with_openai(mut self, fake: &FakeAzure, model: &str, lines: &str) -> Self {
        let (base_url, upstream) = (fake.openai_base_url(), fake.deployment());
        let toml = format!(
            "[[backends]]\nname = \"openai\"\nkind = \"openai\"\nbase_url = \"{base_url}\"\nmodel = \"{model}\"\n\
             upstream_model = \"{upstream}\"\nregion = \"cluster\"\nprocessing = \"eu\"\n\
             api_key_file = \"openai.key\"\n{lines}\n"
        );
        self.backends.push(Backend {
            name: "openai".to_owned(),
            toml,
            key: Some(fake.api_key().to_owned()),
        });
        self
    }

    /// Adds the bundled model at the end of the chain.
    #[must_use]
    pub fn with_local(mut self) -> Self {
        let toml = "[[backends]]\nname = \"local\"\nkind = \"local\"\nmodel = \"bundled\"\nslots = 4\n";
        self.backends.push(Backend {
            name: "local".to_owned(),
            toml: toml.to_owned(),
            key: None,
        });
        self
    }

    /// Adds lines to `[server]`; further tables may follow.
    #[must_use]
    pub fn server(mut self, lines: &str) -> Self {
        self.server.push_str(lines);
        self.server.push('\n');
        self
    }

    /// Adds lines to `[queue]`.
    #[must_use]
    pub fn queue(mut self, lines: &str) -> Self {
        self.queue.push_str(lines);
        self.queue.push('\n');
        self
    }

    /// Writes a file beside the configuration before the start.
    #[must_use]
    pub fn file(mut self, name: &str, content: &str) -> Self {
        self.files.push((name.to_owned(), content.to_owned()));
        self
    }

    /// Writes configuration and keys into a folder of their own.
    ///
    /// # Panics
    /// Panics when they cannot be written.
    pub fn write(&self) -> TempDir {
        let folder = folder_with(&self.to_toml());
        for backend in &self.backends {
            if let Some(key) = &backend.key {
                let path = folder.path().join(format!("{}.key", backend.name));
                std::fs::write(path, format!("{key}\n")).expect("a key file");
            }
        }
        for (name, content) in &self.files {
            std::fs::write(folder.path().join(name), content).expect("a writable folder");
        }
        folder
    }

    fn to_toml(&self) -> String {
        let mut text = String::from("[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"\n");
        let _ = write!(text, "{}\n[queue]\n{}\n", self.server, self.queue);
        for backend in &self.backends {
            text.push_str(&backend.toml);
        }
        let chain: Vec<String> = self
            .backends
            .iter()
            .map(|backend| format!("\"{}\"", backend.name))
            .collect();
        let _ = writeln!(
            text,
            "[[models]]\nname = \"default\"\nchain = [{}]",
            chain.join(", ")
        );
        text
    }
}

/// The program: `MCP_SERVER_BIN`, or the one built beside this test.
///
/// # Panics
/// Panics when there is none, and says how to build it.
pub fn program() -> PathBuf {
    find_program().unwrap_or_else(|reason| panic!("{reason}"))
}

/// The program, or why there is none and how to build it.
///
/// # Errors
/// In words for whoever started this.
pub fn find_program() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("MCP_SERVER_BIN").map(PathBuf::from) {
        return if named.is_file() {
            Ok(named)
        } else {
            Err(format!(
                "MCP_SERVER_BIN is {}, and there is no such file",
                named.display()
            ))
        };
    }
    let test = std::env::current_exe().expect("a program knows its own path");
    // target/release/deps/integration-0123 -> target/release/mcp-server
    let built = test
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("mcp-server"))
        .find(|path| path.is_file());
    built.ok_or_else(|| {
        format!(
            "there is no mcp-server beside {}: build it with `cargo build --release`, or name it in MCP_SERVER_BIN",
            test.display()
        )
    })
}

/// A command of the program in a clean environment and an empty folder.
///
/// # Panics
/// See [`program`].
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command
        .env_clear()
        .current_dir(folder)
        .env("HOME", folder)
        .env("NO_COLOR", "1")
        .kill_on_drop(true);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// A folder with a configuration file in it.
///
/// # Panics
/// Panics when it cannot be written.
pub fn folder_with(toml: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("mcp-server.toml"), toml).expect("a configuration file");
    folder
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub struct ServerUnderTest {
    child: Child,
    mcp: String,
    metrics: String,
    log: Arc<Mutex<VecDeque<String>>>,
    reader: JoinHandle<()>,
    folder: TempDir,
}

impl ServerUnderTest {
    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    /// Panics with its log when it does not become ready.
    pub async fn start(settings: &Settings) -> Self {
        let server = Self::start_unready(settings).await;
        server.become_ready().await;
        server
    }

    /// Starts it without a configuration file, as someone who tries it out does; only the ports are free ones.
    ///
    /// # Panics
    /// Panics with its log when it does not become ready.
    pub async fn start_unconfigured(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = command(folder.path());
        command.envs(environment.iter().copied());
        for port in ["LISTEN", "METRICS_LISTEN"] {
            command.env(format!("MCP_SERVER__SERVER__{port}"), "127.0.0.1:0");
        }
        let server = Self::start_command(command, folder).await;
        server.become_ready().await;
        server
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    /// Panics with its log when it ends before that.
    pub async fn start_unready(settings: &Settings) -> Self {
        let folder = settings.write();
        let mut command = command(folder.path());
        command.args(["serve", "--config", "mcp-server.toml"]);
        Self::start_command(command, folder).await
    }

    /// Starts it on a folder that a test wrote, and waits until it listens. The folder holds `mcp-server.toml`, and
    /// variables win over it.
    ///
    /// # Panics
    /// Panics with its log when it ends before that.
    pub async fn start_in(folder: TempDir, environment: &[(&str, &str)]) -> Self {
        let mut command = command(folder.path());
        command
            .args(["serve", "--config", "mcp-server.toml"])
            .envs(environment.iter().copied());
        Self::start_command(command, folder).await
    }

    /// Starts it as a command says that asks for free ports, and waits until it listens. The folder lives as long.
    ///
    /// # Panics
    /// Panics with its log when it ends before that.
    pub async fn start_command(mut command: Command, folder: TempDir) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program().display()));
        let stderr = child.stderr.take().expect("standard error is piped");
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let (told, mut telling) = watch::channel((None, None));
        let reader = tokio::spawn(read_log(BufReader::new(stderr), Arc::clone(&log), told));
        let listening = telling.wait_for(|(mcp, metrics)| mcp.is_some() && metrics.is_some());
        let addresses = match tokio::time::timeout(START_LIMIT, listening).await {
            Ok(Ok(addresses)) => addresses.clone(),
            _ => panic!("the server does not listen; its log:\n{}", show(&log)),
        };
        let (Some(mcp), Some(metrics)) = addresses else {
            unreachable!("waited for both")
        };
        Self {
            child,
            mcp,
            metrics,
            log,
            reader,
            folder,
        }
    }

    /// Waits until it is ready.
    ///
    /// # Panics
    /// Panics with its log when it does not become ready.
    pub async fn become_ready(&self) {
        let http = crate::http_client();
        let url = self.url("/health/ready");
        eventually("the server is ready", START_LIMIT, async || {
            let answer = http.get(&url).send().await;
            answer
                .is_ok_and(|answer| answer.status().is_success())
                .then_some(())
        })
        .await;
    }

    /// The URL of `/mcp`.
    pub fn mcp_url(&self) -> &str {
        &self.mcp
    }

    /// The URL of `/metrics`.
    pub fn metrics_url(&self) -> &str {
        &self.metrics
    }

    /// Another path of the main port.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.mcp.trim_end_matches("/mcp"))
    }

    /// A client of the stateless revision.
    pub fn client(&self) -> McpClient {
        McpClient::modern(self.mcp.clone())
    }

    /// Scrapes the metrics.
    pub async fn metrics(&self) -> Metrics {
        Metrics::scrape(&self.metrics).await
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        show(&self.log)
    }

    /// Replaces a file beside its configuration, such as a key.
    ///
    /// # Panics
    /// Panics when it cannot be written.
    pub fn write_file(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).expect("a writable folder");
    }

    /// The folder of its configuration, which it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process id.
    ///
    /// # Panics
    /// Panics when it has ended.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server still runs")
    }

    /// Sends SIGTERM.
    ///
    /// # Panics
    /// Panics when it has ended.
    pub async fn sigterm(&self) {
        terminate(self.pid()).await;
    }

    /// Kills it, at once and without notice.
    ///
    /// # Panics
    /// Panics when it cannot be killed.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Kills it if it still runs, and starts it again where it was, on other ports.
    ///
    /// # Panics
    /// Panics with its log when it does not become ready.
    pub async fn restart(&mut self) {
        self.kill().await;
        let elsewhere = tempfile::tempdir().expect("a temporary folder");
        let folder = std::mem::replace(&mut self.folder, elsewhere);
        let mut command = command(folder.path());
        command.args(["serve", "--config", "mcp-server.toml"]);
        *self = Self::start_command(command, folder).await;
        self.become_ready().await;
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// Panics with its log when it does not end within `limit`.
    pub async fn wait(&mut self, limit: Duration) -> ExitStatus {
        let Ok(status) = tokio::time::timeout(limit, self.child.wait()).await else {
            panic!(
                "the server does not end within {limit:?}; its log:\n{}",
                self.log()
            );
        };
        status.expect("a child can be waited for")
    }
}

impl Drop for ServerUnderTest {
    fn drop(&mut self) {
        self.reader.abort();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(4000);
            eprintln!(
                "--- end of the server's log ---\n{}",
                &log[log.ceil_char_boundary(from)..]
            );
        }
    }
}

/// Sends SIGTERM to a process that the test started.
///
/// # Panics
/// Panics when there is no such process.
pub async fn terminate(pid: u32) {
    let kill = format!("kill -TERM {pid}");
    let sent = Command::new("sh").args(["-c", &kill]).status().await;
    assert!(
        sent.is_ok_and(|status| status.success()),
        "SIGTERM cannot be sent to {pid}"
    );
}

type Addresses = (Option<String>, Option<String>);

async fn read_log(
    stderr: BufReader<tokio::process::ChildStderr>,
    log: Arc<Mutex<VecDeque<String>>>,
    told: watch::Sender<Addresses>,
) {
    let mut lines = stderr.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let url = |prefix: &str| line.strip_prefix(prefix).map(|url| url.trim().to_owned());
        if let Some(mcp) = url("listening on ") {
            told.send_modify(|addresses| addresses.0 = Some(mcp));
        }
        if let Some(metrics) = url("metrics on ") {
            told.send_modify(|addresses| addresses.1 = Some(metrics));
        }
        let mut log = log.lock().expect("nothing panics while it holds the log");
        if log.len() == LOG_LINES_MAX {
            log.pop_front();
        }
        log.push_back(line);
    }
}

fn show(log: &Mutex<VecDeque<String>>) -> String {
    let log = log.lock().expect("nothing panics while it holds the log");
    log.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_every_backend_in_the_chain() {
        let toml = Settings::local()
            .server("drain_grace = \"5s\"")
            .queue("capacity = 200")
            .to_toml();
        for part in [
            "drain_grace",
            "[queue]\ncapacity",
            "model = \"bundled\"",
            "chain = [\"local\"]",
        ] {
            assert!(toml.contains(part), "{part} in {toml}");
        }
    }
}
