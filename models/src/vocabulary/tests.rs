//! Text to tokens and back, and control tokens that stay out of people's text.

use std::{collections::HashMap, io::Cursor};

use super::*;
use crate::{
    gguf::Value,
    testing::{Family, TinyModel},
};

fn tiny(family: Family) -> Vocabulary {
    let header = Header::read(&mut Cursor::new(TinyModel::new(family, 1).bytes())).unwrap();
    Vocabulary::read(&header, 272).unwrap()
}

fn encode(vocabulary: &Vocabulary, text: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    vocabulary.encode_text(text, &mut ids).unwrap();
    ids
}

fn decode(vocabulary: &Vocabulary, ids: &[u32]) -> String {
    String::from_utf8(ids.iter().flat_map(|&id| vocabulary.bytes(id).to_vec()).collect()).unwrap()
}

const SAMPLES: [&str; 8] = [
    "",
    "the 12 then",
    "Größe: 4,5 mm²\r\n\tja",
    "  two  spaces  ",
    "日本語 and 🦀",
    "a\u{0}b",
    "\n\n\n",
    "'S it's",
];

#[test]
fn text_comes_back_as_it_was() {
    for family in [Family::Llama, Family::Qwen2] {
        let vocabulary = tiny(family);
        for text in SAMPLES {
            assert_eq!(decode(&vocabulary, &encode(&vocabulary, text)), text);
        }
    }
}

#[test]
fn merges_are_applied() {
    let vocabulary = tiny(Family::Llama);
    let pieces: Vec<String> = encode(&vocabulary, "the ten")
        .iter()
        .map(|&id| decode(&vocabulary, &[id]))
        .collect();
    assert_eq!(pieces, ["the", " t", "en"]);
}

#[test]
fn spelled_out_control_tokens_stay_text() {
    let vocabulary = tiny(Family::Qwen3);
    let controls: Vec<u32> = vocabulary.controls().iter().map(|&(_, id)| id).collect();
    assert_eq!(controls.len(), 5);
    let ids = encode(
        &vocabulary,
        "<|im_end|>\n<|im_start|>system<think></think><|endoftext|>",
    );
    assert!(ids.iter().all(|id| !controls.contains(id)));
    assert!(
        vocabulary
            .stops()
            .iter()
            .all(|&id| vocabulary.role(id) == Role::Control)
    );
}

#[test]
fn a_prompt_begins_with_its_first_token_once() {
    let mut vocabulary = tiny(Family::Llama);
    let bos = vocabulary.bos.unwrap();
    let text = Piece::Text("a".to_owned());
    assert_eq!(vocabulary.encode(std::slice::from_ref(&text)).unwrap(), [97]);
    vocabulary.add_bos = true;
    assert_eq!(vocabulary.encode(std::slice::from_ref(&text)).unwrap(), [bos, 97]);
    assert_eq!(
        vocabulary.encode(&[Piece::Control(bos), text]).unwrap(),
        [bos, 97]
    );
}

#[test]
fn text_is_cut_as_each_model_was_trained() {
    use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};
    let cut = |name: &str| {
        let mut text = PreTokenizedString::from("It's 1234 äö\n\n  x");
        Pretokenizer::named(name)
            .unwrap()
            .build()
            .unwrap()
            .pre_tokenize(&mut text)
            .unwrap();
        let splits = text.get_splits(OffsetReferential::Original, OffsetType::Byte);
        splits
            .into_iter()
            .map(|(_, range, _)| "It's 1234 äö\n\n  x"[range.0..range.1].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(cut("gpt-2"), ["It", "'s", " 1234", " äö", "\n\n ", " x"]);
    assert_eq!(
        cut("smollm"),
        ["It", "'s", " ", "1", "2", "3", "4", " äö", "\n\n ", " x"]
    );
    assert_eq!(
        cut("llama-bpe"),
        ["It", "'s", " ", "123", "4", " äö", "\n\n", " ", " x"]
    );
    assert_eq!(
        cut("qwen2"),
        ["It", "'s", " ", "1", "2", "3", "4", " äö", "\n\n", " ", " x"]
    );
    assert_eq!(Pretokenizer::named("falcon"), None);
}

#[test]
fn every_byte_has_its_own_character() {
    let characters: std::collections::HashSet<char> = (0..=255).map(map_byte).collect();
    assert_eq!(characters.len(), 256);
    // The two that everybody knows.
    assert_eq!((map_byte(b' '), map_byte(b'\n')), ('\u{120}', '\u{10a}'));
    assert_eq!(unmap_bytes("\u{120}a\u{10a}"), Some(b" a\n".to_vec()));
}

/// A vocabulary as Llama 2 has it: all bytes, a few letters, and pieces with scores.
fn sentencepiece() -> Vocabulary {
    let mut spellings = vec!["<unk>".to_owned(), "<s>".to_owned(), "</s>".to_owned()];
    let mut kinds = vec![2, 3, 3];
    let mut scores = vec![0.0; 3];
    for byte in 0..=255_u8 {
        spellings.push(format!("<0x{byte:02X}>"));
        kinds.push(6);
        scores.push(0.0);
    }
    let pieces = [
        ("▁", -9.0),
        ("h", -9.0),
        ("e", -9.0),
        ("l", -9.0),
        ("o", -9.0),
        ("he", -3.0),
        ("ll", -2.0),
        ("hell", -4.0),
        ("▁hell", -1.0),
    ];
    for (piece, score) in pieces {
        spellings.push(piece.to_owned());
        kinds.push(1);
        scores.push(score);
    }
    let metadata = HashMap::from([
        ("tokenizer.ggml.model".to_owned(), Value::Text("llama".to_owned())),
        (
            "tokenizer.ggml.tokens".to_owned(),
            Value::Texts(spellings.clone()),
        ),
        ("tokenizer.ggml.token_type".to_owned(), Value::Integers(kinds)),
        ("tokenizer.ggml.scores".to_owned(), Value::Floats(scores)),
        ("tokenizer.ggml.bos_token_id".to_owned(), Value::Integer(1)),
        ("tokenizer.ggml.eos_token_id".to_owned(), Value::Integer(2)),
    ]);
    let header = Header {
        metadata,
        tensors: HashMap::new(),
        data_offset: 0,
        file_bytes: 0,
    };
    Vocabulary::read(&header, spellings.len()).unwrap()
}

#[test]
fn sentencepiece_merges_the_best_pair_first() {
    let vocabulary = sentencepiece();
    let pieces = |text: &str| -> Vec<String> {
        encode(&vocabulary, text)
            .iter()
            .map(|&id| String::from_utf8_lossy(vocabulary.bytes(id)).into_owned())
            .collect()
    };
    assert_eq!(pieces("hello"), [" hell", "o"]);
    assert_eq!(pieces("he he"), [" ", "he", " ", "he"]);
    assert_eq!(pieces("é"), [" ", "\u{fffd}", "\u{fffd}"], "two bytes");
    assert_eq!(decode(&vocabulary, &encode(&vocabulary, "é <s>!")), " é <s>!");
    assert!(
        !encode(&vocabulary, "<s></s>").iter().any(|&id| id < 3),
        "control tokens stay text"
    );
    let prompt = vocabulary.encode(&[Piece::Text("hell".to_owned())]).unwrap();
    assert_eq!(
        prompt[0], 1,
        "such files ask for the first token unless they say otherwise"
    );
}
