//! Holds our networks against Candle's, and pieces of a prompt against the whole.

use std::io::Cursor;

use candle_core::{Device, Tensor, quantized::gguf_file};
use candle_transformers::models::{quantized_llama, quantized_qwen2};

use super::*;
use crate::{
    gguf::Header,
    testing::{self, TinyModel},
};

fn decoder(model: &TinyModel) -> Box<dyn Decoder> {
    let mut reader = Cursor::new(model.bytes());
    let header = Header::read(&mut reader).unwrap();
    let network = Network::read(&header).unwrap();
    load(&network, network.candle_content(&header, 512), &mut reader, 512).unwrap()
}

/// A step of one of Candle's networks.
type Theirs = Box<dyn FnMut(&Tensor, usize) -> Tensor>;

/// The size of the difference, relative to the size of the expected.
fn distance(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let size = |values: &mut dyn Iterator<Item = f32>| values.map(|x| x * x).sum::<f32>().sqrt();
    size(&mut found.iter().zip(expected).map(|(a, b)| a - b)) / size(&mut expected.iter().copied())
}

const PROMPT: [u32; 9] = [72, 101, 108, 3, 250, 9, 10, 200, 31];

#[test]
fn our_networks_compute_what_candles_do() {
    let input = |tokens: &[u32]| Tensor::new(tokens, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    for family in [testing::Family::Llama, testing::Family::Qwen2] {
        let model = TinyModel::new(family, 11);
        let mut ours = decoder(&model);
        let mut reader = Cursor::new(model.bytes());
        let mut content = gguf_file::Content::read(&mut reader).unwrap();
        content
            .metadata
            .insert("llama.rope.dimension_count".to_owned(), gguf_file::Value::U32(64));
        let mut theirs: Theirs = if family == testing::Family::Llama {
            let mut model =
                quantized_llama::ModelWeights::from_gguf(content, &mut reader, &Device::Cpu).unwrap();
            Box::new(move |tokens, position| model.forward(tokens, position).unwrap())
        } else {
            let mut model =
                quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &Device::Cpu).unwrap();
            Box::new(move |tokens, position| model.forward(tokens, position).unwrap())
        };
        let mut check = |tokens: &[u32], position| {
            let expected = theirs(&input(tokens), position)
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap();
            let found = ours.forward(tokens, position).unwrap();
            assert!(distance(&found, &expected) < 1e-3, "{family:?} at {position}");
        };
        check(&PROMPT, 0);
        check(&[5], PROMPT.len());
        check(&[77], PROMPT.len() + 1);
    }
}

#[test]
fn a_prompt_in_pieces_is_the_same_prompt() {
    for family in testing::Family::ALL {
        let mut decoder = decoder(&TinyModel::new(family, 12));
        let whole = decoder.forward(&PROMPT, 0).unwrap();
        let after = decoder.forward(&[1], PROMPT.len()).unwrap();
        for cut in [2, 4, 8] {
            decoder.reset();
            decoder.forward(&PROMPT[..cut], 0).unwrap();
            let pieces = decoder.forward(&PROMPT[cut..], cut).unwrap();
            // Eight-bit activations round differently for other batch sizes.
            assert!(
                distance(&pieces, &whole) < 0.05,
                "{family:?} cut at {cut}: {}",
                distance(&pieces, &whole)
            );
            let then = decoder.forward(&[1], PROMPT.len()).unwrap();
            assert!(distance(&then, &after) < 0.05, "{family:?} cut at {cut}, next");
        }
        let mut elsewhere = PROMPT;
        elsewhere[0] = 7;
        decoder.reset();
        assert!(
            distance(&decoder.forward(&elsewhere, 0).unwrap(), &whole) > 0.1,
            "another prompt is told apart"
        );
    }
}

#[test]
fn forks_and_resets_start_empty() {
    for family in testing::Family::ALL {
        let mut first = decoder(&TinyModel::new(family, 13));
        let expected = first.forward(&PROMPT, 0).unwrap();
        let mut second = first.fork();
        first.forward(&[4], PROMPT.len()).unwrap();
        assert_eq!(
            second.forward(&PROMPT, 0).unwrap(),
            expected,
            "{family:?}: a fork"
        );
        first.reset();
        assert_eq!(
            first.forward(&PROMPT, 0).unwrap(),
            expected,
            "{family:?}: a reset"
        );
    }
}
