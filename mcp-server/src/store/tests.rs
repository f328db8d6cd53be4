//! From the journal into a database and back out: once, in order, and only what was asked for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::accounts::{Accounts, Config as AccountsConfig, Origin, Prices};
use crate::tenancy::quota::{Limits, Memory, Moment, Money, TenantLimits};
use crate::tenancy::{Principal, Proof, Scopes};

fn record(tenant: &str, subject: &str, nanos: i64) -> Record {
    let principal = Principal::new(tenant, subject, Proof::ApiKey, Scopes::all());
    let origin = Origin::new(Some("inspector"), None);
    let mut record = Record::open(&principal, "tool", &origin, &[7; 32]);
    record.usage = Some(Usage {
        backend: Some("azure".to_owned()),
        model: Some("gpt".to_owned()),
        input_tokens: 5,
        output_tokens: 7,
        cost_nanos: nanos,
        currency: Some("EUR".to_owned()),
        outcome: "answered".into(),
        code: None,
        degraded: false,
        duration_ms: 12,
    });
    record
}

fn ever() -> Period {
    Period {
        from_ms: 0,
        to_ms: i64::MAX,
    }
}

async fn open(folder: &Path) -> Database {
    // What a URL would trip over.
    let path = folder.join("a ledger #1 100%?.sqlite");
    Database::open(&Location::Sqlite(path)).await.unwrap()
}

async fn rows(database: &Database, tenant: Option<&str>) -> Vec<Row> {
    let mut rows = Vec::new();
    let each = |row| {
        rows.push(row);
        Ok::<_, ()>(())
    };
    database.export(tenant, ever(), each).await.unwrap().unwrap();
    rows
}

#[tokio::test]
async fn a_record_is_there_once_however_often_it_is_carried() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await;
    // More than one statement takes; and one that asked no model.
    let mut records: Vec<_> = (0..450).map(|_| record("acme", "ann", 1000)).collect();
    let mut refused = record("acme", "ann", 0);
    refused.usage = None;
    refused.decision = "quota_exceeded".into();
    records.push(refused);
    database.append(&records[..300]).await.unwrap();
    database.append(&records).await.unwrap();
    database.append(&records).await.unwrap();
    let found = rows(&database, None).await;
    assert_eq!(found.len(), 450, "what asked no model is in the audit trail only");
    assert_eq!((found[0].cost.as_str(), found[0].input_tokens), ("0.000001", 5));
    // Opened anew, with its tables there already.
    let again = open(folder.path()).await;
    assert_eq!(rows(&again, Some("acme")).await.len(), 450);
    assert!(rows(&again, Some("other")).await.is_empty());
}

#[tokio::test]
async fn sums_are_by_whatever_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await;
    let mut failed = record("acme", "bob", 0);
    let usage = failed.usage.as_mut().unwrap();
    (usage.backend, usage.model, usage.currency) = (None, None, None);
    usage.outcome = "failed".into();
    let records = [
        record("acme", "ann", 1000),
        record("acme", "bob", 500),
        record("other", "eve", 7),
        failed,
    ];
    database.append(&records).await.unwrap();
    let sums = |used: Vec<Used>| -> Vec<(String, i64, i64)> {
        let sum = |used: Used| (used.groups.join("/"), used.calls, used.cost.nanos());
        used.into_iter().map(sum).collect()
    };
    let by = [Group::Tenant, Group::Outcome];
    assert_eq!(
        sums(database.used(None, ever(), &by).await.unwrap()),
        [
            ("acme/answered".to_owned(), 2, 1500),
            ("acme/failed".to_owned(), 1, 0),
            ("other/answered".to_owned(), 1, 7),
        ]
    );
    let by = [Group::Backend, Group::Principal];
    let of_acme = database.used(Some("acme"), ever(), &by).await.unwrap();
    assert_eq!(
        sums(of_acme),
        [
            ("/bob".to_owned(), 1, 0),
            ("azure/ann".to_owned(), 1, 1000),
            ("azure/bob".to_owned(), 1, 500)
        ]
    );
    let tomorrow = Period {
        from_ms: Moment::now().ms + 86_400_000,
        to_ms: i64::MAX,
    };
    assert!(database.used(None, tomorrow, &by).await.unwrap().is_empty());
    let now = Moment::now().ms;
    let spent = database.spent(now + 86_400_000, now - 86_400_000).await.unwrap();
    assert_eq!(
        spent,
        [
            ("acme".to_owned(), Money::ZERO, Money::from_nanos(1500)),
            ("other".to_owned(), Money::ZERO, Money::from_nanos(7)),
        ]
    );
}

