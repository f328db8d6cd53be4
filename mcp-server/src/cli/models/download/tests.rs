//! Downloads from a small server that misbehaves as real ones do.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

/// How the server answers its n-th request, which asks for bytes from so many on.
type Behaviour = fn(request: usize, range: Option<usize>) -> Reply;

/// Whether an error is the one that was to come.
type Expected = fn(&DownloadError) -> bool;

struct Reply {
    status: &'static str,
    headers: String,
    /// Length that is promised, and what is sent of it.
    promised: usize,
    sent: Vec<u8>,
}

fn reply(status: &'static str, headers: String, body: &[u8]) -> Reply {
    Reply {
        status,
        headers,
        promised: body.len(),
        sent: body.to_vec(),
    }
}

fn content() -> Vec<u8> {
    (0..300_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// As a good server answers.
fn whole_or_rest(range: Option<usize>) -> Reply {
    let content = content();
    match range {
        None => reply("200 OK", String::new(), &content),
        Some(from) if from < content.len() => {
            let header = format!(
                "content-range: bytes {from}-{}/{}\r\n",
                content.len() - 1,
                content.len()
            );
            reply("206 Partial Content", header, &content[from..])
        }
        Some(_) => reply("416 Range Not Satisfiable", String::new(), b""),
    }
}

struct Server {
    url: url::Url,
    requests: Arc<AtomicUsize>,
    /// Where ranges began, in order.
    dir: tempfile::TempDir,
}

impl Server {
    async fn start(behaviour: Behaviour) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!(
            "http://{}/resolve/rev/file.gguf?secret=1",
            listener.local_addr().expect("bound")
        );
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let request = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(stream, request, behaviour));
            }
        });
        let dir = tempfile::tempdir().expect("temporary directory");
        Self {
            url: url.parse().expect("an address"),
            requests,
            dir,
        }
    }

    fn wanted(&self) -> Wanted {
        let path = self.dir.path().join("content");
        std::fs::write(&path, content()).expect("written");
        let sha256 = catalogue::hash(&path, |_| {}).expect("hashed");
        Wanted {
            url: self.url.clone(),
            size_bytes: Some(content().len() as u64),
            sha256: Some(sha256),
            credential: None,
        }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("store").join("model.gguf")
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    async fn download(&self, wanted: &Wanted) -> Result<Finished, DownloadError> {
        let downloader = Downloader {
            first_pause: Duration::ZERO,
            ..Downloader::new().expect("a client")
        };
        downloader.download(wanted, &self.target(), &mut |_, _| {}).await
    }
}

async fn answer(mut stream: TcpStream, request: usize, behaviour: Behaviour) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let range = head
        .split("range: bytes=")
        .nth(1)
        .and_then(|range| range.split('-').next()?.parse().ok());
    let Reply {
        status,
        headers,
        promised,
        sent,
    } = behaviour(request, range);
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {promised}\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&sent).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn a_file_comes_whole_and_takes_its_name_in_the_end() {
    let server = Server::start(|_, range| whole_or_rest(range)).await;
    let mut seen = Vec::new();
    let downloader = Downloader::new().expect("a client");
    let target = server.target();
    let wanted = server.wanted();
    let finished = downloader
        .download(&wanted, &target, &mut |done, total| seen.push((done, total)))
        .await
        .expect("fine");
    assert!(!target.exists(), "only a checked file has its name");
    finished.keep(&target).expect("renamed");
    assert_eq!(std::fs::read(&target).expect("there"), content());
    assert_eq!(Some(finished.sha256.clone()), wanted.sha256);
    assert_eq!(
        seen.last(),
        Some(&(content().len() as u64, Some(content().len() as u64)))
    );
    drop(finished);
    let left: Vec<_> = std::fs::read_dir(target.parent().expect("a directory"))
        .expect("listed")
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "no part, no lock: {left:?}");
}

