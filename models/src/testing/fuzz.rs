//! What fuzzers feed with bytes, and what holds whatever those are. `docs/fuzzing.md` lists all of it.

use std::{
    io::Cursor,
    sync::{Arc, LazyLock},
};

use super::{Family, TinyModel};
use crate::{
    engine::Turn,
    gguf::Header,
    grammar::Grammars,
    loader,
    template::Template,
    vocabulary::{Piece, Vocabulary},
};

/// More than any file of a test has.
const ROWS: usize = 1 << 16;
/// Tokens of an answer that are taken under a grammar.
const TOKENS_MAX: usize = 64;
/// Text with marks, two scripts, and what spells a control token.
const TEXT: &str = "Größe 4711\t<|im_start|> \u{65e5}\u{672c}\u{200b}<think>\r\n";

static VOCABULARY: LazyLock<Arc<Vocabulary>> = LazyLock::new(|| {
    let bytes = TinyModel::new(Family::Qwen3, 1).header_bytes();
    let header = Header::read(&mut Cursor::new(bytes)).expect("a file of ours");
    Arc::new(Vocabulary::read(&header, ROWS).expect("a file of ours"))
});
static GRAMMARS: LazyLock<Grammars> =
    LazyLock::new(|| Grammars::new(&VOCABULARY).expect("a vocabulary of ours"));

/// A model file without its weights: header, hyperparameters, vocabulary, template.
///
/// # Panics
/// Where a reader of it has a fault.
pub fn gguf(bytes: &[u8]) {
    // Whatever else it says, it ends, and takes no more than its bounds.
    let _ = loader::inspect_from(Cursor::new(bytes), "any");
    let Ok(header) = Header::read(&mut Cursor::new(bytes)) else {
        return;
    };
    assert_eq!(header.file_bytes, bytes.len() as u64);
    let is_within = header.data_offset <= header.file_bytes || header.tensors.is_empty();
    assert!(is_within, "weights lie beyond the file");
    let Ok(vocabulary) = Vocabulary::read(&header, ROWS) else {
        return;
    };
    check_text(&vocabulary, TEXT);
    if let Ok(template) = Template::read(&header, &vocabulary) {
        lay_out(&template, &vocabulary, TEXT);
    }
}

/// A chat template.
///
/// # Panics
/// Where a control token comes from a text, or an interpreter of it has a fault.
pub fn chat_template(bytes: &[u8]) {
    if let Ok(source) = std::str::from_utf8(bytes)
        && let Ok(template) = Template::compile(source)
    {
        lay_out(&template, &VOCABULARY, TEXT);
    }
}

/// The text of a conversation.
///
/// # Panics
/// Where a control token comes from it, or a token is none.
pub fn conversation(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    check_text(&VOCABULARY, &text);
    let template = Template::compile(super::CHAT_TEMPLATE).expect("a template of ours");
    let controls = lay_out(&template, &VOCABULARY, &text);
    let expected = lay_out(&template, &VOCABULARY, "Hello.");
    assert_eq!(controls, expected, "what is said adds no control token");
}

/// A JSON Schema that answers are held to.
///
/// # Panics
/// Where a token that may come next cannot be taken.
pub fn grammar(bytes: &[u8]) {
    let Ok(schema) = serde_json::from_slice(bytes) else {
        return;
    };
    let Ok(mut constraint) = GRAMMARS.compile(&schema) else {
        return;
    };
    for step in 0..TOKENS_MAX {
        let Ok(allowed) = constraint.allowed() else {
            return;
        };
        // Another one each time, so that not all answers are opened brackets.
        let choice: Vec<u32> = allowed.iter().take(step + 1).collect();
        let Some(token) = choice.last() else {
            return;
        };
        let took = constraint.take(*token);
        assert!(took.is_ok(), "token {token} may come next: {took:?}");
        if constraint.is_complete() {
            return;
        }
    }
}

fn check_text(vocabulary: &Vocabulary, text: &str) {
    let mut ids = Vec::new();
    if vocabulary.encode_text(text, &mut ids).is_ok() {
        let most = vocabulary.len();
        assert!(ids.iter().all(|id| (*id as usize) < most), "no token of {most}");
    }
}

/// Lays a conversation out, and says how many control tokens it has.
fn lay_out(template: &Template, vocabulary: &Vocabulary, text: &str) -> Option<usize> {
    let turns = ["system", "user", "assistant", "user"].map(|role| Turn {
        role,
        content: text.to_owned(),
    });
    let pieces = template.lay_out(&turns, vocabulary).ok()?;
    let ids = vocabulary.encode(&pieces).ok()?;
    assert!(ids.iter().all(|id| (*id as usize) < vocabulary.len()));
    let is_control = |piece: &&Piece| matches!(piece, Piece::Control(_));
    Some(pieces.iter().filter(is_control).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::near::{folder, run};

    #[test]
    fn near_model_files_nothing_panics() {
        for (name, family) in [("llama", Family::Llama), ("qwen3", Family::Qwen3)] {
            let bytes = TinyModel::new(family, 1).header_bytes();
            let seed = std::fs::read(folder("gguf").join(format!("{name}.gguf"))).expect("a seed");
            assert!(seed == bytes, "the seed {name} is what the tests make");
        }
        run("gguf", 2_000, gguf);
    }

    #[test]
    fn near_chat_templates_nothing_panics() {
        run("chat_template", 2_000, chat_template);
    }

    #[test]
    fn near_conversations_no_text_becomes_a_control_token() {
        run("conversation", 2_000, conversation);
    }

    #[test]
    fn near_schemas_every_token_that_may_come_can_be_taken() {
        run("grammar", 500, grammar);
    }
}
