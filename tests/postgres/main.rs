//! The ledger in a real PostgreSQL: roles, rows of one tenant, outages, and kills in the middle of them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    ledger::{Callers, rows, run},
    postgres::{OWNER, Postgres, write_url},
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

const SOON: Duration = Duration::from_secs(40);
const SERVER: &str = "gate";

/// A database with its tables, a role for servers, and a folder with the URLs of both.
async fn prepared() -> (Postgres, tempfile::TempDir) {
    let postgres = Postgres::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_url(folder.path(), "owner", &postgres.url(OWNER));
    // Twice: what is there already is left alone.
    for _ in 0..2 {
        let (code, _, errors) = run(folder.path(), &["store", "migrate", "--url-file", "owner"]).await;
        assert_eq!(code, Some(0), "{errors}");
    }
    postgres.ask(&format!("CREATE ROLE {SERVER} LOGIN")).await;
    postgres.ask(&format!("GRANT mcp_server TO {SERVER}")).await;
    (postgres, folder)
}

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

fn settings(fake: &FakeAzure, postgres: &Postgres) -> Settings {
    Settings::default()
        .with_azure(fake, &AzureBackend::default())
        .server("[store]\nkind = \"postgres\"\ndirectory = \"state\"\nurl_file = \"url\"\n")
        .file("url", &postgres.url(SERVER))
}

