//! The journal: records on this machine's disk, until a database has them.
//!
//! A record is in the hands of the operating system before [`Journal::append`] returns, so a killed process loses nothing of
//! what it answered. It is a line of JSON in a segment; a line without its end was never acknowledged.
//! Each process has a folder of its own, locked while it lives. What a process left behind is adopted by the next
//! one that starts on the same folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Record;

const LOCK: &str = "lock";
const SEGMENT: &str = "jsonl";
/// What a database refused for good.
const REFUSED: &str = "refused";

/// The journal of this process.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    max_bytes: u64,
    active: Mutex<Active>,
    /// Bytes of all segments that are not in the database yet.
    pending: AtomicU64,
    lost: AtomicU64,
    /// Whether records are being lost at the moment: said once, not for each.
    losing: AtomicBool,
    /// Held to the end of the process.
    _lock: File,
}

#[derive(Debug)]
struct Active {
    file: File,
    number: u64,
    bytes: u64,
    /// Whether something was written since the disk last confirmed.
    dirty: bool,
}

/// Records that wait for a database, in the order in which they were written.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    bytes: u64,
}

/// What a process left behind, now ours: dropped, it can be adopted by others.
#[derive(Debug)]
pub(super) struct Orphan {
    folder: PathBuf,
    _lock: File,
}

impl Journal {
    /// Opens the journal of this process under `root`, which is made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(root: &Path, max_bytes: u64) -> io::Result<Self> {
        // Who called is nobody else's business.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let name = uuid::Uuid::new_v4().simple().to_string();
        // Under a name that nobody adopts until it is locked.
        let making = root.join(format!(".{name}"));
        fs::create_dir(&making)?;
        let lock = File::create(making.join(LOCK))?;
        lock.lock()?;
        let folder = root.join(name);
        fs::rename(&making, &folder)?;
        let file = create(&folder, 1)?;
        Ok(Self {
            folder,
            max_bytes,
            active: Mutex::new(Active {
                file,
                number: 1,
                bytes: 0,
                dirty: false,
            }),
            pending: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            losing: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// Writes a record down. Never waits for a database; a full journal or a broken disk loses the record, which is
    /// logged and counted: calls go on without.
    pub fn append(&self, record: &Record) {
        let mut line = Vec::with_capacity(512);
        // Texts and numbers, into memory: this cannot fail.
        let _ = serde_json::to_writer(&mut line, record);
        line.push(b'\n');
        let written = self.write(&line);
        match written {
            Ok(()) => {
                if self.losing.swap(false, Ordering::Relaxed) {
                    tracing::info!("calls are written down again");
                }
            }
            Err(error) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                if !self.losing.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, folder = %self.folder.display(), "calls cannot be written down");
                }
            }
        }
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        let bytes = line.len() as u64;
        let mut active = self.active();
        if self.pending() + bytes > self.max_bytes {
            return Err(io::Error::other(format!(
                "the journal is full: {} bytes wait for the database",
                self.pending()
            )));
        }
        if let Err(error) = active.file.write_all(line) {
            // Half a line must not become a part of the next one.
            let _ = active.file.set_len(active.bytes);
            return Err(error);
        }
        active.bytes += bytes;
        active.dirty = true;
        self.pending.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Bytes that wait for the database.
    pub fn pending(&self) -> u64 {
        self.pending.load(Ordering::Relaxed)
    }

    /// Records that could not be written.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Makes the disk confirm what was written.
    pub(super) fn sync(&self) -> io::Result<()> {
        let file = {
            let mut active = self.active();
            if !std::mem::replace(&mut active.dirty, false) {
                return Ok(());
            }
            active.file.try_clone()?
        };
        // Nobody who writes has to wait for the disk.
        file.sync_data()
    }

    /// How much the newest segment holds.
    pub(super) fn active_bytes(&self) -> u64 {
        self.active().bytes
    }

    /// Ends the newest segment, if it holds anything, and begins another. The disk has confirmed what it holds.
    pub(super) fn rotate(&self) -> io::Result<()> {
        let ended = {
            let mut active = self.active();
            if active.bytes == 0 {
                return Ok(());
            }
            let number = active.number + 1;
            let next = create(&self.folder, number)?;
            active.number = number;
            active.bytes = 0;
            active.dirty = false;
            std::mem::replace(&mut active.file, next)
        };
        ended.sync_data()
    }

    /// Segments that nobody writes to any more, oldest first.
    pub(super) fn ended(&self) -> io::Result<Vec<Segment>> {
        let newest = path(&self.folder, self.active().number);
        let mut segments = segments(&self.folder)?;
        segments.retain(|segment| segment.path < newest);
        Ok(segments)
    }

