//! What is written down of calls: who called, what it took; through kills, for export, and until erased.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig, Fault},
    ledger::{Callers, rows, run},
    openai_client::OpenAiClient,
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};

const SOON: Duration = Duration::from_secs(10);

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

fn azure(fake: &FakeAzure) -> Settings {
    Settings::default().with_azure(fake, &AzureBackend::default())
}

/// Waits until the ledger has so many rows.
async fn has(server: &ServerUnderTest, count: usize) -> Vec<Value> {
    eventually("the rows are in the ledger", SOON, async || {
        let rows = rows(server.folder(), &[]).await;
        (rows.len() == count).then_some(rows)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_has_a_row_that_agrees_with_its_answer() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&azure(&fake).with_local()).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let params = json!({
        "name": "classify_ticket", "arguments": {"text": "Where is SECRET-4711?"},
        "_meta": {"traceparent": format!("00-{trace}-00f067aa0ba902b7-01")},
    });
    let exchange = server.client().request("tools/call", params).await;
    let answer = exchange.answer();
    let facts = answer.facts();
    fake.faults().always(Fault::status(500));
    let question = OpenAiClient::question("And SECRET-4712?", &json!({"max_completion_tokens": 50}));
    let openai = OpenAiClient::new(server.url("/v1"));
    assert_eq!(openai.ask(&question, &[]).await.status, 200);
    let bad = server.client().call("classify_ticket", json!({"text": 7})).await;
    assert_eq!(bad.failure()["code"], "invalid_arguments");

    let rows = has(&server, 2).await;
    let row = &rows[0];
    for (column, value) in [
        ("tenant", json!("development")),
        ("principal", json!("anonymous")),
        ("tool", json!("classify_ticket")),
        ("backend", json!("azure")),
        ("model", facts["model"].clone()),
        ("input_tokens", facts["input_tokens"].clone()),
        ("output_tokens", facts["output_tokens"].clone()),
        ("currency", json!("EUR")),
        ("outcome", json!("answered")),
        ("degraded", json!(false)),
        ("trace_id", json!(trace)),
    ] {
        assert_eq!(row[column], value, "{column} of {row}");
    }
    let cost: f64 = row["cost"]
        .as_str()
        .and_then(|cost| cost.parse().ok())
        .expect("an amount");
    let told = facts["cost"]["amount"].as_f64().expect("an amount");
    assert!((cost - told).abs() < 1e-8 && cost > 0.0, "{cost} {told}");
    assert_eq!(
        (&rows[1]["tool"], &rows[1]["outcome"]),
        (&json!("chat_completions"), &json!("degraded"))
    );

    // Nothing of what was said is anywhere on the disk.
    let state = server.folder().join(".local/state/mcp-server");
    for entry in std::fs::read_dir(&state).expect("the default directory") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            assert!(
                !bytes.windows(7).any(|part| part == b"SECRET-"),
                "{}",
                path.display()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_exports_and_erasure_by_the_command_line() {
    let fake = fake().await;
    let server = ServerUnderTest::start(&azure(&fake)).await;
    for _ in 0..3 {
        let exchange = server
            .client()
            .call("classify_ticket", json!({"text": "Hello?"}))
            .await;
        exchange.answer();
    }
    let rows = has(&server, 3).await;
    let folder = server.folder();
    let (code, out, errors) = run(folder, &["tenant", "usage", "--by", "tenant,day,model", "--json"]).await;
    assert_eq!(code, Some(0), "{errors}");
    let usage: Value = serde_json::from_str(&out).expect("JSON");
    let sum = &usage["usage"][0];
    assert_eq!(
        (&sum["tenant"], &sum["calls"]),
        (&json!("development"), &json!(3))
    );
    assert!(
        sum["day"]
            .as_str()
            .is_some_and(|day| rows[0]["at"].as_str().is_some_and(|at| at.starts_with(day)))
    );
    let tokens: i64 = rows.iter().filter_map(|row| row["input_tokens"].as_i64()).sum();
    assert_eq!(sum["input_tokens"], json!(tokens));
    let (_, csv, _) = run(folder, &["tenant", "usage", "--csv"]).await;
    assert_eq!(
        csv.lines().next(),
        Some("tenant,tool,backend,model,calls,degraded,input_tokens,output_tokens,cost,currency")
    );
    let (_, csv, _) = run(folder, &["tenant", "export", "--tenant", "development"]).await;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let (_, csv, _) = run(folder, &["tenant", "export", "--tenant", "nobody"]).await;
    assert_eq!(csv, "");

    let erase = [
        "tenant",
        "erase",
        "--tenant",
        "development",
        "--subject",
        "anonymous",
    ];
    let (code, receipt, errors) = run(folder, &erase).await;
    assert_eq!(code, Some(0), "{errors}");
    let receipt: Value = serde_json::from_str(&receipt).expect("JSON");
    assert_eq!(
        (&receipt["ledger_rows"], &receipt["audit_rows"]),
        (&json!(3), &json!(3))
    );
    let after = tests::ledger::rows(folder, &[]).await;
    assert!(
        after.iter().all(|row| row["principal"] == receipt["pseudonym"]),
        "{after:?}"
    );
    assert_eq!(after[0]["cost"], rows[0]["cost"], "what it cost stays");
    let (code, _, errors) = run(folder, &erase).await;
    assert_eq!(code, Some(1), "nobody is left to forget");
    assert!(errors.contains("nobody is named"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_asked_says_what_to_change() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    std::fs::write(folder.join("url"), "mysql://nobody@nowhere/x\n").expect("writable");
    std::fs::write(folder.join("away"), "postgres://nobody@127.0.0.1:1/x\n").expect("writable");
    for (arguments, exit, part) in [
        (
            &["tenant", "usage"][..],
            1,
            "no server has written anything down there",
        ),
        (&["tenant", "usage", "--month", "2026"], 2, "2026-11"),
        (
            &["tenant", "usage", "--from", "2026-02-02", "--to", "2026-02-01"],
            2,
            "is before",
        ),
        (&["tenant", "usage", "--by", "mood"], 2, "mood"),
        (
            &["tenant", "export", "--url-file", "nothing"],
            2,
            "cannot be read",
        ),
        (
            &["tenant", "export", "--url-file", "url"],
            2,
            "does not hold a URL of PostgreSQL",
        ),
        (&["store", "migrate", "--url-file", "away"], 4, "cannot be used"),
        (
            &["tenant", "usage", "--set", "store.kind=none"],
            2,
            "nothing is written down",
        ),
        (
            &["serve", "--set", "store.directory=/proc/nowhere"],
            2,
            "store.directory is /proc/nowhere",
        ),
    ] {
        let (code, _, errors) = run(folder, arguments).await;
        assert_eq!(code, Some(exit), "{arguments:?}: {errors}");
        assert!(errors.contains(part), "{part} in {errors}");
    }
}

/// How often the server is killed; `LEDGER_KILLS=400` for the long run.
fn kills() -> u64 {
    let named = std::env::var("LEDGER_KILLS").ok();
    named.map_or(30, |count| count.parse().expect("LEDGER_KILLS is a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_and_doubles_nothing() {
    let fake = fake().await;
    let mut server = ServerUnderTest::start(&azure(&fake)).await;
    let callers = Arc::new(Callers::default());
    for round in 0..kills() {
        let calling = callers.start(server.client(), 4);
        // Beside the beats of the task that writes, and in the middle of them.
        tokio::time::sleep(Duration::from_millis(20 + round * 37 % 400)).await;
        server.kill().await;
        calling.join_all().await;
        server.restart().await;
    }
    assert!(
        callers.answered() as u64 > kills(),
        "{} answers",
        callers.answered()
    );
    eventually("the journal is carried over", SOON, async || {
        let pending = server.metrics().await.get("mcp_ledger_pending_bytes", &[]);
        (pending == Some(0.0)).then_some(())
    })
    .await;
    callers.check(&rows(server.folder(), &[]).await);
    println!("{} kills, {} answers", kills(), callers.answered());
}
