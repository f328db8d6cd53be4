//! What callers of `/v1` say in headers, and what answers say in theirs.

use std::fmt::Write as _;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue};
use inference::{AnswerFacts, Attempt, DataClass, Priority, Residency};
use tracing::Span;

use super::errors::Invalid;
use crate::accounts::Origin;
use crate::telemetry::trace_id;
use crate::tenancy::quota::{Standing, brief};
use crate::tenancy::{DATA_CLASSES, RESIDENCIES, named};

const PRIORITY: &str = "x-b2x-priority";
const DEADLINE: &str = "x-b2x-deadline-ms";
const RESTART: &str = "x-b2x-restart";
const DATA_CLASS: &str = "x-b2x-data-class";
const RESIDENCY: &str = "x-b2x-residency";

const BACKEND: HeaderName = HeaderName::from_static("x-b2x-backend");
const REGION: HeaderName = HeaderName::from_static("x-b2x-region");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-b2x-attempts");
const DEGRADED: HeaderName = HeaderName::from_static("x-b2x-degraded");
const REASON: HeaderName = HeaderName::from_static("x-b2x-reason");

const REQUESTS: [&str; 3] = [
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
];
const TOKENS: [&str; 3] = [
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
];

/// How a call is to be treated, beyond what its body says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub(super) priority: Priority,
    /// From the moment that its body is there.
    pub(super) deadline: Duration,
    /// Whether a stream may take back what it showed and begin again.
    pub(super) restart: bool,
    /// How sensitive its text is, where that is more than the tenant's usually is.
    pub(super) data_class: Option<DataClass>,
    /// Where its text may be processed, where that is less than the tenant allows.
    pub(super) residency: Option<Residency>,
}

impl Wishes {
    /// Reads the headers. A caller may ask for less time than `longest`, never for more.
    pub(super) fn read(headers: &HeaderMap, longest: Duration) -> Result<Self, Invalid> {
        let priority = match one(headers, PRIORITY)? {
            None | Some("interactive") => Priority::Interactive,
            Some("batch") => Priority::Batch,
            Some(_) => {
                return Err(Invalid::value(
                    PRIORITY,
                    "is neither \"interactive\" nor \"batch\"",
                    "send one of them, or leave the header out",
                ));
            }
        };
        let restart = match one(headers, RESTART)? {
            None => false,
            Some("allow") => true,
            Some(_) => {
                return Err(Invalid::value(
                    RESTART,
                    "is not \"allow\"",
                    "send \"allow\", or leave the header out",
                ));
            }
        };
        let deadline = match one(headers, DEADLINE)?.map(str::parse::<u64>) {
            None => longest,
            Some(Ok(asked)) if asked > 0 => longest.min(Duration::from_millis(asked)),
            Some(_) => {
                return Err(Invalid::value(
                    DEADLINE,
                    "is not a positive whole number",
                    "send milliseconds, or leave the header out",
                ));
            }
        };
        let data_class = choice(
            headers,
            DATA_CLASS,
            DATA_CLASSES,
            "is neither \"public\" nor \"internal\" nor \"confidential\"",
        )?;
        let residency = choice(headers, RESIDENCY, RESIDENCIES, "is neither \"eu\" nor \"us\"")?;
        Ok(Self {
            priority,
            deadline,
            restart,
            data_class,
            residency,
        })
    }
}

/// Who the caller's program says it is, and which trace it says its call belongs to.
pub(in crate::http) fn origin(headers: &HeaderMap) -> Origin {
    let client = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Origin::new(client, trace_id(&Span::none(), &[headers]))
}

/// One of several known values, if the header is there.
fn choice<T: Copy>(
    headers: &HeaderMap,
    name: &'static str,
    known: &[(&str, T)],
    reason: &'static str,
) -> Result<Option<T>, Invalid> {
    let Some(text) = one(headers, name)? else {
        return Ok(None);
    };
    named(known, text)
        .map(Some)
        .ok_or_else(|| Invalid::value(name, reason, "send one of them, or leave the header out"))
}

/// The value of a header that may be there once.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Invalid> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(|text| Some(text.trim()))
            .map_err(|_| Invalid::value(name, "is not plain text", "send one of the documented values")),
        (Some(_), Some(_)) => Err(Invalid::value(name, "is there twice", "send it once")),
    }
}

/// Says who answered.
pub(super) fn write_facts(headers: &mut HeaderMap, facts: &AnswerFacts) {
    put(headers, BACKEND, &facts.backend);
    put(headers, REGION, &facts.region);
    write_attempts(headers, &facts.attempts);
    headers.insert(
        DEGRADED,
        HeaderValue::from_static(if facts.degraded { "true" } else { "false" }),
    );
    if let Some(reason) = facts.reason {
        headers.insert(REASON, HeaderValue::from_static(reason.as_str()));
    }
}

/// Says how the tenant stands with its limits per minute, in the words of OpenAI's API.
pub(super) fn write_standing(headers: &mut HeaderMap, standing: &Standing) {
    for (left, [limit, remaining, reset]) in [(standing.requests, REQUESTS), (standing.tokens, TOKENS)] {
        if let Some(left) = left {
            headers.insert(HeaderName::from_static(limit), HeaderValue::from(left.limit));
            headers.insert(HeaderName::from_static(remaining), HeaderValue::from(left.left));
            put(headers, HeaderName::from_static(reset), &brief(left.resets_in));
        }
    }
}

/// Says what was tried.
pub(super) fn write_attempts(headers: &mut HeaderMap, attempts: &[Attempt]) {
    if !attempts.is_empty() {
        put(headers, ATTEMPTS, &list_attempts(attempts));
    }
}

/// `azure=circuit_open, local=answered`.
pub(super) fn list_attempts(attempts: &[Attempt]) -> String {
    let mut list = String::with_capacity(attempts.len() * 32);
    for Attempt { backend, outcome, .. } in attempts {
        if !list.is_empty() {
            list.push_str(", ");
        }
        let _ = write!(list, "{backend}={}", outcome.as_str());
    }
    list
}

/// Names come from the configuration; one that no header can carry is left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
