//! The assistant of a running server, over its chat completions.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use inference::Message;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::{MAX_OUTPUT_TOKENS, Spoken, Stopped, begin_again};
use crate::cause::innermost;
use crate::cli::tools::footer;
use crate::cli::{Environment, Exit, Failure, Result, Start, credential, output};
use crate::config::Secret;

/// Longest wait for the head of an answer, and between two pieces of it: a server that lives says so more often.
const SILENCE_LIMIT: Duration = Duration::from_mins(2);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// No line of an answer, and no refusal, is longer.
const LINE_BYTES_MAX: usize = 1024 * 1024;

/// A running server.
pub(super) struct Server {
    /// Everything before `/chat/completions`.
    base: Url,
    model: String,
    http: reqwest::Client,
    credential: Option<Secret>,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// One event of an answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Chunk {
    choices: Vec<Choice>,
    /// What the server says beyond the API.
    b2x: Value,
    error: Option<Refusal>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: Refusal,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    message: String,
    code: Option<String>,
    retry_after_ms: Option<u64>,
}

impl Server {
    /// Finds out whether the server is there, lets us in, and knows the model; the first of its models unless named.
    pub(super) async fn connect(
        url: &str,
        model: Option<String>,
        arguments: &credential::Arguments,
        environment: &Environment,
    ) -> Result<Self> {
        let Some(base) = base(url) else {
            return Err(Failure::usage(format!(
                "--url {url:?} is no http address; write for example http://127.0.0.1:8080"
            )));
        };
        let mut server = Self {
            credential: arguments.read(environment, &base)?,
            http: arguments.http_client()?,
            base,
            model: String::new(),
        };
        let request = server.http.get(server.address("models"));
        let sent = server.send(request, CONNECT_LIMIT).await;
        let bytes = sent.map_err(Stopped::into_failure)?;
        let bytes = read_whole(bytes).await;
        let known = serde_json::from_slice::<Models>(&bytes).map(|models| models.data);
        let known: Vec<String> = match known {
            Ok(models) if !models.is_empty() => models.into_iter().map(|model| model.id).collect(),
            Ok(_) | Err(_) => {
                let reason = "did not answer as a chat completions server";
                return Err(Failure::new(Exit::CannotConnect, format!("{url} {reason}")));
            }
        };
        server.model = match model {
            None => known[0].clone(),
            Some(name) if known.contains(&name) => name,
            Some(name) => {
                return Err(Failure::usage(format!(
                    "--model {name:?} is not known to {url}; name one of {}",
                    known.join(", ")
                )));
            }
        };
        Ok(server)
    }

    pub(super) async fn answer(
        &self,
        start: &Start,
        messages: Vec<Message>,
    ) -> std::result::Result<Spoken, Stopped> {
        let messages = messages.iter().map(|message| {
            let Message { role, content, .. } = message;
            json!({"role": role.as_str(), "content": content})
        });
        let body = json!({
            "model": self.model, "messages": messages.collect::<Vec<_>>(), "stream": true,
            "max_completion_tokens": MAX_OUTPUT_TOKENS,
        });
        let request = self.http.post(self.address("chat/completions")).json(&body);
        // What was shown can be taken back here.
        let request = request.header("x-b2x-restart", "allow");
        let response = self.send(request, SILENCE_LIMIT).await?;
        let mut lines = Lines::of(response.bytes_stream());
        let mut spoken = Spoken {
            text: String::new(),
            is_cut: false,
            footer: String::new(),
        };
        while let Some(line) = lines.next().await.map_err(Stopped::Failed)? {
            let Some(data) = line.strip_prefix(b"data:".as_slice()) else {
                continue;
            };
            if data.trim_ascii() == b"[DONE]" {
                return Ok(spoken);
            }
            let chunk = serde_json::from_slice(data).map_err(|error| {
                Stopped::Failed(Failure::failed(format!(
                    "{} is not understood: {error}",
                    self.base
                )))
            })?;
            take(start, &mut spoken, chunk)?;
        }
        Err(Stopped::Failed(broken(&self.base, "the answer broke off")))
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url
    }

    /// Sends a request, and waits for the head of an answer that is no refusal.
    async fn send(&self, request: RequestBuilder, limit: Duration) -> std::result::Result<Response, Stopped> {
        let request = match &self.credential {
            Some(credential) => request.bearer_auth(credential.expose()),
            None => request,
        };
        let response = match timeout(limit, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Stopped::Failed(broken(&self.base, &innermost(&error)))),
            Err(_) => {
                let reason = format!("no answer within {limit:?}");
                return Err(Stopped::Failed(broken(&self.base, &reason)));
            }
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let refused: Refused = serde_json::from_slice(&read_whole(response).await).unwrap_or_default();
        let failure = refusal(&self.base, status, &refused.error);
        Err(stopped(failure, &refused.error))
    }
}

