//! API keys: made and revoked on the command line, noticed by a running server.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    eventually,
    openai_client::OpenAiClient,
    server_under_test::{ServerUnderTest, Settings, command},
};

pub(crate) const AUTH: &str = "[auth.api_keys]\nfile = \"keys.jsonl\"\n";

/// Runs the program to its end: exit code, standard output, standard error.
async fn run(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let mut command = command(folder);
    command.args(arguments).envs(environment.iter().copied());
    let run = tokio::time::timeout(Duration::from_mins(1), command.output()).await;
    let output = run.expect("it ends by itself").expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Makes a key of a tenant, which the server may not know yet.
pub(crate) async fn add(folder: &Path, tenant: &str, scopes: &str) -> String {
    let arguments = [
        "tenant",
        "key",
        "add",
        "--tenant",
        tenant,
        "--name",
        "erp",
        "--scopes",
        scopes,
        "--file",
        "keys.jsonl",
    ];
    let (code, out, errors) = run(folder, &arguments, &[]).await;
    assert_eq!(code, Some(0), "{errors}");
    out.trim().to_owned()
}

fn id(key: &str) -> &str {
    key.split('_').nth(1).expect("b2x_<id>_<secret>")
}

async fn status(server: &ServerUnderTest, key: &str) -> u16 {
    server
        .client()
        .with_bearer(key)
        .call("server_status", json!({}))
        .await
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_shown_once_and_revoked_within_five_seconds() {
    let server = ServerUnderTest::start(&Settings::local().server(AUTH).file("keys.jsonl", "")).await;
    let folder = server.folder();
    let old = add(folder, "acme", "tools:read,chat").await;
    let new = add(folder, "acme", "tools:read").await;
    assert_ne!(old, new);
    for key in [&old, &new] {
        eventually("noticed", Duration::from_secs(5), async || {
            (status(&server, key).await == 200).then_some(())
        })
        .await;
    }
    let file = std::fs::read_to_string(folder.join("keys.jsonl")).expect("the file");
    let secret = |key: &str| key.rsplit('_').next().expect("a secret").to_owned();
    for key in [&old, &new] {
        assert!(
            !file.contains(&secret(key)) && !server.log().contains(&secret(key)),
            "the key itself is kept"
        );
    }
    // As clients made for Azure send it.
    let openai = OpenAiClient::new(server.url("/v1"));
    let body = OpenAiClient::question("Hi", &json!({"max_tokens": 4}));
    assert_eq!(openai.ask(&body, &[("api-key", &old)]).await.status, 200);
    assert_eq!(openai.ask(&body, &[("api-key", &new)]).await.status, 403);

    // Both keys are one client: its session goes on when one is changed for the other.
    let session = server
        .client()
        .with_bearer(&old)
        .initialize()
        .await
        .expect("a session");
    let (code, out, _) = run(
        folder,
        &[
            "tenant",
            "key",
            "list",
            "--tenant",
            "acme",
            "--json",
            "--file",
            "keys.jsonl",
        ],
        &[],
    )
    .await;
    let listed: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (code, listed["keys"].as_array().map(Vec::len)),
        (Some(0), Some(2)),
        "{listed}"
    );
    let (code, out, _) = run(
        folder,
        &["tenant", "key", "revoke", id(&old), "--file", "keys.jsonl"],
        &[],
    )
    .await;
    assert_eq!((code, out.contains("acme/erp")), (Some(0), true), "{out}");
    eventually("revoked", Duration::from_secs(5), async || {
        (status(&server, &old).await == 401).then_some(())
    })
    .await;
    let session = session.with_bearer(&new);
    assert_eq!(session.request("tools/list", json!({})).await.status, 200);
    let (code, _, errors) = run(
        folder,
        &["tenant", "key", "revoke", id(&old), "--file", "keys.jsonl"],
        &[],
    )
    .await;
    assert_eq!(
        (code, errors.contains("no key has the id")),
        (Some(1), true),
        "{errors}"
    );

    // Another tenant's key opens neither the session nor the tenant.
    let bolt = add(folder, "bolt", "tools:read").await;
    eventually("noticed", Duration::from_secs(5), async || {
        (status(&server, &bolt).await == 200).then_some(())
    })
    .await;
    let session = session.with_bearer(&bolt);
    assert_eq!(session.request("tools/list", json!({})).await.status, 404);
    let exchange = server
        .client()
        .with_bearer(&bolt)
        .with_header("x-tenant-id", "acme")
        .call("server_status", json!({}))
        .await;
    assert_eq!(exchange.status, 403);

    // A file that breaks changes nothing, and is complained of.
    server.write_file("keys.jsonl", "{\"id\":");
    eventually("complained", Duration::from_secs(5), async || {
        server
            .log()
            .contains("what was read last stays in use")
            .then_some(())
    })
    .await;
    assert_eq!(status(&server, &new).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_none_are_refused_alike() {
    let server = ServerUnderTest::start(&Settings::local().server(AUTH).file("keys.jsonl", "")).await;
    let key = add(server.folder(), "acme", "tools:read").await;
    eventually("noticed", Duration::from_secs(5), async || {
        (status(&server, &key).await == 200).then_some(())
    })
    .await;
    let other_secret = format!("b2x_{}_{}", id(&key), "0".repeat(64));
    let upper = key.to_ascii_uppercase();
    for (attack, wrong) in [
        ("a cut key", &key[..key.len() - 1]),
        ("a longer key", &format!("{key}0")),
        ("another secret", &other_secret),
        ("an unknown id", &key.replace(id(&key), "0000000000000000")),
        ("another case", &upper),
        ("the hash from the file", "b2x__"),
        ("a token where none are accepted", "a.b.c"),
    ] {
        let exchange = server
            .client()
            .with_bearer(wrong)
            .call("server_status", json!({}))
            .await;
        assert_eq!(exchange.status, 401, "{attack}");
        assert_eq!(exchange.error()["data"]["code"], "invalid_token", "{attack}");
        let challenge = exchange.headers["www-authenticate"].to_str().expect("text");
        assert_eq!(
            challenge, "Bearer error=\"invalid_token\", scope=\"tools:read tools:call\"",
            "{attack}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_show_a_credential_and_tell_when_it_is_refused() {
    let server = ServerUnderTest::start(&Settings::local().server(AUTH).file("keys.jsonl", "")).await;
    let folder = server.folder();
    let key = add(folder, "acme", "tools:read,operate").await;
    let reader = add(folder, "acme", "tools:read").await;
    for key in [&key, &reader] {
        eventually("noticed", Duration::from_secs(5), async || {
            (status(&server, key).await == 200).then_some(())
        })
        .await;
    }
    server.write_file("key", &format!("{key}\n"));
    server.write_file("wrong", "b2x_no_key\n");
    let (url, metrics) = (server.mcp_url(), server.metrics_url());
    let list = ["tools", "list", "--url", url];
    let call = ["tools", "call", "server_status", "--url", url];
    let forbidden = [
        "tools",
        "call",
        "classify_ticket",
        "--arg",
        "text=hi",
        "--url",
        url,
    ];
    let backends = ["backends", "list", "--url", metrics];
    let with = |arguments: &[&str], more: &[&str]| -> Vec<String> {
        arguments
            .iter()
            .chain(more)
            .map(|&argument| argument.to_owned())
            .collect()
    };
    for (arguments, credential, expected) in [
        (with(&list, &[]), "", 3),
        (with(&list, &["--token-file", "wrong"]), "", 3),
        (with(&list, &["--api-key-file", "key"]), "", 0),
        (with(&list, &[]), key.as_str(), 0),
        (with(&call, &["--api-key-file", "key"]), "", 0),
        (with(&forbidden, &["--api-key-file", "key"]), "", 3),
        (with(&list, &["--api-key-file", "missing"]), "", 2),
        (with(&backends, &[]), "", 3),
        (with(&backends, &[]), reader.as_str(), 3),
        (with(&backends, &["--api-key-file", "key"]), "", 0),
        (with(&backends, &[]), key.as_str(), 0),
    ] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let (code, _, errors) = run(folder, &arguments, &[("MCP_SERVER_CREDENTIAL", credential)]).await;
        assert_eq!(code, Some(expected), "{arguments:?} {credential:?}: {errors}");
        assert!(!errors.contains(&key), "{arguments:?}: {errors}");
    }
}
