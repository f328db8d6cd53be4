//! What people ask of the database: sums and rows.

use std::fmt::Write;

use futures::TryStreamExt;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::{Database, Error, Kind};
use crate::tenancy::quota::Money;

/// From when, to when: milliseconds since 1970, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The beginning.
    pub from_ms: i64,
    /// The end.
    pub to_ms: i64,
}

/// What sums are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Group {
    /// Who pays.
    Tenant,
    /// Days, UTC.
    Day,
    /// Who called.
    Principal,
    /// The tool or endpoint.
    Tool,
    /// Who answered.
    Backend,
    /// The model that answered.
    Model,
    /// How calls ended.
    Outcome,
}

impl Group {
    /// Its column in what is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Day => "day",
            Self::Principal => "principal",
            Self::Tool => "tool",
            Self::Backend => "backend",
            Self::Model => "model",
            Self::Outcome => "outcome",
        }
    }

    fn sql(self) -> &'static str {
        match self {
            // The number of the day since 1970; written as a date by whoever prints it.
            Self::Day => "CAST(at_ms / 86400000 AS TEXT)",
            Self::Tenant => "tenant",
            Self::Principal => "principal",
            Self::Tool => "tool",
            Self::Backend => "COALESCE(backend, '')",
            Self::Model => "COALESCE(model, '')",
            Self::Outcome => "outcome",
        }
    }
}

/// What a group of calls took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// One value for each group asked for.
    pub groups: Vec<String>,
    /// ISO 4217 code; empty where nothing was answered.
    pub currency: String,
    /// Calls.
    pub calls: i64,
    /// Of those, calls that a weaker model answered.
    pub degraded: i64,
    /// Tokens of prompts.
    pub input_tokens: i64,
    /// Tokens of answers.
    pub output_tokens: i64,
    /// What they cost.
    pub cost: Money,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "the columns of the ledger, which the record documents"
)]
pub struct Row {
    pub id: String,
    pub at: String,
    pub tenant: String,
    pub principal: String,
    pub tool: String,
    pub backend: Option<String>,
    pub model: Option<String>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cost: String,
    pub currency: Option<String>,
    pub outcome: String,
    pub code: Option<String>,
    pub degraded: bool,
    pub duration_ms: i64,
    pub trace_id: Option<String>,
}

