//! Files that are damaged, hostile or simply something else: an error that says what, never a panic or a
//! large allocation.

use std::{fs, path::PathBuf, sync::LazyLock};

use models::{
    Engine, EngineConfig, LoadError, Source,
    testing::{Family, TinyModel},
};
use proptest::prelude::*;

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| TinyModel::new(Family::Llama, 1).bytes());

struct Dropped(
    PathBuf,
    #[expect(dead_code, reason = "the folder goes when it is dropped")] tempfile::TempDir,
);

fn file(bytes: &[u8]) -> Dropped {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.gguf");
    fs::write(&path, bytes).expect("room for a megabyte");
    Dropped(path, folder)
}

fn start(bytes: &[u8]) -> Result<Engine, LoadError> {
    let file = file(bytes);
    Engine::start(
        &Source::File(file.0.clone()),
        EngineConfig {
            slots: 1,
            ..EngineConfig::default()
        },
        |_| {},
    )
}

fn inspect(bytes: &[u8]) -> Result<models::ModelInfo, LoadError> {
    Engine::inspect(&Source::File(file(bytes).0.clone()))
}

/// Where a metadata key's value begins, past its type.
fn value_of(key: &str) -> usize {
    let at = SOUND
        .windows(key.len())
        .position(|window| window == key.as_bytes())
        .expect("the key is there");
    at + key.len() + 4
}

fn overwritten(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = SOUND.clone();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

/// Where a tensor's dimensions begin, past their count.
fn dimensions_of(tensor: &str) -> usize {
    SOUND
        .windows(tensor.len())
        .position(|window| window == tensor.as_bytes())
        .expect("the tensor is there")
        + tensor.len()
        + 4
}

fn renamed(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = SOUND
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .expect("the name is there");
    overwritten(at, to.as_bytes())
}

#[test]
fn every_flaw_is_named() {
    let huge = u64::MAX.to_le_bytes();
    let cut = SOUND.len() - 1000;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "within the magic"),
        ("four bytes", b"GGUF".to_vec(), "within the version"),
        (
            "something else",
            b"PK\x03\x04 a zip archive".to_vec(),
            "expected \"GGUF\"",
        ),
        ("version 1", overwritten(4, &1_u32.to_le_bytes()), "version 1"),
        ("version 9", overwritten(4, &9_u32.to_le_bytes()), "version is 9"),
        ("big-endian", overwritten(4, &3_u32.to_be_bytes()), "big-endian"),
        (
            "absurd tensor count",
            overwritten(8, &huge),
            "claims 18446744073709551615 tensors",
        ),
        ("absurd key count", overwritten(16, &huge), "metadata keys"),
        (
            "absurd key length",
            overwritten(24, &huge),
            "bytes of metadata key 0",
        ),
        (
            "absurd string",
            overwritten(value_of("general.name"), &huge),
            "the value of 'general.name'",
        ),
        (
            "absurd array",
            overwritten(value_of("tokenizer.ggml.tokens") + 4, &huge),
            "elements of 'tokenizer.ggml.tokens'",
        ),
        (
            "array of arrays",
            overwritten(value_of("tokenizer.ggml.tokens"), &9_u32.to_le_bytes()),
            "array of arrays",
        ),
        (
            "unknown type",
            overwritten(value_of("general.name") - 4, &77_u32.to_le_bytes()),
            "unknown value type 77",
        ),
        ("cut short", SOUND[..cut].to_vec(), "the file is cut short"),
        (
            "cut in the header",
            SOUND[..2000].to_vec(),
            "the file is cut short",
        ),
        (
            "missing tensor",
            renamed("blk.1.ffn_up.weight", "blk.1.ffn_xx.weight"),
            "'blk.1.ffn_up.weight' is missing",
        ),
        (
            "missing key",
            renamed("llama.block_count", "llama.block_xxxxx"),
            "llama.block_count",
        ),
        ("another kind", renamed("llama", "mamba"), "architecture 'mamba'"),
        (
            "absurd shape",
            overwritten(dimensions_of("blk.0.attn_q.weight"), &huge),
            "absurd shape",
        ),
        (
            "empty tensor",
            overwritten(dimensions_of("blk.0.attn_q.weight"), &0_u64.to_le_bytes()),
            "blk.0.attn_q.weight",
        ),
        (
            "wrong shape",
            overwritten(dimensions_of("blk.0.attn_q.weight"), &128_u64.to_le_bytes()),
            "has shape [256, 128], expected [256, 256]",
        ),
        (
            "offset beyond",
            overwritten(
                dimensions_of("blk.0.attn_q.weight") + 20,
                &(1_u64 << 40).to_le_bytes(),
            ),
            "cut short",
        ),
        (
            "offset overflow",
            overwritten(
                dimensions_of("blk.0.attn_q.weight") + 20,
                &(u64::MAX - 31).to_le_bytes(),
            ),
            "overflows",
        ),
        (
            "unaligned",
            overwritten(dimensions_of("blk.0.attn_q.weight") + 20, &1_u64.to_le_bytes()),
            "not a multiple of 32",
        ),
        (
            "overlap",
            overwritten(dimensions_of("blk.0.attn_q.weight") + 20, &0_u64.to_le_bytes()),
            "overlaps",
        ),
        (
            "unread quantisation",
            overwritten(dimensions_of("blk.0.attn_q.weight") + 16, &19_u32.to_le_bytes()),
            "type 19",
        ),
        (
            "too many layers",
            overwritten(value_of("llama.block_count"), &3_u32.to_le_bytes()),
            "'blk.2.attn_norm.weight' is missing",
        ),
        (
            "absurd layers",
            overwritten(value_of("llama.block_count"), &u32::MAX.to_le_bytes()),
            "llama.block_count is",
        ),
        (
            "no heads",
            overwritten(value_of("llama.attention.head_count"), &0_u32.to_le_bytes()),
            "head_count is",
        ),
        (
            "uneven heads",
            overwritten(value_of("llama.attention.head_count_kv"), &3_u32.to_le_bytes()),
            "share 3 key heads",
        ),
        (
            "bad epsilon",
            overwritten(
                value_of("llama.attention.layer_norm_rms_epsilon"),
                &f32::NAN.to_le_bytes(),
            ),
            "positive number",
        ),
        ("another tokenizer", renamed("gpt2", "bert"), "tokenizer 'bert'"),
        (
            "unknown cut of text",
            renamed("smollm", "falcon"),
            "pre-tokenizer 'falcon'",
        ),
        (
            "end token beyond",
            overwritten(value_of("tokenizer.ggml.eos_token_id"), &999_u32.to_le_bytes()),
            "beyond the vocabulary",
        ),
        (
            "broken template",
            renamed("{% endfor %}", "{% endxor %}"),
            "chat template",
        ),
    ];
    for (name, bytes, expected) in cases {
        let error = start(&bytes).map(|_| ()).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn weights_that_are_not_numbers_are_refused() {
    let at = SOUND.len() - 600_000;
    let error = start(&overwritten(at, &vec![0xff; 500_000]))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("weights"), "{error}");
}

