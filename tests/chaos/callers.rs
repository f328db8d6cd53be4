//! Callers: one call over one of the server's faces, and what its caller saw of it.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    mcp_client::{ANSWER_KEY, ERROR_KEY, McpClient},
    server_under_test::ServerUnderTest,
};
use tokio::time::Instant;

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// `tools/call`, buffered.
    Tool,
    /// `POST /v1/chat/completions`, one body.
    Chat,
    /// The same, streamed; the caller allows a restart.
    ChatStream,
}

impl Face {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tool => "tools/call",
            Self::Chat => "/v1",
            Self::ChatStream => "/v1 stream",
        }
    }
}

/// One call, as its caller saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) started: Instant,
    pub(crate) took: Duration,
    pub(crate) end: End,
}

impl Seen {
    pub(crate) fn answer(&self) -> Option<&Answered> {
        if let End::Answered(answered) = &self.end {
            Some(answered)
        } else {
            None
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// A complete answer.
    Answered(Answered),
    /// A documented error.
    Failed(String),
    /// Anything else: never right.
    Wrong(String),
}

/// What an answer says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) backend: String,
    pub(crate) degraded: bool,
    pub(crate) reason: Option<String>,
    pub(crate) attempts: usize,
    pub(crate) restarted: bool,
}

/// Speaks to one server over one face.
pub(crate) struct Caller {
    face: Face,
    mcp: McpClient,
    http: reqwest::Client,
    url: String,
}

impl Caller {
    pub(crate) fn new(server: &ServerUnderTest, face: Face) -> Self {
        Self {
            face,
            mcp: server.client(),
            http: tests::http_client(),
            url: server.url("/v1/chat/completions"),
        }
    }

    /// Makes one call and waits for its end.
    pub(crate) async fn call(&self, text: &str) -> Seen {
        let started = Instant::now();
        let end = match self.face {
            Face::Tool => self.call_tool(text).await,
            Face::Chat => self.chat(text, false).await,
            Face::ChatStream => self.chat(text, true).await,
        };
        Seen {
            started,
            took: started.elapsed(),
            end: end.unwrap_or_else(End::Wrong),
        }
    }

    async fn call_tool(&self, text: &str) -> Result<End, String> {
        let params = json!({"name": "classify_ticket", "arguments": {"text": text}});
        let (message, headers) = self.mcp.frame(1, "tools/call", params);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let exchange = self.mcp.try_post(&message, &headers).await;
        let exchange = exchange.map_err(|error| format!("no answer: {error:?}"))?;
        let result = &exchange.response["result"];
        if exchange.status != 200 || result.is_null() {
            return Err(format!("{} {}", exchange.status, exchange.response));
        }
        if result["isError"] == true {
            let code = result["_meta"][ERROR_KEY]["code"].as_str();
            return code
                .map(|code| End::Failed(code.to_owned()))
                .ok_or_else(|| result.to_string());
        }
        let facts = &result["_meta"][ANSWER_KEY];
        let complete = result["structuredContent"]["label"].is_string();
        if !complete {
            return Err(format!("no label: {result}"));
        }
        Ok(End::Answered(Answered {
            backend: facts["backend"].as_str().ok_or("nobody answered")?.to_owned(),
            degraded: facts["degraded"] == true,
            reason: facts["reason"].as_str().map(str::to_owned),
            attempts: facts["attempts"].as_array().map_or(0, Vec::len),
            restarted: false,
        }))
    }

    async fn chat(&self, text: &str, stream: bool) -> Result<End, String> {
        // Long enough for every fault within the body, and little work for a local model that answers a crowd.
        let body = json!({"model": "default", "stream": stream, "messages": [{"role": "user", "content": text}],
            "stream_options": if stream { json!({"include_usage": true}) } else { Value::Null },
            "max_completion_tokens": 8});
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-b2x-restart", "allow")
            .body(body.to_string());
        let response = request
            .send()
            .await
            .map_err(|error| format!("no answer: {error:?}"))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response
            .text()
            .await
            .map_err(|error| format!("the answer broke off: {error:?}"))?;
        if status != 200 {
            return failed(&parse(&body)?);
        }
        if stream {
            return read_stream(&body);
        }
        let answer = parse(&body)?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if !complete(&answer["choices"][0]["finish_reason"]) || answer["usage"]["total_tokens"].is_null() {
            return Err(format!("not complete: {answer}"));
        }
        Ok(End::Answered(Answered {
            backend: header("x-b2x-backend").ok_or("nobody answered")?.to_owned(),
            degraded: header("x-b2x-degraded") == Some("true"),
            reason: header("x-b2x-reason").map(str::to_owned),
            attempts: header("x-b2x-attempts")
                .and_then(|count| count.parse().ok())
                .unwrap_or(0),
            restarted: false,
        }))
    }
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))
}

/// A bound of eight tokens may be reached: that is said, and is what was asked for.
fn complete(finish_reason: &Value) -> bool {
    matches!(finish_reason.as_str(), Some("stop" | "length"))
}

fn failed(body: &Value) -> Result<End, String> {
    let code = body["error"]["code"].as_str();
    code.map(|code| End::Failed(code.to_owned()))
        .ok_or_else(|| body.to_string())
}

/// A stream is an answer only with a finish reason, the facts, and `[DONE]` at its very end.
fn read_stream(body: &str) -> Result<End, String> {
    let (mut finished, mut done, mut facts, mut restarted) = (false, false, Value::Null, false);
    for line in body.lines().filter_map(|line| line.strip_prefix("data:")) {
        let line = line.trim();
        if done {
            return Err(format!("{line} after [DONE]"));
        }
        if line == "[DONE]" {
            done = true;
            continue;
        }
        let chunk = parse(line)?;
        if !chunk["error"].is_null() {
            return failed(&chunk);
        }
        restarted |= chunk["b2x"]["restarted"] == true;
        finished |= complete(&chunk["choices"][0]["finish_reason"]);
        if chunk["b2x"]["backend"].is_string() {
            facts = chunk["b2x"].clone();
        }
    }
    if !(done && finished && facts["backend"].is_string()) {
        return Err(format!("not complete, and no error: {body}"));
    }
    Ok(End::Answered(Answered {
        backend: facts["backend"].as_str().unwrap_or_default().to_owned(),
        degraded: facts["degraded"] == true,
        reason: facts["reason"].as_str().map(str::to_owned),
        attempts: facts["attempts"].as_array().map_or(0, Vec::len),
        restarted,
    }))
}
