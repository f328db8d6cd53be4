//! What a grammar costs: the same model with and without a schema that its answer cannot break, no guesses on either side.

use std::sync::Arc;

use models::{GenerationRequest, Source};
use serde_json::{Value, json};

use crate::{
    Result,
    guesses::{Sum, extractions},
    ours::Ours,
    report::{Grammar, median},
};

const PROMPT_TOKENS: usize = 64;
/// Of all answers of a case; the bundled model soon ends one that makes no sense, so they are several there.
const ANSWER_TOKENS: usize = 256;
const MOST_REQUESTS: usize = 32;

/// Measures in turns, each with its schema and without: texts in quotes, and records whose texts are short. Both never
/// end, and prompts of no sense ask for neither, so that what the network would say mostly breaks the schema. With
/// the bundled model four extractions come first, which it was trained for.
pub(crate) fn compare(name: &str, source: &Source, threads: usize, rounds: usize) -> Result<Vec<Grammar>> {
    let mut ours = Ours::start_with(source, threads, false)?;
    let mut cases = vec![
        (
            "texts",
            endless(&mut ours, json!({"type": "string", "minLength": 100_000}))?,
        ),
        ("records", endless(&mut ours, records())?),
    ];
    if matches!(source, Source::Bundled) {
        cases.insert(0, ("extractions", extractions()?));
    }
    let mut measured = Vec::new();
    for (schema, requests) in cases {
        let without: Vec<_> = requests.iter().cloned().map(free).collect();
        let sides = [without, requests];
        let (mut passes, mut tokens) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
        // Once before anything counts.
        for round in 0..=rounds {
            for (side, requests) in sides.iter().enumerate() {
                let rate = measure(&mut ours, requests)?;
                if round > 0 {
                    eprintln!("  {round}: {schema} {side} {rate:.1?}");
                    passes[side].push(rate[0]);
                    tokens[side].push(rate[1]);
                }
            }
        }
        measured.push(Grammar {
            name: name.to_owned(),
            threads,
            schema,
            passes: passes.map(|rates| median(&rates)),
            tokens: tokens.map(|rates| median(&rates)),
        });
    }
    Ok(measured)
}

/// Requests whose answers, with the schema, are as long as they are without: an answer costs more the longer it gets.
fn endless(ours: &mut Ours, schema: Value) -> Result<Vec<GenerationRequest>> {
    let schema = Arc::new(schema);
    let (mut requests, mut tokens) = (Vec::new(), 0);
    for _ in 0..MOST_REQUESTS {
        let request = ours.request(PROMPT_TOKENS, ANSWER_TOKENS - tokens);
        let length = ours.answer(request.clone())?.tokens;
        // One token has no rate.
        if length > 1 {
            tokens += length;
            requests.push(GenerationRequest {
                json_schema: Some(schema.clone()),
                max_tokens: length,
                ..request
            });
        }
        if tokens + 1 >= ANSWER_TOKENS {
            break;
        }
    }
    Ok(requests)
}

fn free(request: GenerationRequest) -> GenerationRequest {
    GenerationRequest {
        json_schema: None,
        ..request
    }
}

/// Passes of the network and tokens, a second. Where a schema leaves no choice, a token takes no pass.
#[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
fn measure(ours: &mut Ours, requests: &[GenerationRequest]) -> Result<[f64; 2]> {
    let mut sum = Sum::default();
    for request in requests {
        sum.add(&ours.answer(request.clone())?);
    }
    let (seconds, firsts) = (sum.decoding.as_secs_f64(), requests.len());
    Ok([sum.pieces - firsts, sum.tokens - firsts].map(|count| count as f64 / seconds))
}

/// As an extraction asks for, and endless.
fn records() -> Value {
    let text = json!({"type": ["string", "null"], "maxLength": 24});
    json!({"type": "array", "minItems": 10_000, "items": {
        "type": "object",
        "properties": {"quantity": {"type": "number"}, "unit": text, "description": text, "part_no": text},
        "required": ["quantity", "unit", "description", "part_no"],
        "additionalProperties": false,
    }})
}
