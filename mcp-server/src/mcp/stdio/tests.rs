//! Tests of MCP on standard input and output.

use super::*;

mod reading {
    //! Lines.
    use super::super::lines::{Line, Lines};

    async fn all(input: &[u8], limit_bytes: usize) -> Vec<Line> {
        let mut lines = Lines::new(input, limit_bytes);
        let mut read = Vec::new();
        loop {
            match lines.next().await.unwrap() {
                Line::End => return read,
                line => read.push(line),
            }
        }
    }

    fn message(text: &str) -> Line {
        Line::Message(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn lines_are_split_and_bounded() {
        let too_long = || Line::TooLong { limit_bytes: 4 };
        for (input, expected) in [
            ("", vec![]),
            ("\n\r\n  \n", vec![]),
            ("ab\ncd\n", vec![message("ab"), message("cd")]),
            ("ab\r\n", vec![message("ab\r")]),
            ("ab", vec![message("ab")]),
            (
                "abcd\nabcde\nab\n",
                vec![message("abcd"), too_long(), message("ab")],
            ),
            ("abcdefghij", vec![too_long()]),
        ] {
            assert_eq!(all(input.as_bytes(), 4).await, expected, "{input:?}");
        }
    }

    #[tokio::test]
    async fn a_wait_given_up_loses_nothing() {
        use tokio::io::AsyncWriteExt;
        let (mut writer, reader) = tokio::io::duplex(64);
        let mut lines = Lines::new(reader, 100);
        writer.write_all(b"half ").await.unwrap();
        for _ in 0..3 {
            let waiting = lines.next();
            tokio::select! {
                biased;
                line = waiting => panic!("{line:?}"),
                () = std::future::ready(()) => {}
            }
        }
        writer.write_all(b"and half\n").await.unwrap();
        assert_eq!(lines.next().await.unwrap(), message("half and half"));
    }
}

#[tokio::test]
async fn owed_answers_are_waited_for() {
    let owed = Owed::default();
    owed.settled().await;
    let id = RequestId::Number(1);
    owed.add(id.clone());
    let mut settled = std::pin::pin!(owed.settled());
    assert!(futures::poll!(settled.as_mut()).is_pending());
    owed.remove(&RequestId::Number(2));
    assert!(futures::poll!(settled.as_mut()).is_pending());
    owed.remove(&id);
    assert!(futures::poll!(settled.as_mut()).is_ready());
}

mod serving {
    //! A client on the other side.

    use std::time::Duration;

    use inference::testing::{FakeBackend, Script};
    use inference::{Chain, FinishReason, Gateway, GatewayConfig, NoObserver};
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::super::*;
    use crate::tools::Catalogue;

    /// Sends this input and closes it; returns every line of the output.
    async fn exchange(script: Script, input: &str) -> Vec<Value> {
        let fake = FakeBackend::new("fake", "model");
        fake.always(script);
        let config = GatewayConfig {
            queue: inference::admission::Config::default(),
            backends: vec![fake.registered()],
            chains: vec![Chain {
                name: "default".into(),
                backends: vec!["fake".into()],
            }],
            routing: inference::RoutingConfig::default(),
        };
        let gateway = Gateway::new(config, Arc::new(NoObserver)).unwrap();
        let handler = Handler::for_process(Catalogue::new(gateway), Config::default());
        let (mut client_out, server_in) = tokio::io::duplex(1 << 16);
        let (server_out, mut client_in) = tokio::io::duplex(1 << 16);
        let serving = tokio::spawn(serve(
            handler,
            server_in,
            server_out,
            10_000,
            CancellationToken::new(),
        ));
        client_out.write_all(input.as_bytes()).await.unwrap();
        drop(client_out);
        let mut output = String::new();
        client_in.read_to_string(&mut output).await.unwrap();
        serving.await.unwrap().unwrap();
        output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect()
    }

    fn initialize() -> Value {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })
    }

    fn call(id: u32) -> Value {
        let params = json!({ "name": "ask_assistant", "arguments": { "question": "How?" } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_are_owed_are_given_after_the_input_ended() {
        // Longer than rmcp itself would wait, and the last line without its newline.
        let word = |script: Script| script.wait(Duration::from_secs(4)).text("late ");
        let slow = word(word(word(Script::new()))).finish(FinishReason::Stop);
        let output = exchange(slow, &format!("{}\n{}", initialize(), call(1))).await;
        assert_eq!(output.len(), 2, "{output:?}");
        assert_eq!(output[0]["result"]["serverInfo"]["name"], "b2xgate-mcp-server");
        assert_eq!(output[1]["id"], 1);
        assert_eq!(
            output[1]["result"]["structuredContent"]["answer"]
                .as_str()
                .map(str::trim_end),
            Some("late late late")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_never_ends_is_ended_by_its_deadline() {
        let mut message = call(1);
        message["params"]["_meta"] = json!({ "com.b2xgate/deadline_ms": 3000 });
        let output = exchange(Script::new().stall(), &format!("{}\n{message}\n", initialize())).await;
        let error = &output.last().unwrap()["result"]["_meta"]["com.b2xgate/error"];
        assert_eq!(error["code"], "deadline_exceeded", "{output:?}");
    }

    #[tokio::test]
    async fn a_modern_client_needs_no_handshake() {
        let mut message = call(3);
        message["params"]["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let output = exchange(Script::answer("yes"), &format!("{message}\n")).await;
        assert_eq!(output.len(), 1, "{output:?}");
        assert_eq!(output[0]["result"]["structuredContent"]["answer"], "yes");
    }

    #[tokio::test]
    async fn lines_that_are_no_messages_are_complained_about_and_passed_over() {
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(10_000));
        let input = format!(
            "nonsense\n[1]\n{{\"id\":9}}\n{long}\n{}\n{}\n",
            initialize(),
            call(1)
        );
        let output = exchange(Script::answer("fine"), &input).await;
        let seen: Vec<_> = output
            .iter()
            .map(|line| {
                (
                    line["id"].clone(),
                    line["error"]["code"].as_i64(),
                    line["error"]["data"]["code"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (Value::Null, Some(-32700), Some("parse_error")),
                (Value::Null, Some(-32600), Some("invalid_request")),
                (json!(9), Some(-32600), Some("invalid_request")),
                (Value::Null, Some(-32000), Some("body_too_large")),
                (json!(0), None, None),
                (json!(1), None, None),
            ]
        );
    }

    #[tokio::test]
    async fn no_input_is_no_error_and_nonsense_alone_is_complained_about() {
        assert_eq!(exchange(Script::answer("x"), "").await, Vec::<Value>::new());
        let output = exchange(Script::answer("x"), "nonsense").await;
        assert_eq!(output[0]["error"]["code"], -32700, "{output:?}");
    }
}