/// Everything before `/chat/completions`, of the address of a server or of one of its endpoints.
fn base(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let path = url.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/mcp")
        .or(path.strip_suffix("/v1"))
        .unwrap_or(path);
    let path = format!("{path}/v1");
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// Shows what an event brings, and notes it.
fn take(start: &Start, spoken: &mut Spoken, chunk: Chunk) -> std::result::Result<(), Stopped> {
    if let Some(error) = chunk.error {
        output::line("");
        return Err(stopped(Failure::failed(words(&error)), &error));
    }
    let news = |key: &str| chunk.b2x.get(key).and_then(Value::as_str).unwrap_or_default();
    if chunk.b2x.get("restarted") == Some(&Value::Bool(true)) {
        begin_again(start, news("backend"), news("reason"));
        spoken.text.clear();
    } else if let Some(footer) = footer(&chunk.b2x) {
        spoken.footer = footer;
    }
    for choice in chunk.choices {
        let text = choice.delta.content.unwrap_or_default();
        output::piece(&text);
        spoken.text += &text;
        spoken.is_cut |= choice.finish_reason.as_deref() == Some("length");
    }
    Ok(())
}

fn stopped(failure: Failure, error: &Refusal) -> Stopped {
    if error.code.as_deref() == Some("context_length_exceeded") {
        Stopped::TooLong(failure)
    } else {
        Stopped::Failed(failure)
    }
}

/// What the server says, with its code, and when to try again.
fn words(error: &Refusal) -> String {
    let retry = error
        .retry_after_ms
        .map(|ms| format!("; try again in {} s", ms.div_ceil(1000).max(1)));
    let code = error.code.as_ref().map(|code| format!(" [{code}]"));
    format!(
        "{}{}{}",
        error.message,
        retry.unwrap_or_default(),
        code.unwrap_or_default()
    )
}

fn refusal(url: &Url, status: StatusCode, error: &Refusal) -> Failure {
    let said = words(error);
    match status {
        StatusCode::UNAUTHORIZED => {
            Failure::new(Exit::Refused, format!("{url} refused the credential: {said}"))
        }
        StatusCode::FORBIDDEN if error.code.as_deref() == Some("insufficient_scope") => {
            Failure::new(Exit::Refused, format!("{url} refused the credential: {said}"))
        }
        // What there is not, on another kind of server, is a page.
        _ if error.message.is_empty() || error.code.as_deref() == Some("not_found") => {
            let message = format!("{url} did not answer as a chat completions server: status {status}");
            Failure::new(Exit::CannotConnect, message)
        }
        _ => Failure::failed(said),
    }
}

fn broken(url: &Url, reason: &str) -> Failure {
    let message = format!(
        "cannot talk to {url}: {reason}; start a server with `mcp-server serve`, or name another --url"
    );
    Failure::new(Exit::CannotConnect, message)
}

/// A short body, or nothing.
async fn read_whole(response: Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Ok(Some(Ok(piece))) = timeout(CONNECT_LIMIT, pieces.next()).await {
        if bytes.len() + piece.len() > LINE_BYTES_MAX {
            return Vec::new();
        }
        bytes.extend_from_slice(&piece);
    }
    bytes
}

/// Cuts an answer into lines, however it came.
struct Lines<S> {
    pieces: S,
    held: Vec<u8>,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Lines<S> {
    fn of(pieces: S) -> Self {
        Self {
            pieces,
            held: Vec::new(),
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.held.drain(..=end).collect();
                line.truncate(end);
                return Ok(Some(line));
            }
            if self.held.len() > LINE_BYTES_MAX {
                return Err(Failure::failed("a line of the answer has no end"));
            }
            match timeout(SILENCE_LIMIT, self.pieces.next()).await {
                Ok(Some(Ok(piece))) => self.held.extend_from_slice(&piece),
                Ok(Some(Err(error))) => {
                    return Err(Failure::new(
                        Exit::CannotConnect,
                        format!("the answer broke off: {}", innermost(&error)),
                    ));
                }
                Ok(None) => return Ok(None),
                Err(_) => {
                    let message = format!("the answer broke off: nothing came within {SILENCE_LIMIT:?}");
                    return Err(Failure::new(Exit::CannotConnect, message));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_address_of_a_server_will_do() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"),
            ("http://127.0.0.1:8080/mcp", "http://127.0.0.1:8080/v1"),
            ("https://a.example/v1/", "https://a.example/v1"),
            ("https://a.example/gate/mcp?x#y", "https://a.example/gate/v1"),
        ] {
            assert_eq!(base(url).map(String::from).as_deref(), Some(expected), "{url}");
        }
        for url in ["", "127.0.0.1:8080", "ftp://a.example", "nonsense"] {
            assert_eq!(base(url), None, "{url}");
        }
    }

    #[tokio::test]
    async fn lines_come_whole_however_they_were_cut() {
        let pieces = ["da", "ta: 1\n\nd", "ata: 2\n", "rest"].map(|piece| Ok(Bytes::from(piece)));
        let mut lines = Lines::of(futures::stream::iter(pieces));
        let mut read = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            read.push(String::from_utf8(line).unwrap());
        }
        assert_eq!(read, ["data: 1", "", "data: 2"]);
        let endless = Ok(Bytes::from(vec![b'x'; LINE_BYTES_MAX + 1]));
        let mut lines = Lines::of(futures::stream::iter([endless]));
        assert!(lines.next().await.unwrap_err().message.contains("no end"));
    }

    #[test]
    fn what_the_server_says_is_passed_on() {
        let refused: Refused = serde_json::from_str(
            r#"{"error": {"message": "too much", "type": "rate_limit_error", "code": "quota_exceeded", "retry_after_ms": 1200}}"#,
        )
        .unwrap();
        assert_eq!(
            words(&refused.error),
            "too much; try again in 2 s [quota_exceeded]"
        );
        let url = base("http://127.0.0.1:8080").unwrap();
        for (status, code, exit) in [
            (401, "invalid_token", Exit::Refused),
            (403, "insufficient_scope", Exit::Refused),
            (403, "not_permitted", Exit::Failed),
            (429, "quota_exceeded", Exit::Failed),
        ] {
            let error = Refusal {
                message: "no".to_owned(),
                code: Some(code.to_owned()),
                retry_after_ms: None,
            };
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(&url, status, &error).exit, exit, "{status} {code}");
        }
        let nothing = refusal(&url, StatusCode::NOT_FOUND, &Refusal::default());
        assert_eq!(nothing.exit, Exit::CannotConnect);
    }
}
