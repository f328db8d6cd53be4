//! Carries the journal into the database, in order, and goes on trying while the database is away.

use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike, NaiveTime, Utc};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::database::{Database, Error, Location};
use super::journal::{Journal, Segment};
use crate::accounts::Accounts;
use crate::tenancy::quota::Moment;

/// How often the journal is carried over: a quarter of the second in which a record has to be safe from a loss of power.
const EVERY: Duration = Duration::from_millis(250);
/// Waits between two tries to reach a database that is away.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(15);
/// While the database is away, a segment ends at this size.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;
/// Longest try to carry one segment over.
const CARRY_LIMIT: Duration = Duration::from_secs(30);
/// How long a start waits for the database.
const START_LIMIT: Duration = Duration::from_secs(5);
/// How long an end waits for it.
const END_LIMIT: Duration = Duration::from_secs(5);

/// The tasks that write. Ended in order by [`Writer::finish`].
#[derive(Debug)]
pub struct Writer {
    carrying: JoinHandle<()>,
    syncing: JoinHandle<()>,
    end: CancellationToken,
}

/// Whether the database was there at the start.
#[derive(Debug)]
pub enum Begun {
    /// It was: budgets go on from what was spent before.
    Ready,
    /// It was not: calls are kept in the journal until it is.
    Waiting(String),
}

struct Carrier {
    journal: Arc<Journal>,
    location: Location,
    accounts: Accounts,
    database: Option<Database>,
    is_seeded: bool,
    /// Whether its absence was told.
    is_away: bool,
    retry: Duration,
    retry_at: Instant,
}

impl Writer {
    /// Starts to carry the journal of `accounts` over, after a first try to reach the database.
    pub async fn begin(journal: Arc<Journal>, location: Location, accounts: Accounts) -> (Self, Begun) {
        let mut carrier = Carrier {
            journal,
            location,
            accounts,
            database: None,
            is_seeded: false,
            is_away: false,
            retry: RETRY,
            retry_at: Instant::now(),
        };
        let begun = match timeout(START_LIMIT, carrier.connect()).await {
            Ok(Ok(())) => Begun::Ready,
            Ok(Err(error)) => Begun::Waiting(error.to_string()),
            Err(_) => Begun::Waiting(format!("the database did not answer within {START_LIMIT:?}")),
        };
        carrier.is_away = matches!(begun, Begun::Waiting(_));
        let end = CancellationToken::new();
        // Apart from each other: a database that is slow to answer must not keep the disk from being asked.
        let syncing = tokio::spawn(keep_safe(Arc::clone(&carrier.journal), end.clone()));
        let carrying = tokio::spawn(carrier.run(end.clone()));
        let writer = Self {
            carrying,
            syncing,
            end,
        };
        (writer, begun)
    }

    /// Carries over what is left, if the database is there, and ends. What it cannot carry stays in the journal for the next start.
    pub async fn finish(self) {
        self.end.cancel();
        // A task that failed has nothing left to say.
        let _ = self.syncing.await;
        let _ = self.carrying.await;
    }
}

impl Carrier {
    async fn run(mut self, end: CancellationToken) {
        while !end.is_cancelled() {
            tokio::select! {
                () = sleep(EVERY) => {}
                () = end.cancelled() => break,
            }
            self.turn().await;
        }
        self.retry_at = Instant::now();
        if timeout(END_LIMIT, self.turn()).await.is_err() {
            tracing::warn!("the database is slow: calls stay in the journal until the next start");
        }
        if let Some(database) = self.database {
            let _ = timeout(END_LIMIT, database.close()).await;
        }
    }

    /// Carries over what there is, unless it was tried just now.
    async fn turn(&mut self) {
        let is_idle = self.journal.pending() == 0 && self.database.is_some();
        if is_idle || Instant::now() < self.retry_at {
            return;
        }
        if let Err(error) = self.carry().await {
            self.is_gone(&error);
        }
    }

