//! A server that reads HTTP requests and plays scripted bytes: exact control of cuts, resets and silence.

use std::{
    fmt::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// What the server does once it has read a request.
#[derive(Clone)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Closes the connection.
    Close,
    /// Waits for [`Server::go_on`].
    Wait,
    /// Says that nothing more will be sent, and waits until the client goes away.
    Finish,
    /// Says nothing until the client goes away.
    Silence,
}

/// A request that came.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// A running server; ends when dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    /// Clients that were seen to go away during [`Step::Silence`] or [`Step::Finish`].
    gone: watch::Receiver<usize>,
    go_on: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Plays the same steps for every request.
    pub(crate) async fn playing(steps: Vec<Step>) -> Self {
        Self::scripted(move |_| steps.clone()).await
    }

    /// Plays the steps for the n-th request, counted from 0.
    pub(crate) async fn scripted(script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (left, gone) = watch::channel(0);
        let go_on = Arc::new(Notify::new());
        let waits = go_on.clone();
        let (log, counter, script) = (requests.clone(), connections.clone(), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, SeqCst);
                tokio::spawn(serve(
                    connection,
                    log.clone(),
                    script.clone(),
                    left.clone(),
                    waits.clone(),
                ));
            }
        });
        Self {
            url,
            requests,
            connections,
            gone,
            go_on,
            task,
        }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// Ends the [`Step::Wait`] that is reached, or will be.
    pub(crate) fn go_on(&self) {
        self.go_on.notify_one();
    }

    /// Waits until a silenced client has gone away.
    pub(crate) async fn client_gone(&mut self) {
        let gone = self.gone.wait_for(|count| *count > 0);
        tokio::time::timeout(std::time::Duration::from_secs(10), gone)
            .await
            .expect("the client stays connected")
            .unwrap();
    }

    /// Waits until a request has come.
    pub(crate) async fn request_seen(&self) {
        while self.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut connection: TcpStream,
    log: Arc<Mutex<Vec<Request>>>,
    script: Arc<impl Fn(usize) -> Vec<Step>>,
    left: watch::Sender<usize>,
    go_on: Arc<Notify>,
) {
    while let Some(request) = read_request(&mut connection).await {
        let steps = {
            let mut log = log.lock().unwrap();
            log.push(request);
            script(log.len() - 1)
        };
        for step in steps {
            match step {
                Step::Send(bytes) => {
                    if connection.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Step::Reset => return drop(connection.set_zero_linger()),
                Step::Close => return,
                Step::Wait => go_on.notified().await,
                Step::Silence | Step::Finish => {
                    if matches!(step, Step::Finish) && connection.shutdown().await.is_err() {
                        return;
                    }
                    let mut rest = [0; 64];
                    while !matches!(connection.read(&mut rest).await, Ok(0) | Err(_)) {}
                    left.send_modify(|count| *count += 1);
                    return;
                }
            }
        }
    }
}

async fn read_request(connection: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let length: usize = length.expect("a body of known length");
    while bytes.len() < head_end + length {
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    // A form is no JSON, and stays a text.
    let as_text = |_| Value::from(String::from_utf8_lossy(&bytes[head_end..]));
    let body = serde_json::from_slice(&bytes[head_end..]).unwrap_or_else(as_text);
    Some(Request {
        line: head.lines().next().unwrap().to_owned(),
        head,
        body,
    })
}

/// A whole answer of known length.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Step {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    Step::Send(format!("{head}\r\n{body}").into_bytes())
}

/// The head of a stream.
pub(crate) fn stream_head() -> Step {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
    Step::Send(head.into())
}

/// A piece of a stream.
pub(crate) fn piece(text: &str) -> Step {
    Step::Send(format!("{:x}\r\n{text}\r\n", text.len()).into_bytes())
}

/// The end of a stream.
pub(crate) fn stream_end() -> Step {
    Step::Send(b"0\r\n\r\n".to_vec())
}

/// A whole, proper answer saying `text`.
pub(crate) fn whole_stream(text: &str) -> Vec<Step> {
    vec![
        stream_head(),
        piece(&super::streams::said(text)),
        piece(super::streams::STOP),
        piece(super::streams::USAGE),
        piece("data: [DONE]\n\n"),
        stream_end(),
    ]
}
