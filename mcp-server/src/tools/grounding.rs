//! Whether an answer says more than its source: strings and numbers that occur in one and not the other.

use std::collections::BTreeSet;

/// Numbers in `answer` that are not in `source`, as written, in order, each once.
pub(super) fn foreign_numbers(source: &str, answer: &str) -> Vec<String> {
    let known: BTreeSet<String> = numbers(source).map(normalise).collect();
    let mut seen = BTreeSet::new();
    numbers(answer)
        .filter(|number| !known.contains(&normalise(number)) && seen.insert((*number).to_owned()))
        .map(str::to_owned)
        .collect()
}

/// Runs of digits, with the points and commas inside them. Single digits are left out: they count
/// things ("3 points") more often than they state a fact.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|part| part.trim_matches(['.', ',']))
        .filter(|part| part.bytes().filter(u8::is_ascii_digit).count() > 1)
}

fn normalise(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whether `value` stands in `source`, apart from case and white space.
pub(super) fn occurs(source: &str, value: &str) -> bool {
    fold(source).contains(&fold(value))
}

fn fold(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_invented_numbers_only() {
        assert_eq!(
            foreign_numbers("25 pieces, 1.250,50 EUR", "For 1250,50 EUR you get 25, not 30."),
            ["30"]
        );
        assert_eq!(foreign_numbers("", "3 points"), Vec::<String>::new());
        assert_eq!(foreign_numbers("", "10 and 10"), ["10"]);
    }

    #[test]
    fn ignores_case_and_layout() {
        assert!(occurs("Acme\n  GmbH", "acme gmbh"));
        assert!(!occurs("Acme GmbH", "Acme AG"));
    }
}
