//! Files that are read again when they change: keys, certificates, key sets.
//!
//! Looked at once a second, not listened to: a look follows the links that secret stores swap (`..data`), and works on
//! every file system.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How often watched files are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from the next without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Secrets are often replaced by swapping a link, to a file that may be just as old.
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    pub(crate) fn of(about: &std::fs::Metadata) -> Self {
        Self {
            modified: about.modified().ok(),
            length: about.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(about),
        }
    }
}

/// Calls `reload` whenever one of the files has changed, and until it succeeds. Ends only by being dropped.
///
/// What was loaded before stays in use while a reload fails: a certificate may be there a moment before its key.
pub(crate) async fn watch(
    what: &'static str,
    paths: Vec<PathBuf>,
    mut reload: impl FnMut() -> Result<(), String>,
) {
    let mut seen = look(&paths).await;
    let mut failed = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = look(&paths).await;
        if now == seen && failed.is_none() {
            continue;
        }
        let changed = now != seen;
        // Taken before reading: whatever is written meanwhile is seen at the next look.
        seen = now;
        match reload() {
            Ok(()) => {
                failed = None;
                tracing::info!(what, "read again, for it has changed");
            }
            Err(reason) => {
                if changed || failed.as_ref() != Some(&reason) {
                    tracing::error!(what, reason, "cannot be read; what was read last stays in use");
                }
                failed = Some(reason);
            }
        }
    }
}

async fn look(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let mut stamps = Vec::with_capacity(paths.len());
    for path in paths {
        stamps.push(tokio::fs::metadata(path).await.ok().as_ref().map(Stamp::of));
    }
    stamps
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_swapped_link_is_noticed_and_a_failed_reload_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new, link) = (
            folder.path().join("old"),
            folder.path().join("new"),
            folder.path().join("..data"),
        );
        std::fs::write(&old, "1").unwrap();
        std::fs::write(&new, "2").unwrap();
        std::os::unix::fs::symlink(&old, &link).unwrap();
        let loads = AtomicUsize::new(0);
        let watching = watch("test", vec![link.clone()], || {
            // The first reload fails.
            match loads.fetch_add(1, Ordering::SeqCst) {
                0 => Err("half written".to_owned()),
                _ => Ok(()),
            }
        });
        let test = async {
            tokio::time::sleep(LOOK_EVERY * 3).await;
            assert_eq!(loads.load(Ordering::SeqCst), 0, "nothing changed");
            let swapped = folder.path().join("..tmp");
            std::os::unix::fs::symlink(&new, &swapped).unwrap();
            std::fs::rename(&swapped, &link).unwrap();
            while loads.load(Ordering::SeqCst) < 2 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            tokio::time::sleep(LOOK_EVERY * 3).await;
            assert_eq!(loads.load(Ordering::SeqCst), 2, "loaded, and left alone");
        };
        tokio::select! {
            () = watching => unreachable!("it never ends"),
            () = test => {}
        }
    }
}
