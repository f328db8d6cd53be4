//! Chunks to events: reads the event stream of one answer until its proper end, or says how it failed.
//!
//! Servers send each chunk as one `data:` line, so each such line is taken by itself, without waiting for
//! the blank line behind it; the texts of those that came at once are passed on as one. One line that is not a chunk is tolerated, the second ends the attempt.
//!
//! An answer is complete once its finish reason came: whatever happens to the connection after that
//! (no `[DONE]`, a reset, silence) costs at most the token counts, never the answer.
//!
//! Pieces of a tool call, and of reasoning, are told as [`CompletionEvent::Progress`], so that a long one is
//! not taken for silence; the calls themselves come whole, before the end.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt, stream::BoxStream};
use tokio::time::Sleep;

use super::{
    chunk::{Choice, Chunk, Delta, First, Text},
    failure::{Dialect, Failure, StreamFault, Transport, classify},
    lines::Lines,
    refusal,
    shape::Shape,
    tool_calls::ToolCalls,
    verdicts::Verdicts,
};
use crate::{CompletionEvent, CompletionStream, Deadline, FinishReason, TokenUsage};

/// The bytes of an answer, as they come; nothing after the end.
type Pieces = BoxStream<'static, Result<Bytes, Transport>>;

/// How long the token counts and `[DONE]` may follow the finish reason.
const FINISH_GRACE: Duration = Duration::from_secs(1);
/// How much is read after `[DONE]`, so that the connection can be used again.
const MAX_DRAIN_PIECES: usize = 16;

/// What is known of an answer before its first byte.
#[derive(Clone)]
pub(super) struct Expected {
    /// Whether tools were offered.
    pub(super) tools: bool,
    /// The deployment that answers, where the head of the answer names it.
    pub(super) deployment: Option<String>,
    /// How the server speaks of failure.
    pub(super) dialect: &'static Dialect,
}

/// Turns the bytes of an answer into events.
pub(super) fn events<S>(pieces: S, deadline: Deadline, expected: Expected) -> CompletionStream
where
    S: Stream<Item = Result<Bytes, Transport>> + Send + 'static,
{
    // Boxed, because it is handed on at each piece, and is large.
    let answer = Box::new(Answer {
        pieces: pieces.fuse().boxed(),
        lines: Lines::default(),
        ahead: None,
        limit: Box::pin(tokio::time::sleep_until(deadline.instant())),
        begun: false,
        shape: None,
        malformed: false,
        declined: false,
        calls: ToolCalls::default(),
        finish: None,
        ended: None,
        usage: TokenUsage::default(),
        model: None,
        expected,
    });
    futures::stream::unfold(Some(answer), |answer| async move {
        let mut answer = answer?;
        match answer.event().await {
            Ok(end @ CompletionEvent::Finished { .. }) => {
                answer.release();
                Some((Ok(end), None))
            }
            Ok(event) => Some((Ok(event), Some(answer))),
            Err(failure) => Some((Err(classify(answer.expected.dialect, failure)), None)),
        }
    })
    .boxed()
}

/// An answer that is being read.
struct Answer {
    pieces: Pieces,
    lines: Lines,
    /// What was read behind a text, and is not of it.
    ahead: Option<Result<Line, Failure>>,
    /// Fires at the deadline; after the finish reason, when its grace is over.
    limit: Pin<Box<Sleep>>,
    /// The first line was seen.
    begun: bool,
    /// That of the last line that held text alone.
    shape: Option<Shape>,
    /// A line was not a chunk.
    malformed: bool,
    /// The model said that it will not answer.
    declined: bool,
    calls: ToolCalls,
    finish: Option<FinishReason>,
    /// The last event, once there is nothing more to read.
    ended: Option<CompletionEvent>,
    usage: TokenUsage,
    model: Option<String>,
    expected: Expected,
}

/// What a line was.
enum Line {
    /// Nothing to pass on.
    Passed,
    /// A piece of what is not shown.
    Progress,
    /// Text of the answer.
    Text(String),
    /// `[DONE]`.
    Done,
}

impl Answer {
    /// Reads on to the next event.
    async fn event(&mut self) -> Result<CompletionEvent, Failure> {
        if let Some(end) = self.ended.take() {
            return Ok(end);
        }
        match self.next().await? {
            Some(event) => Ok(event),
            None => self.end(),
        }
    }

