//! The way to Redis: there, or lost until it is found again.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use redis::{FromRedisValue, ScriptInvocation};
use tokio::sync::Notify;

use super::connection::{self, Connection};
use super::{Config, servers};
use crate::watched;

/// How often somebody looks whether it is still there, though nobody needs it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The first pause before it is looked for again, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Redis cannot be asked now: whoever asked decides alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the shared state is lost")]
pub(crate) struct Lost;

/// The way to Redis.
pub(super) struct Link {
    config: Config,
    state: Mutex<State>,
    lost: Notify,
    found: Notify,
    /// What it is reached with has changed: certificates, a password, addresses.
    changed: Notify,
    gauge: OnceLock<Gauge>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// Counts connections: what one suffers says nothing of the next.
    number: u64,
    /// Why it was lost, as the log has it.
    told: Option<String>,
}

impl Link {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            state: Mutex::default(),
            lost: Notify::new(),
            found: Notify::new(),
            changed: Notify::new(),
            gauge: OnceLock::new(),
        }
    }

    /// With what every key begins.
    pub(super) fn prefix(&self) -> &str {
        &self.config.prefix
    }

    /// How many processes there may be, while nobody has said so.
    pub(super) fn assumed_servers(&self) -> u64 {
        self.config.assumed_servers
    }

    /// Whether Redis can be asked, as far as is known.
    pub(super) fn is_there(&self) -> bool {
        self.state().connection.is_some()
    }

    /// Waits until it is found again. For one listener.
    pub(super) async fn found(&self) {
        self.found.notified().await;
    }

    pub(super) fn report_to(&self, gauge: Gauge) {
        let state = self.state();
        gauge.set(i64::from(state.connection.is_some()));
        let _ = self.gauge.set(gauge);
    }

    /// Runs a script in one step that nothing comes in between of. The first failure loses the link.
    pub(super) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Lost> {
        let (mut connection, number) = self.connection().ok_or(Lost)?;
        let answer = tokio::time::timeout(self.config.timeout, script.invoke_async(&mut connection)).await;
        self.judge(answer, number)
    }

    fn judge<T>(
        &self,
        answer: Result<redis::RedisResult<T>, tokio::time::error::Elapsed>,
        number: u64,
    ) -> Result<T, Lost> {
        let reason = match answer {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {:?}", self.config.timeout),
        };
        self.lose(number, reason);
        Err(Lost)
    }

    fn connection(&self) -> Option<(Connection, u64)> {
        let state = self.state();
        Some((state.connection.clone()?, state.number))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Loses the way, as when a cable is cut.
    #[cfg(test)]
    pub(super) fn cut(&self) {
        let number = self.state().number;
        self.lose(number, "cut by a test".to_owned());
    }

    fn lose(&self, number: u64, reason: String) {
        let mut state = self.state();
        if state.number != number {
            return;
        }
        let had = state.connection.take().is_some();
        if had || state.told.is_none() {
            tracing::error!(
                reason,
                "the shared state is lost: until it is back each process decides by itself"
            );
        }
        state.told = Some(reason);
        self.set_gauge(0);
        drop(state);
        self.lost.notify_one();
    }

    /// Connects where there is no connection; says whether there is one now.
    pub(super) async fn try_connect(&self) -> bool {
        let (number, there) = {
            let state = self.state();
            (state.number, state.connection.is_some())
        };
        if there {
            return true;
        }
        match connect(&self.config).await {
            Ok(connection) => {
                self.take(connection);
                tracing::info!("the shared state is there");
                self.found.notify_one();
                true
            }
            Err(reason) => {
                self.lose(number, reason);
                false
            }
        }
    }

    fn take(&self, connection: Connection) {
        let mut state = self.state();
        state.connection = Some(connection);
        state.number += 1;
        state.told = None;
        self.set_gauge(1);
    }

    /// Goes over to a connection with what has changed, and stays with the old one where there is none.
    async fn reconnect(&self) {
        match connect(&self.config).await {
            Ok(connection) => {
                self.take(connection);
                tracing::info!("the shared state is reached anew, for a file of [shared] has changed");
            }
            Err(reason) => tracing::error!(
                reason,
                "the shared state cannot be reached with the files of [shared] as they are now; the connection of before stays"
            ),
        }
    }

    async fn look(&self) {
        let Some((mut connection, number)) = self.connection() else {
            return;
        };
        if let Err(reason) = greet(&self.config, &mut connection).await {
            self.lose(number, reason);
        }
    }

    fn set_gauge(&self, value: i64) {
        if let Some(gauge) = self.gauge.get() {
            gauge.set(value);
        }
    }
}

/// Connects, and sees to it that somebody answers.
pub(super) async fn connect(config: &Config) -> Result<Connection, String> {
    let opening = tokio::time::timeout(config.connect_timeout, Connection::open(config)).await;
    let mut connection =
        opening.unwrap_or_else(|_| Err(format!("no connection within {:?}", config.connect_timeout)))?;
    greet(config, &mut connection).await?;
    Ok(connection)
}

/// A server may accept connections and yet not serve.
pub(super) async fn greet(config: &Config, connection: &mut Connection) -> Result<(), String> {
    let ping = redis::cmd("PING");
    match tokio::time::timeout(config.timeout, ping.exec_async(connection)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {:?}", config.timeout)),
    }
}

/// Looks whether Redis is still there, and for it while it is not. Ends only by being dropped.
pub(super) async fn keep(link: Arc<Link>) {
    let files = servers::files(&link.config);
    let watching = watched::watch("[shared]", files, || {
        connection::check(&link.config).map_err(|error| error.to_string())?;
        link.changed.notify_one();
        Ok(())
    });
    tokio::join!(watching, stay(&link));
}

async fn stay(link: &Link) {
    let mut pause = FIRST_PAUSE;
    loop {
        if link.try_connect().await {
            pause = FIRST_PAUSE;
            tokio::select! {
                () = link.changed.notified() => link.reconnect().await,
                // Whoever finds it lost says so; a permit from before costs one more look.
                _ = tokio::time::timeout(LOOK_EVERY, link.lost.notified()) => link.look().await,
            }
        } else {
            // Not all processes of a fleet at once.
            let pausing = tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0)));
            tokio::select! {
                () = link.changed.notified() => {}
                () = pausing => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
