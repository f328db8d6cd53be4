//! One file and number of threads: measures both sides in turns.

use std::{path::Path, thread, time::Duration};

use models::Source;

use crate::{
    ANSWER_TOKENS, CALLER_PROMPT_TOKENS, CALLERS, Result, Setting,
    arguments::{Arguments, Part},
    grammar, guesses,
    ours::Ours,
    report::{Cell, Newcomer, Rate, Report, median},
    theirs::Theirs,
};

/// Threads that wait for work by spinning have stopped by then.
const PAUSE: Duration = Duration::from_millis(100);

/// Rates in tokens a second.
#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

pub(crate) fn compare(
    setting: &Setting,
    arguments: &Arguments,
    python: &Path,
    report: &mut Report,
) -> Result<()> {
    let parts = arguments.parts.iter().copied();
    let parts: Vec<Part> = parts.filter(|part| part.compares_speed()).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let mut theirs = Theirs::start(python, &setting.file, setting.threads)?;
    let mut ours = Ours::start(&Source::File(setting.file.clone()), setting.threads)?;
    theirs.warm_up()?;
    ours.read_and_answer(ANSWER_TOKENS, 4)?;
    for part in parts {
        eprintln!("{} with {} threads: {part:?}", setting.name, setting.threads);
        let rounds = arguments.rounds;
        match part {
            Part::Depth(depth) => at_depth(setting, depth, rounds, &mut ours, &mut theirs, report)?,
            _ => together(setting, rounds, &mut ours, &mut theirs, report)?,
        }
    }
    Ok(())
}

/// What is measured on our side alone.
pub(crate) fn ours_alone(setting: &Setting, arguments: &Arguments, report: &mut Report) -> Result<()> {
    let Setting { name, file, threads } = setting;
    let (source, rounds) = (Source::File(file.clone()), arguments.rounds);
    for part in &arguments.parts {
        match part {
            Part::Newcomer => {
                eprintln!("{name} with {threads} threads: {part:?}");
                let mut ours = Ours::start(&source, *threads)?;
                ours.read_and_answer(ANSWER_TOKENS, 4)?;
                report.newcomers.push(newcomer(setting, rounds, &mut ours)?);
            }
            Part::Grammar => {
                eprintln!("{name} with {threads} threads: {part:?}");
                let mut measured = grammar::compare(name, &source, *threads, rounds)?;
                report.grammars.append(&mut measured);
            }
            Part::Guesses => {
                eprintln!("{name} with {threads} threads: {part:?}");
                let measured = guesses::repetition(name, &source, *threads, rounds)?;
                report.guesses.push(measured);
            }
            _ => {}
        }
    }
    Ok(())
}

fn at_depth(
    setting: &Setting,
    depth: usize,
    rounds: usize,
    ours: &mut Ours,
    theirs: &mut Theirs,
    report: &mut Report,
) -> Result<()> {
    let (mut prefill, mut decode) = (Rates::default(), Rates::default());
    in_turns(
        rounds,
        &mut |round| {
            let run = ours.read_and_answer(depth, ANSWER_TOKENS + 1)?;
            note(round, "ours", &format!("{:?} {:?}", run.first, run.rest));
            prefill.ours.push(rate(depth, run.first));
            decode.ours.push(rate(run.tokens, run.rest));
            Ok(())
        },
        &mut |round| {
            let (read, answer, _) = theirs.read_and_answer(depth, ANSWER_TOKENS)?;
            note(round, "llama.cpp", &format!("{read:?} {answer:?}"));
            prefill.theirs.push(rate(depth, read));
            decode.theirs.push(rate(ANSWER_TOKENS, answer));
            Ok(())
        },
    )?;
    if depth > 1 {
        report
            .cells
            .push(cell(setting, format!("prefill {depth}"), &prefill, None));
    }
    let shown = if depth > 1 { depth } else { 0 };
    // On average half of what is generated stands in the cache too.
    let tokens_before = (depth + ANSWER_TOKENS / 2) as u64;
    let bytes = theirs.weight_bytes + tokens_before * theirs.kv_token_bytes;
    report
        .cells
        .push(cell(setting, format!("decode at {shown}"), &decode, Some(bytes)));
    Ok(())
}

fn together(
    setting: &Setting,
    rounds: usize,
    ours: &mut Ours,
    theirs: &mut Theirs,
    report: &mut Report,
) -> Result<()> {
    const STEPS: usize = ANSWER_TOKENS / 2;
    let mut rates = Rates::default();
    in_turns(
        rounds,
        &mut |round| {
            let run = ours.answer_together(STEPS + 1)?;
            note(round, "ours", &format!("{} tokens in {:?}", run.tokens, run.rest));
            rates.ours.push(rate(run.tokens, run.rest));
            Ok(())
        },
        &mut |round| {
            let time = theirs.answer_together(STEPS)?;
            note(
                round,
                "llama.cpp",
                &format!("{} tokens in {time:?}", STEPS * CALLERS),
            );
            rates.theirs.push(rate(STEPS * CALLERS, time));
            Ok(())
        },
    )?;
    let name = format!("{CALLERS} callers at {CALLER_PROMPT_TOKENS}");
    report.cells.push(cell(setting, name, &rates, None));
    Ok(())
}

fn newcomer(setting: &Setting, rounds: usize, ours: &mut Ours) -> Result<Newcomer> {
    let (mut alone, mut beside, mut gap) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let times = ours.newcomer()?;
        let text = format!(
            "{:?} alone, {:?} beside others, who waited {:?}",
            times.alone, times.beside, times.gap
        );
        note(round, "ours", &text);
        alone.push(times.alone.as_secs_f64());
        beside.push(times.beside.as_secs_f64());
        gap.push(times.gap.as_secs_f64());
    }
    Ok(Newcomer {
        name: setting.name.clone(),
        threads: setting.threads,
        alone_seconds: median(&alone),
        beside_seconds: median(&beside),
        gap_seconds: median(&gap),
    })
}

/// One measurement of the one and one of the other, the order changing from round to round.
fn in_turns<'a>(
    rounds: usize,
    ours: &'a mut dyn FnMut(usize) -> Result<()>,
    theirs: &'a mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let mut sides = [ours, theirs];
    for round in 0..rounds {
        for side in &mut sides {
            thread::sleep(PAUSE);
            side(round)?;
        }
        sides.reverse();
    }
    Ok(())
}

fn cell(setting: &Setting, name: String, rates: &Rates, token_bytes: Option<u64>) -> Cell {
    Cell {
        file: setting.name.clone(),
        threads: setting.threads,
        name,
        ours: summary(&rates.ours),
        theirs: summary(&rates.theirs),
        token_bytes,
    }
}

fn note(round: usize, side: &str, what: &str) {
    eprintln!("  {}: {side} {what}", round + 1);
}

#[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
fn rate(tokens: usize, time: Duration) -> f64 {
    tokens as f64 / time.as_secs_f64()
}

fn summary(rates: &[f64]) -> Rate {
    Rate {
        median: median(rates),
        best: rates.iter().copied().fold(0.0, f64::max),
    }
}
