//! Sessions of clients that `initialize`: bounded in number, each its principal's own.
//!
//! rmcp's `LocalSessionManager` bounds neither and asks nobody who they are. This one lets it do the
//! work and guards the door. rmcp tells a session manager nothing about the request that a call is
//! made for, so [`CALLER`] carries that across.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::Stream;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError,
};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::tenancy::Principal;

/// The request that rmcp is serving at the moment.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    /// Set when a session was refused for want of room: rmcp's own answer does not tell.
    pub(super) refused: Arc<AtomicBool>,
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

/// An open session: whose it is, and its place among the bounded number.
struct Owned {
    principal: Principal,
    _place: OwnedSemaphorePermit,
}

/// All open sessions.
pub(super) struct Sessions {
    local: LocalSessionManager,
    owned: Mutex<HashMap<SessionId, Owned>>,
    places: Arc<Semaphore>,
    max: usize,
}

impl Sessions {
    /// Makes room for `max` sessions, each ending after `idle` of silence.
    pub(super) fn new(max: usize, idle: Duration) -> Self {
        let mut local = LocalSessionManager::default();
        local.session_config.keep_alive = Some(idle);
        let max = max.min(Semaphore::MAX_PERMITS);
        Self {
            local,
            owned: Mutex::default(),
            places: Arc::new(Semaphore::new(max)),
            max,
        }
    }

    /// The bound.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Sessions open right now.
    pub(super) fn open(&self) -> usize {
        self.owned().len()
    }

    fn owned(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Owned>> {
        // Every update is one insert or remove, so a panic elsewhere leaves the map whole.
        self.owned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the session is the caller's. Outside a request it is the server itself that asks.
    pub(super) fn is_callers(&self, id: &SessionId) -> bool {
        let owned = self.owned();
        let Some(session) = owned.get(id) else {
            return false;
        };
        CALLER
            .try_with(|caller| caller.principal == session.principal)
            .unwrap_or(true)
    }
}

impl SessionManager for Sessions {
    type Error = SessionError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), SessionError> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            // Without a request nobody waits for the flag.
            let _ = CALLER.try_with(|caller| caller.refused.store(true, Ordering::Relaxed));
            return Err(SessionError::TooMany);
        };
        let principal = CALLER
            .try_with(|caller| caller.principal.clone())
            .map_err(|_| SessionError::NotFound)?;
        let (id, transport) = self.local.create_session().await?;
        self.owned().insert(
            id.clone(),
            Owned {
                principal,
                _place: place,
            },
        );
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
        Ok(self.is_callers(id) && self.local.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        // rmcp does not ask `has_session` first when a client closes a session.
        if !self.is_callers(id) {
            return Ok(());
        }
        self.owned().remove(id);
        Ok(self.local.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.create_stream(id, message).await?)
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), SessionError> {
        Ok(self.local.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.local.resume(id, last_event_id).await?)
    }
}

#[cfg(test)]
mod tests;
