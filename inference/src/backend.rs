//! The seam between deciding and doing: anything that answers a completion, and how it fails.

use std::time::Duration;

use futures::stream::BoxStream;

use crate::{CompletionRequest, Deadline, Price, TokenUsage, ToolCall, resilience::throttle::Allowance};

/// Anything that answers a completion: an Azure deployment, another server, or a model in this process.
///
/// Implementations never retry and never fall back: that is routing's job. Dropping the stream
/// cancels the work, upstream or in the local engine, within a second.
#[async_trait::async_trait]
pub trait Backend: Send + Sync + 'static {
    /// What it is. Constant over its life.
    fn info(&self) -> &BackendInfo;

    /// Whether it can take work at all. Says nothing about breakers.
    fn readiness(&self) -> Readiness;

    /// Asks to be told, from any thread, when [`Backend::readiness`] changed. What is always ready need
    /// not care.
    fn watch_readiness(&self, _changed: Box<dyn Fn() + Send + Sync>) {}

    /// What it shares with other backends that name the same. Constant over its life.
    fn shares(&self) -> Shares {
        Shares::default()
    }

    /// Asks to be told, from any thread, what it says is left of its limits. What has none need not care.
    fn watch_allowance(&self, _learned: Box<dyn Fn(Allowance) + Send + Sync>) {}

    /// Starts one attempt.
    ///
    /// # Errors
    /// Fails when nothing was answered; a failure later is an item of the stream.
    async fn complete(
        &self,
        request: &CompletionRequest,
        deadline: Deadline,
    ) -> Result<CompletionStream, BackendError>;
}

/// What a backend shares with others, by name: one circuit watches over each. `None` for what it has alone, or
/// does not need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares {
    /// What it connects to, for example `https://example.openai.azure.com`.
    pub endpoint: Option<String>,
    /// What it shows there: a name, never any part of a credential.
    pub credential: Option<String>,
}

impl Shares {
    /// Of what speaks to `url` and shows the credential of that name. The same credential at another endpoint is
    /// another: it may be refused at one of them only.
    pub(crate) fn at(url: &url::Url, credential: Option<&str>) -> Self {
        let endpoint = url.origin().ascii_serialization();
        Self {
            credential: credential.map(|name| format!("{name} at {endpoint}")),
            endpoint: Some(endpoint),
        }
    }
}

/// The answer as it comes. After [`CompletionEvent::Finished`] or an error nothing follows; a stream
/// that ends without either is [`BackendError::IncompleteStream`].
pub type CompletionStream = BoxStream<'static, Result<CompletionEvent, BackendError>>;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum CompletionEvent {
    /// Text to be appended.
    Text {
        /// All that came at once.
        text: String,
        /// In how many pieces the backend sent it.
        pieces: u32,
    },
    /// Something came that is not shown: a piece of a tool call, or of reasoning. The backend is at work.
    Progress,
    /// The tools that the model asks for, whole; at most once, and before the end.
    ToolCalls(Vec<ToolCall>),
    /// The end, reached properly.
    Finished {
        /// Why it ended.
        reason: FinishReason,
        /// What it used, as the backend counted it.
        usage: TokenUsage,
        /// The model that answered, as the backend names it.
        model: Option<String>,
        /// The deployment that answered, where the backend names it: it may have spilled over.
        deployment: Option<String>,
    },
}

impl CompletionEvent {
    /// Text that came in one piece.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            pieces: 1,
        }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The token bound was reached.
    Length,
    /// The model asks for tools, and waits for their results.
    ToolCalls,
}

impl FinishReason {
    /// As OpenAI, and OpenTelemetry after it, write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// What a backend is, for routing, results and dashboards.
#[derive(Debug, Clone)]
pub struct BackendInfo {
    /// Its name in the configuration; unique.
    pub name: String,
    /// `azure`, `openai` or `local`.
    pub kind: &'static str,
    /// The model it serves; backends with equal models are equal peers.
    pub model: String,
    /// Where it runs: an Azure region, or `in-process`.
    pub region: String,
    /// Where the text may be processed.
    pub processing: Processing,
    /// How many answers it gives at once.
    pub max_concurrency: usize,
    /// Prompt and answer together, in tokens, where known.
    pub context_tokens: Option<u32>,
    /// Whether its model can ask for tools. A call with tools passes a backend by that cannot.
    pub tools: bool,
    /// What it costs.
    pub price: Price,
}

impl BackendInfo {
    /// What OpenTelemetry's conventions call whoever provides the model.
    pub fn provider(&self) -> &'static str {
        match self.kind {
            "azure" => "azure.ai.openai",
            "openai" => "openai",
            _ => "b2xgate.local",
        }
    }
}

/// Where a backend may process text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processing {
    /// Nowhere but in this process.
    InProcess,
    /// Within the European Union.
    Eu,
    /// Within the United States.
    Us,
    /// Anywhere.
    Global,
}

/// Whether a backend can take work.
#[derive(Debug, Clone, PartialEq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// Not yet: its weights are being loaded. The fraction, 0 to 1.
    Warming(f32),
    /// Not at all, and why.
    Failed(String),
}

