//! Walks the logits of allowed tokens: a word of the mask at a time, since a vocabulary is long.

use toktrie::SimpleVob;

/// Tokens in a word of the mask.
const WORD: usize = 32;

/// The allowed token with the highest finite logit, the first of equals.
pub(super) fn likeliest(logits: &[f32], allowed: &SimpleVob) -> Option<(u32, f32)> {
    let mut best = None;
    let mut top = f32::NEG_INFINITY;
    for (first, word, logits) in words(logits, allowed) {
        // Most words forbid nothing: one comparison for all of them, and no look at where it was.
        if word == u32::MAX && highest(logits) <= top {
            continue;
        }
        for (i, &logit) in logits.iter().enumerate() {
            if word >> i & 1 == 1 && logit > top && logit < f32::INFINITY {
                top = logit;
                best = Some(first + i);
            }
        }
    }
    best.map(|id| (id_of(id), top))
}

/// Allowed tokens with finite logits, by id.
pub(super) fn candidates<'a>(
    logits: &'a [f32],
    allowed: &'a SimpleVob,
) -> impl Iterator<Item = (u32, f32)> + 'a {
    words(logits, allowed)
        .filter(|&(_, word, _)| word != 0)
        .flat_map(|(first, word, logits)| {
            logits
                .iter()
                .enumerate()
                .filter(move |&(i, logit)| word >> i & 1 == 1 && logit.is_finite())
                .map(move |(i, &logit)| (id_of(first + i), logit))
        })
}

fn words<'a>(logits: &'a [f32], allowed: &'a SimpleVob) -> impl Iterator<Item = (usize, u32, &'a [f32])> {
    logits
        .chunks(WORD)
        .zip(allowed.as_slice())
        .enumerate()
        .map(|(index, (logits, &word))| (index * WORD, word, logits))
}

/// The highest finite number, written so that it is compiled to a few vector instructions.
fn highest(logits: &[f32]) -> f32 {
    logits.iter().fold(f32::NEG_INFINITY, |top, &logit| {
        if logit > top && logit < f32::INFINITY {
            logit
        } else {
            top
        }
    })
}

fn id_of(index: usize) -> u32 {
    u32::try_from(index).expect("token ids are 32-bit numbers")
}
