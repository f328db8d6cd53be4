//! Counts what passed and what failed, whichever program checked it.

use std::ops::Add;

use anyhow::{Result, bail};

use crate::command::{self, Ended};

/// How many checks a step made, and how they went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl Tally {
    /// One check that passed.
    pub(crate) fn one() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// One check that failed.
    pub(crate) fn one_failed() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// Counts the tests in the output of `cargo test`.
    ///
    /// # Errors
    /// Fails when cargo failed for another reason than a failed test.
    pub(crate) fn of_cargo_test(ended: &Ended) -> Result<Self> {
        let tally = ended
            .lines
            .iter()
            .filter_map(|line| summary(line))
            .fold(Self::default(), Add::add);
        if !ended.success && tally.failed == 0 {
            bail!(
                "the tests could not be run; the last lines:\n{}",
                command::tail(&ended.lines)
            );
        }
        Ok(tally)
    }

    /// `N passed, N failed`, and what was skipped, if anything.
    pub(crate) fn sentence(self) -> String {
        let skipped = if self.skipped > 0 {
            format!(", {} skipped", self.skipped)
        } else {
            String::new()
        };
        format!("{} passed, {} failed{skipped}", self.passed, self.failed)
    }
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn summary(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut tally = Tally::default();
    for part in counts.split("; ") {
        let Some((number, word)) = part.split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match word {
            "passed" => tally.passed = number,
            "failed" => tally.failed = number,
            "ignored" => tally.skipped = number,
            _ => {}
        }
    }
    Some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_cargo_test_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(
            summary(line),
            Some(Tally {
                passed: 12,
                failed: 3,
                skipped: 1
            })
        );
        assert_eq!(summary("test breaker::tests::opens ... ok"), None);
        assert_eq!(summary("running 4 tests"), None);
    }

    #[test]
    fn skips_are_named_only_when_there_are_any() {
        assert_eq!(
            Tally {
                passed: 2,
                failed: 1,
                skipped: 0
            }
            .sentence(),
            "2 passed, 1 failed"
        );
        assert_eq!(
            Tally {
                passed: 2,
                failed: 0,
                skipped: 4
            }
            .sentence(),
            "2 passed, 0 failed, 4 skipped"
        );
    }
}
