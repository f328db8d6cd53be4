//! Guesses of what comes next, so that several tokens are scored in one pass.
//!
//! Answers that extract, improve or quote repeat their prompt: what followed the same few tokens before is
//! guessed to follow again. A guess is kept only where the model picks the same token itself, from scores
//! that do not depend on the guess, so answers are the same with and without.

/// Tokens guessed at once at most. A pass over a few rows costs little more than over one; over many, it
/// does not.
const MOST: usize = 8;
/// Tokens that must repeat before what followed them is worth a guess, and how many are compared.
const LEAST_REPEATED: usize = 2;
const MOST_REPEATED: usize = 12;
/// A guess that comes true less often than this costs more than it saves.
const WORTHWHILE: f32 = 0.4;
/// Tokens without a guess after guesses that did not pay.
const PAUSE: usize = 16;
/// Weight of the last guess in the running share of those that came true.
const WEIGHT: f32 = 0.3;

/// How much to guess for one sequence: more when they come true, none for a while when they do not.
#[derive(Debug)]
pub(crate) struct Speculation {
    length: usize,
    share: f32,
    pause: usize,
}

impl Speculation {
    pub(crate) fn new() -> Self {
        Self {
            length: MOST / 2,
            share: 1.0,
            pause: 0,
        }
    }

    /// How many tokens to guess now, of `most` that there is room for.
    pub(crate) fn room(&mut self, most: usize) -> usize {
        if self.pause > 0 {
            self.pause -= 1;
            return 0;
        }
        self.length.min(most)
    }

    /// Learns how many of a guess came true.
    #[expect(clippy::cast_precision_loss, reason = "both are a few at most")]
    pub(crate) fn learn(&mut self, guessed: usize, came_true: usize) {
        if guessed == 0 {
            return;
        }
        self.share += WEIGHT * (came_true as f32 / guessed as f32 - self.share);
        self.length = if came_true == guessed {
            (self.length * 2).min(MOST)
        } else {
            (came_true + 1).max(LEAST_REPEATED)
        };
        if self.share < WORTHWHILE {
            self.pause = PAUSE;
            // One good guess after the pause is enough to go on.
            self.share = WORTHWHILE;
        }
    }
}

/// What followed the longest repetition of how the text ends now, the latest of equals; `most` tokens of it.
pub(crate) fn repeated(tokens: &[u32], most: usize) -> &[u32] {
    let Some((&last, before)) = tokens.split_last() else {
        return &[];
    };
    let mut follows = tokens.len();
    let mut longest = LEAST_REPEATED - 1;
    for at in (0..before.len()).rev().filter(|&at| tokens[at] == last) {
        let ends = tokens[..=at].iter().rev().zip(tokens.iter().rev());
        let length = ends.take(MOST_REPEATED).take_while(|(a, b)| a == b).count();
        if length > longest {
            longest = length;
            follows = at + 1;
            if length == MOST_REPEATED {
                break;
            }
        }
    }
    &tokens[follows..(follows + most).min(tokens.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_followed_the_longest_repetition_is_guessed() {
        assert_eq!(repeated(&[1, 2, 3, 4, 5, 9, 1, 2], 4), [3, 4, 5, 9]);
        assert_eq!(repeated(&[1, 2, 3, 4, 5, 9, 1, 2], 2), [3, 4]);
        assert_eq!(
            repeated(&[7, 1, 2, 3, 8, 1, 2, 4, 7, 1, 2], 1),
            [3],
            "three tokens beat two"
        );
        assert_eq!(
            repeated(&[1, 2, 3, 1, 2, 4, 9, 1, 2], 1),
            [4],
            "the latest of equals"
        );
        assert_eq!(repeated(&[5, 5, 5, 5], 3), [5], "no further than the text goes");
        assert!(
            repeated(&[1, 2, 3, 2], 4).is_empty(),
            "one token is no repetition"
        );
        assert!(repeated(&[], 4).is_empty());
        assert!(repeated(&[1, 2, 3, 1, 2], 0).is_empty());
    }

    #[test]
    fn guesses_that_fail_stop_for_a_while() {
        let mut speculation = Speculation::new();
        assert_eq!(speculation.room(99), 4);
        assert_eq!(speculation.room(3), 3);
        speculation.learn(4, 4);
        assert_eq!(speculation.room(99), 8, "more when it pays");
        let mut failures = 0;
        while speculation.room(99) > 0 {
            speculation.learn(2, 0);
            failures += 1;
        }
        assert!((2..=4).contains(&failures), "{failures}");
        let silent = (1..99).take_while(|_| speculation.room(99) == 0).count();
        assert_eq!(silent + 1, PAUSE);
        speculation.learn(2, 2);
        assert!(speculation.room(99) > 0, "one that comes true is enough");
        speculation.learn(2, 0);
        speculation.learn(2, 0);
        assert_eq!(speculation.room(99), 0);
        speculation.learn(0, 0);
        assert_eq!(speculation.pause, PAUSE - 1, "no guess, nothing learnt");
    }
}
