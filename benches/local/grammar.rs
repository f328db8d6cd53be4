//! What a grammar costs: the same model with and without a schema that its answer cannot break, no guesses on either side.

use std::sync::Arc;

use models::{GenerationRequest, Source};
use serde_json::{Value, json};

use crate::{
    Result,
    ours::Ours,
    report::{Grammar, median},
};

const PROMPT_TOKENS: usize = 64;
const ANSWER_TOKENS: usize = 256;

/// Measures in turns: free text, a text in quotes, and records whose texts are short.
pub(crate) fn compare(name: &str, source: &Source, threads: usize, rounds: usize) -> Result<Vec<Grammar>> {
    let mut ours = Ours::start_with(source, threads, false)?;
    let sides = [
        ("none", None),
        ("a text", Some(json!({"type": "string", "minLength": 100_000}))),
        ("records", Some(records())),
    ];
    let mut rates = vec![Vec::new(); sides.len()];
    for round in 0..rounds {
        for ((side, schema), rates) in sides.iter().zip(&mut rates) {
            let rate = measure(&mut ours, schema.as_ref())?;
            eprintln!("  {}: {side} {rate:.1}", round + 1);
            rates.push(rate);
        }
    }
    let free = median(&rates[0]);
    let constrained = sides.iter().zip(&rates).skip(1);
    Ok(constrained
        .map(|((schema, _), rates)| Grammar {
            name: name.to_owned(),
            threads,
            schema,
            free,
            constrained: median(rates),
        })
        .collect())
}

/// Passes of the network a second. Where a schema leaves no choice, a token takes no pass.
#[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
fn measure(ours: &mut Ours, schema: Option<&Value>) -> Result<f64> {
    let request = GenerationRequest {
        json_schema: schema.map(|schema| Arc::new(schema.clone())),
        ..ours.request(PROMPT_TOKENS, ANSWER_TOKENS)
    };
    let answer = ours.answer(request)?;
    Ok((answer.pieces() - 1) as f64 / answer.decoding().as_secs_f64())
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
