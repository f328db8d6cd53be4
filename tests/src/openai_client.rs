//! A small client of the chat completions API: it shows what travels, and hides nothing.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// Speaks to the API of one server.
#[derive(Debug, Clone)]
pub struct OpenAiClient {
    http: reqwest::Client,
    base: String,
}

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The body, where it is JSON.
    pub body: Value,
    /// The events of a stream, without its end.
    pub chunks: Vec<Value>,
    /// Whether a stream ended as a complete answer does.
    pub done: bool,
}

impl Reply {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// What the model said.
    pub fn said(&self) -> String {
        if self.chunks.is_empty() {
            let content = &self.body["choices"][0]["message"]["content"];
            return content.as_str().unwrap_or_default().to_owned();
        }
        let delta = |chunk: &Value| {
            chunk["choices"][0]["delta"]["content"]
                .as_str()
                .map(str::to_owned)
        };
        self.chunks.iter().filter_map(delta).collect()
    }

    /// Why there is no answer, whole or in the last event of a stream.
    ///
    /// # Panics
    /// Panics when there is one.
    pub fn error(&self) -> &Value {
        let error = self.chunks.last().unwrap_or(&self.body).get("error");
        error.unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    /// Who answered, as the last chunk of a stream says.
    pub fn facts(&self) -> &Value {
        self.chunks.last().map_or(&Value::Null, |chunk| &chunk["b2x"])
    }
}

impl OpenAiClient {
    /// Speaks to the API under `base`, which ends with `/v1`.
    pub fn new(base: String) -> Self {
        Self {
            http: crate::http_client(),
            base,
        }
    }

    /// A request of the default model with one message, and further parameters.
    pub fn question(text: &str, parameters: &Value) -> Value {
        let mut body = json!({"model": "default", "messages": [{"role": "user", "content": text}]});
        for (name, value) in parameters.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    }

    /// Asks, and reads the answer to its end.
    ///
    /// # Panics
    /// Panics when the server cannot be reached.
    pub async fn ask(&self, body: &Value, headers: &[(&str, &str)]) -> Reply {
        let mut request = self
            .http
            .post(format!("{}/chat/completions", self.base))
            .json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::read(request.send().await.expect("the server can be reached")).await
    }

    /// Reads a path below the base.
    ///
    /// # Panics
    /// Panics when the server cannot be reached.
    pub async fn get(&self, path: &str) -> Reply {
        let request = self.http.get(format!("{}{path}", self.base));
        Self::read(request.send().await.expect("the server can be reached")).await
    }

    async fn read(response: reqwest::Response) -> Reply {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the response ends in order");
        let is_stream = headers
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if !is_stream {
            return Reply {
                status,
                headers,
                body: serde_json::from_str(&text).unwrap_or_default(),
                chunks: Vec::new(),
                done: false,
            };
        }
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let chunks = data
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).expect("every event is JSON"));
        Reply {
            status,
            headers,
            body: Value::Null,
            chunks: chunks.collect(),
            done: text.ends_with("data: [DONE]\n\n"),
        }
    }
}
