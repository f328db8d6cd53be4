//! One file over HTTPS: in ranges, resumed where it broke off, and trusted only when its hash is right.
//!
//! The file grows as `NAME.gguf.part` and takes its name when size and SHA-256 are as expected, so a file
//! of the store is always whole. A lock keeps two processes from writing one file.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::StreamExt;
use models::catalogue;
use reqwest::{Response, StatusCode, header};
use tokio::{fs, io::AsyncWriteExt};

use super::store::part_path;

/// Longest silence while connecting or reading.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts in a row that brought nothing.
const FRUITLESS_ATTEMPTS: u32 = 5;
/// Pause before a second attempt; doubles with each that brought nothing.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// Larger than any model that fits one machine.
const LARGEST_FILE: u64 = 1 << 40;

/// What is to be downloaded.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) url: url::Url,
    /// Its size, where it is known.
    pub(super) size_bytes: Option<u64>,
    /// Its SHA-256 in hexadecimal, where it is known.
    pub(super) sha256: Option<String>,
    /// Sent to the first host only, where the user has one.
    pub(super) credential: Option<crate::config::Secret>,
}

/// Why nothing was downloaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    #[error("{0} is being downloaded by another process; wait for it, or end it")]
    Locked(String),
    #[error("cannot connect to {host}: {reason}")]
    CannotConnect { host: String, reason: String },
    #[error("{url} does not exist (404)")]
    NotFound { url: String },
    #[error("{url} is refused ({status}); accept the model's terms on its page and set HF_TOKEN")]
    Refused { url: String, status: StatusCode },
    #[error("{url} answered {status}")]
    Status { url: String, status: StatusCode },
    #[error("the download broke off at {at} bytes: {reason}; run the same command again to go on from there")]
    BrokeOff { at: u64, reason: String },
    #[error("the file has {found} bytes, expected {expected}")]
    Size { found: u64, expected: u64 },
    #[error("{0}; what was downloaded is not the expected file and was removed")]
    Hash(String),
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// Downloads files.
pub(super) struct Downloader {
    client: reqwest::Client,
    first_pause: Duration,
}

impl Downloader {
    /// Certificates are always checked; redirects never leave HTTPS.
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let redirects = reqwest::redirect::Policy::custom(|attempt| {
            if attempt.previous().len() > 10 {
                attempt.error("too many redirects")
            } else if is_safe(attempt.url()) {
                attempt.follow()
            } else {
                attempt.error("redirected to plain http")
            }
        });
        let client = reqwest::Client::builder()
            .user_agent(concat!("mcp-server/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(IDLE_TIMEOUT)
            .read_timeout(IDLE_TIMEOUT)
            .redirect(redirects)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self {
            client,
            first_pause: FIRST_PAUSE,
        })
    }

    /// Downloads to the part file beside `target`, and checks it. The caller gives it its name.
    pub(super) async fn download(
        &self,
        wanted: &Wanted,
        target: &Path,
        progress: &mut (dyn FnMut(u64, Option<u64>) + Send),
    ) -> Result<Finished, DownloadError> {
        let lock = lock(target)?;
        let part = part_path(target);
        // What an earlier run left can be trusted only if the whole is checked in the end.
        if wanted.sha256.is_none() {
            remove(&part).await?;
        }
        self.fetch(wanted, &part, progress).await?;
        let found = length(&part).await;
        if let Some(expected) = wanted.size_bytes
            && found != expected
        {
            remove(&part).await?;
            return Err(DownloadError::Size { found, expected });
        }
        let sha256 = check_hash(&part, wanted.sha256.clone()).await?;
        Ok(Finished {
            part,
            sha256,
            size_bytes: found,
            _lock: lock,
        })
    }

    /// Fetches until the file is complete, going on after breaks for as long as something comes.
    async fn fetch(
        &self,
        wanted: &Wanted,
        part: &Path,
        progress: &mut (dyn FnMut(u64, Option<u64>) + Send),
    ) -> Result<(), DownloadError> {
        let mut fruitless = 0;
        loop {
            match wanted.size_bytes {
                Some(expected) if length(part).await == expected => return Ok(()),
                // Left by something else than this file.
                Some(expected) if length(part).await > expected => remove(part).await?,
                _ => {}
            }
            let at = length(part).await;
            let error = match attempt(&self.client, wanted, part, at, progress).await {
                Ok(()) => return Ok(()),
                Err(Stop::Final(error)) => return Err(error),
                Err(Stop::Transient(error)) => error,
            };
            fruitless = if length(part).await > at { 0 } else { fruitless + 1 };
            if fruitless >= FRUITLESS_ATTEMPTS {
                return Err(error);
            }
            tracing::info!(%error, "download interrupted, going on");
            tokio::time::sleep((self.first_pause * 2_u32.pow(fruitless)).min(LONGEST_PAUSE)).await;
        }
    }
}

