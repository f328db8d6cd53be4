//! One call: sent, read to its end, and judged.

use std::time::Duration;

use ::tests::{
    mcp_client::{ANSWER_KEY, ERROR_KEY, McpClient},
    metrics::Metrics,
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{mix::CHAT, record::Look, schedule::Arrival};

/// A call that takes longer has failed; the server's own deadlines are far below.
const CALL_LIMIT: Duration = Duration::from_secs(90);
/// Codes that say "not now": the door is closed, nothing is broken.
const SHED: [&str; 6] = [
    "queue_full",
    "wait_too_long",
    "draining",
    "too_many_connections",
    "too_much_text",
    "rate_limited",
];

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The first model of the chain answered.
    Answered,
    /// A weaker one did.
    Degraded,
    /// Refused at the door, with this code.
    Shed(String),
    /// No answer, with this code.
    Failed(String),
}

/// What was measured of a call.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its kind.
    pub kind: String,
    /// When it was meant to begin.
    pub began: Duration,
    /// From then to the first token, where it was streamed.
    pub first: Option<Duration>,
    /// From then to the end.
    pub total: Duration,
    /// Tokens of the answer.
    pub tokens: u64,
    /// What it cost.
    pub cost: f64,
    /// What came of it.
    pub ended: Ended,
}

/// What an answer says of itself.
#[derive(Debug, Default)]
struct Facts {
    first: Option<Duration>,
    tokens: u64,
    cost: f64,
    degraded: bool,
}

type Answer = Result<Facts, String>;

/// Speaks to one server, as one of several callers.
#[derive(Debug)]
pub struct Caller {
    http: reqwest::Client,
    base: String,
    metrics: Option<String>,
    model: String,
    /// One for each caller; `None` where nobody asks.
    credentials: Vec<Option<String>>,
    mcp: McpClient,
}

impl Caller {
    /// Speaks to the server under `base`, and reads its metrics where they are known.
    pub fn new(base: &str, metrics: Option<String>, model: &str, credentials: Vec<Option<String>>) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self {
            http: ::tests::http_client(),
            mcp: McpClient::modern(format!("{base}/mcp")),
            base,
            metrics,
            model: model.to_owned(),
            credentials,
        }
    }

    /// Makes a call and waits for its end.
    pub async fn call(&self, arrival: &Arrival, begun: Instant) -> Sample {
        let intended = begun + arrival.at;
        let kind = arrival.ask.kind();
        let asked = async {
            if kind == CHAT {
                self.chat(arrival, intended).await
            } else {
                self.tool(arrival, &kind).await
            }
        };
        let answer = tokio::time::timeout(CALL_LIMIT, asked).await;
        let answer = answer.unwrap_or_else(|_| Err("no_answer_in_90s".to_owned()));
        let total = intended.elapsed();
        let (facts, ended) = match answer {
            Ok(facts) if facts.degraded => (facts, Ended::Degraded),
            Ok(facts) => (facts, Ended::Answered),
            Err(code) if SHED.contains(&code.as_str()) => (Facts::default(), Ended::Shed(code)),
            Err(code) => (Facts::default(), Ended::Failed(code)),
        };
        Sample {
            kind,
            began: arrival.at,
            first: facts.first,
            total,
            tokens: facts.tokens,
            cost: facts.cost,
            ended,
        }
    }

    fn post(&self, path: &str, arrival: &Arrival, body: &Value) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        match self.credentials.get(arrival.ask.caller).and_then(Option::as_ref) {
            Some(credential) => request.bearer_auth(credential),
            None => request,
        }
    }

    async fn tool(&self, arrival: &Arrival, name: &str) -> Answer {
        let params = json!({"name": name, "arguments": arrival.ask.arguments()});
        let (message, headers) = self.mcp.frame(1, "tools/call", params);
        let mut request = self
            .post("/mcp", arrival, &message)
            .header("accept", "application/json, text/event-stream");
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.map_err(|error| transport(&error))?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| transport(&error))?;
        // A stream of one message, or the message itself.
        let data = text
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("data:"))
            .unwrap_or(&text);
        let message: Value = serde_json::from_str(data).map_err(|_| format!("http_{status}"))?;
        read_result(&message, status)
    }

    async fn chat(&self, arrival: &Arrival, intended: Instant) -> Answer {
        let body = arrival.ask.chat(&self.model);
        let response = self.post("/v1/chat/completions", arrival, &body).send().await;
        let response = response.map_err(|error| transport(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            let body: Value = response.json().await.unwrap_or_default();
            return Err(body["error"]["code"]
                .as_str()
                .map_or(format!("http_{status}"), str::to_owned));
        }
        let mut reading = Reading::default();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| transport(&error))?;
            reading.read(&piece, || intended.elapsed())?;
        }
        if reading.done {
            Ok(reading.facts)
        } else {
            Err("stream_without_end".to_owned())
        }
    }

    /// Reads the server's queue, where it can.
    pub async fn look(&self, begun: Instant) -> Option<Look> {
        let text = self
            .http
            .get(self.metrics.as_ref()?)
            .send()
            .await
            .ok()?
            .text()
            .await
            .ok()?;
        let metrics = Metrics::parse(&text).ok()?;
        Some(Look {
            seconds: begun.elapsed().as_secs_f64(),
            queue: metrics.sum("mcp_queue_depth", &[]),
            running: metrics.sum("mcp_requests_running", &[]),
        })
    }
}

