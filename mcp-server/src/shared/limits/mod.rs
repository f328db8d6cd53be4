//! Limits and budgets that all processes keep together: counted in Redis, one script for each step.
//!
//! A call asks once, before it starts; its end is told by a task, so that no answer waits for it. What was told and not
//! confirmed is told again under the same number, and settled once. While Redis is lost each process keeps to its part
//! (`tenancy::quota::Share`), and tells what was spent when Redis is back. A call whose process died is given up after
//! `scripts::LEASE`.

mod books;
mod keeping;
mod page;
mod scripts;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::connection::Connection;
use super::link::Link;
use super::{Config, Shared};
use crate::tenancy::quota::{
    Alert, Amount, Limit, Limits, Moment, Money, Refused, Reservation, SharedState, Sharing,
};
use books::Books;

/// Whoever calls again as soon as it has its answer may be faster than the word that its place is free: that is waited for,
/// before calls at once are too many.
const LET_END: [Duration; 3] = [
    Duration::from_millis(10),
    Duration::from_millis(50),
    Duration::from_millis(150),
];

/// Hears that a share of a tenant's budget is spent.
pub(crate) type Tell = Box<dyn Fn(&str, Alert) + Send + Sync>;

/// Limits and budgets that all processes keep together, and the task that tells what is to be told.
pub(crate) struct SharedLimits {
    counted: Arc<Counted>,
    keeping: AbortOnDropHandle<()>,
    end: CancellationToken,
    /// Looks for Redis as long as somebody counts there.
    _shared: Shared,
}

/// How many processes count there now, and whether it throws away keys that limits need. Tries that scripts are allowed.
pub(super) async fn probe(config: &Config, connection: &mut Connection) -> Result<(u64, bool), String> {
    let asking = async {
        let servers = scripts::count(&config.prefix, connection).await?;
        let memory = redis::cmd("INFO")
            .arg("memory")
            .query_async::<String>(connection)
            .await;
        Ok::<_, redis::RedisError>((servers, memory))
    };
    let asked = tokio::time::timeout(config.timeout, asking).await;
    let (servers, memory) = asked
        .map_err(|_| format!("no answer within {:?}", config.timeout))?
        .map_err(|error| error.to_string())?;
    // Not every service, and no cluster, says so in one word; what is not known is no warning.
    let policy = memory.unwrap_or_default();
    let policy = policy
        .lines()
        .find_map(|line| line.strip_prefix("maxmemory_policy:"));
    Ok((
        servers,
        policy.is_some_and(|policy| policy.trim() != "noeviction"),
    ))
}

/// What is counted in Redis, as this process sees it.
struct Counted {
    link: Arc<Link>,
    /// This process among the others.
    process: String,
    books: Mutex<Books>,
    /// How many processes share the limits, as heard last.
    servers: AtomicU64,
    /// Something is to be told.
    wake: Notify,
    tell: Tell,
    /// Tests make time pass; otherwise the clock of Redis counts, which all agree on.
    given_now: Option<Arc<AtomicI64>>,
}

impl SharedLimits {
    pub(super) fn start(shared: Shared, tell: Tell) -> Self {
        let counted = Arc::new(Counted::new(Arc::clone(&shared.link), tell));
        let end = CancellationToken::new();
        let keeping = tokio::spawn(keeping::keep(Arc::clone(&counted), end.clone()));
        Self {
            counted,
            keeping: AbortOnDropHandle::new(keeping),
            end,
            _shared: shared,
        }
    }

    /// For whoever keeps accounts.
    pub(crate) fn state(&self) -> Arc<dyn SharedState> {
        Arc::clone(&self.counted) as _
    }

    /// Tells what is still to be told, takes leave of the others, and ends. Bounded in time.
    pub(crate) async fn finish(self) {
        self.end.cancel();
        // A task that failed has nothing left to say.
        let _ = self.keeping.await;
    }
}