/// HTTPS, or plain HTTP within this machine.
pub(super) fn is_safe(url: &url::Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

/// Copies a file to the part file beside `target`, and checks it as a download is checked.
pub(super) async fn copy(
    from: &Path,
    sha256: Option<&str>,
    target: &Path,
    progress: &mut (dyn FnMut(u64, Option<u64>) + Send),
) -> Result<Finished, DownloadError> {
    use tokio::io::AsyncReadExt;
    let lock = lock(target)?;
    let part = part_path(target);
    let unreadable = |source| DownloadError::Read {
        path: from.to_owned(),
        source,
    };
    let unwritable = |source| DownloadError::Io {
        path: part.clone(),
        source,
    };
    let mut source = fs::File::open(from).await.map_err(unreadable)?;
    let total = source.metadata().await.map_err(unreadable)?.len();
    let mut file = fs::File::create(&part).await.map_err(unwritable)?;
    let mut buffer = vec![0; 1 << 20];
    let mut written = 0;
    loop {
        let count = source.read(&mut buffer).await.map_err(unreadable)?;
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count]).await.map_err(unwritable)?;
        written += count as u64;
        progress(written, Some(total));
    }
    file.flush().await.map_err(unwritable)?;
    let sha256 = check_hash(&part, sha256.map(str::to_owned)).await?;
    Ok(Finished {
        part,
        sha256,
        size_bytes: written,
        _lock: lock,
    })
}

/// A complete, checked download that has not got its name yet.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) part: PathBuf,
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
    _lock: Lock,
}

impl Finished {
    /// Gives it its name, in one step.
    pub(super) fn keep(&self, target: &Path) -> Result<(), DownloadError> {
        let fail = |source| DownloadError::Io {
            path: target.to_owned(),
            source,
        };
        File::open(&self.part)
            .and_then(|file| file.sync_all())
            .map_err(fail)?;
        std::fs::rename(&self.part, target).map_err(fail)
    }

    /// Throws it away.
    pub(super) fn discard(&self) {
        let _ = std::fs::remove_file(&self.part);
    }
}

/// Keeps other processes out for as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

pub(super) fn lock(target: &Path) -> Result<Lock, DownloadError> {
    let path = target.with_extension("gguf.lock");
    let fail = |source| DownloadError::Io {
        path: path.clone(),
        source,
    };
    if let Some(dir) = target.parent() {
        std::fs::create_dir_all(dir).map_err(|source| DownloadError::Io {
            path: dir.to_owned(),
            source,
        })?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { path, _file: file }),
        Err(TryLockError::WouldBlock) => Err(DownloadError::Locked(target.display().to_string())),
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}

enum Stop {
    /// Trying again would bring the same.
    Final(DownloadError),
    /// It may go on.
    Transient(DownloadError),
}

/// One request, from byte `at` on.
async fn attempt(
    client: &reqwest::Client,
    wanted: &Wanted,
    part: &Path,
    at: u64,
    progress: &mut (dyn FnMut(u64, Option<u64>) + Send),
) -> Result<(), Stop> {
    let mut request = client.get(wanted.url.clone());
    if at > 0 {
        request = request.header(header::RANGE, format!("bytes={at}-"));
    }
    if let Some(credential) = &wanted.credential {
        request = request.bearer_auth(credential.expose());
    }
    let response = request
        .send()
        .await
        .map_err(|error| Stop::Transient(unreachable(wanted, at, &error)))?;
    let (start, total) = begin(wanted, at, &response)?;
    let fail = |source| {
        Stop::Final(DownloadError::Io {
            path: part.to_owned(),
            source,
        })
    };
    let mut file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(start == 0)
        .open(part)
        .await
        .map_err(fail)?;
    file.set_len(start).await.map_err(fail)?;
    io_seek_end(&mut file).await.map_err(fail)?;
    let bound = total.unwrap_or(LARGEST_FILE);
    let mut written = start;
    let mut body = response.bytes_stream();
    let ended = loop {
        progress(written, total);
        match body.next().await {
            Some(Ok(bytes)) if written + bytes.len() as u64 > bound => {
                break Err(Stop::Final(DownloadError::Size {
                    found: written + bytes.len() as u64,
                    expected: bound,
                }));
            }
            Some(Ok(bytes)) => {
                file.write_all(&bytes).await.map_err(fail)?;
                written += bytes.len() as u64;
            }
            Some(Err(error)) => {
                let reason = root_cause(&error);
                break Err(Stop::Transient(DownloadError::BrokeOff { at: written, reason }));
            }
            None => break Ok(()),
        }
    };
    file.flush().await.map_err(fail)?;
    ended?;
    match total {
        Some(total) if written < total => {
            let reason = format!("{total} bytes were promised");
            Err(Stop::Transient(DownloadError::BrokeOff { at: written, reason }))
        }
        _ => Ok(()),
    }
}

