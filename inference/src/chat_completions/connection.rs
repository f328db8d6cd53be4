//! Connections to one server: each carries one request at a time, and is kept for the next.
//!
//! Whoever waits for an answer moves its bytes. A connection has no task of its own, so nobody else has to be woken for
//! it, and what is dropped half way is closed.

use std::{
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::Stream;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{self, SendRequest},
    },
};
use tokio::time::Instant;

use super::{
    connect::{Carrier, Connector},
    failure::Transport,
    transport::broken,
};

/// Azure closes idle connections after four minutes; ours go first, so that none is found dead.
const LONGEST_IDLE: Duration = Duration::from_secs(90);
/// How often those that are kept are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Body = Full<Bytes>;

/// Connections to one server.
pub(super) struct Connections {
    connector: Connector,
    idle: Arc<Idle>,
}

impl Connections {
    /// Keeps at most so many that are not in use.
    pub(super) fn new(connector: Connector, most_idle: usize) -> Self {
        let idle = Idle {
            most: most_idle.max(1),
            kept: Mutex::default(),
        };
        Self {
            connector,
            idle: Arc::new(idle),
        }
    }

    /// Sends a request once, and waits for the head of its answer.
    pub(super) async fn send(&self, mut request: Request<Body>) -> Result<Response<Answer>, Transport> {
        while let Some(mut connection) = self.idle.take() {
            match connection.send(request).await {
                Ok(response) => return Ok(self.answer(response, connection)),
                // The other side closed it just now: nothing was sent, and another one may do.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(broken(&error.into_error())),
                },
            }
        }
        let mut connection = Connection::over(self.connector.connect().await?).await?;
        match connection.send(request).await {
            Ok(response) => Ok(self.answer(response, connection)),
            Err(error) => Err(broken(&error.into_error())),
        }
    }

    fn answer(&self, response: Response<Incoming>, connection: Connection) -> Response<Answer> {
        response.map(|incoming| Answer {
            incoming,
            connection: Some(connection),
            idle: Arc::clone(&self.idle),
        })
    }
}

/// One connection.
struct Connection {
    requests: SendRequest<Body>,
    /// Moves the bytes; gone when there are no more.
    bytes: Option<Box<http1::Connection<Box<dyn Carrier>, Body>>>,
}

impl Connection {
    async fn over(carrier: Box<dyn Carrier>) -> Result<Self, Transport> {
        let (requests, bytes) = http1::handshake(carrier).await.map_err(|error| broken(&error))?;
        Ok(Self {
            requests,
            bytes: Some(Box::new(bytes)),
        })
    }

    async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let mut response = pin!(self.requests.try_send_request(request));
        std::future::poll_fn(|context| {
            drive(&mut self.bytes, context);
            response.as_mut().poll(context)
        })
        .await
    }

    fn drive(&mut self, context: &mut Context<'_>) {
        drive(&mut self.bytes, context);
    }

    /// Whether it can carry another request: the other side may have closed it while nobody looked.
    fn is_usable(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.bytes.is_some() && self.requests.is_ready()
    }
}

/// Moves the bytes of a connection as far as they go. Whoever waits for an answer is told how it ended.
fn drive(bytes: &mut Option<Box<http1::Connection<Box<dyn Carrier>, Body>>>, context: &mut Context<'_>) {
    if let Some(moving) = bytes
        && Pin::new(&mut **moving).poll(context).is_ready()
    {
        *bytes = None;
    }
}

/// The body of an answer. Read to its end, it gives its connection back; dropped before, it closes it.
pub(super) struct Answer {
    incoming: Incoming,
    connection: Option<Connection>,
    idle: Arc<Idle>,
}

impl Stream for Answer {
    type Item = Result<Bytes, Transport>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let mut frame = Pin::new(&mut this.incoming).poll_frame(context);
            if frame.is_pending()
                && let Some(connection) = &mut this.connection
            {
                connection.drive(context);
                frame = Pin::new(&mut this.incoming).poll_frame(context);
            }
            match ready!(frame) {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Err(error)) => {
                    this.connection = None;
                    return Poll::Ready(Some(Err(broken(&error))));
                }
                None => {
                    if let Some(connection) = this.connection.take() {
                        Idle::keep(&this.idle, connection);
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}

/// Connections that carry nothing at the moment.
struct Idle {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The one that was used last is taken first.
    connections: Vec<(Connection, Instant)>,
    /// Whether somebody looks at them.
    watched: bool,
}

impl Idle {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.kept().connections.pop()?;
            if since.elapsed() < LONGEST_IDLE && connection.is_usable() {
                return Some(connection);
            }
        }
    }

    fn keep(self: &Arc<Self>, mut connection: Connection) {
        if !connection.is_usable() {
            return;
        }
        let mut kept = self.kept();
        if kept.connections.len() < self.most {
            kept.connections.push((connection, Instant::now()));
            if !std::mem::replace(&mut kept.watched, true) {
                tokio::spawn(Self::watch(Arc::downgrade(self)));
            }
        }
    }

    /// Closes those that the other side closed, and those that nobody wants, until none is kept.
    async fn watch(idle: Weak<Self>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(idle) = idle.upgrade() else { return };
            let mut kept = idle.kept();
            kept.connections
                .retain_mut(|(connection, since)| since.elapsed() < LONGEST_IDLE && connection.is_usable());
            if kept.connections.is_empty() {
                kept.watched = false;
                return;
            }
        }
    }
}
