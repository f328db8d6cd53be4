//! Memory for weights and for the KV cache: pieces, each at a line of the processor's cache, of long stretches that
//! the system is asked to back with huge pages.
//!
//! A product reads weights from end to end: with huge pages it looks up an address for each two megabytes instead
//! of each four kilobytes. An allocator rounds every matrix up to such pages; one after the other in a stretch, only the
//! last of them has an unused end.
#![expect(
    unsafe_code,
    reason = "pieces of one mapping are written apart from each other"
)]

use std::{
    alloc::{Layout, handle_alloc_error},
    ptr::NonNull,
    slice,
    sync::Arc,
};

use memmap2::{MmapOptions, MmapRaw};

/// A line of the cache.
const ALIGNMENT: usize = 64;

/// What may lie in pages that come as zeros: plain numbers.
pub(crate) trait Plain: Copy {}

impl Plain for u8 {}
impl Plain for u16 {}

/// Hands out pieces of stretches.
pub(crate) struct Pages {
    stretch: Option<Arc<MmapRaw>>,
    /// Bytes of it that are handed out.
    used: usize,
    /// Bytes of a stretch, unless a piece needs more.
    step: usize,
}

/// Numbers that begin at a line of the cache.
pub(crate) struct Storage<T> {
    start: NonNull<T>,
    length: usize,
    /// Keeps it mapped.
    _stretch: Arc<MmapRaw>,
}

// SAFETY: it alone refers to its piece of the stretch, as a `Vec` does to its memory.
unsafe impl<T: Send> Send for Storage<T> {}
// SAFETY: as above; shared references only read.
unsafe impl<T: Sync> Sync for Storage<T> {}

impl Pages {
    /// Stretches of this many bytes. What is not used of them takes no memory.
    pub(crate) fn by(step: usize) -> Self {
        Self {
            stretch: None,
            used: 0,
            step,
        }
    }

    /// So many zeros. The system backs pages when they are first written, by whichever thread does.
    pub(crate) fn take<T: Plain>(&mut self, length: usize) -> Storage<T> {
        let bytes = length
            .checked_mul(size_of::<T>())
            .expect("less than the address space");
        let (stretch, start) = self.find(bytes);
        // SAFETY: `find` gives a start within the mapping, with room for these bytes behind it.
        let start = unsafe { stretch.as_mut_ptr().add(start) };
        Storage {
            start: NonNull::new(start).expect("a mapping is not at zero").cast(),
            length,
            _stretch: stretch,
        }
    }

    /// A stretch with room for so many bytes, which are handed out now, and where in it they begin.
    fn find(&mut self, bytes: usize) -> (Arc<MmapRaw>, usize) {
        if let Some(stretch) = &self.stretch {
            let start = self.used.next_multiple_of(ALIGNMENT);
            if stretch.len().saturating_sub(start) >= bytes {
                self.used = start + bytes;
                return (Arc::clone(stretch), start);
            }
        }
        let stretch = Arc::new(map(self.step.max(bytes)));
        self.used = bytes;
        (Arc::clone(self.stretch.insert(stretch)), 0)
    }
}

fn map(bytes: usize) -> MmapRaw {
    let bytes = bytes.max(1);
    let pages = MmapOptions::new().len(bytes).no_reserve_swap().map_anon();
    let Ok(pages) = pages else {
        // As every allocation does for which there is no memory.
        handle_alloc_error(Layout::from_size_align(bytes, ALIGNMENT).unwrap_or(Layout::new::<u8>()));
    };
    let pages = MmapRaw::from(pages);
    // A kernel without huge pages says no, and does without.
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    pages
}

impl<T: Plain> Storage<T> {
    pub(crate) fn get(&self) -> &[T] {
        // SAFETY: the piece is ours, mapped, of this length, and every bit pattern is a number.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }

    pub(crate) fn get_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and nobody else has a reference: pieces do not overlap.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_zero_aligned_and_apart_and_outlive_who_handed_them_out() {
        let mut pages = Pages::by(300);
        let mut pieces: Vec<Storage<u8>> = [100, 0, 150, 40, 1_000, 64].map(|bytes| pages.take(bytes)).into();
        let mut halves: Storage<u16> = pages.take(33);
        drop(pages);
        for (mark, piece) in (1..).zip(&mut pieces) {
            assert!(piece.get().iter().all(|byte| *byte == 0), "piece {mark}");
            assert!(piece.get().as_ptr().addr().is_multiple_of(ALIGNMENT));
            piece.get_mut().fill(mark);
        }
        assert!(halves.get_mut().iter().all(|half| *half == 0));
        halves.get_mut().fill(u16::MAX);
        for (mark, piece) in (1..).zip(&pieces) {
            assert!(piece.get().iter().all(|byte| *byte == mark), "piece {mark}");
        }
        assert_eq!(pieces.iter().map(|piece| piece.get().len()).sum::<usize>(), 1_354);
    }
}
