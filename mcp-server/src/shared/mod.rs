//! What several processes of a fleet share: in Redis where one is configured, otherwise nothing.
//!
//! Redis is never needed. Each operation is bounded by a short time; while Redis is lost every process decides by
//! itself, of limits within its part, says so once in its log and in `mcp_shared_state_up`, and looks again with growing pauses.

mod connection;
mod fleet;
mod limits;
mod link;
mod login;
mod servers;
mod sessions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::SetUpError;
use crate::config::{Secret, WorkloadIdentity};
use fleet::RedisFleet;
use link::Link;
use login::Login;

pub(crate) use limits::{SharedLimits, Tell};
pub(crate) use login::SCOPE;
pub(crate) use sessions::{Found, SharedSessions};

/// Where the shared state is, and how it is reached.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which servers.
    pub servers: Servers,
    /// Whether they are one cluster, of which each knows all others. Default: no, and there is one.
    pub cluster: bool,
    /// Whether `redis://` is spoken to other machines, and whoever is in between reads along. Default: no.
    pub allow_plaintext: bool,
    /// The user of Redis' access control lists. Default: whoever a token was given to; the default user where there is none.
    pub username: Option<String>,
    /// What servers are shown, besides a certificate. Default: nothing.
    pub credential: Option<Credential>,
    /// Certificates, in PEM, that `rediss://` servers are believed by. Default: those of this machine.
    pub ca_file: Option<PathBuf>,
    /// The certificate, in PEM, that this process shows, and its key. Default: none.
    pub client_certificate: Option<ClientCertificate>,
    /// With what every key begins. Default `b2x`.
    pub prefix: String,
    /// Longest wait for one operation. Default 250 ms.
    pub timeout: Duration,
    /// Longest wait for a connection. Default 1 s.
    pub connect_timeout: Duration,
    /// Into how many parts limits are divided where Redis is away and has never said how many processes there are.
    /// Default 8.
    pub assumed_servers: u64,
}

/// What opens Redis.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A password in a file, read anew for each connection.
    PasswordFile(PathBuf),
    /// A token of Entra ID, as Azure's Redis takes it.
    WorkloadIdentity(WorkloadIdentity),
}

/// A certificate and its key, each in a file, read anew for each connection.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate, and those between it and its authority.
    pub certificate_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// Where addresses of servers are written.
#[derive(Debug, Clone)]
pub enum Servers {
    /// In the configuration.
    Urls(Vec<Secret>),
    /// In a file, one on each line, read anew for each connection.
    File(PathBuf),
}

impl Config {
    /// The defaults, for these servers.
    pub fn new(servers: Servers) -> Self {
        Self {
            servers,
            cluster: false,
            allow_plaintext: false,
            username: None,
            credential: None,
            ca_file: None,
            client_certificate: None,
            prefix: "b2x".to_owned(),
            timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(1),
            assumed_servers: 8,
        }
    }
}

/// Checks addresses and files without connecting to anything.
///
/// # Errors
/// Names the setting, what is wrong, and what to do.
pub(crate) fn check(config: &Config) -> Result<(), SetUpError> {
    connection::check(config, &Login::new(config)?)
}

/// What a look at Redis finds.
pub(crate) struct Probed {
    /// How long an answer took.
    pub(crate) took: Duration,
    /// How many processes share it now.
    pub(crate) servers: u64,
    /// Whether it throws away keys when its memory is full.
    pub(crate) may_forget: bool,
}

/// Connects once, and says what there is, or why nothing can be said.
pub(crate) async fn probe(config: &Config) -> Result<Probed, String> {
    let login = Login::new(config).map_err(|error| error.to_string())?;
    let (mut connection, _) = link::connect(config, &login).await?;
    let asked = Instant::now();
    link::greet(config, &mut connection).await?;
    let took = asked.elapsed();
    let (servers, may_forget) = limits::probe(config, &mut connection).await?;
    Ok(Probed {
        took,
        servers,
        may_forget,
    })
}

/// What several processes share. Cheap to clone; ends with its last clone.
#[derive(Clone)]
pub struct Shared {
    link: Arc<Link>,
    _keeping: Arc<AbortOnDropHandle<()>>,
}

impl Shared {
    /// Reaches out for Redis, and waits no longer than `connect_timeout` for it, and for a token before it where one is
    /// wanted: it may come later.
    ///
    /// # Errors
    /// Addresses, or a file, that cannot be read: those no waiting mends.
    pub async fn start(config: Config) -> Result<Self, SetUpError> {
        let login = Login::new(&config)?;
        connection::check(&config, &login)?;
        let link = Arc::new(Link::new(config, login));
        link.try_connect().await;
        let keeping = tokio::spawn(link::keep(Arc::clone(&link)));
        Ok(Self {
            link,
            _keeping: Arc::new(AbortOnDropHandle::new(keeping)),
        })
    }

    /// From now on the gauge says whether the state can be reached.
    pub(crate) fn report_to(&self, gauge: Gauge) {
        self.link.report_to(gauge);
    }

    /// The other processes, as far as circuits are concerned.
    pub(crate) fn fleet(&self) -> Arc<dyn inference::fleet::Fleet> {
        Arc::new(RedisFleet::new(Arc::clone(&self.link)))
    }

    /// Limits and budgets that all processes keep together. Alerts are told as they come.
    pub(crate) fn limits(&self, tell: Tell) -> SharedLimits {
        SharedLimits::start(self.clone(), tell)
    }

    /// Sessions that any process may go on with.
    pub(crate) fn sessions(&self, idle: Duration) -> SharedSessions {
        SharedSessions::new(Arc::clone(&self.link), idle)
    }
}
