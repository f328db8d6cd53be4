//! The database that records end up in: SQLite on this machine, or PostgreSQL. One set of statements for both.

mod erasure;
mod login;
mod queries;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::{AnyArguments, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tokio::time::timeout;

use super::Record;
use crate::config::Secret;

pub use erasure::{Erased, Known};
pub use login::Login;
pub use queries::{Group, Period, Row, Used};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Login),
}

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached, or not now.
    #[error("the database cannot be used: {0}")]
    Away(#[source] sqlx::Error),
    /// It will never take these records.
    #[error("the database refuses the records: {0}")]
    Refused(#[source] sqlx::Error),
    /// The file with its URL is of no use.
    #[error("{} {reason}; write postgres://user:password@host/name into it", .file.display())]
    Url {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file with a part of the login is of no use.
    #[error("{} {reason}; it has to hold the {what} of a role of PostgreSQL, in one line", .file.display())]
    Login {
        /// The file.
        file: PathBuf,
        /// The part.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Its tables are missing or old.
    #[error("the database has no tables of this version; run `mcp-server store migrate` as their owner")]
    NotMigrated,
    /// Its tables cannot be made.
    #[error("the tables of the database cannot be made: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The role may read the rows of one tenant at a time.
    #[error(
        "this role of the database reads the rows of one tenant at a time; name it with --tenant, or give the owner's URL"
    )]
    OneTenantOnly,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Class 22 and 23 of SQLSTATE: the data itself is at fault, and will be tomorrow.
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        match code {
            Some(code) if code.len() == 5 && (code.starts_with("22") || code.starts_with("23")) => {
                Self::Refused(error)
            }
            _ => Self::Away(error),
        }
    }
}

/// Longest wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Rows of one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766.
const ROWS: usize = 200;

/// An open database.
#[derive(Debug, Clone)]
pub struct Database {
    pool: AnyPool,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Database {
    /// Opens it. The file of SQLite is made if it is not there; PostgreSQL has to have its tables.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn open(location: &Location) -> Result<Self, Error> {
        let database = Self::connect(location).await?;
        match database.kind {
            Kind::Sqlite => schema::migrate(&database.pool, Kind::Sqlite).await?,
            Kind::Postgres => schema::check(&database.pool).await?,
        }
        Ok(database)
    }

