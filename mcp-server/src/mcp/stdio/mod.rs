//! MCP on standard input and output: one client, one line a message, nothing else on the output.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ClientNotification, JsonRpcError, RequestId, ServerJsonRpcMessage};
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use rmcp::transport::Transport;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::Config;
use super::endpoint::parse;
use super::errors::Error;
use super::handler::Handler;
use lines::{Line, Lines};

mod lines;

/// Messages that may wait for the output to take them.
const OUTBOX_MESSAGES: usize = 16;
/// How long the output may take to take the last of them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves the client on this process's standard input and output.
pub(crate) async fn serve_process(
    handler: Handler,
    max_line_bytes: usize,
    shutdown: CancellationToken,
) -> Result<(), String> {
    // Pipes, which is what clients make, are read without a thread, so that a read can be given up.
    let (input, output) = rmcp::transport::stdio_pipes();
    serve(handler, input, output, max_line_bytes, shutdown).await
}

/// Serves one client until its input ends or `shutdown` is cancelled; running calls are answered first,
/// or cancelled when their deadline or the shutdown comes earlier.
async fn serve<R, W>(
    handler: Handler,
    input: R,
    output: W,
    max_line_bytes: usize,
    shutdown: CancellationToken,
) -> Result<(), String>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (outbox, messages) = mpsc::channel(OUTBOX_MESSAGES);
    let writer = tokio::spawn(write_all(output, messages));
    let transport = Stdio::new(input, outbox, max_line_bytes, handler.config(), shutdown.clone());
    let served = match serve_server_with_ct(handler, transport, shutdown).await {
        Ok(running) => running
            .waiting()
            .await
            .map(|_| ())
            .map_err(|error| error.to_string()),
        Err(error) => handshake(error),
    };
    // The transport is gone, and with it the last sender: what it still had to say is written.
    if tokio::time::timeout(LAST_WORDS, writer).await.is_err() {
        tracing::warn!("standard output does not take the last answers");
    }
    served
}

/// Why no session came about, without rmcp's own words where they hold a message.
fn handshake(error: ServerInitializeError) -> Result<(), String> {
    match error {
        // The input ended, or the end came, before a client introduced itself: nothing is owed.
        ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled => Ok(()),
        ServerInitializeError::ExpectedInitializeRequest(_) => {
            Err("the first message is neither `initialize` nor a request of 2026-07-28".to_owned())
        }
        ServerInitializeError::InitializeFailed(error) => Err(error.message.into_owned()),
        ServerInitializeError::TransportError { error, .. } => Err(error.error.to_string()),
        _ => Err("the handshake failed".to_owned()),
    }
}

/// The transport. rmcp's own one is not used for three reasons: it gives running calls five seconds
/// after the end of input, while a client that pipes requests in and closes the pipe wants its answers;
/// it passes over lines that are not JSON without a word; and it drops a last line without a newline.
struct Stdio<R> {
    lines: Lines<R>,
    outbox: Option<mpsc::Sender<Vec<u8>>>,
    /// What is yet to be said of a line that could not be read.
    complaint: Option<Vec<u8>>,
    owed: Arc<Owed>,
    patience: Duration,
    shutdown: CancellationToken,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Stdio<R> {
    fn new(
        input: R,
        outbox: mpsc::Sender<Vec<u8>>,
        max_line_bytes: usize,
        config: &Config,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            lines: Lines::new(input, max_line_bytes),
            outbox: Some(outbox),
            complaint: None,
            owed: Arc::default(),
            patience: config.default_deadline,
            shutdown,
            ended: false,
        }
    }

    /// Says what is yet to be said. Cancelling it loses nothing.
    async fn complain(&mut self) {
        if self.complaint.is_none() {
            return;
        }
        if let Some(outbox) = &self.outbox
            && let Ok(place) = outbox.reserve().await
            && let Some(complaint) = self.complaint.take()
        {
            place.send(complaint);
        }
        // A closed output cannot be complained to.
        self.complaint = None;
    }

    fn note(&self, message: &ClientJsonRpcMessage) {
        match message {
            ClientJsonRpcMessage::Request(request) => self.owed.add(request.id.clone()),
            // rmcp drops the answer of a cancelled request.
            ClientJsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.owed.remove(id);
                }
            }
            ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => {}
        }
    }

    async fn next(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            self.complain().await;
            let (error, id) = match self.lines.next().await {
                Ok(Line::Message(line)) => match parse(&line) {
                    Ok(message) => return Some(message),
                    Err(refused) => refused,
                },
                Ok(Line::TooLong { limit_bytes }) => (Error::BodyTooLarge { limit_bytes }, None),
                Ok(Line::End) => return None,
                Err(error) => {
                    tracing::warn!(%error, "standard input cannot be read any more");
                    return None;
                }
            };
            self.complaint = Some(line(&JsonRpcError::new(id, error.to_json_rpc())));
        }
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> Transport<RoleServer> for Stdio<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let answered = match &message {
            ServerJsonRpcMessage::Response(response) => Some(response.id.clone()),
            ServerJsonRpcMessage::Error(error) => error.id.clone(),
            ServerJsonRpcMessage::Request(_) | ServerJsonRpcMessage::Notification(_) => None,
        };
        let owed = Arc::clone(&self.owed);
        let outbox = self.outbox.clone();
        async move {
            let sent = match outbox {
                Some(outbox) => outbox
                    .send(line(&message))
                    .await
                    .map_err(|_| io::ErrorKind::BrokenPipe.into()),
                None => Err(io::ErrorKind::NotConnected.into()),
            };
            if let Some(id) = answered {
                owed.remove(&id);
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        // `receive` is polled anew after each answer: once the input ended, only the wait is left.
        if !self.ended {
            if let Some(message) = self.next().await {
                self.note(&message);
                return Some(message);
            }
            self.ended = true;
        }
        tokio::select! {
            () = self.owed.settled() => {}
            () = tokio::time::sleep(self.patience) => {}
            () = self.shutdown.cancelled() => {}
        }
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.outbox = None;
        Ok(())
    }
}

/// Writes whole lines, one after another, until nobody can send any more or the output is gone.
async fn write_all<W: AsyncWrite + Unpin>(mut output: W, mut messages: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        let written = async {
            output.write_all(&message).await?;
            output.flush().await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "standard output cannot be written any more");
            return;
        }
    }
}

fn line(message: &impl Serialize) -> Vec<u8> {
    // JSON-RPC messages are made of strings, numbers and maps with string keys: this cannot fail.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Requests that have no answer yet.
#[derive(Default)]
struct Owed {
    requests: Mutex<HashSet<RequestId>>,
    changed: Notify,
}

impl Owed {
    fn add(&self, id: RequestId) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
    }

    fn remove(&self, id: &RequestId) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id);
        self.changed.notify_waiters();
    }

    fn is_empty(&self) -> bool {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    async fn settled(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Registered before the look, so that no change falls in between.
            changed.as_mut().enable();
            if self.is_empty() {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests;
