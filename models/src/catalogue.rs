//! Known models: where they come from, what they weigh, and under which licence.

use std::{fs::File, io::Read, path::Path, sync::LazyLock};

use half::f16;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    decoder::MAX_SCORED_ROWS,
    engine::{Engine, LoadError, LoadProgress, ModelInfo, Source},
    memory::OVERHEAD_BYTES,
};

#[cfg(test)]
mod tests;

/// The model that ships inside this crate.
pub const BUNDLED: &str = "bundled";

/// A known model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What a configuration and a command line call it.
    pub name: String,
    /// What it is good for, in a line.
    pub about: String,
    /// The Hugging Face repository, `owner/name`; none for the bundled model.
    pub repo: Option<String>,
    /// The commit that size and hash belong to; `None` where none is known.
    pub revision: Option<String>,
    /// The file in the repository.
    pub file: Option<String>,
    /// Its size; `None` where it is not known for certain.
    pub size_bytes: Option<u64>,
    /// Its SHA-256, in lower-case hexadecimal; `None` where it is not known for certain.
    pub sha256: Option<String>,
    /// How revision, size and hash were come by.
    pub evidence: Option<String>,
    /// The licence, as an SPDX identifier.
    pub licence: String,
    /// Where the licence can be read.
    pub licence_url: Option<String>,
    /// Languages that its makers name.
    pub languages: Vec<String>,
    /// `general.architecture` of the file.
    pub architecture: String,
    /// Longest context that its makers name.
    pub context_tokens: Option<usize>,
    /// What its memory depends on besides the size of the file.
    pub memory: Option<MemoryTerms>,
}

/// Dimensions that memory is worked out from before the file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryTerms {
    /// Layers.
    pub layers: u64,
    /// Key and value heads.
    pub kv_heads: u64,
    /// Width of a head.
    pub head_width: u64,
    /// Tokens in the vocabulary.
    pub vocabulary: u64,
}

impl Entry {
    /// Whether commit, size and hash are known, so that a download can be held against them without asking.
    pub fn is_pinned(&self) -> bool {
        self.sha256.is_some() && self.size_bytes.is_some() && self.revision.is_some()
    }

    /// Where its file can be had, at the known commit or else at the repository's head.
    pub fn url(&self, endpoint: &str) -> Option<String> {
        let (repo, file) = (self.repo.as_ref()?, self.file.as_ref()?);
        let revision = self.revision.as_deref().unwrap_or("main");
        Some(format!(
            "{}/{repo}/resolve/{revision}/{file}",
            endpoint.trim_end_matches('/')
        ))
    }

    /// Bytes of memory that it takes, about, for a file of this size: the weights, packed (a sixteenth more at most), a
    /// KV cache of 16-bit floats for each slot, the scores of a step, and 64 MiB besides. The exact figure, worked out
    /// from the file's own header, is checked when it is loaded; a smaller KV cache will do, down to one context.
    pub fn memory_bytes(&self, file_bytes: u64, slots: u64, context_tokens: u64) -> Option<u64> {
        let terms = self.memory?;
        let scores = MAX_SCORED_ROWS as u64 * terms.vocabulary * size_of::<f32>() as u64;
        let kv =
            terms.layers * 2 * terms.kv_heads * terms.head_width * size_of::<f16>() as u64 * context_tokens;
        Some(file_bytes + file_bytes.div_ceil(16) + OVERHEAD_BYTES + scores + slots * kv)
    }
}

/// No model of this name is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown model '{name}'{}; known models: {}", suggest(.nearest.as_deref()), names())]
pub struct UnknownModel {
    /// What was asked for.
    pub name: String,
    /// The known name that is most like it, if one is.
    pub nearest: Option<String>,
}

fn suggest(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(", did you mean '{nearest}'?"))
}

fn names() -> String {
    all()
        .iter()
        .map(|entry| entry.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// All known models.
pub fn all() -> &'static [Entry] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Catalogue {
        model: Vec<Entry>,
    }
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        toml::from_str::<Catalogue>(include_str!("../catalogue.toml"))
            .expect("a test reads the catalogue")
            .model
    });
    &ENTRIES
}

/// The known model of this name, in whatever case.
///
/// # Errors
/// Suggests the nearest known name.
pub fn find(name: &str) -> Result<&'static Entry, UnknownModel> {
    let wanted = name.to_ascii_lowercase();
    all().iter().find(|entry| entry.name == wanted).ok_or_else(|| {
        let likeness = |entry: &&Entry| strsim::jaro_winkler(&entry.name, &wanted);
        let nearest = all().iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let nearest = nearest
            .filter(|entry| likeness(entry) > 0.7)
            .map(|entry| entry.name.clone());
        UnknownModel {
            name: name.to_owned(),
            nearest,
        }
    })
}

/// Why a file is not the one that it should be.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// What was given is no SHA-256.
    #[error("'{0}' is not a SHA-256: expected 64 hexadecimal digits")]
    NotAHash(String),
    /// The file holds something else.
    #[error("{path} has the SHA-256 {found}, expected {expected}")]
    Differs {
        /// The file.
        path: String,
        /// What it has.
        found: String,
        /// What it should have.
        expected: String,
    },
}

/// Checks a file against a SHA-256, reading it piece by piece.
///
/// # Errors
/// Says how the file differs.
pub fn verify(path: &Path, sha256: &str, mut progress: impl FnMut(LoadProgress)) -> Result<(), VerifyError> {
    let expected = sha256.trim().to_ascii_lowercase();
    if expected.len() != 64 || !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(VerifyError::NotAHash(sha256.to_owned()));
    }
    let found = hash(path, &mut progress)?;
    if found == expected {
        return Ok(());
    }
    Err(VerifyError::Differs {
        path: path.display().to_string(),
        found,
        expected,
    })
}

/// The SHA-256 of a file, in lower-case hexadecimal.
///
/// # Errors
/// Fails as [`VerifyError::Io`].
pub fn hash(path: &Path, mut progress: impl FnMut(LoadProgress)) -> Result<String, VerifyError> {
    let fail = |source| VerifyError::Io {
        path: path.display().to_string(),
        source,
    };
    let mut file = File::open(path).map_err(fail)?;
    let total_bytes = file.metadata().map_err(fail)?.len();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut loaded_bytes = 0;
    loop {
        let count = file.read(&mut buffer).map_err(fail)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        loaded_bytes += count as u64;
        progress(LoadProgress {
            loaded_bytes,
            total_bytes,
        });
    }
    let hexadecimal = |hash: String, byte: &u8| hash + &format!("{byte:02x}");
    Ok(hasher.finalize().iter().fold(String::new(), hexadecimal))
}

/// Reads what a model file says about itself, without loading its weights.
///
/// # Errors
/// Says what is wrong with the file.
pub fn inspect(path: &Path) -> Result<ModelInfo, LoadError> {
    Engine::inspect(&Source::File(path.to_owned()))
}
