//! Products and attention: ours beside Candle's, and beside what the memory gives.
//!
//! ```console
//! $ CANDLE_NUM_THREADS=1 RAYON_NUM_THREADS=1 cargo bench --package benches --bench kernels -- Q4_K Q8_0
//! ```
//!
//! Both sides use as many threads as the variables say (Candle reads them once a process). Without names of kinds,
//! all are measured. Method: 16 matrices of 2048 x 2048, so that weights come from memory and not from a cache, each
//! multiplied once a round by either side, in turn; medians of the rounds. A row of the table is a number of rows of
//! activations. GOPS counts a multiplication and an addition as two; GB/s is of the weights as ours are packed.
//! Read the ratios: on a shared machine the rest moves by a quarter.

use std::{
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use models::{
    KvPrecision,
    testing::kernels::{Attention, Input, KINDS, Threads, Weights},
};

const SIZE: usize = 2048;
const MATRICES: usize = 16;
const ROWS: [usize; 9] = [1, 2, 3, 4, 6, 8, 16, 128, 512];
/// Of Qwen3-0.6B, Qwen2.5-0.5B and Llama-3.2-1B: heads, heads of keys, width.
const HEADS: [(usize, usize, usize); 3] = [(16, 8, 128), (14, 2, 64), (32, 8, 64)];

fn main() {
    let count = env::var("CANDLE_NUM_THREADS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let threads = Threads::new(count);
    let wanted: Vec<_> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with("--"))
        .collect();
    println!(
        "{count} threads, {}; memory gives {:.1} GB/s",
        threads.tier(),
        read_bandwidth(count, &threads)
    );
    for (name, kind) in KINDS {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let matrices: Vec<_> = (0..MATRICES)
            .map(|_| Weights::random(kind, SIZE, SIZE, &threads))
            .collect();
        println!("\n{name:6} rows    GOPS    GB/s  Candle's GOPS  ratio");
        for rows in ROWS {
            compare(rows, &matrices, &threads);
        }
    }
    for precision in [KvPrecision::F16, KvPrecision::Q8_0] {
        println!("\nattention, {precision:?} (heads, of keys, width)  rows  context  microseconds  GFLOPS");
        for (heads, kv_heads, width) in HEADS {
            let attention = Attention::new(heads, kv_heads, width, precision, 2048);
            for (rows, end) in [(1, 512), (1, 2048), (8, 512), (512, 512), (512, 2048)] {
                measure_attention(&attention, (heads, kv_heads, width), rows, end, &threads);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures to read")]
fn compare(rows: usize, matrices: &[Weights], threads: &Threads) {
    let mut input = Input::random(rows, &matrices[0]);
    // Of many rows, fewer matrices do: the weights are read once for all of them.
    let (rounds, matrices) = if rows < 64 {
        (11, matrices)
    } else {
        (5, &matrices[..4])
    };
    let (mut ours, mut candles) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(time(|| {
            for weights in matrices {
                weights.multiply(&mut input, threads);
            }
        }));
        candles.push(time(|| {
            for weights in matrices {
                weights.multiply_with_candle(&input);
            }
        }));
    }
    let (ours, candles) = (median(ours).as_secs_f64(), median(candles).as_secs_f64());
    let operations = (2 * rows * SIZE * SIZE * matrices.len()) as f64;
    let bytes = (matrices[0].bytes() * matrices.len()) as f64;
    let (gops, gigabytes, candles_gops) = (
        operations / ours / 1e9,
        bytes / ours / 1e9,
        operations / candles / 1e9,
    );
    println!(
        "{rows:11} {gops:7.0} {gigabytes:7.1} {candles_gops:14.0} {:6.2}",
        candles / ours
    );
}

#[expect(clippy::cast_precision_loss, reason = "figures to read")]
fn measure_attention(
    attention: &Attention,
    shape: (usize, usize, usize),
    rows: usize,
    end: usize,
    threads: &Threads,
) {
    let mut operations = 0;
    let rounds = if rows < 64 { 51 } else { 5 };
    let times = (0..rounds)
        .map(|_| time(|| operations = attention.run(rows, end, threads)))
        .collect();
    let seconds = median(times).as_secs_f64();
    let gflops = operations as f64 / seconds / 1e9;
    println!(
        "{:33}  {rows:4}  {end:7}  {:12.0}  {gflops:6.0}",
        format!("{shape:?}"),
        seconds * 1e6
    );
}

/// The median of seven readings of 1 GiB.
fn read_bandwidth(count: usize, threads: &Threads) -> f64 {
    let memory = vec![1_u64; 1 << 27];
    let part = memory.len() / (64 * count);
    let times = (0..7).map(|_| {
        time(|| {
            threads.run(64 * count, &|task| {
                let part = &memory[task * part..(task + 1) * part];
                black_box(part.iter().fold(0_u64, |sum, value| sum.wrapping_add(*value)));
            });
        })
    });
    f64::from(1 << 30) / median(times.collect()).as_secs_f64() / 1e9
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
