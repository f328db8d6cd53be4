//! A fake Azure OpenAI: the documented wire protocol of chat completions, and every way it can fail.
//!
//! It is no model and never claims to be one. Text answers say that the fake received so many
//! characters; JSON answers are the smallest instance of the schema that was asked for; tools are called
//! as scripted. Under `/v1/` it is an OpenAI-compatible server instead. What goes
//! wrong is decided by a [`Fault`]: from the request itself, from the [`Faults`] in force, or through
//! `/__control/` (see [`control`]). Resets are real: `SO_LINGER` 0 on the socket.

mod answer;
pub mod control;
mod conversation;
mod door;
mod faults;
mod instance;
mod openai;
mod quota;
mod request;
mod route;
mod script;
mod stats;
mod strict;
#[cfg(test)]
mod tests;
mod tools;
mod wire;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub use faults::{Ending, Fault, Faults, Filter, Midway, Rule, Schedule, Status};
pub use stats::{Arrival, Stats};

/// What a fake is made of. The default suits most tests.
#[derive(Debug, Clone)]
pub struct FakeAzureConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The deployments there are.
    pub deployments: Vec<String>,
    /// The one valid key.
    pub api_key: String,
    /// Region, as `x-ms-region` says it.
    pub region: String,
    /// Prompt and answer together; more is `context_length_exceeded`.
    pub context_tokens: u32,
    /// Requests a minute and deployment; more is 429.
    pub requests_per_minute: u32,
    /// Tokens a minute and deployment; more is 429.
    pub tokens_per_minute: u32,
    /// A prompt with one of these words is refused by the content filter.
    pub filtered_words: Vec<String>,
    /// Filter verdicts come in chunks of their own, as with Azure's asynchronous filter.
    pub asynchronous_filter: bool,
    /// Chunks carry characters that mean nothing, so that their length does not tell that of their text.
    pub obfuscated: bool,
    /// Wait before each chunk of a stream, as a model that thinks.
    pub chunk_delay: Option<Duration>,
    /// A whole answer in one write, as an upstream that is done before it begins to send. For benches.
    pub all_at_once: bool,
    /// The deployment that answers instead of the one asked, as when a provisioned one spills over.
    pub spillover: Option<String>,
}

impl Default for FakeAzureConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            deployments: vec!["gpt-4.1-mini".to_owned()],
            api_key: "fake-azure-key".to_owned(),
            region: "Sweden Central".to_owned(),
            context_tokens: 128_000,
            requests_per_minute: 1_000_000,
            tokens_per_minute: 1_000_000_000,
            filtered_words: vec!["FILTERED-WORD".to_owned()],
            asynchronous_filter: false,
            obfuscated: false,
            chunk_delay: None,
            all_at_once: false,
            spillover: None,
        }
    }
}

/// How the whole fake is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// Nobody listens: connections are refused, those there were are broken.
    Refuse,
    /// Connections are accepted, and closed at once.
    Close,
    /// Requests are read, and never answered.
    Silent,
}

/// A running fake. Ends when dropped.
#[derive(Debug)]
pub struct FakeAzure {
    shared: Arc<Shared>,
}

/// What the fake's tasks share.
#[derive(Debug)]
struct Shared {
    config: FakeAzureConfig,
    door: door::Door,
    faults: Faults,
    recorder: Arc<stats::Recorder>,
    outage: Mutex<Option<Outage>>,
    quota: quota::Quota,
    serial: AtomicU64,
}

impl FakeAzure {
    /// Starts a fake.
    ///
    /// # Errors
    /// Fails when the address cannot be bound.
    pub async fn start(config: FakeAzureConfig) -> io::Result<Self> {
        let door = door::Door::bind(config.listen)?;
        let quota = quota::Quota::new(config.requests_per_minute, config.tokens_per_minute);
        let shared = Arc::new(Shared {
            config,
            door,
            faults: Faults::default(),
            recorder: stats::Recorder::new(),
            outage: Mutex::default(),
            quota,
            serial: AtomicU64::new(0),
        });
        shared.door.open(&shared).await?;
        Ok(Self { shared })
    }

    /// Where it listens, as `AZURE_OPENAI_ENDPOINT` wants it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.shared.door.address())
    }

    /// Where its OpenAI-compatible face is, as `base_url` wants it.
    pub fn openai_base_url(&self) -> String {
        format!("{}/v1", self.endpoint())
    }

    /// The valid key.
    pub fn api_key(&self) -> &str {
        &self.shared.config.api_key
    }

    /// The first deployment.
    pub fn deployment(&self) -> &str {
        self.shared.config.deployments.first().map_or("", String::as_str)
    }

    /// The rules of what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// What it saw so far.
    pub fn stats(&self) -> Stats {
        self.shared.recorder.snapshot()
    }

    /// Counts anew.
    pub fn reset_stats(&self) {
        self.shared.recorder.reset();
    }

    /// Since it started: the clock of [`Arrival::at`].
    pub fn now(&self) -> Duration {
        self.shared.recorder.now()
    }

    /// Goes away as a killed process would: connections break, new ones are refused. The port stays ours.
    ///
    /// # Errors
    /// Fails when the port cannot be kept.
    pub async fn stop(&self) -> io::Result<()> {
        self.shared.go_away(Some(Outage::Refuse)).await
    }

    /// Comes back, on the same port.
    ///
    /// # Errors
    /// Fails when it cannot listen again.
    pub async fn resume(&self) -> io::Result<()> {
        self.shared.go_away(None).await
    }

    /// Goes away in the given manner; `None` comes back.
    ///
    /// # Errors
    /// As [`Self::stop`] and [`Self::resume`].
    pub async fn set_outage(&self, outage: Option<Outage>) -> io::Result<()> {
        self.shared.go_away(outage).await
    }
}

impl Drop for FakeAzure {
    fn drop(&mut self) {
        self.shared.door.close();
    }
}

impl Shared {
    async fn go_away(self: &Arc<Self>, outage: Option<Outage>) -> io::Result<()> {
        *self
            .outage
            .lock()
            .expect("nothing panics while it holds the outage") = outage;
        match outage {
            Some(Outage::Refuse) => self.door.shut().await,
            Some(Outage::Close | Outage::Silent) | None => self.door.open(self).await,
        }
    }

    fn outage(&self) -> Option<Outage> {
        *self
            .outage
            .lock()
            .expect("nothing panics while it holds the outage")
    }

    fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }
}
