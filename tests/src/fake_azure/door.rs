//! The port: accepts connections, can be shut so that they are refused, and opened again on the same number.
//!
//! While shut, a bound socket that does not listen keeps the port: nobody else gets it, not even as
//! the source port of a connection to itself.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Mutex,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{Outage, Shared, answer, script::ResetFlag};

#[derive(Debug)]
pub(super) struct Door {
    address: SocketAddr,
    state: Mutex<State>,
    closed: CancellationToken,
}

#[derive(Debug)]
enum State {
    Open {
        stop: CancellationToken,
        task: JoinHandle<()>,
    },
    Shut(TcpSocket),
    /// Lost: a change of state was broken off, or the port could not be had back.
    Lost,
}

impl Door {
    /// Takes the port, shut.
    pub(super) fn bind(listen: SocketAddr) -> io::Result<Self> {
        let socket = hold(listen)?;
        let address = socket.local_addr()?;
        Ok(Self {
            address,
            state: Mutex::new(State::Shut(socket)),
            closed: CancellationToken::new(),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens, unless it does already.
    pub(super) async fn open(&self, shared: &Arc<Shared>) -> io::Result<()> {
        let mut state = self.state.lock().await;
        *state = match std::mem::replace(&mut *state, State::Lost) {
            State::Shut(socket) => {
                let listener = socket.listen(1024)?;
                let stop = self.closed.child_token();
                let task = tokio::spawn(accept_connections(listener, Arc::clone(shared), stop.clone()));
                State::Open { stop, task }
            }
            other => other,
        };
        lost_is_an_error(&state)
    }

    /// Breaks every connection and refuses new ones.
    pub(super) async fn shut(&self) -> io::Result<()> {
        let mut state = self.state.lock().await;
        *state = match std::mem::replace(&mut *state, State::Lost) {
            State::Open { stop, task } => {
                stop.cancel();
                // The task ends by itself once cancelled; a panic in it leaves the port free all the same.
                let _ = task.await;
                State::Shut(hold_again(self.address).await?)
            }
            other => other,
        };
        lost_is_an_error(&state)
    }

    /// Ends for good, without waiting.
    pub(super) fn close(&self) {
        self.closed.cancel();
    }
}

fn lost_is_an_error(state: &State) -> io::Result<()> {
    if matches!(state, State::Lost) {
        Err(io::Error::other("the fake lost its port"))
    } else {
        Ok(())
    }
}

fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // Connections of the past that linger must not keep us out.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn hold_again(address: SocketAddr) -> io::Result<TcpSocket> {
    let mut tries = 0;
    loop {
        match hold(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < 100 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            outcome => return outcome,
        }
    }
}

async fn accept_connections(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    shared.recorder.connected();
                    if shared.outage() != Some(Outage::Close) {
                        connections.spawn(serve_connection(stream, Arc::clone(&shared), stop.clone()));
                    }
                }
                // Out of file descriptors, for example: it may pass.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>, stop: CancellationToken) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset = ResetFlag::default();
    let socket = Socket {
        stream,
        reset: reset.clone(),
    };
    let service =
        service_fn(move |request| answer::answer(Arc::clone(&shared), reset.clone(), stop.clone(), request));
    // An error here is a client that went away, or a fault that wants the connection broken.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

/// A connection that can be reset instead of closed.
struct Socket {
    stream: TcpStream,
    reset: ResetFlag,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.is_raised() {
            // Without lingering, closing sends RST instead of FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
