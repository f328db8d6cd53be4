//! One call, as it is written down.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::accounts::{Origin, plain};
use crate::tenancy::Principal;
use crate::tenancy::quota::Moment;

/// Longest name of a principal that is kept.
const PRINCIPAL_BYTES: usize = 256;

/// A text that is mostly one of ours.
type Word = Cow<'static, str>;

/// One call. The digest stands for the arguments; nothing here is content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Tells it from every other record of any process.
    pub id: String,
    /// When it was opened, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who pays.
    pub tenant: String,
    /// Who called.
    pub principal: String,
    /// How the principal had shown who it is.
    pub proof: Word,
    /// The client program, as it names itself.
    pub client: Option<String>,
    /// The tool or endpoint.
    pub tool: Word,
    /// SHA-256 of the arguments as they came, in hexadecimal digits.
    pub arguments_sha256: String,
    /// `allowed`, or the code of the refusal.
    pub decision: Word,
    /// The trace that the call belongs to, where its caller named one.
    pub trace_id: Option<String>,
    /// What it took, where a model was asked.
    pub usage: Option<Usage>,
}

/// What a call took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Who answered.
    pub backend: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Tokens of the prompt.
    pub input_tokens: u32,
    /// Tokens of the answer.
    pub output_tokens: u32,
    /// What they cost, in billionths of the currency's unit.
    pub cost_nanos: i64,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// `answered`, `degraded`, `failed`, `cancelled` or `shed`.
    pub outcome: Word,
    /// The code of the failure.
    pub code: Option<Word>,
    /// Whether a weaker model than the first of its chain answered.
    pub degraded: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Record {
    /// Begins the record of a call that is let in unless something else is said.
    pub(crate) fn open(
        principal: &Principal,
        tool: &'static str,
        origin: &Origin,
        arguments_sha256: &[u8],
    ) -> Self {
        Self {
            id: next_id(),
            at_ms: Moment::now().ms,
            tenant: principal.tenant().to_owned(),
            principal: plain(principal.subject(), PRINCIPAL_BYTES),
            proof: principal.proof().as_str().into(),
            client: origin.client.clone(),
            tool: tool.into(),
            arguments_sha256: hex(arguments_sha256),
            decision: "allowed".into(),
            trace_id: origin.trace_id.clone(),
            usage: None,
        }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// An id that no other record has, of this process or another: a random beginning, then a count.
fn next_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| uuid::Uuid::new_v4().as_u64_pair().0);
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}{:012x}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))
}
