//! API keys of a fleet: one file, read by every server.

use std::{path::PathBuf, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tests::{
    eventually,
    redis_server::RedisServer,
    server_under_test::{Settings, command},
};

use crate::pods::{PODS, Pods, sharing};

/// A file of keys that several servers read.
pub(crate) struct KeyFile {
    folder: TempDir,
}

impl KeyFile {
    pub(crate) fn new() -> Self {
        let keys = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        std::fs::write(keys.path(), "").expect("a writable folder");
        keys
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keys.jsonl")
    }

    /// Settings that admit whoever has one of these keys.
    pub(crate) fn with(&self, settings: Settings) -> Settings {
        settings.server(&format!(
            "[auth.api_keys]\nfile = \"{}\"\n",
            self.path().display()
        ))
    }

    /// Makes a key that may do everything.
    pub(crate) async fn add(&self, tenant: &str) -> String {
        let scopes = "tools:read,tools:call,chat";
        let made = self
            .run(&["add", "--tenant", tenant, "--name", "erp", "--scopes", scopes])
            .await;
        made.trim().to_owned()
    }

    pub(crate) async fn revoke(&self, key: &str) {
        let id = key.split('_').nth(1).expect("b2x_<id>_<secret>");
        self.run(&["revoke", id]).await;
    }

    async fn run(&self, arguments: &[&str]) -> String {
        let mut command = command(self.folder.path());
        command.args(["tenant", "key"]).args(arguments);
        command.arg("--file").arg(self.path());
        let run = tokio::time::timeout(Duration::from_mins(1), command.output()).await;
        let output = run.expect("it ends by itself").expect("it can be started");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_refused_on_every_server_within_five_seconds() {
    let redis = RedisServer::start().await;
    let keys = KeyFile::new();
    let (revoked, kept) = (keys.add("acme").await, keys.add("acme").await);
    let pods = Pods::start(&keys.with(sharing(Settings::local(), &[redis.url()]))).await;
    let statuses = async |key: &str| {
        let mut statuses = Vec::new();
        for url in pods.urls() {
            let client = pods.client().at(&url).with_bearer(key);
            statuses.push(client.call("server_status", json!({})).await.status);
        }
        statuses
    };
    let session = pods
        .client()
        .with_bearer(&revoked)
        .initialize()
        .await
        .expect("a session");
    assert_eq!(statuses(&revoked).await, [200; PODS]);
    keys.revoke(&revoked).await;
    eventually("refused everywhere", Duration::from_secs(5), async || {
        (statuses(&revoked).await == [401; PODS]).then_some(())
    })
    .await;
    // An open session helps nobody, on no server; the same client goes on with its other key.
    for url in pods.urls() {
        let session = pods
            .client()
            .at(&url)
            .with_bearer(&revoked)
            .with_header("mcp-session-id", session.session().expect("it has one"));
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        assert_eq!(session.post(&message, &[]).await.status, 401, "{url}");
        assert_eq!(
            session.with_bearer(&kept).post(&message, &[]).await.status,
            200,
            "{url}"
        );
    }
}
