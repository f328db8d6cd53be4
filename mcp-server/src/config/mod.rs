//! The configuration: a TOML file, then the environment, then flags; later ones win.
//!
//! This module alone knows how settings are written. It reads everything once, at start, and hands out
//! plain values; whatever is wrong comes back at once, each problem with its place, reason and fix.
//!
//! Invariant: nothing below `cli` reads the environment.

mod duration;
mod layers;
mod node;
mod reader;
mod schema;
mod secret;

use std::{cell::RefCell, collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use inference::{Processing, admission, azure, resilience};
use models::KvPrecision;

use crate::{http, mcp, shared, store, telemetry, tenancy};

pub use self::{
    layers::{Setting, Sources},
    node::Origin,
    reader::{Problem, Shown},
    secret::Secret,
};

/// The commented sample that `config init` writes. A test loads it.
pub const SAMPLE: &str = include_str!("sample.toml");

/// Looked for in the working directory when no file is named.
pub const DEFAULT_FILE: &str = "mcp-server.toml";

/// Names the file when no flag does.
pub const FILE_VARIABLE: &str = "MCP_SERVER_CONFIG";

/// The three variables that put an Azure OpenAI deployment in front when no backend is configured.
pub const AZURE_VARIABLES: [&str; 3] = [
    "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_DEPLOYMENT",
    "AZURE_OPENAI_API_KEY",
];

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub http: http::Config,
    /// `[server.sessions]`, `[server.mcp]` and `queue.deadline`
    pub mcp: mcp::Config,
    /// `[auth]`
    pub auth: tenancy::Config,
    /// `[tenancy.redaction]`, and what differs for some tenants
    pub redaction: tenancy::redaction::Config,
    /// `[queue]`
    pub queue: admission::Config,
    /// `[routing]`
    pub routing: inference::RoutingConfig,
    /// `[[backends]]`
    pub backends: Vec<Backend>,
    /// `[[models]]`
    pub chains: Vec<inference::Chain>,
    /// What tenants may use: `[tenancy]` and `[[tenants]]`
    pub limits: Arc<tenancy::quota::TenantLimits>,
    /// `[store]`
    pub store: store::Config,
    /// `[shared]`
    pub shared: Option<shared::Config>,
    /// `[telemetry]`, where a collector of traces is configured
    pub telemetry: Option<telemetry::Config>,
    /// Where downloaded models lie.
    pub models_dir: PathBuf,
}

/// One backend and the numbers that guard it.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Its unique name.
    pub name: String,
    /// What it is.
    pub kind: BackendKind,
    /// Breaker, throttle gate, retries, timeouts.
    pub resilience: resilience::Config,
}

/// What a backend is.
#[derive(Debug, Clone)]
pub enum BackendKind {
    /// An Azure OpenAI deployment.
    Azure(Box<Azure>),
    /// Another server that speaks OpenAI's chat completions.
    OpenAi(Box<OpenAi>),
    /// A model in this process.
    Local(Local),
}

/// An Azure OpenAI deployment.
#[derive(Debug, Clone)]
pub struct Azure {
    /// Scheme, host and port.
    pub endpoint: url::Url,
    /// Which URL shape.
    pub api: azure::Api,
    /// Name of the deployment.
    pub deployment: String,
    /// The model behind it.
    pub model: String,
    /// Where it runs.
    pub region: String,
    /// Where it may process text.
    pub processing: Processing,
    /// What is shown to it.
    pub credential: AzureCredential,
    /// Answers at once.
    pub max_concurrency: usize,
    /// Prompt and answer together, where known.
    pub context_tokens: Option<u32>,
    /// What it costs.
    pub price: inference::Price,
}

/// A server that speaks OpenAI's chat completions.
#[derive(Debug, Clone)]
pub struct OpenAi {
    /// Everything before `/chat/completions`.
    pub base_url: url::Url,
    /// Whether `http` is accepted to another machine.
    pub allow_plain_http: bool,
    /// The model it serves.
    pub model: String,
    /// What the server calls that model.
    pub upstream_model: String,
    /// Where it runs.
    pub region: String,
    /// Where it may process text.
    pub processing: Processing,
    /// Where its key is found, if it wants one.
    pub key: Option<KeyLocation>,
    /// The certificates, in PEM, that are believed instead of this machine's.
    pub ca_file: Option<PathBuf>,
    /// In which field the bound of an answer is sent.
    pub max_tokens_field: inference::MaxTokensField,
    /// Whether its model can call tools.
    pub tools: bool,
    /// Answers at once.
    pub max_concurrency: usize,
    /// Prompt and answer together, where known.
    pub context_tokens: Option<u32>,
    /// What it costs.
    pub price: inference::Price,
}

