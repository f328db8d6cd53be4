//! Inputs near good ones, by chance that can be repeated: the short runs of fuzz targets, on any compiler.
//!
//! A fuzzer that follows coverage finds more, and takes hours and a build of its own. This finds what lies near, within
//! a second, at every run of the tests, and feeds the same functions.

use std::{
    fmt::Write,
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Changes that one input has at most.
const CHANGES_MAX: usize = 6;
/// Inputs do not grow beyond this.
const BYTES_MAX: usize = 64 * 1024;
/// Bytes of an input that a failure shows.
const SHOWN_BYTES: usize = 2_000;
/// What readers of numbers and texts stumble over.
const WORDS: [&[u8]; 14] = [
    b"-1",
    b"0",
    b"18446744073709551615",
    b"1e999",
    b"null",
    b"\"\"",
    b"[[[[[[[[",
    b"{\"",
    b"\\u0000",
    b"\\ud800",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0\0\0\0\0",
    b"\xe2\x80\xae",
    b"\r\n",
];

/// Reads every file of a folder of seeds, in the order of their names.
///
/// # Errors
/// Fails as the file system does, and where there is no seed.
fn seeds(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    if paths.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder has no seed"));
    }
    paths.iter().map(fs::read).collect()
}

/// The folder of a target's seeds.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target)
}

/// Feeds a target with its seeds, and with `count` inputs near them.
///
/// # Panics
/// Where the target does, or has no seed.
pub fn run(target: &str, count: usize, feeds: fn(&[u8])) {
    feed(&seeds(&folder(target)).expect("seeds"), count, feeds);
}

/// Feeds a target with each seed, and then with `count` inputs near them; more where `FUZZ_CASES` says so.
///
/// # Panics
/// Where the target does, after the input was shown.
fn feed(seeds: &[Vec<u8>], count: usize, target: impl Fn(&[u8])) {
    let count = std::env::var("FUZZ_CASES").map_or(count, |text| text.parse().unwrap_or(count));
    let mut random = StdRng::seed_from_u64(4711);
    for seed in seeds {
        feed_one(seed, &target);
    }
    for _ in 0..count {
        feed_one(&near(seeds, &mut random), &target);
    }
}

fn feed_one(input: &[u8], target: &impl Fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        let shown = &input[..input.len().min(SHOWN_BYTES)];
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = write!(text, "{}", shown.escape_ascii());
        eprintln!("fed {} bytes, beginning with b\"{text}\"", input.len());
        resume_unwind(panic);
    }
}

/// A seed with a few changes.
fn near(seeds: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut input = pick(seeds, random).clone();
    for _ in 0..random.random_range(1..=CHANGES_MAX) {
        change(&mut input, seeds, random);
    }
    input.truncate(BYTES_MAX);
    input
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut StdRng) {
    let at = random.random_range(0..=input.len());
    let piece = at..(at + length(random)).min(input.len());
    match random.random_range(0..8_u8) {
        0 => drop(input.drain(piece)),
        1 => {
            let piece = input[piece].to_vec();
            let times = if random.random_bool(0.1) { 200 } else { 1 };
            splice(input, at, &piece.repeat(times));
        }
        2 => {
            let other = pick(seeds, random);
            let from = random.random_range(0..=other.len());
            let to = (from + length(random)).min(other.len());
            splice(input, at, &other[from..to]);
        }
        3 => splice(input, at, WORDS[random.random_range(0..WORDS.len())]),
        4 => {
            let word = WORDS[random.random_range(0..WORDS.len())];
            input.splice(piece, word.iter().copied());
        }
        5 => input.truncate(at),
        _ if piece.is_empty() => input.push(random.random()),
        6 => input[at] = random.random(),
        _ => input[at] ^= 1 << random.random_range(0..8_u8),
    }
}

fn splice(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

fn pick<'s>(seeds: &'s [Vec<u8>], random: &mut StdRng) -> &'s Vec<u8> {
    &seeds[random.random_range(0..seeds.len())]
}

/// Mostly short, seldom long.
fn length(random: &mut StdRng) -> usize {
    1 << random.random_range(0..9_u8)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn equal_seeds_give_equal_inputs_and_a_panic_is_passed_on() {
        let seeds = [b"{\"a\": 1}".to_vec(), b"x".to_vec()];
        let run = || {
            let fed = RefCell::new(Vec::new());
            feed(&seeds, 200, |input| fed.borrow_mut().push(input.to_vec()));
            fed.into_inner()
        };
        let fed = run();
        assert_eq!(fed, run());
        assert_eq!(fed[..2], seeds);
        let different = fed.iter().collect::<std::collections::HashSet<_>>().len();
        assert!(different > 100, "{different} different inputs");
        let fails = || feed(&seeds, 0, |input| assert_ne!(input, b"x"));
        assert!(catch_unwind(fails).is_err());
    }
}
