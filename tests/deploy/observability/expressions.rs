//! What a `PromQL` expression reads, without a parser of the whole language.

use std::collections::BTreeSet;

/// Words that are no series.
const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "unless",
    "bool",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "offset",
    "inf",
    "nan",
];
/// Words whose parentheses hold labels.
const TAKE_LABELS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Names of the series that an expression reads.
pub(super) fn series(expression: &str) -> BTreeSet<String> {
    let bare = without_selectors(expression);
    let mut names = BTreeSet::new();
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(|character: char| is_first(character)) {
        // A digit in front makes it the unit of a number, such as in 1e6.
        let number = rest[..start].ends_with(|character: char| character.is_ascii_digit());
        let word = &rest[start..];
        let end = word
            .find(|character: char| !is_part(character))
            .unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        rest = after;
        let next = after.trim_start();
        // An aggregation may say its labels before its operand: `sum by (le) (...)`.
        let called = next.starts_with('(') || next.starts_with("by ") || next.starts_with("without ");
        let lower = word.to_lowercase();
        if called && TAKE_LABELS.contains(&lower.as_str()) {
            rest = after.split_once(')').map_or("", |(_, behind)| behind);
        } else if !called && !number && !KEYWORDS.contains(&lower.as_str()) {
            names.insert(word.to_owned());
        }
    }
    names
}

/// The expression without what stands in braces, brackets and quotes.
fn without_selectors(expression: &str) -> String {
    let mut bare = String::new();
    let (mut depth, mut quoted) = (0_u32, false);
    for character in expression.chars() {
        match character {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ if depth == 0 => bare.push(character),
            _ => {}
        }
    }
    bare
}

fn is_first(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || character == ':'
}

fn is_part(character: char) -> bool {
    is_first(character) || character.is_ascii_digit()
}

/// The expression with comparisons that yield 0 or 1 instead of nothing, so that a value means that there is data.
pub(super) fn always_valued(expression: &str) -> String {
    let mut text = expression.to_owned();
    for operator in [" >= ", " <= ", " == ", " != ", " > ", " < "] {
        text = text.replace(operator, &format!("{operator}bool "));
    }
    // A dashboard may have said it already.
    text.replace("bool bool", "bool")
}

#[test]
fn series_are_told_from_functions_labels_and_numbers() {
    for (expression, expected) in [
        ("vector(1)", &[][..]),
        ("up{job=\"a_b\"} == 0", &["up"]),
        (
            "sum by (le, pod) (rate(a_bucket{x=~\"b|c\"}[5m])) > 1e6",
            &["a_bucket"],
        ),
        (
            "a / on (slo) group_left (x) (1 - slo:objective) and c:d:rate5m offset 5m",
            &["a", "c:d:rate5m", "slo:objective"],
        ),
        ("histogram_quantile(0.95, sum(x)) or NaN or +Inf", &["x"]),
        ("min_over_time(state[2m]) >= 1 < 3", &["state"]),
    ] {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(series(expression), expected, "{expression}");
    }
}

#[test]
fn comparisons_are_valued_and_selectors_are_not_touched() {
    for (expression, expected) in [
        ("a{b!=\"c\"} >= 1 < 3", "a{b!=\"c\"} >= bool 1 < bool 3"),
        ("x > bool 0", "x > bool 0"),
        ("x == on (y) z", "x == bool on (y) z"),
    ] {
        assert_eq!(always_valued(expression), expected);
    }
}