async fn io_seek_end(file: &mut fs::File) -> io::Result<()> {
    use tokio::io::AsyncSeekExt;
    file.seek(io::SeekFrom::End(0)).await.map(|_| ())
}

/// Reads the head of an answer: at which byte it begins, and how long the whole file is.
fn begin(wanted: &Wanted, at: u64, response: &Response) -> Result<(u64, Option<u64>), Stop> {
    let url = || shown(&wanted.url);
    let status = response.status();
    let (start, total) = match status {
        // All of it, whether or not a range was asked for.
        StatusCode::OK => (0, response.content_length()),
        StatusCode::PARTIAL_CONTENT => {
            let range = response
                .headers()
                .get(header::CONTENT_RANGE)
                .and_then(|value| value.to_str().ok());
            match range.and_then(parse_content_range) {
                Some((start, total)) if start == at => (start, total),
                _ => return Err(Stop::Final(DownloadError::Status { url: url(), status })),
            }
        }
        // Nothing is left, or what we have is not part of this file: the size and hash tell.
        StatusCode::RANGE_NOT_SATISFIABLE if at > 0 && wanted.size_bytes.is_none() => {
            return Ok((at, Some(at)));
        }
        StatusCode::NOT_FOUND => return Err(Stop::Final(DownloadError::NotFound { url: url() })),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(Stop::Final(DownloadError::Refused { url: url(), status }));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            return Err(Stop::Transient(DownloadError::Status { url: url(), status }));
        }
        _ if status.is_server_error() => {
            return Err(Stop::Transient(DownloadError::Status { url: url(), status }));
        }
        _ => return Err(Stop::Final(DownloadError::Status { url: url(), status })),
    };
    if let (Some(expected), Some(found)) = (wanted.size_bytes, total)
        && expected != found
    {
        return Err(Stop::Final(DownloadError::Size { found, expected }));
    }
    Ok((start, total.or(wanted.size_bytes)))
}

/// Reads `bytes 5-9/10`.
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = if total == "*" {
        None
    } else {
        Some(total.parse().ok()?)
    };
    Some((start.parse().ok()?, total))
}

fn unreachable(wanted: &Wanted, at: u64, error: &reqwest::Error) -> DownloadError {
    let reason = root_cause(error);
    if error.is_connect() {
        let host = wanted.url.host_str().unwrap_or_default().to_owned();
        return DownloadError::CannotConnect { host, reason };
    }
    DownloadError::BrokeOff { at, reason }
}

/// The innermost reason: the outer ones only repeat the address.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// An address without what may be secret in it.
fn shown(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_password(None);
    url.to_string()
}

async fn check_hash(part: &Path, expected: Option<String>) -> Result<String, DownloadError> {
    let path = part.to_owned();
    let checked = tokio::task::spawn_blocking(move || match expected {
        Some(expected) => {
            catalogue::verify(&path, &expected, |_| {}).map(|()| expected.trim().to_ascii_lowercase())
        }
        None => catalogue::hash(&path, |_| {}),
    });
    match checked.await {
        Ok(Ok(sha256)) => Ok(sha256),
        Ok(Err(error)) => {
            remove(part).await?;
            Err(DownloadError::Hash(error.to_string()))
        }
        Err(error) => Err(DownloadError::Io {
            path: part.to_owned(),
            source: io::Error::other(error),
        }),
    }
}

async fn length(path: &Path) -> u64 {
    fs::metadata(path).await.map_or(0, |about| about.len())
}

async fn remove(path: &Path) -> Result<(), DownloadError> {
    match fs::remove_file(path).await {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(DownloadError::Io {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
