//! Holds our networks against Candle's, and every way to cut and mix sequences against each alone.

use std::io::Cursor;

use candle_core::{Device, Tensor, quantized::gguf_file};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;
use crate::{
    gguf::Header,
    kernels::{KvPrecision, Pool},
    kv::{Cache, Table},
    testing::{Family, TinyModel},
};

const CONTEXT: usize = 512;

/// A network and a cache for a few sequences.
struct Bench {
    network: Transformer,
    cache: Cache,
}

/// A sequence that is fed by hand.
struct Fed {
    table: Table,
    tokens: usize,
}

impl Bench {
    fn new(model: &TinyModel, threads: usize) -> Self {
        Self::keeping(model, threads, KvPrecision::F16)
    }

    fn keeping(model: &TinyModel, threads: usize, precision: KvPrecision) -> Self {
        let mut reader = Cursor::new(model.bytes());
        let header = Header::read(&mut reader).unwrap();
        let network = Network::read(&header).unwrap();
        let pool = Pool::new(threads);
        let weights = Weights::read(&network, &header, &mut reader, &pool).unwrap();
        let budget = kv_bytes(&network, precision, CONTEXT) * 8;
        Self {
            cache: Cache::new(Blocks::new(
                &kv_shape(&network, precision),
                network.layers,
                budget,
            )),
            network: Transformer::new(network, weights, pool),
        }
    }

    fn sequence(&mut self) -> Fed {
        let table = self.cache.admit(CONTEXT, None).unwrap();
        Fed { table, tokens: 0 }
    }

    /// Feeds each sequence its tokens, and gives the scores of the last so many.
    fn step(&mut self, parts: &mut [(&mut Fed, &[u32], usize)]) -> Vec<Vec<f32>> {
        for (fed, tokens, _) in &mut *parts {
            self.cache.extend(&mut fed.table, fed.tokens + tokens.len());
        }
        let pieces: Vec<Piece<'_>> = parts
            .iter()
            .map(|(fed, tokens, scored)| Piece {
                tokens,
                position: fed.tokens,
                blocks: &fed.table.blocks,
                scored: *scored,
            })
            .collect();
        let scores = self.network.step(&pieces, &mut self.cache.blocks);
        let rows = scores.chunks_exact(272).map(<[f32]>::to_vec).collect();
        for (fed, tokens, _) in parts {
            fed.tokens += tokens.len();
        }
        rows
    }

    /// The scores behind each of the tokens, fed one at a time and alone.
    fn alone(&mut self, tokens: &[u32]) -> Vec<Vec<f32>> {
        let mut fed = self.sequence();
        let scores = tokens
            .iter()
            .flat_map(|&token| self.step(&mut [(&mut fed, &[token], 1)]))
            .collect();
        self.cache.release(&fed.table);
        scores
    }
}

/// The size of the difference, relative to the size of the expected.
fn distance(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let size = |values: &mut dyn Iterator<Item = f32>| values.map(|x| x * x).sum::<f32>().sqrt();
    size(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / size(&mut expected.iter().copied())
}

/// A step of one of Candle's networks.
type Theirs = Box<dyn FnMut(&Tensor, usize) -> candle_core::Result<Tensor>>;

fn theirs(model: &TinyModel, family: Family) -> Theirs {
    let mut reader = Cursor::new(model.bytes());
    let mut content = gguf_file::Content::read(&mut reader).unwrap();
    let device = Device::Cpu;
    content
        .metadata
        .insert("llama.rope.dimension_count".to_owned(), gguf_file::Value::U32(64));
    // Without this, Candle's Qwen 3 computes in half precision.
    content
        .metadata
        .insert("general.dtype".to_owned(), gguf_file::Value::U32(0));
    match family {
        Family::Llama => {
            let mut model = quantized_llama::ModelWeights::from_gguf(content, &mut reader, &device).unwrap();
            Box::new(move |tokens, position| model.forward(tokens, position))
        }
        Family::Qwen2 => {
            let mut model = quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &device).unwrap();
            Box::new(move |tokens, position| model.forward(tokens, position))
        }
        Family::Qwen3 => {
            let mut model = quantized_qwen3::ModelWeights::from_gguf(content, &mut reader, &device).unwrap();
            Box::new(move |tokens, position| model.forward(tokens, position))
        }
        _ => unreachable!("{family:?} is held against llama.cpp alone"),
    }
}

fn text(length: usize, seed: u64) -> Vec<u32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..length).map(|_| random.random_range(0..264)).collect()
}

