//! The chat template that a model's file carries: a conversation becomes a prompt.
//!
//! Control tokens are recognised in the template's own words only. Before rendering, a mark (a character
//! that occurs nowhere else) is put behind every character of the contents with which a control token could
//! begin; no control token can then be spelled by contents, alone or together with their neighbours. The
//! marks are taken out again from what is left as text.

use minijinja::{Environment, Error, ErrorKind, Value, context, syntax::SyntaxConfig};
use minijinja_contrib::pycompat;

use crate::{
    engine::{LoadError, Turn},
    gguf::Header,
    vocabulary::{Piece, Vocabulary},
};

#[cfg(test)]
mod tests;

/// Steps that one rendering may take; a conversation of a thousand turns takes some ten thousand.
const FUEL: u64 = 2_000_000;
const MAX_TEMPLATE_BYTES: usize = 1 << 18;
const NAME: &str = "chat";
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n\
                      {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// A compiled template.
pub(crate) struct Template {
    environment: Environment<'static>,
}

impl Template {
    /// Compiles the template of the file; plain `ChatML` where it has none and knows the tokens of that.
    pub(crate) fn read(header: &Header, vocabulary: &Vocabulary) -> Result<Self, LoadError> {
        let knows_chatml = || {
            vocabulary
                .controls()
                .iter()
                .any(|(spelling, _)| spelling == "<|im_start|>")
        };
        let source = match header.text("tokenizer.chat_template") {
            Some(source) if source.len() > MAX_TEMPLATE_BYTES => {
                return Err(LoadError::Malformed(format!(
                    "the chat template is longer than {MAX_TEMPLATE_BYTES} bytes"
                )));
            }
            Some(source) => source,
            None if knows_chatml() => CHATML,
            None => return Err(LoadError::Unsupported("no chat template in the file".to_owned())),
        };
        Self::compile(source)
    }

    /// Compiles a template.
    pub(crate) fn compile(source: &str) -> Result<Self, LoadError> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        // As every tool renders these templates.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment
            .set_syntax(syntax.map_err(|error| LoadError::Unsupported(format!("chat template: {error}")))?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_unknown_method_callback(pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<String, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_function("strftime_now", |format: String| calendar::format_now(&format));
        environment
            .add_template_owned(NAME, without_generation_marks(source))
            .map_err(|error| LoadError::Unsupported(format!("chat template: {error}")))?;
        Ok(Self { environment })
    }

    /// Lays a conversation out as the model was trained to see it, up to where its answer begins.
    pub(crate) fn lay_out(&self, turns: &[Turn], vocabulary: &Vocabulary) -> Result<Vec<Piece>, String> {
        let mark = unused_character(turns);
        let starts: Vec<char> = first_characters(vocabulary);
        let marked: Vec<Turn> = turns
            .iter()
            .map(|turn| Turn {
                role: turn.role,
                content: put_marks(&turn.content, &starts, mark),
            })
            .collect();
        let text = match self.render(&marked, vocabulary) {
            Ok(text) => text,
            Err(error) => self
                .render_without_system(&marked, vocabulary)
                .ok_or_else(|| describe(&error))?,
        };
        Ok(cut(&text, vocabulary.controls(), &starts, mark))
    }

    fn render(&self, turns: &[Turn], vocabulary: &Vocabulary) -> Result<String, Error> {
        let spelling = |id: u32| String::from_utf8_lossy(vocabulary.bytes(id)).into_owned();
        let messages: Vec<Value> = turns
            .iter()
            .map(|turn| context! { role => turn.role, content => turn.content.as_str() })
            .collect();
        self.environment.get_template(NAME)?.render(context! {
            messages => messages,
            add_generation_prompt => true,
            enable_thinking => false,
            bos_token => vocabulary.bos().map_or("", |(spelling, _)| spelling),
            eos_token => vocabulary.stops().first().map(|&id| spelling(id)).unwrap_or_default(),
        })
    }

    /// Some templates know no system turn: what it says then opens the first user turn.
    fn render_without_system(&self, turns: &[Turn], vocabulary: &Vocabulary) -> Option<String> {
        let [system, user, rest @ ..] = turns else {
            return None;
        };
        if system.role != "system" || user.role != "user" {
            return None;
        }
        let joined = Turn {
            role: "user",
            content: format!("{}\n\n{}", system.content, user.content),
        };
        let turns: Vec<Turn> = std::iter::once(joined).chain(rest.iter().cloned()).collect();
        self.render(&turns, vocabulary).ok()
    }
}

/// Some templates mark what training is about, with tags that mean nothing here and that no engine of Jinja knows. What stands
/// in their place keeps the white space as it was.
fn without_generation_marks(source: &str) -> String {
    let mut tags = source.split("{%");
    let mut plain = tags.next().unwrap_or_default().to_owned();
    for tag in tags {
        let name = tag.trim_start_matches(['-', '+']).trim_start();
        let (space, _) = tag.split_at(tag.len() - name.len());
        let rest = |word| {
            let rest: &str = name.strip_prefix(word)?;
            let end = rest.trim_start().trim_start_matches(['-', '+']);
            end.starts_with("%}").then_some(rest)
        };
        let (word, rest) = match (rest("generation"), rest("endgeneration")) {
            (Some(rest), _) => ("if true", rest),
            (_, Some(rest)) => ("endif", rest),
            _ => ("", name),
        };
        plain.extend(["{%", space, word, rest]);
    }
    plain
}

/// The template's own message; never the conversation.
fn describe(error: &Error) -> String {
    let line = error
        .line()
        .map_or_else(String::new, |line| format!(" (line {line} of the template)"));
    match error.kind() {
        ErrorKind::OutOfFuel => format!("takes more than {FUEL} steps"),
        _ => format!("{}{line}", error.detail().unwrap_or("cannot be rendered")),
    }
}

/// A character that no turn contains, from those that Unicode sets aside for private use.
fn unused_character(turns: &[Turn]) -> char {
    ('\u{f0000}'..='\u{10fffd}')
        .find(|&c| turns.iter().all(|turn| !turn.content.contains(c)))
        .unwrap_or('\u{10fffd}')
}

fn first_characters(vocabulary: &Vocabulary) -> Vec<char> {
    let mut starts: Vec<char> = vocabulary
        .controls()
        .iter()
        .filter_map(|(spelling, _)| spelling.chars().next())
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

fn put_marks(content: &str, starts: &[char], mark: char) -> String {
    let mut marked = String::with_capacity(content.len());
    for c in content.chars() {
        marked.push(c);
        if starts.binary_search(&c).is_ok() {
            marked.push(mark);
        }
    }
    marked
}

/// Cuts a rendered prompt at its control tokens, the longest spelling first, and drops the marks.
fn cut(text: &str, controls: &[(String, u32)], starts: &[char], mark: char) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut run = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let begins = starts.binary_search(&c).is_ok();
        let found = controls
            .iter()
            .filter(|_| begins)
            .find(|(spelling, _)| rest.starts_with(spelling.as_str()));
        if let Some((spelling, id)) = found {
            if !run.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut run)));
            }
            pieces.push(Piece::Control(*id));
            rest = &rest[spelling.len()..];
        } else {
            if c != mark {
                run.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    if !run.is_empty() {
        pieces.push(Piece::Text(run));
    }
    pieces
}

/// Just enough of a calendar for templates that tell the model today's date, in UTC.
mod calendar {
    use std::time::{SystemTime, UNIX_EPOCH};

    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];

    pub(super) fn format_now(format: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self::format(format, now.as_secs())
    }

    pub(super) fn format(format: &str, seconds: u64) -> String {
        let (year, month, day) = date(seconds / 86_400);
        let second = seconds % 86_400;
        let name = MONTHS[month - 1];
        let mut out = String::new();
        let mut letters = format.chars();
        while let Some(c) = letters.next() {
            let written = match (c, letters.clone().next()) {
                ('%', Some('Y')) => year.to_string(),
                ('%', Some('m')) => format!("{month:02}"),
                ('%', Some('d')) => format!("{day:02}"),
                ('%', Some('B')) => name.to_owned(),
                ('%', Some('b')) => name[..3].to_owned(),
                ('%', Some('H')) => format!("{:02}", second / 3_600),
                ('%', Some('M')) => format!("{:02}", second / 60 % 60),
                ('%', Some('S')) => format!("{:02}", second % 60),
                _ => {
                    out.push(c);
                    continue;
                }
            };
            letters.next();
            out.push_str(&written);
        }
        out
    }

    fn date(mut days: u64) -> (u64, usize, u64) {
        let leap =
            |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let mut year = 1970;
        while days >= 365 + u64::from(leap(year)) {
            days -= 365 + u64::from(leap(year));
            year += 1;
        }
        let february = 28 + u64::from(leap(year));
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        (year, month, days + 1)
    }
}
