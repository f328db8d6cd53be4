//! Memory that is missing, contexts that are shortened, and what a file says of itself.

use super::*;
use crate::testing::{Family, TinyModel};

fn load_tiny(family: Family, config: &EngineConfig, available: Option<u64>) -> Result<Model, LoadError> {
    let bytes = TinyModel::new(family, 1).context(2048).bytes();
    load_from(Cursor::new(bytes), "file", config, available, &mut |_| {})
}

fn config(context_limit: Option<usize>) -> EngineConfig {
    EngineConfig {
        slots: 4,
        context_limit,
        threads: Some(1),
        ..EngineConfig::default()
    }
}

#[test]
fn too_little_memory_is_refused_with_the_numbers() {
    for family in Family::ALL {
        for limit in [None, Some(1024)] {
            let error = load_tiny(family, &config(limit), Some(10 << 20))
                .map(|_| ())
                .unwrap_err();
            let LoadError::OutOfMemory {
                needed_bytes,
                available_bytes,
            } = error
            else {
                panic!("{error}")
            };
            assert_eq!(available_bytes, 10 << 20);
            let file = TinyModel::new(family, 1).context(2048).bytes();
            let least = |config: &EngineConfig| least_memory_of(Cursor::new(&file), config).unwrap();
            assert_eq!(least(&config(limit)), needed_bytes, "known before it is loaded");
            let eight_bits = EngineConfig {
                kv_precision: KvPrecision::Q8_0,
                ..config(limit)
            };
            assert!(least(&eight_bits) < needed_bytes, "with a smaller cache");
            assert!(
                load_tiny(family, &config(limit), Some(needed_bytes)).is_ok(),
                "{family:?}: exactly enough is"
            );
            assert!(
                load_tiny(family, &config(limit), Some(needed_bytes - 1)).is_err(),
                "{family:?}: a byte less is not"
            );
        }
    }
}

#[test]
fn the_context_is_what_was_asked_for_or_what_fits() {
    let context = |limit, available| {
        load_tiny(Family::Llama, &config(limit), available)
            .unwrap()
            .info
            .context_tokens
    };
    assert_eq!(context(None, None), 2048);
    assert_eq!(context(Some(300), None), 300);
    assert_eq!(context(Some(9_999), None), 2048, "no longer than the model's own");
    let error = load_tiny(Family::Llama, &config(None), Some(0))
        .map(|_| ())
        .unwrap_err();
    let LoadError::OutOfMemory { needed_bytes, .. } = error else {
        panic!("{error}")
    };
    let model = load_tiny(Family::Llama, &config(None), Some(needed_bytes + (1 << 20))).unwrap();
    assert_eq!(model.info.context_tokens, 512, "callers need the rest");
    let for_callers = 96 << 20;
    let model = load_tiny(
        Family::Llama,
        &config(None),
        Some(needed_bytes + for_callers + (1 << 20)),
    )
    .unwrap();
    let shortened = model.info.context_tokens;
    assert!((512..2048).contains(&shortened), "{shortened}");
    assert!(
        model
            .info
            .notes
            .iter()
            .any(|note| note.contains(&shortened.to_string())),
        "{:?}",
        model.info.notes
    );
}

#[test]
fn a_file_is_described_as_it_is() {
    let bytes = TinyModel::new(Family::Qwen3, 1).bytes();
    let info = inspect_from(Cursor::new(&bytes), "file").unwrap();
    assert_eq!(
        (
            info.name.as_str(),
            info.architecture.as_str(),
            info.quantisation.as_str()
        ),
        ("tiny-qwen3", "qwen3", "Q8_0")
    );
    assert_eq!(info.licence.as_deref(), Some("apache-2.0"));
    assert_eq!(info.file_bytes, bytes.len() as u64);
    assert!(info.parameters > 800_000, "{}", info.parameters);
}

#[test]
fn test_models_stay_small_and_repeat() {
    for family in Family::ALL {
        let bytes = TinyModel::new(family, 7).bytes();
        assert!(bytes.len() < 2 << 20, "{family:?}: {}", bytes.len());
        assert_eq!(bytes, TinyModel::new(family, 7).bytes());
        assert_ne!(bytes, TinyModel::new(family, 8).bytes());
    }
}