#[tokio::test]
async fn who_is_erased_is_nowhere_and_what_was_spent_stays() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await;
    let records = [
        record("acme", "ann", 1000),
        record("acme", "bob", 500),
        record("other", "ann", 7),
    ];
    database.append(&records).await.unwrap();
    let erased = database.erase("acme", "ann").await.unwrap();
    assert_eq!((erased.ledger_rows, erased.audit_rows), (1, 1));
    let found = rows(&database, None).await;
    let who: Vec<_> = found
        .iter()
        .map(|row| (row.tenant.as_str(), row.principal.as_str()))
        .collect();
    assert_eq!(
        who,
        [
            ("acme", erased.pseudonym.as_str()),
            ("acme", "bob"),
            ("other", "ann")
        ],
        "of one tenant only"
    );
    assert_eq!(found[0].cost, "0.000001");
    let nobody = database.erase("acme", "ann").await.unwrap();
    assert_eq!((nobody.ledger_rows, nobody.audit_rows), (0, 0));
}

fn accounts(journal: &Arc<Journal>) -> Accounts {
    let limited = Limits {
        budget_day: Some(Money::from_nanos(10_000)),
        ..Limits::default()
    };
    Accounts::new(AccountsConfig {
        limits: Arc::new(TenantLimits {
            default: limited,
            ..TenantLimits::default()
        }),
        prices: Prices::default(),
        state: Arc::new(Memory::default()),
        journal: Some(Arc::clone(journal)),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writer_carries_what_a_dead_process_left_then_what_comes_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("journal");
    let location = Location::Sqlite(folder.path().join("ledger.sqlite"));
    let dead = Journal::open(&root, 1 << 20).unwrap();
    dead.append(&record("acme", "ann", 1000));
    drop(dead);
    let journal = Arc::new(Journal::open(&root, 1 << 20).unwrap());
    let accounts = accounts(&journal);
    let (writer, begun) = Writer::begin(Arc::clone(&journal), location.clone(), accounts.clone()).await;
    assert!(matches!(begun, Begun::Ready), "{begun:?}");
    let (today, _) = accounts.state().spent("acme", Moment::now()).await;
    assert_eq!(today.nanos(), 1000, "budgets go on from what was spent");
    journal.append(&record("acme", "bob", 500));
    let database = Database::open(&location).await.unwrap();
    // Carried while calls go on, not only at the end.
    while rows(&database, None).await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    journal.append(&record("acme", "eve", 7));
    writer.finish().await;
    let who: Vec<_> = rows(&database, None)
        .await
        .into_iter()
        .map(|row| row.principal)
        .collect();
    assert_eq!(who, ["ann", "bob", "eve"]);
    assert_eq!(journal.pending(), 0);
    drop((journal, accounts));
    let left: Vec<_> = std::fs::read_dir(&root).unwrap().collect();
    assert!(left.is_empty(), "an orderly end leaves nothing: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("url");
    std::fs::write(&url, "postgres://nobody@127.0.0.1:1/none\n").unwrap();
    let journal = Arc::new(Journal::open(&folder.path().join("journal"), 1 << 20).unwrap());
    let accounts = accounts(&journal);
    let location = Location::Postgres(Login::UrlFile(url));
    let (writer, begun) = Writer::begin(Arc::clone(&journal), location, accounts).await;
    assert!(matches!(begun, Begun::Waiting(_)), "{begun:?}");
    journal.append(&record("acme", "ann", 1000));
    writer.finish().await;
    assert!(journal.pending() > 0, "it waits for the next start");
}

#[tokio::test]
async fn of_a_forgotten_tenant_the_books_stay_as_long_as_they_have_to() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path()).await;
    let mut old = record("acme", "ann", 1000);
    old.at_ms = 1_000;
    let mut young = record("acme", "bob", 2000);
    young.trace_id = Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned());
    let other = record("bolt", "ann", 3000);
    database.append(&[old, young, other]).await.unwrap();
    let known = database.known_of("acme", Some(5_000)).await.unwrap();
    assert_eq!(
        (known.ledger_rows, known.audit_rows, known.ledger_rows_old),
        (2, 2, 1)
    );
    let erased = database.erase_tenant("acme", Some(5_000)).await.unwrap();
    assert_eq!(
        (erased.ledger_rows, erased.ledger_rows_deleted, erased.audit_rows),
        (1, 1, 2),
        "no row of the audit trail is deleted"
    );
    let left = rows(&database, Some("acme")).await;
    assert_eq!(left.len(), 1);
    assert_eq!(
        (&left[0].principal, &left[0].trace_id),
        (&erased.pseudonym, &None)
    );
    assert_eq!(left[0].cost, "0.000002");
    let known = database.known_of("acme", None).await.unwrap();
    assert_eq!((known.ledger_rows, known.audit_rows), (0, 0), "nobody has a name");
    let again = database.erase_tenant("acme", None).await.unwrap();
    assert_eq!((again.ledger_rows, again.audit_rows), (0, 0));
    assert_eq!(rows(&database, Some("bolt")).await[0].principal, "ann");
}
