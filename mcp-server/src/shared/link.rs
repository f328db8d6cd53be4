//! The way to Redis: there, or lost until it is found again.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use redis::{FromRedisValue, ScriptInvocation};
use tokio::sync::Notify;

use super::connection::{self, Connection};
use super::login::{Login, Shown};
use super::{Config, servers};
use crate::watched;

/// How often somebody looks whether it is still there, though nobody needs it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The first pause before it is looked for again, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a connection with a new token may take, before it is tried again.
const TOKEN_PAUSE: Duration = Duration::from_secs(10);

/// Redis cannot be asked now: whoever asked decides alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the shared state is lost")]
pub(crate) struct Lost;

/// The way to Redis.
pub(super) struct Link {
    config: Config,
    login: Login,
    state: Mutex<State>,
    lost: Notify,
    found: Notify,
    /// What it is reached with has changed: certificates, a password, a token, addresses.
    changed: Notify,
    gauge: OnceLock<Gauge>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// What it was opened with.
    shown: Option<Shown>,
    /// Counts connections: what one suffers says nothing of the next.
    number: u64,
    /// Why it was lost, as the log has it.
    told: Option<String>,
    /// Why it stays as it is though what it is reached with has changed, as the log has it.
    stays: Option<String>,
}

impl Link {
    pub(super) fn new(config: Config, login: Login) -> Self {
        Self {
            config,
            login,
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
        match connect(&self.config, &self.login).await {
            Ok((connection, shown)) => {
                self.take(connection, shown);
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

    fn take(&self, connection: Connection, shown: Shown) {
        let mut state = self.state();
        state.connection = Some(connection);
        state.shown = Some(shown);
        state.number += 1;
        state.told = None;
        state.stays = None;
        self.set_gauge(1);
    }

    /// Goes over to a connection with what has changed, and stays with the old one where there is none.
    async fn reconnect(&self) {
        match connect(&self.config, &self.login).await {
            Ok((connection, shown)) => {
                self.take(connection, shown);
                tracing::info!(
                    "the shared state is reached anew, for a file or the token of [shared] has changed"
                );
            }
            Err(reason) => {
                let told = self.state().stays.replace(reason.clone());
                // Files are tried once, a token until it is taken.
                if !self.login.ends() || told.as_ref() != Some(&reason) {
                    tracing::error!(
                        reason,
                        "the shared state cannot be reached with the files or the token of [shared] as they are now; the connection of before stays"
                    );
                }
            }
        }
    }

    /// Whether there is a connection that was opened with something else.
    fn was_opened_without(&self, shown: &Shown) -> bool {
        let state = self.state();
        state.connection.is_some() && state.shown.as_ref() != Some(shown)
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

/// Connects, and sees to it that somebody answers. Says what the connection was opened with.
pub(super) async fn connect(config: &Config, login: &Login) -> Result<(Connection, Shown), String> {
    // Whoever gives tokens has a time of its own.
    let shown = login.shown().await?;
    let opening = tokio::time::timeout(config.connect_timeout, Connection::open(config, &shown)).await;
    let mut connection =
        opening.unwrap_or_else(|_| Err(format!("no connection within {:?}", config.connect_timeout)))?;
    greet(config, &mut connection).await?;
    Ok((connection, shown))
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
        connection::check(&link.config, &link.login).map_err(|error| error.to_string())?;
        link.changed.notify_one();
        Ok(())
    });
    tokio::join!(watching, renew(&link), stay(&link));
}

/// Has the way go over to the token of now, long before that of its connection ends. Ends only by being dropped, or at once
/// where there are no tokens.
async fn renew(link: &Link) {
    let mut has_failed = false;
    while link.login.ends() {
        tokio::time::sleep(LOOK_EVERY).await;
        match link.login.shown().await {
            Ok(shown) => {
                if std::mem::take(&mut has_failed) {
                    tracing::info!("there is a token for the shared state again");
                }
                if link.was_opened_without(&shown) {
                    link.changed.notify_one();
                    tokio::time::sleep(TOKEN_PAUSE).await;
                }
            }
            Err(reason) => {
                if !std::mem::replace(&mut has_failed, true) {
                    tracing::error!(
                        reason,
                        "there is no token for the shared state: its connection lasts as long as Redis lets it, and no other can be opened"
                    );
                }
            }
        }
    }
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
