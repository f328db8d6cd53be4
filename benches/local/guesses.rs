//! What guesses save: the same answers with and without, in turns, and compared to the letter.

use std::{sync::Arc, time::Duration};

use models::{GenerationRequest, Source, Turn};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Result,
    ours::{Answer, Ours},
    report::{Guesses, median},
};

/// As the tool `extract_data` asks for them.
const INSTRUCTION: &str = include_str!("../../mcp-server/src/tools/prompts/extract_data.txt");
const TASKS: &str = include_str!("extraction.json");
/// An answer that the bundled model does not find the end of is cut here.
const MOST_TOKENS: usize = 400;
/// Of an answer that repeats itself.
const REPEATED_TOKENS: usize = 192;

#[derive(Deserialize)]
struct Task {
    header: String,
    text: String,
    schema: Arc<Value>,
}

impl Task {
    fn request(&self) -> GenerationRequest {
        let turn = |role, content: String| Turn { role, content };
        let Self { header, text, .. } = self;
        GenerationRequest {
            turns: vec![
                turn("system", INSTRUCTION.trim_end().to_owned()),
                turn("user", format!("{header}\n<input>\n{text}\n</input>")),
            ],
            max_tokens: MOST_TOKENS,
            json_schema: Some(self.schema.clone()),
            ..GenerationRequest::default()
        }
    }
}

/// The bundled model reads data out of mails, as it was trained to.
pub(crate) fn extraction(threads: usize, rounds: usize) -> Result<Guesses> {
    compare(
        "bundled, extraction",
        &Source::Bundled,
        threads,
        rounds,
        &extractions()?,
    )
}

/// Four mails, as the tool `extract_data` asks about them.
pub(crate) fn extractions() -> Result<Vec<GenerationRequest>> {
    let tasks: Vec<Task> = serde_json::from_str(TASKS)?;
    Ok(tasks.iter().map(Task::request).collect())
}

/// The most that guesses can save: greedy, a network of random weights soon says the same again and again.
pub(crate) fn repetition(name: &str, source: &Source, threads: usize, rounds: usize) -> Result<Guesses> {
    let request = GenerationRequest {
        temperature: 0.0,
        ..Ours::start_with(source, threads, true)?.request(64, REPEATED_TOKENS)
    };
    compare(
        &format!("{name}, repetition"),
        source,
        threads,
        rounds,
        &[request],
    )
}

fn compare(
    name: &str,
    source: &Source,
    threads: usize,
    rounds: usize,
    requests: &[GenerationRequest],
) -> Result<Guesses> {
    let mut sides = [
        Ours::start_with(source, threads, false)?,
        Ours::start_with(source, threads, true)?,
    ];
    // Once before anything counts.
    for side in &mut sides {
        side.answer(requests[0].clone())?;
    }
    let mut seconds = [Vec::new(), Vec::new()];
    let mut all = [Sum::default(), Sum::default()];
    for round in 0..rounds {
        let mut texts = [Vec::new(), Vec::new()];
        for (index, side) in sides.iter_mut().enumerate() {
            let mut sum = Sum::default();
            for request in requests {
                let answer = side.answer(request.clone())?;
                sum.add(&answer);
                texts[index].push(answer.text);
            }
            eprintln!("  {}: {sum:?}", round + 1);
            seconds[index].push(sum.decoding.as_secs_f64());
            all[index] = sum;
        }
        if texts[0] != texts[1] {
            return Err("answers differ with guesses".into());
        }
    }
    Ok(Guesses {
        name: name.to_owned(),
        threads,
        tokens: all[1].tokens,
        passes: all.map(|sum| sum.pieces),
        seconds: seconds.map(|seconds| median(&seconds)),
    })
}

/// Of several answers.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) tokens: usize,
    pub(crate) pieces: usize,
    pub(crate) decoding: Duration,
}

impl Sum {
    pub(crate) fn add(&mut self, answer: &Answer) {
        self.tokens += answer.tokens;
        self.pieces += answer.pieces();
        self.decoding += answer.decoding();
    }
}
