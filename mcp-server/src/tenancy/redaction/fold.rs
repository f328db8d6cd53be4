//! A text as detectors read it: escapes undone, blanks and dashes plain, invisible characters gone; and where each
//! byte of it stands in the text that it was made of.

use std::{borrow::Cow, ops::Range};

/// What becomes of blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// Each stays.
    Kept,
    /// Any number of them, line ends included, is one space.
    Joined,
}

/// A text to look into.
pub(super) struct Folded<'t> {
    text: Cow<'t, str>,
    /// Where each byte came from, and the end; `None` where nothing was changed.
    origins: Option<Vec<usize>>,
}

impl<'t> Folded<'t> {
    /// Folds a text.
    pub(super) fn of(text: &'t str, blanks: Blanks) -> Self {
        if blanks == Blanks::Kept && text.is_ascii() && !text.contains('\\') {
            return Self {
                text: Cow::Borrowed(text),
                origins: None,
            };
        }
        let mut folding = Folding {
            text: String::with_capacity(text.len()),
            origins: Vec::with_capacity(text.len() + 1),
            blanks,
        };
        let mut at = 0;
        while at < text.len() {
            let run = folding.push_plain(&text[at..], at);
            at += run;
            let Some(character) = text[at..].chars().next() else {
                break;
            };
            let (meant, length) = escape(&text[at..]).unwrap_or((character, character.len_utf8()));
            folding.push(meant, at);
            at += length;
        }
        folding.origins.push(text.len());
        Self {
            text: Cow::Owned(folding.text),
            origins: Some(folding.origins),
        }
    }

    /// What to look into.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where a part of it stands in the text that it was made of.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        match &self.origins {
            None => range,
            Some(origins) => origins[range.start]..origins[range.end],
        }
    }
}

/// Folds a term of a list, so that it is found in folded texts.
pub(super) fn fold_term(term: &str) -> String {
    Folded::of(term.trim(), Blanks::Joined).text.into_owned()
}

struct Folding {
    text: String,
    origins: Vec<usize>,
    blanks: Blanks,
}

impl Folding {
    /// Takes what stays as it is, which is nearly everything, at once; says how long that was.
    fn push_plain(&mut self, text: &str, at: usize) -> usize {
        let joined = self.blanks == Blanks::Joined;
        let plain = |byte: &u8| byte.is_ascii() && *byte != b'\\' && !(joined && byte.is_ascii_whitespace());
        let run = text.bytes().take_while(|byte| plain(byte)).count();
        self.text.push_str(&text[..run]);
        self.origins.extend(at..at + run);
        run
    }

    fn push(&mut self, character: char, at: usize) {
        let folded = match character {
            '\u{308}' => return self.compose(),
            // Soft hyphens, joiners and marks that nobody sees.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => return,
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            // Wide forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
            _ if character.is_whitespace() && (self.blanks == Blanks::Joined || !character.is_ascii()) => ' ',
            _ if character.is_ascii() => character,
            _ => single(character.to_lowercase()).unwrap_or(character),
        };
        if folded == ' ' && self.blanks == Blanks::Joined && self.text.ends_with(' ') {
            return;
        }
        self.append(folded, at);
    }

    fn append(&mut self, character: char, at: usize) {
        self.text.push(character);
        self.origins.resize(self.text.len(), at);
    }

    /// Puts the dots onto the letter before them.
    fn compose(&mut self) {
        let composed = match self.text.chars().next_back() {
            Some('a' | 'A') => 'ä',
            Some('o' | 'O') => 'ö',
            Some('u' | 'U') => 'ü',
            _ => return,
        };
        self.text.pop();
        let at = self.origins[self.text.len()];
        self.origins.truncate(self.text.len());
        self.append(composed, at);
    }
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next();
    first.filter(|_| characters.next().is_none())
}

/// The character that an escape of JSON stands for, escaped any number of times, and the length of the escape. Numbers
/// and names in the results of tools often look like this.
fn escape(text: &str) -> Option<(char, usize)> {
    let slashes = text.bytes().take_while(|byte| *byte == b'\\').count();
    if slashes == 0 {
        return None;
    }
    match text.as_bytes().get(slashes)? {
        b'n' | b'r' => Some(('\n', slashes + 1)),
        b't' => Some(('\t', slashes + 1)),
        b'u' => {
            let digits = text.get(slashes + 1..slashes + 5)?;
            let code = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(code)?, slashes + 5))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_stands_where_it_stood() {
        let text = r"Name: M\u00fcller\nTel\\u0020x";
        let folded = Folded::of(text, Blanks::Kept);
        assert_eq!(folded.text(), "Name: Müller\nTel x");
        let at = folded.text().find("Müller").expect("there");
        assert_eq!(&text[folded.origin(at..at + "Müller".len())], r"M\u00fcller");
    }

    #[test]
    fn blanks_dashes_and_invisible_marks_do_not_hide_anything() {
        let text = "ÄRGER\u{a0}mit A\u{308}cme\r\n  Gm\u{ad}bH\u{2013}１２";
        assert_eq!(Folded::of(text, Blanks::Joined).text(), "äRGER mit äcme GmbH-12");
        let folded = Folded::of(text, Blanks::Joined);
        let at = folded.text().find("äcme GmbH").expect("there");
        assert_eq!(
            &text[folded.origin(at..at + "äcme GmbH".len())],
            "A\u{308}cme\r\n  Gm\u{ad}bH"
        );
    }

    #[test]
    fn plain_texts_are_not_copied() {
        assert!(matches!(
            Folded::of("plain, ASCII", Blanks::Kept).text,
            Cow::Borrowed(_)
        ));
        assert_eq!(Folded::of("", Blanks::Joined).text(), "");
        assert_eq!(Folded::of("C:\\temp \\", Blanks::Kept).text(), "C:\temp \\");
    }
}
