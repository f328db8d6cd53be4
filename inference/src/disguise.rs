//! What leaves this process in place of a request, and how its answer gets its own words back.
//!
//! Who hides what is for a [`Disguise`] to say; here is the rest: it is applied to whatever leaves the process and to
//! nothing else, once a call, and a request that cannot be disguised does not leave. A hidden value travels as a
//! stand-in, `LABEL_HEX`; in the answer each stand-in becomes its value again, also where it comes in pieces.

use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
};

use crate::{BackendError, BackendInfo, CompletionRequest, Output, Processing, ToolCall};

/// Says what of a request must not leave the process.
pub trait Disguise: Send + Sync + 'static {
    /// The request as it may leave; `None` where it may leave as it is. [`CompletionRequest::tenant`] says whose it is.
    ///
    /// # Errors
    /// Why it cannot be disguised, without any of its text. It then stays in the process.
    fn disguise(&self, request: &CompletionRequest) -> Result<Option<Disguised>, String>;
}

/// A request as it may leave, and what its stand-ins stand for.
pub struct Disguised {
    /// What is sent.
    pub request: CompletionRequest,
    /// What was hidden.
    pub stand_ins: StandIns,
}

/// Values that were hidden, by what stands for them.
#[derive(Default)]
pub struct StandIns {
    /// Longest first: one may be the end of another.
    labels: Vec<String>,
    /// How many digits stand-ins have, shortest first.
    lengths: Vec<usize>,
    values: HashMap<String, String>,
}

/// How a value stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// Within a string of JSON.
    Json,
}

impl Form {
    fn of(output: &Output) -> Self {
        match output {
            Output::Text => Self::Plain,
            Output::JsonObject | Output::Json { .. } => Self::Json,
        }
    }
}

impl StandIns {
    /// Lets `LABEL_DIGITS` stand for a value: capital letters, and capital hexadecimal digits. None may be the beginning
    /// of another.
    pub fn insert(&mut self, label: &str, digits: &str, value: String) {
        if !self.labels.iter().any(|known| known == label) {
            self.labels.push(label.to_owned());
            self.labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
        }
        if !self.lengths.contains(&digits.len()) {
            self.lengths.push(digits.len());
            self.lengths.sort_unstable();
        }
        self.values.insert(format!("{label}_{digits}"), value);
    }

    /// How many values were hidden.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing was hidden.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Puts the values back into a text.
    pub fn restore<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.restore_as(text, Form::Plain)
    }

    fn restore_as<'t>(&self, text: &'t str, form: Form) -> Cow<'t, str> {
        let mut restored = String::new();
        let copied = self.put_back(text, form, &mut restored);
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        restored.push_str(&text[copied..]);
        Cow::Owned(restored)
    }

    /// Writes a text as far as its last stand-in ends, with the values in their place; says how far that is.
    fn put_back(&self, text: &str, form: Form, restored: &mut String) -> usize {
        let mut copied = 0;
        for (underscore, _) in text.match_indices('_') {
            let Some((begin, end, value)) = self.find(text, copied, underscore) else {
                continue;
            };
            restored.push_str(&text[copied..begin]);
            match form {
                Form::Plain => restored.push_str(value),
                Form::Json => restored.push_str(&escaped(value)),
            }
            copied = end;
        }
        copied
    }

    /// The stand-in around an underscore: where it begins, where it ends, and its value. Models change the case, and
    /// write `\_` where they write Markdown.
    fn find(&self, text: &str, from: usize, underscore: usize) -> Option<(usize, usize, &str)> {
        let before = without_escape(&text[from..underscore]);
        let after = &text[underscore + 1..];
        let digits = &after[..hex_digits(after)];
        for label in self.labels.iter().filter(|label| ends_with(before, label)) {
            for length in self.lengths.iter().filter(|length| **length <= digits.len()) {
                let name = format!("{label}_{}", digits[..*length].to_ascii_uppercase());
                if let Some(value) = self.values.get(&name) {
                    let begin = from + before.len() - label.len();
                    return Some((begin, underscore + 1 + length, value));
                }
            }
        }
        None
    }

    /// How many bytes at the end of a text without a whole stand-in may be the beginning of one.
    fn unfinished(&self, text: &str) -> usize {
        let longest = self.labels.first().map_or(0, String::len) + self.lengths.last().unwrap_or(&0) + 3;
        let mut begin = text.floor_char_boundary(text.len().saturating_sub(longest));
        while begin < text.len() {
            if self.begins(&text[begin..]) {
                return text.len() - begin;
            }
            begin = text.ceil_char_boundary(begin + 1);
        }
        0
    }

    /// Whether this may become a stand-in.
    fn begins(&self, tail: &str) -> bool {
        let Some(underscore) = tail.find('_') else {
            let name = without_escape(tail);
            return self.labels.iter().any(|label| {
                if name.len() == tail.len() {
                    starts_with(label, name)
                } else {
                    label.eq_ignore_ascii_case(name)
                }
            });
        };
        let name = without_escape(&tail[..underscore]);
        let digits = &tail[underscore + 1..];
        hex_digits(digits) == digits.len()
            && self.lengths.last().is_some_and(|longest| digits.len() < *longest)
            && self.labels.iter().any(|label| label.eq_ignore_ascii_case(name))
    }
}

