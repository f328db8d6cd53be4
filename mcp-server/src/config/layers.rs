//! Lays file, environment and flags over each other: later layers win, value by value.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml_edit::{ImDocument, Item, Value as TomlValue};

use super::{
    Problem,
    node::{Node, Origin, Table, Value},
};

/// What settings are read from. Tests make their own; `main` reads the process once.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file to read; it must exist.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Flags, as dotted key, value, and the flag's name for messages.
    pub flags: Vec<Setting>,
}

/// One setting of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path, as `server.listen`.
    pub key: String,
    /// What it is set to.
    pub value: String,
    /// How it was given, as `--listen`.
    pub flag: String,
}

/// Variables that set keys begin with this.
const PREFIX: &str = "MCP_SERVER__";
/// Deeper paths name no setting; a bound keeps odd input cheap.
const MAX_DEPTH: usize = 8;
/// A larger file is not a configuration.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Reads and merges all layers.
pub(super) fn merge(sources: &Sources, problems: &mut Vec<Problem>) -> Table {
    let mut table = sources
        .file
        .as_deref()
        .map(|path| read_file(path, problems))
        .unwrap_or_default();
    for (name, value) in &sources.environment {
        if let Some(path) = name.strip_prefix(PREFIX) {
            let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
            overlay(
                &mut table,
                &path,
                value,
                &Origin::Environment(name.clone()),
                problems,
            );
        }
    }
    for setting in &sources.flags {
        let path: Vec<String> = setting.key.split('.').map(str::to_owned).collect();
        overlay(
            &mut table,
            &path,
            &setting.value,
            &Origin::Flag(setting.flag.clone()),
            problems,
        );
    }
    table
}

fn read_file(path: &Path, problems: &mut Vec<Problem>) -> Table {
    let origin = |line| Origin::File {
        path: path.to_owned(),
        line,
    };
    let mut fail = |line, reason: String, fix: &str| {
        problems.push(Problem {
            origin: origin(line),
            key: String::new(),
            reason,
            fix: fix.to_owned(),
        });
        Table::new()
    };
    match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => return fail(0, "is a directory".to_owned(), "name a file"),
        Ok(about) if about.len() > MAX_FILE_BYTES => {
            return fail(
                0,
                format!("has {} bytes", about.len()),
                "a configuration file has at most 1 MiB",
            );
        }
        _ => {}
    }
    let text = match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return fail(0, "is not UTF-8 text".to_owned(), "save it as UTF-8"),
        Err(error) => {
            return fail(
                0,
                format!("cannot be read: {error}"),
                "check the path and its permissions, or write one with `mcp-server config init`",
            );
        }
    };
    match ImDocument::parse(text.as_str()) {
        Ok(document) => {
            let lines = Lines::new(&text);
            let place = |span: Option<std::ops::Range<usize>>| {
                origin(span.map_or(1, |span| lines.line_of(span.start)))
            };
            document
                .iter()
                .filter_map(|(key, item)| Some((key.to_owned(), from_item(item, &place)?)))
                .collect()
        }
        Err(error) => {
            let line = error
                .span()
                .map_or(1, |span| Lines::new(&text).line_of(span.start));
            fail(
                line,
                format!(
                    "is not valid TOML: {}",
                    error.message().trim().replace('\n', ", ")
                ),
                "correct this line",
            )
        }
    }
}

/// Byte offsets of line starts.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(
            text.bytes()
                .enumerate()
                .filter_map(|(at, byte)| (byte == b'\n').then_some(at))
                .collect(),
        )
    }

    fn line_of(&self, offset: usize) -> usize {
        self.0.partition_point(|newline| *newline < offset) + 1
    }
}

fn from_item(item: &Item, place: &dyn Fn(Option<std::ops::Range<usize>>) -> Origin) -> Option<Node> {
    let value = match item {
        Item::None => return None,
        Item::Value(value) => return Some(from_value(value, place)),
        Item::Table(table) => Value::Table(
            table
                .iter()
                .filter_map(|(key, item)| Some((key.to_owned(), from_item(item, place)?)))
                .collect(),
        ),
        Item::ArrayOfTables(tables) => Value::List(
            tables
                .iter()
                .map(|table| Node {
                    value: Value::Table(
                        table
                            .iter()
                            .filter_map(|(key, item)| Some((key.to_owned(), from_item(item, place)?)))
                            .collect(),
                    ),
                    origin: place(table.span()),
                })
                .collect(),
        ),
    };
    Some(Node {
        value,
        origin: place(item.span()),
    })
}