#[test]
fn a_folder_or_nothing_is_not_a_model() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none.gguf")] {
        let error = Engine::inspect(&Source::File(path.clone())).unwrap_err();
        assert!(
            matches!(&error, LoadError::Io { path: named, .. } if *named == path.display().to_string()),
            "{error}"
        );
    }
}

/// The most address space this process has ever had.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Runs a case and holds it against the memory that a file of at most a megabyte may take.
fn within_bounds(case: impl FnOnce()) {
    let before = peak_bytes();
    case();
    if let (Some(before), Some(after)) = (before, peak_bytes()) {
        assert!(
            after - before < 1 << 30,
            "took {} bytes of address space",
            after - before
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_never_a_model(bytes in prop::collection::vec(any::<u8>(), 0..4096), with_magic: bool) {
        let mut bytes = bytes;
        if with_magic {
            bytes.splice(0..0, *b"GGUF\x03\0\0\0");
        }
        within_bounds(|| assert!(inspect(&bytes).is_err()));
    }

    #[test]
    fn a_cut_file_is_never_a_model(share in 0.0..1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a length")]
        let length = (SOUND.len() as f64 * share * share) as usize;
        // The padding behind the last tensor is all that nobody misses.
        prop_assume!(length + 32 < SOUND.len());
        within_bounds(|| assert!(inspect(&SOUND[..length]).is_err()));
    }

    #[test]
    fn a_changed_header_is_read_or_refused(changes in prop::collection::vec((0..12_000_usize, any::<u8>()), 1..12)) {
        let mut bytes = SOUND.clone();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        within_bounds(|| drop(inspect(&bytes)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_is_loaded_or_refused(
        changes in prop::collection::vec((0..SOUND.len(), any::<u8>()), 1..40),
        in_header: bool,
    ) {
        let mut bytes = SOUND.clone();
        for (at, byte) in changes {
            bytes[if in_header { at % 12_000 } else { at }] = byte;
        }
        within_bounds(|| drop(start(&bytes)));
    }
}
