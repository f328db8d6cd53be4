//! Cuts what the network brings into lines, however it was cut on its way.

use bytes::{Buf, Bytes};

/// The longest line that is read; a chunk has a few hundred bytes.
const MAX_LINE_BYTES: usize = 1024 * 1024;

/// A line was longer than [`MAX_LINE_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineTooLong;

/// A line reader. Lines end in LF or CRLF.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The piece that is being cut.
    piece: Bytes,
    /// The beginning of a line that went over the end of earlier pieces.
    begun: Vec<u8>,
}

impl Lines {
    /// Takes the next piece. The one before must have been cut to its end.
    pub(super) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.piece.is_empty(), "a piece is lost");
        self.piece = piece;
    }

    /// Cuts off the next line, without its end; `None` wants another piece.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        let Some(end) = memchr::memchr(b'\n', &self.piece) else {
            self.begun.extend_from_slice(&self.piece);
            self.piece.clear();
            return if self.begun.len() > MAX_LINE_BYTES {
                Err(LineTooLong)
            } else {
                Ok(None)
            };
        };
        let mut line = self.piece.split_to(end);
        self.piece.advance(1);
        if !self.begun.is_empty() {
            self.begun.extend_from_slice(&line);
            line = Bytes::from(std::mem::take(&mut self.begun));
        }
        if line.len() > MAX_LINE_BYTES {
            return Err(LineTooLong);
        }
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        Ok(Some(line))
    }

    /// What is left without a line end, at the end of the answer.
    pub(super) fn rest(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.begun))
    }
}
