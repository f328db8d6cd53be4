//! What a caller leaves behind: refusals that are written down, secrets that are not, and a tenant that is forgotten.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    fake_azure::{FakeAzure, FakeAzureConfig},
    ledger::{rows, run},
    openai_client::OpenAiClient,
    server_under_test::{AzureBackend, ServerUnderTest, Settings},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::api_keys::{AUTH, add};

const SOON: Duration = Duration::from_secs(10);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// A database that is away: what is written down stays where it can be read.
const AWAY: &str = "[store]\nkind = \"postgres\"\ndirectory = \"state\"\nurl_file = \"url\"\n";

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// Waits until the server knows a key.
async fn known(server: &ServerUnderTest, key: &str) {
    eventually("the key is known", SOON, async || {
        let client = server.client().with_bearer(key);
        let listed = client.request("tools/list", json!({})).await;
        (listed.status == 200).then_some(())
    })
    .await;
}

fn call(text: &str) -> Value {
    json!({
        "name": "classify_ticket", "arguments": {"text": text},
        "_meta": {"traceparent": format!("00-{TRACE}-00f067aa0ba902b7-01")},
    })
}

/// Every record of the journal.
fn journal(folder: &Path) -> Vec<Value> {
    let mut records = Vec::new();
    for process in std::fs::read_dir(folder.join("state/journal")).expect("a journal") {
        for segment in std::fs::read_dir(process.expect("an entry").path()).expect("a folder") {
            let path = segment.expect("an entry").path();
            let text = std::fs::read_to_string(&path).expect("text");
            records.extend(
                text.lines()
                    .map(|line| serde_json::from_str::<Value>(line).expect("a record")),
            );
        }
    }
    records
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_by_a_scope_is_written_down_and_bounded() {
    let settings = Settings::local()
        .server(AUTH)
        .server(AWAY)
        .file("keys.jsonl", "")
        .file("url", "postgres://nobody@127.0.0.1:1/x\n");
    let server = ServerUnderTest::start(&settings).await;
    let folder = server.folder();
    let key = add(folder, "acme", "tools:read").await;
    known(&server, &key).await;
    let client = server.client().with_bearer(&key);
    assert_eq!(
        client.request("tools/call", call("Where is it?")).await.status,
        403
    );
    let openai = OpenAiClient::new(server.url("/v1"));
    let question = OpenAiClient::question("Hi", &json!({"max_tokens": 4}));
    assert_eq!(openai.ask(&question, &[("api-key", &key)]).await.status, 403);
    server.write_file("key", &key);
    let order = [
        "backends",
        "list",
        "--url",
        server.metrics_url(),
        "--api-key-file",
        "key",
    ];
    assert_eq!(run(folder, &order).await.0, Some(3));

    let refused = journal(folder);
    let tools: Vec<_> = refused.iter().map(|record| record["tool"].as_str()).collect();
    assert_eq!(
        tools,
        [Some("classify_ticket"), Some("chat_completions"), Some("admin")]
    );
    for record in &refused {
        assert_eq!(
            (
                &record["decision"],
                &record["tenant"],
                &record["principal"],
                &record["usage"]
            ),
            (
                &json!("insufficient_scope"),
                &json!("acme"),
                &json!("erp"),
                &Value::Null
            ),
            "{record}"
        );
    }
    assert_eq!(refused[0]["trace_id"], TRACE);
    let digest = ring::digest::digest(&ring::digest::SHA256, br#"{"text":"Where is it?"}"#);
    let digest = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    assert_eq!(refused[0]["arguments_sha256"], digest);

    for _ in 0..70 {
        assert_eq!(client.request("tools/call", call("Again?")).await.status, 403);
    }
    // A minute may have begun anew meanwhile, once.
    let written = journal(folder).len();
    assert!((60..73).contains(&written), "{written} refusals are written down");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_tenant_has_no_names_no_keys_and_a_receipt() {
    let fake = fake().await;
    let settings = Settings::default()
        .with_azure(&fake, &AzureBackend::default())
        .server(AUTH)
        .file("keys.jsonl", "");
    let server = ServerUnderTest::start(&settings).await;
    let folder = server.folder();
    let acme = add(folder, "acme", "tools:read,tools:call").await;
    let bolt = add(folder, "bolt", "tools:read,tools:call").await;
    for key in [&acme, &bolt] {
        known(&server, key).await;
        let client = server.client().with_bearer(key);
        client.request("tools/call", call("Where is it?")).await.answer();
    }
    eventually("both calls are in the ledger", SOON, async || {
        (rows(folder, &[]).await.len() == 2).then_some(())
    })
    .await;

    let erase = ["tenant", "erase", "acme", "--config", "mcp-server.toml"];
    let (code, shown, errors) = run(folder, &erase).await;
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("tenant erase acme --yes"), "{errors}");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let id = acme.split('_').nth(1).expect("an id");
    assert_eq!(shown["keys"], json!([id]));
    assert_eq!(
        (&shown["ledger_rows"], &shown["audit_rows"]),
        (&json!(1), &json!(1))
    );
    assert!(
        rows(folder, &[])
            .await
            .iter()
            .all(|row| row["principal"] == "erp"),
        "only shown"
    );

    let yes = [&erase[..], &["--yes"]].concat();
    let (code, receipt, errors) = run(folder, &yes).await;
    assert_eq!(code, Some(0), "{errors}");
    let receipt: Value = serde_json::from_str(&receipt).expect("JSON");
    for (field, value) in [
        ("tenant", json!("acme")),
        ("subject_sha256", Value::Null),
        ("ledger_rows", json!(1)),
        ("ledger_rows_deleted", json!(0)),
        ("audit_rows", json!(1)),
        ("keys_revoked", json!([id])),
        ("left_elsewhere", json!([])),
    ] {
        assert_eq!(receipt[field], value, "{field} of {receipt}");
    }
    let after = rows(folder, &[]).await;
    let of = |tenant: &str| after.iter().find(|row| row["tenant"] == tenant).expect("a row");
    assert_eq!(of("acme")["principal"], receipt["pseudonym"]);
    assert_eq!(of("acme")["trace_id"], Value::Null);
    assert_ne!(of("acme")["cost"], json!("0"), "what it cost stays");
    assert_eq!(
        (&of("bolt")["principal"], &of("bolt")["trace_id"]),
        (&json!("erp"), &json!(TRACE))
    );
    eventually("the key is refused", SOON, async || {
        let client = server.client().with_bearer(&acme);
        (client.request("tools/list", json!({})).await.status == 401).then_some(())
    })
    .await;
    known(&server, &bolt).await;

    let (code, _, errors) = run(folder, &yes).await;
    assert_eq!(
        (code, errors.contains("nothing is known")),
        (Some(1), true),
        "{errors}"
    );
    for (arguments, part) in [
        (&["tenant", "erase"][..], "TENANT"),
        (&["tenant", "erase", "../x"], "no name of a tenant"),
        (&["tenant", "erase", "acme", "--subject", "ann", "--yes"], "--yes"),
        (&["tenant", "erase", "acme", "--tenant", "bolt"], "--tenant"),
    ] {
        let (code, _, errors) = run(folder, arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(part), "{part} in {errors}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_log_shows_a_secret_however_much_is_logged() {
    let config = FakeAzureConfig {
        api_key: "S3CR3T-of-azure".to_owned(),
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    let settings = Settings::azure_then_local(&fake)
        .server(AUTH)
        .server(AWAY)
        .server("[telemetry]\nendpoint = \"http://127.0.0.1:1\"\nheaders_file = \"otlp\"\n")
        .server("[tenancy.redaction]\nsecret_file = \"redaction\"\n")
        .file("keys.jsonl", "")
        .file("redaction", "S3CR3T-of-redaction-0123456789abcdef\n")
        .file("otlp", "authorization: Bearer S3CR3T-of-collector\n")
        .file("url", "postgres://nobody:S3CR3T-of-database@127.0.0.1:1/x\n");
    let server = ServerUnderTest::start_in(settings.write(), &[("RUST_LOG", "trace")]).await;
    server.become_ready().await;
    let folder = server.folder();
    let key = add(folder, "acme", "tools:read,tools:call,chat").await;
    known(&server, &key).await;
    let client = server.client().with_bearer(&key);
    client.request("tools/call", call("Where is it?")).await.answer();
    let openai = OpenAiClient::new(server.url("/v1"));
    let question = OpenAiClient::question("Hi", &json!({"max_tokens": 4}));
    for credential in [key.as_str(), "S3CR3T-that-is-none"] {
        openai.ask(&question, &[("api-key", credential)]).await;
        let bearer = format!("Bearer {credential}");
        openai.ask(&question, &[("authorization", &bearer)]).await;
    }
    let secret = key.rsplit('_').next().expect("a secret");
    eventually("the log says that the database is away", SOON, async || {
        server
            .log()
            .contains("calls are kept in the journal")
            .then_some(())
    })
    .await;
    let log = server.log();
    assert!(log.contains("\"level\":\"TRACE\""), "nothing was traced");
    for line in log.lines() {
        assert!(
            !line.contains("S3CR3T") && !line.contains(secret),
            "a secret is shown: {line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_can_talk_to_a_running_server() {
    let server = ServerUnderTest::start(&Settings::local().server(AUTH).file("keys.jsonl", "")).await;
    let folder = server.folder();
    let key = add(folder, "acme", "tools:read,chat").await;
    let reader = add(folder, "acme", "tools:read").await;
    known(&server, &key).await;
    known(&server, &reader).await;
    for (name, text) in [
        ("key", key.as_str()),
        ("reader", &reader),
        ("wrong", "b2x_no_key"),
    ] {
        server.write_file(name, text);
    }
    let url = server.mcp_url();
    let (code, out, errors) = run(folder, &["chat", "Hello?", "--url", url, "--token-file", "key"]).await;
    assert_eq!(code, Some(0), "{errors}");
    assert!(!out.trim().is_empty(), "no answer");
    assert!(errors.contains("[local · bundled"), "who answered? {errors}");
    for (arguments, exit, part) in [
        (&["--url", url][..], 3, "refused the credential"),
        (&["--url", url, "--token-file", "wrong"], 3, "[invalid_token]"),
        (
            &["--url", url, "--token-file", "reader"],
            3,
            "[insufficient_scope]",
        ),
        (
            &["--url", url, "--token-file", "key", "--model", "gpt"],
            2,
            "name one of default",
        ),
        (&["--url", url, "--token-file", "missing"], 2, "--token-file"),
        (&["--url", "nonsense"], 2, "is no http address"),
        (&["--url", "http://127.0.0.1:1"], 4, "mcp-server serve"),
        (&["--url", server.metrics_url()], 4, "chat completions server"),
    ] {
        let (code, out, errors) = run(folder, &[&["chat", "Hello?"], arguments].concat()).await;
        assert_eq!(code, Some(exit), "{arguments:?}: {errors}");
        assert!(errors.contains(part) && out.is_empty(), "{part} in {errors}");
        assert!(!errors.contains(&key), "{errors}");
    }
}

/// A server of plain sockets that gives every request the same response, and counts who connects.
async fn replies(response: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let callers = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&callers);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let response = response.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 65536];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(response.as_bytes()).await;
                let _ = socket.shutdown().await;
            });
        }
    });
    (address, callers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sends_the_server_to_an_address_of_theirs() {
    let (inside, visitors) = replies("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned()).await;
    let there = format!("http://{inside}/metadata/identity/oauth2/token");
    let (upstream, asked) = replies(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {there}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    ))
    .await;
    let fake = fake().await;
    let backend = AzureBackend {
        endpoint: Some(format!("http://{upstream}")),
        ..AzureBackend::default()
    };
    let settings = Settings::default().with_azure(&fake, &backend).with_local();
    let server = ServerUnderTest::start(&settings).await;

    let client = server.client();
    let text = format!("Where is my parcel? See {there} and ![it]({there}).");
    let answer = client
        .call("classify_ticket", json!({"text": text}))
        .await
        .answer();
    assert_eq!(
        answer.backend(),
        "local",
        "an upstream that points elsewhere has failed"
    );
    assert!(asked.load(Ordering::SeqCst) > 0, "it was asked");

    let schema = json!({"type": "object", "properties": {"x": {"$ref": there}}});
    let refused = client
        .call("extract_data", json!({"text": "a text", "schema": schema}))
        .await
        .response
        .to_string();
    assert!(
        refused.contains("refers to something outside itself"),
        "{refused}"
    );

    let openai = OpenAiClient::new(server.url("/v1"));
    let image = json!([{"type": "image_url", "image_url": {"url": there}}]);
    let body = json!({"model": "default", "messages": [{"role": "user", "content": image}]});
    assert_eq!(openai.ask(&body, &[]).await.status, 400);
    let body = json!({"model": there, "messages": [{"role": "user", "content": "hello"}]});
    assert_eq!(openai.ask(&body, &[]).await.status, 404);

    assert_eq!(visitors.load(Ordering::SeqCst), 0, "nobody went there");
}
