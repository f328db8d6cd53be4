//! The catalogue is sound and honest, and hashes are checked.

use super::*;
use crate::architecture::Family;

#[test]
fn every_entry_says_what_it_must() {
    let mut names: Vec<&str> = all().iter().map(|entry| entry.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all().len(), "names are unique");
    for entry in all() {
        assert_eq!(entry.name, entry.name.to_lowercase());
        assert!(
            Family::ALL
                .iter()
                .any(|family| family.name() == entry.architecture),
            "{}",
            entry.name
        );
        assert_eq!(entry.repo.is_none(), entry.name == BUNDLED, "{}", entry.name);
        assert_eq!(
            entry.repo.is_some(),
            entry.file.is_some() && entry.memory.is_some() && entry.licence_url.is_some()
        );
        for hash in entry.sha256.iter().chain(&entry.revision) {
            assert!(
                hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
                "{}",
                entry.name
            );
        }
        assert_eq!(entry.evidence.is_some(), entry.is_pinned(), "{}", entry.name);
        assert!(entry.sha256.as_ref().is_none_or(|hash| hash.len() == 64));
        assert!(entry.revision.as_ref().is_none_or(|hash| hash.len() == 40));
    }
}

#[test]
fn names_are_found_or_suggested() {
    assert_eq!(find("Qwen3-0.6B").unwrap().name, "qwen3-0.6b");
    assert_eq!(find("bundeld").unwrap_err().nearest.as_deref(), Some(BUNDLED));
    let error = find("xyz").unwrap_err();
    assert_eq!(error.nearest, None);
    assert!(
        error.to_string().contains("known models: bundled, qwen3-0.6b"),
        "{error}"
    );
}

#[test]
fn addresses_name_the_known_commit() {
    let mut entry = find("qwen3-0.6b").unwrap().clone();
    assert!(entry.is_pinned());
    assert_eq!(
        entry.url("https://huggingface.co/").unwrap(),
        "https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/23749fefcc72300e3a2ad315e1317431b06b590a/Qwen3-0.6B-Q8_0.gguf"
    );
    entry.revision = None;
    assert!(!entry.is_pinned());
    assert!(
        entry
            .url("https://mirror.example")
            .unwrap()
            .contains("/resolve/main/")
    );
    assert_eq!(find(BUNDLED).unwrap().url("https://huggingface.co"), None);
}

#[test]
fn memory_follows_the_terms() {
    let entry = find("qwen3-0.6b").unwrap();
    // 28 layers x 2 x 8 x 128 x 2 bytes = 115 kB a token; the scores of 64 rows.
    let expected = 640_000_000 / 16 * 17 + (64 << 20) + 64 * 151_936 * 4 + 4 * 114_688 * 4_096;
    assert_eq!(entry.memory_bytes(640_000_000, 4, 4_096), Some(expected));
}

#[test]
fn a_file_is_held_against_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, b"abc").unwrap();
    let abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    let mut seen = 0;
    verify(&path, abc, |progress| seen = progress.loaded_bytes).unwrap();
    assert_eq!(seen, 3);
    let error = verify(&path, &abc.replace('B', "C"), |_| {}).unwrap_err();
    assert!(
        matches!(&error, VerifyError::Differs { found, .. } if *found == abc.to_lowercase()),
        "{error}"
    );
    assert!(matches!(
        verify(&path, "abc", |_| {}),
        Err(VerifyError::NotAHash(_))
    ));
    assert!(matches!(
        verify(&folder.path().join("no"), abc, |_| {}),
        Err(VerifyError::Io { .. })
    ));
}
