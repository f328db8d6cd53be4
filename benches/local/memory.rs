//! What a model takes in memory, on both sides, each in a process of its own.

use std::{fs, path::Path, process::Command};

use models::{Engine, EngineConfig, Source};
use serde_json::{Value, json};

use crate::{ANSWER_TOKENS, CONTEXT_TOKENS, Result, ours, report::Memory, theirs::Theirs};

const LONG_PROMPT_TOKENS: usize = CONTEXT_TOKENS - ANSWER_TOKENS;
const THREADS: usize = 2;

/// Measures both sides.
pub(crate) fn compare(model: &str, kind: &str, file: &Path, python: &Path) -> Result<Memory> {
    eprintln!("{model} {kind}: memory");
    let output = Command::new(std::env::current_exe()?)
        .args(["--threads", &THREADS.to_string(), "--resident"])
        .arg(file)
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let ours: Value = serde_json::from_str(&printed)
        .map_err(|_| format!("{printed}{}", String::from_utf8_lossy(&output.stderr)))?;
    let number = |key: &str| ours[key].as_u64().ok_or_else(|| format!("no {key} in {ours}"));
    let mut theirs = Theirs::start(python, file, THREADS)?;
    let (_, _, theirs_after) = theirs.read_and_answer(LONG_PROMPT_TOKENS, 1)?;
    Ok(Memory {
        name: format!("{model} {kind}"),
        file: fs::metadata(file)?.len(),
        kv_budget: number("kv_budget")?,
        ours_loaded: number("loaded")?,
        ours_peak_loading: number("peak_loading")?,
        ours_after: number("after")?,
        theirs_loaded: theirs.loaded_bytes,
        theirs_after,
    })
}

/// Loads a file, reads a long prompt, and prints what that took.
pub(crate) fn print(file: &Path, threads: usize) -> Result<()> {
    let config = EngineConfig {
        slots: 1,
        context_limit: Some(CONTEXT_TOKENS),
        threads: Some(threads),
        ..EngineConfig::default()
    };
    let engine = Engine::start(&Source::File(file.to_owned()), config, |_| {})?;
    let (loaded, peak_loading) = (status_bytes("VmRSS:")?, status_bytes("VmHWM:")?);
    let kv_budget = engine.stats().kv_budget_bytes;
    // Kept by name: it stays loaded while it is measured.
    let mut ours = ours::Ours::of(engine)?;
    ours.read_and_answer(LONG_PROMPT_TOKENS, 1)?;
    let figures = json!({
        "loaded": loaded,
        "peak_loading": peak_loading,
        "kv_budget": kv_budget,
        "after": status_bytes("VmRSS:")?,
    });
    println!("{figures}");
    Ok(())
}

/// A figure of the kernel about this process.
fn status_bytes(key: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kibibytes = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no such figure")?;
    Ok(kibibytes.parse::<u64>()? << 10)
}
