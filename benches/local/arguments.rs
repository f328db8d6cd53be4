//! What is to be measured. `cargo xtask bench-local --help` says it to people.

use std::path::PathBuf;

use crate::Result;

pub(crate) struct Arguments {
    /// Shapes.
    pub(crate) models: Vec<String>,
    /// Quantisations.
    pub(crate) kinds: Vec<String>,
    pub(crate) threads: Vec<usize>,
    pub(crate) parts: Vec<Part>,
    /// Measurements of each side.
    pub(crate) rounds: usize,
    /// Only prints what this file takes in memory.
    pub(crate) resident: Option<PathBuf>,
    /// Whether `cargo bench` has started this.
    pub(crate) measured: bool,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Reading a prompt of so many tokens, and going on behind it. An empty context takes one token, which has
    /// to come from somewhere.
    Depth(usize),
    /// Several answers at once.
    Callers,
    /// The first token of a new call while others are answered.
    Newcomer,
    /// What a grammar costs.
    Grammar,
    /// What guesses save.
    Guesses,
    Memory,
    /// The released program: how soon it is ready, and how soon its first token comes.
    Start,
    /// The released program in a control group of 1 GiB, with callers who ask for more than there is room for.
    Limited,
}

impl Part {
    /// Whether it measures both sides in turns.
    pub(crate) fn compares_speed(self) -> bool {
        matches!(self, Self::Depth(_) | Self::Callers)
    }
}

const PARTS: [(&str, Part); 11] = [
    ("depth0", Part::Depth(1)),
    ("depth128", Part::Depth(128)),
    ("depth512", Part::Depth(512)),
    ("depth2048", Part::Depth(2_048)),
    ("callers", Part::Callers),
    ("newcomer", Part::Newcomer),
    ("grammar", Part::Grammar),
    ("guesses", Part::Guesses),
    ("memory", Part::Memory),
    ("start", Part::Start),
    ("limited", Part::Limited),
];

impl Arguments {
    /// Whether any part wants model files of known shapes: one wants nothing but the model that ships.
    pub(crate) fn needs_files(&self) -> bool {
        self.parts.iter().any(|part| *part != Part::Start)
    }

    /// Reads `--key value,value` pairs; what is not given is everything.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let strings = |list: &str| list.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut arguments = Self {
            models: strings("qwen3,qwen2.5,llama"),
            kinds: strings("q4_k_m,q8_0"),
            threads: vec![1, 2],
            parts: PARTS.iter().map(|(_, part)| *part).collect(),
            rounds: 3,
            resident: None,
            measured: false,
        };
        while let Some(key) = words.next() {
            if key == "--bench" {
                arguments.measured = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{key} lacks its value"))?;
            match key.as_str() {
                "--model" => arguments.models = strings(&value),
                "--kind" => arguments.kinds = strings(&value),
                "--threads" => {
                    arguments.threads = value
                        .split(',')
                        .map(str::parse)
                        .collect::<std::result::Result<_, _>>()?;
                }
                "--only" => arguments.parts = value.split(',').map(part).collect::<Result<_>>()?,
                "--rounds" => arguments.rounds = value.parse()?,
                "--resident" => arguments.resident = Some(value.into()),
                _ => return Err(format!("{key} is not known").into()),
            }
        }
        Ok(arguments)
    }
}

fn part(name: &str) -> Result<Part> {
    let found = PARTS.iter().find(|(known, _)| *known == name);
    found.map(|(_, part)| *part).ok_or_else(|| {
        let names: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
        format!("'{name}' is none of {}", names.join(", ")).into()
    })
}
