//! MCP on standard input and output: nothing but JSON-RPC on standard output, and an end when input ends.

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    mcp_client::McpClient,
    server_under_test::{Settings, command},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout},
};

/// Patience with one answer: a model is loaded before the first.
const PATIENCE: Duration = Duration::from_mins(1);

struct Session {
    child: Child,
    input: Option<ChildStdin>,
    output: tokio::io::Lines<BufReader<ChildStdout>>,
    _folder: tempfile::TempDir,
}

impl Session {
    fn start(settings: &Settings) -> Self {
        let folder = settings.write();
        let mut command = command(folder.path());
        command.args(["stdio", "--config", "mcp-server.toml"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self {
            child,
            input,
            output,
            _folder: folder,
        }
    }

    async fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("not yet closed");
        input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .expect("written");
        input.flush().await.expect("flushed");
    }

    /// The next line, which must be a JSON-RPC message.
    async fn receive(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line())
            .await
            .expect("an answer in time");
        let line = line.expect("UTF-8")?;
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON on stdout: {line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        Some(message)
    }

    /// Sends a request and waits for its answer; notifications in between are passed over.
    async fn ask(&mut self, message: &Value) -> Value {
        self.send(&message.to_string()).await;
        loop {
            let answer = self.receive().await.expect("an answer before the end");
            if answer["id"] == message["id"] && answer.get("method").is_none() {
                return answer;
            }
        }
    }

    async fn initialize(&mut self) {
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}});
        let answer = self
            .ask(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}))
            .await;
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string())
            .await;
    }

    /// Closes the input; everything that still comes must be JSON-RPC, and the process must end well.
    async fn finish(mut self) {
        drop(self.input.take());
        while self.receive().await.is_some() {}
        let status = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .expect("waited for");
        assert!(status.success(), "{status}");
    }
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_eras_answer_on_standard_output() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let mut legacy = Session::start(&Settings::azure_then_local(&fake));
    legacy.initialize().await;
    let listed = legacy
        .ask(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))
        .await;
    assert_eq!(
        listed["result"]["tools"].as_array().map(Vec::len),
        Some(6),
        "{listed}"
    );
    let answer = legacy
        .ask(&call(2, "classify_ticket", &json!({"text": "x"})))
        .await;
    assert_eq!(
        answer["result"]["_meta"]["com.b2xgate/answer"]["backend"], "azure",
        "{answer}"
    );
    fake.faults().always(Fault::status(500));
    let answer = legacy
        .ask(&call(3, "classify_ticket", &json!({"text": "x"})))
        .await;
    assert_eq!(
        answer["result"]["_meta"]["com.b2xgate/answer"]["reason"], "server_error",
        "{answer}"
    );
    legacy.finish().await;

    fake.faults().clear();
    let mut modern = Session::start(&Settings::azure_then_local(&fake));
    let params = json!({"name": "classify_ticket", "arguments": {"text": "x"}});
    let (message, _) = McpClient::modern("").frame(7, "tools/call", params);
    let answer = modern.ask(&message).await;
    assert_eq!(
        answer["result"]["_meta"]["com.b2xgate/answer"]["backend"], "azure",
        "{answer}"
    );
    modern.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_on_standard_input_does_not_end_it_nor_dirty_the_output() {
    let mut server = Session::start(&Settings::local());
    server.initialize().await;
    for nonsense in ["this is no JSON", "{\"jsonrpc\":\"2.0\"", "[]", "7", ""] {
        server.send(nonsense).await;
    }
    let unknown = server.ask(&call(5, "explode", &json!({}))).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    let wrong = server.ask(&call(6, "summarize_text", &json!({}))).await;
    assert_eq!(wrong["result"]["isError"], true, "{wrong}");
    let status = server.ask(&call(7, "server_status", &json!({}))).await;
    assert_ne!(status["result"]["isError"], true, "{status}");
    server.finish().await;
}
