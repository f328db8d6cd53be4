//! A small MCP client over plain HTTP, in both eras: it shows what travels, and hides nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

/// The stateless revision.
pub const MODERN: &str = "2026-07-28";
/// The last revision that begins with `initialize`.
pub const LEGACY: &str = "2025-11-25";
/// Where a result says who answered.
pub const ANSWER_KEY: &str = "com.b2xgate/answer";
/// Where a failed result says why.
pub const ERROR_KEY: &str = "com.b2xgate/error";

/// Speaks to one server.
#[derive(Debug)]
pub struct McpClient {
    http: reqwest::Client,
    url: String,
    /// `Some` in the legacy era.
    session: Option<String>,
    /// Sent with every request: who calls, for example.
    headers: Vec<(String, String)>,
    next_id: AtomicU64,
}

/// An HTTP answer, read to its end.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: reqwest::header::HeaderMap,
    /// The JSON-RPC response; `Null` where there is none.
    pub response: Value,
    /// Notifications that came before it.
    pub notifications: Vec<Value>,
}

impl Exchange {
    /// The JSON-RPC result.
    ///
    /// # Panics
    /// Panics when it is an error instead.
    pub fn result(&self) -> &Value {
        self.response
            .get("result")
            .unwrap_or_else(|| panic!("no result: {} {}", self.status, self.response))
    }

    /// The JSON-RPC error.
    ///
    /// # Panics
    /// Panics when it is a result instead.
    pub fn error(&self) -> &Value {
        self.response
            .get("error")
            .unwrap_or_else(|| panic!("no error: {} {}", self.status, self.response))
    }

    /// The result of a tool that succeeded.
    ///
    /// # Panics
    /// Panics when it failed.
    pub fn answer(&self) -> ToolAnswer {
        let result = self.result();
        assert_ne!(result["isError"], true, "the tool failed: {result}");
        let facts = &result["_meta"][ANSWER_KEY];
        ToolAnswer {
            structured: result["structuredContent"].clone(),
            text: result["content"][0]["text"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            facts: (!facts.is_null()).then(|| facts.clone()),
        }
    }

    /// Why a tool failed: the machine-readable part of a result with `isError`.
    ///
    /// # Panics
    /// Panics when it did not fail in its result.
    pub fn failure(&self) -> &Value {
        let result = self.result();
        assert_eq!(result["isError"], true, "the tool did not fail: {result}");
        &result["_meta"][ERROR_KEY]
    }
}

/// What a tool gave.
#[derive(Debug, Clone)]
pub struct ToolAnswer {
    /// `structuredContent`.
    pub structured: Value,
    /// The text of the first content block.
    pub text: String,
    /// Who answered; `None` for tools that ask no model.
    pub facts: Option<Value>,
}

impl ToolAnswer {
    /// Who answered.
    ///
    /// # Panics
    /// Panics when nobody is named.
    pub fn facts(&self) -> &Value {
        self.facts.as_ref().expect("the result names who answered")
    }

    /// The backend that answered.
    ///
    /// # Panics
    /// Panics when nobody is named.
    pub fn backend(&self) -> &str {
        self.facts()["backend"]
            .as_str()
            .expect("the backend's name is text")
    }

    /// Whether a weaker model stood in, and why.
    pub fn degraded(&self) -> (bool, Option<&str>) {
        (self.facts()["degraded"] == true, self.facts()["reason"].as_str())
    }
}

impl McpClient {
    /// Speaks the stateless revision.
    pub fn modern(url: impl Into<String>) -> Self {
        Self {
            http: crate::http_client(),
            url: url.into(),
            session: None,
            headers: Vec::new(),
            next_id: AtomicU64::new(1),
        }
    }

    /// Sends a header with every request from now on.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Shows a token or a key with every request from now on, instead of any other.
    #[must_use]
    pub fn with_bearer(mut self, credential: &str) -> Self {
        self.headers.retain(|(name, _)| name != "authorization");
        self.with_header("authorization", &format!("Bearer {credential}"))
    }

    /// Sends through another HTTP client.
    #[must_use]
    pub fn with_http(mut self, http: reqwest::Client) -> Self {
        self.http = http;
        self
    }

    /// Speaks to another server from now on, in the same session.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.url);
        self
    }

    /// Initializes a session.
    ///
    /// # Errors
    /// Gives the server's answer when that is no session.
    pub async fn legacy(url: impl Into<String>) -> Result<Self, Box<Exchange>> {
        Self::modern(url).initialize().await
    }

