//! What the lines of one server have in common: nearly all are like one before, but for their text and for values that
//! nobody reads. Such a line is compared instead of being read in full.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

use super::chunk::{Chunk, Text};

/// Kinds of lines that are kept for a server: half a dozen are usual.
const KEPT: usize = 12;
/// What one answer adds to them at most: lines that are all different teach nothing.
const LEARNED: usize = 8;
/// Longer lines are rare, and not kept.
const MAX_LINE_BYTES: usize = 4096;

/// A line that was read in full, around the values in which others like it differ. Holds no text of an answer.
#[derive(PartialEq, Eq)]
pub(super) struct Shape {
    /// Each hole, and what stands between it and the one before.
    holes: Vec<(Box<[u8]>, Hole)>,
    end: Box<[u8]>,
    model: Option<Box<str>>,
    finish_reason: Option<Box<str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hole {
    /// The text of the answer.
    Text,
    /// A value that nobody reads.
    Unread,
}

impl Shape {
    /// The shape of a line; `None` where it says more than a shape can, or where its text had to be unescaped.
    fn of(line: &str, chunk: &Chunk<'_>) -> Option<Self> {
        if line.len() > MAX_LINE_BYTES || !chunk.is_plain() {
            return None;
        }
        let text = chunk.text().map(|text| (text, Hole::Text));
        let unread = chunk.unread().map(|value| (value, Hole::Unread));
        let mut places = unread
            .chain(text)
            .map(|(value, hole)| Some((place(line, value, hole)?, hole)))
            .collect::<Option<Vec<_>>>()?;
        places.sort_unstable_by_key(|((start, _), _)| *start);

        let mut end = 0;
        let mut holes = Vec::with_capacity(places.len());
        for ((start, after), hole) in places {
            holes.push((line.get(end..start)?.as_bytes().into(), hole));
            end = after;
        }
        let own = |text: &Text<'_>| (*text.0).into();
        let choice = chunk.choices.0.as_ref();
        Some(Self {
            holes,
            end: line.get(end..)?.as_bytes().into(),
            model: chunk.model.as_ref().map(own),
            finish_reason: choice.and_then(|choice| choice.finish_reason.as_ref()).map(own),
        })
    }

    /// The text of a line of this shape; the line is read to its end.
    #[expect(clippy::option_option, reason = "not of this shape, or without a text")]
    fn read<'a>(&self, line: &'a [u8]) -> Option<Option<Text<'a>>> {
        let (mut rest, mut text) = (line, None);
        for (before, hole) in &self.holes {
            rest = rest.strip_prefix(&**before)?;
            match hole {
                Hole::Text => text = Some(text_off(&mut rest)?),
                Hole::Unread => rest = after_value(rest)?,
            }
        }
        (rest == &*self.end).then_some(text)
    }

    /// The model that it names.
    pub(super) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub(super) fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }
}

/// Where a value stands that is a part of a line; a text with its quotes.
fn place(line: &str, value: &str, hole: Hole) -> Option<(usize, usize)> {
    let start = value.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
    let end = start + value.len();
    line.get(start..end).filter(|there| *there == value)?;
    match hole {
        Hole::Unread => Some((start, end)),
        Hole::Text => Some((start.checked_sub(1)?, end + 1)),
    }
}

/// Reads a text off the front.
fn text_off<'a>(rest: &mut &'a [u8]) -> Option<Text<'a>> {
    if let Some((plain, after)) = plain_string(rest) {
        let text = std::str::from_utf8(plain).ok()?;
        *rest = after;
        return Some(Text(Cow::Borrowed(text)));
    }
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter();
    let text = values.next()?.ok()?;
    *rest = &rest[values.byte_offset()..];
    Some(text)
}

/// What comes behind a whole number or a plain string; `None` where another value stands.
fn after_value(rest: &[u8]) -> Option<&[u8]> {
    if let Some((plain, after)) = plain_string(rest) {
        return plain.is_ascii().then_some(after);
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = rest.split_at(digits);
    (digits == 1 || digits > 1 && number[0] != b'0').then_some(after)
}

/// A string in which nothing is escaped, nor would have to be, and what comes behind it.
fn plain_string(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let string = rest.strip_prefix(b"\"")?;
    let (plain, after) = string.split_at(memchr::memchr2(b'"', b'\\', string)?);
    let after = after.strip_prefix(b"\"")?;
    let least = plain.iter().copied().fold(u8::MAX, u8::min);
    (least >= b' ').then_some((plain, after))
}

/// The shapes that lines of one server had of late, the newest first.
#[derive(Clone, Default)]
pub(super) struct Shapes(Arc<Mutex<Known>>);

type Known = Arc<[Arc<Shape>]>;

impl Shapes {
    fn known(&self) -> Known {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, shape: Shape) -> Known {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().all(|other| **other != shape) {
            let older = known.iter().take(KEPT - 1).map(Arc::clone);
            *known = std::iter::once(Arc::new(shape)).chain(older).collect();
        }
        Arc::clone(&known)
    }
}

/// What an answer knows of its lines before it reads them.
pub(super) struct Seen {
    shapes: Shapes,
    known: Known,
    /// The shape of the line before: the next is most likely alike.
    latest: Option<Arc<Shape>>,
    learned: usize,
}

impl Seen {
    pub(super) fn before(shapes: Shapes) -> Self {
        Self {
            known: shapes.known(),
            shapes,
            latest: None,
            learned: 0,
        }
    }

    /// The shape of a line, if it is a known one, and the text of the answer in it.
    pub(super) fn find<'a>(&mut self, line: &'a [u8]) -> Option<(Arc<Shape>, Option<Text<'a>>)> {
        let mut likely = self.latest.iter().chain(self.known.iter());
        let (shape, text) = likely.find_map(|shape| Some((shape, shape.read(line)?)))?;
        let shape = Arc::clone(shape);
        self.latest = Some(Arc::clone(&shape));
        Some((shape, text))
    }

    /// Learns from a line that was read in full.
    pub(super) fn learn(&mut self, line: &str, chunk: &Chunk<'_>) {
        if self.learned == LEARNED {
            return;
        }
        if let Some(shape) = Shape::of(line, chunk) {
            self.learned += 1;
            self.known = self.shapes.add(shape);
        }
    }
}