/// Where a credential is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyLocation {
    /// In a file, re-read when it changes.
    File(PathBuf),
    /// In an environment variable, read at start.
    Variable {
        /// Its name.
        name: String,
        /// What it held.
        key: Secret,
    },
}

/// What is shown to an Azure OpenAI deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AzureCredential {
    /// An API key.
    Key(KeyLocation),
    /// A token of Entra ID.
    WorkloadIdentity(WorkloadIdentity),
}

/// Who this process is for Entra ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadIdentity {
    /// Where tokens are given.
    pub authority: url::Url,
    /// Id of the directory.
    pub tenant_id: String,
    /// Id of the application.
    pub client_id: String,
    /// Where the cluster puts its token, read afresh each time.
    pub token_file: PathBuf,
}

/// A model in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Which weights.
    pub model: LocalModel,
    /// Answers at once.
    pub slots: usize,
    /// Upper bound of the context.
    pub context_tokens: Option<u32>,
    /// How keys and values are kept.
    pub kv_precision: KvPrecision,
    /// The setting that named the model, for messages.
    pub model_key: String,
}

/// Which weights a local backend runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalModel {
    /// The model that ships in the binary.
    Bundled,
    /// A model of the catalogue, downloaded with `models pull`.
    Catalogue(String),
    /// A GGUF file.
    File(PathBuf),
}

impl fmt::Display for LocalModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundled => f.write_str("bundled"),
            Self::Catalogue(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A configuration, and how it came about.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is in effect.
    pub config: Config,
    /// Every setting with its origin, in the order of the documentation.
    pub shown: Vec<Shown>,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Invalid(pub Vec<Problem>);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the configuration has {} problem{}",
            self.0.len(),
            if self.0.len() == 1 { "" } else { "s" }
        )?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// Finds the file to read: the one named, else the variable's, else `mcp-server.toml` where it exists.
pub fn find_file(named: Option<PathBuf>, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    named
        .or_else(|| {
            environment
                .get(FILE_VARIABLE)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        })
        .or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
}

/// Reads, merges and checks the configuration.
///
/// # Errors
/// Lists every problem there is, not only the first.
pub fn load(sources: &Sources) -> Result<Loaded, Invalid> {
    let mut problems = Vec::new();
    let mut table = layers::merge(sources, &mut problems);
    let unreadable = !problems.is_empty() && table.is_empty();
    if !unreadable {
        schema::default_backends(&mut table, &sources.environment, &mut problems);
        schema::default_telemetry(&mut table, &sources.environment);
    }
    let report = RefCell::new(reader::Report {
        problems,
        shown: Vec::new(),
    });
    // A file that cannot be read at all would only be followed by problems that it causes.
    let config = (!unreadable).then(|| schema::read(table, &sources.environment, &report));
    let reader::Report { problems, shown } = report.into_inner();
    let mut problems = problems;
    problems.sort_by_key(Problem::place);
    match config {
        Some(config) if problems.is_empty() => Ok(Loaded { config, shown }),
        _ => Err(Invalid(problems)),
    }
}

/// Where the ledger lies unless told otherwise: the user's directory for state.
pub fn state_dir(environment: &BTreeMap<String, String>) -> PathBuf {
    let variable = |name: &str| {
        environment
            .get(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    variable("XDG_STATE_HOME")
        .map(|state| state.join("mcp-server"))
        .or_else(|| variable("HOME").map(|home| home.join(".local/state/mcp-server")))
        .unwrap_or_else(|| PathBuf::from("mcp-server-state"))
}

/// Where downloaded models lie: `MCP_SERVER_MODELS_DIR`, else the user's data directory.
pub fn models_dir(environment: &BTreeMap<String, String>) -> PathBuf {
    let variable = |name: &str| {
        environment
            .get(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("MCP_SERVER_MODELS_DIR")
        .or_else(|| {
            variable("XDG_DATA_HOME")
                .filter(|path| path.is_absolute())
                .map(|data| data.join("mcp-server/models"))
        })
        .or_else(|| variable("HOME").map(|home| home.join(".local/share/mcp-server/models")))
        .unwrap_or_else(|| PathBuf::from("models"))
}

#[cfg(test)]
mod tests;
