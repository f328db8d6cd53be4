//! Attention against the plain formula, and a row alone against the same row in company.

use std::ops::Range;

use half::f16;

use super::{BLOCK_TOKENS, KvPrecision, KvShape, Span, attend, cache::write_kv_in, write_kv};
use crate::kernels::{
    Pool,
    tests::{bits, random},
    tier::Tier,
};

/// Tokens, and how many of them a row sees at most.
const WINDOWS: [(usize, usize); 6] = [(40, 1), (300, 16), (530, 33), (530, 256), (600, 512), (600, 700)];

/// Heads, heads of keys, and the width of each, in either precision.
fn shapes() -> impl Iterator<Item = KvShape> {
    let sizes = [
        (16, 8, 128),
        (14, 2, 64),
        (4, 4, 80),
        (3, 1, 256),
        (40, 2, 16),
        (6, 2, 48),
    ];
    let both = [KvPrecision::F16, KvPrecision::Q8_0];
    sizes.into_iter().flat_map(move |(heads, kv_heads, head_width)| {
        both.map(|precision| KvShape {
            heads,
            kv_heads,
            head_width,
            precision,
        })
    })
}

/// What is kept of a head's keys or values.
fn kept(precision: KvPrecision, values: &[f32]) -> Vec<f32> {
    match precision {
        KvPrecision::F16 => values
            .iter()
            .map(|value| f16::from_f32(*value).to_f32())
            .collect(),
        KvPrecision::Q8_0 => {
            let shares = values.chunks(32).flat_map(|share| {
                let scale = share.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / 127.0;
                let inverse = 1.0 / scale;
                share
                    .iter()
                    .map(move |value| (value * inverse).round_ties_even() * scale)
            });
            shares.collect()
        }
    }
}

/// A sequence, as it is kept, with its cache, whose unused slots are not numbers.
struct Sequence {
    keys: Vec<f32>,
    values: Vec<f32>,
    blocks: Vec<Vec<u8>>,
}

impl Sequence {
    fn new(shape: &KvShape, tokens: usize, seed: u64) -> Self {
        let width = shape.kv_heads * shape.head_width;
        let (keys, values) = (random(seed, tokens * width), random(seed + 1, tokens * width));
        let mut blocks = vec![vec![0xff; shape.block_bytes()]; tokens.div_ceil(BLOCK_TOKENS)];
        for (token, (keys, values)) in keys
            .chunks_exact(width)
            .zip(values.chunks_exact(width))
            .enumerate()
        {
            write_kv(
                shape,
                &mut blocks[token / BLOCK_TOKENS],
                token % BLOCK_TOKENS,
                keys,
                values,
            );
        }
        let kept = |values: &[f32]| {
            let heads = values.chunks_exact(shape.head_width);
            heads.flat_map(|head| kept(shape.precision, head)).collect()
        };
        Self {
            keys: kept(&keys),
            values: kept(&values),
            blocks,
        }
    }

    fn blocks(&self) -> Vec<&[u8]> {
        self.blocks.iter().map(Vec::as_slice).collect()
    }

    /// The plain formula, for one row.
    fn exact(&self, shape: &KvShape, scale: f32, query: &[f32], seen: Range<usize>) -> Vec<f64> {
        let (width, kv_width) = (shape.head_width, shape.kv_heads * shape.head_width);
        let mut result = Vec::new();
        for (head, query) in query.chunks_exact(width).enumerate() {
            let at =
                |token: usize, i: usize| token * kv_width + head / (shape.heads / shape.kv_heads) * width + i;
            let score = |token: usize| {
                let products = (0..width).map(|i| f64::from(query[i]) * f64::from(self.keys[at(token, i)]));
                (products.sum::<f64>() * f64::from(scale)).exp()
            };
            let weights: Vec<_> = seen.clone().map(score).collect();
            let sum: f64 = weights.iter().sum();
            result.extend((0..width).map(|i| {
                let values = seen
                    .clone()
                    .zip(&weights)
                    .map(|(token, weight)| weight * f64::from(self.values[at(token, i)]));
                values.sum::<f64>() / sum
            }));
        }
        result
    }
}

/// Rows of a sequence, from a position on.
fn run(shape: &KvShape, sequence: &Sequence, queries: &[f32], position: usize, pool: &Pool) -> Vec<f32> {
    run_window(shape, sequence, queries, (position, usize::MAX), pool)
}