#[test]
fn our_networks_compute_what_candles_do() {
    // Both round the activations of quantised products, each in its own way; plain floats they do not.
    let cases = [Family::Llama, Family::Qwen2, Family::Qwen3]
        .into_iter()
        .flat_map(|family| [(family, false), (family, true)]);
    for (family, floats) in cases {
        let model = TinyModel::new(family, 11);
        let (model, most) = if floats {
            (model.floats(), 2e-3)
        } else {
            (model, 0.05)
        };
        let mut theirs = theirs(&model, family);
        let mut bench = Bench::new(&model, 1);
        let mut fed = bench.sequence();
        let mut check = |tokens: &[u32]| {
            let input = Tensor::new(tokens, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
            let expected = theirs(&input, fed.tokens).unwrap().flatten_all().unwrap();
            let position = fed.tokens;
            let found = bench.step(&mut [(&mut fed, tokens, 1)]);
            let distance = distance(&found[0], &expected.to_vec1().unwrap());
            assert!(
                distance < most,
                "{family:?}, floats: {floats}, at {position}: {distance}"
            );
        };
        check(&text(90, 1));
        check(&[5]);
        check(&[77]);
    }
}

#[test]
fn scores_do_not_depend_on_how_a_text_is_cut() {
    for (family, precision) in [
        (Family::Llama, KvPrecision::F16),
        (Family::Qwen2, KvPrecision::F16),
        (Family::Qwen3, KvPrecision::F16),
        (Family::Qwen3, KvPrecision::Q8_0),
        (Family::SmolLm3, KvPrecision::F16),
        (Family::Granite, KvPrecision::F16),
        (Family::Gemma3, KvPrecision::F16),
        (Family::Gemma3, KvPrecision::Q8_0),
    ] {
        let mut bench = Bench::keeping(&TinyModel::new(family, 12), 1, precision);
        let text = text(150, 2);
        let expected = bench.alone(&text);
        for piece in [2, 7, 32, 64, 150] {
            let mut fed = bench.sequence();
            for (index, tokens) in text.chunks(piece).enumerate() {
                let found = bench.step(&mut [(&mut fed, tokens, tokens.len().min(3))]);
                let end = index * piece + tokens.len();
                assert_eq!(found, expected[end - found.len()..end], "{family:?} by {piece}");
            }
            bench.cache.release(&fed.table);
        }
        let mut other = text.clone();
        other[0] += 1;
        let found = bench.alone(&other);
        assert!(
            distance(&found[149], &expected[149]) > 1e-3,
            "another text is told apart"
        );
    }
}

#[test]
fn eight_ragged_sequences_compute_what_each_does_alone() {
    for (family, threads, precision) in [
        (Family::Llama, 1, KvPrecision::Q8_0),
        (Family::Llama, 1, KvPrecision::F16),
        (Family::Qwen2, 2, KvPrecision::F16),
        (Family::Qwen3, 3, KvPrecision::F16),
        (Family::Gemma3, 2, KvPrecision::F16),
    ] {
        let mut bench = Bench::keeping(&TinyModel::new(family, 13), threads, precision);
        let texts: Vec<Vec<u32>> = (0..8).map(|i| text(20 + 17 * i, i as u64)).collect();
        let expected: Vec<_> = texts.iter().map(|text| bench.alone(text)).collect();
        let mut random = StdRng::seed_from_u64(9);
        let mut fed: Vec<Fed> = (0..8).map(|_| bench.sequence()).collect();
        while fed.iter().zip(&texts).any(|(fed, text)| fed.tokens < text.len()) {
            let mut wanted = Vec::new();
            let mut parts = Vec::new();
            for (index, (fed, text)) in fed.iter_mut().zip(&texts).enumerate() {
                let most = (text.len() - fed.tokens).min(if random.random() { 1 } else { 39 });
                let take = random.random_range(0..=most);
                if take > 0 {
                    let scored = random.random_range(0..=take.min(4));
                    let end = fed.tokens + take;
                    wanted.extend_from_slice(&expected[index][end - scored..end]);
                    parts.push((&mut *fed, &text[end - take..end], scored));
                }
            }
            assert_eq!(bench.step(&mut parts), wanted, "{family:?}");
        }
    }
}

#[test]
fn fed_again_from_further_back_gives_the_same_scores() {
    let mut bench = Bench::new(&TinyModel::new(Family::Qwen3, 14), 1);
    let text = text(70, 3);
    let expected = bench.alone(&text);
    let mut fed = bench.sequence();
    bench.step(&mut [(&mut fed, &text[..60], 1)]);
    // A wrong guess, taken back.
    bench.step(&mut [(&mut fed, &[1, 2, 3, 4, 5, 6, 7], 7)]);
    fed.tokens = 61;
    let wrong = bench.step(&mut [(&mut fed, &text[61..], 9)]);
    assert_ne!(wrong, expected[61..], "the token before is the wrong one");
    fed.tokens = 60;
    assert_eq!(bench.step(&mut [(&mut fed, &text[60..], 10)]), expected[60..]);
}

#[test]
fn weights_take_no_more_memory_than_was_planned() {
    for family in Family::ALL {
        let mut reader = Cursor::new(TinyModel::new(family, 1).bytes());
        let header = Header::read(&mut reader).unwrap();
        let network = Network::read(&header).unwrap();
        let weights = Weights::read(&network, &header, &mut reader, &Pool::new(1)).unwrap();
        let planned = crate::memory::tensor_bytes(&header);
        assert!(
            weights.bytes() <= planned,
            "{family:?}: {} of {planned}",
            weights.bytes()
        );
        assert!(
            weights.bytes() * 10 >= planned * 9,
            "{family:?}: {} of {planned}",
            weights.bytes()
        );
    }
}
