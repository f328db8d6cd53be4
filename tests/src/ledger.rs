//! What a server wrote down, as its command line tells it; and callers who know what they were answered.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{mcp_client::McpClient, server_under_test::command};

/// Runs the program to its end: exit code, standard output, standard error.
///
/// # Panics
/// Panics when it does not end.
pub async fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(folder);
    command.args(arguments);
    let run = tokio::time::timeout(Duration::from_mins(1), command.output()).await;
    let output = run.expect("it ends by itself").expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Every row of the ledger, oldest first.
///
/// # Panics
/// Panics when they cannot be read.
pub async fn rows(folder: &Path, further: &[&str]) -> Vec<Value> {
    let arguments = [&["tenant", "export", "--json", "--from", "2026-01-01"], further].concat();
    let (code, out, errors) = run(folder, &arguments).await;
    assert_eq!(code, Some(0), "{errors}");
    out.lines()
        .map(|line| serde_json::from_str(line).expect("a row is JSON"))
        .collect()
}

/// Callers that call on and on, each call with a trace of its own, and remember what was answered.
#[derive(Debug, Default)]
pub struct Callers {
    next: AtomicU64,
    answered: Mutex<Vec<String>>,
}

impl Callers {
    /// Lets `count` callers call until they are dropped, or the server is gone.
    pub fn start(self: &Arc<Self>, client: McpClient, count: usize) -> JoinSet<()> {
        let client = Arc::new(client);
        let mut calling = JoinSet::new();
        for _ in 0..count {
            let (callers, client) = (Arc::clone(self), Arc::clone(&client));
            calling.spawn(async move { while callers.call(&client).await {} });
        }
        calling
    }

    /// Makes one call. Whether the server was there.
    async fn call(&self, client: &McpClient) -> bool {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let trace = format!("{number:032x}");
        let params = json!({
            "name": "classify_ticket", "arguments": {"text": "Where is my parcel?"},
            "_meta": {"traceparent": format!("00-{trace}-00f067aa0ba902b7-01")},
        });
        let (message, headers) = client.frame(number, "tools/call", params);
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let Ok(exchange) = client.try_post(&message, &headers).await else {
            return false;
        };
        if exchange.response.get("result").is_some() {
            let mut answered = self.answered.lock().expect("nobody panics while holding it");
            answered.push(trace);
        }
        true
    }

    /// How many calls were answered.
    ///
    /// # Panics
    /// Panics when a caller did.
    pub fn answered(&self) -> usize {
        self.answered
            .lock()
            .expect("nobody panics while holding it")
            .len()
    }

    /// Every call that was answered has a row, and no call has two.
    ///
    /// # Panics
    /// Panics where one is lost or doubled, and says which.
    pub fn check(&self, rows: &[Value]) {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            *found
                .entry(row["trace_id"].as_str().unwrap_or("none"))
                .or_default() += 1;
        }
        let answered = self.answered.lock().expect("nobody panics while holding it");
        let lost: Vec<_> = answered
            .iter()
            .filter(|trace| !found.contains_key(trace.as_str()))
            .collect();
        assert!(
            lost.is_empty(),
            "{} of {} lost: {lost:?}",
            lost.len(),
            answered.len()
        );
        let doubled: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
        assert!(doubled.is_empty(), "doubled: {doubled:?}");
    }
}
