//! A PostgreSQL of the test's own: on a free port, in a temporary folder, stopped and started at will.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::eventually;

/// How long it may take to start.
const START_LIMIT: Duration = Duration::from_secs(30);
/// The superuser, who owns the tables.
pub const OWNER: &str = "owner";

/// A running server. Stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Makes and starts one.
    ///
    /// # Panics
    /// Panics when PostgreSQL is not installed, or does not start.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut postgres = Self {
            programs: programs(),
            folder,
            port,
            child: None,
        };
        if is_root() {
            // It refuses to run as root.
            let mut chown = Command::new("chown");
            finish(chown.arg("postgres").arg(postgres.folder.path())).await;
        }
        let data = postgres.data();
        let mut init = postgres.program("initdb");
        init.args([
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
            "-U",
            OWNER,
            "-D",
        ]);
        finish(init.arg(data)).await;
        postgres.resume().await;
        postgres
    }

    /// Starts it again after [`Self::stop`].
    ///
    /// # Panics
    /// Panics when it does not start.
    pub async fn resume(&mut self) {
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data());
        command.args([
            "-p",
            &self.port.to_string(),
            "-h",
            "127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        self.child = Some(command.spawn().expect("PostgreSQL can be started"));
        eventually("PostgreSQL is there", START_LIMIT, async || {
            let asked = self.psql("SELECT 1").output().await;
            asked.is_ok_and(|asked| asked.status.success()).then_some(())
        })
        .await;
    }

    /// Kills it, in the middle of whatever it does.
    ///
    /// # Panics
    /// Panics when it does not run.
    pub async fn stop(&mut self) {
        let mut child = self.child.take().expect("it runs");
        // The postmaster alone would leave its children with the port.
        let pid = child.id().expect("it runs");
        finish(Command::new("kill").args(["-QUIT", &pid.to_string()])).await;
        child.wait().await.expect("a child can be waited for");
    }

    /// The URL of a role.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/postgres", self.port)
    }

    /// Asks something as the owner, and gets the lines of the answer.
    ///
    /// # Panics
    /// Panics when it is refused.
    pub async fn ask(&self, sql: &str) -> Vec<String> {
        let output = self.psql(sql).output().await.expect("psql can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().map(str::to_owned).collect()
    }

    /// Asks something as another role, and is refused.
    ///
    /// # Panics
    /// Panics when it is not.
    pub async fn refuses(&self, role: &str, sql: &str) -> String {
        let mut psql = self.psql_as(role, sql);
        let output = psql.output().await.expect("psql can be started");
        assert!(!output.status.success(), "{role} may: {sql}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn psql(&self, sql: &str) -> Command {
        self.psql_as(OWNER, sql)
    }

    fn psql_as(&self, role: &str, sql: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            &self.url(role),
            "-c",
            sql,
        ]);
        psql
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(pid) = self.child.as_ref().and_then(Child::id) {
            // Its children, too. It may have ended by itself; then there is nothing to stop.
            let _ = std::process::Command::new("kill")
                .args(["-QUIT", &pid.to_string()])
                .status();
        }
    }
}

/// Where Debian and others put the programs: the newest version there is.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.reverse();
    folders.extend(std::env::split_paths(&path));
    let found = folders.into_iter().find(|folder| folder.join("initdb").is_file());
    found.expect("PostgreSQL is installed: `apt-get install postgresql`")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

async fn finish(command: &mut Command) {
    let output = command.output().await.expect("the program can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

/// Writes a URL where a server reads it.
///
/// # Panics
/// Panics when it cannot be written.
pub fn write_url(folder: &Path, name: &str, url: &str) {
    std::fs::write(folder.join(name), format!("{url}\n")).expect("a writable folder");
}