#[tokio::test]
async fn a_download_cut_in_the_middle_goes_on_from_there() {
    let server = Server::start(|request, range| {
        let mut reply = whole_or_rest(range);
        if request < 3 {
            reply.sent.truncate(100_000);
        }
        reply
    })
    .await;
    let finished = server.download(&server.wanted()).await.expect("goes on");
    assert_eq!(std::fs::read(&finished.part).expect("there"), content());
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn what_an_earlier_run_left_is_used() {
    let server = Server::start(|_, range| match range {
        Some(500_000) => whole_or_rest(range),
        other => panic!("asked for {other:?}"),
    })
    .await;
    std::fs::create_dir_all(server.target().parent().expect("a directory")).expect("made");
    std::fs::write(part_path(&server.target()), &content()[..500_000]).expect("written");
    let finished = server.download(&server.wanted()).await.expect("goes on");
    assert_eq!(std::fs::read(&finished.part).expect("there"), content());
}

#[tokio::test]
async fn a_complete_part_is_only_checked() {
    let server = Server::start(|_, _| panic!("nothing is to be asked")).await;
    std::fs::create_dir_all(server.target().parent().expect("a directory")).expect("made");
    std::fs::write(part_path(&server.target()), content()).expect("written");
    assert!(server.download(&server.wanted()).await.is_ok());
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_server_without_ranges_starts_again() {
    let server = Server::start(|request, _| {
        let mut reply = whole_or_rest(None);
        if request == 0 {
            reply.sent.truncate(100_000);
        }
        reply
    })
    .await;
    let finished = server.download(&server.wanted()).await.expect("starts again");
    assert_eq!(std::fs::read(&finished.part).expect("there"), content());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_wrong_hash_is_refused_and_removed() {
    let server = Server::start(|_, _| reply("200 OK", String::new(), &vec![7; content().len()])).await;
    let error = server.download(&server.wanted()).await.expect_err("another file");
    assert!(matches!(error, DownloadError::Hash(_)), "{error}");
    assert!(!part_path(&server.target()).exists());
    assert!(!server.target().exists());
}

#[tokio::test]
async fn a_wrong_size_is_refused_before_it_is_written() {
    let server = Server::start(|_, _| reply("200 OK", String::new(), b"short")).await;
    let error = server.download(&server.wanted()).await.expect_err("another file");
    assert!(matches!(error, DownloadError::Size { found: 5, .. }), "{error}");
}

#[tokio::test]
async fn what_stays_refused_is_said_and_not_tried_again() {
    let cases: [(Behaviour, Expected); 4] = [
        (
            |_, _| reply("404 Not Found", String::new(), b""),
            |error| matches!(error, DownloadError::NotFound { .. }),
        ),
        (
            |_, _| reply("401 Unauthorized", String::new(), b""),
            |error| matches!(error, DownloadError::Refused { .. }),
        ),
        (
            |_, _| reply("403 Forbidden", String::new(), b""),
            |error| matches!(error, DownloadError::Refused { .. }),
        ),
        (
            |_, _| reply("410 Gone", String::new(), b""),
            |error| matches!(error, DownloadError::Status { .. }),
        ),
    ];
    for (behaviour, is_expected) in cases {
        let server = Server::start(behaviour).await;
        let error = server.download(&server.wanted()).await.expect_err("refused");
        assert!(is_expected(&error), "{error}");
        assert_eq!(server.requests(), 1, "{error}");
        assert!(
            !error.to_string().contains("secret"),
            "queries may hold signatures: {error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_stays_down_is_given_up() {
    let server = Server::start(|_, _| reply("503 Service Unavailable", String::new(), b"")).await;
    let error = server.download(&server.wanted()).await.expect_err("down");
    assert!(matches!(error, DownloadError::Status { .. }), "{error}");
    assert_eq!(server.requests(), FRUITLESS_ATTEMPTS as usize);
}

#[tokio::test]
async fn nobody_there_is_told_apart() {
    let server = Server::start(|_, _| panic!("not asked")).await;
    let unused = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port")
        .local_addr()
        .expect("bound");
    let url = format!("http://{unused}/").parse().expect("an address");
    let error = server
        .download(&Wanted {
            url,
            ..server.wanted()
        })
        .await
        .expect_err("nobody listens");
    assert!(matches!(error, DownloadError::CannotConnect { .. }), "{error}");
}

#[tokio::test]
async fn redirects_never_leave_https() {
    let server =
        Server::start(|_, _| reply("302 Found", "location: http://192.0.2.1/\r\n".to_owned(), b"")).await;
    let error = server.download(&server.wanted()).await.expect_err("plain http");
    assert!(error.to_string().contains("plain http"), "{error}");
}

#[tokio::test]
async fn an_unknown_hash_trusts_no_earlier_part() {
    let server = Server::start(|_, range| whole_or_rest(range)).await;
    std::fs::create_dir_all(server.target().parent().expect("a directory")).expect("made");
    std::fs::write(part_path(&server.target()), b"of another file").expect("written");
    let unknown = Wanted {
        size_bytes: None,
        sha256: None,
        ..server.wanted()
    };
    let finished = server.download(&unknown).await.expect("from the beginning");
    assert_eq!(std::fs::read(&finished.part).expect("there"), content());
    assert_eq!(Some(finished.sha256.clone()), server.wanted().sha256);
}

#[tokio::test]
async fn one_process_writes_one_file() {
    let server = Server::start(|_, range| whole_or_rest(range)).await;
    let held = lock(&server.target()).expect("free");
    let error = server.download(&server.wanted()).await.expect_err("held");
    assert!(matches!(error, DownloadError::Locked(_)), "{error}");
    drop(held);
    assert!(server.download(&server.wanted()).await.is_ok());
}

#[tokio::test]
async fn a_file_of_ones_own_is_checked_too() {
    let server = Server::start(|_, _| panic!("not asked")).await;
    let wanted = server.wanted();
    let from = server.dir.path().join("content");
    let finished = copy(&from, wanted.sha256.as_deref(), &server.target(), &mut |_, _| {})
        .await
        .expect("the right file");
    assert_eq!(std::fs::read(&finished.part).expect("there"), content());
    drop(finished);
    let error = copy(&from, Some(&"0".repeat(64)), &server.target(), &mut |_, _| {})
        .await
        .expect_err("another hash");
    assert!(matches!(error, DownloadError::Hash(_)), "{error}");
    let error = copy(Path::new("/nonexistent"), None, &server.target(), &mut |_, _| {})
        .await
        .expect_err("no file");
    assert!(matches!(error, DownloadError::Read { .. }), "{error}");
}

#[test]
fn ranges_are_read() {
    for (value, expected) in [
        ("bytes 5-9/10", Some((5, Some(10)))),
        ("bytes 5-9/*", Some((5, None))),
        ("bytes */10", None),
        ("items 5-9/10", None),
        ("bytes x-9/10", None),
        ("", None),
    ] {
        assert_eq!(parse_content_range(value), expected, "{value}");
    }
}