impl Counted {
    fn new(link: Arc<Link>, tell: Tell) -> Self {
        let mut process = uuid::Uuid::new_v4().simple().to_string();
        process.truncate(16);
        Self {
            books: Mutex::new(Books::new(process.clone())),
            servers: AtomicU64::new(link.assumed_servers()),
            link,
            process,
            wake: Notify::new(),
            tell,
            given_now: None,
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn servers(&self) -> u64 {
        self.servers.load(Ordering::Relaxed).max(1)
    }

    fn given_now(&self) -> Option<i64> {
        let given = self.given_now.as_ref();
        given.map(|now| now.load(Ordering::Relaxed))
    }

    fn now(&self) -> Moment {
        self.given_now().map_or_else(Moment::now, |ms| Moment { ms })
    }

    fn tenant(&self, name: &str, limits: &Limits, known: scripts::Known) -> scripts::Tenant {
        scripts::Tenant {
            keys: self.keys(name),
            process: self.process.clone(),
            now_ms: self.given_now(),
            limits: *limits,
            known,
        }
    }

    /// Asks Redis; nothing where it is lost.
    async fn ask(
        &self,
        tenant: &str,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Option<Result<Reservation, Box<Refused>>> {
        if !self.link.is_there() {
            return None;
        }
        let (number, known) = self.books().begin(tenant);
        let mut asked = Asked {
            counted: self,
            tenant,
            limits,
            number,
            ask,
            now,
            is_answered: false,
        };
        let call = self.books().name_of(number, ask);
        let question = self.tenant(tenant, limits, known);
        let answer = scripts::reserve(&self.link, &question, ask, &call).await.ok()?;
        asked.is_answered = true;
        let mut books = self.books();
        Some(books.decided(tenant, limits, (number, ask), &answer, self.now()))
    }

    fn keys(&self, tenant: &str) -> String {
        format!("{{{}:{tenant}}}", self.link.prefix())
    }
}

/// A call that Redis was asked about. Dropped without an answer, as when its caller goes away, it is given back.
struct Asked<'a> {
    counted: &'a Counted,
    tenant: &'a str,
    limits: &'a Limits,
    number: u64,
    ask: Amount,
    now: Moment,
    is_answered: bool,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let mut books = self.counted.books();
            books.forget_call(self.tenant, self.limits, self.number, self.ask, self.now);
            drop(books);
            self.counted.wake.notify_one();
        }
    }
}

#[async_trait::async_trait]
impl SharedState for Counted {
    async fn reserve(
        &self,
        tenant: &str,
        limits: &Limits,
        ask: Amount,
        now: Moment,
    ) -> Result<Reservation, Box<Refused>> {
        let mut pauses = LET_END.iter();
        loop {
            let Some(decided) = self.ask(tenant, limits, ask, now).await else {
                let servers = self.servers();
                let mut books = self.books();
                return books.decide_alone(tenant, limits, ask, servers, self.now());
            };
            match decided {
                Err(refused)
                    if refused.exceeded.limit == Limit::ConcurrentCalls && self.given_now.is_none() =>
                {
                    let Some(pause) = pauses.next() else {
                        return Err(refused);
                    };
                    tokio::time::sleep(*pause).await;
                }
                decided => return decided,
            }
        }
    }

    async fn settle(
        &self,
        tenant: &str,
        limits: &Limits,
        reserved: Reservation,
        used: Amount,
        now: Moment,
    ) -> Vec<Alert> {
        let alone_among = (!self.link.is_there()).then(|| self.servers());
        let alerts = self
            .books()
            .settle(tenant, limits, (reserved, used), alone_among, now);
        self.wake.notify_one();
        alerts
    }

    async fn add_spent(&self, tenant: &str, today: Money, this_month: Money, now: Moment) {
        self.books().spent_at_least(tenant, today, this_month, now);
    }

    async fn spent(&self, tenant: &str, now: Moment) -> (Money, Money) {
        self.books().spent(tenant, now)
    }

    fn sharing(&self) -> Sharing {
        let (servers, unsettled) = (self.servers(), self.books().count_unsettled());
        if self.link.is_there() {
            Sharing::Shared { servers, unsettled }
        } else {
            Sharing::Apart { servers, unsettled }
        }
    }
}
