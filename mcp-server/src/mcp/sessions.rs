//! Sessions of clients that `initialize`: bounded in number, each its principal's own, asleep while nobody uses them.
//!
//! rmcp's `LocalSessionManager` does the work: a task and its queues for each session, some 60 kB. It bounds neither
//! their number nor their cost, and asks nobody who they are; this one guards the door. What rmcp has for moving
//! sessions between machines (a store of what `initialize` said, and a restore from it) puts them to sleep here: all
//! but those used last keep that only, and the next request wakes them. What another process of a fleet began is taken
//! over asleep, and woken the same way. rmcp tells a session manager nothing about the request that a call is made
//! for, so [`CALLER`] carries that across.

mod fleet;
mod table;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt};
use rmcp::model::{ClientJsonRpcMessage, InitializeRequestParams, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError,
};
use rmcp::transport::streamable_http_server::session::{
    RestoreOutcome, ServerSseMessage, SessionId, SessionManager, SessionState, SessionStore,
    SessionStoreError,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::table::Table;
use super::Config;
use crate::shared::SharedSessions;
use crate::tenancy::Principal;

/// How many sessions stay awake though nobody uses them.
const AWAKE: usize = 64;
/// What `initialize` said is kept whole up to here; of more, only what the answers depend on.
const INTRODUCTION_LIMIT: usize = 4096;

/// The request that rmcp is serving at the moment.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    /// Set when a session was refused for want of room: rmcp's own answer does not tell.
    pub(super) refused: Arc<AtomicBool>,
    /// The session must not fall asleep under the request.
    held: Arc<OnceLock<Hold>>,
}

impl Caller {
    pub(super) fn new(principal: Principal) -> Self {
        Self {
            principal,
            refused: Arc::default(),
            held: Arc::default(),
        }
    }
}

tokio::task_local! {
    pub(super) static CALLER: Caller;
}

/// Why a session could not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// As many as may be are open.
    #[error("too many sessions")]
    TooMany,
    /// Not a session of this caller.
    #[error("no such session")]
    NotFound,
    /// rmcp failed.
    #[error(transparent)]
    Local(#[from] LocalSessionManagerError),
}

/// Keeps a session as it is until dropped.
struct Hold {
    table: Arc<Mutex<Table>>,
    id: SessionId,
}

impl Drop for Hold {
    fn drop(&mut self) {
        lock(&self.table).release(&self.id);
    }
}

/// All open sessions.
pub(super) struct Sessions {
    local: LocalSessionManager,
    table: Arc<Mutex<Table>>,
    /// Held while workers are taken away or given back, so that one session never has two.
    moving: tokio::sync::Mutex<()>,
    places: Arc<Semaphore>,
    max: usize,
    /// As many as a tenant may keep while others want some.
    share: usize,
    idle: Duration,
    /// Where other processes find them.
    shared: Option<SharedSessions>,
}

