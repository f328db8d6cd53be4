//! Answers and refusals as they travel.

use super::*;

#[tokio::test]
async fn both_url_shapes_answer_and_say_what_they_are() {
    let fake = fake().await;
    let v1 = json_of(post(&fake, &ask("one two")).send().await.expect("sent")).await;
    let url = format!(
        "{}/openai/deployments/gpt-4.1-mini/chat/completions?api-version=2024-10-21",
        fake.endpoint()
    );
    let dated = client()
        .post(url)
        .header("api-key", fake.api_key())
        .json(&ask("one two"))
        .send()
        .await
        .expect("sent");
    let remaining = dated.headers()["x-ratelimit-remaining-requests"]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(remaining, "999998");
    assert_eq!(dated.headers()["x-ms-region"], "Sweden Central");
    assert!(dated.headers().contains_key("apim-request-id"));
    let dated = json_of(dated).await;
    for body in [v1, dated] {
        let text = body["choices"][0]["message"]["content"].as_str().expect("text");
        assert!(
            text.starts_with("Fake Azure (deployment gpt-4.1-mini) received 7 characters in 2 words."),
            "{text}"
        );
        assert_eq!(body["choices"][0]["finish_reason"], "stop");
        assert_eq!(body["model"], "gpt-4.1-mini-fake");
        let usage = &body["usage"];
        assert_eq!(usage["prompt_tokens"], 4 + 5 + 3);
        let (prompt, answer) = (
            usage["prompt_tokens"].as_u64(),
            usage["completion_tokens"].as_u64(),
        );
        assert_eq!(
            usage["total_tokens"].as_u64(),
            prompt.zip(answer).map(|(prompt, answer)| prompt + answer)
        );
    }
}

#[tokio::test]
async fn a_stream_comes_as_azure_sends_it() {
    let fake = fake().await;
    let response = post(&fake, &streamed("hi")).send().await.expect("sent");
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let (events, end) = events_of(response).await;
    end.expect("a complete body");
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    let chunks = parse(&events);
    assert_eq!(chunks[0]["choices"], json!([]));
    assert!(chunks[0]["prompt_filter_results"][0]["content_filter_results"]["jailbreak"].is_object());
    assert_eq!(chunks[1]["choices"][0]["delta"]["role"], "assistant");
    assert!(text_of(&chunks).starts_with("Fake Azure"));
    let finish = &chunks[chunks.len() - 2];
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!(finish["usage"], Value::Null);
    let usage = &chunks[chunks.len() - 1];
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(
        usage["usage"]["completion_tokens"].as_u64(),
        Some(chunks.len() as u64 - 4)
    );
    assert_eq!(fake.stats().outcome("answered"), 1);
}

#[tokio::test]
async fn without_stream_options_there_is_no_usage() {
    let fake = fake().await;
    let mut body = streamed("hi");
    body["stream_options"] = Value::Null;
    let (events, _) = events_of(post(&fake, &body).send().await.expect("sent")).await;
    assert!(parse(&events).iter().all(|chunk| chunk.get("usage").is_none()));
}

/// What such a fake streams.
async fn chunks_of(config: FakeAzureConfig) -> Vec<Value> {
    let fake = FakeAzure::start(config).await.expect("a free port");
    let (events, _) = events_of(post(&fake, &streamed("hi")).send().await.expect("sent")).await;
    parse(&events)
}

#[tokio::test]
async fn the_asynchronous_filter_sends_a_choice_without_delta() {
    let chunks = chunks_of(FakeAzureConfig {
        asynchronous_filter: true,
        ..FakeAzureConfig::default()
    })
    .await;
    let bare = chunks
        .into_iter()
        .filter(|chunk| chunk["choices"][0]["content_filter_offsets"].is_object());
    assert_eq!(
        bare.filter(|chunk| chunk["choices"][0].get("delta").is_none())
            .count(),
        1
    );
}

