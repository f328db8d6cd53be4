//! The fake over real sockets: what a client sees, fault by fault.

mod breaks;
mod tools;
mod wire;

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
