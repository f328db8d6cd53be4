//! Holds our scores against those that llama.cpp and exact arithmetic give with the same file.
//!
//! The files are made by `models/golden/make.py`, and carry tokens and both scores in their metadata.

use std::{
    fmt::Write as _,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use super::*;
use crate::{
    gguf::Header,
    kernels::{KvPrecision, Pool},
    kv::{Cache, Table},
};

const SEQUENCES: usize = 2;
const PROMPT_TOKENS: usize = 40;
const SCORED_TOKENS: usize = 12;

/// What we may be away from llama.cpp: both round activations to eight bits, each in its own way, where
/// weights are quantised.
struct Bound {
    /// KL divergence at any position, in nats.
    divergence: f64,
    /// Where llama.cpp's favourite leads by more, it is ours too.
    lead: f32,
}

const FLOATS: Bound = Bound {
    divergence: 1e-4,
    lead: 0.02,
};
const QUANTISED: Bound = Bound {
    divergence: 1e-3,
    lead: 0.1,
};

/// How many times farther than llama.cpp we may be from exact arithmetic, on average.
const EXACTNESS: f64 = 1.5;

struct Golden {
    tokens: Vec<u32>,
    llama: Vec<f32>,
    exact: Vec<f32>,
    decoder: Transformer,
    cache: Cache,
}

impl Golden {
    fn read(path: &Path, precision: KvPrecision) -> Self {
        let mut reader = Cursor::new(fs::read(path).unwrap());
        let header = Header::read(&mut reader).unwrap();
        let network = Network::read(&header).unwrap();
        let pool = Pool::new(2);
        let weights = Weights::read(&network, &header, &mut reader, &pool).unwrap();
        let budget = kv_bytes(&network, precision, network.context);
        let tokens = header.integers("golden.tokens").unwrap();
        Self {
            tokens: tokens.iter().map(|&token| token.try_into().unwrap()).collect(),
            llama: header.floats("golden.llama").unwrap().to_vec(),
            exact: header.floats("golden.exact").unwrap().to_vec(),
            cache: Cache::new(Blocks::new(
                &kv_shape(&network, precision),
                network.layers,
                budget,
            )),
            decoder: Transformer::new(network, weights, pool),
        }
    }

    /// Feeds each sequence as llama.cpp was fed: the prompt at once, then token by token.
    fn scores(&mut self) -> Vec<f32> {
        let tokens = std::mem::take(&mut self.tokens);
        let length = tokens.len() / SEQUENCES;
        let mut scores = Vec::new();
        for sequence in tokens.chunks_exact(length) {
            let mut table = self.cache.admit(length, None).unwrap();
            let (prompt, singles) = sequence.split_at(PROMPT_TOKENS);
            scores.extend(self.step(&mut table, prompt, 0, SCORED_TOKENS - singles.len()));
            for (index, token) in singles.iter().enumerate() {
                scores.extend(self.step(&mut table, &[*token], PROMPT_TOKENS + index, 1));
            }
            self.cache.release(&table);
        }
        scores
    }

    fn step(&mut self, table: &mut Table, tokens: &[u32], position: usize, scored: usize) -> Vec<f32> {
        self.cache.extend(table, position + tokens.len());
        let piece = Piece {
            tokens,
            position,
            blocks: &table.blocks,
            scored,
        };
        self.decoder.step(&[piece], &mut self.cache.blocks).to_vec()
    }
}

/// The logarithms of the probabilities that scores stand for.
fn log_shares(scores: &[f32]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores.iter().map(|&score| f64::from(score - top).exp()).sum();
    scores
        .iter()
        .map(|&score| f64::from(score - top) - sum.ln())
        .collect()
}

fn divergence(found: &[f32], expected: &[f32]) -> f64 {
    let pairs = log_shares(found).into_iter().zip(log_shares(expected));
    pairs
        .map(|(found, expected)| expected.exp() * (expected - found))
        .sum()
}

/// The favourite, and by how much it leads.
fn favourite(scores: &[f32]) -> (usize, f32) {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    (order[0], scores[order[0]] - scores[order[1]])
}

/// How far some scores are from others.
struct Distance {
    mean: f64,
    farthest: f64,
}

impl Distance {
    fn between(found: &[f32], expected: &[f32]) -> Self {
        let vocabulary = found.len() / SEQUENCES / SCORED_TOKENS;
        let rows = found
            .chunks_exact(vocabulary)
            .zip(expected.chunks_exact(vocabulary));
        let away: Vec<f64> = rows
            .map(|(found, expected)| divergence(found, expected))
            .collect();
        Self {
            mean: away.iter().sum::<f64>() / f64::from(u32::try_from(away.len()).unwrap()),
            farthest: away.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// How many of llama.cpp's clear favourites there are, and how many of them are not ours.
fn favourites(found: &[f32], expected: &[f32], lead: f32) -> (usize, usize) {
    let vocabulary = found.len() / SEQUENCES / SCORED_TOKENS;
    let rows = found
        .chunks_exact(vocabulary)
        .zip(expected.chunks_exact(vocabulary));
    let clear: Vec<bool> = rows
        .filter(|(_, expected)| favourite(expected).1 > lead)
        .map(|(found, expected)| favourite(found).0 == favourite(expected).0)
        .collect();
    (clear.len(), clear.iter().filter(|same| !**same).count())
}

/// Appends what a file comes to; says whether it holds.
fn check(path: &Path, table: &mut String) -> bool {
    let name = path.file_stem().unwrap().to_string_lossy();
    let bound = if name.ends_with("-f16") { FLOATS } else { QUANTISED };
    let mut golden = Golden::read(path, KvPrecision::F16);
    let found = golden.scores();
    assert_eq!(found.len(), golden.llama.len());
    let away = Distance::between(&found, &golden.llama);
    let (ours, theirs) = (
        Distance::between(&found, &golden.exact),
        Distance::between(&golden.llama, &golden.exact),
    );
    let (clear, differ) = favourites(&found, &golden.llama, bound.lead);
    let holds = away.farthest <= bound.divergence
        && ours.mean <= theirs.mean * EXACTNESS
        && differ == 0
        && clear >= SEQUENCES * SCORED_TOKENS / 2;
    let mark = if holds { "" } else { "  <- beyond" };
    writeln!(
        table,
        "{name:14} from llama.cpp {:.1e}, farthest {:.1e}; from exact {:.1e}, llama.cpp {:.1e}; \
         {differ} of {clear} favourites differ{mark}",
        away.mean, away.farthest, ours.mean, theirs.mean
    )
    .unwrap();
    holds
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gguf"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 22, "golden files");
    files
}

#[test]
fn our_scores_are_llama_cpps_and_as_exact() {
    let files = files();
    let mut table = String::from("mean KL divergences:\n");
    let sound: Vec<bool> = files.iter().map(|file| check(file, &mut table)).collect();
    println!("{table}");
    assert!(sound.iter().all(|&sound| sound), "{table}");
}

/// Eight bits for each key and value are away from sixteen by what quantised weights are away from llama.cpp.
#[test]
fn a_cache_of_eight_bits_gives_nearly_the_scores_of_sixteen() {
    let mut table = String::from("KL divergences of the cache of eight bits from that of sixteen:\n");
    let mut sound = true;
    for path in files() {
        let [eight, sixteen] =
            [KvPrecision::Q8_0, KvPrecision::F16].map(|precision| Golden::read(&path, precision).scores());
        assert_ne!(eight, sixteen, "the precision makes a difference");
        let away = Distance::between(&eight, &sixteen);
        let (_, differ) = favourites(&eight, &sixteen, QUANTISED.lead);
        sound &= away.farthest <= QUANTISED.divergence && differ == 0;
        let name = path.file_stem().unwrap().to_string_lossy();
        writeln!(
            table,
            "{name:14} {:.1e}, farthest {:.1e}",
            away.mean, away.farthest
        )
        .unwrap();
    }
    println!("{table}");
    assert!(sound, "{table}");
}
