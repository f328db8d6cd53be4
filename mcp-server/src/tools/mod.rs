//! The tools: what each asks of its caller and of a model, and what it promises in return.
//!
//! One file a tool. [`Catalogue`] finds a tool, checks the arguments against its schema, asks the
//! gateway, checks the answer, and hands back the structured result. Nothing here knows MCP.

mod arguments;
mod ask_assistant;
mod catalogue;
mod classify_ticket;
mod display;
mod extract_data;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
mod generate_product_text;
mod grounding;
mod prompt;
pub(crate) mod schema;
mod server_status;
pub(crate) mod status;
mod summarize_text;

pub use ask_assistant::SYSTEM_PROMPT as ASSISTANT_SYSTEM_PROMPT;
pub use catalogue::Catalogue;

use inference::{AnswerFacts, Attempt, CallError, Deadline, Message, Output, Priority, TravelRule};
use serde_json::{Map, Value};

use crate::accounts::Origin;
use crate::tenancy::quota::Refused;
use crate::tenancy::{Principal, Refusal, Scope};

/// What a tool is, as clients see it.
#[derive(Debug, Clone)]
pub struct Definition {
    /// `snake_case`, at most 28 characters.
    pub name: &'static str,
    /// What a caller must be allowed, to see it and to call it.
    pub scope: Scope,
    /// For people.
    pub title: &'static str,
    /// What it does, when to use it, when not, what comes back.
    pub description: &'static str,
    /// JSON Schema (2020-12) of the arguments: an object.
    pub input_schema: Map<String, Value>,
    /// JSON Schema of the structured result: an object.
    pub output_schema: Map<String, Value>,
}

/// How a call may be carried out.
pub struct CallContext<'a> {
    /// Who calls.
    pub principal: Principal,
    /// Where the call comes from, as its caller says.
    pub origin: Origin,
    /// Whether somebody is waiting for the result.
    pub priority: Priority,
    /// When it must have ended.
    pub deadline: Deadline,
    /// How far the caller's text may travel.
    pub travel: TravelRule,
    /// The chain to use; `None` is the default one.
    pub chain: Option<String>,
    /// Told how far the call is, several times a second at most.
    pub progress: Option<&'a (dyn Fn(Progress) + Send + Sync)>,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits, behind so many others.
    Waiting {
        /// Calls ahead of it.
        ahead: usize,
    },
    /// A backend writes; pieces received so far.
    Writing {
        /// Name of the backend.
        backend: String,
        /// Pieces so far.
        pieces: u32,
    },
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct ToolResult {
    /// Conforms to the tool's output schema.
    pub structured: Value,
    /// Who answered; `None` for tools that ask no model.
    pub facts: Option<AnswerFacts>,
}

/// Why a call has no result. Each has a public code with a page in `docs/errors/`.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// No tool has this name.
    #[error("unknown tool {name:?}{}", .nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownTool {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<&'static str>,
    },
    /// The caller may not call it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The tenant has used what it may use.
    #[error(transparent)]
    Quota(#[from] Box<Refused>),
    /// The arguments do not conform to the input schema, or cannot be met.
    #[error("invalid arguments: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    InvalidArguments(Vec<Problem>),
    /// The gateway has no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The model answered, and its answer cannot be used.
    #[error("the model's answer cannot be used: {reason}")]
    UnusableAnswer {
        /// What is wrong with it.
        reason: String,
        /// Who gave it.
        attempts: Vec<Attempt>,
    },
}

impl ToolError {
    /// The public code: the name of its page in `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTool { .. } => "unknown_tool",
            Self::Refused(refusal) => refusal.code(),
            Self::Quota(_) => "quota_exceeded",
            Self::InvalidArguments(_) => "invalid_arguments",
            Self::Call(error) => error.code(),
            Self::UnusableAnswer { .. } => "unusable_answer",
        }
    }
}

/// One thing that is wrong with the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as `lines[2].qty`; empty for the arguments as a whole.
    pub field: String,
    /// What is wrong.
    pub reason: String,
    /// What to send instead.
    pub fix: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let field = if self.field.is_empty() {
            "arguments"
        } else {
            &self.field
        };
        write!(f, "`{field}` {}; {}", self.reason, self.fix)
    }
}

/// A tool that asks a model: arguments in, prompt out; answer in, result out.
trait ModelTool: Send + Sync {
    /// What clients see. The schema of the result lacks what [`Catalogue`] adds to every one.
    fn definition(&self) -> Definition;

    /// Writes the prompt. The arguments conform to the input schema; what a schema cannot say is
    /// checked here.
    fn prompt(&self, arguments: &Map<String, Value>) -> Result<Prompt, Vec<Problem>>;

    /// Fields of the result that people read, and that are no copies of what was sent: they are shown as text and as
    /// nothing else.
    fn prose(&self) -> &'static [&'static str] {
        &[]
    }

    /// Turns the answer into the result, and adds what a person should know before using it.
    fn check(&self, arguments: &Map<String, Value>, answer: Reply) -> Checked;
}

/// What a tool asks of a model.
struct Prompt {
    messages: Vec<Message>,
    output: Output,
    max_output_tokens: u32,
    temperature: f32,
}

/// A model's answer, in the form that the prompt asked for.
enum Reply {
    Text(String),
    /// Conforms to the schema that was asked for.
    Json(Map<String, Value>),
}

/// The fields of a result, and the warnings that go with it.
struct Checked {
    fields: Map<String, Value>,
    warnings: Vec<String>,
}

#[cfg(test)]
mod tests;