/// A stream of chunks on its way.
#[derive(Debug, Default)]
struct Reading {
    rest: Vec<u8>,
    facts: Facts,
    done: bool,
}

impl Reading {
    fn read(&mut self, piece: &[u8], since: impl Fn() -> Duration) -> Result<(), String> {
        self.rest.extend_from_slice(piece);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data: ") else {
                continue;
            };
            if data.starts_with(b"[DONE]") {
                self.done = true;
                continue;
            }
            let chunk: Value = serde_json::from_slice(data).map_err(|_| "chunk_no_json".to_owned())?;
            if let Some(error) = chunk.get("error") {
                return Err(error["code"].as_str().unwrap_or("stream_error").to_owned());
            }
            let said = chunk["choices"][0]["delta"]["content"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            if said && self.facts.first.is_none() {
                self.facts.first = Some(since());
            }
            if chunk["b2x"]["backend"].is_string() {
                let first = self.facts.first;
                self.facts = Facts {
                    first,
                    ..facts_of(&chunk["b2x"])
                };
            }
        }
        Ok(())
    }
}

fn facts_of(facts: &Value) -> Facts {
    Facts {
        first: None,
        tokens: facts["output_tokens"].as_u64().unwrap_or(0),
        cost: facts["cost"]["amount"].as_f64().unwrap_or(0.0),
        degraded: facts["degraded"] == true,
    }
}

fn read_result(message: &Value, status: u16) -> Answer {
    let code = |value: &Value| {
        value["code"]
            .as_str()
            .map_or_else(|| format!("http_{status}"), str::to_owned)
    };
    if let Some(error) = message.get("error") {
        return Err(code(&error["data"]));
    }
    let result = &message["result"];
    if result["isError"] == true {
        return Err(code(&result["_meta"][ERROR_KEY]));
    }
    if result.is_null() {
        return Err("no_result".to_owned());
    }
    Ok(facts_of(&result["_meta"][ANSWER_KEY]))
}

fn transport(error: &reqwest::Error) -> String {
    let what = if error.is_connect() {
        "cannot_connect"
    } else if error.is_timeout() {
        "timeout"
    } else {
        "connection_broken"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_in_any_pieces() {
        let text = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n: quiet\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n\
            data: {\"choices\":[],\"b2x\":{\"backend\":\"local\",\"degraded\":true,\"output_tokens\":3,\"cost\":{\"amount\":0.5}}}\n\n\
            data: [DONE]\n\n";
        for size in [1, 7, 4_096] {
            let mut reading = Reading::default();
            for piece in text.as_bytes().chunks(size) {
                reading
                    .read(piece, || Duration::from_millis(5))
                    .expect("well formed");
            }
            let Facts {
                first,
                tokens,
                cost,
                degraded,
            } = reading.facts;
            assert_eq!(
                (first, tokens, degraded, reading.done),
                (Some(Duration::from_millis(5)), 3, true, true)
            );
            assert!((cost - 0.5).abs() < 1e-9);
        }
        let mut reading = Reading::default();
        let error = reading.read(
            b"data: {\"error\":{\"code\":\"stream_interrupted\"}}\n",
            Duration::default,
        );
        assert_eq!(error, Err("stream_interrupted".to_owned()));
    }

    #[test]
    fn results_are_judged_by_their_codes() {
        let failed = json!({"result": {"isError": true, "_meta": {ERROR_KEY: {"code": "queue_full"}}}});
        assert_eq!(read_result(&failed, 200).err().as_deref(), Some("queue_full"));
        let refused = json!({"error": {"code": -32000, "data": {"code": "invalid_token"}}});
        assert_eq!(read_result(&refused, 401).err().as_deref(), Some("invalid_token"));
        assert_eq!(read_result(&json!({}), 502).err().as_deref(), Some("no_result"));
        let fine = json!({"result": {"_meta": {ANSWER_KEY: {"degraded": true, "output_tokens": 4}}}});
        let facts = read_result(&fine, 200).expect("an answer");
        assert!(facts.degraded && facts.tokens == 4);
    }
}