    async fn carry(&mut self) -> Result<(), Error> {
        self.connect().await?;
        let journal = Arc::clone(&self.journal);
        let ended = blocking(move || journal.rotate().and_then(|()| journal.ended())).await;
        for segment in ended.unwrap_or_default() {
            self.append(&segment).await?;
            self.journal.carried(&segment);
        }
        self.is_back();
        Ok(())
    }

    /// Opens the database where it is not open, and first of all carries over what earlier processes left.
    async fn connect(&mut self) -> Result<(), Error> {
        if self.database.is_none() {
            self.database = Some(Database::open(&self.location).await?);
        }
        if self.is_seeded {
            return Ok(());
        }
        let journal = Arc::clone(&self.journal);
        let orphans = blocking(move || journal.orphans()).await.unwrap_or_default();
        for orphan in orphans.into_iter().map(Arc::new) {
            let left = Arc::clone(&orphan);
            for segment in blocking(move || left.segments()).await.unwrap_or_default() {
                self.append(&segment).await?;
            }
            blocking(move || orphan.finish()).await;
        }
        self.seed().await?;
        self.is_seeded = true;
        Ok(())
    }

    /// Tells budgets what was spent before this process began.
    async fn seed(&self) -> Result<(), Error> {
        let Some(database) = self
            .database
            .as_ref()
            .filter(|_| self.accounts.limits().has_budget())
        else {
            return Ok(());
        };
        let now = Utc::now();
        let today = now.date_naive();
        let first = today.with_day(1).unwrap_or(today);
        let [today, first] =
            [today, first].map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
        for (tenant, today, this_month) in database.spent(today, first).await? {
            let state = self.accounts.state();
            state.add_spent(&tenant, today, this_month, Moment::now()).await;
        }
        Ok(())
    }

    /// Carries one segment over and forgets it.
    async fn append(&self, segment: &Segment) -> Result<(), Error> {
        let Some(database) = &self.database else {
            return Ok(());
        };
        let records = match segment.read() {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "a part of the journal cannot be read and is put aside");
                if let Err(error) = segment.set_aside() {
                    tracing::error!(%error, "a part of the journal cannot be put aside");
                }
                return Ok(());
            }
        };
        let carried = timeout(CARRY_LIMIT, database.append(&records)).await;
        let told = match carried {
            Ok(Ok(())) => segment.remove().map(|()| None),
            Ok(Err(Error::Refused(error))) => segment.set_aside().map(|aside| Some((aside, error))),
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(Error::Away(sqlx::Error::PoolTimedOut)),
        };
        match told {
            Ok(None) => {}
            Ok(Some((aside, error))) => {
                tracing::error!(%error, segment = %aside.display(), "the database refuses a part of the journal, which was put aside");
            }
            Err(error) => tracing::error!(%error, "a part of the journal cannot be removed"),
        }
        Ok(())
    }

    fn is_gone(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(%error, "the ledger's database is away: calls are kept in the journal");
        }
        // Opened anew next time, with whatever its URL says by then.
        self.database = None;
        self.retry_at = Instant::now() + self.retry;
        self.retry = (self.retry * 2).min(RETRY_MAX);
    }

    fn is_back(&mut self) {
        if std::mem::replace(&mut self.is_away, false) {
            tracing::info!("the ledger's database is there again, and has all calls");
        }
        self.retry = RETRY;
    }
}

/// Makes the disk confirm what was written, and ends segments that have become long.
async fn keep_safe(journal: Arc<Journal>, end: CancellationToken) {
    loop {
        let is_last = tokio::select! {
            () = sleep(EVERY) => false,
            () = end.cancelled() => true,
        };
        let journal = Arc::clone(&journal);
        let is_long = journal.active_bytes() > SEGMENT_BYTES;
        blocking(move || if is_long { journal.rotate() } else { journal.sync() }).await;
        if is_last {
            return;
        }
    }
}

/// Asks the disk on a thread of its own; what goes wrong is logged.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Option<T> {
    match spawn_blocking(work).await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(error)) => {
            tracing::error!(%error, "the journal cannot be used");
            None
        }
        // The runtime is ending.
        Err(_) => None,
    }
}
