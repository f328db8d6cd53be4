//! What the chunks of an answer have in common: nearly all of them are alike but for their text.

use std::borrow::Cow;

use super::chunk::Text;

/// A line that was read in full, without its text. A line that is the same around another text says the same.
pub(super) struct Shape {
    /// Up to the text in its quotes.
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Shape {
    /// The shape of a line around a text that is a part of it; `None` where it is none, because it had to be unescaped.
    pub(super) fn of(line: &[u8], text: &str) -> Option<Self> {
        let start = text.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
        let (before, rest) = line.split_at_checked(start)?;
        let after = rest.strip_prefix(text.as_bytes())?;
        Some(Self {
            before: before.strip_suffix(b"\"")?.to_vec(),
            after: after.strip_prefix(b"\"")?.to_vec(),
        })
    }

    /// The text of a line of this shape, which stands alone where the other's stood.
    pub(super) fn text<'a>(&self, line: &'a [u8]) -> Option<Cow<'a, str>> {
        let quoted = line
            .strip_prefix(self.before.as_slice())?
            .strip_suffix(self.after.as_slice())?;
        let Text(text) = serde_json::from_slice(quoted).ok()?;
        Some(text).filter(|text| !text.is_empty())
    }
}
