//! The tables, and how they come about.

use std::borrow::Cow;

use sqlx::AnyPool;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Error, Kind};

/// Every change of the tables, in order. What was released is never edited.
const SQLITE: &[(i64, &str, &str)] = &[(1, "ledger and audit", include_str!("sqlite/0001.sql"))];
const POSTGRES: &[(i64, &str, &str)] = &[(1, "ledger and audit", include_str!("postgres/0001.sql"))];

/// Brings the tables to this version.
pub(super) async fn migrate(pool: &AnyPool, kind: Kind) -> Result<(), Error> {
    let steps = match kind {
        Kind::Sqlite => SQLITE,
        Kind::Postgres => POSTGRES,
    };
    let migrations = steps.iter().map(|(version, about, sql)| {
        let (about, sql) = (Cow::Borrowed(*about), SqlSafeStr::into_sql_str(*sql));
        Migration::new(*version, about, MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // A newer version may have been here before: its tables are a superset of ours.
    migrator.set_ignore_missing(true);
    migrator.run(pool).await?;
    Ok(())
}

/// Whether the tables are there, for a role that may not make them.
pub(super) async fn check(pool: &AnyPool) -> Result<(), Error> {
    let found = sqlx::query("SELECT 1 FROM mcp_ledger, mcp_audit LIMIT 0")
        .execute(pool)
        .await;
    match found {
        Ok(_) => Ok(()),
        // The class of names that are not there.
        Err(error) if has_class(&error, "42P01") => Err(Error::NotMigrated),
        Err(error) => Err(error.into()),
    }
}

fn has_class(error: &sqlx::Error, code: &str) -> bool {
    let found = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    found.is_some_and(|found| found == code)
}
