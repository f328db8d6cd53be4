//! Names without an address, proxies, and what becomes of a connection that nobody uses.

use std::{net::SocketAddr, time::Duration};

use futures::StreamExt;
use hyper_util::client::{legacy::connect::HttpConnector, proxy::matcher::Matcher};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt;
use url::Url;

use super::server::{Server, Step, whole_stream};
use super::{read, request, soon};
use crate::azure::tests::connections::{CERTIFICATE, tls_server, trusting};
use crate::chat_completions::{
    Client, MaxTokensField, Settings, address::Address, failure::Transport, transport,
};

fn settings(base: &str) -> Settings {
    Settings {
        backend: "test".to_owned(),
        address: Address::new(base.to_owned(), None),
        model: None,
        max_tokens_field: MaxTokensField::MaxTokens,
        dialect: &crate::azure::classify::AZURE,
        loopback: true,
        max_concurrency: 4,
        connect_timeout: Duration::from_secs(5),
    }
}

async fn text(client: &Client) -> String {
    let stream = client.complete(&request(), None, soon()).await.unwrap();
    let (text, end) = read(stream).await;
    end.unwrap();
    text
}

#[tokio::test]
async fn the_name_does_not_resolve() {
    let nobody = tower::service_fn(|_| async {
        Err::<std::vec::IntoIter<SocketAddr>, _>(std::io::Error::other("no such name"))
    });
    let connector = HttpConnector::new_with_resolver(nobody);
    let error = connector
        .oneshot("http://nowhere.test".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(transport::not_connected(&error), Transport::NameNotResolved);
}

#[tokio::test]
async fn a_proxy_reads_what_is_not_encrypted() {
    let proxy = Server::playing(whole_stream("4711")).await;
    let named = format!("http://anna:secret@{}", proxy.url.trim_start_matches("http://"));
    let proxies = Matcher::builder().http(named).build();
    let settings = settings("http://upstream.test:8000/v1");
    let client = Client::by(Some(&proxies), settings, trusting(&[])).unwrap();
    for _ in 0..2 {
        assert_eq!(text(&client).await, "4711");
    }
    for sent in proxy.requests() {
        assert_eq!(
            sent.line,
            "POST http://upstream.test:8000/v1/chat/completions HTTP/1.1"
        );
        let head = sent.head.to_ascii_lowercase();
        assert!(head.contains("\r\nhost: upstream.test:8000\r\n"), "{head}");
        assert!(
            head.contains("\r\nproxy-authorization: basic yw5uytpzzwnyzxq=\r\n"),
            "{head}"
        );
    }
    assert_eq!(proxy.requests().len(), 2);
}

/// A proxy that hands bytes on; says to whom it was asked to, and what it was shown.
async fn tunnel() -> (Url, tokio::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, asking) = tokio::sync::mpsc::channel(8);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                near.read_buf(&mut head).await.unwrap();
            }
            let head = String::from_utf8(head).unwrap();
            let to = head.split(' ').nth(1).unwrap().to_owned();
            asked.send(head).await.unwrap();
            let mut far = TcpStream::connect(to).await.unwrap();
            near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    (format!("http://{address}").parse().unwrap(), asking)
}

#[tokio::test]
async fn a_proxy_hands_on_what_is_encrypted() {
    let (mut proxy, mut asked) = tunnel().await;
    proxy.set_username("anna").unwrap();
    proxy.set_password(Some("secret")).unwrap();
    let proxies = Matcher::builder().https(proxy.to_string()).build();
    let server = format!("127.0.0.1:{}", tls_server());
    let settings = settings(&format!("https://{server}/v1"));
    let client = Client::by(Some(&proxies), settings, trusting(&[CERTIFICATE])).unwrap();
    assert_eq!(text(&client).await, "4711");
    let head = asked.recv().await.unwrap();
    assert!(
        head.starts_with(&format!("CONNECT {server} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(head.contains("Basic YW5uYTpzZWNyZXQ="), "{head}");
}

#[tokio::test]
async fn a_connection_is_used_again_and_closed_when_the_other_side_closes_it() {
    let mut server = Server::scripted(|n| {
        // In one piece: an end that came late would be too late for the next call.
        let pieces = whole_stream("4711").into_iter().filter_map(|step| match step {
            Step::Send(piece) => Some(piece),
            _ => None,
        });
        let mut steps = vec![Step::Send(pieces.collect::<Vec<_>>().concat())];
        if n == 2 {
            steps.push(Step::Finish);
        }
        steps
    })
    .await;
    let client = Client::by(None, settings(&format!("{}/v1", server.url)), trusting(&[])).unwrap();
    for _ in 0..3 {
        assert_eq!(text(&client).await, "4711");
    }
    assert_eq!(server.connections(), 1, "each answer gave it back");
    // Nobody calls, and yet it is let go.
    server.client_gone().await;
    assert_eq!(text(&client).await, "4711");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_answer_that_is_dropped_half_way_takes_its_connection_along() {
    let mut steps = whole_stream("4711");
    steps.truncate(2);
    steps.push(Step::Silence);
    let mut server = Server::playing(steps).await;
    let client = Client::by(None, settings(&format!("{}/v1", server.url)), trusting(&[])).unwrap();
    let mut stream = client.complete(&request(), None, soon()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    server.client_gone().await;
}
