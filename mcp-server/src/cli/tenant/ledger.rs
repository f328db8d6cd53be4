//! `tenant usage` and `export`: what calls took, by the ledger.

use std::io;
use std::path::PathBuf;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use clap::{Args, ValueHint};
use serde_json::{Map, Value, json};

use crate::cli::{Exit, Failure, Result, Start, output};
use crate::store::{Database, DatabaseError, Group, Location, Login, Period, Row, Used};

/// Which database.
#[derive(Debug, Args)]
pub(in crate::cli) struct Place {
    /// A file with the URL of PostgreSQL; else what `[store]` of the configuration says
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    url_file: Option<PathBuf>,
}

/// Which days.
#[derive(Debug, Args)]
struct Span {
    /// First day, as 2026-11-01; the first of this month unless given
    #[arg(long, value_name = "DATE", conflicts_with = "month")]
    from: Option<NaiveDate>,
    /// Last day; today unless given
    #[arg(long, value_name = "DATE", conflicts_with = "month")]
    to: Option<NaiveDate>,
    /// A whole month, as 2026-11
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UsageArguments {
    /// Only of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    #[command(flatten)]
    days: Span,
    /// What is summed up, in this order
    #[arg(
        long,
        value_name = "GROUPS",
        value_delimiter = ',',
        default_value = "tenant,tool,backend,model"
    )]
    by: Vec<Group>,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// Only of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    #[command(flatten)]
    days: Span,
    /// Print JSON, one object a line, instead of CSV
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

fn parse_month(text: &str) -> std::result::Result<NaiveDate, String> {
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map_err(|_| "write it as 2026-11".to_owned())
}

impl Span {
    fn period(&self) -> Result<Period> {
        let today = Utc::now().date_naive();
        let (first, last) = if let Some(month) = self.month {
            let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
            (month, next.pred_opt().unwrap_or(next))
        } else {
            let last = self.to.unwrap_or(today);
            (self.from.unwrap_or(last.with_day(1).unwrap_or(last)), last)
        };
        if last < first {
            return Err(Failure::usage(format!(
                "--to {last} is before --from {first}; change one of them"
            )));
        }
        let ms = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        Ok(Period {
            from_ms: ms(first),
            to_ms: ms(last.checked_add_days(Days::new(1)).unwrap_or(last)),
        })
    }
}

impl Place {
    pub(in crate::cli) fn location(&self, start: &Start) -> Result<Location> {
        if let Some(file) = &self.url_file {
            return Ok(Location::Postgres(Login::UrlFile(file.clone())));
        }
        start.config()?.store.location.ok_or_else(|| {
            Failure::usage("store.kind is \"none\": nothing is written down; name a database with --url-file")
        })
    }

    pub(super) async fn open(&self, start: &Start) -> Result<Database> {
        let location = self.location(start)?;
        // Reading must not make an empty database where there is none.
        if let Location::Sqlite(path) = &location
            && !path.exists()
        {
            return Err(Failure::failed(format!(
                "{} does not exist: no server has written anything down there; set store.directory as the server has it",
                path.display()
            )));
        }
        Database::open(&location).await.map_err(|error| failed(&error))
    }
}

