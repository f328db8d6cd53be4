//! Chunks to events: reads the event stream of one answer until its proper end, or says how it failed.
//!
//! Azure sends each chunk as one `data:` line, so each such line is taken by itself, without waiting for
//! the blank line behind it. One line that is not a chunk is tolerated, the second ends the attempt.
//!
//! An answer is complete once its finish reason came: whatever happens to the connection after that
//! (no `[DONE]`, a reset, silence) costs at most the token counts, never the answer.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt, stream::BoxStream};
use tokio::time::Sleep;

use super::{
    classify::{Failure, StreamFault, Transport, classify},
    lines::Lines,
    refusal,
    wire::{Choice, Chunk, First, Text, Verdicts},
};
use crate::{BackendError, CompletionEvent, CompletionStream, Deadline, FinishReason, TokenUsage};

/// The bytes of an answer, as they come; nothing after the end.
type Pieces = BoxStream<'static, Result<Bytes, Transport>>;

/// How long the token counts and `[DONE]` may follow the finish reason.
const FINISH_GRACE: Duration = Duration::from_secs(1);
/// How much is read after `[DONE]`, so that the connection can be used again.
const MAX_DRAIN_PIECES: usize = 16;

/// Turns the bytes of an answer into events.
pub(super) fn events<S>(pieces: S, deadline: Deadline) -> CompletionStream
where
    S: Stream<Item = Result<Bytes, Transport>> + Send + 'static,
{
    let answer = Answer {
        pieces: pieces.fuse().boxed(),
        lines: Lines::default(),
        limit: Box::pin(tokio::time::sleep_until(deadline.instant())),
        begun: false,
        malformed: false,
        declined: false,
        finish: None,
        usage: TokenUsage::default(),
        model: None,
    };
    futures::stream::unfold(Some(answer), |answer| async move {
        let mut answer = answer?;
        match answer.next().await {
            Ok(Some(text)) => Some((Ok(CompletionEvent::Text(text)), Some(answer))),
            Ok(None) => {
                let event = answer.finished();
                answer.release();
                Some((event, None))
            }
            Err(failure) => Some((Err(classify(failure)), None)),
        }
    })
    .boxed()
}

/// An answer that is being read.
struct Answer {
    pieces: Pieces,
    lines: Lines,
    /// Fires at the deadline; after the finish reason, when its grace is over.
    limit: Pin<Box<Sleep>>,
    /// The first line was seen.
    begun: bool,
    /// A line was not a chunk.
    malformed: bool,
    /// The model said that it will not answer.
    declined: bool,
    finish: Option<FinishReason>,
    usage: TokenUsage,
    model: Option<String>,
}

/// What a line was.
enum Line {
    /// Nothing to pass on.
    Passed,
    /// Text of the answer.
    Text(String),
    /// `[DONE]`.
    Done,
}

impl Answer {
    /// Reads on to the next text; `None` is the proper end.
    async fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            while let Some(line) = self
                .lines
                .next()
                .map_err(|_| Failure::Stream(StreamFault::LineTooLong))?
            {
                match self.read(&line)? {
                    Line::Passed => {}
                    Line::Text(text) => return Ok(Some(text)),
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
                        return Ok(Some(text));
                    }
                    return self.ended().map(|()| None);
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
        match serde_json::from_slice(data) {
            Ok(chunk) => self.take(chunk),
            Err(_) if self.malformed => Err(Failure::Stream(StreamFault::Malformed)),
            Err(error) => {
                self.malformed = true;
                tracing::debug!(column = error.column(), "a line of an answer was not a chunk");
                Ok(Line::Passed)
            }
        }
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
            return Err(Failure::InStream(refusal::in_stream(&error)));
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
        let (text, refusal) = delta
            .map(|delta| (delta.content, delta.refusal))
            .unwrap_or_default();
        self.declined |= refusal.is_some_and(|refusal| !refusal.is_empty());
        if let Some(Text(reason)) = finish_reason {
            self.finish(&reason, content_filter_results.as_ref())?;
        }
        Ok(text
            .filter(|text| !text.is_empty())
            .map_or(Line::Passed, Line::Text))
    }

    fn finish(&mut self, reason: &str, verdicts: Option<&Verdicts<'_>>) -> Result<(), Failure> {
        let finish = match reason {
            // A refusal by the model is a verdict like the filter's: it is not routed around.
            "stop" if self.declined => {
                return Err(Failure::Stream(StreamFault::Filtered {
                    categories: "refusal".to_owned(),
                }));
            }
            "stop" => FinishReason::Stop,
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

    /// Makes the last event. Whether an answer cut at its bound is one, is for routing to say.
    fn finished(&mut self) -> Result<CompletionEvent, BackendError> {
        match self.finish {
            Some(reason) => Ok(CompletionEvent::Finished {
                reason,
                usage: self.usage,
                model: self.model.take(),
            }),
            None => Err(classify(Failure::Stream(StreamFault::Incomplete))),
        }
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
