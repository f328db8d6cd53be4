//! The budget holds whatever comes, and nothing is shared that should not be.

use proptest::prelude::*;

use super::*;
use crate::kernels::{KvPrecision, KvShape};

const SHAPE: KvShape = KvShape {
    heads: 2,
    kv_heads: 1,
    head_width: 16,
    precision: KvPrecision::F16,
};

fn cache(blocks: u64) -> Cache {
    let bytes = (SHAPE.block_bytes() * 2) as u64;
    Cache::new(Blocks::new(&SHAPE, 2, blocks * bytes + bytes / 2))
}

fn prompt(length: usize, first: u32) -> Vec<u32> {
    (0..u32::try_from(length).unwrap()).map(|i| first + i).collect()
}

/// Takes a prompt as a sequence would: what is known, then the rest.
fn feed(cache: &mut Cache, table: &mut Table, prompt: &[u32]) -> usize {
    let known = cache.adopt(table, prompt);
    cache.extend(table, prompt.len());
    cache.publish(table, prompt);
    known
}

#[test]
fn what_does_not_fit_now_is_not_admitted() {
    let mut cache = cache(4);
    assert_eq!(cache.blocks.capacity(), 4);
    assert!(cache.admit(4 * BLOCK_TOKENS + 1, None).is_none());
    let first = cache.admit(3 * BLOCK_TOKENS, None).unwrap();
    assert!(
        cache.admit(BLOCK_TOKENS + 1, None).is_none(),
        "reserved, if not in use"
    );
    let second = cache.admit(BLOCK_TOKENS, None).unwrap();
    assert_eq!(cache.used_bytes(), 0, "a reservation takes no memory");
    cache.release(&first);
    cache.release(&second);
    assert!(cache.admit(4 * BLOCK_TOKENS, None).is_some());
}

#[test]
fn equal_beginnings_are_shared_within_a_scope_only() {
    let mut cache = cache(64);
    let long = prompt(3 * BLOCK_TOKENS + 5, 100);
    let mut take = |scope: Option<&str>, prompt: &[u32]| {
        let mut table = cache.admit(prompt.len() + 10, scope).unwrap();
        let known = feed(&mut cache, &mut table, prompt);
        (known, table.blocks.clone(), table)
    };
    let (known, blocks, _first) = take(Some("a"), &long);
    assert_eq!(known, 0);
    let (known, shared, _second) = take(Some("a"), &long);
    assert_eq!(known, 3 * BLOCK_TOKENS);
    assert_eq!(shared[..3], blocks[..3]);
    assert_ne!(shared[3], blocks[3], "the last one is not full, so not shared");
    assert_eq!(take(Some("b"), &long).0, 0, "another scope");
    assert_eq!(take(None, &long).0, 0, "no scope");
    assert_eq!(take(Some(""), &long).0, 0, "the empty scope is one of its own");
    let mut other = long.clone();
    other[BLOCK_TOKENS + 1] = 1;
    assert_eq!(take(Some("a"), &other).0, BLOCK_TOKENS, "as far as it is equal");
    assert_eq!(
        take(Some("a"), &long[..2 * BLOCK_TOKENS]).0,
        BLOCK_TOKENS,
        "the last token is left to be scored"
    );
    assert_eq!(
        take(Some("a"), &long[BLOCK_TOKENS..]).0,
        0,
        "a middle is no beginning"
    );
}

#[test]
fn a_beginning_stays_until_its_place_is_needed_and_its_end_goes_first() {
    let mut cache = cache(8);
    let (first, second) = (prompt(4 * BLOCK_TOKENS, 0), prompt(4 * BLOCK_TOKENS, 5_000));
    for prompt in [&first, &second] {
        let mut table = cache.admit(prompt.len(), Some("a")).unwrap();
        assert_eq!(feed(&mut cache, &mut table, prompt), 0);
        cache.release(&table);
    }
    assert_eq!(
        (cache.used_bytes(), cache.kept_bytes()),
        (0, cache.budget_bytes())
    );
    // Two blocks are needed: the end of the one that was used longest ago goes.
    let mut table = cache.admit(2 * BLOCK_TOKENS, None).unwrap();
    cache.extend(&mut table, 2 * BLOCK_TOKENS);
    let mut again = cache.admit(5 * BLOCK_TOKENS, Some("a")).unwrap();
    let longer: Vec<u32> = second.iter().copied().chain([1]).collect();
    assert_eq!(cache.adopt(&mut again, &longer), 4 * BLOCK_TOKENS, "still there");
    cache.release(&again);
    let mut again = cache.admit(4 * BLOCK_TOKENS, Some("a")).unwrap();
    assert_eq!(
        cache.adopt(&mut again, &first),
        2 * BLOCK_TOKENS,
        "its end is gone"
    );
}