    /// Notes that a segment of this process waits no more.
    pub(super) fn carried(&self, segment: &Segment) {
        let less = |pending: u64| Some(pending.saturating_sub(segment.bytes));
        // What the closure returns is always something.
        let _ = self
            .pending
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Takes over what processes left behind that are no more.
    pub(super) fn orphans(&self) -> io::Result<Vec<Orphan>> {
        let root = self.folder.parent().unwrap_or(&self.folder);
        let mut orphans = Vec::new();
        for entry in fs::read_dir(root)? {
            let folder = entry?.path();
            let is_making = folder
                .file_name()
                .is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if folder == self.folder || is_making {
                continue;
            }
            let Ok(lock) = File::open(folder.join(LOCK)) else {
                continue;
            };
            match lock.try_lock() {
                Ok(()) => orphans.push(Orphan { folder, _lock: lock }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(orphans)
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // An orderly end leaves nothing where nothing is left to carry over.
        if self.pending() == 0 {
            let _ = remove(&self.folder);
        }
    }
}

impl Orphan {
    /// What it left, oldest first.
    pub(super) fn segments(&self) -> io::Result<Vec<Segment>> {
        segments(&self.folder)
    }

    /// Forgets it, unless something was put aside for a person to look at.
    pub(super) fn finish(&self) -> io::Result<()> {
        remove(&self.folder)
    }
}

impl Segment {
    /// Reads the records. A last line without an end was never acknowledged and is left out; any other line that
    /// cannot be read is somebody's damage, and told.
    pub(super) fn read(&self) -> io::Result<Vec<Record>> {
        let mut reader = BufReader::new(File::open(&self.path)?);
        let mut records = Vec::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if line.last() == Some(&b'\n') {
                match serde_json::from_slice(&line) {
                    Ok(record) => records.push(record),
                    Err(error) => {
                        tracing::error!(%error, segment = %self.path.display(), "a record cannot be read and is left out");
                    }
                }
            }
            line.clear();
        }
        Ok(records)
    }

    /// Forgets it: the database has it.
    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    /// Puts it aside, for a person to look at: the database refuses it for good.
    pub(super) fn set_aside(&self) -> io::Result<PathBuf> {
        let aside = self.path.with_extension(REFUSED);
        fs::rename(&self.path, &aside)?;
        Ok(aside)
    }
}

/// Removes the folder of a process, unless something was put aside in it for a person to look at.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        if entry?
            .path()
            .extension()
            .is_some_and(|extension| extension == REFUSED)
        {
            return Ok(());
        }
    }
    fs::remove_dir_all(folder)
}

fn create(folder: &Path, number: u64) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(path(folder, number))
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}.{SEGMENT}"))
}

fn segments(folder: &Path) -> io::Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == SEGMENT) {
            let bytes = entry.metadata()?.len();
            segments.push(Segment { path, bytes });
        }
    }
    segments.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Origin;
    use crate::tenancy::Principal;

    fn record() -> Record {
        Record::open(&Principal::for_test("erp"), "tool", &Origin::default(), &[7; 32])
    }

    fn all(journal: &Journal) -> Vec<Record> {
        let ended = journal.ended().unwrap();
        ended.iter().flat_map(|segment| segment.read().unwrap()).collect()
    }

    #[test]
    fn records_come_back_in_order_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), 1 << 20).unwrap();
        let records: Vec<_> = (0..10).map(|_| record()).collect();
        for (index, record) in records.iter().enumerate() {
            journal.append(record);
            if index % 3 == 2 {
                journal.rotate().unwrap();
            }
        }
        assert_eq!(
            all(&journal),
            records[..9],
            "the last one is still being written to"
        );
        journal.rotate().unwrap();
        assert_eq!(all(&journal), records);
        for segment in journal.ended().unwrap() {
            segment.remove().unwrap();
            journal.carried(&segment);
        }
        assert_eq!((journal.pending(), all(&journal)), (0, vec![]));
        let own = journal.folder.clone();
        drop(journal);
        assert!(!own.exists(), "an orderly end leaves nothing");
    }

    #[test]
    fn what_a_dead_process_left_is_adopted_once_and_a_torn_line_never_was() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (record(), record());
        let dead = Journal::open(folder.path(), 1 << 20).unwrap();
        dead.append(&one);
        dead.rotate().unwrap();
        dead.append(&other);
        dead.active().file.write_all(b"{\"id\":\"torn").unwrap();
        let alive = Journal::open(folder.path(), 1 << 20).unwrap();
        assert!(alive.orphans().unwrap().is_empty(), "it lives");
        drop(dead);
        let orphans = alive.orphans().unwrap();
        assert_eq!(orphans.len(), 1);
        assert!(alive.orphans().unwrap().is_empty(), "somebody has it");
        let segments = orphans[0].segments().unwrap();
        let read: Vec<_> = segments
            .iter()
            .flat_map(|segment| segment.read().unwrap())
            .collect();
        assert_eq!(read, [one, other]);
        orphans[0].finish().unwrap();
        drop(orphans);
        assert!(alive.orphans().unwrap().is_empty());
    }

    #[test]
    fn a_full_journal_loses_the_newest_and_counts_them() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), 1000).unwrap();
        let records: Vec<_> = (0..10).map(|_| record()).collect();
        for record in &records {
            journal.append(record);
        }
        journal.rotate().unwrap();
        let kept = all(&journal);
        assert!(!kept.is_empty() && kept.len() < 10);
        assert_eq!(journal.lost(), 10 - kept.len() as u64);
        assert_eq!(kept, records[..kept.len()]);
        for segment in journal.ended().unwrap() {
            segment.remove().unwrap();
            journal.carried(&segment);
        }
        journal.append(&records[9]);
        journal.rotate().unwrap();
        assert_eq!(all(&journal), records[9..], "there is room again");
    }
}
