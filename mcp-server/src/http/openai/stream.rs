//! A chat completion as a stream of events: text as it comes, then who answered.
//!
//! The head of the response waits for the first text, so that failover before it stays invisible and a
//! failure still has a status of its own. It does not wait longer than [`HEAD_PATIENCE`]: from then on comments
//! keep the connection open, and a failure is an event.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use inference::{CallError, CallEvent, CallStream, Deadline};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::answer::{COMMENT, Chunks, error_event};
use super::errors::Error;
use crate::mcp::errors as protocol;

/// How long the head of a response waits for the first text.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// Events that a caller may be behind. Beyond, the backend waits for it.
const EVENTS_BEHIND: usize = 64;
/// How long after its deadline a call is given up whose caller does not read.
const GRACE: Duration = Duration::from_secs(1);

/// What a stream is made of.
pub(super) struct Parts {
    pub(super) events: CallStream,
    pub(super) chunks: Chunks,
    pub(super) deadline: Deadline,
    /// The model of each backend, by its name.
    pub(super) models: Arc<HashMap<String, String>>,
    /// How often a silent stream gives a sign of life.
    pub(super) keep_alive: Duration,
    /// Cancelled when nothing is to go on any more.
    pub(super) end: CancellationToken,
    /// Held to the end of the stream.
    pub(super) token: TaskTrackerToken,
}

/// Answers with a stream, once there is something to say.
pub(super) async fn respond(parts: Parts) -> Result<Response, Error> {
    let mut telling = Telling {
        feed: Feed::start(parts.events, parts.deadline, parts.end),
        first: None,
        chunks: parts.chunks,
        models: parts.models,
        keep_alive: parts.keep_alive,
        introduced: false,
        ended: false,
        _token: parts.token,
    };
    telling.first = match timeout(HEAD_PATIENCE, telling.next_shown()).await {
        Ok(first) => Some(first?),
        Err(_) => None,
    };
    let silent = telling.first.is_none();
    let begin = silent.then_some(Ok::<_, Infallible>(Bytes::from_static(COMMENT)));
    let rest = futures::stream::unfold(telling, |mut telling| async move {
        let bytes = telling.next_bytes().await?;
        Some((Ok(bytes), telling))
    });
    let mut response = Response::new(Body::from_stream(futures::stream::iter(begin).chain(rest)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Proxies that collect a response before they pass it on are told not to.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// A stream that is being told.
struct Telling {
    feed: Feed,
    /// What the head of the response waited for.
    first: Option<CallEvent>,
    chunks: Chunks,
    models: Arc<HashMap<String, String>>,
    keep_alive: Duration,
    /// Whether the first chunk was sent.
    introduced: bool,
    ended: bool,
    _token: TaskTrackerToken,
}

impl Telling {
    /// The next event that the caller gets to see.
    async fn next_shown(&mut self) -> Result<CallEvent, Error> {
        loop {
            match self.feed.next().await? {
                CallEvent::Waiting { .. } | CallEvent::Progress { .. } => {}
                CallEvent::Started { backend } => self.begins(&backend),
                shown @ (CallEvent::Text(_) | CallEvent::Restarted { .. } | CallEvent::Answered(_)) => {
                    return Ok(shown);
                }
            }
        }
    }

    /// What to send next; `None` when all is said.
    async fn next_bytes(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let event = match self.first.take() {
            Some(first) => Ok(first),
            None => match timeout(self.keep_alive, self.next_shown()).await {
                Ok(event) => event,
                Err(_) => return Some(Bytes::from_static(COMMENT)),
            },
        };
        let mut out = Vec::with_capacity(256);
        match event {
            Ok(event) => self.tell(event, &mut out),
            Err(error) => {
                self.ended = true;
                out = error_event(&error.to_json());
            }
        }
        Some(out.into())
    }

    fn tell(&mut self, event: CallEvent, out: &mut Vec<u8>) {
        if let CallEvent::Answered(answer) = &event {
            self.chunks.letterhead.model.clone_from(&answer.facts.model);
        }
        if !std::mem::replace(&mut self.introduced, true) {
            self.chunks.role(out);
        }
        match event {
            CallEvent::Text(text) => self.chunks.text(out, &text),
            CallEvent::Restarted { backend, reason } => {
                self.begins(&backend);
                self.chunks.restarted(out, &backend, reason);
            }
            CallEvent::Answered(answer) => {
                self.ended = true;
                self.chunks.end(out, &answer);
            }
            CallEvent::Waiting { .. } | CallEvent::Progress { .. } | CallEvent::Started { .. } => {}
        }
    }

    /// From now on it is this backend's model that speaks.
    fn begins(&mut self, backend: &str) {
        if let Some(model) = self.models.get(backend) {
            self.chunks.letterhead.model.clone_from(model);
        }
    }
}

/// The events of a call that goes on whether or not its caller reads, until its deadline at the latest: one
/// that stops reading must not keep a backend's place.
struct Feed {
    events: mpsc::Receiver<Result<CallEvent, CallError>>,
    deadline: Deadline,
    end: CancellationToken,
}

impl Feed {
    fn start(mut call: CallStream, deadline: Deadline, end: CancellationToken) -> Self {
        let (sender, events) = mpsc::channel(EVENTS_BEHIND);
        let ended = end.clone();
        tokio::spawn(async move {
            let pass_on = async {
                while let Some(event) = call.next().await {
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
            };
            // Whatever comes first: the call is dropped with this task, which cancels it.
            tokio::select! {
                () = pass_on => {}
                () = sender.closed() => {}
                () = sleep_until(deadline.instant() + GRACE) => {}
                () = ended.cancelled() => {}
            }
        });
        Self {
            events,
            deadline,
            end,
        }
    }

    async fn next(&mut self) -> Result<CallEvent, Error> {
        match self.events.recv().await {
            Some(event) => Ok(event?),
            None if self.end.is_cancelled() => Err(protocol::Error::Draining.into()),
            None if self.deadline.is_past() => Err(CallError::DeadlineExceeded {
                after: self.deadline.instant().elapsed(),
                attempts: Vec::new(),
            }
            .into()),
            None => Err(protocol::Error::Internal.into()),
        }
    }
}
