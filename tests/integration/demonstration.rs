//! The first minutes of someone who tries it out: no configuration file, the fake Azure as a program of its own.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use serde_json::json;
use tests::server_under_test::{ServerUnderTest, terminate};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};

struct FakeProgram {
    child: Child,
    output: BufReader<ChildStdout>,
    /// What it said to export.
    exports: BTreeMap<String, String>,
}

impl FakeProgram {
    async fn start(listen: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fake-azure"));
        command
            .args(["--listen", listen, "--api-key", "demo-key"])
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("the fake starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut exports = BTreeMap::new();
        while exports.len() < 3 {
            let mut line = String::new();
            let read = tokio::time::timeout(Duration::from_secs(30), output.read_line(&mut line)).await;
            assert!(
                read.expect("it says what to export").expect("text") > 0,
                "it ended: {exports:?}"
            );
            if let Some((name, value)) = line
                .trim()
                .strip_prefix("export ")
                .and_then(|pair| pair.split_once('='))
            {
                exports.insert(name.to_owned(), value.to_owned());
            }
        }
        Self {
            child,
            output,
            exports,
        }
    }

    async fn end(mut self) {
        terminate(self.child.id().expect("it runs")).await;
        let status = tokio::time::timeout(Duration::from_secs(10), self.child.wait())
            .await
            .expect("it ends");
        assert!(status.expect("waited for").success());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).await.expect("text");
        assert!(rest.contains("ends after"), "{rest}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fake_up_gone_and_up_again_is_seen_in_every_answer() {
    let fake = FakeProgram::start("127.0.0.1:0").await;
    let environment: Vec<(&str, &str)> = fake
        .exports
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let server = ServerUnderTest::start_unconfigured(&environment).await;
    let address = fake.exports["AZURE_OPENAI_ENDPOINT"]
        .trim_start_matches("http://")
        .to_owned();
    let client = server.client();
    let ask = async || {
        client
            .call("classify_ticket", json!({"text": "Where is my parcel?"}))
            .await
            .answer()
    };
    let answer = ask().await;
    assert_eq!((answer.backend(), answer.degraded()), ("azure", (false, None)));

    fake.end().await;
    let answer = ask().await;
    assert_eq!(
        (answer.backend(), answer.degraded().0),
        ("local", true),
        "{}",
        answer.facts()
    );
    assert!(answer.degraded().1.is_some(), "and why");

    let _again = FakeProgram::start(&address).await;
    tests::eventually("Azure answers again", Duration::from_secs(40), async || {
        (ask().await.backend() == "azure").then_some(())
    })
    .await;
    assert!(!server.log().contains("demo-key"), "the key is not logged");
}
