//! Calls of 2026-07-28: what they answer, how they fail, how they are given up.

use inference::testing::Script;
use inference::{BackendError, FinishReason};

use super::*;

#[tokio::test]
async fn discover_says_who_and_what() {
    let served = serve().await;
    let result = served
        .send(&Request::modern("server/discover", json!({})))
        .await
        .json()["result"]
        .take();
    let stamp = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(stamp["name"], "b2xgate-mcp-server");
    assert_eq!(stamp["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        result["supportedVersions"]
            .as_array()
            .unwrap()
            .contains(&json!("2026-07-28"))
    );
    assert!(result["capabilities"]["tools"].is_object());
    assert_eq!(
        (&result["ttlMs"], &result["cacheScope"]),
        (&json!(300_000), &json!("public"))
    );
    served.stop().await;
}

#[tokio::test]
async fn tools_are_listed_in_order_with_hints() {
    let served = serve().await;
    let result = served
        .send(&Request::modern("tools/list", json!({})))
        .await
        .json()["result"]
        .take();
    let names: Vec<_> = result["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    let catalogue = crate::tools::Catalogue::new(served.gateway.clone());
    let defined: Vec<_> = catalogue
        .definitions()
        .iter()
        .map(|definition| definition.name)
        .collect();
    assert!(names.starts_with(&defined), "{names:?}");
    assert_eq!(
        result["tools"][0]["annotations"],
        json!({
            "title": catalogue.definitions()[0].title,
            "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false,
        })
    );
    assert!(result["tools"][0]["outputSchema"].is_object());
    assert_eq!(
        (&result["ttlMs"], &result["cacheScope"]),
        (&json!(300_000), &json!("private"))
    );
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "b2xgate-mcp-server"
    );

    let page = served
        .send(&Request::modern("tools/list", json!({ "cursor": "x" })))
        .await
        .json();
    assert_eq!(
        (&page["error"]["code"], &page["error"]["data"]["code"]),
        (&json!(-32602), &json!("invalid_params"))
    );
    served.stop().await;
}

#[tokio::test]
async fn an_answer_is_structured_and_says_who_gave_it() {
    let served = serve().await;
    served.fake.always(Script::answer("Like this: \"ä\" 1.50"));
    let answer = served.send(&question(&json!({}))).await;
    assert_eq!(answer.status, 200);
    let result = answer.json()["result"].take();
    assert_eq!(result["structuredContent"]["answer"], "Like this: \"ä\" 1.50");
    assert_eq!(result["content"].as_array().unwrap().len(), 1);
    assert_eq!(
        result["content"][0]["text"].as_str().unwrap(),
        result["structuredContent"].to_string()
    );
    assert_eq!(result["isError"], false);
    let facts = &result["_meta"]["com.b2xgate/answer"];
    assert_eq!(
        (&facts["backend"], &facts["degraded"]),
        (&json!("fake"), &json!(false))
    );
    assert_eq!(facts["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(
        result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"],
        "b2xgate-mcp-server"
    );

    let status = json!({ "name": "server_status", "arguments": {} });
    let result = served.send(&Request::modern("tools/call", status)).await.json()["result"].take();
    assert_eq!(
        result["_meta"]["com.b2xgate/answer"],
        Value::Null,
        "no model answered"
    );
    served.stop().await;
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol() {
    let served = serve().await;
    let params = json!({ "name": "ask_asistant", "arguments": {} });
    let answer = served.send(&Request::modern("tools/call", params)).await;
    let error = answer.json()["error"].take();
    assert_eq!(error["code"], -32602);
    assert_eq!(error["data"]["code"], "unknown_tool");
    assert_eq!(error["data"]["nearest"], "ask_assistant");
    served.stop().await;
}

/// Failures of a call, as a result that a model reads: code in the text, detail for programs.
#[tokio::test]
async fn failures_are_results_that_say_what_to_do() {
    let served = serve().await;
    let failed = async |request: &Request| {
        let result = served.send(request).await.json()["result"].take();
        assert_eq!(result["isError"], true, "{result}");
        assert_eq!(result["structuredContent"], Value::Null);
        let error = result["_meta"]["com.b2xgate/error"].clone();
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(
            text.starts_with(&format!("{}: ", error["code"].as_str().unwrap())),
            "{text}"
        );
        error
    };

    let params = json!({ "name": "ask_assistant", "arguments": { "question": 7, "extra": 1 } });
    let error = failed(&Request::modern("tools/call", params)).await;
    assert_eq!(error["code"], "invalid_arguments");
    let problems = error["problems"].as_array().unwrap();
    assert!(
        problems.iter().any(|problem| problem["field"] == "question"),
        "{problems:?}"
    );

    served.fake.next(Script::failure(BackendError::ContentFiltered {
        stage: "prompt",
        categories: String::new(),
    }));
    let error = failed(&question(&json!({}))).await;
    assert_eq!(
        (&error["code"], &error["retry_after_ms"]),
        (&json!("content_filtered"), &Value::Null)
    );
    assert_eq!(error["attempts"][0]["backend"], "fake");

    served.fake.next(Script::new().stall());
    let error = failed(&question(&json!({ "com.b2xgate/deadline_ms": 30 }))).await;
    assert_eq!(error["code"], "deadline_exceeded");

    served.gateway.drain();
    let error = failed(&question(&json!({}))).await;
    assert_eq!(
        (&error["code"], &error["retry_after_ms"]),
        (&json!("draining"), &json!(1000))
    );
    served.stop().await;
}

#[tokio::test]
async fn a_deadline_that_is_none_is_refused() {
    let served = serve().await;
    for deadline in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!("50"),
        json!(null),
        json!([1]),
    ] {
        let answer = served
            .send(&question(&json!({ "com.b2xgate/deadline_ms": deadline })))
            .await;
        let error = answer.json()["error"].take();
        assert_eq!(
            (&error["code"], &error["data"]["code"]),
            (&json!(-32602), &json!("invalid_params")),
            "{deadline}"
        );
    }
    assert_eq!(served.fake.attempts(), 0);
    served.stop().await;
}

#[tokio::test]
async fn progress_is_told_to_those_who_ask_and_only_grows() {
    let served = serve_with(|parts| parts.mcp.progress_interval = Duration::from_millis(5)).await;
    let mut script = Script::new();
    for _ in 0..10 {
        script = script.text("word ").wait(Duration::from_millis(10));
    }
    served.fake.always(script.finish(FinishReason::Stop));

    let events = served
        .send(&question(&json!({ "progressToken": "p" })))
        .await
        .events();
    let (last, progress) = events.split_last().unwrap();
    assert_eq!(last["result"]["isError"], false);
    assert!(!progress.is_empty());
    let mut before = 0.0;
    for event in progress {
        assert_eq!(
            (&event["method"], &event["params"]["progressToken"]),
            (&json!("notifications/progress"), &json!("p"))
        );
        let now = event["params"]["progress"].as_f64().unwrap();
        assert!(now > before, "{events:?}");
        before = now;
    }
    let message = progress.last().unwrap()["params"]["message"].as_str().unwrap();
    assert!(message.starts_with("fake is writing, "), "{message}");

    // Whoever does not ask gets one JSON document.
    assert!(served.send(&question(&json!({}))).await.json()["result"].is_object());
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_its_call() {
    let served = serve().await;
    served.fake.always(Script::new().stall());
    for meta in [json!({}), json!({ "progressToken": 1 })] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&question(&meta).bytes()).await.unwrap();
        served.running(1).await;
        drop(stream);
        served.running(0).await;
    }
    served.stop().await;
}

#[tokio::test]
async fn requests_that_break_the_revision_are_refused() {
    let served = serve().await;
    for (request, status, code) in [
        (Request::modern("no/such", json!({})), 404, -32601),
        (Request::modern("ping", json!({})), 404, -32601),
        (
            question(&json!({})).with("mcp-name", "server_status"),
            400,
            -32020,
        ),
        (question(&json!({})).with("mcp-method", "tools/list"), 400, -32020),
        (
            question(&json!({})).with("mcp-protocol-version", "2025-11-25"),
            400,
            -32020,
        ),
        (
            question(&json!({ "io.modelcontextprotocol/protocolVersion": "2999-01-01" }))
                .with("mcp-protocol-version", "2999-01-01"),
            400,
            -32022,
        ),
        (
            question(&json!({ "io.modelcontextprotocol/clientCapabilities": null })),
            400,
            -32602,
        ),
    ] {
        let answer = served.send(&request).await;
        let body = answer.json();
        assert_eq!(
            (answer.status, body["error"]["code"].as_i64()),
            (status, Some(code)),
            "{body}"
        );
    }
    served.stop().await;
}
