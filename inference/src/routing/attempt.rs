//! One attempt: asks one backend, watches its silence, and hands its text on.

use std::{pin::pin, time::Duration};

use futures::StreamExt;
use serde::de::IgnoredAny;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    BackendError, CallEvent, CompletionEvent, CompletionRequest, Deadline, FinishReason, Output, TokenUsage,
    Truncation, Visibility, admission::Seat, relay::Events,
};

/// How long an attempt may be silent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Before its first event.
    pub(super) first: Duration,
    /// Between two events.
    pub(super) idle: Duration,
}

/// What a backend answered.
pub(super) struct Completed {
    pub(super) text: String,
    pub(super) finish: FinishReason,
    pub(super) usage: TokenUsage,
    /// From the start of the attempt to its first text.
    pub(super) first_text_after: Option<Duration>,
}

/// Makes one attempt, for which it takes a seat. `shown` becomes true once the caller saw text of it.
pub(super) async fn run(
    seat: &Seat,
    request: &CompletionRequest,
    deadline: Deadline,
    patience: Patience,
    visibility: Visibility,
    events: &Events<CallEvent>,
    shown: &mut bool,
) -> Result<Completed, BackendError> {
    let began = Instant::now();
    let mut silence = pin!(sleep_until(deadline.instant().min(began + patience.first)));
    let mut stream = tokio::select! {
        biased;
        stream = seat.guarded().backend.complete(request, deadline) => stream?,
        () = silence.as_mut() => return Err(give_up(deadline, patience.first, BackendError::NoFirstByte)),
    };
    let mut text = String::new();
    let mut pieces = 0_u32;
    let mut first_text_after = None;
    loop {
        let event = tokio::select! {
            biased;
            event = stream.next() => event,
            () = silence.as_mut() => return Err(match pieces {
                0 => give_up(deadline, patience.first, BackendError::NoFirstByte),
                _ => give_up(deadline, patience.idle, BackendError::Stalled),
            }),
        };
        match event.unwrap_or(Err(BackendError::IncompleteStream))? {
            CompletionEvent::Text(piece) => {
                if first_text_after.is_none() && !piece.is_empty() {
                    first_text_after = Some(began.elapsed());
                }
                pieces = pieces.saturating_add(1);
                text.push_str(&piece);
                match visibility {
                    Visibility::Buffered => events.send(CallEvent::Progress { pieces }).await,
                    Visibility::Streamed => {
                        *shown = true;
                        events.send(CallEvent::Text(piece)).await;
                    }
                }
                rearm(silence.as_mut(), deadline, patience.idle);
            }
            CompletionEvent::Finished {
                reason,
                usage,
                model: _,
            } => {
                check(request, &text, reason)?;
                return Ok(Completed {
                    text,
                    finish: reason,
                    usage,
                    first_text_after,
                });
            }
        }
    }
}

/// Silence counts from here again: the time that the caller took to look at the text is not the backend's.
fn rearm(silence: std::pin::Pin<&mut Sleep>, deadline: Deadline, idle: Duration) {
    silence.reset(deadline.instant().min(Instant::now() + idle));
}

fn give_up(deadline: Deadline, waited: Duration, error: fn(Duration) -> BackendError) -> BackendError {
    if deadline.is_past() {
        BackendError::DeadlineExceeded
    } else {
        error(waited)
    }
}

/// Checks that a finished answer is whole and of the form that was asked for.
fn check(request: &CompletionRequest, text: &str, finish: FinishReason) -> Result<(), BackendError> {
    if finish == FinishReason::Length {
        return match request.truncation {
            Truncation::Refuse => Err(BackendError::OutputTruncated {
                max_output_tokens: request.max_output_tokens,
            }),
            // Half an answer was asked for, so half a JSON value is no surprise.
            Truncation::Allow => Ok(()),
        };
    }
    let invalid = |reason: String| BackendError::InvalidOutput { reason };
    // The position only: the message might quote the answer.
    let no_json = |error: serde_json::Error| {
        invalid(format!(
            "not a JSON value: line {}, column {}",
            error.line(),
            error.column()
        ))
    };
    match &request.output {
        Output::Text => Ok(()),
        Output::Json { check: None, .. } => serde_json::from_str::<IgnoredAny>(text)
            .map(|_| ())
            .map_err(no_json),
        Output::Json {
            check: Some(check), ..
        } => check
            .run(&serde_json::from_str(text).map_err(no_json)?)
            .map_err(invalid),
    }
}
