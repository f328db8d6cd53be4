//! A client of OTLP over HTTP, with protobuf: one request a batch, and what its refusal means.

use std::{fmt, path::PathBuf, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use reqwest::redirect;
use tokio::time::Instant;
use url::Url;

use crate::cause::innermost;

/// The longest wait for a collector's answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No answer that is read is longer.
const ANSWER_MAX: usize = 64 * 1024;
/// No file of headers is longer.
const HEADERS_MAX: u64 = 64 * 1024;

/// Where spans go.
#[derive(Clone)]
pub struct Config {
    /// The whole URL, `/v1/traces` included.
    pub endpoint: Url,
    /// Headers of each request: credentials, most often.
    pub headers: HeaderMap,
    /// A file with more of them, read for each request, so that a credential may change.
    pub headers_file: Option<PathBuf>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("endpoint", &self.endpoint.as_str())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("headers_file", &self.headers_file)
            .finish()
    }
}

/// Why a batch was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It never will be.
    ForGood(Cause),
    /// It may be later: after so long, where the collector says that.
    ForNow(Cause, Option<Duration>),
}

/// What came instead of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Another status than 200.
    Status(StatusCode),
    /// Nothing: it could not be sent, or was not answered.
    Silence(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::Silence(reason) => f.write_str(reason),
        }
    }
}

/// Asks a collector whether it would take spans, by sending it none; gives the time that it took.
///
/// # Errors
/// As when spans are sent; or no client can be made.
pub(crate) async fn probe(config: Config) -> Result<Duration, Refusal> {
    let client = Client::new(config).map_err(|reason| Refusal::ForGood(Cause::Silence(reason)))?;
    let began = Instant::now();
    client.send(Bytes::new()).await?;
    Ok(began.elapsed())
}

pub(super) struct Client {
    config: Config,
    http: reqwest::Client,
}

impl Client {
    /// Makes ready; connects to nothing yet.
    ///
    /// # Errors
    /// Says why no client can be made.
    pub(super) fn new(config: Config) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .no_proxy();
        if config.endpoint.scheme() == "http" {
            // Nothing is encrypted, so that a container without any roots works.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| innermost(&error))?;
        Ok(Self { config, http })
    }

    pub(super) fn endpoint(&self) -> &Url {
        &self.config.endpoint
    }

    /// Sends one request; gives the number of spans that the collector rejected of those it took.
    pub(super) async fn send(&self, body: Bytes) -> Result<u64, Refusal> {
        let later = |reason: String| Refusal::ForNow(Cause::Silence(reason), None);
        let mut headers = self.config.headers.clone();
        if let Some(path) = &self.config.headers_file {
            let text = read_limited(path).await;
            let more = text.and_then(|text| parse_headers(text.split('\n'), ':'));
            headers.extend(more.map_err(|reason| later(format!("{} {reason}", path.display())))?);
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-protobuf"),
        );
        let request = self.http.post(self.config.endpoint.clone());
        let sent = request.headers(headers).body(body).send().await;
        let answer = sent.map_err(|error| later(innermost(&error)))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(refusal(status, answer.headers()));
        }
        let mut read = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(Ok(chunk)) = chunks.next().await {
            read.extend_from_slice(&chunk);
            if read.len() > ANSWER_MAX {
                break;
            }
        }
        // Whatever else it says, it said 200.
        let partial = ExportTraceServiceResponse::decode(&*read).ok();
        let rejected = partial.and_then(|answer| answer.partial_success);
        Ok(rejected.map_or(0, |partial| partial.rejected_spans.max(0).unsigned_abs()))
    }
}

/// The statuses after which a request may be sent again are the specification's.
fn refusal(status: StatusCode, headers: &HeaderMap) -> Refusal {
    let cause = Cause::Status(status);
    let may_pass = matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504);
    if !may_pass {
        return Refusal::ForGood(cause);
    }
    let hint = headers
        .get(header::RETRY_AFTER)
        .and_then(|hint| hint.to_str().ok()?.trim().parse().ok());
    Refusal::ForNow(cause, hint.map(Duration::from_secs))
}

async fn read_limited(path: &std::path::Path) -> Result<String, String> {
    let read = async {
        if tokio::fs::metadata(path).await?.len() > HEADERS_MAX {
            return Err(std::io::Error::other("it is longer than any headers"));
        }
        tokio::fs::read_to_string(path).await
    };
    read.await.map_err(|error| format!("cannot be read: {error}"))
}

/// Reads names and values, each pair with a sign in between.
pub(crate) fn parse_headers<'a>(
    pairs: impl Iterator<Item = &'a str>,
    between: char,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for pair in pairs.map(str::trim).filter(|pair| !pair.is_empty()) {
        // Never the pair itself: it may hold a credential.
        let wrong = || format!("holds something that is not name{between}value");
        let (name, value) = pair.split_once(between).ok_or_else(wrong)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
        let mut value = HeaderValue::try_from(value.trim()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_and_what_is_none_is_not_repeated() {
        let read =
            parse_headers("authorization=Bearer a=b, x-scope = one ,".split(','), '=').expect("headers");
        assert_eq!(read["authorization"], "Bearer a=b");
        assert_eq!(read["x-scope"], "one");
        assert!(read["authorization"].is_sensitive());
        for wrong in ["s3cr3t", "na me=s3cr3t", "=s3cr3t", "name=s3cr3t\u{1}"] {
            let reason = parse_headers([wrong].into_iter(), '=').expect_err(wrong);
            assert!(!reason.contains("s3cr3t"), "{reason}");
        }
    }

    #[test]
    fn what_may_pass_is_sent_again() {
        let mut headers = HeaderMap::new();
        for status in [400, 401, 403, 404, 413] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert!(
                matches!(refusal(status, &headers), Refusal::ForGood(_)),
                "{status}"
            );
        }
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
        for status in [429, 500, 502, 503, 504] {
            let status = StatusCode::from_u16(status).expect("a status");
            let expected = Refusal::ForNow(Cause::Status(status), Some(Duration::from_secs(7)));
            assert_eq!(refusal(status, &headers), expected);
        }
    }
}
