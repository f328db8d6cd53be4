//! What commands print: plain lines, JSON, and colours where a person looks.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use inference::AnswerFacts;
use serde_json::Value;

use super::Environment;

/// Whether and how to colour. `NO_COLOR` (not empty) and a dumb terminal switch it off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    output: bool,
    errors: bool,
}

impl Style {
    pub(super) fn new(environment: &Environment) -> Self {
        let refused = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty())
            || environment.get("TERM").is_some_and(|term| term == "dumb");
        Self {
            output: !refused && io::stdout().is_terminal(),
            errors: !refused && io::stderr().is_terminal(),
        }
    }

    pub(super) fn errors_in_colour(self) -> bool {
        self.errors
    }

    /// For standard output.
    pub(super) fn bold(self, text: &str) -> String {
        paint(self.output, "1", text)
    }

    /// For standard output.
    pub(super) fn dim(self, text: &str) -> String {
        paint(self.output, "2", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        paint(self.output, "32", text)
    }

    pub(super) fn warning(self, text: &str) -> String {
        paint(self.output, "33", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        paint(self.output, "31", text)
    }

    /// For standard error.
    pub(super) fn error(self, text: &str) -> String {
        paint(self.errors, "1;31", text)
    }

    /// For standard error.
    pub(super) fn remark(self, text: &str) -> String {
        paint(self.errors, "2", text)
    }
}

fn paint(on: bool, code: &str, text: &str) -> String {
    if on {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// Writes a line to standard output. A reader that went away (`| head`) is no failure.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes a piece of a line at once.
pub(super) fn piece(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes a line to standard error.
pub(super) fn error_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a JSON value, indented.
pub(super) fn json(value: &Value) {
    line(&format!("{value:#}"));
}

/// Writes rows under each other, columns aligned. The last column is not padded.
pub(super) fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut text = String::new();
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                text.extend(std::iter::repeat_n(
                    ' ',
                    widths[column] - cell.chars().count() + 2,
                ));
            }
        }
        line(text.trim_end());
    }
}

/// Who answered, in one line: `[local · bundled · degraded: circuit_open · 0.6 s · 212+64 tokens]`.
pub(super) fn who_answered(facts: &AnswerFacts) -> String {
    let mut parts = vec![facts.backend.clone()];
    if facts.model != facts.backend {
        parts.push(facts.model.clone());
    }
    match (facts.degraded, facts.reason) {
        (true, Some(reason)) => parts.push(format!("degraded: {}", reason.as_str())),
        (true, None) => parts.push("degraded".to_owned()),
        (false, Some(reason)) => parts.push(format!("after {}", reason.as_str())),
        (false, None) => {}
    }
    parts.push(format!(
        "{:.1} s",
        Duration::from_millis(facts.duration_ms).as_secs_f64()
    ));
    parts.push(format!("{}+{} tokens", facts.input_tokens, facts.output_tokens));
    format!("[{}]", parts.join(" · "))
}

/// A size for people.
pub(super) fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit after the point")]
    let count = count as f64;
    for (unit, size) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] {
        if count >= size {
            return format!("{:.1} {unit}", count / size);
        }
    }
    format!("{count:.0} B")
}

#[cfg(test)]
mod tests {
    use inference::{AttemptOutcome, Cost};

    use super::*;

    fn facts() -> AnswerFacts {
        AnswerFacts {
            backend: "local".to_owned(),
            model: "bundled".to_owned(),
            region: "in-process".to_owned(),
            deployment: None,
            degraded: true,
            reason: Some(AttemptOutcome::CircuitOpen),
            attempts: Vec::new(),
            disguised: 0,
            input_tokens: 212,
            output_tokens: 64,
            cost: Cost {
                amount: 0.0,
                currency: "EUR".to_owned(),
            },
            queue_ms: 1,
            time_to_first_token_ms: 40,
            duration_ms: 610,
        }
    }

    #[test]
    fn the_footer_says_who_answered_and_why() {
        assert_eq!(
            who_answered(&facts()),
            "[local · bundled · degraded: circuit_open · 0.6 s · 212+64 tokens]"
        );
        let first = AnswerFacts {
            degraded: false,
            reason: None,
            ..facts()
        };
        assert_eq!(who_answered(&first), "[local · bundled · 0.6 s · 212+64 tokens]");
    }

    #[test]
    fn sizes_are_short() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (15_000_000, "15.0 MB"),
            (2_500_000_000, "2.5 GB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