/// Rows that see so many positions at most.
fn run_window(
    shape: &KvShape,
    sequence: &Sequence,
    queries: &[f32],
    (position, sees): (usize, usize),
    pool: &Pool,
) -> Vec<f32> {
    let mut out = vec![f32::NAN; queries.len()];
    let rows = queries.len() / (shape.heads * shape.head_width);
    let blocks = sequence.blocks();
    attend(
        shape,
        0.3,
        queries,
        &[Span {
            first_row: 0,
            rows,
            position,
            sees,
            blocks: &blocks,
        }],
        &mut out,
        pool,
    );
    out
}

#[test]
fn it_is_near_the_plain_formula() {
    for shape in shapes() {
        for (tokens, sees) in [1, 31, 33, 256, 300, 530]
            .map(|tokens| (tokens, usize::MAX))
            .into_iter()
            .chain(WINDOWS)
        {
            let sequence = Sequence::new(&shape, tokens, 1);
            let rows = tokens.min(20);
            let queries = random(3, rows * shape.heads * shape.head_width);
            let first = tokens - rows;
            let out = run_window(&shape, &sequence, &queries, (first, sees), &Pool::new(2));
            for row in [0, rows / 2, rows - 1] {
                let range = row * shape.heads * shape.head_width..(row + 1) * shape.heads * shape.head_width;
                let end = first + row + 1;
                let seen = end.saturating_sub(sees)..end;
                let exact = sequence.exact(&shape, 0.3, &queries[range.clone()], seen);
                for (out, exact) in out[range].iter().zip(exact) {
                    assert!(
                        (f64::from(*out) - exact).abs() < 2e-6,
                        "{shape:?}, {tokens} tokens, {sees} of them seen: {out} {exact}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_row_gives_the_same_bits_alone_and_in_company_in_every_tier_and_with_any_number_of_threads() {
    for shape in shapes() {
        let (tokens, width) = (600, shape.heads * shape.head_width);
        let sequence = Sequence::new(&shape, tokens, 1);
        let queries = random(3, tokens * width);
        for sees in [usize::MAX, 300, 40] {
            let all = run_window(&shape, &sequence, &queries, (0, sees), &Pool::new(2));
            assert!(all.iter().all(|value| value.is_finite()));
            let tiers = Tier::ALL.iter().copied().filter(|tier| tier.is_available());
            for (tier, threads) in tiers.zip([1, 2, 3, 4]) {
                let pool = Pool::new(threads).with_tier(tier);
                for (position, rows) in [
                    (0, 1),
                    (255, 1),
                    (256, 1),
                    (599, 1),
                    (250, 9),
                    (130, 300),
                    (0, 33),
                ] {
                    let range = position * width..(position + rows) * width;
                    let part = run_window(
                        &shape,
                        &sequence,
                        &queries[range.clone()],
                        (position, sees),
                        &pool,
                    );
                    assert!(
                        bits(&part) == bits(&all[range]),
                        "{shape:?} {tier:?} {rows} rows at {position}, {sees} positions seen"
                    );
                }
            }
        }
    }
}

#[test]
fn spans_of_several_sequences_give_what_each_gives_alone() {
    let shape = KvShape {
        heads: 4,
        kv_heads: 2,
        head_width: 64,
        precision: KvPrecision::F16,
    };
    let width = shape.heads * shape.head_width;
    // Rows and positions; row 3 belongs to nobody.
    let spans = [(0, 1, 700), (1, 2, 0), (4, 40, 290), (44, 1, 0), (45, 5, 251)];
    let sequences: Vec<_> = spans
        .iter()
        .enumerate()
        .map(|(i, span)| Sequence::new(&shape, span.2 + span.1, 10 * i as u64))
        .collect();
    let blocks: Vec<_> = sequences.iter().map(Sequence::blocks).collect();
    let queries = random(99, 50 * width);
    let together: Vec<_> = spans
        .iter()
        .zip(&blocks)
        .map(|(&(first_row, rows, position), blocks)| Span {
            first_row,
            rows,
            position,
            sees: usize::MAX,
            blocks,
        })
        .collect();
    let mut out = vec![7.0; queries.len()];
    let pool = Pool::new(3);
    attend(&shape, 0.3, &queries, &together, &mut out, &pool);
    for (&(first_row, rows, position), sequence) in spans.iter().zip(&sequences) {
        let range = first_row * width..(first_row + rows) * width;
        let alone = run(&shape, sequence, &queries[range.clone()], position, &pool);
        assert!(bits(&out[range]) == bits(&alone), "row {first_row}");
    }
    assert!(
        out[3 * width..4 * width]
            .iter()
            .all(|value| value.to_bits() == 7.0_f32.to_bits()),
        "a row of no span is left alone"
    );
}

#[test]
fn every_tier_keeps_the_same_bits() {
    for shape in shapes() {
        let width = shape.kv_heads * shape.head_width;
        let (mut keys, values) = (random(5, width), random(6, width));
        keys[..16].fill(0.0);
        keys[16] = 1e-42;
        let written = |tier: Tier| {
            let mut block = vec![0; shape.block_bytes()];
            for slot in [0, 15, 16, 31] {
                write_kv_in(tier, &shape, &mut block, slot, &keys, &values);
            }
            block
        };
        let expected = written(Tier::Portable);
        for tier in Tier::ALL.iter().copied().filter(|tier| tier.is_available()) {
            assert!(written(tier) == expected, "{shape:?} {tier:?}");
        }
    }
}

#[test]
fn what_is_no_number_does_not_become_one_by_being_kept() {
    for shape in shapes() {
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut sequence = Sequence::new(&shape, 3, 1);
            let width = shape.kv_heads * shape.head_width;
            let (keys, mut values) = (random(1, width), random(2, width));
            values[3] = wrong;
            write_kv(&shape, &mut sequence.blocks[0], 2, &keys, &values);
            let queries = random(3, shape.heads * shape.head_width);
            let out = run(&shape, &sequence, &queries, 2, &Pool::new(1));
            assert!(!out[3].is_finite(), "{shape:?} {wrong}: {}", out[3]);
        }
    }
}

#[test]
fn an_infinite_value_does_not_reach_the_rows_before_it() {
    let shape = KvShape {
        heads: 2,
        kv_heads: 1,
        head_width: 64,
        precision: KvPrecision::F16,
    };
    let mut sequence = Sequence::new(&shape, 10, 1);
    let queries = random(3, 10 * 128);
    let before = run(&shape, &sequence, &queries, 0, &Pool::new(1));
    write_kv(&shape, &mut sequence.blocks[0], 9, &[1e9; 64], &[1e9; 64]);
    let after = run(&shape, &sequence, &queries, 0, &Pool::new(1));
    assert!(bits(&before[..9 * 128]) == bits(&after[..9 * 128]));
}

#[test]
fn what_a_window_has_left_behind_does_not_matter_even_if_it_is_infinite() {
    let shape = KvShape {
        heads: 2,
        kv_heads: 1,
        head_width: 64,
        precision: KvPrecision::F16,
    };
    let mut sequence = Sequence::new(&shape, 300, 1);
    let queries = random(3, 20 * 128);
    let run = |sequence: &Sequence| run_window(&shape, sequence, &queries, (280, 30), &Pool::new(1));
    let before = run(&sequence);
    // Seen by the first row, and by no other.
    write_kv(
        &shape,
        &mut sequence.blocks[251 / 32],
        251 % 32,
        &[1e9; 64],
        &[1e9; 64],
    );
    let after = run(&sequence);
    assert!(bits(&before[..128]) != bits(&after[..128]));
    assert!(bits(&before[128..]) == bits(&after[128..]));
}

#[test]
fn extreme_scores_leave_one_token_and_equal_ones_share() {
    let shape = KvShape {
        heads: 1,
        kv_heads: 1,
        head_width: 16,
        precision: KvPrecision::F16,
    };
    let mut block = vec![0; shape.block_bytes()];
    for (slot, (key, value)) in [(-3e4, 1.0), (3e4, 2.0), (3e4, 4.0)].into_iter().enumerate() {
        write_kv(&shape, &mut block, slot, &[key; 16], &[value; 16]);
    }
    let mut out = [0.0; 16];
    let spans = [Span {
        first_row: 0,
        rows: 1,
        position: 2,
        sees: usize::MAX,
        blocks: &[&block],
    }];
    attend(&shape, 1.0, &[3e4; 16], &spans, &mut out, &Pool::new(1));
    assert_eq!(bits(&out), bits(&[3.0; 16]));
}

#[test]
#[should_panic(expected = "blocks for all positions")]
fn too_few_blocks_are_noticed() {
    let shape = KvShape {
        heads: 1,
        kv_heads: 1,
        head_width: 16,
        precision: KvPrecision::F16,
    };
    let block = vec![0; shape.block_bytes()];
    let spans = [Span {
        first_row: 0,
        rows: 1,
        position: BLOCK_TOKENS,
        sees: usize::MAX,
        blocks: &[&block],
    }];
    attend(&shape, 1.0, &[0.0; 16], &spans, &mut [0.0; 16], &Pool::new(1));
}
