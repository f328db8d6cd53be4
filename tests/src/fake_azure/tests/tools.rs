//! Tools, spillover, and the OpenAI-compatible face.

use super::*;

fn weather() -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    json!({"type": "function", "function": {"name": "get_weather", "parameters": schema}})
}

fn with_tools(text: &str) -> Value {
    let mut body = ask(text);
    body["tools"] = json!([weather(), {"type": "function", "function": {"name": "get_time"}}]);
    body
}

#[tokio::test]
async fn scripted_calls_come_whole_and_in_pieces() {
    let fake = fake().await;
    let scripted = "[[call:get_weather {\"city\": \"Zürich\"}]] and [[call:get_time]]";
    let whole = json_of(post(&fake, &with_tools(scripted)).send().await.expect("sent")).await;
    let choice = &whole["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let calls = choice["message"]["tool_calls"].as_array().expect("calls");
    let said: Vec<_> = calls
        .iter()
        .map(|call| {
            (
                call["type"].as_str(),
                call["function"]["name"].as_str(),
                call["function"]["arguments"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (
                Some("function"),
                Some("get_weather"),
                Some("{\"city\": \"Zürich\"}")
            ),
            (Some("function"), Some("get_time"), Some("{}"))
        ]
    );
    assert_ne!(calls[0]["id"], calls[1]["id"]);

    let mut body = with_tools(scripted);
    body["stream"] = json!(true);
    let (events, _) = events_of(post(&fake, &body).send().await.expect("sent")).await;
    let chunks = parse(&events);
    let pieces: Vec<&Value> = chunks
        .iter()
        .map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0])
        .filter(|piece| piece.is_object())
        .collect();
    assert!(pieces.len() > 4, "{pieces:?}");
    let arguments = |index: u64| -> String {
        let of = pieces
            .iter()
            .filter(|piece| piece["index"].as_u64() == Some(index));
        of.filter_map(|piece| piece["function"]["arguments"].as_str())
            .collect()
    };
    assert_eq!(
        (arguments(0).as_str(), arguments(1).as_str()),
        ("{\"city\": \"Zürich\"}", "{}")
    );
    assert_eq!(
        chunks.last().expect("chunks")["choices"][0]["finish_reason"],
        "tool_calls"
    );
}

#[tokio::test]
async fn the_choice_decides() {
    let fake = fake().await;
    let named = json!({"type": "function", "function": {"name": "get_time"}});
    for (text, choice, expected) in [
        ("hi", Value::Null, ("stop", None)),
        ("hi", json!("auto"), ("stop", None)),
        ("hi", json!("required"), ("tool_calls", Some("get_weather"))),
        ("hi", named, ("stop", Some("get_time"))),
        ("[[call:get_time]]", json!("none"), ("stop", None)),
        (
            "[[call:get_time]]",
            json!("required"),
            ("tool_calls", Some("get_time")),
        ),
    ] {
        let mut body = with_tools(text);
        body["tool_choice"] = choice.clone();
        let answer = json_of(post(&fake, &body).send().await.expect("sent")).await;
        let called = answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"].as_str();
        let finish = answer["choices"][0]["finish_reason"].as_str().expect("a reason");
        assert_eq!((finish, called), expected, "{text} {choice}");
    }
    let mut body = with_tools("hi");
    body["tool_choice"] = json!("required");
    let answer = json_of(post(&fake, &body).send().await.expect("sent")).await;
    let arguments = answer["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str();
    let arguments: Value = serde_json::from_str(arguments.expect("arguments")).expect("JSON");
    assert!(
        arguments["city"].is_string(),
        "an instance of the schema: {arguments}"
    );
}

#[tokio::test]
async fn results_of_tools_must_follow_their_calls() {
    let fake = fake().await;
    let call =
        |id: &str| json!({"id": id, "type": "function", "function": {"name": "get_time", "arguments": "{}"}});
    let asked = |ids: &[&str]| json!({"role": "assistant", "content": null, "tool_calls": ids.iter().map(|id| call(id)).collect::<Vec<_>>()});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "12:00"});
    let user = || json!({"role": "user", "content": "[[call:get_time]]"});
    let conversation = |messages: Vec<Value>| {
        let mut body = with_tools("x");
        body["messages"] = Value::Array(messages);
        body
    };
    let good = conversation(vec![user(), asked(&["a", "b"]), result("b"), result("a")]);
    let answer = json_of(post(&fake, &good).send().await.expect("sent")).await;
    assert_eq!(
        answer["choices"][0]["finish_reason"], "stop",
        "after results a text is answered: {answer}"
    );
    for (messages, part) in [
        (
            vec![user(), result("a")],
            "must be a response to a preceeding message",
        ),
        (
            vec![user(), asked(&["a"]), result("b")],
            "must be a response to a preceeding message",
        ),
        (
            vec![user(), asked(&["a", "b"]), result("a")],
            "did not have response messages: b",
        ),
        (
            vec![user(), asked(&["a"]), user()],
            "did not have response messages: a",
        ),
        (
            vec![user(), asked(&["a"]), json!({"role": "tool", "content": "x"})],
            "Missing parameter 'tool_call_id'",
        ),
        (vec![user(), asked(&[])], "empty array"),
        (
            vec![json!({"role": "assistant", "tool_calls": "x"})],
            "expected an array of objects",
        ),
        (
            vec![
                json!({"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "n", "arguments": {}}}]}),
            ],
            "expected a string",
        ),
        (
            vec![json!({"role": "assistant", "tool_calls": [{"type": "function"}]})],
            "Missing required parameter: 'messages[0].tool_calls[0].id'",
        ),
    ] {
        let response = post(&fake, &conversation(messages)).send().await.expect("sent");
        assert_eq!(response.status(), 400, "{part}");
        let body = json_of(response).await;
        assert!(
            body["error"]["message"]
                .as_str()
                .is_some_and(|text| text.contains(part)),
            "{part}: {body}"
        );
    }
}

#[tokio::test]
async fn tools_that_the_service_refuses_are_refused() {
    let fake = fake().await;
    let function = |function: Value| json!([{"type": "function", "function": function}]);
    for (tools, choice, part) in [
        (json!("x"), Value::Null, "expected an array of objects"),
        (json!([]), Value::Null, "empty array"),
        (
            json!([{"type": "robot"}]),
            Value::Null,
            "Supported values are: 'function'",
        ),
        (json!([{"type": "function"}]), Value::Null, "'tools[0].function'"),
        (function(json!({})), Value::Null, "'tools[0].function.name'"),
        (
            function(json!({"name": "a b"})),
            Value::Null,
            "does not match pattern",
        ),
        (
            function(json!({"name": "a", "parameters": {"type": "array"}})),
            Value::Null,
            "got 'type: \"array\"'",
        ),
        (
            function(json!({"name": "a", "strict": true, "parameters": {"type": "object"}})),
            Value::Null,
            "Invalid schema for function 'a'",
        ),
        (
            function(json!({"name": "a"})),
            json!("perhaps"),
            "Supported values are: 'none', 'auto', and 'required'",
        ),
        (
            function(json!({"name": "a"})),
            json!({"function": {"name": "b"}}),
            "'b' is not among 'tools'",
        ),
        (Value::Array(vec![weather(); 129]), Value::Null, "array too long"),
        (
            Value::Null,
            json!("auto"),
            "only allowed when 'tools' are specified",
        ),
    ] {
        let mut body = ask("hi");
        body["tools"] = tools;
        body["tool_choice"] = choice;
        let response = post(&fake, &body).send().await.expect("sent");
        assert_eq!(response.status(), 400, "{part}");
        let body = json_of(response).await;
        assert!(
            body["error"]["message"]
                .as_str()
                .is_some_and(|text| text.contains(part)),
            "{part}: {body}"
        );
    }
}

#[tokio::test]
async fn spillover_names_both_deployments() {
    let config = FakeAzureConfig {
        spillover: Some("gpt-4.1-mini-standard".to_owned()),
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    let response = post(&fake, &ask("hi")).send().await.expect("sent");
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("x-ms-deployment-name"), "gpt-4.1-mini-standard");
    assert_eq!(header("x-ms-spillover-from-deployment"), "gpt-4.1-mini");
    assert_eq!(json_of(response).await["model"], "gpt-4.1-mini-standard-fake");
}

fn post_openai(fake: &FakeAzure, key: Option<&str>, body: &Value) -> reqwest::RequestBuilder {
    let request = client()
        .post(format!("{}/chat/completions", fake.openai_base_url()))
        .json(body);
    match key {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

#[tokio::test]
async fn the_openai_face_answers_without_azures_additions() {
    let fake = fake().await;
    let response = post_openai(&fake, Some(fake.api_key()), &ask("hi"))
        .send()
        .await
        .expect("sent");
    assert!(
        response
            .headers()
            .keys()
            .all(|name| !name.as_str().starts_with("x-ms-") && name != "apim-request-id")
    );
    let body = json_of(response).await;
    assert!(!body.to_string().contains("filter"), "{body}");
    assert_eq!(body["object"], "chat.completion");
    let (events, _) = events_of(
        post_openai(&fake, Some(fake.api_key()), &streamed("hi"))
            .send()
            .await
            .expect("sent"),
    )
    .await;
    let chunks = parse(&events);
    assert!(!events.concat().contains("filter"), "{events:?}");
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(chunks.last().expect("chunks")["choices"], json!([]));
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    let models = client()
        .get(format!("{}/models", fake.openai_base_url()))
        .bearer_auth(fake.api_key());
    assert_eq!(
        json_of(models.send().await.expect("sent")).await["data"][0]["id"],
        "gpt-4.1-mini"
    );
}

#[tokio::test]
async fn the_openai_face_refuses_as_openai_does() {
    let fake = fake().await;
    let key = fake.api_key();
    let mut nobody = ask("x");
    nobody["model"] = json!("nobody");
    let long = ask(&"x".repeat(600_000));
    let mut expected = vec![
        (Some("wrong"), ask("x"), 401, json!("invalid_api_key")),
        (None, ask("x"), 401, json!("invalid_api_key")),
        (Some(key), nobody, 404, json!("model_not_found")),
        (Some(key), long, 400, json!("context_length_exceeded")),
        (
            Some(key),
            json!({"model": "gpt-4.1-mini"}),
            400,
            json!("missing_required_parameter"),
        ),
    ];
    for (status, code) in [
        (429, json!("rate_limit_exceeded")),
        (500, Value::Null),
        (503, Value::Null),
    ] {
        expected.push((
            Some(key),
            ask(&format!("[[fault:status={status}]]")),
            status,
            code,
        ));
    }
    for (key, body, status, code) in expected {
        let response = post_openai(&fake, key, &body).send().await.expect("sent");
        assert_eq!(response.status(), status, "{code}");
        let error = json_of(response).await["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        assert!(
            error["message"].is_string() && error["type"].is_string(),
            "{error}"
        );
    }
    let azure_header = client()
        .post(format!("{}/chat/completions", fake.openai_base_url()))
        .header("api-key", key)
        .json(&ask("x"));
    assert_eq!(
        azure_header.send().await.expect("sent").status(),
        401,
        "Azure's header is not OpenAI's"
    );
}
