//! How much is found of what is there, and how much of what is found is there: over German and English texts made for
//! this. `docs/redaction.md` holds the table that this prints.

use std::{collections::BTreeMap, fmt::Write as _, ops::Range};

use super::{Kind, Policy, Rules};

const TEXTS: &str = include_str!("quality.txt");
const DOCUMENT: &str = include_str!("../../../../docs/redaction.md");

/// Finds of one kind.
#[derive(Default)]
struct Score {
    there: usize,
    found: usize,
    /// Finds that hold a value that is there.
    right: usize,
    /// Values of which nothing is left to be read.
    hidden: usize,
}

/// A text without its marks, and what they mark.
fn unmarked(line: &str) -> (String, Vec<(Range<usize>, &str)>) {
    let (mut text, mut values) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('⟦') {
        let (marked, after) = marked.split_once('⟧').expect("marks are closed");
        let (kind, value) = marked.split_once(':').expect("marks have a kind");
        text.push_str(before);
        values.push((text.len()..text.len() + value.len(), kind));
        text.push_str(value);
        rest = after;
    }
    text.push_str(rest);
    (text, values)
}

fn measure() -> BTreeMap<&'static str, Score> {
    let rules = Rules::new(&Policy::default(), &mut std::collections::HashMap::new()).expect("no lists");
    let mut scores: BTreeMap<&str, Score> = Kind::ALL
        .into_iter()
        .map(|kind| (kind.name(), Score::default()))
        .collect();
    for line in TEXTS.lines().filter(|line| !line.starts_with('#')) {
        let (text, values) = unmarked(line);
        let found = rules.find(&text);
        for (range, kind) in &values {
            let score = scores.get_mut(kind).expect("a kind");
            score.there += 1;
            let covered = found
                .iter()
                .any(|(found, _)| found.start <= range.start && found.end >= range.end);
            score.hidden += usize::from(covered);
            if !covered {
                println!("missed {kind}: {} in {text}", &text[range.clone()]);
            }
        }
        for (found, label) in &found {
            let kind = Kind::ALL
                .into_iter()
                .find(|kind| kind.label() == *label)
                .expect("a label");
            let score = scores.get_mut(kind.name()).expect("a kind");
            score.found += 1;
            let right = values.iter().any(|(range, marked)| {
                *marked == kind.name() && range.start < found.end && found.start < range.end
            });
            score.right += usize::from(right);
            if !right {
                println!("wrong {}: {} in {text}", kind.name(), &text[found.clone()]);
            }
        }
    }
    scores
}

fn percent(part: usize, whole: usize) -> String {
    format!("{} %", part * 100 / whole.max(1))
}

#[test]
fn recall_and_precision_are_what_the_documentation_says() {
    let mut table = String::from("| kind | values | recall | precision |\n|---|---|---|---|\n");
    for (kind, score) in measure() {
        let recall = percent(score.hidden, score.there);
        let precision = percent(score.right, score.found);
        let _ = writeln!(table, "| `{kind}` | {} | {recall} | {precision} |", score.there);
        let floor = if matches!(kind, "phone" | "ip") { 85 } else { 95 };
        assert!(
            score.hidden * 100 >= floor * score.there,
            "recall of {kind}: {recall}"
        );
        assert!(
            score.right * 100 >= floor * score.found,
            "precision of {kind}: {precision}"
        );
    }
    println!("{table}");
    assert!(
        DOCUMENT.contains(&table),
        "docs/redaction.md says something else than:\n{table}"
    );
}
