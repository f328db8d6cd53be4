//! From token bytes to text that may be shown: whole characters, without the model's private reasoning.

mod stops;

pub(crate) use stops::Stops;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Collects bytes and gives out whole characters.
#[derive(Debug, Default)]
struct Characters {
    pending: Vec<u8>,
}

impl Characters {
    fn push(&mut self, bytes: &[u8], out: &mut String) {
        self.pending.extend_from_slice(bytes);
        loop {
            match std::str::from_utf8(&self.pending) {
                Ok(text) => {
                    out.push_str(text);
                    self.pending.clear();
                    return;
                }
                Err(error) => {
                    let good = error.valid_up_to();
                    out.push_str(&String::from_utf8_lossy(&self.pending[..good]));
                    let Some(bad) = error.error_len() else {
                        self.pending.drain(..good);
                        return;
                    };
                    out.push(char::REPLACEMENT_CHARACTER);
                    self.pending.drain(..good + bad);
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Nothing shown yet: a reasoning block may still open.
    Start,
    /// Within a reasoning block.
    Reasoning,
    /// Behind it: leading white space is dropped.
    Gap,
    /// The answer itself.
    Answer,
}

/// Turns the bytes of generated tokens into the text of the answer.
#[derive(Debug)]
pub(crate) struct Answer {
    characters: Characters,
    state: State,
    held: String,
    drop_space: bool,
    stops: Stops,
}

impl Answer {
    /// For an answer in free text. `reasoning` says that the prompt has already opened a reasoning block,
    /// `drop_space` that the first space only comes from the tokenizer.
    pub(crate) fn free(reasoning: bool, drop_space: bool) -> Self {
        let state = if reasoning { State::Reasoning } else { State::Start };
        Self {
            characters: Characters::default(),
            state,
            held: String::new(),
            drop_space,
            stops: Stops::default(),
        }
    }

    /// For an answer whose every byte counts.
    pub(crate) fn exact() -> Self {
        Self {
            characters: Characters::default(),
            state: State::Answer,
            held: String::new(),
            drop_space: false,
            stops: Stops::default(),
        }
    }

    /// Ends where one of these comes up.
    #[must_use]
    pub(crate) fn ending_at(mut self, stops: Stops) -> Self {
        self.stops = stops;
        self
    }

    /// Whether a text that ends the answer has come up. Nothing more is shown then.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stops.is_reached()
    }

    /// Takes the bytes of one token; gives out what may be shown now.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        let mut text = std::mem::take(&mut self.held);
        self.characters.push(bytes, &mut text);
        let text = self.advance(text, false);
        self.stops.push(text)
    }

    /// What was held back and may be shown now that nothing follows. Bytes of a cut character are dropped.
    pub(crate) fn finish(&mut self) -> String {
        let text = std::mem::take(&mut self.held);
        let text = self.advance(text, true);
        let mut shown = self.stops.push(text);
        shown.push_str(&self.stops.finish());
        shown
    }

    fn advance(&mut self, mut text: String, last: bool) -> String {
        loop {
            match self.state {
                State::Start => {
                    let begun = text.trim_start();
                    if begun.starts_with(OPEN) {
                        self.state = State::Reasoning;
                    } else if !last && OPEN.starts_with(begun) {
                        self.held = text;
                        return String::new();
                    } else {
                        self.state = State::Answer;
                        if self.drop_space && text.starts_with(' ') {
                            text.remove(0);
                        }
                    }
                }
                State::Reasoning => {
                    if let Some(at) = text.find(CLOSE) {
                        text.drain(..at + CLOSE.len());
                        self.state = State::Gap;
                    } else {
                        // Only the end can still belong to the closing mark.
                        let keep = (1..CLOSE.len())
                            .rev()
                            .find(|&n| text.ends_with(&CLOSE[..n]))
                            .unwrap_or(0);
                        self.held = if last {
                            String::new()
                        } else {
                            text.split_off(text.len() - keep)
                        };
                        return String::new();
                    }
                }
                State::Gap => {
                    let begun = text.trim_start();
                    if begun.is_empty() {
                        return String::new();
                    }
                    text.drain(..text.len() - begun.len());
                    self.state = State::Answer;
                }
                State::Answer => return text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mut answer: Answer, pieces: &[&[u8]]) -> Vec<String> {
        let mut out: Vec<String> = pieces.iter().map(|bytes| answer.push(bytes)).collect();
        out.push(answer.finish());
        out
    }

    #[test]
    fn gives_out_whole_characters_only() {
        let euro = "€".as_bytes();
        assert_eq!(
            shown(Answer::exact(), &[&euro[..1], &euro[1..2], &euro[2..], b"!"]),
            ["", "", "€", "!", ""]
        );
        assert_eq!(shown(Answer::exact(), &[b"a\xff", b"b"]), ["a\u{fffd}", "b", ""]);
        assert_eq!(
            shown(Answer::exact(), &[b"a", &euro[..2]]),
            ["a", "", ""],
            "a cut character is dropped"
        );
    }

    #[test]
    fn reasoning_is_not_part_of_the_answer() {
        let free = || Answer::free(false, false);
        assert_eq!(
            shown(free(), &[b"<th", b"ink>", b"hm </", b"think>\n", b"\n Yes", b"."]).concat(),
            "Yes."
        );
        assert_eq!(shown(free(), &[b"\n<think>\n\n</think>\n\nYes"]).concat(), "Yes");
        assert_eq!(
            shown(Answer::free(true, false), &[b"hm", b"</think>", b"Yes"]).concat(),
            "Yes"
        );
        assert_eq!(shown(free(), &[b"<think>never closed"]).concat(), "");
    }

    #[test]
    fn text_that_only_looks_alike_is_shown() {
        let free = || Answer::free(false, false);
        assert_eq!(shown(free(), &[b"<", b"b>x"]), ["", "<b>x", ""]);
        assert_eq!(shown(free(), &[b"<thi"]), ["", "<thi"]);
        assert_eq!(
            shown(free(), &[b"a <think> b"]).concat(),
            "a <think> b",
            "only at the start"
        );
        assert_eq!(shown(free(), &[b"  x"]).concat(), "  x");
        assert_eq!(shown(Answer::free(false, true), &[b" x"]).concat(), "x");
    }
}
