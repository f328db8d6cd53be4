//! Products against Candle's dequantised weights, between tiers, and alone against in company.

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{Activations, Kind, Matrix, Pool, Unsupported, multiply_all, tier::Tier};

pub(super) fn random(seed: u64, count: usize) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count).map(|_| random.random_range(-1.0_f32..1.0)).collect()
}

fn ggml(kind: Kind) -> GgmlDType {
    match kind {
        Kind::Q4_0 => GgmlDType::Q4_0,
        Kind::Q4_1 => GgmlDType::Q4_1,
        Kind::Q5_0 => GgmlDType::Q5_0,
        Kind::Q5_1 => GgmlDType::Q5_1,
        Kind::Q8_0 => GgmlDType::Q8_0,
        Kind::Q4K => GgmlDType::Q4K,
        Kind::Q5K => GgmlDType::Q5K,
        Kind::Q6K => GgmlDType::Q6K,
        Kind::F16 => GgmlDType::F16,
        Kind::BF16 => GgmlDType::BF16,
        Kind::F32 => GgmlDType::F32,
    }
}

/// Weights as a file has them, and what Candle reads from that.
fn quantise(kind: Kind, rows: usize, columns: usize, weights: &[f32]) -> (Vec<u8>, Vec<f32>) {
    let weights = Tensor::from_slice(weights, (rows, columns), &Device::Cpu).unwrap();
    let quantised = QTensor::quantize(&weights, ggml(kind)).unwrap();
    let read = quantised.dequantize(&Device::Cpu).unwrap();
    (
        quantised.data().unwrap().to_vec(),
        read.flatten_all().unwrap().to_vec1().unwrap(),
    )
}

fn tiers() -> impl Iterator<Item = Tier> {
    Tier::ALL.iter().copied().filter(|tier| tier.is_available())
}

fn multiply(matrix: &Matrix, input: &[f32], pool: &Pool) -> Vec<f32> {
    let mut activations = Activations::with_floats();
    activations.fill(input, matrix.columns(), pool);
    let mut out = vec![f32::NAN; input.len() / matrix.columns() * matrix.rows()];
    matrix.multiply(&activations, &mut out, pool);
    out
}

/// Odd shapes: what is left over of a tile, one block, widths of small models.
fn shapes(kind: Kind) -> Vec<(usize, usize)> {
    if kind.block_columns() == 256 {
        vec![(1, 256), (15, 512), (17, 768), (300, 256)]
    } else {
        vec![(1, 32), (15, 64), (17, 896), (33, 576), (4864, 32)]
    }
}

#[test]
fn a_row_is_read_back_as_candle_reads_it() {
    let pool = Pool::new(2);
    for kind in Kind::ALL {
        for (rows, columns) in shapes(kind) {
            let (data, expected) = quantise(kind, rows, columns, &random(1, rows * columns));
            let matrix = Matrix::pack(kind, rows, columns, &data, &pool).unwrap();
            let mut row = vec![f32::NAN; columns];
            for (index, expected) in expected.chunks_exact(columns).enumerate() {
                matrix.read_row(index, &mut row);
                assert_eq!(row, expected, "{kind:?} {rows} x {columns}, row {index}");
            }
        }
    }
}

#[test]
fn a_product_is_near_that_of_the_dequantised_weights() {
    let pool = Pool::new(2);
    for kind in Kind::ALL {
        for (rows, columns) in shapes(kind) {
            let (data, weights) = quantise(kind, rows, columns, &random(2, rows * columns));
            let matrix = Matrix::pack(kind, rows, columns, &data, &pool).unwrap();
            let input = random(3, 3 * columns);
            let out = multiply(&matrix, &input, &pool);
            let (mut error, mut norm) = (0.0, 0.0);
            for (input, out) in input.chunks_exact(columns).zip(out.chunks_exact(rows)) {
                for (weights, out) in weights.chunks_exact(columns).zip(out) {
                    let products = weights
                        .iter()
                        .zip(input)
                        .map(|(a, b)| f64::from(*a) * f64::from(*b));
                    let exact: f64 = products.sum();
                    error += (exact - f64::from(*out)).powi(2);
                    norm += exact.powi(2);
                }
            }
            let error = (error / norm).sqrt();
            let limit = if kind.is_float() { 1e-6 } else { 0.01 };
            assert!(error < limit, "{kind:?} {rows} x {columns}: {error}");
        }
    }
}

#[test]
fn all_tiers_give_the_same_bits() {
    for kind in Kind::ALL {
        for (rows, columns) in shapes(kind) {
            let (data, _) = quantise(kind, rows, columns, &random(4, rows * columns));
            let input = random(5, 11 * columns);
            let results: Vec<_> = tiers()
                .map(|tier| {
                    let pool = Pool::new(1).with_tier(tier);
                    let matrix = Matrix::pack(kind, rows, columns, &data, &pool).unwrap();
                    (tier, multiply(&matrix, &input, &pool))
                })
                .collect();
            for (tier, result) in &results {
                assert!(
                    bits(result) == bits(&results[0].1),
                    "{kind:?} {rows} x {columns}, {tier:?}"
                );
            }
        }
    }
}

#[test]
fn a_row_alone_gives_the_same_bits_as_in_company_and_with_any_number_of_threads() {
    for kind in Kind::ALL {
        let (rows, columns) = (77, 512);
        let (data, _) = quantise(kind, rows, columns, &random(6, rows * columns));
        for tier in tiers() {
            let alone = Pool::new(1).with_tier(tier);
            let matrix = Matrix::pack(kind, rows, columns, &data, &alone).unwrap();
            let input = random(7, 37 * columns);
            let expected: Vec<f32> = input
                .chunks_exact(columns)
                .flat_map(|row| multiply(&matrix, row, &alone))
                .collect();
            for (threads, batch) in [(1, 2), (2, 3), (1, 5), (2, 6), (1, 7), (2, 8), (3, 15), (2, 37)] {
                let pool = Pool::new(threads).with_tier(tier);
                let batched = multiply(&matrix, &input[..batch * columns], &pool);
                assert!(
                    bits(&batched) == bits(&expected[..batch * rows]),
                    "{kind:?} {tier:?} {batch} rows"
                );
            }
        }
    }
}