    /// Makes or changes the tables. For PostgreSQL, the URL is that of a role which may.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn migrate(location: &Location) -> Result<(), Error> {
        let database = Self::connect(location).await?;
        schema::migrate(&database.pool, database.kind).await
    }

    async fn connect(location: &Location) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let (kind, url) = match location {
            Location::Sqlite(path) => (Kind::Sqlite, sqlite_url(path)?),
            Location::Postgres(login) => (Kind::Postgres, login.url()?),
        };
        if kind == Kind::Postgres {
            // A pool would go on trying, and then say only that it took too long.
            let probe = timeout(CONNECT_LIMIT, AnyConnection::connect(url.expose())).await;
            let probe = probe.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
            probe.close().await?;
        }
        let pool = AnyPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(CONNECT_LIMIT)
            .after_connect(move |connection, _| Box::pin(prepare(connection, kind)))
            .connect(url.expose())
            .await?;
        Ok(Self { pool, kind })
    }

    /// Adds records, all or none of them. One that is there already is left as it is.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn append(&self, records: &[Record]) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        for records in records.chunks(ROWS) {
            insert(
                &mut transaction,
                self.kind,
                "mcp_audit",
                AUDIT,
                records,
                bind_audit,
            )
            .await?;
            let asked: Vec<_> = records
                .iter()
                .filter(|record| record.usage.is_some())
                .cloned()
                .collect();
            insert(
                &mut transaction,
                self.kind,
                "mcp_ledger",
                LEDGER,
                &asked,
                bind_ledger,
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Lets go of all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The URL of a file, whatever its name is made of.
fn sqlite_url(path: &Path) -> Result<Secret, Error> {
    let url = std::path::absolute(path)
        .ok()
        .and_then(|path| url::Url::from_file_path(path).ok())
        .ok_or_else(|| Error::Away(sqlx::Error::Configuration("the path has no name".into())))?;
    let path = url.path();
    Ok(Secret::new(format!("sqlite://{path}?mode=rwc")))
}

/// What holds for each connection.
async fn prepare(connection: &mut AnyConnection, kind: Kind) -> Result<(), sqlx::Error> {
    let statements = match kind {
        // Readers and the writer do not wait for each other, and a commit is on disk: the journal forgets what it held.
        Kind::Sqlite => "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000",
        Kind::Postgres => "SET statement_timeout = '30s'",
    };
    connection.execute(statements).await.map(drop)
}

const AUDIT: &[&str] = &[
    "id",
    "at_ms",
    "tenant",
    "principal",
    "proof",
    "client",
    "tool",
    "arguments_sha256",
    "decision",
    "trace_id",
];
const LEDGER: &[&str] = &[
    "id",
    "at_ms",
    "tenant",
    "principal",
    "tool",
    "backend",
    "model",
    "input_tokens",
    "output_tokens",
    "cost_nanos",
    "currency",
    "outcome",
    "code",
    "degraded",
    "duration_ms",
    "trace_id",
];

type Statement = sqlx::query::Query<'static, Any, AnyArguments>;

async fn insert(
    connection: &mut AnyConnection,
    kind: Kind,
    table: &str,
    columns: &[&str],
    records: &[Record],
    bind: fn(Statement, &Record) -> Statement,
) -> Result<(), sqlx::Error> {
    if records.is_empty() {
        return Ok(());
    }
    let places = |row: usize| {
        let places = (1..=columns.len()).map(|column| match kind {
            // SQLite looks for the name of each place among the names of all: places without one are found at once.
            Kind::Sqlite => "?".to_owned(),
            Kind::Postgres => format!("${}", row * columns.len() + column),
        });
        format!("({})", places.collect::<Vec<_>>().join(","))
    };
    let rows = (0..records.len()).map(places).collect::<Vec<_>>().join(",");
    // No target is named, so that the role needs no right to read.
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES {rows} ON CONFLICT DO NOTHING",
        columns.join(",")
    );
    // Made of names and numbers of ours.
    let statement = records
        .iter()
        .fold(sqlx::query(AssertSqlSafe(sql)), bind)
        .persistent(false);
    statement.execute(connection).await.map(drop)
}

fn bind_audit(statement: Statement, record: &Record) -> Statement {
    statement
        .bind(record.id.clone())
        .bind(record.at_ms)
        .bind(record.tenant.clone())
        .bind(record.principal.clone())
        .bind(record.proof.clone().into_owned())
        .bind(record.client.clone())
        .bind(record.tool.clone().into_owned())
        .bind(record.arguments_sha256.clone())
        .bind(record.decision.clone().into_owned())
        .bind(record.trace_id.clone())
}

fn bind_ledger(statement: Statement, record: &Record) -> Statement {
    let Some(usage) = &record.usage else {
        unreachable!("records without usage are left out")
    };
    statement
        .bind(record.id.clone())
        .bind(record.at_ms)
        .bind(record.tenant.clone())
        .bind(record.principal.clone())
        .bind(record.tool.clone().into_owned())
        .bind(usage.backend.clone())
        .bind(usage.model.clone())
        .bind(i64::from(usage.input_tokens))
        .bind(i64::from(usage.output_tokens))
        .bind(usage.cost_nanos)
        .bind(usage.currency.clone())
        .bind(usage.outcome.clone().into_owned())
        .bind(usage.code.clone().map(std::borrow::Cow::into_owned))
        .bind(i64::from(usage.degraded))
        .bind(i64::try_from(usage.duration_ms).unwrap_or(i64::MAX))
        .bind(record.trace_id.clone())
}
