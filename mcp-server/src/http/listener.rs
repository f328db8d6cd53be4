//! Connections: accepted without delay in their small packets, bounded in number, ended in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long to wait when no connection can be accepted, as when file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections that are told at once that there is no room. Beyond, they are just closed.
const REFUSALS_AT_ONCE: usize = 64;
/// How long a refused client may take to read that.
const REFUSAL_PATIENCE: Duration = Duration::from_millis(500);

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// A bound socket, and what its connections are held to.
pub(super) struct Listener {
    socket: TcpListener,
    places: Arc<Semaphore>,
    header_read_timeout: Duration,
}

/// Ends a listener in two steps.
#[derive(Clone, Default)]
pub(super) struct End {
    /// Accept no more; let connections finish the request they are at.
    pub(super) finish: CancellationToken,
    /// Drop what is left.
    pub(super) abort: CancellationToken,
}

impl Listener {
    pub(super) async fn bind(
        address: SocketAddr,
        max_connections: usize,
        header_read_timeout: Duration,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let places = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
        Ok(Self {
            socket,
            places,
            header_read_timeout,
        })
    }

    /// The address, port 0 resolved.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts a connection. Its small packets leave at once: held back until the last one was
    /// acknowledged, an event stream would cost its client 40 ms a message.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.socket.accept().await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Serves until told to finish, and returns when every connection is closed.
    pub(super) async fn serve(self, router: Router, end: End) {
        let connections = TaskTracker::new();
        let refusals = Arc::new(Semaphore::new(REFUSALS_AT_ONCE));
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                () = end.finish.cancelled() => break,
            };
            let stream = match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    // Of one connection, or of all: either way trying again is right, and not at once.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                let serving = serve_connection(stream, router.clone(), self.header_read_timeout, end.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            } else if let Ok(place) = Arc::clone(&refusals).try_acquire_owned() {
                connections.spawn(async move {
                    // A client that does not read it is gone, which is what it was to be told.
                    let _ = tokio::time::timeout(REFUSAL_PATIENCE, refuse(stream)).await;
                    drop(place);
                });
            }
        }
        drop(self.socket);
        connections.close();
        connections.wait().await;
    }
}

async fn serve_connection(stream: TcpStream, router: Router, header_read_timeout: Duration, end: End) {
    let peer = stream.peer_addr().ok().map(Peer);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_read_timeout)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let mut finishing = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = end.finish.cancelled(), if !finishing => {
                finishing = true;
                connection.as_mut().graceful_shutdown();
            }
            () = end.abort.cancelled() => return,
        }
    }
}

/// Says that there is no room, in the words of the error map, without reading what was asked.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let error = crate::mcp::errors::Error::TooManyConnections;
    let body = serde_json::json!({ "error": error.detail() }).to_string();
    let retry_after = error.map().retry_after.map_or(1, |wait| wait.as_secs());
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: {retry_after}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with unread input would reset the connection and take the answer with it.
    let mut sink = [0; 1024];
    while stream.read(&mut sink).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests;
