//! One attempt: asks one backend, watches its silence and its pace, and hands its text on.

use std::{iter::repeat_n, pin::pin, sync::Arc, time::Duration};

use futures::StreamExt;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep_until};
use tracing::{Instrument, Span};

use crate::{
    BackendError, CallEvent, CompletionEvent, CompletionRequest, CompletionStream, Deadline, FinishReason,
    Output, TokenUsage, ToolCall, ToolChoice, Truncation, Visibility,
    admission::Seat,
    disguise::{Outgoing, Restorer, Sent, StandIns},
    relay::Events,
    spans,
};

/// How long an attempt may be silent, and how slow it may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Before its first event.
    pub(super) first: Duration,
    /// Between two events.
    pub(super) idle: Duration,
    /// Pieces that must come in each [`FLOOR_WINDOW`]; zero is no floor.
    pub(super) floor: u32,
}

/// The time over which a stream's pace is looked at.
pub(super) const FLOOR_WINDOW: Duration = Duration::from_secs(10);

/// A backend that has begun to answer.
pub(super) struct Opened {
    stream: CompletionStream,
    first: CompletionEvent,
    began: Instant,
    /// What the backend did not get to see.
    stand_ins: Option<Arc<StandIns>>,
    prefill: Span,
}

/// How far an attempt came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// No answer began.
    Opening,
    /// An answer began, and the caller has seen nothing of it.
    Begun,
    /// The caller has seen text of it.
    Shown,
}

/// What a backend answered.
pub(super) struct Completed {
    pub(super) text: String,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) finish: FinishReason,
    pub(super) usage: TokenUsage,
    /// The deployment that answered, where the backend names it.
    pub(super) deployment: Option<String>,
    /// How many values the backend did not see.
    pub(super) disguised: u32,
    /// From the start of the attempt to its first text.
    pub(super) first_text_after: Option<Duration>,
    /// How long each piece after the first was waited for.
    pub(super) gaps: Vec<Duration>,
    /// From the start of the attempt to its end, without the time that the caller took to look at it.
    pub(super) took: Duration,
}

/// Asks, and waits for the first event. Takes a seat, because nothing reaches a backend without one.
pub(super) fn open(
    seat: &Seat,
    outgoing: &Outgoing,
    deadline: Deadline,
    patience: Patience,
) -> impl Future<Output = Result<Opened, BackendError>> + use<> {
    let backend = Arc::clone(&seat.guarded().backend);
    let prefill = seat.span.in_scope(spans::prefill);
    let disguised = outgoing.to(backend.info());
    let opening = async move {
        let Sent { request, stand_ins } = disguised?;
        let began = Instant::now();
        let silence = sleep_until(deadline.instant().min(began + patience.first));
        let asked = async {
            let mut stream = backend.complete(&request, deadline).await?;
            let first = stream
                .next()
                .await
                .unwrap_or(Err(BackendError::IncompleteStream))?;
            Ok((stream, first))
        };
        tokio::select! {
            biased;
            opened = asked => opened.map(|(stream, first)| Opened {
                stream,
                first,
                began,
                stand_ins,
                prefill,
            }),
            () = silence => Err(give_up(deadline, patience.first, BackendError::NoFirstByte)),
        }
    };
    opening.instrument(seat.span.clone())
}

/// Whoever reads the answer.
pub(super) struct Reader<'a> {
    pub(super) request: &'a CompletionRequest,
    pub(super) deadline: Deadline,
    pub(super) patience: Patience,
    pub(super) visibility: Visibility,
    pub(super) events: &'a Events<CallEvent>,
}