/// What is left of a text without the backslash before an underscore; within JSON there are two.
fn without_escape(text: &str) -> &str {
    let text = text.strip_suffix('\\').unwrap_or(text);
    text.strip_suffix('\\').unwrap_or(text)
}

fn hex_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn ends_with(text: &str, label: &str) -> bool {
    let text = text.as_bytes();
    text.len() >= label.len() && text[text.len() - label.len()..].eq_ignore_ascii_case(label.as_bytes())
}

fn starts_with(label: &str, text: &str) -> bool {
    label
        .as_bytes()
        .get(..text.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(text.as_bytes()))
}

/// A value as it stands within a string of JSON.
fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Puts the values back into an answer that comes in pieces. What may be the beginning of a stand-in is held back until
/// more is there.
pub(crate) struct Restorer {
    stand_ins: Option<Arc<StandIns>>,
    form: Form,
    held: String,
}

impl Restorer {
    /// Of an answer of this form; without stand-ins it stays as it is.
    pub(crate) fn new(stand_ins: Option<Arc<StandIns>>, output: &Output) -> Self {
        Self {
            stand_ins,
            form: Form::of(output),
            held: String::new(),
        }
    }

    /// What can be said after one more piece.
    pub(crate) fn push(&mut self, piece: String) -> String {
        let Some(stand_ins) = &self.stand_ins else {
            return piece;
        };
        self.held.push_str(&piece);
        let mut said = String::new();
        let copied = stand_ins.put_back(&self.held, self.form, &mut said);
        // Whole ones are out of the way first: their last digits would look like the beginning of another, E like EMAIL's.
        let rest = &self.held[copied..];
        let ready = rest.len() - stand_ins.unfinished(rest);
        said.push_str(&rest[..ready]);
        self.held.drain(..copied + ready);
        said
    }

    /// What was held back, at the end.
    pub(crate) fn finish(&mut self) -> String {
        match &self.stand_ins {
            None => String::new(),
            Some(stand_ins) => stand_ins
                .restore_as(&std::mem::take(&mut self.held), self.form)
                .into_owned(),
        }
    }

    /// The tools that the model asks for, with arguments of the caller's own words.
    pub(crate) fn calls(&self, calls: Vec<ToolCall>) -> Vec<ToolCall> {
        let Some(stand_ins) = &self.stand_ins else {
            return calls;
        };
        let restored = |call: ToolCall| ToolCall {
            name: stand_ins.restore(&call.name).into_owned(),
            arguments: stand_ins.restore_as(&call.arguments, Form::Json).into_owned(),
            id: call.id,
        };
        calls.into_iter().map(restored).collect()
    }

    /// How many values the backend did not see.
    pub(crate) fn hidden(&self) -> u32 {
        let hidden = self.stand_ins.as_ref().map_or(0, |stand_ins| stand_ins.len());
        u32::try_from(hidden).unwrap_or(u32::MAX)
    }
}

/// What one call says to whom: its own words within the process, its disguise beyond.
pub(crate) struct Outgoing {
    request: Arc<CompletionRequest>,
    disguise: Option<Arc<dyn Disguise>>,
    /// Made for the first attempt that leaves, and kept for the others.
    disguised: OnceLock<Result<Sent, String>>,
}

/// What one backend gets to see, and what its answer is restored with.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) request: Arc<CompletionRequest>,
    pub(crate) stand_ins: Option<Arc<StandIns>>,
}

impl Outgoing {
    pub(crate) fn new(request: CompletionRequest, disguise: Option<Arc<dyn Disguise>>) -> Self {
        Self {
            request: Arc::new(request),
            disguise,
            disguised: OnceLock::new(),
        }
    }

    /// The request in its own words.
    pub(crate) fn request(&self) -> &CompletionRequest {
        &self.request
    }

    /// What a backend gets to see.
    pub(crate) fn to(&self, backend: &BackendInfo) -> Result<Sent, BackendError> {
        match &self.disguise {
            Some(disguise) if backend.processing != Processing::InProcess => self
                .disguised
                .get_or_init(|| self.apply(disguise.as_ref()))
                .clone()
                .map_err(|reason| BackendError::Undisguised { reason }),
            _ => Ok(self.plain()),
        }
    }

    fn plain(&self) -> Sent {
        Sent {
            request: Arc::clone(&self.request),
            stand_ins: None,
        }
    }

    fn apply(&self, disguise: &dyn Disguise) -> Result<Sent, String> {
        // A disguise that breaks must not be one that leaks.
        let applied = catch_unwind(AssertUnwindSafe(|| disguise.disguise(&self.request)));
        let disguised = applied.map_err(|_| "the redactor broke".to_owned())??;
        Ok(disguised.map_or_else(
            || self.plain(),
            |disguised| Sent {
                request: Arc::new(disguised.request),
                stand_ins: Some(Arc::new(disguised.stand_ins)),
            },
        ))
    }
}

#[cfg(test)]
mod tests;
