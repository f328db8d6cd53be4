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
    shape::{Seen, Shape, Shapes},
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
    /// What its lines looked like so far.
    pub(super) shapes: Shapes,
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
        text: String::new(),
        texts: 0,
        ahead: None,
        limit: Box::pin(tokio::time::sleep_until(deadline.instant())),
        begun: false,
        seen: Seen::before(expected.shapes.clone()),
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
    /// Text that came at once, and in how many pieces: an event goes a long way, and one is enough for it.
    text: String,
    texts: u32,
    /// What was met behind that text.
    ahead: Option<Result<Option<Mark>, Failure>>,
    /// Fires at the deadline; after the finish reason, when its grace is over.
    limit: Pin<Box<Sleep>>,
    /// The first line was seen.
    begun: bool,
    /// What lines looked like so far.
    seen: Seen,
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

/// What a line can be beside text and nothing.
enum Mark {
    /// A piece of what is not shown.
    Progress,
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
            let met = self.ahead.take().unwrap_or_else(|| self.gather());
            if let Some(text) = self.gathered() {
                self.ahead = Some(met);
                return Ok(Some(text));
            }
            match met? {
                Some(Mark::Progress) => return Ok(Some(CompletionEvent::Progress)),
                Some(Mark::Done) => return self.ended().map(|()| None),
                None => {}
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
                    self.read(&rest)?;
                    return match self.gathered() {
                        None => self.ended().map(|()| None),
                        text => Ok(text),
                    };
                }
            }
        }
    }

    /// Reads the lines that are here, up to the first that is neither text nor nothing.
    fn gather(&mut self) -> Result<Option<Mark>, Failure> {
        let too_long = |_| Failure::Stream(StreamFault::LineTooLong);
        while let Some(line) = self.lines.next().map_err(too_long)? {
            if let Some(mark) = self.read(&line)? {
                return Ok(Some(mark));
            }
        }
        Ok(None)
    }

    /// The text of those lines, if they had any.
    fn gathered(&mut self) -> Option<CompletionEvent> {
        let pieces = std::mem::take(&mut self.texts);
        (pieces > 0).then(|| CompletionEvent::Text {
            text: std::mem::take(&mut self.text),
            pieces,
        })
    }

    fn ended(&self) -> Result<(), Failure> {
        if self.finish.is_some() {
            Ok(())
        } else {
            Err(Failure::Stream(StreamFault::Incomplete))
        }
    }

    fn read(&mut self, line: &[u8]) -> Result<Option<Mark>, Failure> {
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(marked) if !self.begun => marked,
            _ => line,
        };
        self.begun = true;
        // Blank lines, comments, and the fields `event`, `id` and `retry` carry nothing for us.
        let Some(data) = line.strip_prefix(b"data:") else {
            return Ok(None);
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return Ok(Some(Mark::Done));
        }
        if let Some((shape, text)) = self.seen.find(data) {
            return self.take_known(&shape, text);
        }
        // Looked over as text once: serde_json would look over each string in it.
        let line = match std::str::from_utf8(data) {
            Ok(line) => line,
            Err(error) => return self.tolerate(error.valid_up_to() + 1),
        };
        match serde_json::from_str(line) {
            Ok(chunk) => {
                self.seen.learn(line, &chunk);
                self.take(chunk)
            }
            Err(error) => self.tolerate(error.column()),
        }
    }

    /// Passes over a line that is not a chunk, once.
    fn tolerate(&mut self, column: usize) -> Result<Option<Mark>, Failure> {
        if self.malformed {
            return Err(Failure::Stream(StreamFault::Malformed));
        }
        self.malformed = true;
        tracing::debug!(column, "a line of an answer was not a chunk");
        Ok(None)
    }

    /// Takes what a line of this shape says around such a text.
    fn take_known(&mut self, shape: &Shape, text: Option<Text<'_>>) -> Result<Option<Mark>, Failure> {
        self.note_model(shape.model());
        if let Some(Text(text)) = text {
            self.add_text(&text);
        }
        if let Some(reason) = shape.finish_reason() {
            self.finish(reason, None)?;
        }
        Ok(None)
    }

    fn note_model(&mut self, model: Option<&str>) {
        if self.model.is_none() {
            self.model = model
                .filter(|model| (1..=128).contains(&model.len()))
                .map(str::to_owned);
        }
    }

    fn add_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.texts += 1;
        }
    }

    fn take(&mut self, chunk: Chunk<'_>) -> Result<Option<Mark>, Failure> {
        let Chunk {
            model,
            choices,
            usage,
            prompt_filter_results,
            error,
            ..
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
        self.note_model(model.as_ref().map(|Text(model)| &**model));
        if let Some(usage) = usage {
            self.usage = TokenUsage {
                input: usage.prompt_tokens,
                output: usage.completion_tokens,
            };
        }
        match choices {
            First(Some(choice)) => self.choose(choice),
            First(None) => Ok(None),
        }
    }

    fn choose(&mut self, choice: Choice<'_>) -> Result<Option<Mark>, Failure> {
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
        let mark = match delta {
            Some(delta) => self.add(delta)?,
            None => None,
        };
        if let Some(Text(reason)) = finish_reason {
            self.finish(&reason, content_filter_results.as_ref())?;
        }
        Ok(mark)
    }

    fn add(&mut self, delta: Delta<'_>) -> Result<Option<Mark>, Failure> {
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
            Some(Text(text)) if !text.is_empty() => {
                self.add_text(&text);
                None
            }
            _ => (called || reasons).then_some(Mark::Progress),
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
