//! Compares the local engine with llama.cpp, side by side: the same file, the same number of threads, in turns.
//!
//! ```console
//! $ cargo xtask bench-local
//! $ cargo xtask bench-local --model qwen3 --kind q4_k_m --threads 1 --only depth512,callers
//! ```
//!
//! which installs llama.cpp and names its Python to this program.
//!
//! Method: model files of known shapes with random weights, made once. Both sides have loaded the file and been warmed
//! up; then each measurement is made on one side and at once on the other, whoever was second goes first in the next
//! round, and medians and the best are compared. Ours is the whole engine as its callers see it, sampling and the stream of
//! events included; llama.cpp's is the calls of `llama_decode` alone, with its defaults. A depth is a prompt of so many
//! tokens that is read (prefill) and followed by 64 tokens (decode). Eight callers go on behind prompts of 128 tokens
//! each. Threads are free to move between processors, as they are in service. What has no counterpart in llama.cpp (a new
//! call beside others, grammars, guesses) is measured on our side, with and without.

mod arguments;
mod bandwidth;
mod grammar;
mod guesses;
mod limited;
mod measure;
mod memory;
mod ours;
mod report;
mod start;
mod theirs;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

use arguments::{Arguments, Part};
use models::Source;

/// The program's, so that memory is measured as it is there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A mistake is shown as it is: nobody branches on it.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Tokens that are generated behind each depth.
const ANSWER_TOKENS: usize = 64;
const CALLERS: usize = 8;
/// The prompt of each of several callers.
const CALLER_PROMPT_TOKENS: usize = 128;
/// Longest prompt and answer.
const CONTEXT_TOKENS: usize = 2_048 + ANSWER_TOKENS;

/// One file and number of threads.
struct Setting {
    name: String,
    file: PathBuf,
    threads: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    if let Some(file) = &arguments.resident {
        return memory::print(file, arguments.threads[0]);
    }
    if !arguments.measured {
        // Anything but `cargo bench` only wants to know that it runs.
        let run = ours::Ours::start(&Source::Bundled, 1)?.read_and_answer(16, 8)?;
        println!("{} tokens after the first", run.tokens);
        return Ok(());
    }
    let python: PathBuf = environment("LLAMA_PYTHON")?.into();
    let folder: PathBuf = environment("LOCAL_MODELS")?.into();
    let bandwidth = arguments
        .threads
        .iter()
        .map(|&threads| (threads, bandwidth::measure(threads)));
    let mut report = report::Report {
        bandwidth: bandwidth.collect(),
        ..report::Report::default()
    };
    let models = if arguments.needs_files() {
        &arguments.models[..]
    } else {
        &[]
    };
    for model in models {
        for kind in &arguments.kinds {
            let file = make_file(&python, &folder, model, kind)?;
            for &threads in &arguments.threads {
                let setting = Setting {
                    name: format!("{model} {kind}"),
                    file: file.clone(),
                    threads,
                };
                measure::compare(&setting, &arguments, &python, &mut report)?;
                measure::ours_alone(&setting, &arguments, &mut report)?;
            }
            if arguments.parts.contains(&Part::Memory) {
                report.memory.push(memory::compare(model, kind, &file, &python)?);
            }
            if arguments.parts.contains(&Part::Limited) {
                report.program.push(limited::outlive(&file)?);
            }
        }
    }
    bundled(&arguments, &mut report)?;
    print!("{report}");
    Ok(())
}

/// What is measured with the model that ships.
fn bundled(arguments: &Arguments, report: &mut report::Report) -> Result<()> {
    for &threads in &arguments.threads {
        if arguments.parts.contains(&Part::Grammar) {
            let mut measured = grammar::compare("bundled", &Source::Bundled, threads, arguments.rounds)?;
            report.grammars.append(&mut measured);
        }
        if arguments.parts.contains(&Part::Guesses) {
            report
                .guesses
                .push(guesses::extraction(threads, arguments.rounds)?);
        }
    }
    if arguments.parts.contains(&Part::Start) {
        report.program.push(start::measure(arguments.rounds)?);
    }
    Ok(())
}

fn environment(name: &str) -> Result<String> {
    std::env::var(name).map_err(|_| format!("{name} is not set: `cargo xtask bench-local` sets it").into())
}

/// Makes a model file, unless it is there.
fn make_file(python: &Path, folder: &Path, model: &str, kind: &str) -> Result<PathBuf> {
    let file = folder.join(format!("{model}-{kind}.gguf"));
    if !file.exists() {
        eprintln!("making {model} {kind}");
        let script = script("make_model.py");
        let status = Command::new(python)
            .arg(script)
            .args([model, kind])
            .arg(&file)
            .status()?;
        if !status.success() {
            return Err(format!("make_model.py {model} {kind}: {status}").into());
        }
    }
    Ok(file)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("local").join(name)
}
