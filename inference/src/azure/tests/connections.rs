//! Connections that never stand, that break, and that are not to be trusted.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};

use super::super::Deployment;
use super::{attempt, config, deployment, refused, request};
use crate::chat_completions::tests::server::{Server, Step, piece, stream_head};
use crate::chat_completions::tests::streams::{STOP, said};
use crate::{BackendError, CompletionEvent, chat_completions::transport};

/// Made for these tests, for the address 127.0.0.1, and used for nothing else.
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("tls/certificate.der");
const PRIVATE_KEY: &[u8] = include_bytes!("tls/key.der");

fn unreachable(reason: &str) -> BackendError {
    BackendError::Unreachable {
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = refused(&deployment(&format!("http://{address}")), &request()).await;
    assert_eq!(error, unreachable("connection refused"));
}

#[tokio::test]
async fn resets_are_broken_connections_and_are_not_retried() {
    let begun = vec![stream_head(), piece(&said("a"))];
    for (case, steps, text) in [
        ("reset before the answer", vec![Step::Reset], ""),
        ("closed before the answer", vec![Step::Close], ""),
        (
            "reset within the head",
            vec![Step::Send(b"HTTP/1.1 200 OK\r\ncont".to_vec()), Step::Reset],
            "",
        ),
        (
            "not HTTP",
            vec![Step::Send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec()), Step::Close],
            "",
        ),
        (
            "reset within the answer",
            [begun.clone(), vec![Step::Reset]].concat(),
            "a",
        ),
        (
            "closed within a chunked answer",
            [begun.clone(), vec![Step::Close]].concat(),
            "a",
        ),
        (
            "closed within a piece",
            [begun, vec![Step::Send(b"ff\r\ndata".to_vec()), Step::Close]].concat(),
            "a",
        ),
    ] {
        let server = Server::playing(steps).await;
        let (read, end) = attempt(&deployment(&server.url), &request()).await;
        assert!(
            matches!(end, Err(BackendError::ConnectionBroken { .. })),
            "{case}: {end:?}"
        );
        // A reset may overtake text that was sent before it.
        assert!(text.starts_with(&read), "{case}: {read:?}");
        assert_eq!(server.requests().len(), 1, "{case}");
    }
}

#[tokio::test]
async fn an_answer_delimited_by_the_close_needs_its_finish_reason() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec();
    let begun = vec![Step::Send(head), Step::Send(said("a").into())];
    let cut = Server::playing([begun.clone(), vec![Step::Close]].concat()).await;
    let (_, end) = attempt(&deployment(&cut.url), &request()).await;
    assert_eq!(end, Err(BackendError::IncompleteStream));

    let whole = Server::playing([begun, vec![Step::Send(STOP.into()), Step::Close]].concat()).await;
    let (text, end) = attempt(&deployment(&whole.url), &request()).await;
    assert!(matches!(end, Ok(CompletionEvent::Finished { .. })), "{end:?}");
    assert_eq!(text, "a");
}

#[tokio::test]
async fn a_connection_that_died_idle_costs_no_call() {
    let mut server = Server::scripted(|n| {
        let mut steps = crate::chat_completions::tests::server::whole_stream("4711");
        if n == 0 {
            steps.push(Step::Finish);
        }
        steps
    })
    .await;
    let backend = deployment(&server.url);
    for n in 0..3 {
        let (text, end) = attempt(&backend, &request()).await;
        assert!(end.is_ok(), "{end:?}");
        assert_eq!(text, "4711");
        if n == 0 {
            server.client_gone().await;
        }
    }
    assert_eq!(server.requests().len(), 3);
}

/// A TLS server with our certificate; answers one request on each connection.
pub(crate) fn tls_server() -> u16 {
    let key = PrivateKeyDer::try_from(PRIVATE_KEY).unwrap();
    let config = ServerConfig::builder_with_provider(transport::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), connection);
            let mut request = [0; 4096];
            // A client that does not trust us leaves here.
            if tls.read(&mut request).is_ok() {
                let body = [&said("4711"), STOP].concat();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
                let _ = tls.write_all([head, &body].concat().as_bytes());
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    port
}

pub(crate) fn trusting(roots: &[&[u8]]) -> ClientConfig {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(CertificateDer::from(root.to_vec())).unwrap();
    }
    ClientConfig::builder_with_provider(transport::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth()
}

#[tokio::test]
async fn trusts_the_right_certificate_only() {
    let port = tls_server();
    let endpoint = format!("https://127.0.0.1:{port}");
    let trusted = Deployment::with_tls(config(&endpoint), trusting(&[CERTIFICATE])).unwrap();
    let (text, end) = attempt(&trusted, &request()).await;
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(text, "4711");

    let unknown = Deployment::with_tls(config(&endpoint), trusting(&[])).unwrap();
    let error = refused(&unknown, &request()).await;
    assert!(
        matches!(error, BackendError::CertificateInvalid { .. }),
        "{error:?}"
    );

    let wrong_name = format!("https://localhost:{port}");
    let wrong_name = Deployment::with_tls(config(&wrong_name), trusting(&[CERTIFICATE])).unwrap();
    let error = refused(&wrong_name, &request()).await;
    assert!(
        matches!(error, BackendError::CertificateInvalid { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_without_tls_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let backend = Deployment::with_tls(config(&endpoint), trusting(&[])).unwrap();
    let error = refused(&backend, &request()).await;
    let BackendError::Unreachable { reason } = error else {
        panic!("{error:?}")
    };
    assert!(reason.starts_with("TLS handshake failed: "), "{reason}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&format!("https://{}", listener.local_addr().unwrap()));
    config.resilience.connect_timeout = Duration::from_millis(200);
    let backend = Deployment::with_tls(config, trusting(&[])).unwrap();
    assert_eq!(
        refused(&backend, &request()).await,
        unreachable("no connection in time")
    );
    drop(listener);
}