impl Reader<'_> {
    /// Reads an answer to its end. `stage` tells, whatever comes of it, whether the caller saw text of it.
    pub(super) async fn read(&self, opened: Opened, stage: &mut Stage) -> Result<Completed, BackendError> {
        let Opened {
            mut stream,
            first,
            began,
            stand_ins,
            prefill: mut phase,
        } = opened;
        let mut own_words = Restorer::new(stand_ins, &self.request.output);
        let mut text = String::new();
        let mut tool_calls = Vec::new();
        let mut pieces = 0_u32;
        let mut first_text_after = None;
        let mut gap = Duration::ZERO;
        let mut gaps = Vec::new();
        let mut excused = Duration::ZERO;
        let mut pace = Pace::new(self.patience.floor);
        let first_limit = self.deadline.instant().min(Instant::now() + self.patience.idle);
        let mut silence = pin!(sleep_until(first_limit));
        let mut event = first;
        loop {
            match event {
                CompletionEvent::Text {
                    text: piece,
                    pieces: came,
                } => {
                    if first_text_after.is_some() {
                        gaps.push(gap);
                    } else if !piece.is_empty() {
                        first_text_after = Some(began.elapsed());
                        phase = spans::decode();
                    }
                    // Those behind it in the same read were not waited for.
                    gaps.extend(repeat_n(Duration::ZERO, (came as usize).saturating_sub(1)));
                    pieces = pieces.saturating_add(came);
                    let piece = own_words.push(piece);
                    text.push_str(&piece);
                    pace.look(pieces)?;
                    let looked = self.tell(piece, pieces, stage).await;
                    pace.excuse(looked);
                    excused += looked;
                }
                CompletionEvent::Progress => {
                    if first_text_after.is_some() {
                        gaps.push(gap);
                    } else {
                        first_text_after = Some(began.elapsed());
                        phase = spans::decode();
                    }
                    pieces = pieces.saturating_add(1);
                    pace.look(pieces)?;
                    let looked = self.tell_progress(pieces).await;
                    pace.excuse(looked);
                    excused += looked;
                }
                CompletionEvent::ToolCalls(calls) => tool_calls = own_words.calls(calls),
                CompletionEvent::Finished {
                    reason,
                    usage,
                    model: _,
                    deployment,
                } => {
                    drop(phase);
                    let rest = own_words.finish();
                    if !rest.is_empty() {
                        text.push_str(&rest);
                        self.tell(rest, pieces, stage).await;
                    }
                    check(self.request, &text, &tool_calls, reason)?;
                    return Ok(Completed {
                        text,
                        tool_calls,
                        finish: reason,
                        usage,
                        deployment,
                        disguised: own_words.hidden(),
                        first_text_after,
                        gaps,
                        took: began.elapsed().saturating_sub(excused),
                    });
                }
            }
            let heard = Instant::now();
            let next = loop {
                tokio::select! {
                    biased;
                    next = stream.next() => break next,
                    () = silence.as_mut() => {
                        // Set to a moment before the last piece came: a timer that is only moved when it fires
                        // costs nothing at each piece.
                        let patient_until = self.deadline.instant().min(heard + self.patience.idle);
                        if patient_until <= Instant::now() {
                            return Err(give_up(self.deadline, self.patience.idle, BackendError::Stalled));
                        }
                        silence.as_mut().reset(patient_until);
                    }
                }
            };
            gap = heard.elapsed();
            event = next.unwrap_or(Err(BackendError::IncompleteStream))?;
        }
    }

    /// Hands a piece on, and says how long the caller looked at it: that time is not the backend's.
    async fn tell(&self, piece: String, pieces: u32, stage: &mut Stage) -> Duration {
        match self.visibility {
            Visibility::Silent | Visibility::Buffered => self.tell_progress(pieces).await,
            // Held back: it may be the beginning of a stand-in.
            Visibility::Streamed | Visibility::Irrevocable if piece.is_empty() => Duration::ZERO,
            Visibility::Streamed | Visibility::Irrevocable => {
                *stage = Stage::Shown;
                let handed = Instant::now();
                self.events.send(CallEvent::Text(piece)).await;
                handed.elapsed()
            }
        }
    }

    /// Says that something came which is not shown, and how long the caller looked at it.
    async fn tell_progress(&self, pieces: u32) -> Duration {
        if self.visibility != Visibility::Buffered {
            return Duration::ZERO;
        }
        let handed = Instant::now();
        self.events.send(CallEvent::Progress { pieces }).await;
        handed.elapsed()
    }
}