fn from_value(value: &TomlValue, place: &dyn Fn(Option<std::ops::Range<usize>>) -> Origin) -> Node {
    let origin = place(value.span());
    let value = match value {
        TomlValue::String(text) => Value::Text(text.value().clone()),
        TomlValue::Integer(number) => Value::Integer(*number.value()),
        TomlValue::Float(number) => Value::Float(*number.value()),
        TomlValue::Boolean(flag) => Value::Bool(*flag.value()),
        TomlValue::Datetime(_) => Value::Other("a date"),
        TomlValue::Array(items) => Value::List(items.iter().map(|item| from_value(item, place)).collect()),
        TomlValue::InlineTable(table) => Value::Table(
            table
                .iter()
                .map(|(key, item)| (key.to_owned(), from_value(item, place)))
                .collect(),
        ),
    };
    Node { value, origin }
}

/// Reads a list or table written on one line, as in `MCP_SERVER__MODELS=[{name="default",chain=["local"]}]`.
pub(super) fn parse_inline(text: &str, origin: &Origin) -> Option<Node> {
    let text = format!("value = {text}");
    let document = ImDocument::parse(text.as_str()).ok()?;
    from_item(document.get("value")?, &|_| origin.clone())
}

fn overlay(table: &mut Table, path: &[String], text: &str, origin: &Origin, problems: &mut Vec<Problem>) {
    let mut fail = |reason: &str, fix: &str| {
        problems.push(Problem {
            origin: origin.clone(),
            key: path.join("."),
            reason: reason.to_owned(),
            fix: fix.to_owned(),
        });
    };
    if path.len() > MAX_DEPTH || path.iter().any(String::is_empty) {
        return fail(
            "is not a path of settings",
            "write SECTION__KEY, for example MCP_SERVER__QUEUE__CAPACITY",
        );
    }
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let mut current = table;
    let mut parents = parents.iter().peekable();
    while let Some(part) = parents.next() {
        let node = current.entry(part.clone()).or_insert_with(|| Node {
            value: Value::Table(Table::new()),
            origin: origin.clone(),
        });
        if let Value::Raw(raw) = &node.value
            && let Some(parsed) = parse_inline(raw, &node.origin)
        {
            *node = parsed;
        }
        // An entry of a list is addressed by its place or, where it has one, by its name.
        let entry_follows = matches!(node.value, Value::List(_))
            || (matches!(&node.value, Value::Table(table) if table.is_empty())
                && parents.peek().is_some_and(|part| part.parse::<usize>().is_ok()));
        if entry_follows {
            if matches!(node.value, Value::Table(_)) {
                node.value = Value::List(Vec::new());
            }
            let Value::List(entries) = &mut node.value else {
                return;
            };
            let Some(entry) = parents.next() else {
                return fail("is a list", "name the entry by its place from 0, or by its name");
            };
            match find_entry(entries, entry, origin) {
                Some(Node {
                    value: Value::Table(entry),
                    ..
                }) => current = entry,
                Some(_) => return fail("is not a table", "set the whole list instead"),
                None => {
                    return fail(
                        "names no entry of this list",
                        "name the entry by its place from 0, or by its name",
                    );
                }
            }
            continue;
        }
        match &mut node.value {
            Value::Table(table) => current = table,
            _ => return fail("goes below a setting that is no table", "remove it"),
        }
    }
    current.insert(
        last.clone(),
        Node {
            value: Value::Raw(text.to_owned()),
            origin: origin.clone(),
        },
    );
}

fn find_entry<'a>(entries: &'a mut Vec<Node>, wanted: &str, origin: &Origin) -> Option<&'a mut Node> {
    if let Ok(index) = wanted.parse::<usize>() {
        if index == entries.len() {
            entries.push(Node {
                value: Value::Table(Table::new()),
                origin: origin.clone(),
            });
        }
        return entries.get_mut(index);
    }
    entries.iter_mut().find(|entry| match &entry.value {
        Value::Table(table) => match table.get("name").map(|name| &name.value) {
            Some(Value::Text(name) | Value::Raw(name)) => as_variable(name) == as_variable(wanted),
            _ => false,
        },
        _ => false,
    })
}

/// A name as it can be part of an environment variable's name.
fn as_variable(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}
