//! Runs the chosen steps one after the other, and says at the end what became of each.

use std::{
    ops::Add,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};

use crate::{
    setup::Unavailable,
    steps::{STEPS, Step},
    tally::Tally,
    workspace::Workspace,
};

/// What the caller asked for.
pub(crate) struct Selection {
    pub(crate) only: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) keep_going: bool,
}

/// What became of one step.
enum Outcome {
    Passed(Tally),
    Failed(Tally, String),
    /// Left out, and why.
    Skipped(String),
}

/// Prints the table of steps.
pub(crate) fn list() {
    for step in STEPS {
        println!("{:<12} {}", step.name, step.about);
    }
}

/// Runs the steps and prints the report. True when everything that has to pass did.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<bool> {
    check(workspace.ci, selection)?;
    let mut report: Vec<(&Step, Outcome, Duration)> = Vec::new();
    let mut broken = false;
    for step in STEPS {
        let begun = Instant::now();
        let outcome = match reason_to_skip(step, selection) {
            Some(reason) => Outcome::Skipped(reason.to_owned()),
            None if broken && !selection.keep_going && !workspace.ci => {
                Outcome::Skipped("an earlier step failed; --keep-going runs it all the same".to_owned())
            }
            None => run_step(workspace, step),
        };
        broken |= matches!(outcome, Outcome::Failed(..));
        report.push((step, outcome, begun.elapsed()));
    }
    Ok(print_report(&report))
}

/// Refuses what cannot be meant.
fn check(ci: bool, selection: &Selection) -> Result<()> {
    for name in selection.only.iter().chain(&selection.skip) {
        if !STEPS.iter().any(|step| step.name == name) {
            let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            bail!("there is no step {name:?}; the steps are: {}", known.join(", "));
        }
    }
    ensure!(
        !ci || selection.skip.is_empty(),
        "in CI nothing may be skipped: --skip is refused where CI is set"
    );
    Ok(())
}

fn reason_to_skip(step: &Step, selection: &Selection) -> Option<&'static str> {
    let named = |names: &[String]| names.iter().any(|name| name == step.name);
    if !selection.only.is_empty() && !named(&selection.only) {
        return Some("not named by --only");
    }
    named(&selection.skip).then_some("named by --skip")
}

fn run_step(workspace: &Workspace, step: &Step) -> Outcome {
    println!("\n== {}: {}", step.name, step.about);
    let begun = Instant::now();
    let outcome = step
        .needs
        .iter()
        .try_for_each(|need| need.provide(workspace))
        .and_then(|()| (step.run)(workspace));
    let outcome = match outcome {
        Ok(tally) if tally.passed + tally.failed == 0 => {
            Outcome::Failed(tally, "not one check was made".to_owned())
        }
        Ok(tally) if tally.failed > 0 => Outcome::Failed(tally, "see above".to_owned()),
        Ok(tally) if tally.skipped > 0 && workspace.ci => Outcome::Failed(
            tally,
            format!("{} tests were skipped, and in CI nothing may be", tally.skipped),
        ),
        Ok(tally) => Outcome::Passed(tally),
        Err(error) if error.is::<Unavailable>() && !workspace.ci => Outcome::Skipped(format!("{error:#}")),
        Err(error) => Outcome::Failed(Tally::one_failed(), format!("{error:#}")),
    };
    let seconds = begun.elapsed().as_secs_f32();
    match &outcome {
        Outcome::Failed(_, reason) => {
            println!("-- {} FAILED after {seconds:.1} s: {reason}", step.name);
            println!("-- to run it alone: cargo xtask test --only {}", step.name);
        }
        Outcome::Skipped(reason) => println!("-- {} skipped: {reason}", step.name),
        Outcome::Passed(_) => println!("-- {} passed in {seconds:.1} s", step.name),
    }
    outcome
}

