//! Memory for tiles: zeroed, and aligned to a line of the cache.
#![expect(
    unsafe_code,
    reason = "`Vec` does not align beyond its element, nor take zeroed pages as they come"
)]

use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    ptr::NonNull,
    slice,
};

/// A line of the cache.
const ALIGNMENT: usize = 64;

/// Bytes that begin at a line of the cache.
pub(super) struct Storage {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: it owns its memory, as a `Vec<u8>` does.
unsafe impl Send for Storage {}
// SAFETY: as above; shared references only read.
unsafe impl Sync for Storage {}

impl Storage {
    /// So many zeros. The system hands out pages when they are first written, by whichever thread does.
    pub(super) fn zeroed(bytes: usize) -> Self {
        let layout =
            Layout::from_size_align(bytes.max(1), ALIGNMENT).expect("less than half the address space");
        // SAFETY: the layout's size is not zero.
        let start = unsafe { alloc_zeroed(layout) };
        let start = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout));
        Self { start, layout }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the memory is ours, of this size, and initialised.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and nobody else has a reference.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.layout.size()) }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}