pub(in crate::cli) fn failed(error: &DatabaseError) -> Failure {
    let exit = match error {
        DatabaseError::Away(_) => Exit::CannotConnect,
        DatabaseError::Url { .. } | DatabaseError::Login { .. } | DatabaseError::OneTenantOnly => Exit::Usage,
        DatabaseError::Refused(_) | DatabaseError::NotMigrated | DatabaseError::Migration(_) => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}

pub(in crate::cli) async fn usage(start: &Start, arguments: &UsageArguments) -> Result {
    let period = arguments.days.period()?;
    let database = arguments.place.open(start).await?;
    let tenant = arguments.tenant.as_deref();
    let used = database.used(tenant, period, &arguments.by).await;
    let used = used.map_err(|error| failed(&error))?;
    if arguments.json {
        let rows = used.iter().map(|used| used_json(&arguments.by, used));
        output::json(&json!({"usage": rows.collect::<Vec<_>>()}));
        return Ok(());
    }
    let names = arguments.by.iter().map(|group| group.name());
    let mut rows = vec![names.chain(NUMBERS).map(str::to_owned).collect::<Vec<_>>()];
    rows.extend(used.iter().map(|used| used_row(&arguments.by, used)));
    if arguments.csv {
        return write_csv(&rows);
    }
    output::table(&rows);
    Ok(())
}

const NUMBERS: [&str; 6] = [
    "calls",
    "degraded",
    "input_tokens",
    "output_tokens",
    "cost",
    "currency",
];

fn group(group: Group, value: &str) -> String {
    let day = |value: &str| {
        let days: i64 = value.parse().ok()?;
        chrono::DateTime::from_timestamp(days.checked_mul(86_400)?, 0)
    };
    match group {
        Group::Day => day(value).map_or_else(|| value.to_owned(), |day| day.date_naive().to_string()),
        _ => value.to_owned(),
    }
}

fn used_row(by: &[Group], used: &Used) -> Vec<String> {
    let groups = by.iter().zip(&used.groups).map(|(by, value)| group(*by, value));
    let numbers = [used.calls, used.degraded, used.input_tokens, used.output_tokens];
    groups
        .chain(numbers.iter().map(ToString::to_string))
        .chain([used.cost.to_string(), used.currency.clone()])
        .collect()
}

fn used_json(by: &[Group], used: &Used) -> Value {
    let mut row = Map::new();
    for (by, value) in by.iter().zip(&used.groups) {
        row.insert(by.name().to_owned(), json!(group(*by, value)));
    }
    for (name, value) in NUMBERS.into_iter().zip([
        json!(used.calls),
        json!(used.degraded),
        json!(used.input_tokens),
        json!(used.output_tokens),
        // A text: a number would lose what it is exact to.
        json!(used.cost.to_string()),
        json!(used.currency),
    ]) {
        row.insert(name.to_owned(), value);
    }
    Value::Object(row)
}

fn write_csv(rows: &[Vec<String>]) -> Result {
    let mut csv = csv::Writer::from_writer(io::stdout().lock());
    let written = rows.iter().try_for_each(|row| csv.write_record(row));
    finish(written.and_then(|()| Ok(csv.flush()?)))
}

/// A reader that went away (`| head`) is no failure.
fn finish(written: csv::Result<()>) -> Result {
    match written {
        Err(error) if !matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe) => {
            Err(Failure::failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

pub(in crate::cli) async fn export(start: &Start, arguments: &ExportArguments) -> Result {
    let period = arguments.days.period()?;
    let database = arguments.place.open(start).await?;
    let tenant = arguments.tenant.as_deref();
    let exported = if arguments.json {
        let each = |row: Row| -> csv::Result<()> {
            // Texts and numbers: this cannot fail.
            output::line(&serde_json::to_string(&row).unwrap_or_default());
            Ok(())
        };
        database.export(tenant, period, each).await
    } else {
        let mut csv = csv::Writer::from_writer(io::stdout().lock());
        let exported = database.export(tenant, period, |row| csv.serialize(row)).await;
        exported.map(|written| written.and_then(|()| Ok(csv.flush()?)))
    };
    finish(exported.map_err(|error| failed(&error))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: Option<&str>, to: Option<&str>, month: Option<&str>) -> Result<Period> {
        let day = |text: &str| text.parse().expect("a date");
        let days = Span {
            from: from.map(day),
            to: to.map(day),
            month: month.map(|month| parse_month(month).expect("a month")),
        };
        days.period()
    }

    #[test]
    fn days_are_whole_and_the_last_one_counts() {
        let one = period(Some("2026-11-30"), Some("2026-11-30"), None).unwrap();
        assert_eq!(one.to_ms - one.from_ms, 86_400_000);
        let month = period(None, None, Some("2026-11")).unwrap();
        assert_eq!(month.to_ms, one.to_ms);
        assert_eq!(month.to_ms - month.from_ms, 30 * 86_400_000);
        let whole = period(None, Some("2026-11-30"), None).unwrap();
        assert_eq!(whole, month, "from the first of the month");
        assert!(period(Some("2026-12-01"), Some("2026-11-30"), None).is_err());
        assert!(parse_month("2026-13").is_err() && parse_month("november").is_err());
    }
}
