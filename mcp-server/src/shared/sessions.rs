//! Sessions of clients that `initialize`, so that any process can go on with one that another began.
//!
//! Kept is what `initialize` said and a digest of whose session it is, for as long as it may be silent. A session that
//! was closed leaves a note for as long: it must not come back from the memory of a process that has not heard.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use super::link::{Link, Lost};
use crate::tenancy::Identity;

/// Answers -1 to whoever it is not for, 0 once it is closed, else what `initialize` said.
static LOOK_UP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local kept = redis.call('HMGET', KEYS[1], 'owner', 'introduction')
         if kept[1] ~= ARGV[1] then return {-1, ''} end
         redis.call('PEXPIRE', KEYS[1], ARGV[2])
         if not kept[2] then return {0, ''} end
         return {1, kept[2]}",
    )
});

/// What is there already stays: somebody may have closed it.
static KEEP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
         redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'introduction', ARGV[3])
         redis.call('PEXPIRE', KEYS[1], ARGV[2])
         return 1",
    )
});

static CLOSE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('DEL', KEYS[1])
         redis.call('HSET', KEYS[1], 'owner', ARGV[1])
         redis.call('PEXPIRE', KEYS[1], ARGV[2])
         return 1",
    )
});

/// What is known of a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is open, and this is what `initialize` said.
    Open(String),
    /// It was closed.
    Closed,
    /// Not a session of this caller; or the memory of it was lost with Redis.
    Unknown,
}

/// Sessions that any process may go on with.
#[derive(Clone)]
pub(crate) struct SharedSessions {
    link: Arc<Link>,
    idle_ms: u64,
}

impl SharedSessions {
    pub(super) fn new(link: Arc<Link>, idle: Duration) -> Self {
        let idle_ms = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        Self { link, idle_ms }
    }

    /// Looks for a session of `owner`, who uses it now.
    pub(crate) async fn look_up(&self, id: &str, owner: &Identity) -> Result<Found, Lost> {
        let Some(key) = self.key(id) else {
            return Ok(Found::Unknown);
        };
        let mut script = LOOK_UP.key(key);
        script.arg(owner.digest()).arg(self.idle_ms);
        let (state, introduction): (i64, String) = self.link.run(&script).await?;
        Ok(match state {
            1 => Found::Open(introduction),
            0 => Found::Closed,
            _ => Found::Unknown,
        })
    }

    /// Lets others go on with a session.
    pub(crate) async fn keep(&self, id: &str, owner: &Identity, introduction: &str) {
        if let Some(key) = self.key(id) {
            let mut script = KEEP.key(key);
            script.arg(owner.digest()).arg(self.idle_ms).arg(introduction);
            // Lost: it stays this process's own, and `Link` has said so.
            let _: Result<i64, Lost> = self.link.run(&script).await;
        }
    }

    /// Lets nobody go on with a session.
    pub(crate) async fn close(&self, id: &str, owner: &Identity) {
        if let Some(key) = self.key(id) {
            let mut script = CLOSE.key(key);
            script.arg(owner.digest()).arg(self.idle_ms);
            let _: Result<i64, Lost> = self.link.run(&script).await;
        }
    }

    /// Only what we gave out is asked for.
    fn key(&self, id: &str) -> Option<String> {
        uuid::Uuid::try_parse(id).ok()?;
        Some(format!("{}:session:{id}", self.link.prefix()))
    }
}
