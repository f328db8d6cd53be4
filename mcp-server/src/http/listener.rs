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
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::tls::{PeerCertificate, Tls};
use crate::tenancy::Refusal;
use crate::tenancy::certificates::Names;

/// How long to wait when no connection can be accepted, as when file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections that are told at once that there is no room. Beyond, they are just closed.
const REFUSALS_AT_ONCE: usize = 64;
/// How long a refused client may take to read that.
const REFUSAL_PATIENCE: Duration = Duration::from_millis(500);

/// Where a request came from.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    certificate: Option<Arc<PeerCertificate>>,
}

impl Peer {
    /// One without a certificate.
    pub(super) fn plain(address: SocketAddr) -> Self {
        Self {
            address,
            certificate: None,
        }
    }

    /// Whom its certificate names, if it came with one.
    pub(super) fn names(&self) -> Result<Option<&Names>, Refusal> {
        self.certificate
            .as_ref()
            .map(|certificate| certificate.names())
            .transpose()
    }
}

/// A bound socket, and what its connections are held to.
pub(super) struct Listener {
    socket: TcpListener,
    places: Arc<Semaphore>,
    header_read_timeout: Duration,
    tls: Option<Arc<Tls>>,
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
        tls: Option<Arc<Tls>>,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let places = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
        Ok(Self {
            socket,
            places,
            header_read_timeout,
            tls,
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
                let connection = Connection {
                    router: router.clone(),
                    header_read_timeout: self.header_read_timeout,
                    end: end.clone(),
                };
                let tls = self.tls.clone();
                connections.spawn(async move {
                    match tls {
                        None => connection.serve_plain(stream).await,
                        Some(tls) => connection.serve_tls(stream, tls).await,
                    }
                    drop(place);
                });
            } else if self.tls.is_some() {
                // Whoever spoke no TLS yet could not read a refusal.
                drop(stream);
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

/// What a connection is served with.
struct Connection {
    router: Router,
    header_read_timeout: Duration,
    end: End,
}

impl Connection {
    async fn serve_plain(self, stream: TcpStream) {
        let peer = stream.peer_addr().ok().map(Peer::plain);
        self.serve(stream, peer).await;
    }

    async fn serve_tls(self, stream: TcpStream, tls: Arc<Tls>) {
        let Ok(address) = stream.peer_addr() else {
            return;
        };
        let handshake = tokio::time::timeout(self.header_read_timeout, tls.acceptor().accept(stream));
        let shaken = tokio::select! {
            shaken = handshake => shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
            () = self.end.finish.cancelled() => return,
        };
        let stream = match shaken {
            Ok(stream) => stream,
            // Probes and port scanners come and go without a word.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                tracing::debug!(peer = %address, %error, "a TLS handshake ended early");
                return;
            }
            Err(error) => {
                tracing::warn!(target: "security", peer = %address, %error, "refused a TLS handshake");
                return;
            }
        };
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let certificate = PeerCertificate::new(chain, tls).map(Arc::new);
        self.serve(stream, Some(Peer { address, certificate })).await;
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: Option<Peer>) {
        let router = self.router;
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            if let Some(peer) = &peer {
                request.extensions_mut().insert(peer.clone());
            }
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_read_timeout)
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
                () = self.end.finish.cancelled(), if !finishing => {
                    finishing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = self.end.abort.cancelled() => return,
            }
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