#[tokio::test]
async fn chunks_with_text_are_filled_up_if_wanted() {
    let chunks = chunks_of(FakeAzureConfig {
        obfuscated: true,
        ..FakeAzureConfig::default()
    })
    .await;
    let of_text = |chunk: &&Value| {
        chunk["choices"][0]["delta"]["content"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    };
    let noise: Vec<_> = chunks
        .iter()
        .filter(of_text)
        .map(|chunk| chunk["obfuscation"].as_str())
        .collect();
    assert!(
        noise
            .iter()
            .all(|noise| noise.is_some_and(|noise| !noise.is_empty())),
        "{noise:?}"
    );
    assert!(noise.iter().any(|other| other != &noise[0]), "{noise:?}");
}

#[tokio::test]
async fn a_json_schema_is_met_and_a_bound_is_kept() {
    let fake = fake().await;
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["label", "tags"], "properties": {
        "label": {"enum": ["order", "other"]}, "tags": {"type": "array", "items": {"type": "string"}}}});
    let mut body = ask("classify");
    body["response_format"] =
        json!({"type": "json_schema", "json_schema": {"name": "t", "strict": true, "schema": schema}});
    let answer = json_of(post(&fake, &body).send().await.expect("sent")).await;
    let text = answer["choices"][0]["message"]["content"].as_str().expect("text");
    let instance: Value = serde_json::from_str(text).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &instance), "{instance}");

    body["max_completion_tokens"] = json!(2);
    let answer = json_of(post(&fake, &body).send().await.expect("sent")).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn refusals_have_azures_bodies() {
    let fake = fake().await;
    let base = fake.endpoint();
    let v1 = format!("{base}/openai/v1/chat/completions");
    let dated = |deployment: &str, query: &str| {
        format!("{base}/openai/deployments/{deployment}/chat/completions{query}")
    };
    let good = "?api-version=2024-10-21";
    let mut schema = ask("x");
    schema["response_format"] =
        json!({"type": "json_schema", "json_schema": {"name": "t", "schema": {"type": "object"}}});
    let mut nobody = ask("x");
    nobody["model"] = json!("nobody");
    let mut unnamed = ask("x");
    unnamed.as_object_mut().expect("an object").remove("model");
    let long = ask(&"x".repeat(600_000));
    let key = fake.api_key();
    let cases = [
        (v1.clone(), "wrong", ask("x"), 401, "/error/code", "401"),
        (v1.clone(), key, nobody, 404, "/error/code", "DeploymentNotFound"),
        (
            v1.clone(),
            key,
            unnamed,
            400,
            "/error/type",
            "invalid_request_error",
        ),
        (
            v1.clone(),
            key,
            json!({"model": "gpt-4.1-mini"}),
            400,
            "/error/code",
            "missing_required_parameter",
        ),
        (
            v1.clone(),
            key,
            long,
            400,
            "/error/code",
            "context_length_exceeded",
        ),
        (
            v1,
            key,
            ask("a FILTERED-WORD"),
            400,
            "/error/innererror/code",
            "ResponsibleAIPolicyViolation",
        ),
        (
            dated("gpt-4.1-mini", ""),
            key,
            ask("x"),
            404,
            "/error/message",
            "Resource not found",
        ),
        (
            dated("gpt-4.1-mini", "?api-version=old"),
            key,
            ask("x"),
            404,
            "/error/message",
            "Resource not found",
        ),
        (
            dated("nobody", good),
            key,
            ask("x"),
            404,
            "/error/code",
            "DeploymentNotFound",
        ),
        (
            dated("gpt-4.1-mini", "?api-version=2024-02-01"),
            key,
            schema,
            400,
            "/error/param",
            "response_format",
        ),
        (
            format!("{base}/openai/v2"),
            key,
            ask("x"),
            404,
            "/error/code",
            "404",
        ),
    ];
    for (url, key, body, status, pointer, wanted) in cases {
        let response = client()
            .post(&url)
            .header("api-key", key)
            .json(&body)
            .send()
            .await
            .expect("sent");
        assert_eq!(response.status(), status, "{url}");
        let body = json_of(response).await;
        assert_eq!(
            body.pointer(pointer).and_then(Value::as_str),
            Some(wanted),
            "{url}: {body}"
        );
    }
    let bearer = |url: String, key: &str| client().post(url).bearer_auth(key).json(&ask("x")).send();
    let v1 = format!("{base}/openai/v1/chat/completions");
    assert_eq!(
        bearer(v1.clone(), key).await.expect("sent").status(),
        200,
        "v1 takes the key as bearer"
    );
    let refused = bearer(v1, "wrong").await.expect("sent");
    assert_eq!(json_of(refused).await["statusCode"], 401);
    assert_eq!(
        bearer(dated("gpt-4.1-mini", good), key)
            .await
            .expect("sent")
            .status(),
        401
    );
}

