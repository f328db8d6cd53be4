//! A model in this process, behind the [`Backend`](crate::Backend) trait.

use std::path::PathBuf;

/// Which model, and how much of it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its name as a backend.
    pub name: String,
    /// The name of the model, for results.
    pub model: String,
    /// Where the weights are; `None` is the bundled model.
    pub path: Option<PathBuf>,
    /// Answers at once.
    pub slots: usize,
}
