//! To forget: one caller of a tenant, or a whole tenant. What calls took stays, as long as the books need it.

use ring::digest::{SHA256, digest};
use serde::Serialize;
use sqlx::{AnyConnection, Executor};

use super::queries::date;
use super::{Database, Error, Kind};
use crate::store::record::hex;
use crate::tenancy::quota::Moment;

/// The receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Of this receipt; the database keeps a copy of it.
    pub id: String,
    /// When.
    pub at: String,
    /// Whose calls.
    pub tenant: String,
    /// SHA-256 of whose name it was; none where it was everybody of the tenant.
    pub subject_sha256: Option<String>,
    /// What stands in its place.
    pub pseudonym: String,
    /// Rows of the ledger that were changed.
    pub ledger_rows: u64,
    /// Rows of the ledger that were deleted: they were older than the books need.
    pub ledger_rows_deleted: u64,
    /// Rows of the audit trail that were changed.
    pub audit_rows: u64,
}

/// What there is of a tenant that could be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Known {
    /// Rows of the ledger with somebody's name.
    pub ledger_rows: i64,
    /// Rows of the audit trail with somebody's name.
    pub audit_rows: i64,
    /// Rows of the ledger that are older than the books need.
    pub ledger_rows_old: i64,
}

/// Whoever was forgotten before has no name that could be forgotten.
const NAMED: &str = "tenant = $1 AND principal NOT IN (SELECT pseudonym FROM mcp_erasures WHERE tenant = $1)";

impl Database {
    /// Puts a pseudonym in the place of a principal's name, everywhere, and keeps a receipt. What calls took stays.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn erase(&self, tenant: &str, subject: &str) -> Result<Erased, Error> {
        let mut erased = begin(tenant);
        erased.subject_sha256 = Some(hex(digest(&SHA256, subject.as_bytes()).as_ref()));
        let mut transaction = self.begin_erasure().await?;
        let mut changed = [0, 0];
        let statements = [
            "UPDATE mcp_ledger SET principal = $1 WHERE tenant = $2 AND principal = $3",
            "UPDATE mcp_audit SET principal = $1, client = NULL WHERE tenant = $2 AND principal = $3",
        ];
        for (changed, sql) in changed.iter_mut().zip(statements) {
            let query = sqlx::query(sql)
                .bind(erased.pseudonym.clone())
                .bind(tenant.to_owned())
                .bind(subject.to_owned());
            *changed = query.execute(&mut *transaction).await?.rows_affected();
        }
        [erased.ledger_rows, erased.audit_rows] = changed;
        keep(&mut transaction, &erased).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    /// Says what [`Database::erase_tenant`] would change.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn known_of(&self, tenant: &str, books_from_ms: Option<i64>) -> Result<Known, Error> {
        let count = async |sql: String, from_ms: Option<i64>| {
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(tenant.to_owned());
            let query = match from_ms {
                Some(ms) => query.bind(ms),
                None => query,
            };
            query.fetch_one(&self.pool).await
        };
        let named = |table: &str| format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} WHERE {NAMED}");
        let old = "SELECT CAST(COUNT(*) AS BIGINT) FROM mcp_ledger WHERE tenant = $1 AND at_ms < $2";
        Ok(Known {
            ledger_rows: count(named("mcp_ledger"), None).await?,
            audit_rows: count(named("mcp_audit"), None).await?,
            ledger_rows_old: match books_from_ms {
                Some(ms) => count(old.to_owned(), Some(ms)).await?,
                None => 0,
            },
        })
    }

    /// Forgets everybody of a tenant: one pseudonym takes the place of all names, clients and traces. Rows of the ledger
    /// before `books_from_ms` are deleted; the others keep what they took. The audit trail loses no row.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn erase_tenant(&self, tenant: &str, books_from_ms: Option<i64>) -> Result<Erased, Error> {
        let mut erased = begin(tenant);
        let mut transaction = self.begin_erasure().await?;
        if let Some(ms) = books_from_ms {
            let old = sqlx::query("DELETE FROM mcp_ledger WHERE tenant = $1 AND at_ms < $2")
                .bind(tenant.to_owned())
                .bind(ms);
            erased.ledger_rows_deleted = old.execute(&mut *transaction).await?.rows_affected();
        }
        let mut changed = [0, 0];
        let statements = [
            "UPDATE mcp_ledger SET principal = $2, trace_id = NULL WHERE ",
            "UPDATE mcp_audit SET principal = $2, client = NULL WHERE ",
        ];
        for (changed, sql) in changed.iter_mut().zip(statements) {
            // Made of texts of ours.
            let query = sqlx::query(sqlx::AssertSqlSafe(format!("{sql}{NAMED}")))
                .bind(tenant.to_owned())
                .bind(erased.pseudonym.clone());
            *changed = query.execute(&mut *transaction).await?.rows_affected();
        }
        [erased.ledger_rows, erased.audit_rows] = changed;
        keep(&mut transaction, &erased).await?;
        transaction.commit().await?;
        Ok(erased)
    }

    /// Begins what may take long: years of rows.
    async fn begin_erasure(&self) -> Result<sqlx::Transaction<'static, sqlx::Any>, Error> {
        let mut transaction = self.pool.begin().await?;
        if self.kind == Kind::Postgres {
            transaction.execute("SET LOCAL statement_timeout = 0").await?;
        }
        Ok(transaction)
    }
}

fn begin(tenant: &str) -> Erased {
    let id = uuid::Uuid::new_v4().simple().to_string();
    Erased {
        at: date(Moment::now().ms),
        tenant: tenant.to_owned(),
        subject_sha256: None,
        pseudonym: format!("erased-{}", &id[..16]),
        id,
        ledger_rows: 0,
        ledger_rows_deleted: 0,
        audit_rows: 0,
    }
}

async fn keep(connection: &mut AnyConnection, erased: &Erased) -> Result<(), sqlx::Error> {
    let count = |rows| i64::try_from(rows).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO mcp_erasures (id, at_ms, tenant, subject_sha256, pseudonym, ledger_rows, audit_rows) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(erased.id.clone())
    .bind(Moment::now().ms)
    .bind(erased.tenant.clone())
    .bind(erased.subject_sha256.clone())
    .bind(erased.pseudonym.clone())
    .bind(count(erased.ledger_rows + erased.ledger_rows_deleted))
    .bind(count(erased.audit_rows))
    .execute(connection)
    .await
    .map(drop)
}