    /// Reads on to the next text or progress; `None` is the proper end.
    async fn next(&mut self) -> Result<Option<CompletionEvent>, Failure> {
        loop {
            while let Some(line) = self.line()? {
                match line {
                    Line::Passed => {}
                    Line::Progress => return Ok(Some(CompletionEvent::Progress)),
                    Line::Text(text) => return Ok(Some(self.joined(text))),
                    Line::Done => return self.ended().map(|()| None),
                }
            }
            let piece = tokio::select! {
                biased;
                piece = self.pieces.next() => piece,
                () = self.limit.as_mut() => {
                    let complete = self.finish.is_some();
                    return if complete { Ok(None) } else { Err(Failure::Stream(StreamFault::DeadlinePassed)) };
                }
            };
            match piece {
                Some(Ok(piece)) => self.lines.push(piece),
                Some(Err(_)) if self.finish.is_some() => return Ok(None),
                Some(Err(transport)) => return Err(Failure::Transport(transport)),
                None => {
                    let rest = self.lines.rest();
                    if let Line::Text(text) = self.read(&rest)? {
                        return Ok(Some(CompletionEvent::text(text)));
                    }
                    return self.ended().map(|()| None);
                }
            }
        }
    }

    /// Reads one line of those that are here; `None` wants another piece.
    fn line(&mut self) -> Result<Option<Line>, Failure> {
        if let Some(ahead) = self.ahead.take() {
            return ahead.map(Some);
        }
        let line = self
            .lines
            .next()
            .map_err(|_| Failure::Stream(StreamFault::LineTooLong))?;
        line.map(|line| self.read(&line)).transpose()
    }

    /// A text and those that came with it: an event goes a long way, and one is enough for what came at once.
    fn joined(&mut self, mut text: String) -> CompletionEvent {
        let mut pieces = 1;
        loop {
            match self.line() {
                Ok(Some(Line::Passed)) => {}
                Ok(Some(Line::Text(more))) => {
                    text.push_str(&more);
                    pieces += 1;
                }
                other => {
                    self.ahead = other.transpose();
                    return CompletionEvent::Text { text, pieces };
                }
            }
        }
    }

    fn ended(&self) -> Result<(), Failure> {
        if self.finish.is_some() {
            Ok(())
        } else {
            Err(Failure::Stream(StreamFault::Incomplete))
        }
    }

