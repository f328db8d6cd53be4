//! Measures a model on this machine: load time, time to the first token, prefill and decode speed.
//!
//! `cargo run --release -p models --example speed [FILE.gguf]`; without a file, the bundled model.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use futures::StreamExt;
use models::{Engine, EngineConfig, GenerationEvent, GenerationRequest, Source, Turn};

/// Prompt tokens, generated tokens, time to the first event and to the last.
async fn run(
    engine: &Engine,
    text: &str,
    max_tokens: usize,
) -> Result<(usize, usize, Duration, Duration), Box<dyn Error>> {
    // A schema keeps the answer going for as long as is wanted.
    let schema = serde_json::json!({"type": "string", "minLength": 100_000});
    let started = Instant::now();
    let mut events = engine.generate(GenerationRequest {
        turns: vec![Turn {
            role: "user",
            content: text.to_owned(),
        }],
        max_tokens,
        json_schema: (max_tokens > 1).then(|| schema.into()),
        ..GenerationRequest::default()
    })?;
    let mut first = None;
    while let Some(event) = events.next().await {
        let event = event?;
        first.get_or_insert_with(|| started.elapsed());
        if let GenerationEvent::Finished {
            prompt_tokens,
            generated_tokens,
            ..
        } = event
        {
            return Ok((
                prompt_tokens,
                generated_tokens,
                first.unwrap_or_default(),
                started.elapsed(),
            ));
        }
    }
    Err("ended early".into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let source = std::env::args()
        .nth(1)
        .map_or(Source::Bundled, |path| Source::File(path.into()));
    let started = Instant::now();
    let engine = Engine::start(
        &source,
        EngineConfig {
            slots: 4,
            ..EngineConfig::default()
        },
        |_| {},
    )?;
    let info = engine.info();
    println!(
        "{} ({}, {} weights, {}): loaded in {:?}",
        info.name,
        info.architecture,
        info.parameters,
        info.quantisation,
        started.elapsed()
    );
    for length in [1, 100] {
        let (prompt, _, first, _) = run(&engine, &"The order is late. ".repeat(length), 1).await?;
        println!(
            "prompt of {prompt} tokens: first token after {first:?}, {:.0} tokens/s",
            per_second(prompt, first)
        );
    }
    let (_, generated, first, all) = run(&engine, "Hello", 128).await?;
    println!(
        "1 sequence: {:.0} tokens/s",
        per_second(generated, all.saturating_sub(first))
    );
    let started = Instant::now();
    let answers = futures::future::join_all((0..4).map(|_| run(&engine, "Hello", 64))).await;
    let generated = answers
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .map(|answer| answer.1)
        .sum();
    println!(
        "4 sequences: {:.0} tokens/s together",
        per_second(generated, started.elapsed())
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(1e-9)
}