/// Tells a trickle from a stream.
struct Pace {
    floor: u32,
    since: Instant,
    pieces_then: u32,
}

impl Pace {
    fn new(floor: u32) -> Self {
        Self {
            floor,
            since: Instant::now(),
            pieces_then: 0,
        }
    }

    fn look(&mut self, pieces: u32) -> Result<(), BackendError> {
        if self.floor == 0 || self.since.elapsed() < FLOOR_WINDOW {
            return Ok(());
        }
        let came = pieces - self.pieces_then;
        if came < self.floor {
            return Err(BackendError::TooSlow {
                pieces: came,
                within: self.since.elapsed(),
            });
        }
        *self = Self {
            floor: self.floor,
            since: Instant::now(),
            pieces_then: pieces,
        };
        Ok(())
    }

    fn excuse(&mut self, time: Duration) {
        self.since += time;
    }
}

fn give_up(deadline: Deadline, waited: Duration, error: fn(Duration) -> BackendError) -> BackendError {
    if deadline.is_past() {
        BackendError::DeadlineExceeded
    } else {
        error(waited)
    }
}

/// Checks that a finished answer is whole and of the form that was asked for.
fn check(
    request: &CompletionRequest,
    text: &str,
    tool_calls: &[ToolCall],
    finish: FinishReason,
) -> Result<(), BackendError> {
    match finish {
        FinishReason::Length => match request.truncation {
            Truncation::Refuse => Err(BackendError::OutputTruncated {
                max_output_tokens: request.max_output_tokens,
            }),
            // Half an answer was asked for, so half a JSON value is no surprise.
            Truncation::Allow => Ok(()),
        },
        FinishReason::ToolCalls => check_calls(request, tool_calls).map_err(invalid),
        FinishReason::Stop => match &request.tool_choice {
            ToolChoice::Required | ToolChoice::Named(_) if !request.tools.is_empty() => {
                Err(invalid("no tool was called, and one had to be".to_owned()))
            }
            _ => check_text(&request.output, text),
        },
    }
}

fn invalid(reason: String) -> BackendError {
    BackendError::InvalidOutput { reason }
}

/// Checks that the tools asked for are among those offered, and their arguments are JSON. Whether these
/// conform to the tool's schema is for whoever carries it out to say.
fn check_calls(request: &CompletionRequest, calls: &[ToolCall]) -> Result<(), String> {
    if calls.is_empty() {
        return Err("it ended with tool calls and held none".to_owned());
    }
    for (index, call) in calls.iter().enumerate() {
        let wrong = |what: &str| Err(format!("tool call {}: {what}", index + 1));
        if !request.tools.iter().any(|tool| tool.name == call.name) {
            return wrong("no such tool was offered");
        }
        if matches!(&request.tool_choice, ToolChoice::Named(name) if *name != call.name) {
            return wrong("another tool had to be called");
        }
        if serde_json::from_str::<IgnoredAny>(&call.arguments).is_err() {
            return wrong("its arguments are not JSON");
        }
    }
    if request.tool_choice == ToolChoice::None {
        return Err("a tool was called, and none was to be".to_owned());
    }
    Ok(())
}

/// Checks that a text is of the form that was asked for.
fn check_text(output: &Output, text: &str) -> Result<(), BackendError> {
    // The position only: the message might quote the answer.
    let no_json = |error: serde_json::Error| {
        invalid(format!(
            "not a JSON value: line {}, column {}",
            error.line(),
            error.column()
        ))
    };
    match output {
        Output::Text => Ok(()),
        Output::JsonObject => serde_json::from_str::<Map<String, Value>>(text)
            .map(|_| ())
            .map_err(no_json),
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
