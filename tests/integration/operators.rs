//! Operators: `mcp-server backends` against a running server, what it changes, and what the log keeps.

use std::process::Output;

use serde_json::{Value, json};
use tests::{
    fake_azure::{FakeAzure, FakeAzureConfig},
    server_under_test::{ServerUnderTest, Settings, command},
};

/// Runs `mcp-server backends` to its end: exit code, standard output, standard error.
async fn backends(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = command(folder.path());
    command.arg("backends").args(arguments).env("USER", "ann");
    let run = tokio::time::timeout(std::time::Duration::from_secs(30), command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = run.expect("it ends by itself").expect("it can be started");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

async fn backend_that_answers(server: &ServerUnderTest) -> String {
    let exchange = server
        .client()
        .call("classify_ticket", json!({"text": "Where is my parcel?"}))
        .await;
    exchange.answer().backend().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_is_drained_and_resumed_with_a_reason_that_is_kept() {
    let fake = FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port");
    let server = ServerUnderTest::start(&Settings::azure_then_local(&fake)).await;
    let url = server.metrics_url();
    assert_eq!(backend_that_answers(&server).await, "azure");
    for (number, (action, state, answers)) in [
        ("drain", "drained", "local"),
        ("resume", "closed", "azure"),
        ("force-open", "forced_open", "local"),
        ("resume", "closed", "azure"),
    ]
    .into_iter()
    .enumerate()
    {
        let reason = format!("reason {number}");
        let (code, out, errors) = backends(&[action, "azure", "--reason", &reason, "--url", url]).await;
        assert_eq!(code, Some(0), "{action}: {errors}");
        assert!(out.contains(state), "{action}: {out}");
        assert_eq!(backend_that_answers(&server).await, answers, "{action}");
        let (_, out, _) = backends(&["list", "--json", "--url", url]).await;
        let listed: Value = serde_json::from_str(&out).expect("JSON");
        let breaker = &listed["backends"][0]["breaker"];
        assert_eq!(breaker["state"], state, "{listed}");
        let last = breaker["history"].as_array().and_then(|history| history.last());
        let cause = last.and_then(|last| last["cause"].as_str()).unwrap_or_default();
        assert!(
            cause.contains(&reason) && cause.contains("ann"),
            "{action}: {listed}"
        );
        let log = server.log();
        let audited = log.lines().filter(|line| {
            line.contains("audit") && line.contains(&format!("ann ordered {action} of azure: {reason}"))
        });
        assert_eq!(audited.count(), 1, "{action}: {log}");
    }
    let (code, out, _) = backends(&["list", "--url", url]).await;
    assert_eq!(code, Some(0));
    for part in ["azure  closed", "local  closed", "forced_open -> closed"] {
        assert!(out.contains(part), "{part} in {out}");
    }
    server.metrics().await.assert_equation();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_tell_scripts_what_went_wrong() {
    let server = ServerUnderTest::start(&Settings::local()).await;
    let (url, callers) = (server.metrics_url(), server.url("/"));
    let nobody = "http://127.0.0.1:1";
    for (arguments, code, part) in [
        (
            &["drain", "nobody", "--reason", "x", "--url", url][..],
            1,
            "local",
        ),
        (
            &["drain", "local", "--reason", "a\nb", "--url", url],
            1,
            "control character",
        ),
        (&["drain", "local", "--url", url], 2, "--reason"),
        (&["drain", "local", "--reason", " ", "--url", url], 2, "--reason"),
        (&["list", "--url", "localhost"], 2, "--url"),
        (&["list", "--url", nobody], 4, "cannot reach"),
        (&["list", "--url", &callers], 1, "nothing is here"),
    ] {
        let (exit, out, errors) = backends(arguments).await;
        assert_eq!((exit, out.as_str()), (Some(code), ""), "{arguments:?}: {errors}");
        assert!(errors.contains(part), "{arguments:?}: {errors}");
    }
}
