//! What a caller asks of a language model, whichever backend answers.

use std::sync::Arc;

/// One completion to be made: what is said, in which form the answer comes, and within which bounds.
#[derive(Debug, Clone)]
pub struct CompletionRequest {
    /// The conversation so far, oldest first; the last message is the one to answer.
    pub messages: Vec<Message>,
    /// The form of the answer.
    pub output: Output,
    /// Bound of the answer, in tokens of the answering model.
    pub max_output_tokens: u32,
    /// What to do with an answer that reaches that bound.
    pub truncation: Truncation,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Makes sampling repeatable where the backend can.
    pub seed: Option<u64>,
    /// How far the text may travel. No fallback relaxes it.
    pub data_class: DataClass,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// Makes an instruction of the server.
    pub fn system(content: impl Into<String>) -> Self {
        Self {
            role: Role::System,
            content: content.into(),
        }
    }

    /// Makes a turn of the caller.
    pub fn user(content: impl Into<String>) -> Self {
        Self {
            role: Role::User,
            content: content.into(),
        }
    }

    /// Makes an earlier answer.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self {
            role: Role::Assistant,
            content: content.into(),
        }
    }
}

/// Who speaks in a [`Message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server's instruction.
    System,
    /// The caller.
    User,
    /// The model, earlier in the conversation.
    Assistant,
}

impl Role {
    /// The name that chat templates and the chat completions API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// The form of an answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// Free text.
    Text,
    /// One JSON value that conforms to a JSON Schema.
    Json {
        /// A short name, `[a-zA-Z0-9_-]{1,64}`, which Azure wants.
        name: String,
        /// The schema (2020-12), without network references.
        schema: Arc<serde_json::Value>,
        /// Tells whether an answer conforms. Without it an answer need only be JSON, and a backend that
        /// takes the schema lightly goes unnoticed.
        check: Option<SchemaCheck>,
    },
}

/// Tells whether a JSON value conforms to a schema, and where it does not.
#[derive(Clone)]
pub struct SchemaCheck(Arc<Verdict>);

type Verdict = dyn Fn(&serde_json::Value) -> Result<(), String> + Send + Sync;

impl SchemaCheck {
    /// Makes a check. What `verdict` says goes into logs and results: name places, never content.
    pub fn new(verdict: impl Fn(&serde_json::Value) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(verdict))
    }

    pub(crate) fn run(&self, value: &serde_json::Value) -> Result<(), String> {
        (self.0)(value)
    }
}

impl std::fmt::Debug for SchemaCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SchemaCheck")
    }
}

/// What to do with an answer that hit its token bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncation {
    /// It is a failure: half an answer is none.
    Refuse,
    /// It is returned, with [`FinishReason::Length`](crate::FinishReason::Length).
    Allow,
}

/// How sensitive the text of a request is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataClass {
    /// May be published.
    Public,
    /// May reach a processor that the tenant agreed to.
    Internal,
    /// Must not leave this process.
    Confidential,
}