/// Prints one line a step, then the sum alone on the last line. True when nothing failed.
fn print_report(report: &[(&Step, Outcome, Duration)]) -> bool {
    println!("\n== report");
    let mut sum = Tally::default();
    let mut failed = Vec::new();
    for (step, outcome, duration) in report {
        let (word, detail) = match outcome {
            Outcome::Passed(tally) => ("passed", tally.sentence()),
            Outcome::Failed(tally, _) => ("FAILED", tally.sentence()),
            Outcome::Skipped(reason) => ("skipped", reason.lines().next().unwrap_or_default().to_owned()),
        };
        println!(
            "{:<12} {word:<8} {:>7.1} s  {detail}",
            step.name,
            duration.as_secs_f32()
        );
        sum = sum.add(match outcome {
            Outcome::Passed(tally) => *tally,
            Outcome::Failed(tally, _) => {
                failed.push(step.name);
                // A step that failed for another reason than a check still counts.
                Tally {
                    failed: tally.failed.max(1),
                    ..*tally
                }
            }
            Outcome::Skipped(_) => Tally {
                skipped: 1,
                ..Tally::default()
            },
        });
    }
    if !failed.is_empty() {
        println!(
            "\nfailed: {}; to run one alone: cargo xtask test --only {}",
            failed.join(", "),
            failed[0]
        );
    }
    println!("\n{}", sum.sentence());
    failed.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(only: &[&str], skip: &[&str]) -> Selection {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Selection {
            only: owned(only),
            skip: owned(skip),
            keep_going: false,
        }
    }

    fn step(name: &'static str, run: fn(&Workspace) -> Result<Tally>) -> Step {
        Step {
            name,
            about: "",
            needs: &[],
            run,
        }
    }

    fn workspace(ci: bool) -> Workspace {
        Workspace {
            root: ".".into(),
            target: ".".into(),
            ci,
            test_programs: Vec::new(),
        }
    }

    #[test]
    fn an_unknown_step_is_refused_and_the_known_ones_are_named() {
        let error = check(false, &selection(&["clipy"], &[])).unwrap_err().to_string();
        assert!(error.contains("clipy") && error.contains("clippy"), "{error}");
    }

    #[test]
    fn skipping_is_refused_in_ci_only() {
        assert!(check(false, &selection(&[], &["clippy"])).is_ok());
        assert!(check(true, &selection(&[], &["clippy"])).is_err());
    }

    #[test]
    fn only_and_skip_choose_steps() {
        let fmt = &STEPS[0];
        assert!(reason_to_skip(fmt, &selection(&[], &[])).is_none());
        assert!(reason_to_skip(fmt, &selection(&["fmt"], &[])).is_none());
        assert!(reason_to_skip(fmt, &selection(&["deny"], &[])).is_some());
        assert!(reason_to_skip(fmt, &selection(&[], &["fmt"])).is_some());
    }

    #[test]
    fn skipped_tests_fail_a_step_in_ci() {
        let skips = step("skips", |_| {
            Ok(Tally {
                passed: 3,
                failed: 0,
                skipped: 1,
            })
        });
        let outcome = |ci| run_step(&workspace(ci), &skips);
        assert!(matches!(outcome(false), Outcome::Passed(_)));
        assert!(matches!(outcome(true), Outcome::Failed(..)));
    }

    #[test]
    fn a_step_whose_tools_cannot_be_had_is_skipped_but_fails_in_ci() {
        let lacks = step("lacks", |_| Err(Unavailable("no Python here".to_owned()).into()));
        let outcome = |ci| run_step(&workspace(ci), &lacks);
        assert!(matches!(outcome(false), Outcome::Skipped(reason) if reason.contains("Python")));
        assert!(matches!(outcome(true), Outcome::Failed(..)));
    }

    #[test]
    fn a_step_that_checks_nothing_fails() {
        let empty = step("empty", |_| Ok(Tally::default()));
        assert!(matches!(run_step(&workspace(false), &empty), Outcome::Failed(..)));
    }

    #[test]
    fn a_failed_step_fails_the_report_even_without_a_failed_check() {
        let good = step("good", |_| Ok(Tally::one()));
        let bad = step("bad", |_| bail!("broken"));
        let outcome = |step| run_step(&workspace(false), step);
        let passed = (&good, outcome(&good), Duration::ZERO);
        assert!(print_report(std::slice::from_ref(&passed)));
        assert!(!print_report(&[passed, (&bad, outcome(&bad), Duration::ZERO)]));
    }
}