#[test]
fn matrices_in_one_stage_give_what_each_gives_alone() {
    let pool = Pool::new(2);
    let columns = 256;
    let kinds = [(Kind::Q4K, 100), (Kind::Q6K, 33), (Kind::F16, 5)];
    let matrices = kinds.map(|(kind, rows)| {
        let (data, _) = quantise(kind, rows, columns, &random(8, rows * columns));
        Matrix::pack(kind, rows, columns, &data, &pool).unwrap()
    });
    let values = random(9, 5 * columns);
    let mut input = Activations::with_floats();
    input.fill(&values, columns, &pool);
    let mut outs = matrices.each_ref().map(|matrix| vec![0.0; 5 * matrix.rows()]);
    let mut work: Vec<_> = matrices
        .iter()
        .zip(outs.iter_mut().map(Vec::as_mut_slice))
        .collect();
    multiply_all(&mut work, &input, &pool);
    for (matrix, out) in matrices.iter().zip(&outs) {
        assert_eq!(out, &multiply(matrix, &values, &pool));
    }
}

#[test]
fn extremes_give_finite_results_in_every_tier() {
    let inputs = [0.0, -0.0, 1e-38, 1e-20, 1e4, -1e30];
    for kind in Kind::ALL {
        let mut random = StdRng::seed_from_u64(10);
        let (data, _) = quantise(kind, 16, 256, &vec![0.0; 16 * 256]);
        // All weights that a file can hold, the scales being those of zeros; then scales as large as they get.
        let noise: Vec<u8> = (0..data.len()).map(|_| random.random()).collect();
        let large = quantise(
            kind,
            16,
            256,
            &(0..4096)
                .map(|i| if i % 2 == 0 { 6e4 } else { -6e4 })
                .collect::<Vec<_>>(),
        )
        .0;
        let mixed: Vec<u8> = if kind.is_float() {
            large.clone()
        } else {
            with_scales_of(kind, &noise, &large)
        };
        for data in [data, large, mixed] {
            let pools: Vec<_> = tiers().map(|tier| Pool::new(1).with_tier(tier)).collect();
            for input in inputs {
                let input: Vec<f32> = (0..256)
                    .map(|i| if i % 3 == 0 { input } else { input / 3.0 })
                    .collect();
                let results: Vec<_> = pools
                    .iter()
                    .map(|pool| multiply(&Matrix::pack(kind, 16, 256, &data, pool).unwrap(), &input, pool))
                    .collect();
                assert!(
                    results[0].iter().all(|value| value.is_finite()),
                    "{kind:?} {:?}",
                    &input[..1]
                );
                assert!(
                    results.iter().all(|result| bits(result) == bits(&results[0])),
                    "{kind:?} {:?}",
                    &input[..1]
                );
            }
        }
    }
}

/// `weights` with the scales of `scales`, which are at the ends of the blocks or at their beginnings.
fn with_scales_of(kind: Kind, weights: &[u8], scales: &[u8]) -> Vec<u8> {
    let keep = match kind {
        Kind::Q4_1 | Kind::Q5_1 => 0..4,
        Kind::Q4K | Kind::Q5K => 0..16,
        Kind::Q6K => 192..210,
        _ => 0..2,
    };
    let size = kind.block_bytes();
    let mut result = weights.to_vec();
    for (result, scales) in result.chunks_exact_mut(size).zip(scales.chunks_exact(size)) {
        result[keep.clone()].copy_from_slice(&scales[keep.clone()]);
    }
    result
}

#[test]
fn what_cannot_be_packed_is_refused_with_the_reason() {
    let pool = Pool::new(1);
    let refused = |kind, rows, columns, bytes| match Matrix::pack(kind, rows, columns, &vec![0; bytes], &pool)
    {
        Ok(_) => panic!("packed"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        refused(Kind::Q4K, 1, 288, 162),
        "a row of 288 weights is not a multiple of 256, as Q4K needs"
    );
    assert_eq!(
        refused(Kind::Q8_0, 2, 32, 67),
        "2 x 32 weights of kind Q8_0 are not 67 bytes"
    );
    assert_eq!(
        refused(Kind::Q8_0, usize::MAX, 64, 68),
        format!("{} x 64 weights of kind Q8_0 are not 68 bytes", usize::MAX)
    );
    assert_eq!(
        refused(Kind::F16, 0, 32, 0),
        "0 x 32 weights of kind F16 are not 0 bytes"
    );
    assert_eq!(
        Kind::try_from(GgmlDType::Q3K),
        Err(Unsupported::Kind("Q3K".into()))
    );
}

#[test]
fn tiles_are_compact() {
    let pool = Pool::new(1);
    for (kind, bits) in [
        (Kind::Q4K, 4.65),
        (Kind::Q5K, 5.65),
        (Kind::Q6K, 6.6),
        (Kind::Q8_0, 8.5),
        (Kind::Q5_0, 5.5),
    ] {
        let data = vec![0; 64 * 1024 / kind.block_columns() * kind.block_bytes()];
        let matrix = Matrix::pack(kind, 64, 1024, &data, &pool).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let measured = matrix.bytes() as f64 * 8.0 / f64::from(64 * 1024);
        assert!(measured <= bits, "{kind:?}: {measured}");
    }
}

pub(super) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
