//! Starts the real `redis-server` of this machine on free ports of the loopback address: one, or a cluster of three.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Child,
};

use crate::eventually;

const START_LIMIT: Duration = Duration::from_secs(20);
/// Another program may take a port between the look for a free one and the start.
const START_TRIES: u32 = 5;
const NODES: usize = 3;
const SLOTS: usize = 16_384;

/// A port of the loopback address that nobody listens on at the moment.
///
/// # Panics
/// Panics when there is none.
pub fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("a bound socket has an address").port()
}

/// A running Redis that keeps everything in memory. Killed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    child: Child,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one.
    ///
    /// # Panics
    /// Panics when it cannot be started, and says how to install it.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further options.
    ///
    /// # Panics
    /// See [`RedisServer::start`].
    pub async fn start_with(options: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        for _ in 0..START_TRIES {
            let port = free_port();
            let mut child = spawn(port, &options, &folder);
            if listens(port, &mut child).await {
                return Self {
                    child,
                    port,
                    options,
                    folder,
                };
            }
        }
        panic!("redis-server did not start, though it is here");
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, with everything it kept.
    ///
    /// # Panics
    /// Panics when it cannot be killed.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Starts it anew where it was, empty.
    ///
    /// # Panics
    /// Panics when it does not come back.
    pub async fn restart(&mut self) {
        self.child = spawn(self.port, &self.options, &self.folder);
        assert!(
            listens(self.port, &mut self.child).await,
            "redis-server comes back on its port"
        );
    }

    /// Asks it something with its own command line, and gives what that prints.
    ///
    /// # Panics
    /// Panics when it refuses.
    pub fn ask(&self, command: &[&str]) -> String {
        self.try_ask(command)
            .unwrap_or_else(|said| panic!("{command:?}: {said}"))
    }

    /// As [`RedisServer::ask`].
    ///
    /// # Errors
    /// What it says when it refuses.
    ///
    /// # Panics
    /// Panics when there is no `redis-cli`.
    pub fn try_ask(&self, command: &[&str]) -> Result<String, String> {
        let asked = Command::new("redis-cli")
            .args(["-e", "-p", &self.port.to_string()])
            .args(command)
            .output()
            .expect("redis-cli comes with redis-server");
        let said = String::from_utf8_lossy(&asked.stdout).into_owned();
        if asked.status.success() {
            Ok(said)
        } else {
            Err(said)
        }
    }
}

/// Three of them that divide all keys among themselves.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the nodes, and waits until all agree that they are one.
    ///
    /// # Panics
    /// Panics when they do not.
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            let bus = free_port().to_string();
            let options = ["--cluster-enabled", "yes", "--cluster-port", &bus];
            nodes.push(RedisServer::start_with(&options).await);
        }
        for (place, node) in nodes.iter().enumerate() {
            let (from, to) = (place * SLOTS / NODES, (place + 1) * SLOTS / NODES - 1);
            node.ask(&["cluster", "addslotsrange", &from.to_string(), &to.to_string()]);
            node.ask(&["config", "set", "cluster-announce-ip", "127.0.0.1"]);
        }
        for node in &nodes[1..] {
            let bus = node.options[3].clone();
            nodes[0].ask(&["cluster", "meet", "127.0.0.1", &node.port.to_string(), &bus]);
        }
        let agree = |node: &RedisServer| {
            let info = node.ask(&["cluster", "info"]);
            info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
        };
        eventually("the nodes are a cluster", START_LIMIT, async || {
            nodes.iter().all(agree).then_some(())
        })
        .await;
        Self { nodes }
    }

    /// Addresses of all nodes.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// How many keys each node holds.
    pub fn keys(&self) -> Vec<u64> {
        self.nodes
            .iter()
            .map(|node| node.ask(&["dbsize"]).trim().parse().unwrap_or(0))
            .collect()
    }
}

fn spawn(port: u16, options: &[String], folder: &TempDir) -> Child {
    let mut command = tokio::process::Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
        .arg("--dir")
        .arg(folder.path())
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command.spawn().unwrap_or_else(|error| {
        panic!("redis-server cannot be started ({error}): install it, in Debian with `apt-get install redis-server`")
    })
}

/// Waits until it answers; false when it has ended instead.
async fn listens(port: u16, child: &mut Child) -> bool {
    let end = tokio::time::Instant::now() + START_LIMIT;
    while tokio::time::Instant::now() < end {
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        if pong(port).await.is_some() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

async fn pong(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(b"PING\r\n").await.ok()?;
    let mut answer = [0; 5];
    let read = tokio::time::timeout(Duration::from_secs(1), stream.read_exact(&mut answer)).await;
    read.ok()?.ok()?;
    // One that wants a password first is there, too.
    [b"+PONG", b"-NOAU"].contains(&&answer).then_some(())
}
