//! Tests of connections: no delay, bounded, ended in order.

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

async fn bound(max_connections: usize) -> (Listener, SocketAddr) {
    let listener = Listener::bind(
        SocketAddr::from(([127, 0, 0, 1], 0)),
        max_connections,
        Duration::from_secs(5),
        None,
    )
    .await
    .unwrap();
    let address = listener.address().unwrap();
    (listener, address)
}

async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn accepted_sockets_send_small_packets_at_once() {
    let (listener, address) = bound(8).await;
    let (accepted, _client) = tokio::join!(listener.accept(), TcpStream::connect(address));
    assert!(accepted.unwrap().nodelay().unwrap());
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_room_comes_back() {
    let (listener, address) = bound(1).await;
    let end = End::default();
    let serving = tokio::spawn(listener.serve(Router::new().route("/", get(async || "here")), end.clone()));

    let mut first = TcpStream::connect(address).await.unwrap();
    assert!(exchange(&mut first, REQUEST).await.starts_with("HTTP/1.1 200"));

    let mut second = TcpStream::connect(address).await.unwrap();
    let refusal = exchange(&mut second, REQUEST).await;
    assert!(refusal.starts_with("HTTP/1.1 503"), "{refusal}");
    assert!(
        refusal.contains("retry-after: 1") && refusal.contains("connection: close"),
        "{refusal}"
    );
    let mut rest = String::new();
    second.read_to_string(&mut rest).await.unwrap();
    assert!(
        format!("{refusal}{rest}").contains("docs/errors/too_many_connections.md"),
        "{refusal}{rest}"
    );

    drop(first);
    loop {
        let mut third = TcpStream::connect(address).await.unwrap();
        if exchange(&mut third, REQUEST).await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
    end.finish.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn finishing_closes_idle_connections_and_lets_requests_end() {
    let (listener, address) = bound(8).await;
    let end = End::default();
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(1);
    let release = CancellationToken::new();
    let router = {
        let release = release.clone();
        let slow = move || {
            let (arrived, release) = (arrived.clone(), release.clone());
            async move {
                arrived.send(()).await.unwrap();
                release.cancelled().await;
                "finished"
            }
        };
        Router::new()
            .route("/", get(async || "here"))
            .route("/slow", get(slow))
    };
    let serving = tokio::spawn(listener.serve(router, end.clone()));

    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(exchange(&mut idle, REQUEST).await.starts_with("HTTP/1.1 200"));
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    arrivals.recv().await.unwrap();

    end.finish.cancel();
    assert_eq!(
        idle.read(&mut [0; 16]).await.unwrap(),
        0,
        "an idle connection is closed"
    );
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nothing is accepted any more"
    );
    release.cancel();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("finished"), "{answer}");
    serving.await.unwrap();
}

#[tokio::test]
async fn aborting_drops_what_would_not_end() {
    let (listener, address) = bound(8).await;
    let end = End::default();
    let (arrived, mut arrivals) = tokio::sync::mpsc::channel(1);
    let stuck = move || {
        let arrived = arrived.clone();
        async move {
            arrived.send(()).await.unwrap();
            std::future::pending::<&str>().await
        }
    };
    let serving = tokio::spawn(listener.serve(Router::new().route("/", get(stuck)), end.clone()));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    arrivals.recv().await.unwrap();
    end.finish.cancel();
    end.abort.cancel();
    serving.await.unwrap();
    assert_eq!(client.read(&mut [0; 16]).await.unwrap_or(0), 0);
}