/// Why a backend did not answer. A variant for each decision that routing makes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BackendError {
    /// The content filter refused the prompt or the answer. Never routed around.
    #[error("content filter refused the {stage} ({categories})")]
    ContentFiltered {
        /// `prompt` or `answer`.
        stage: &'static str,
        /// The categories that triggered, comma-separated; empty when unknown.
        categories: String,
    },
    /// The content filter did not run on the answer (`content_filter_error`).
    #[error("content filter was unavailable")]
    ContentFilterUnavailable,
    /// The prompt and the wanted answer do not fit the model.
    #[error("context length exceeded{}", numbers(*needed, *limit))]
    ContextLengthExceeded {
        /// Tokens that the request needs, where known.
        needed: Option<u32>,
        /// Tokens that fit, where known.
        limit: Option<u32>,
    },
    /// The request is at fault (400, 413, 422). No backend would answer it.
    #[error("request rejected with status {status}: {message}")]
    Rejected {
        /// HTTP status, or 400 for a local refusal.
        status: u16,
        /// The backend's reason, bounded in length, free of prompt text.
        message: String,
    },
    /// This backend cannot do what is asked, by its own making (tools, a schema it cannot hold to); another may.
    #[error("not supported: {reason}")]
    Unsupported {
        /// What it cannot do.
        reason: String,
    },
    /// The text cannot be disguised, and does not leave as it is.
    #[error("text cannot be disguised: {reason}")]
    Undisguised {
        /// Why not, without any of it.
        reason: String,
    },
    /// 401: the credential is wrong or expired.
    #[error("credential refused")]
    Unauthorized,
    /// 403: the network or the resource refuses us.
    #[error("access forbidden")]
    Forbidden,
    /// 404: no such deployment, or no such model.
    #[error("deployment or model not found")]
    DeploymentNotFound,
    /// 408: the upstream gave up waiting.
    #[error("upstream timed out (408)")]
    UpstreamTimeout,
    /// 409: a conflict that may pass.
    #[error("conflict (409)")]
    Conflict,
    /// 429: too many calls or tokens for now.
    #[error("throttled, retry in {retry_after:?}")]
    Throttled {
        /// How long we were told to wait, if at all.
        retry_after: Option<Duration>,
    },
    /// 429 `insufficient_quota`: nothing is left.
    #[error("quota exhausted")]
    QuotaExhausted,
    /// 5xx.
    #[error("upstream failed with status {status}")]
    ServerError {
        /// HTTP status.
        status: u16,
        /// How long we were told to wait, if at all.
        retry_after: Option<Duration>,
    },
    /// No connection: name, address or TLS handshake. Nothing was sent.
    #[error("unreachable: {reason}")]
    Unreachable {
        /// What failed, without addresses of credentials.
        reason: String,
    },
    /// The server's certificate is not valid for it.
    #[error("certificate invalid: {reason}")]
    CertificateInvalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The connection broke after the request was sent and before the end of the answer.
    #[error("connection broke: {reason}")]
    ConnectionBroken {
        /// What broke.
        reason: String,
    },
    /// Connected, and silent: no first event in time.
    #[error("no first byte within {0:?}")]
    NoFirstByte(Duration),
    /// Began to answer, then fell silent.
    #[error("no further byte within {0:?}")]
    Stalled(Duration),
    /// Answers, and so slowly that it may as well not.
    #[error("only {pieces} pieces within {within:?}")]
    TooSlow {
        /// Pieces of text that came.
        pieces: u32,
        /// In that time.
        within: Duration,
    },
    /// The stream ended without a finish reason.
    #[error("stream ended without a finish reason")]
    IncompleteStream,
    /// The stream was not what the protocol says.
    #[error("malformed stream: {reason}")]
    MalformedStream {
        /// What was wrong, without content.
        reason: String,
    },
    /// The answer reached its token bound ([`Truncation::Refuse`](crate::Truncation::Refuse)).
    #[error(
        "answer is not complete within its bound: {max_output_tokens} tokens, or fewer where the context ends first"
    )]
    OutputTruncated {
        /// The bound.
        max_output_tokens: u32,
    },
    /// The answer does not conform to the schema that was asked for.
    #[error("answer breaks the schema: {reason}")]
    InvalidOutput {
        /// Where and how, without content.
        reason: String,
    },
    /// The model is still being loaded.
    #[error("model is warming up")]
    Warming,
    /// No slot was free after all.
    #[error("no free slot")]
    Busy,
    /// The backend itself broke (a lost engine thread, an internal error).
    #[error("backend failed: {reason}")]
    Failed {
        /// What broke.
        reason: String,
    },
    /// The call's deadline passed.
    #[error("deadline exceeded")]
    DeadlineExceeded,
}

/// The numbers of a context that is too short, as far as they are known.
fn numbers(needed: Option<u32>, limit: Option<u32>) -> String {
    match (needed, limit) {
        (Some(needed), Some(limit)) => format!(": {needed} tokens needed, {limit} available"),
        (Some(needed), None) => format!(": {needed} tokens needed"),
        (None, Some(limit)) => format!(": {limit} tokens available"),
        (None, None) => String::new(),
    }
}
