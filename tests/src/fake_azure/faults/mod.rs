//! What can go wrong with one answer of the fake, and when: a small language, and the rules that schedule it.
//!
//! A fault is written `name[=value][;key=value]...`, several separated by commas:
//! `status=429;retry-after-ms=1500`, `delay=200,reset=3`. The same words work in the header
//! `x-fake-fault`, in a user message as `[[fault:...]]`, and in the control endpoint.

mod rules;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

pub use rules::{Faults, Rule, Schedule};

/// Everything that goes wrong with one answer. The default is an answer without fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// Answer with this status instead.
    pub status: Option<Status>,
    /// End (or never begin) before the response head.
    pub before_head: Option<Ending>,
    /// Wait before the response head.
    pub delay_head: Option<Duration>,
    /// Wait between the response head and the first byte of the body.
    pub delay_body: Option<Duration>,
    /// Wait before every chunk.
    pub trickle: Option<Duration>,
    /// Break after so many chunks.
    pub midway: Option<(usize, Midway)>,
    /// Send every byte sequence in pieces of at most seven bytes, across line and character borders.
    pub fragment: bool,
    /// Leave out `data: [DONE]`.
    pub omit_done: bool,
    /// Leave out the usage chunk.
    pub omit_usage: bool,
    /// What the content filter says.
    pub filter: Option<Filter>,
    /// Answer this text, whatever was asked.
    pub answer: Option<String>,
}

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// HTTP status.
    pub code: u16,
    /// The body's `error.code`, where the usual one of the status will not do.
    pub error_code: Option<String>,
    /// The whole body, where the usual one of the status will not do.
    pub body: Option<String>,
    /// Extra headers, `retry-after-ms` for example.
    pub headers: Vec<(String, String)>,
}

/// How a connection ends without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It stays open, and nothing ever comes.
    Silent,
    /// It is closed in an orderly way.
    Close,
    /// It is reset.
    Reset,
}

/// What happens in the middle of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Midway {
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The body ends as if it were complete.
    Cut,
    /// The connection is closed before the end of the body.
    Close,
    /// The connection is reset.
    Reset,
    /// One line that is no JSON, then on as if nothing had been.
    Malformed,
    /// Nothing but lines that are no JSON from here on.
    Garbage,
}

/// What the content filter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// The prompt is refused: 400.
    Prompt,
    /// The answer is cut off with `finish_reason: content_filter`.
    Answer,
    /// The filter did not run: `content_filter_error` beside an unfiltered answer.
    Unavailable,
}

impl Fault {
    /// Answers with a status and its usual body.
    pub fn status(code: u16) -> Self {
        Self {
            status: Some(Status {
                code,
                error_code: None,
                body: None,
                headers: Vec::new(),
            }),
            ..Self::default()
        }
    }

    /// Adds a header to a [`Fault::status`].
    ///
    /// # Panics
    /// Panics on a fault without a status.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let status = self.status.as_mut().expect("only a status fault has headers");
        status.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection before the response head.
    pub fn before_head(ending: Ending) -> Self {
        Self {
            before_head: Some(ending),
            ..Self::default()
        }
    }

    /// Breaks after so many chunks.
    pub fn midway(chunks: usize, what: Midway) -> Self {
        Self {
            midway: Some((chunks, what)),
            ..Self::default()
        }
    }

    /// Waits before the response head.
    pub fn delay_head(delay: Duration) -> Self {
        Self {
            delay_head: Some(delay),
            ..Self::default()
        }
    }

    /// Waits before every chunk.
    pub fn trickle(delay: Duration) -> Self {
        Self {
            trickle: Some(delay),
            ..Self::default()
        }
    }

    /// Makes the content filter say something.
    pub fn filter(filter: Filter) -> Self {
        Self {
            filter: Some(filter),
            ..Self::default()
        }
    }

    /// Answers this text, whatever was asked.
    pub fn answer(text: impl Into<String>) -> Self {
        Self {
            answer: Some(text.into()),
            ..Self::default()
        }
    }

    /// Finds `[[fault:...]]` in a text.
    pub(in crate::fake_azure) fn in_text(text: &str) -> Result<Option<Self>, String> {
        let Some((_, rest)) = text.split_once("[[fault:") else {
            return Ok(None);
        };
        let (words, _) = rest.split_once("]]").ok_or("`[[fault:` without `]]`")?;
        words.parse().map(Some)
    }
}
