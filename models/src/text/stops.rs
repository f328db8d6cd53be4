//! Texts that end an answer, found wherever tokens cut them.

/// Holds back what may become one of them.
#[derive(Debug, Default)]
pub(crate) struct Stops {
    texts: Vec<String>,
    held: String,
    reached: bool,
}

impl Stops {
    /// Empty texts would end every answer before it begins, and are left out.
    pub(crate) fn new(mut texts: Vec<String>) -> Self {
        texts.retain(|text| !text.is_empty());
        Self {
            texts,
            held: String::new(),
            reached: false,
        }
    }

    /// Whether one of them has come up.
    pub(super) fn is_reached(&self) -> bool {
        self.reached
    }

    /// Takes text; gives out what may be shown.
    pub(super) fn push(&mut self, text: String) -> String {
        if self.reached {
            return String::new();
        }
        if self.texts.is_empty() {
            return text;
        }
        let mut text = std::mem::take(&mut self.held) + &text;
        if let Some(at) = self.texts.iter().filter_map(|stop| text.find(stop)).min() {
            self.reached = true;
            text.truncate(at);
            return text;
        }
        let keep = self
            .texts
            .iter()
            .map(|stop| overlap(&text, stop))
            .max()
            .unwrap_or(0);
        self.held = text.split_off(text.len() - keep);
        text
    }

    /// What was held back, now that nothing follows.
    pub(super) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// How many bytes at the end of `text` begin `stop`.
fn overlap(text: &str, stop: &str) -> usize {
    stop.char_indices()
        .map(|(at, _)| at)
        .rev()
        .find(|&at| at > 0 && text.ends_with(&stop[..at]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of each piece and at the end, and whether a stop was reached.
    fn shown(stops: &[&str], pieces: &[&str]) -> (Vec<String>, bool) {
        let mut stops = Stops::new(stops.iter().map(|&text| text.to_owned()).collect());
        let mut out: Vec<String> = pieces.iter().map(|&piece| stops.push(piece.to_owned())).collect();
        out.push(stops.finish());
        (out, stops.is_reached())
    }

    #[test]
    fn a_stop_is_found_across_pieces_and_never_shown() {
        let (out, reached) = shown(&["END"], &["one E", "N", "D two", "three"]);
        assert_eq!((out.concat().as_str(), reached), ("one ", true));
        assert_eq!(out[0], "one ", "the rest is shown at once");
        let (out, reached) = shown(&["###", "\n\n"], &["a#", "#b\n", "\nc"]);
        assert_eq!((out.concat().as_str(), reached), ("a##b", true));
        let (out, reached) = shown(&["aab"], &["aa", "ab", "x"]);
        assert_eq!((out.concat().as_str(), reached), ("a", true));
        let (out, reached) = shown(&["€!"], &["5 €", "?", " €", "!"]);
        assert_eq!((out.concat().as_str(), reached), ("5 €? ", true));
    }

    #[test]
    fn the_earliest_counts_whichever_it_is() {
        let (out, reached) = shown(&["bc", "ab"], &["xabc"]);
        assert_eq!((out.concat().as_str(), reached), ("x", true));
    }

    #[test]
    fn what_only_looks_alike_is_shown_in_the_end() {
        let (out, reached) = shown(&["END"], &["the EN", "E", "N"]);
        assert_eq!((out.concat().as_str(), reached), ("the ENEN", false));
        assert_eq!(shown(&[""], &["a"]), (vec!["a".to_owned(), String::new()], false));
    }
}
