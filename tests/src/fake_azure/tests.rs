//! The fake over real sockets: what a client sees, fault by fault.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};

use super::*;

async fn fake() -> FakeAzure {
    FakeAzure::start(FakeAzureConfig::default())
        .await
        .expect("a free port")
}

/// A client that never reuses a connection, so that each request meets the fake afresh.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .expect("a client")
}

fn ask(text: &str) -> Value {
    json!({"model": "gpt-4.1-mini", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": text}]})
}

fn streamed(text: &str) -> Value {
    let mut body = ask(text);
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    body
}

fn post(fake: &FakeAzure, body: &Value) -> reqwest::RequestBuilder {
    let url = format!("{}/openai/v1/chat/completions", fake.endpoint());
    client().post(url).header("api-key", fake.api_key()).json(body)
}

async fn json_of(response: reqwest::Response) -> Value {
    response.json().await.expect("a JSON body")
}

/// The stream's `data:` payloads, and how it ended.
async fn events_of(response: reqwest::Response) -> (Vec<String>, Result<(), reqwest::Error>) {
    let mut body = response.bytes_stream();
    let mut text = Vec::new();
    let mut end = Ok(());
    while let Some(item) = body.next().await {
        match item {
            Ok(bytes) => text.extend_from_slice(&bytes),
            Err(error) => end = Err(error),
        }
    }
    let text = String::from_utf8(text).expect("UTF-8");
    let events = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .map(str::to_owned)
        .collect();
    (events, end)
}

fn parse(events: &[String]) -> Vec<Value> {
    events
        .iter()
        .filter_map(|event| serde_json::from_str(event).ok())
        .collect()
}

fn text_of(chunks: &[Value]) -> String {
    chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect()
}

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

#[tokio::test]
async fn the_asynchronous_filter_sends_a_choice_without_delta() {
    let config = FakeAzureConfig {
        asynchronous_filter: true,
        ..FakeAzureConfig::default()
    };
    let fake = FakeAzure::start(config).await.expect("a free port");
    let (events, _) = events_of(post(&fake, &streamed("hi")).send().await.expect("sent")).await;
    let bare = parse(&events)
        .into_iter()
        .filter(|chunk| chunk["choices"][0]["content_filter_offsets"].is_object());
    assert_eq!(
        bare.filter(|chunk| chunk["choices"][0].get("delta").is_none())
            .count(),
        1
    );
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

/// Whether a reset is somewhere in the chain of causes.
fn is_reset(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[tokio::test]
async fn connections_break_before_the_head() {
    let fake = fake().await;
    fake.faults().next(1, Fault::before_head(Ending::Reset));
    let reset = post(&fake, &ask("x")).send().await.expect_err("a reset");
    assert!(is_reset(&reset), "{reset:?}");
    fake.faults().next(1, Fault::before_head(Ending::Close));
    let closed = post(&fake, &ask("x")).send().await.expect_err("a close");
    assert!(!is_reset(&closed) && !closed.is_connect(), "{closed:?}");
    fake.faults().next(1, Fault::before_head(Ending::Silent));
    let silent = post(&fake, &ask("x"))
        .timeout(Duration::from_millis(200))
        .send()
        .await
        .expect_err("silence");
    assert!(silent.is_timeout(), "{silent:?}");
    let stats = settled(&fake).await;
    assert_eq!(
        (
            stats.outcome("reset"),
            stats.outcome("closed"),
            stats.outcome("silent")
        ),
        (1, 1, 1)
    );
    assert_eq!(stats.aborted_by_client, 1);
}

/// The stats once no request is under way.
async fn settled(fake: &FakeAzure) -> Stats {
    for _ in 0..500 {
        if fake.stats().in_flight == 0 {
            return fake.stats();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a request is still under way: {:?}", fake.stats());
}

#[tokio::test]
async fn streams_break_in_the_middle() {
    let fake = fake().await;
    for (words, outcome, broken) in [
        ("cut=4", "cut", false),
        ("close=4", "closed", true),
        ("reset=4", "reset", true),
    ] {
        let (events, end) = events_of(
            post(&fake, &streamed(&format!("[[fault:{words}]]")))
                .send()
                .await
                .expect("sent"),
        )
        .await;
        assert_eq!(events.len(), 4, "{words}: what was sent before arrives");
        assert_eq!(end.is_err(), broken, "{words}: {end:?}");
        assert!(
            parse(&events)
                .iter()
                .all(|chunk| chunk["choices"][0]["finish_reason"].is_null()),
            "{words}"
        );
        if words == "reset=4" {
            assert!(is_reset(&end.expect_err("a reset")));
        }
        assert_eq!(fake.stats().outcome(outcome), 1, "{words}");
    }
}

#[tokio::test]
async fn a_stalled_stream_ends_with_its_client() {
    let fake = fake().await;
    let response = post(&fake, &streamed("[[fault:stall=3]]"))
        .send()
        .await
        .expect("sent");
    let mut body = response.bytes_stream();
    let mut events = 0;
    while events < 3 {
        let bytes = body.next().await.expect("not yet stalled").expect("whole");
        events += String::from_utf8_lossy(&bytes).matches("\n\n").count();
    }
    assert!(
        tokio::time::timeout(Duration::from_millis(100), body.next())
            .await
            .is_err(),
        "silence"
    );
    assert_eq!(fake.stats().in_flight, 1);
    drop(body);
    let stats = settled(&fake).await;
    assert_eq!((stats.outcome("stalled"), stats.aborted_by_client), (1, 1));
}

#[tokio::test]
async fn a_client_that_leaves_is_counted() {
    let fake = fake().await;
    let response = post(&fake, &streamed("[[fault:trickle=20]]"))
        .send()
        .await
        .expect("sent");
    drop(response);
    let stats = settled(&fake).await;
    assert_eq!((stats.outcome("aborted"), stats.aborted_by_client), (1, 1));
}

#[tokio::test]
async fn lines_may_be_malformed_split_or_missing() {
    let fake = fake().await;
    let whole = events_of(post(&fake, &streamed("h\u{e4}")).send().await.expect("sent"))
        .await
        .0;
    for (words, events, parsed) in [
        ("malformed=2", whole.len() + 1, whole.len() - 1),
        ("garbage=2", whole.len(), 2),
        ("no-done", whole.len() - 1, whole.len() - 1),
        ("no-usage", whole.len() - 1, whole.len() - 2),
        ("fragment", whole.len(), whole.len() - 1),
    ] {
        let response = post(&fake, &streamed("h\u{e4}"))
            .header("x-fake-fault", words)
            .send()
            .await
            .expect("sent");
        let (seen, end) = events_of(response).await;
        end.expect("a complete body");
        assert_eq!((seen.len(), parse(&seen).len()), (events, parsed), "{words}");
    }
    let scripted = post(&fake, &ask("[[fault:answer=not, json]]"))
        .send()
        .await
        .expect("sent");
    assert_eq!(
        json_of(scripted).await["choices"][0]["message"]["content"],
        "not, json"
    );
}

#[tokio::test]
async fn stopped_it_refuses_and_resumed_it_answers_on_the_same_port() {
    let fake = fake().await;
    let endpoint = fake.endpoint();
    let hanging = post(&fake, &streamed("[[fault:stall=3]]"))
        .send()
        .await
        .expect("sent");
    for _ in 0..3 {
        fake.stop().await.expect("stopped");
        fake.stop().await.expect("stopping twice is fine");
        let refused = post(&fake, &ask("x")).send().await.expect_err("nobody listens");
        assert!(refused.is_connect(), "{refused:?}");
        fake.resume().await.expect("resumed");
        assert_eq!(fake.endpoint(), endpoint);
        assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    }
    assert!(
        events_of(hanging).await.1.is_err(),
        "what was under way is broken"
    );
    assert_eq!(fake.stats().outcome("stopped"), 1);
}

#[tokio::test]
async fn other_outages_accept_and_close_or_never_answer() {
    let fake = fake().await;
    fake.set_outage(Some(Outage::Close)).await.expect("set");
    let closed = post(&fake, &ask("x")).send().await.expect_err("closed");
    assert!(!closed.is_timeout());
    fake.set_outage(Some(Outage::Silent)).await.expect("set");
    let silent = post(&fake, &ask("x"))
        .timeout(Duration::from_millis(200))
        .send()
        .await
        .expect_err("silence");
    assert!(silent.is_timeout(), "{silent:?}");
    fake.resume().await.expect("resumed");
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
}

#[tokio::test]
async fn concurrent_requests_are_counted() {
    let fake = fake().await;
    let calls = (0..5).map(|_| post(&fake, &ask("[[fault:delay=300]]")).send());
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    let stats = settled(&fake).await;
    assert_eq!(
        (stats.requests, stats.max_in_flight, stats.arrivals.len()),
        (5, 5, 5)
    );
    let mut seen: Vec<usize> = stats.arrivals.iter().map(|arrival| arrival.in_flight).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    fake.reset_stats();
    assert_eq!(fake.stats().requests, 0);
}

#[tokio::test]
async fn the_control_endpoint_does_what_its_table_says() {
    let fake = fake().await;
    let url = |name: &str| format!("{}/__control/{name}", fake.endpoint());
    let put = |name: &str, body: Value| client().put(url(name)).json(&body).send();
    let rules = json!({"rules": [{"fault": "status=503", "next": 1}, {"fault": "status=500", "deployment": "other"}]});
    let set = put("faults", rules).await.expect("sent");
    assert_eq!(json_of(set).await["rules"].as_array().map(Vec::len), Some(2));
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 503);
    assert_eq!(post(&fake, &ask("x")).send().await.expect("sent").status(), 200);
    let left = json_of(client().get(url("faults")).send().await.expect("sent")).await;
    assert_eq!(left["rules"][0]["fault"], "status=500");
    let stats = json_of(client().get(url("stats")).send().await.expect("sent")).await;
    assert_eq!(
        (&stats["requests"], &stats["outcomes"]["status_503"]),
        (&json!(2), &json!(1))
    );
    for (name, body, reason) in [
        (
            "faults",
            json!({"rules": [{"fault": "explode"}]}),
            "unknown fault",
        ),
        (
            "faults",
            json!({"rules": [{"fault": "reset", "next": 1, "every": 2}]}),
            "one of",
        ),
        (
            "faults",
            json!({"rules": [{"fault": "reset", "often": 1}]}),
            "unknown field",
        ),
        ("outage", json!({"mode": "refuse"}), "for_ms"),
        ("outage", json!({"mode": "vanish"}), "unknown mode"),
    ] {
        let refused = put(name, body).await.expect("sent");
        assert_eq!(refused.status(), 400);
        let error = json_of(refused).await["error"]
            .as_str()
            .expect("a reason")
            .to_owned();
        assert!(error.contains(reason), "{error}");
    }
    client().delete(url("faults")).send().await.expect("sent");
    assert!(fake.faults().rules().is_empty());
    assert_eq!(
        client().get(url("nothing")).send().await.expect("sent").status(),
        404
    );

    put("outage", json!({"mode": "refuse", "for_ms": 300}))
        .await
        .expect("sent");
    let mut seen = Vec::new();
    for _ in 0..500 {
        let up = post(&fake, &ask("x")).send().await.is_ok();
        if seen.last() != Some(&up) {
            seen.push(up);
        }
        if seen.ends_with(&[false, true]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        seen.ends_with(&[false, true]),
        "gone, and back by itself: {seen:?}"
    );
}
