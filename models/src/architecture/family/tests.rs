//! What each family does in its own way, and what is refused since it would be left out.

use std::io::Cursor;

use crate::{
    architecture::Network,
    gguf::{Header, TensorHead, Value},
    testing::{Family, TinyModel},
};

fn header(family: Family) -> Header {
    Header::read(&mut Cursor::new(TinyModel::new(family, 1).bytes())).unwrap()
}

fn refused(header: &Header) -> String {
    Network::read(header).unwrap_err().to_string()
}

#[test]
fn another_family_is_refused_with_the_names_of_those_that_are_run() {
    let mut header = header(Family::Llama);
    header
        .metadata
        .insert("general.architecture".to_owned(), Value::Text("mamba".to_owned()));
    let error = refused(&header);
    for name in [
        "'mamba'", "llama", "qwen2", "qwen3", "smollm3", "granite", "gemma3",
    ] {
        assert!(error.contains(name), "{name}: {error}");
    }
}

#[test]
fn one_layer_in_four_of_smollm3_knows_no_positions() {
    let network = Network::read(&header(Family::SmolLm3)).unwrap();
    let turned: Vec<_> = (0..8).map(|layer| network.family.turns(layer)).collect();
    assert_eq!(turned, [true, true, true, false, true, true, true, false]);
}

#[test]
fn scales_are_those_of_the_file_or_of_the_family() {
    let scales = |header: &Header| {
        let found = Network::read(header).unwrap().scales;
        [found.embedding, found.attention, found.residual, found.scores].map(f64::from)
    };
    let near = |found: [f64; 4], expected: [f64; 4]| {
        let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close, "{found:?}, {expected:?}");
    };
    near(scales(&header(Family::Llama)), [1.0, 0.125, 1.0, 1.0]);
    let mut granite = header(Family::Granite);
    near(scales(&granite), [3.0, 0.1, 0.6, 0.625]);
    for key in ["embedding_scale", "attention.scale", "residual_scale"] {
        granite.metadata.remove(&format!("granite.{key}"));
    }
    near(scales(&granite), [1.0, 0.125, 1.0, 0.625]);
    // 256 wide.
    near(scales(&header(Family::Gemma3)), [16.0, 0.125, 1.0, 1.0]);
}

#[test]
fn windows_are_where_the_file_says_or_in_five_layers_of_six() {
    let mut gemma = header(Family::Gemma3);
    let windows = |header: &Header| -> Vec<_> {
        let network = Network::read(header).unwrap();
        let window = |layer| network.window(layer).map(|window| window.positions);
        (0..6).map(window).collect()
    };
    let some = Some(40);
    assert_eq!(windows(&gemma), [some, None, some, None, some, None]);
    gemma.metadata.remove("gemma3.attention.sliding_window_pattern");
    assert_eq!(windows(&gemma), [some, some, some, some, some, None]);
    gemma.metadata.remove("gemma3.attention.sliding_window");
    assert_eq!(windows(&gemma), [None; 6]);
    let mut llama = header(Family::Llama);
    llama
        .metadata
        .insert("llama.attention.sliding_window".to_owned(), Value::Integer(40));
    assert_eq!(windows(&llama), [None; 6], "as llama.cpp reads such files");
}

#[test]
fn what_is_said_for_each_layer_is_read_where_it_is_the_same() {
    let mut granite = header(Family::Granite);
    let mut say = |layers: &[i64]| {
        let value = Value::Integers(layers.to_vec());
        granite
            .metadata
            .insert("granite.attention.head_count_kv".to_owned(), value);
        Network::read(&granite)
    };
    assert_eq!(say(&[2, 2]).unwrap().kv_heads, 2);
    for (layers, named) in [(&[2, 0][..], "differs between layers"), (&[], "head_count_kv is")] {
        let error = say(layers).unwrap_err().to_string();
        assert!(error.contains(named), "{layers:?}: {error}");
    }
}

#[test]
fn what_would_load_and_answer_wrongly_is_refused_by_name() {
    let mut granite = header(Family::Granite);
    granite.metadata.remove("granite.logit_scale");
    assert!(refused(&granite).contains("granite.logit_scale"));
    let number = |number: f64| Value::Float(number);
    for (family, key, value, named) in [
        (
            Family::Granite,
            "granite.residual_scale",
            number(-1.0),
            "residual_scale is -1",
        ),
        (
            Family::Granite,
            "granite.rope.scaling.finetuned",
            Value::Bool(false),
            "without positions",
        ),
        (
            Family::Gemma3,
            "gemma3.final_logit_softcapping",
            number(30.0),
            "capped scores",
        ),
        (
            Family::Gemma3,
            "gemma3.attention.sliding_window",
            Value::Integer(-1),
            "sliding_window is",
        ),
        (
            Family::Gemma3,
            "gemma3.attention.sliding_window_pattern",
            Value::Integer(0),
            "sliding_window_pattern is",
        ),
    ] {
        let mut header = header(family);
        header.metadata.insert(key.to_owned(), value);
        let error = refused(&header);
        assert!(error.contains(named), "{named}: {error}");
    }
    for (family, name) in [
        (Family::Llama, "blk.0.attn_q.bias"),
        (Family::Granite, "blk.1.attn_output.bias"),
        (Family::Qwen2, "blk.0.ffn_down.bias"),
        (Family::Qwen3, "output.bias"),
    ] {
        let mut header = header(family);
        let bias = TensorHead {
            ..header.tensors["output_norm.weight"].clone()
        };
        header.tensors.insert(name.to_owned(), bias);
        let error = refused(&header);
        assert!(error.contains(name), "{name}: {error}");
    }
    for part in ["post_attention_norm", "post_ffw_norm", "attn_q_norm"] {
        let mut gemma = header(Family::Gemma3);
        let name = format!("blk.1.{part}.weight");
        gemma.tensors.remove(&name);
        let error = refused(&gemma);
        assert!(error.contains(&name), "{name}: {error}");
    }
}