impl Sessions {
    /// Makes room for sessions, each ending after some silence.
    pub(super) fn new(config: &Config, shared: Option<SharedSessions>) -> Self {
        let mut local = LocalSessionManager::default();
        // rmcp would also end a session whose call takes long: silence is counted here.
        local.session_config.keep_alive = None;
        let max = config.sessions_max.min(Semaphore::MAX_PERMITS);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a bounded number"
        )]
        let share = (max as f64 * config.sessions_tenant_share.clamp(0.0, 1.0)).ceil() as usize;
        Self {
            local,
            table: Arc::new(Mutex::new(Table::new(config.operations.clone()))),
            moving: tokio::sync::Mutex::default(),
            places: Arc::new(Semaphore::new(max)),
            max,
            share,
            idle: config.session_idle,
            shared,
        }
    }

    /// The bound.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Sessions open right now.
    pub(super) fn open(&self) -> usize {
        self.table().len()
    }

    /// Whether the session is the caller's. Outside a request it is the server itself that asks.
    pub(super) fn is_callers(&self, id: &SessionId) -> bool {
        let table = self.table();
        let Some(owner) = table.owner(id) else {
            return false;
        };
        CALLER
            .try_with(|caller| caller.principal.identity() == owner)
            .unwrap_or(true)
    }

    /// Whether the session is open, and has to be woken before it can serve.
    pub(super) fn is_asleep(&self, id: &SessionId) -> bool {
        let table = self.table();
        table.owner(id).is_some() && !table.is_awake(id)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    /// Holds the session for as long as the request at hand is being served.
    fn hold_for_request(&self, id: &SessionId) {
        if let Some(hold) = self.hold(id) {
            // Held by this request already, or asked about outside a request: then this hold ends here.
            let _ = CALLER.try_with(|caller| caller.held.set(hold));
        }
    }

    fn hold(&self, id: &SessionId) -> Option<Hold> {
        self.table().hold(id).then(|| Hold {
            table: Arc::clone(&self.table),
            id: id.clone(),
        })
    }

    /// Takes over for the request at hand the hold that a session was added with.
    fn hold_added(&self, id: &SessionId) {
        let adding = Hold {
            table: Arc::clone(&self.table),
            id: id.clone(),
        };
        let _ = CALLER.try_with(|caller| caller.held.set(adding));
    }

    /// Finds a place for a session, if need be that of somebody who has more than a share.
    async fn place(&self, tenant: &str) -> Result<OwnedSemaphorePermit, SessionError> {
        loop {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                return Ok(place);
            }
            let Some(id) = self.table().to_make_way(tenant, self.share) else {
                // Without a request nobody waits for the flag.
                let _ = CALLER.try_with(|caller| caller.refused.store(true, Ordering::Relaxed));
                return Err(SessionError::TooMany);
            };
            let _moving = self.moving.lock().await;
            let _ = self.end(&id).await;
        }
    }

    /// Takes a session away, and its worker: one that is asleep may be waking.
    async fn end(&self, id: &SessionId) -> Result<(), SessionError> {
        self.table().remove(id);
        Ok(self.local.close_session(id).await?)
    }

    /// Holds the session until the stream is dropped.
    fn held<S>(
        &self,
        id: &SessionId,
        stream: S,
    ) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static + use<S>
    where
        S: Stream<Item = ServerSseMessage> + Send + Sync + 'static,
    {
        let hold = self.hold(id);
        stream.inspect(move |_| _ = &hold)
    }

    /// Puts to sleep, or ends, what has been idle for longest.
    async fn settle(&self) {
        if !self.table().is_unsettled(AWAKE, self.idle) {
            return;
        }
        let _moving = self.moving.lock().await;
        let unwanted = self.table().settle(AWAKE, self.idle);
        for id in unwanted {
            // A worker that has ended by itself is as good as one that was told to.
            let _ = self.local.close_session(&id).await;
        }
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    // A panic elsewhere leaves the table whole: nothing in it can panic between two updates.
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a session is woken with, as JSON: without what a client added beyond measure.
fn introduction(params: &InitializeRequestParams) -> Result<Box<str>, serde_json::Error> {
    let whole = serde_json::to_string(params)?;
    if whole.len() <= INTRODUCTION_LIMIT {
        return Ok(whole.into());
    }
    let mut short = InitializeRequestParams::default();
    short.protocol_version = params.protocol_version.clone();
    Ok(serde_json::to_string(&short)?.into())
}

impl SessionManager for Sessions {
    type Error = SessionError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), SessionError> {
        self.settle().await;
        let owner = CALLER
            .try_with(|caller| Arc::clone(caller.principal.identity()))
            .map_err(|_| SessionError::NotFound)?;
        let place = self.place(owner.tenant()).await?;
        let (id, transport) = self.local.create_session().await?;
        self.table().add(id.clone(), owner, None, place);
        self.hold_added(&id);
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, SessionError> {
        Ok(self.local.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, SessionError> {
        self.settle().await;
        if !self.is_callers(id) {
            return Ok(false);
        }
        self.hold_for_request(id);
        Ok(self.table().is_awake(id) && self.local.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        let in_request = CALLER.try_with(|_| ()).is_ok();
        // rmcp does not ask `has_session` first when a client closes a session; outside a request it tells that the
        // session's worker has ended, which may be one that was put to sleep.
        let closes = if in_request {
            self.is_callers(id)
        } else {
            self.table().worker_ended(id)
        };
        if closes {
            if in_request {
                self.close_elsewhere(id).await;
            }
            self.end(id).await?;
        }
        Ok(())
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.held(id, self.local.create_stream(id, message).await?))
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), SessionError> {
        self.local.accept_message(id, message).await?;
        // What wakes a session ends with the notification that it is initialized.
        self.table().wake(id);
        Ok(())
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.held(id, self.local.create_standalone_stream(id).await?))
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.held(id, self.local.resume(id, last_event_id).await?))
    }

    async fn restore_session(&self, id: SessionId) -> Result<RestoreOutcome<Self::Transport>, SessionError> {
        let _moving = self.moving.lock().await;
        // It is asleep until its introduction was said to it anew: rmcp lets others wait for that.
        Ok(self.local.restore_session(id).await?)
    }
}

/// What rmcp takes for another machine's memory is where sleeping sessions are.
pub(super) struct Sleepers(pub(super) Arc<Sessions>);

#[async_trait::async_trait]
impl SessionStore for Sleepers {
    async fn load(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let id = SessionId::from(id);
        if !self.0.is_callers(&id) {
            return Ok(None);
        }
        let Some(introduction) = self.0.table().introduction(&id).map(Box::<str>::from) else {
            return Ok(None);
        };
        Ok(Some(SessionState::new(serde_json::from_str(&introduction)?)))
    }

    async fn store(&self, id: &str, state: &SessionState) -> Result<(), SessionStoreError> {
        let introduction = introduction(&state.initialize_params)?;
        let id = SessionId::from(id);
        self.0.table().introduce(&id, introduction.clone());
        self.0.tell_others(&id, &introduction).await;
        Ok(())
    }

    /// Closing it has done this already.
    async fn delete(&self, _id: &str) -> Result<(), SessionStoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
