//! Lines of a bounded length, read so that giving up a wait loses nothing.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line that is not blank, without its end.
    Message(Vec<u8>),
    /// A line beyond the bound; it was thrown away.
    TooLong {
        /// The bound.
        limit_bytes: usize,
    },
    /// Nothing more will come.
    End,
}

/// Splits an input into lines.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    limit_bytes: usize,
    /// Whether the rest of the line is to be thrown away.
    too_long: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(input: R, limit_bytes: usize) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            limit_bytes,
            too_long: false,
        }
    }

    /// The next line. What was read of it stays here when the wait is given up.
    pub(super) async fn next(&mut self) -> io::Result<Line> {
        loop {
            let available = self.input.fill_buf().await?;
            let at_end = available.is_empty();
            let newline = available.iter().position(|byte| *byte == b'\n');
            let taken = newline.unwrap_or(available.len());
            if self.line.len() + taken > self.limit_bytes {
                self.too_long = true;
                self.line = Vec::new();
            }
            if !self.too_long {
                self.line.extend_from_slice(&available[..taken]);
            }
            self.input.consume(taken + usize::from(newline.is_some()));
            if newline.is_none() && !at_end {
                continue;
            }
            if std::mem::take(&mut self.too_long) {
                return Ok(Line::TooLong {
                    limit_bytes: self.limit_bytes,
                });
            }
            let line = std::mem::take(&mut self.line);
            if !line.trim_ascii().is_empty() {
                return Ok(Line::Message(line));
            }
            if at_end {
                return Ok(Line::End);
            }
        }
    }
}