    /// Initializes a session, with the headers of this client.
    ///
    /// # Errors
    /// Gives the server's answer when that is no session.
    pub async fn initialize(self) -> Result<Self, Box<Exchange>> {
        let mut client = self;
        let params = json!({"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}});
        let message = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
        let exchange = client.post(&message, &[]).await;
        let Some(session) = exchange
            .headers
            .get("mcp-session-id")
            .and_then(|id| id.to_str().ok())
        else {
            return Err(Box::new(exchange));
        };
        client.session = Some(session.to_owned());
        client
            .post(
                &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
                &[],
            )
            .await;
        Ok(client)
    }

    /// The session's id, in the legacy era.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Calls a tool.
    pub async fn call(&self, tool: &str, arguments: Value) -> Exchange {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }

    /// Sends one request with everything that its era wants.
    pub async fn request(&self, method: &str, params: Value) -> Exchange {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (message, headers) = self.frame(id, method, params);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.post(&message, &headers).await
    }

    /// The message and the headers of a request, as [`Self::request`] sends them.
    pub fn frame(&self, id: u64, method: &str, params: Value) -> (Value, Vec<(&'static str, String)>) {
        let mut params = match params {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        let mut headers = Vec::new();
        if self.session.is_none() {
            let meta = params.entry("_meta").or_insert_with(|| json!({}));
            meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
            meta["io.modelcontextprotocol/clientInfo"] = json!({"name": "tests", "version": "1"});
            headers.push(("mcp-protocol-version", MODERN.to_owned()));
            headers.push(("mcp-method", method.to_owned()));
            if let Some(name) = params
                .get("name")
                .or_else(|| params.get("uri"))
                .and_then(Value::as_str)
            {
                headers.push(("mcp-name", name.to_owned()));
            }
        }
        (
            json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}),
            headers,
        )
    }

    /// Posts a message as it is.
    ///
    /// # Panics
    /// Panics when the server cannot be reached.
    pub async fn post(&self, message: &Value, headers: &[(&str, &str)]) -> Exchange {
        self.try_post(message, headers)
            .await
            .unwrap_or_else(|error| panic!("{}: {error:?}", self.url))
    }

    /// Posts a message as it is.
    ///
    /// # Errors
    /// Fails when the server cannot be reached, or the connection breaks.
    pub async fn try_post(
        &self,
        message: &Value,
        headers: &[(&str, &str)],
    ) -> Result<Exchange, reqwest::Error> {
        self.try_post_bytes(message.to_string().into_bytes(), headers)
            .await
    }

    /// Posts any bytes.
    ///
    /// # Errors
    /// Fails when the server cannot be reached, or the connection breaks.
    pub async fn try_post_bytes(
        &self,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Result<Exchange, reqwest::Error> {
        let mut request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json");
        request = request.header("accept", "application/json, text/event-stream");
        if let Some(session) = &self.session {
            request = request
                .header("mcp-session-id", session)
                .header("mcp-protocol-version", LEGACY);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let is_stream = headers
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let text = response.text().await?;
        let mut messages = if is_stream {
            read_events(&text)
        } else {
            serde_json::from_str(&text).into_iter().collect()
        };
        let last_is_response = messages
            .last()
            .is_some_and(|message: &Value| message.get("method").is_none());
        let response = if last_is_response {
            messages.pop().unwrap_or_default()
        } else {
            Value::Null
        };
        Ok(Exchange {
            status,
            headers,
            response,
            notifications: messages,
        })
    }

    /// Ends the session.
    ///
    /// # Panics
    /// Panics when the server cannot be reached.
    pub async fn close(&self) -> u16 {
        let mut request = self.http.delete(&self.url).header("mcp-protocol-version", LEGACY);
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
            .send()
            .await
            .expect("the server can be reached")
            .status()
            .as_u16()
    }
}

/// The JSON messages of a stream of events.
fn read_events(text: &str) -> Vec<Value> {
    let normal = text.replace("\r\n", "\n");
    let data = |event: &str| {
        let lines: Vec<&str> = event
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .map(str::trim_start)
            .collect();
        serde_json::from_str(&lines.join("\n")).ok()
    };
    normal.split("\n\n").filter_map(data).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_whatever_their_line_ends() {
        let text =
            ": hello\n\nid: 1\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata:\n\nevent: x\ndata: {\"b\":2}\n\n";
        assert_eq!(read_events(text), [json!({"a": 1}), json!({"b": 2})]);
    }

    #[test]
    fn a_modern_request_carries_what_the_revision_wants() {
        let client = McpClient::modern("http://127.0.0.1:1/mcp");
        let (message, headers) = client.frame(7, "tools/call", json!({"name": "x", "_meta": {"mine": 1}}));
        assert_eq!(message["params"]["_meta"]["mine"], 1);
        assert_eq!(
            message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"],
            MODERN
        );
        assert!(headers.contains(&("mcp-method", "tools/call".to_owned())));
        assert!(headers.contains(&("mcp-name", "x".to_owned())));
    }
}
