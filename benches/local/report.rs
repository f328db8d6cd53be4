//! The tables, in Markdown.

use std::fmt;

/// What all of it came to.
#[derive(Default)]
pub(crate) struct Report {
    /// Threads, and the bytes a second that they read.
    pub(crate) bandwidth: Vec<(usize, f64)>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) newcomers: Vec<Newcomer>,
    pub(crate) grammars: Vec<Grammar>,
    pub(crate) guesses: Vec<Guesses>,
    pub(crate) memory: Vec<Memory>,
    /// Lines on the released program.
    pub(crate) program: Vec<String>,
}

/// Rates of both sides, in tokens a second.
pub(crate) struct Cell {
    pub(crate) file: String,
    pub(crate) threads: usize,
    pub(crate) name: String,
    pub(crate) ours: Rate,
    pub(crate) theirs: Rate,
    /// Bytes that have to be read for a token, where that is the limit.
    pub(crate) token_bytes: Option<u64>,
}

/// Of several measurements. The best is what is left of a figure on a machine that others use too.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) median: f64,
    pub(crate) best: f64,
}

/// From a call to its first token.
pub(crate) struct Newcomer {
    pub(crate) name: String,
    pub(crate) threads: usize,
    pub(crate) alone_seconds: f64,
    pub(crate) beside_seconds: f64,
    /// The longest that one of the others waited meanwhile.
    pub(crate) gap_seconds: f64,
}

/// Passes of the network and tokens, a second, without a grammar and with one.
pub(crate) struct Grammar {
    pub(crate) name: String,
    pub(crate) threads: usize,
    pub(crate) schema: &'static str,
    pub(crate) passes: [f64; 2],
    pub(crate) tokens: [f64; 2],
}

/// The same answers without guesses and with them.
pub(crate) struct Guesses {
    pub(crate) name: String,
    pub(crate) threads: usize,
    pub(crate) tokens: usize,
    pub(crate) passes: [usize; 2],
    pub(crate) seconds: [f64; 2],
}

/// Bytes.
pub(crate) struct Memory {
    pub(crate) name: String,
    pub(crate) file: u64,
    pub(crate) kv_budget: u64,
    pub(crate) ours_loaded: u64,
    pub(crate) ours_peak_loading: u64,
    pub(crate) ours_after: u64,
    pub(crate) theirs_loaded: u64,
    pub(crate) theirs_after: u64,
}

/// What may come on top of the file and the budget of its KV cache.
const MEMORY_MARGIN: u64 = 100 << 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (threads, bytes) in &self.bandwidth {
            writeln!(
                f,
                "Read bandwidth with {threads} threads: {:.1} GB/s",
                bytes / 1e9
            )?;
        }
        self.speed(f)?;
        self.first_tokens(f)?;
        self.under_grammars(f)?;
        self.with_guesses(f)?;
        self.resident(f)?;
        if !self.program.is_empty() {
            writeln!(f, "\n{}", self.program.join("\n"))?;
        }
        Ok(())
    }
}

impl Report {
    fn speed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cells.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| file | threads | what | ours | llama.cpp | ratio | ratio of the best | of the bandwidth |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for cell in &self.cells {
            let Cell {
                file,
                threads,
                name,
                ours,
                theirs,
                ..
            } = cell;
            let share = self.bandwidth_share(cell).unwrap_or_default();
            writeln!(
                f,
                "| {file} | {threads} | {name} | {:.1} | {:.1} | **{:.2}** | {:.2} | {share} |",
                ours.median,
                theirs.median,
                ours.median / theirs.median,
                ours.best / theirs.best
            )?;
        }
        Ok(())
    }

    /// What decoding reads at its best, over what can be read.
    #[expect(clippy::cast_precision_loss, reason = "shown in percent")]
    fn bandwidth_share(&self, cell: &Cell) -> Option<String> {
        let bytes = cell.token_bytes? as f64;
        let (_, bandwidth) = self
            .bandwidth
            .iter()
            .find(|(threads, _)| *threads == cell.threads)?;
        let percent = |rate: f64| rate * bytes / bandwidth * 100.0;
        Some(format!(
            "{:.0} MB a token: {:.0} % / {:.0} %",
            bytes / 1e6,
            percent(cell.ours.best),
            percent(cell.theirs.best)
        ))
    }

    fn first_tokens(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.newcomers.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| file | threads | first token alone | while 7 are answered | ratio | others wait, at most |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for newcomer in &self.newcomers {
            let Newcomer {
                name,
                threads,
                alone_seconds: alone,
                beside_seconds: beside,
                gap_seconds: gap,
            } = newcomer;
            writeln!(
                f,
                "| {name} | {threads} | {alone:.3} s | {beside:.3} s | **{:.2}** | {gap:.3} s |",
                beside / alone
            )?;
        }
        Ok(())
    }

    fn under_grammars(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.grammars.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| file | threads | schema | passes a second without | with | cost | tokens a second without | with | cost |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        for grammar in &self.grammars {
            let Grammar {
                name,
                threads,
                schema,
                passes,
                tokens,
            } = grammar;
            write!(f, "| {name} | {threads} | {schema} ")?;
            for [free, constrained] in [passes, tokens] {
                let cost = (1.0 - constrained / free) * 100.0;
                write!(f, "| {free:.1} | {constrained:.1} | **{cost:.1} %** ")?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }

    fn with_guesses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.guesses.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| what | threads | tokens | passes without guesses | with | time without | with | ratio |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for guesses in &self.guesses {
            let Guesses {
                name,
                threads,
                tokens,
                passes: [without, with],
                seconds: [slow, quick],
            } = guesses;
            writeln!(
                f,
                "| {name} | {threads} | {tokens} | {without} | {with} | {slow:.3} s | {quick:.3} s | **{:.2}** |",
                slow / quick
            )?;
        }
        Ok(())
    }

    fn resident(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.memory.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\n| file | size | KV budget | ours: loading, at most | loaded | after 2,048 tokens | allowed | \
             llama.cpp: loaded | after 2,048 tokens |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        for memory in &self.memory {
            let allowed = memory.file + memory.kv_budget + MEMORY_MARGIN;
            let figures = [
                memory.file,
                memory.kv_budget,
                memory.ours_peak_loading,
                memory.ours_loaded,
                memory.ours_after,
                allowed,
                memory.theirs_loaded,
                memory.theirs_after,
            ];
            write!(f, "| {} |", memory.name)?;
            for bytes in figures {
                write!(f, " {} MiB |", bytes >> 20)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
