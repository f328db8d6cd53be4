//! The front of the pods: takes each request to the next one in the rotation, as a Service of Kubernetes does for connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited, combinators::BoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONNECTION, HOST},
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// As much as the server takes.
const BODY_BYTES_MAX: usize = 4 * 1_024 * 1_024;

type Body = BoxBody<Bytes, hyper::Error>;

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    /// Pods in the rotation: their ids, and where they listen.
    pods: Mutex<Vec<(u64, String)>>,
    turn: AtomicUsize,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Front {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("the front finds no port")?;
        let address = listener.local_addr().context("the front has no address")?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let shared = Arc::new(Shared {
            pods: Mutex::default(),
            turn: AtomicUsize::new(0),
            client: Client::builder(TokioExecutor::new()).build(connector),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            listening,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes a pod into the rotation.
    pub(super) fn add(&self, id: u64, base: &str) {
        let authority = base.trim_start_matches("http://").to_owned();
        self.shared.lock().push((id, authority));
    }

    /// Takes a pod out of it; what it is answering goes on.
    pub(super) fn remove(&self, id: u64) {
        self.shared.lock().retain(|(own, _)| *own != id);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it each answer would wait for an acknowledgement; a connection that is gone needs none.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, hyper::Error>(shared.pass_on(request).await) }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A caller who hangs up is no failure of the front.
    let _ = connection.await;
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(u64, String)>> {
        self.pods
            .lock()
            .expect("nothing panics while it holds the rotation")
    }

    /// The pods, beginning with the one whose turn it is.
    fn rotation(&self) -> Vec<String> {
        let pods = self.lock();
        if pods.is_empty() {
            return Vec::new();
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % pods.len();
        let (before, from) = pods.split_at(turn);
        from.iter()
            .chain(before)
            .map(|(_, authority)| authority.clone())
            .collect()
    }

    async fn pass_on(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
            return refuse(StatusCode::BAD_REQUEST, "the request broke off, or is too large");
        };
        let body = body.to_bytes();
        let path = head
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        for authority in self.rotation() {
            let mut request = Request::builder()
                .method(head.method.clone())
                .uri(format!("http://{authority}{path}"));
            for (name, value) in &head.headers {
                if name != HOST && name != CONNECTION {
                    request = request.header(name, value);
                }
            }
            let Ok(request) = request.body(Full::new(body.clone())) else {
                return refuse(StatusCode::BAD_REQUEST, "the request cannot be passed on");
            };
            match self.client.request(request).await {
                Ok(response) => return response.map(BodyExt::boxed),
                // Nothing was sent: the next one can have it.
                Err(error) if error.is_connect() => {}
                Err(_) => return refuse(StatusCode::BAD_GATEWAY, "the pod broke off"),
            }
        }
        refuse(StatusCode::SERVICE_UNAVAILABLE, "no pod is in the rotation")
    }
}

fn refuse(status: StatusCode, why: &'static str) -> Response<Body> {
    let body = Full::new(Bytes::from_static(why.as_bytes())).map_err(|never| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = status;
    response
}