    fn read(&mut self, line: &[u8]) -> Result<Line, Failure> {
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(marked) if !self.begun => marked,
            _ => line,
        };
        self.begun = true;
        // Blank lines, comments, and the fields `event`, `id` and `retry` carry nothing for us.
        let Some(data) = line.strip_prefix(b"data:") else {
            return Ok(Line::Passed);
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return Ok(Line::Done);
        }
        if let Some(text) = self.shape.as_ref().and_then(|shape| shape.text(data)) {
            return Ok(Line::Text(text.into_owned()));
        }
        // Looked over as text once: serde_json would look over each string in it.
        let chunk = std::str::from_utf8(data)
            .map_err(|error| error.valid_up_to() + 1)
            .and_then(|text| serde_json::from_str(text).map_err(|error| error.column()));
        match chunk {
            Ok(chunk) => self.note_and_take(data, chunk),
            Err(_) if self.malformed => Err(Failure::Stream(StreamFault::Malformed)),
            Err(column) => {
                self.malformed = true;
                tracing::debug!(column, "a line of an answer was not a chunk");
                Ok(Line::Passed)
            }
        }
    }

    /// Reads a chunk in full, and notes its shape, so that the next one like it need not be.
    fn note_and_take(&mut self, data: &[u8], chunk: Chunk<'_>) -> Result<Line, Failure> {
        let shape = chunk.only_text().and_then(|text| Shape::of(data, text));
        let line = self.take(chunk)?;
        self.shape = shape.or(self.shape.take());
        Ok(line)
    }

    fn take(&mut self, chunk: Chunk<'_>) -> Result<Line, Failure> {
        let Chunk {
            model,
            choices,
            usage,
            prompt_filter_results,
            error,
        } = chunk;
        if let Some(error) = error {
            return Err(Failure::InStream(refusal::in_stream(
                &error,
                self.expected.dialect,
            )));
        }
        if prompt_filter_results
            .0
            .and_then(|prompt| prompt.content_filter_results)
            .is_some_and(|v| v.unavailable)
        {
            return Err(Failure::Stream(StreamFault::Unfiltered));
        }
        if let (None, Some(Text(model))) = (&self.model, model)
            && (1..=128).contains(&model.len())
        {
            self.model = Some(model.into_owned());
        }
        if let Some(usage) = usage {
            self.usage = TokenUsage {
                input: usage.prompt_tokens,
                output: usage.completion_tokens,
            };
        }
        match choices {
            First(Some(choice)) => self.choose(choice),
            First(None) => Ok(Line::Passed),
        }
    }

    fn choose(&mut self, choice: Choice<'_>) -> Result<Line, Failure> {
        let Choice {
            delta,
            finish_reason,
            content_filter_results,
        } = choice;
        if content_filter_results
            .as_ref()
            .is_some_and(|verdicts| verdicts.unavailable)
        {
            return Err(Failure::Stream(StreamFault::Unfiltered));
        }
        let line = match delta {
            Some(delta) => self.add(delta)?,
            None => Line::Passed,
        };
        if let Some(Text(reason)) = finish_reason {
            self.finish(&reason, content_filter_results.as_ref())?;
        }
        Ok(line)
    }

    fn add(&mut self, delta: Delta<'_>) -> Result<Line, Failure> {
        let reasons = delta.reasons();
        let Delta {
            content,
            refusal,
            tool_calls,
            ..
        } = delta;
        self.declined |= refusal.is_some_and(|refusal| !refusal.is_empty());
        // Where no tool was offered, the finish reason tells what to think of a call.
        let calls = tool_calls.filter(|calls| self.expected.tools && !calls.is_empty());
        let called = calls.is_some();
        if let Some(calls) = calls {
            self.calls.take(calls).map_err(Failure::Stream)?;
        }
        Ok(match content {
            Some(Text(text)) if !text.is_empty() => Line::Text(text.into_owned()),
            _ if called || reasons => Line::Progress,
            _ => Line::Passed,
        })
    }

    fn finish(&mut self, reason: &str, verdicts: Option<&Verdicts<'_>>) -> Result<(), Failure> {
        let finish = match reason {
            // A refusal by the model is a verdict like the filter's: it is not routed around.
            "stop" if self.declined => {
                return Err(Failure::Stream(StreamFault::Filtered {
                    categories: "refusal".to_owned(),
                }));
            }
            // Where one tool was prescribed, its call ends with `stop`.
            "stop" if self.calls.is_empty() => FinishReason::Stop,
            "stop" | "tool_calls" if !self.calls.is_empty() => FinishReason::ToolCalls,
            "length" => FinishReason::Length,
            "content_filter" => {
                let categories = verdicts.map(Verdicts::categories).unwrap_or_default();
                return Err(Failure::Stream(StreamFault::Filtered { categories }));
            }
            _ => return Err(Failure::Stream(StreamFault::UnknownFinish)),
        };
        self.finish = Some(finish);
        let grace = Deadline::after(FINISH_GRACE).instant();
        if grace < self.limit.deadline() {
            self.limit.as_mut().reset(grace);
        }
        Ok(())
    }

    /// Makes the last events. Whether an answer cut at its bound is one, is for routing to say.
    fn end(&mut self) -> Result<CompletionEvent, Failure> {
        let reason = self.finish.ok_or(Failure::Stream(StreamFault::Incomplete))?;
        // The line that could not be read may have held a piece: what was put together without it is a guess.
        if self.malformed && !self.calls.is_empty() {
            return Err(Failure::Stream(StreamFault::MalformedToolCall));
        }
        let calls = match reason {
            FinishReason::Length => self.calls.finish_cut(),
            FinishReason::Stop | FinishReason::ToolCalls => self.calls.finish(),
        };
        let end = CompletionEvent::Finished {
            reason,
            usage: self.usage,
            model: self.model.take(),
            deployment: self.expected.deployment.take(),
        };
        if calls.is_empty() {
            return Ok(end);
        }
        self.ended = Some(end);
        Ok(CompletionEvent::ToolCalls(calls))
    }

    /// Reads the few bytes behind `[DONE]`, because a connection dropped before them is closed.
    fn release(mut self) {
        if !matches!(self.pieces.next().now_or_never(), None | Some(Some(Ok(_)))) {
            return;
        }
        let rest = self
            .pieces
            .take(MAX_DRAIN_PIECES)
            .for_each(|_| std::future::ready(()));
        tokio::spawn(tokio::time::timeout(FINISH_GRACE, rest));
    }
}
