//! What a caller asks of a language model, whichever backend answers.

use std::sync::Arc;

use crate::TravelRule;

/// One completion to be made: what is said, in which form the answer comes, and within which bounds.
#[derive(Debug, Clone)]
pub struct CompletionRequest {
    /// The conversation so far, oldest first; the last message is the one to answer.
    pub messages: Vec<Message>,
    /// Functions that the model may ask for instead of answering; [`BackendInfo::tools`](crate::BackendInfo::tools)
    /// says who can.
    pub tools: Vec<Tool>,
    /// Whether and which of them it has to ask for. Means nothing without tools.
    pub tool_choice: ToolChoice,
    /// Whether it may ask for several at once; `None` is for the backend to say.
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer.
    pub output: Output,
    /// Bound of the answer, in tokens of the answering model.
    pub max_output_tokens: u32,
    /// What to do with an answer that reaches that bound.
    pub truncation: Truncation,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Draws from the likeliest tokens only, whose shares add up to this; `None` is for the backend to say.
    pub top_p: Option<f32>,
    /// Texts that end the answer when they come up; they are no part of it.
    pub stop: Vec<String>,
    /// Makes sampling repeatable where the backend can.
    pub seed: Option<u64>,
    /// How far the text may travel. No fallback relaxes it.
    pub travel: TravelRule,
    /// Whose request it is: what a backend keeps of it may serve the same tenant again, and nobody else.
    /// [`Gateway::start`](crate::Gateway::start) fills it in from the call.
    pub tenant: Option<Arc<str>>,
}

impl CompletionRequest {
    /// Asks for free text, whole, and as likely as it gets; internal data.
    pub fn new(messages: Vec<Message>, max_output_tokens: u32) -> Self {
        Self {
            messages,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            parallel_tool_calls: None,
            output: Output::Text,
            max_output_tokens,
            truncation: Truncation::Refuse,
            temperature: 0.0,
            top_p: None,
            stop: Vec::new(),
            seed: None,
            travel: TravelRule::default(),
            tenant: None,
        }
    }

    /// Whether only a model that can ask for tools can deal with it: tools are offered, or the conversation
    /// holds calls and results of earlier ones.
    pub(crate) fn wants_tools(&self) -> bool {
        let speaks_of_tools =
            |message: &Message| message.role == Role::Tool || !message.tool_calls.is_empty();
        !self.tools.is_empty() || self.messages.iter().any(speaks_of_tools)
    }

    /// Guesses how many tokens it takes, prompt and answer together: four bytes a token, and the whole bound
    /// of the answer. Good enough to take turns by and to see whether an allowance can hold it.
    pub fn estimated_tokens(&self) -> u32 {
        let messages: usize = self.messages.iter().map(Message::estimated_bytes).sum();
        let tools: usize = self.tools.iter().map(Tool::estimated_bytes).sum();
        let bytes = messages + tools;
        let schema = match &self.output {
            Output::Text | Output::JsonObject => 0,
            // Its size is bounded by whoever made it; serialising it to be exact would cost more than it tells.
            Output::Json { .. } => 64,
        };
        u32::try_from(bytes / 4 + schema)
            .unwrap_or(u32::MAX)
            .saturating_add(self.max_output_tokens)
    }
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// What the model asked for ([`Role::Assistant`] only).
    pub tool_calls: Vec<ToolCall>,
    /// Which of those calls this is the result of ([`Role::Tool`] only).
    pub tool_call_id: Option<String>,
}

impl Message {
    fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    /// Makes an instruction of the server.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(Role::System, content)
    }

    /// Makes a turn of the caller.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(Role::User, content)
    }

    /// Makes an earlier answer.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(Role::Assistant, content)
    }

    /// Makes an earlier answer that asked for tools, with what was said beside.
    pub fn tool_calls(content: impl Into<String>, calls: Vec<ToolCall>) -> Self {
        Self {
            tool_calls: calls,
            ..Self::new(Role::Assistant, content)
        }
    }

    /// Makes the result of a tool call.
    pub fn tool_result(call_id: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            tool_call_id: Some(call_id.into()),
            ..Self::new(Role::Tool, content)
        }
    }

    fn estimated_bytes(&self) -> usize {
        let calls = self
            .tool_calls
            .iter()
            .map(|call| call.id.len() + call.name.len() + call.arguments.len() + 16);
        let result_of = self.tool_call_id.as_ref().map_or(0, String::len);
        self.content.len() + calls.sum::<usize>() + result_of + 16
    }
}

/// A function that the model asked for. It is the caller who carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Tells it from the other calls of a conversation; its result names it.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// JSON text, as the model wrote it.
    pub arguments: String,
}

/// A function that the model may ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name, `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// When to ask for it, and what it does.
    pub description: Option<String>,
    /// JSON Schema of its arguments; `None` takes none.
    pub parameters: Option<serde_json::Value>,
    /// Whether the arguments cannot break that schema.
    pub strict: bool,
}

impl Tool {
    fn estimated_bytes(&self) -> usize {
        let description = self.description.as_ref().map_or(0, String::len);
        let mut parameters = ByteCount(0);
        if let Some(schema) = &self.parameters {
            // Neither a JSON value nor the counter can fail.
            let _ = serde_json::to_writer(&mut parameters, schema);
        }
        self.name.len() + description + parameters.0 + 16
    }
}

/// Counts what is written, and keeps nothing of it.
struct ByteCount(usize);

impl std::io::Write for ByteCount {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether and which tool the model has to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it sees fit.
    #[default]
    Auto,
    /// None: it answers in text.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
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
    /// A tool that the model asked for.
    Tool,
}

impl Role {
    /// The name that chat templates and the chat completions API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// The form of an answer.
#[derive(Debug, Clone)]
pub enum Output {
    /// Free text.
    Text,
    /// Some JSON object.
    JsonObject,
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
