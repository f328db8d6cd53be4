//! What is written down of calls: a ledger of what they took, and an audit trail of who was let do what.
//!
//! A call is appended to a journal on this machine before its result is handed over (`journal`); a task carries the
//! journal into the database (`writer`), which may be away for a while. Every record has an id of its own, so that carrying one
//! twice changes nothing. Content is never written down.

mod database;
mod journal;
mod record;
mod writer;

use std::path::PathBuf;

pub use database::{
    Database, Erased, Error as DatabaseError, Group, Known, Location, Login, Period, Row, Used,
};
pub use journal::Journal;
pub use record::{Record, Usage};
pub use writer::{Begun, Writer};

/// Where calls are written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The database; `None` writes nothing down.
    pub location: Option<Location>,
    /// Where the journal lies, and the file of SQLite.
    pub directory: PathBuf,
    /// Whether the directory is the default one. Where that cannot be written, the server starts nevertheless.
    pub is_default_directory: bool,
    /// Bound of the journal. Beyond, records are lost, and counted. Default 256 MiB.
    pub journal_max_bytes: u64,
    /// How many days rows of the ledger are kept when their tenant is erased; `None` keeps all. Default `None`.
    pub usage_kept_days: Option<u32>,
}

impl Config {
    /// The bound of the journal, unless told otherwise.
    pub const JOURNAL_MAX_BYTES: u64 = 256 * 1024 * 1024;
    /// The file of SQLite in the directory.
    pub const FILE: &str = "ledger.sqlite";

    /// SQLite and the journal in this directory.
    pub fn sqlite(directory: PathBuf) -> Self {
        Self {
            location: Some(Location::Sqlite(directory.join(Self::FILE))),
            directory,
            is_default_directory: true,
            journal_max_bytes: Self::JOURNAL_MAX_BYTES,
            usage_kept_days: None,
        }
    }
}

#[cfg(test)]
mod tests;
