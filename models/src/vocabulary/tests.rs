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
        pretokenizer::Pretokenizer::named(name)
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
    assert_eq!(pretokenizer::Pretokenizer::named("falcon"), None);
}

#[test]
fn every_byte_has_its_own_character() {
    let characters: std::collections::HashSet<char> = (0..=255).map(bpe::map_byte).collect();
    assert_eq!(characters.len(), 256);
    // The two that everybody knows.
    assert_eq!(
        (bpe::map_byte(b' '), bpe::map_byte(b'\n')),
        ('\u{120}', '\u{10a}')
    );
    assert_eq!(bpe::unmap_bytes("\u{120}a\u{10a}"), Some(b" a\n".to_vec()));
}

/// A vocabulary as Llama 2 has it: all bytes, a few letters, and pieces with scores.
fn sentencepiece() -> Vocabulary {
    sentencepiece_with(&[], true)
}

/// The same with tokens that its makers defined.
fn sentencepiece_with(defined: &[&str], add_space: bool) -> Vocabulary {
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
    for spelling in defined {
        spellings.push((*spelling).to_owned());
        kinds.push(4);
        scores.push(0.0);
    }
    let metadata = HashMap::from([
        ("tokenizer.ggml.model".to_owned(), Value::Text("llama".to_owned())),
        (
            "tokenizer.ggml.add_space_prefix".to_owned(),
            Value::Bool(add_space),
        ),
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

#[test]
fn white_space_that_is_a_token_is_one_in_any_text_and_nothing_else_that_makers_defined() {
    let vocabulary = sentencepiece_with(&["\n", "\n\n", "▁▁", "   ", "<turn>", "<b>"], false);
    let spelled = |text: &str| -> Vec<String> {
        let ids = encode(&vocabulary, text);
        assert_eq!(decode(&vocabulary, &ids), text);
        let spelled = ids
            .iter()
            .map(|&id| String::from_utf8_lossy(vocabulary.bytes(id)).into_owned());
        spelled.collect()
    };
    assert_eq!(spelled("hell\nhe"), ["hell", "\n", "he"], "no space in front");
    assert_eq!(spelled("\n\n\nhe  he"), ["\n\n", "\n", "he", "  ", "he"]);
    assert_eq!(spelled("he      hell"), ["he", "   ", "   ", "hell"]);
    assert_eq!(
        spelled("he hell"),
        ["he", " hell"],
        "one space is no token of its own"
    );
    assert_eq!(spelled("     he"), ["   ", "  ", "he"]);
    let marks: Vec<&str> = vocabulary
        .controls()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        marks,
        ["<turn>", "</s>", "<s>", "<b>"],
        "templates may spell them"
    );
    let ids = encode(&vocabulary, "<turn><b>");
    assert!(
        ids.iter().all(|&id| vocabulary.role(id) == Role::Text),
        "people may not"
    );
    assert!(!vocabulary.pads_with_space() && sentencepiece().pads_with_space());
    let blank = vocabulary.encode(&[Piece::Text("\n".to_owned())]).unwrap()[1];
    assert_eq!(vocabulary.role(blank), Role::Text, "grammars may ask for it");
}

#[test]
fn characters_that_a_vocabulary_cannot_write_are_marked_and_not_lost() {
    let read = |bytes: &[u8]| {
        let mut header = Header::read(&mut Cursor::new(TinyModel::new(Family::Granite, 1).bytes())).unwrap();
        let Some(Value::Texts(tokens)) = header.metadata.get_mut(TOKENS) else {
            panic!("tokens");
        };
        for &byte in bytes {
            tokens[usize::from(byte)] = format!("no token of {byte}");
        }
        Vocabulary::read(&header, 272).map_err(|error| error.to_string())
    };
    // As Granite 3 has it; the control character is Falcon's.
    let vocabulary = read(&[0x03, 0xc0, 0xc1, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xff]).unwrap();
    let written = |text: &str| decode(&vocabulary, &encode(&vocabulary, text));
    for text in SAMPLES {
        assert_eq!(written(text), text);
    }
    assert_eq!(
        written("a\u{3}b \u{f0000}\u{10fffd}ä"),
        "a\u{fffd}b \u{fffd}\u{fffd}ä"
    );
    for byte in [b'\n', b'a', b' ', 0xef, 0xbf, 0xbd] {
        let error = read(&[byte]).err().unwrap();
        assert!(error.contains(&format!("byte {byte:#04x}")), "{error}");
    }
}