#[test]
fn two_that_read_the_same_at_once_keep_their_own() {
    let mut cache = cache(8);
    let prompt = prompt(2 * BLOCK_TOKENS + 1, 0);
    let mut tables: Vec<Table> = (0..2)
        .map(|_| cache.admit(prompt.len(), Some("a")).unwrap())
        .collect();
    for table in &mut tables {
        cache.extend(table, prompt.len());
        cache.publish(table, &prompt);
    }
    assert!(
        tables[0]
            .blocks
            .iter()
            .all(|block| !tables[1].blocks.contains(block))
    );
    for table in &tables {
        cache.release(table);
    }
    assert_eq!(
        cache.kept_bytes() / cache.blocks.block_bytes() as u64,
        2,
        "kept once"
    );
}

#[derive(Debug, Clone)]
enum Act {
    /// A sequence comes: prompt tokens, answer tokens, which text, which scope.
    Come(usize, usize, u32, usize),
    /// A running one, by its number, reads or says so many tokens.
    Grow(usize, usize),
    /// A running one leaves, wherever it is.
    Leave(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (1..200_usize, 1..100_usize, 0..3_u32, 0..3_usize).prop_map(|(p, a, t, s)| Act::Come(p, a, t * 7, s)),
        (0..9_usize, 1..80_usize).prop_map(|(i, n)| Act::Grow(i, n)),
        (0..9_usize).prop_map(Act::Leave),
    ];
    prop::collection::vec(act, 1..120)
}

/// A sequence of the property test: its tokens are fed up to `fed`.
struct Runner {
    tokens: Vec<u32>,
    prompt: usize,
    fed: usize,
    scope: Option<&'static str>,
    table: Table,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every block's first number names what was written there, so that sharing and eviction show if they
    /// ever give a sequence a block with something else in it.
    #[test]
    fn the_budget_holds_under_any_load(acts in acts(), blocks in 4..24_u64) {
        let mut cache = cache(blocks);
        let mut running: Vec<Runner> = Vec::new();
        for act in acts {
            match act {
                Act::Come(prompt_length, answer, first, scope) => {
                    let scope = [None, Some("a"), Some("b")][scope];
                    if let Some(table) = cache.admit(prompt_length + answer, scope) {
                        let tokens = prompt(prompt_length + answer, first);
                        running.push(Runner { tokens, prompt: prompt_length, fed: 0, scope, table });
                    }
                }
                Act::Grow(index, count) if index < running.len() => grow(&mut cache, &mut running[index], count),
                Act::Leave(index) if index < running.len() => cache.release(&running.swap_remove(index).table),
                Act::Grow(..) | Act::Leave(_) => {}
            }
            check(&cache, &running);
        }
        for runner in &running {
            cache.release(&runner.table);
        }
        prop_assert_eq!((cache.in_use, cache.reserved), (0, 0));
        prop_assert!(cache.admit(usize::try_from(blocks).unwrap() * BLOCK_TOKENS, None).is_some());
    }
}

fn grow(cache: &mut Cache, runner: &mut Runner, count: usize) {
    if runner.fed < runner.prompt && runner.table.tokens() == runner.fed {
        runner.fed = cache.adopt(&mut runner.table, &runner.tokens[..runner.prompt]);
    }
    let end = (runner.fed + count).min(runner.tokens.len());
    cache.extend(&mut runner.table, end);
    for position in runner.fed..end {
        let block = runner.table.blocks[position / BLOCK_TOKENS];
        let at = place(position);
        cache.blocks.layer_mut(block, 1)[at].copy_from_slice(&mark(runner, position).to_ne_bytes());
    }
    runner.fed = end;
    cache.publish(&mut runner.table, &runner.tokens[..end]);
}

/// Where in its block a position's mark stands.
fn place(position: usize) -> std::ops::Range<usize> {
    let at = position % BLOCK_TOKENS * size_of::<u16>();
    at..at + size_of::<u16>()
}

/// What a sequence writes at a position: its token, and its scope.
fn mark(runner: &Runner, position: usize) -> u16 {
    let scope = runner.scope.map_or(0, |scope| u16::from(scope.as_bytes()[0]));
    u16::try_from(runner.tokens[position]).unwrap() * 256 + scope
}

fn check(cache: &Cache, running: &[Runner]) {
    assert!(cache.in_use + cache.reserved <= cache.blocks.capacity());
    assert!(cache.used_bytes() + cache.kept_bytes() <= cache.budget_bytes());
    let mut used: Vec<usize> = running
        .iter()
        .flat_map(|runner| runner.table.blocks.clone())
        .collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), cache.in_use);
    for runner in running {
        for position in 0..runner.fed {
            let block = runner.table.blocks[position / BLOCK_TOKENS];
            let found = &cache.blocks.layer(block, 1)[place(position)];
            // Only sequences without a scope share nothing, so each finds its own.
            assert_eq!(found, mark(runner, position).to_ne_bytes());
        }
    }
}
