//! Answers in OpenAI's shape: whole, and in chunks.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use inference::{Answer, AnswerFacts, AttemptOutcome, FinishReason, ToolCall};
use serde::Serialize;

/// What every chunk of an answer has in common.
#[derive(Debug, Clone)]
pub(super) struct Letterhead {
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) created: u64,
    /// The model that answers.
    pub(super) model: String,
}

impl Letterhead {
    /// Makes one for a new answer of `model`.
    pub(super) fn new(model: String) -> Self {
        Self {
            id: next_id(),
            created: seconds_since_1970(),
            model,
        }
    }
}

/// An id that no other answer has, of this process or another: a random beginning, then a count.
fn next_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| uuid::Uuid::new_v4().as_u64_pair().0);
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!(
        "chatcmpl-{:016x}{:08x}",
        *PROCESS,
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// The time now, as this API tells it.
pub(super) fn seconds_since_1970() -> u64 {
    std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs())
}

/// Writes a whole answer.
pub(super) fn whole(letterhead: &Letterhead, answer: &Answer) -> Vec<u8> {
    let completion = Completion {
        id: &letterhead.id,
        object: "chat.completion",
        created: letterhead.created,
        model: &answer.facts.model,
        choices: [Choice {
            index: 0,
            message: Message {
                role: "assistant",
                content: said(answer),
                refusal: (),
                tool_calls: tool_calls(&answer.tool_calls),
            },
            logprobs: (),
            finish_reason: finish_reason(answer.finish),
        }],
        usage: Usage::of(&answer.facts),
    };
    // Strings and numbers: this cannot fail.
    serde_json::to_vec(&completion).unwrap_or_default()
}

/// What the model said; nothing, where it called tools instead.
fn said(answer: &Answer) -> Option<&str> {
    let silent = answer.text.is_empty() && !answer.tool_calls.is_empty();
    (!silent).then_some(answer.text.as_str())
}

fn finish_reason(finish: FinishReason) -> &'static str {
    match finish {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
    }
}

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Usage,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: (),
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: (),
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CalledTool<'a>>,
}

#[derive(Serialize)]
struct CalledTool<'a> {
    /// In chunks, which of the calls this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

fn tool_calls(calls: &[ToolCall]) -> Vec<CalledTool<'_>> {
    calls
        .iter()
        .map(|call| CalledTool {
            index: None,
            id: &call.id,
            kind: "function",
            function: CalledFunction {
                name: &call.name,
                arguments: &call.arguments,
            },
        })
        .collect()
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Usage {
    #[serde(rename = "prompt_tokens")]
    input: u32,
    #[serde(rename = "completion_tokens")]
    output: u32,
    #[serde(rename = "total_tokens")]
    total: u32,
}

/// The usage of a stream: told in its last chunk, and null in every other.
#[derive(Serialize)]
#[serde(untagged)]
enum StreamUsage {
    NotYet,
    Told(Usage),
}

impl Usage {
    fn of(facts: &AnswerFacts) -> Self {
        Self {
            input: facts.input_tokens,
            output: facts.output_tokens,
            total: facts.input_tokens.saturating_add(facts.output_tokens),
        }
    }
}

/// Writes the chunks of one answer as events of a stream.
pub(super) struct Chunks {
    pub(super) letterhead: Letterhead,
    /// Whether the last chunk says what was used, which every other chunk then has a place for.
    pub(super) include_usage: bool,
}

/// A sign of life that no client takes for content.
pub(super) const COMMENT: &[u8] = b": waiting\n\n";
/// What follows the last chunk of a complete answer, and nothing else.
const DONE: &[u8] = b"data: [DONE]\n\n";

impl Chunks {
    /// Who speaks: the first chunk.
    pub(super) fn role(&self, out: &mut Vec<u8>) {
        let delta = Delta {
            role: Some("assistant"),
            content: Some(""),
            ..Delta::default()
        };
        self.write(out, delta, None, None);
    }

    /// A piece of text.
    pub(super) fn text(&self, out: &mut Vec<u8>, text: &str) {
        let delta = Delta {
            content: Some(text),
            ..Delta::default()
        };
        self.write(out, delta, None, None);
    }

    /// What was said so far is void; `backend` begins again.
    pub(super) fn restarted(&self, out: &mut Vec<u8>, backend: &str, reason: AttemptOutcome) {
        let news = News::Restarted {
            restarted: true,
            backend,
            reason,
        };
        self.write(out, Delta::default(), None, Some(news));
    }

    /// Tool calls, the reason of the end, usage if asked for, and who answered.
    pub(super) fn end(&self, out: &mut Vec<u8>, answer: &Answer) {
        if !answer.tool_calls.is_empty() {
            let mut calls = tool_calls(&answer.tool_calls);
            for (index, call) in calls.iter_mut().enumerate() {
                call.index = Some(index);
            }
            let delta = Delta {
                tool_calls: calls,
                ..Delta::default()
            };
            self.write(out, delta, None, None);
        }
        let facts = News::Facts(&answer.facts);
        let finish = Some(finish_reason(answer.finish));
        if self.include_usage {
            self.write(out, Delta::default(), finish, None);
            self.write_chunk(
                out,
                &[],
                Some(StreamUsage::Told(Usage::of(&answer.facts))),
                Some(facts),
            );
        } else {
            self.write(out, Delta::default(), finish, Some(facts));
        }
        out.extend_from_slice(DONE);
    }

    fn write(
        &self,
        out: &mut Vec<u8>,
        delta: Delta<'_>,
        finish_reason: Option<&'static str>,
        news: Option<News<'_>>,
    ) {
        let choice = ChunkChoice {
            index: 0,
            delta,
            logprobs: (),
            finish_reason,
        };
        self.write_chunk(
            out,
            &[choice],
            self.include_usage.then_some(StreamUsage::NotYet),
            news,
        );
    }

    fn write_chunk(
        &self,
        out: &mut Vec<u8>,
        choices: &[ChunkChoice<'_>],
        usage: Option<StreamUsage>,
        b2x: Option<News<'_>>,
    ) {
        let chunk = Chunk {
            id: &self.letterhead.id,
            object: "chat.completion.chunk",
            created: self.letterhead.created,
            model: &self.letterhead.model,
            choices,
            usage,
            b2x,
        };
        out.extend_from_slice(b"data: ");
        // Strings and numbers, into memory: this cannot fail.
        let _ = serde_json::to_writer(&mut *out, &chunk);
        out.extend_from_slice(b"\n\n");
    }
}

/// An error in place of the rest of an answer.
pub(super) fn error_event(error: &[u8]) -> Vec<u8> {
    [b"data: ", error, b"\n\n"].concat()
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<StreamUsage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b2x: Option<News<'a>>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: (),
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CalledTool<'a>>,
}

/// What this server says beyond the API.
#[derive(Serialize)]
#[serde(untagged)]
enum News<'a> {
    Restarted {
        restarted: bool,
        backend: &'a str,
        reason: AttemptOutcome,
    },
    Facts(&'a AnswerFacts),
}