#[tokio::test]
async fn the_filter_speaks_in_all_three_ways() {
    let fake = fake().await;
    let prompt = post(&fake, &ask("[[fault:filter-prompt]]"))
        .send()
        .await
        .expect("sent");
    assert_eq!(prompt.status(), 400);
    let prompt = json_of(prompt).await;
    assert_eq!(prompt["error"]["code"], "content_filter");
    assert_eq!(
        prompt["error"]["innererror"]["content_filter_result"]["violence"]["filtered"],
        true
    );
    let (events, _) = events_of(
        post(&fake, &streamed("[[fault:filter-answer]]"))
            .send()
            .await
            .expect("sent"),
    )
    .await;
    let reasons: Vec<Value> = parse(&events)
        .iter()
        .map(|chunk| chunk["choices"][0]["finish_reason"].clone())
        .collect();
    assert!(reasons.contains(&json!("content_filter")));
    let (events, _) = events_of(
        post(&fake, &streamed("[[fault:filter-error]]"))
            .send()
            .await
            .expect("sent"),
    )
    .await;
    let errors = parse(&events).into_iter().filter(|chunk| {
        chunk["choices"][0]["content_filter_results"]["error"]["code"] == "content_filter_error"
    });
    assert!(errors.count() > 0);
    assert_eq!(fake.stats().outcome("filtered"), 3);
}

#[tokio::test]
async fn status_faults_carry_their_headers() {
    let fake = fake().await;
    fake.faults()
        .next(1, Fault::status(429).with_header("retry-after-ms", "1500"));
    let throttled = post(&fake, &ask("x")).send().await.expect("sent");
    assert_eq!(throttled.status(), 429);
    assert_eq!(throttled.headers()["retry-after-ms"], "1500");
    assert!(
        !throttled.headers().contains_key("retry-after"),
        "only what was asked for"
    );
    let quota = post(&fake, &ask("x"))
        .header("x-fake-fault", "status=429;code=insufficient_quota")
        .send()
        .await;
    assert_eq!(
        json_of(quota.expect("sent")).await["error"]["code"],
        "insufficient_quota"
    );
    for status in [400, 401, 403, 404, 408, 409, 413, 422, 500, 502, 503, 504] {
        fake.faults().next(1, Fault::status(status));
        let response = post(&fake, &ask("x")).send().await.expect("sent");
        assert_eq!(response.status(), status);
        assert!(json_of(response).await["error"].is_object(), "{status}");
        assert_eq!(fake.stats().outcome(&format!("status_{status}")), 1);
    }
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    let bad = post(&fake, &ask("x"))
        .header("x-fake-fault", "explode")
        .send()
        .await
        .expect("sent");
    assert_eq!(json_of(bad).await["error"]["code"], "bad_fault");
}

#[tokio::test]
async fn limits_of_a_minute_become_429() {
    let config = FakeAzureConfig {
        requests_per_minute: 1,
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    let refused = post(&fake, &ask("x")).send().await.expect("sent");
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=60).contains(&wait));
}
