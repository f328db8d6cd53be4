//! How fast memory can be read: the limit of decoding, which reads every weight for every token.

use std::{hint::black_box, thread, time::Instant};

/// Far more than any cache holds.
const WORDS: usize = 1 << 26;
const ROUNDS: usize = 20;

/// Bytes a second with so many threads, the best of a few rounds.
#[expect(clippy::cast_precision_loss, reason = "a measured figure")]
pub(crate) fn measure(threads: usize) -> f64 {
    let words: Vec<u64> = (0..WORDS as u64).collect();
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        thread::scope(|scope| {
            for part in words.chunks(WORDS.div_ceil(threads)) {
                scope.spawn(move || black_box(sum(part)));
            }
        });
        best = best.min(started.elapsed().as_secs_f64());
    }
    size_of_val(words.as_slice()) as f64 / best
}

/// Several sums side by side, so that memory is what is waited for.
fn sum(words: &[u64]) -> u64 {
    let (groups, rest) = words.as_chunks::<32>();
    let mut sums = [0_u64; 32];
    for group in groups {
        for (sum, word) in sums.iter_mut().zip(group) {
            *sum = sum.wrapping_add(*word);
        }
    }
    sums.iter()
        .chain(rest)
        .fold(0, |sum, word| sum.wrapping_add(*word))
}