async fn carried(server: &ServerUnderTest) {
    eventually("the journal is carried over", SOON, async || {
        let pending = server.metrics().await.get("mcp_ledger_pending_bytes", &[]);
        (pending == Some(0.0)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_servers_adds_rows_and_reads_those_of_one_tenant() {
    let (postgres, folder) = prepared().await;
    let fake = fake().await;
    let server = ServerUnderTest::start(&settings(&fake, &postgres)).await;
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "Hello?"}))
        .await;
    exchange.answer();
    carried(&server).await;
    postgres
        .ask("INSERT INTO mcp_ledger SELECT 'x', at_ms, 'other', principal, tool, backend, model, input_tokens, \
              output_tokens, cost_nanos, currency, outcome, code, degraded, duration_ms, trace_id FROM mcp_ledger")
        .await;
    write_url(folder.path(), "url", &postgres.url(SERVER));
    for (tenant, count) in [("development", 1), ("other", 1), ("nobody", 0)] {
        let found = rows(folder.path(), &["--url-file", "url", "--tenant", tenant]).await;
        assert_eq!(found.len(), count, "{tenant}");
    }
    let (code, _, errors) = run(folder.path(), &["tenant", "usage", "--url-file", "url"]).await;
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("one tenant at a time"), "{errors}");
    assert_eq!(
        rows(folder.path(), &["--url-file", "owner"]).await.len(),
        2,
        "the owner reads all"
    );

    for sql in [
        "UPDATE mcp_audit SET decision = 'denied'",
        "DELETE FROM mcp_audit",
        "UPDATE mcp_ledger SET cost_nanos = 0",
        "DELETE FROM mcp_ledger",
        "TRUNCATE mcp_audit",
        "SELECT * FROM mcp_erasures",
        "DROP TABLE mcp_ledger",
        "CREATE TABLE mine (x INT)",
        "ALTER TABLE mcp_ledger DISABLE ROW LEVEL SECURITY",
    ] {
        postgres.refuses(SERVER, sql).await;
    }
    // Not even the owner changes what was audited, but for an erasure.
    for sql in [
        "UPDATE mcp_audit SET decision = 'denied'",
        "DELETE FROM mcp_audit",
        "TRUNCATE mcp_audit",
    ] {
        let errors = postgres.refuses(OWNER, sql).await;
        assert!(errors.contains("append-only"), "{errors}");
    }
    let erase = [
        "tenant",
        "erase",
        "--tenant",
        "development",
        "--subject",
        "anonymous",
        "--url-file",
    ];
    let (code, _, _) = run(folder.path(), &[&erase[..], &["url"]].concat()).await;
    assert_ne!(code, Some(0), "the role of servers erases nobody");
    let (code, receipt, errors) = run(folder.path(), &[&erase[..], &["owner"]].concat()).await;
    assert_eq!(code, Some(0), "{errors}");
    let receipt: Value = serde_json::from_str(&receipt).expect("JSON");
    assert_eq!(
        (&receipt["ledger_rows"], &receipt["audit_rows"]),
        (&json!(1), &json!(1))
    );
    let kept = postgres.ask("SELECT pseudonym FROM mcp_erasures").await;
    assert_eq!(kept, [receipt["pseudonym"].as_str().expect("a pseudonym")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_tenant_is_forgotten_by_the_owner_alone() {
    let (postgres, folder) = prepared().await;
    for (id, tenant, at_ms) in [
        ("a", "acme", 1_000),
        ("b", "acme", 4_000_000_000_000_i64),
        ("c", "bolt", 1_000),
    ] {
        postgres
            .ask(&format!(
                "INSERT INTO mcp_ledger VALUES ('{id}', {at_ms}, '{tenant}', 'ann', 'tool', 'azure', 'gpt', 1, 1, 5, 'EUR', \
                 'answered', NULL, 0, 1, 'trace')"
            ))
            .await;
        postgres
            .ask(&format!(
                "INSERT INTO mcp_audit VALUES ('{id}', {at_ms}, '{tenant}', 'ann', 'token', 'inspector', 'tool', '00', \
                 'allowed', 'trace')"
            ))
            .await;
    }
    write_url(folder.path(), "url", &postgres.url(SERVER));
    let erase = |url| {
        let kept = "store.usage_kept_days=365";
        [
            "tenant",
            "erase",
            "acme",
            "--yes",
            "--set",
            kept,
            "--url-file",
            url,
        ]
    };
    let (code, _, _) = run(folder.path(), &erase("url")).await;
    assert_ne!(code, Some(0), "the role of servers forgets nobody");
    let (code, receipt, errors) = run(folder.path(), &erase("owner")).await;
    assert_eq!(code, Some(0), "{errors}");
    let receipt: Value = serde_json::from_str(&receipt).expect("JSON");
    assert_eq!(
        (
            &receipt["ledger_rows"],
            &receipt["ledger_rows_deleted"],
            &receipt["audit_rows"]
        ),
        (&json!(1), &json!(1), &json!(2))
    );
    let pseudonym = receipt["pseudonym"].as_str().expect("a pseudonym");
    for (sql, expected) in [
        (
            "SELECT principal FROM mcp_ledger WHERE tenant = 'acme'",
            vec![pseudonym],
        ),
        (
            "SELECT principal FROM mcp_audit WHERE tenant = 'acme'",
            vec![pseudonym, pseudonym],
        ),
        ("SELECT count(*) FROM mcp_audit WHERE client IS NULL", vec!["2"]),
        (
            "SELECT principal FROM mcp_ledger WHERE tenant = 'bolt'",
            vec!["ann"],
        ),
        (
            "SELECT count(*) FROM mcp_erasures WHERE subject_sha256 IS NULL",
            vec!["1"],
        ),
    ] {
        assert_eq!(postgres.ask(sql).await, expected, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn budgets_go_on_from_what_all_servers_wrote_down() {
    let (postgres, _folder) = prepared().await;
    let fake = fake().await;
    let settings =
        settings(&fake, &postgres).server("[[tenants]]\nname = \"development\"\nbudget_month = 1.0\n");
    let mut server = ServerUnderTest::start(&settings).await;
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "Hello?"}))
        .await;
    exchange.answer();
    carried(&server).await;
    let labels = [("tenant", "development"), ("period", "month")];
    let before = server.metrics().await.get("mcp_tenant_budget_used", &labels);
    assert!(before.is_some_and(|used| used > 0.0));
    server.restart().await;
    assert_eq!(
        server.metrics().await.get("mcp_tenant_budget_used", &labels),
        before
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_spools_and_replays_once_and_in_order_also_through_kills() {
    let (mut postgres, folder) = prepared().await;
    let fake = fake().await;
    let mut server = ServerUnderTest::start(&settings(&fake, &postgres)).await;
    let callers = Arc::new(Callers::default());
    for round in 0..8_u64 {
        let calling = callers.start(server.client(), 4);
        tokio::time::sleep(Duration::from_millis(300 + round * 61)).await;
        match round % 4 {
            0 => postgres.stop().await,
            // While it is away, and with a journal of another process to carry over.
            1 | 3 => server.kill().await,
            _ => postgres.resume().await,
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        if round % 4 == 0 || round % 4 == 2 {
            server.kill().await;
        }
        calling.join_all().await;
        server.restart().await;
    }
    let before = callers.answered();
    assert!(before > 40, "{before} answers");
    carried(&server).await;
    // What earlier processes left is carried over before this one's.
    let rows = eventually("all rows are there", SOON, async || {
        let rows = rows(folder.path(), &["--url-file", "owner"]).await;
        (rows.len() >= before).then_some(rows)
    })
    .await;
    callers.check(&rows);
    // Each process' calls were added in the order in which they ended, give or take what calls at once take from each other.
    let out_of_order = postgres
        .ask("SELECT count(*) FROM (SELECT at_ms + duration_ms AS ended, lag(at_ms + duration_ms) OVER \
              (PARTITION BY left(id, 16) ORDER BY ctid) AS earlier FROM mcp_ledger) rows WHERE ended < earlier - 250")
        .await;
    assert_eq!(out_of_order, ["0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_tables_holds_nothing_up_and_says_what_to_do() {
    let postgres = Postgres::start().await;
    postgres.ask(&format!("CREATE ROLE {SERVER} LOGIN")).await;
    let fake = fake().await;
    let server = ServerUnderTest::start(&settings(&fake, &postgres)).await;
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "Hello?"}))
        .await;
    exchange.answer();
    eventually("the log says what to do", SOON, async || {
        server.log().contains("mcp-server store migrate").then_some(())
    })
    .await;
    let folder = server.folder();
    write_url(folder, "owner", &postgres.url(OWNER));
    let (code, _, errors) = run(folder, &["store", "migrate", "--url-file", "owner"]).await;
    assert_eq!(code, Some(0), "{errors}");
    postgres.ask(&format!("GRANT mcp_server TO {SERVER}")).await;
    carried(&server).await;
    assert_eq!(rows(folder, &["--url-file", "owner"]).await.len(), 1);
}
