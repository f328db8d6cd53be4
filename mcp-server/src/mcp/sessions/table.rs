//! Which sessions are open, whose they are, and which of them are awake.
//!
//! A session is *held* while a request or a stream of it is under way, else *dozing* (rmcp keeps a worker for it) or
//! *asleep* (only its introduction is kept). Those that were used last doze, the others sleep.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::transport::streamable_http_server::session::SessionId;
use tokio::sync::OwnedSemaphorePermit;

use crate::telemetry::Operations;
use crate::tenancy::Identity;

/// When a session was used last. The number tells those of one moment apart.
type Turn = (Instant, u64);

/// All open sessions.
#[derive(Debug, Default)]
pub(super) struct Table {
    sessions: HashMap<SessionId, Session>,
    dozing: BTreeMap<Turn, SessionId>,
    asleep: BTreeMap<Turn, SessionId>,
    turns: u64,
    /// How many sessions each tenant has.
    tenants: HashMap<Arc<str>, usize>,
    /// Where sessions are counted.
    operations: Operations,
}

#[derive(Debug)]
struct Session {
    /// Who opened it: nobody else may use it, whatever credential they come with.
    owner: Arc<Identity>,
    /// What `initialize` said, as JSON: it is woken with that. None before the handshake is through.
    introduction: Option<Box<str>>,
    /// Requests and streams under way.
    holds: u32,
    awake: bool,
    opened: Instant,
    turn: Turn,
    /// Workers put to sleep whose end rmcp has not told of yet.
    ends_owed: u32,
    _place: OwnedSemaphorePermit,
}

impl Table {
    /// Makes an empty table, which tells how long sessions were open.
    pub(super) fn new(operations: Operations) -> Self {
        Self {
            operations,
            ..Self::default()
        }
    }

    /// Adds a session that is held by the request that opens it, and awake; or by the request that another process's
    /// session is taken over for, with its introduction, and asleep.
    pub(super) fn add(
        &mut self,
        id: SessionId,
        owner: Arc<Identity>,
        introduction: Option<Box<str>>,
        place: OwnedSemaphorePermit,
    ) {
        *self.tenants.entry(owner.tenant_key()).or_default() += 1;
        let session = Session {
            owner,
            holds: 1,
            awake: introduction.is_none(),
            introduction,
            opened: Instant::now(),
            turn: self.next_turn(),
            ends_owed: 0,
            _place: place,
        };
        self.sessions.insert(id, session);
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Sessions that rmcp keeps a worker for.
    #[cfg(test)]
    pub(super) fn awake(&self) -> usize {
        self.sessions.values().filter(|session| session.awake).count()
    }

    pub(super) fn owner(&self, id: &SessionId) -> Option<&Arc<Identity>> {
        Some(&self.sessions.get(id)?.owner)
    }

    pub(super) fn is_awake(&self, id: &SessionId) -> bool {
        self.sessions.get(id).is_some_and(|session| session.awake)
    }

    pub(super) fn introduction(&self, id: &SessionId) -> Option<&str> {
        self.sessions.get(id)?.introduction.as_deref()
    }

    /// Keeps what it takes to wake a session.
    pub(super) fn introduce(&mut self, id: &SessionId, introduction: Box<str>) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.introduction = Some(introduction);
        }
    }

    /// Keeps a session as it is until [`Table::release`]; says whether there is one.
    pub(super) fn hold(&mut self, id: &SessionId) -> bool {
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        session.holds += 1;
        self.dozing.remove(&session.turn);
        self.asleep.remove(&session.turn);
        true
    }

    pub(super) fn release(&mut self, id: &SessionId) {
        let turn = self.next_turn();
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.holds -= 1;
        if session.holds == 0 {
            session.turn = turn;
            let idle = if session.awake {
                &mut self.dozing
            } else {
                &mut self.asleep
            };
            idle.insert(turn, id.clone());
        }
    }

    /// A held session has a worker again.
    pub(super) fn wake(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.awake = true;
        }
    }

    /// Takes a session away; says whether it was awake.
    pub(super) fn remove(&mut self, id: &SessionId) -> bool {
        let Some(session) = self.sessions.remove(id) else {
            return false;
        };
        self.dozing.remove(&session.turn);
        self.asleep.remove(&session.turn);
        let tenant = session.owner.tenant_key();
        if let Some(count) = self.tenants.get_mut(&tenant) {
            *count -= 1;
            if *count == 0 {
                self.tenants.remove(&tenant);
            }
        }
        self.operations.session_ended(session.opened.elapsed());
        session.awake
    }

    /// The session to end so that `tenant` may open one, when all places are taken: the longest silent one of whoever
    /// has most of them. `None` where nobody but `tenant` has more than `share`, or all that they have are in use.
    pub(super) fn to_make_way(&self, tenant: &str, share: usize) -> Option<SessionId> {
        let has = self.tenants.get(tenant).copied().unwrap_or(0);
        let (greediest, most) = self.tenants.iter().max_by_key(|(_, count)| **count)?;
        if has >= share || *most <= share || **greediest == *tenant {
            return None;
        }
        let theirs = |id: &&SessionId| self.owner(id).is_some_and(|owner| owner.tenant() == &**greediest);
        let mut silent = self.asleep.values().chain(self.dozing.values());
        silent.find(theirs).cloned()
    }

    /// A worker has ended; says whether its session ends with it.
    pub(super) fn worker_ended(&mut self, id: &SessionId) -> bool {
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        if session.ends_owed == 0 {
            return true;
        }
        session.ends_owed -= 1;
        false
    }

    /// Whether [`Table::settle`] would do anything.
    pub(super) fn is_unsettled(&self, awake: usize, idle: Duration) -> bool {
        let expired = |sessions: &BTreeMap<Turn, SessionId>| {
            sessions
                .first_key_value()
                .is_some_and(|(turn, _)| turn.0.elapsed() >= idle)
        };
        self.dozing.len() > awake || expired(&self.dozing) || expired(&self.asleep)
    }

    /// Ends what was idle for too long, and puts to sleep all but `awake` of what dozes. Gives the sessions whose
    /// workers are no longer wanted.
    pub(super) fn settle(&mut self, awake: usize, idle: Duration) -> Vec<SessionId> {
        while let Some(id) = oldest(&self.asleep, |turn| turn.0.elapsed() >= idle) {
            self.remove(&id);
        }
        let mut unwanted = Vec::new();
        while let Some(id) = oldest(&self.dozing, |turn| turn.0.elapsed() >= idle) {
            self.remove(&id);
            unwanted.push(id);
        }
        while let Some(id) = oldest(&self.dozing, |_| self.dozing.len() > awake) {
            self.put_to_sleep(&id);
            unwanted.push(id);
        }
        unwanted
    }

    /// One whose handshake never came to an end cannot be woken: it is given up.
    fn put_to_sleep(&mut self, id: &SessionId) {
        match self.sessions.get_mut(id) {
            Some(session) if session.introduction.is_some() => {
                session.awake = false;
                session.ends_owed += 1;
                self.dozing.remove(&session.turn);
                self.asleep.insert(session.turn, id.clone());
            }
            _ => {
                self.remove(id);
            }
        }
    }

    fn next_turn(&mut self) -> Turn {
        self.turns += 1;
        (Instant::now(), self.turns)
    }
}

fn oldest(sessions: &BTreeMap<Turn, SessionId>, leaves: impl Fn(&Turn) -> bool) -> Option<SessionId> {
    let (turn, id) = sessions.first_key_value()?;
    leaves(turn).then(|| id.clone())
}

#[cfg(test)]
mod tests;
