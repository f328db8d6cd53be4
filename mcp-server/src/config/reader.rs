//! Turns written values into typed ones, and collects everything that is wrong instead of the first thing.

use std::{cell::RefCell, fmt, ops::RangeInclusive, time::Duration};

use super::{
    duration, layers,
    node::{Node, Origin, Table, Value},
};

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub origin: Origin,
    /// Dotted path of the setting; empty for the file as a whole.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What to write instead.
    pub fix: String,
}

impl Problem {
    /// Its line, so that problems of a file come in the file's order; others first.
    pub(super) fn place(&self) -> usize {
        match self.origin {
            Origin::File { line, .. } => line,
            Origin::Default | Origin::Environment(_) | Origin::Flag(_) => 0,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.origin != Origin::Default {
            write!(f, "{}: ", self.origin)?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}` ", self.key)?;
        }
        write!(f, "{}; {}", self.reason, self.fix)
    }
}

/// A setting as it is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Dotted path.
    pub key: String,
    /// The value, as TOML would write it; `None` where nothing is set.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: Origin,
}

/// What reading has found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) problems: Vec<Problem>,
    pub(super) shown: Vec<Shown>,
}

/// A value and where it was written, for checks that come later.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) key: String,
    pub(super) origin: Origin,
}

impl<T> Located<T> {
    pub(super) fn problem(&self, reason: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem {
            origin: self.origin.clone(),
            key: self.key.clone(),
            reason: reason.into(),
            fix: fix.into(),
        }
    }
}

/// What is wrong with one value: the reason and the fix.
type Wrong = (String, String);

/// One table of the configuration, being read.
pub(super) struct Section<'r> {
    report: &'r RefCell<Report>,
    table: Table,
    path: String,
    origin: Origin,
    known: Vec<&'static str>,
}

impl<'r> Section<'r> {
    pub(super) fn root(table: Table, report: &'r RefCell<Report>) -> Self {
        Self {
            report,
            table,
            path: String::new(),
            origin: Origin::Default,
            known: Vec::new(),
        }
    }

    /// Where this table begins.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Its dotted path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether a table below this one is written at all; from now on it is known.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.take(key).is_some()
    }

    /// Opens a table below this one; an absent one is empty.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'r> {
        let path = self.key(key);
        match self.take(key) {
            None => Section {
                table: Table::new(),
                path,
                origin: Origin::Default,
                ..Self::root(Table::new(), self.report)
            },
            Some(node) => self.open(node, path),
        }
    }

    /// Opens each table of a list of tables.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'r>> {
        let path = self.key(key);
        let Some(node) = self.take(key).map(expand) else {
            return Vec::new();
        };
        match node.value {
            Value::List(entries) => entries
                .into_iter()
                .enumerate()
                .map(|(index, entry)| self.open(entry, format!("{path}[{index}]")))
                .collect(),
            other => {
                self.report(
                    node.origin,
                    path.clone(),
                    format!("is {}", other.kind()),
                    format!("write one [[{path}]] table for each"),
                );
                Vec::new()
            }
        }
    }

    fn open(&self, node: Node, path: String) -> Section<'r> {
        let node = expand(node);
        let table = match node.value {
            Value::Table(table) => table,
            other => {
                self.report(
                    node.origin.clone(),
                    path.clone(),
                    format!("is {}", other.kind()),
                    format!("write a table [{path}]"),
                );
                Table::new()
            }
        };
        Section {
            report: self.report,
            table,
            path,
            origin: node.origin,
            known: Vec::new(),
        }
    }

    /// Reads a whole number.
    pub(super) fn integer<T>(&mut self, key: &'static str, default: T, range: RangeInclusive<u64>) -> T
    where
        T: TryFrom<u64> + TryInto<u64> + Copy,
    {
        self.optional_integer(key, Some(default), range)
            .unwrap_or(default)
    }

    /// Reads a whole number that may be absent.
    pub(super) fn optional_integer<T>(
        &mut self,
        key: &'static str,
        default: Option<T>,
        range: RangeInclusive<u64>,
    ) -> Option<T>
    where
        T: TryFrom<u64> + TryInto<u64> + Copy,
    {
        let fix = format!("write a whole number from {} to {}", range.start(), range.end());
        let default = default.and_then(|default| default.try_into().ok());
        let read = self.read(key, default, ToString::to_string, |node| {
            let number = match &node.value {
                Value::Integer(number) => u64::try_from(*number).ok(),
                Value::Raw(text) => text.trim().parse().ok(),
                other => return Err((format!("is {}", other.kind()), fix.clone())),
            };
            match number.filter(|number| range.contains(number)) {
                Some(number) => Ok(number),
                None => Err((format!("is out of range ({})", written(&node.value)), fix.clone())),
            }
        });
        read.and_then(|located| T::try_from(located.value).ok())
    }

    /// Reads a number that may have a fraction.
    pub(super) fn number(&mut self, key: &'static str, default: f64, range: RangeInclusive<f64>) -> f64 {
        self.optional_number(key, Some(default), range).unwrap_or(default)
    }

    /// Reads a number that may have a fraction, and may be absent.
    pub(super) fn optional_number(
        &mut self,
        key: &'static str,
        default: Option<f64>,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let fix = format!("write a number from {} to {}", range.start(), range.end());
        let read = self.read(key, default, ToString::to_string, |node| {
            let number = match &node.value {
                #[expect(clippy::cast_precision_loss, reason = "settings are small numbers")]
                Value::Integer(number) => Some(*number as f64),
                Value::Float(number) => Some(*number),
                Value::Raw(text) => text.trim().parse().ok(),
                other => return Err((format!("is {}", other.kind()), fix.clone())),
            };
            match number.filter(|number| range.contains(number)) {
                Some(number) => Ok(number),
                None => Err((format!("is out of range ({})", written(&node.value)), fix.clone())),
            }
        });
        read.map(|located| located.value)
    }

    /// Reads a yes or no.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let read = self.read(key, Some(default), ToString::to_string, |node| {
            let reason = match &node.value {
                Value::Bool(flag) => return Ok(*flag),
                Value::Raw(text) => match text.trim().parse() {
                    Ok(flag) => return Ok(flag),
                    Err(_) => format!("is {text:?}"),
                },
                other => format!("is {}", other.kind()),
            };
            Err((reason, "write true or false".to_owned()))
        });
        read.map_or(default, |located| located.value)
    }

    /// Reads a duration.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> Duration {
        self.located_duration(key, Some(default), range)
            .map_or(default, |located| located.value)
    }

    /// Reads a duration that may be absent.
    pub(super) fn optional_duration(
        &mut self,
        key: &'static str,
        default: Option<Duration>,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.located_duration(key, default, range)
            .map(|located| located.value)
    }

    /// Reads a duration, and says where it was written.
    pub(super) fn located_duration(
        &mut self,
        key: &'static str,
        default: Option<Duration>,
        range: RangeInclusive<Duration>,
    ) -> Option<Located<Duration>> {
        let bounds = format!(
            "from {} to {}",
            duration::format(*range.start()),
            duration::format(*range.end())
        );
        let fix = format!(
            "write a duration {bounds}, for example \"{}\"",
            duration::format(default.unwrap_or(*range.end()))
        );
        self.read(
            key,
            default,
            |value| quoted(&duration::format(*value)),
            |node| {
                let text = match &node.value {
                    Value::Text(text) | Value::Raw(text) => text,
                    other => return Err((format!("is {}", other.kind()), fix.clone())),
                };
                let duration = duration::parse(text).map_err(|reason| (reason, fix.clone()))?;
                if range.contains(&duration) {
                    Ok(duration)
                } else {
                    Err((format!("is out of range ({text})"), fix.clone()))
                }
            },
        )
    }

    /// Reads a text that may be absent, checked and converted by `parse`.
    pub(super) fn text<T: Clone>(
        &mut self,
        key: &'static str,
        default: Option<T>,
        show: impl Fn(&T) -> String,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Located<T>> {
        self.read(
            key,
            default,
            |value| quoted(&show(value)),
            |node| match &node.value {
                Value::Text(text) | Value::Raw(text) => parse(text.trim()),
                other => Err((
                    format!("is {}", other.kind()),
                    "write a text in quotes".to_owned(),
                )),
            },
        )
    }

    /// Reads one of a fixed set of words.
    pub(super) fn choice<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        default: Option<T>,
        words: &[(&'static str, T)],
    ) -> Option<Located<T>> {
        let known = words
            .iter()
            .map(|(word, _)| quoted(word))
            .collect::<Vec<_>>()
            .join(", ");
        self.text(
            key,
            default,
            |value| {
                words
                    .iter()
                    .find(|(_, known)| known == value)
                    .map_or("", |(word, _)| word)
                    .to_owned()
            },
            |text| {
                words
                    .iter()
                    .find(|(word, _)| *word == text)
                    .map(|(_, value)| *value)
                    .ok_or_else(|| (format!("is {text:?}"), format!("write one of {known}")))
            },
        )
    }

    /// Reads a list of texts.
    pub(super) fn texts(&mut self, key: &'static str, default: &[String]) -> Vec<String> {
        self.located_texts(key, Some(default.to_vec()))
            .map(|located| located.value)
            .unwrap_or_default()
    }

    /// Reads a list of texts, and says where it was written.
    pub(super) fn located_texts(
        &mut self,
        key: &'static str,
        default: Option<Vec<String>>,
    ) -> Option<Located<Vec<String>>> {
        let fix = || "write a list of texts, for example [\"one\", \"two\"]".to_owned();
        self.read(
            key,
            default,
            |values| {
                format!(
                    "[{}]",
                    values
                        .iter()
                        .map(|value| quoted(value))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            },
            |node| {
                // In the environment `a, b` is enough; a list in brackets works everywhere.
                if let Value::Raw(text) = &node.value
                    && !text.trim_start().starts_with('[')
                {
                    return Ok(text
                        .split(',')
                        .map(|part| part.trim().to_owned())
                        .filter(|part| !part.is_empty())
                        .collect());
                }
                match expand(node.clone()).value {
                    Value::List(entries) => entries
                        .into_iter()
                        .map(|entry| match entry.value {
                            Value::Text(text) => Ok(text),
                            other => Err((format!("holds {}", other.kind()), fix())),
                        })
                        .collect(),
                    other => Err((format!("is {}", other.kind()), fix())),
                }
            },
        )
    }

    /// Says that a setting that must be there is not.
    pub(super) fn missing(&self, key: &str, fix: impl Into<String>) {
        // A value that was there and wrong is reported already.
        if !self.table.contains_key(key) {
            self.report(
                self.origin.clone(),
                self.key(key),
                "is missing".to_owned(),
                fix.into(),
            );
        }
    }

    /// Reports a problem found by a later check.
    pub(super) fn problem(&self, problem: Problem) {
        self.report.borrow_mut().problems.push(problem);
    }

    /// Ends reading: whatever was not asked for is unknown.
    pub(super) fn finish(self) {
        for (key, node) in &self.table {
            if self.known.iter().any(|known| known == key) {
                continue;
            }
            let nearest = self
                .known
                .iter()
                .map(|known| (strsim::damerau_levenshtein(key, known), known))
                .filter(|(distance, known)| *distance <= known.len().div_ceil(2).min(4))
                .min();
            let fix = match nearest {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            self.report(
                node.origin.clone(),
                self.key(key),
                "is no setting".to_owned(),
                fix,
            );
        }
    }

    fn read<T: Clone>(
        &mut self,
        key: &'static str,
        default: Option<T>,
        show: impl Fn(&T) -> String,
        parse: impl Fn(&Node) -> Result<T, Wrong>,
    ) -> Option<Located<T>> {
        let path = self.key(key);
        let (value, origin) = match self.take(key) {
            None => (default, Origin::Default),
            Some(node) => match parse(&node) {
                Ok(value) => (Some(value), node.origin),
                Err((reason, fix)) => {
                    self.report(node.origin, path, reason, fix);
                    return None;
                }
            },
        };
        let shown = Shown {
            key: path.clone(),
            value: value.as_ref().map(show),
            origin: origin.clone(),
        };
        self.report.borrow_mut().shown.push(shown);
        value.map(|value| Located {
            value,
            key: path,
            origin,
        })
    }

    fn take(&mut self, key: &'static str) -> Option<Node> {
        self.known.push(key);
        self.table.get(key).cloned()
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn report(&self, origin: Origin, key: String, reason: String, fix: String) {
        self.report.borrow_mut().problems.push(Problem {
            origin,
            key,
            reason,
            fix,
        });
    }
}

/// A list or table of the environment is written as TOML on one line.
fn expand(node: Node) -> Node {
    match &node.value {
        Value::Raw(text) => layers::parse_inline(text, &node.origin).unwrap_or(node),
        _ => node,
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Raw(text) | Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::List(_) | Value::Table(_) | Value::Other(_) => value.kind().to_owned(),
    }
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
