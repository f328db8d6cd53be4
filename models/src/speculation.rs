//! Guesses of what comes next, so that several tokens are scored in one pass.
//!
//! Answers that extract, improve or quote copy from their prompt, mostly in its order: what followed the same tokens
//! there is guessed to follow again. Where a schema leaves no choice of text, that text is guessed. A guess is kept only
//! where the model picks the same token itself, from scores that do not depend on the guess, so answers are the same
//! with and without.

use std::cmp::Reverse;

#[cfg(test)]
mod tests;

/// Tokens guessed at once at most. A pass over two rows costs little more than over one; over many, it does.
const MOST: usize = 6;
/// Tokens that are compared, to find where the same stood before.
const MOST_REPEATED: usize = 12;
/// A guess that comes true less often than this costs more than it saves.
const WORTHWHILE: f32 = 0.2;
/// Tokens without a guess after guesses that did not pay.
const PAUSE: usize = 16;
/// Weight of the last guess in the running share of those that came true.
const WEIGHT: f32 = 0.15;

/// What an answer has so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    /// The prompt, and the answer.
    pub(crate) tokens: &'a [u32],
    /// Tokens of the prompt.
    pub(crate) prompt: usize,
    /// From where on the schema left a choice: what it bound before says nothing about what was copied.
    pub(crate) free_from: usize,
}

/// The guesses of one answer.
#[derive(Debug)]
pub(crate) struct Speculation {
    of_copies: Trust,
    of_bound: Trust,
    /// Where the prompt goes on behind what was copied last.
    reads_on: usize,
    /// The token that came last where bound text ended.
    behind_bound: Option<u32>,
    /// Of the guess that is being scored.
    source: Option<Source>,
}

/// Where a guess came from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// From this place on.
    Copy(usize),
    /// So many tokens were bound; the one behind them was not.
    Bound(usize),
}

impl Speculation {
    pub(crate) fn new() -> Self {
        Self {
            of_copies: Trust::new(MOST / 2),
            of_bound: Trust::new(MOST),
            reads_on: 0,
            behind_bound: None,
            source: None,
        }
    }

    /// Up to `most` tokens that follow if it goes on copying.
    pub(crate) fn copied<'a>(&mut self, text: Text<'a>, most: usize) -> &'a [u32] {
        self.source = None;
        let Some((from, repeated)) = text.repeated(self.reads_on) else {
            return &[];
        };
        // One token alone is little to go by, and one row more costs little.
        let most = if repeated == 1 { most.min(1) } else { most };
        let most = self.of_copies.room(most);
        self.source = Some(Source::Copy(from));
        &text.tokens[from..(from + most).min(text.tokens.len())]
    }

    /// Up to `most` of the tokens that spell bound text, and what is likely behind it.
    pub(crate) fn bound(&mut self, mut spelled: Vec<u32>, text: Text<'_>, most: usize) -> Vec<u32> {
        self.source = None;
        // The last token may be a longer one, that goes on with what is not bound.
        let Some(last) = spelled.pop() else {
            return spelled;
        };
        let answer = &text.tokens[text.prompt..];
        let before = spelled.last().and_then(|&token| behind(answer, token));
        let most = self.of_bound.room(most);
        self.source = Some(Source::Bound(spelled.len()));
        spelled.push(before.or(self.behind_bound).unwrap_or(last));
        spelled.truncate(most);
        spelled
    }

    /// Learns how much of a guess came true; what was said instead stands behind it.
    pub(crate) fn learn(&mut self, guessed: usize, came_true: usize, said: &[u32]) {
        match self.source.take() {
            None => {}
            Some(Source::Copy(from)) => {
                self.of_copies.learn(guessed, came_true);
                if came_true > 0 {
                    self.reads_on = from + came_true;
                }
            }
            Some(Source::Bound(bound)) => {
                self.of_bound.learn(guessed.min(bound), came_true.min(bound));
                if came_true >= bound {
                    self.behind_bound = said.get(bound).copied().or(self.behind_bound);
                }
            }
        }
    }
}

impl Text<'_> {
    /// What followed the longest repetition of how the text ends now, and its length: of equals what comes next in the
    /// prompt, else the latest.
    fn repeated(self, reads_on: usize) -> Option<(usize, usize)> {
        let (&last, before) = self.tokens.split_last()?;
        let free = self.tokens.len().saturating_sub(self.free_from);
        let most = free.min(MOST_REPEATED);
        if most == 0 {
            return None;
        }
        let ends = (1..=before.len()).filter(|&end| before[end - 1] == last);
        let repetitions = ends.map(|end| {
            let same = before[..end].iter().rev().zip(self.tokens.iter().rev());
            let length = same.take(most).take_while(|(a, b)| a == b).count();
            (end, length)
        });
        repetitions.max_by_key(|&(end, length)| {
            let ahead = (reads_on..self.prompt).contains(&end);
            (length, ahead.then_some(Reverse(end)), end)
        })
    }
}

/// What followed a token the last time.
fn behind(tokens: &[u32], token: u32) -> Option<u32> {
    let at = tokens.iter().rposition(|&other| other == token)?;
    tokens.get(at + 1).copied()
}

/// How much to guess from one kind of source: more when guesses come true, none for a while when they do not.
#[derive(Debug)]
struct Trust {
    length: usize,
    share: f32,
    pause: usize,
}

impl Trust {
    fn new(length: usize) -> Self {
        Self {
            length,
            share: 1.0,
            pause: 0,
        }
    }

    /// How many tokens to guess now, of `most` that there is room for.
    fn room(&mut self, most: usize) -> usize {
        if self.pause > 0 {
            self.pause -= 1;
            return 0;
        }
        self.length.min(most)
    }

    /// Learns how many of a guess came true.
    #[expect(clippy::cast_precision_loss, reason = "both are a few at most")]
    fn learn(&mut self, guessed: usize, came_true: usize) {
        if guessed == 0 {
            return;
        }
        self.share += WEIGHT * (came_true as f32 / guessed as f32 - self.share);
        self.length = if came_true == guessed {
            (self.length * 2).min(MOST)
        } else {
            came_true + 1
        };
        if self.share < WORTHWHILE {
            self.pause = PAUSE;
            // One good guess after the pause is enough to go on.
            self.share = WORTHWHILE;
        }
    }
}