impl Database {
    /// Sums up what calls took.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn used(
        &self,
        tenant: Option<&str>,
        period: Period,
        groups: &[Group],
    ) -> Result<Vec<Used>, Error> {
        let mut columns = String::new();
        let mut numbers = String::new();
        for (index, group) in groups.iter().enumerate() {
            let _ = write!(columns, "{}, ", group.sql());
            let _ = write!(numbers, "{}, ", index + 1);
        }
        let sql = format!(
            "SELECT {columns}COALESCE(currency, ''), CAST(COUNT(*) AS BIGINT), CAST(SUM(degraded) AS BIGINT), \
             CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(output_tokens) AS BIGINT), CAST(SUM(cost_nanos) AS BIGINT) \
             FROM mcp_ledger WHERE {WHERE} GROUP BY {numbers}{last} ORDER BY {numbers}{last}",
            last = groups.len() + 1
        );
        let mut reading = self.read_as(tenant).await?;
        // Made of names of ours.
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(period.from_ms)
            .bind(period.to_ms)
            .bind(tenant.map(str::to_owned));
        let rows = query.fetch_all(&mut *reading).await?;
        rows.iter()
            .map(|row| read_used(row, groups.len()).map_err(Error::from))
            .collect()
    }

    /// Hands over each row of the ledger, oldest first.
    ///
    /// # Errors
    /// See [`Error`]. What `each` says ends it.
    pub async fn export<E>(
        &self,
        tenant: Option<&str>,
        period: Period,
        mut each: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, Error> {
        let mut reading = self.read_as(tenant).await?;
        let sql = format!(
            "SELECT id, at_ms, tenant, principal, tool, backend, model, input_tokens, output_tokens, cost_nanos, \
             currency, outcome, code, degraded, duration_ms, trace_id FROM mcp_ledger WHERE {WHERE} ORDER BY at_ms, id"
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(period.from_ms)
            .bind(period.to_ms)
            .bind(tenant.map(str::to_owned));
        let mut rows = query.fetch(&mut *reading);
        while let Some(row) = rows.try_next().await? {
            if let Err(stop) = each(read_row(&row)?) {
                return Ok(Err(stop));
            }
        }
        Ok(Ok(()))
    }

    /// What every tenant spent since two moments.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn spent(&self, today_ms: i64, month_ms: i64) -> Result<Vec<(String, Money, Money)>, Error> {
        let sql = match self.kind {
            Kind::Postgres => "SELECT tenant, today, this_month FROM mcp_spent($1, $2)",
            Kind::Sqlite => {
                "SELECT tenant, CAST(SUM(CASE WHEN at_ms >= $1 THEN cost_nanos ELSE 0 END) AS BIGINT), \
                 CAST(SUM(cost_nanos) AS BIGINT) FROM mcp_ledger WHERE at_ms >= $2 GROUP BY tenant"
            }
        };
        let rows = sqlx::query(sql)
            .bind(today_ms)
            .bind(month_ms)
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| -> Result<_, sqlx::Error> {
            let money = |column| row.try_get(column).map(Money::from_nanos);
            Ok((row.try_get(0)?, money(1)?, money(2)?))
        };
        rows.iter().map(|row| read(row).map_err(Error::from)).collect()
    }

    /// Begins to read, as one tenant or, where the role may, as all of them.
    async fn read_as(&self, tenant: Option<&str>) -> Result<sqlx::Transaction<'static, sqlx::Any>, Error> {
        let mut transaction = self.pool.begin().await?;
        if self.kind == Kind::Sqlite {
            return Ok(transaction);
        }
        let is_bound: bool = sqlx::query_scalar("SELECT row_security_active('mcp_ledger')")
            .fetch_one(&mut *transaction)
            .await?;
        match tenant {
            None if is_bound => return Err(Error::OneTenantOnly),
            None => {}
            Some(tenant) => {
                sqlx::query("SELECT set_config('mcp.tenant', $1, true)")
                    .bind(tenant.to_owned())
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        Ok(transaction)
    }
}

/// A period, and a tenant where one is named.
const WHERE: &str = "at_ms >= $1 AND at_ms < $2 AND tenant = COALESCE($3, tenant)";

fn read_used(row: &AnyRow, groups: usize) -> Result<Used, sqlx::Error> {
    Ok(Used {
        groups: (0..groups)
            .map(|column| row.try_get(column))
            .collect::<Result<_, _>>()?,
        currency: row.try_get(groups)?,
        calls: row.try_get(groups + 1)?,
        degraded: row.try_get(groups + 2)?,
        input_tokens: row.try_get(groups + 3)?,
        output_tokens: row.try_get(groups + 4)?,
        cost: row.try_get(groups + 5).map(Money::from_nanos)?,
    })
}

fn read_row(row: &AnyRow) -> Result<Row, sqlx::Error> {
    Ok(Row {
        id: row.try_get("id")?,
        at: date(row.try_get("at_ms")?),
        tenant: row.try_get("tenant")?,
        principal: row.try_get("principal")?,
        tool: row.try_get("tool")?,
        backend: row.try_get("backend")?,
        model: row.try_get("model")?,
        input_tokens: row.try_get("input_tokens")?,
        output_tokens: row.try_get("output_tokens")?,
        cost: Money::from_nanos(row.try_get("cost_nanos")?).to_string(),
        currency: row.try_get("currency")?,
        outcome: row.try_get("outcome")?,
        code: row.try_get("code")?,
        degraded: row.try_get::<i64, _>("degraded")? != 0,
        duration_ms: row.try_get("duration_ms")?,
        trace_id: row.try_get("trace_id")?,
    })
}

/// A moment as RFC 3339 has it.
pub(super) fn date(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
