//! SentencePiece-style tokenizing as files of Llama 2, Mistral and Gemma ask for it: merge the best-scored pair first.

use std::collections::{BinaryHeap, HashMap};

use crate::{engine::LoadError, gguf::Header};

/// What these vocabularies write for a space.
pub(super) const SPACE: char = '\u{2581}';

/// The byte that a token such as `<0x0A>` stands for.
pub(super) fn byte_token(spelling: &str) -> Option<u8> {
    let digits = spelling.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// Whether a token that its makers defined is nothing but white space, as Gemma has them: part of any text. Other such
/// tokens are not, since the marks of turns are among them.
pub(super) fn is_blank(spelling: &str) -> bool {
    !spelling.is_empty() && spelling.chars().all(|c| c == SPACE || c.is_whitespace())
}

/// Turns text into tokens.
pub(super) struct Encoder {
    scores: HashMap<String, (u32, f32)>,
    bytes: [Option<u32>; 256],
    /// White space that is a token whatever stands beside it; longest first.
    blanks: Vec<(String, u32)>,
    add_space: bool,
}

/// A pair that could be merged. Ordered by score, then leftmost first.
#[derive(PartialEq)]
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    bytes: usize,
}

impl Eq for Pair {}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.left.cmp(&self.left))
    }
}

/// A run of the text that is one token so far; empty once merged into its left neighbour.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

impl Encoder {
    pub(super) fn read(header: &Header, spellings: &[String], kinds: &[i64]) -> Result<Self, LoadError> {
        let scores = header
            .floats("tokenizer.ggml.scores")
            .filter(|scores| scores.len() == spellings.len())
            .ok_or_else(|| {
                LoadError::Malformed("tokenizer.ggml.scores does not fit the tokens".to_owned())
            })?;
        let mut encoder = Self {
            scores: HashMap::new(),
            bytes: [None; 256],
            blanks: Vec::new(),
            add_space: header.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true),
        };
        for (((spelling, &kind), &score), id) in spellings.iter().zip(kinds).zip(scores).zip(0_u32..) {
            match kind {
                1 => {
                    encoder.scores.insert(spelling.clone(), (id, score));
                }
                4 if is_blank(spelling) => {
                    encoder.blanks.push((spelling.replace(SPACE, " "), id));
                }
                6 => {
                    if let Some(byte) = byte_token(spelling) {
                        encoder.bytes[usize::from(byte)] = Some(id);
                    }
                }
                _ => {}
            }
        }
        encoder
            .blanks
            .sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        match encoder.bytes.iter().position(Option::is_none) {
            Some(byte) => Err(LoadError::Malformed(format!(
                "the vocabulary has no token for byte {byte:#04x}: some text could not be read"
            ))),
            None => Ok(encoder),
        }
    }

    /// Whether a text is read as if a space stood in front of it.
    pub(super) fn adds_space(&self) -> bool {
        self.add_space
    }

    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let mut written = String::with_capacity(text.len() + 3);
        if self.add_space && !text.is_empty() {
            written.push(SPACE);
        }
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((blank, id)) = self.blank(rest, c) {
                self.encode_words(&written, ids);
                written.clear();
                ids.push(*id);
                rest = &rest[blank.len()..];
            } else {
                written.push(if c == ' ' { SPACE } else { c });
                rest = &rest[c.len_utf8()..];
            }
        }
        self.encode_words(&written, ids);
    }

    /// The longest blank that a text begins with; `first` is its first character.
    fn blank(&self, text: &str, first: char) -> Option<&(String, u32)> {
        let mut blanks = self.blanks.iter().filter(|_| first.is_whitespace());
        blanks.find(|(blank, _)| text.starts_with(blank.as_str()))
    }

    fn encode_words(&self, written: &str, ids: &mut Vec<u32>) {
        for symbol in self.merge(written) {
            let piece = &written[symbol.start..symbol.end];
            match self.scores.get(piece) {
                Some(&(id, _)) => ids.push(id),
                None => ids.extend(piece.bytes().filter_map(|byte| self.bytes[usize::from(byte)])),
            }
        }
    }

    fn merge(&self, text: &str) -> Vec<Symbol> {
        let count = text.chars().count();
        let mut symbols: Vec<Symbol> = text
            .char_indices()
            .enumerate()
            .map(|(i, (start, c))| Symbol {
                start,
                end: start + c.len_utf8(),
                previous: i.checked_sub(1),
                next: (i + 1 < count).then_some(i + 1),
            })
            .collect();
        let mut pairs = BinaryHeap::new();
        for left in 0..count.saturating_sub(1) {
            pairs.extend(self.pair(text, &symbols, left));
        }
        while let Some(Pair {
            left, right, bytes, ..
        }) = pairs.pop()
        {
            let (a, b) = (symbols[left], symbols[right]);
            // Either side may have been merged since the pair was noted.
            if a.start == a.end || b.start == b.end || a.next != Some(right) || b.end - a.start != bytes {
                continue;
            }
            symbols[left].end = b.end;
            symbols[left].next = b.next;
            symbols[right].end = b.start;
            if let Some(next) = b.next {
                symbols[next].previous = Some(left);
            }
            pairs.extend(self.pair(text, &symbols, left));
            pairs.extend(
                a.previous
                    .and_then(|previous| self.pair(text, &symbols, previous)),
            );
        }
        symbols.retain(|symbol| symbol.start < symbol.end);
        symbols
    }

    fn pair(&self, text: &str, symbols: &[Symbol], left: usize) -> Option<Pair> {
        let right = symbols[left].next?;
        let (start, end) = (symbols[left].start, symbols[right].end);
        let &(_, score) = self.scores.get(&text[start..end])?;
        Some(Pair {
            score,
            left,
            right,
            bytes: end - start,
        })
    }
}
