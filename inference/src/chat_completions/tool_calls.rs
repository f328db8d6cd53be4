//! Puts tool calls together from the pieces in which they are streamed.
//!
//! The first piece of a call brings its id and the name of the tool, the others bring arguments. What
//! does not fit together is an error, because a guess would be carried out by somebody.

use super::{
    chunk::{CallDelta, FunctionDelta, Text},
    failure::StreamFault,
};
use crate::ToolCall;

/// The most calls in one answer.
const MAX_CALLS: usize = 128;
/// The most bytes of all calls together.
const MAX_BYTES: usize = 1024 * 1024;

/// The calls of one answer, as far as they came.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<ToolCall>,
    bytes: usize,
}

impl ToolCalls {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes the pieces of one chunk.
    pub(super) fn take(&mut self, pieces: Vec<CallDelta<'_>>) -> Result<(), StreamFault> {
        pieces.into_iter().try_for_each(|piece| self.take_one(piece))
    }

    fn take_one(&mut self, piece: CallDelta<'_>) -> Result<(), StreamFault> {
        let CallDelta { index, id, function } = piece;
        let id = id.as_ref().map_or("", |Text(id)| id);
        let (name, arguments) = match &function {
            Some(FunctionDelta { name, arguments }) => (
                name.as_ref().map_or("", |Text(name)| name),
                arguments.as_ref().map_or("", |Text(arguments)| arguments),
            ),
            None => ("", ""),
        };
        self.bytes = self.bytes.saturating_add(id.len() + name.len() + arguments.len());
        if self.bytes > MAX_BYTES {
            return Err(StreamFault::ToolCallsTooLarge);
        }
        // Without an index, what begins with an id is a call of its own.
        let index = match index {
            Some(index) => index,
            None if id.is_empty() && !self.calls.is_empty() => self.calls.len() - 1,
            None => self.calls.len(),
        };
        let count = self.calls.len();
        match self.calls.get_mut(index) {
            Some(call) => go_on(call, id, name, arguments),
            None if index == count => self.begin(id, name, arguments),
            None => Err(StreamFault::MalformedToolCall),
        }
    }

    fn begin(&mut self, id: &str, name: &str, arguments: &str) -> Result<(), StreamFault> {
        if self.calls.len() == MAX_CALLS {
            return Err(StreamFault::ToolCallsTooLarge);
        }
        if name.is_empty() || self.calls.iter().any(|call| !id.is_empty() && call.id == id) {
            return Err(StreamFault::MalformedToolCall);
        }
        // Some servers give no id, and the result of the call has to name one.
        let id = match id {
            "" => format!("call_{:032x}", rand::random::<u128>()),
            id => id.to_owned(),
        };
        self.calls.push(ToolCall {
            id,
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        });
        Ok(())
    }

    /// The calls of an answer that is complete. A tool without parameters may be called with nothing.
    pub(super) fn finish(&mut self) -> Vec<ToolCall> {
        let mut calls = std::mem::take(&mut self.calls);
        for call in &mut calls {
            if call.arguments.trim().is_empty() {
                "{}".clone_into(&mut call.arguments);
            }
        }
        calls
    }

    /// The calls of an answer that was cut off at its bound: those that are whole.
    pub(super) fn finish_cut(&mut self) -> Vec<ToolCall> {
        let mut calls = std::mem::take(&mut self.calls);
        calls.retain(|call| serde_json::from_str::<serde::de::IgnoredAny>(&call.arguments).is_ok());
        calls
    }
}

/// Appends a further piece. Some servers say id and name with each.
fn go_on(call: &mut ToolCall, id: &str, name: &str, arguments: &str) -> Result<(), StreamFault> {
    let is_same = |said: &str, known: &str| said.is_empty() || said == known;
    if !is_same(id, &call.id) || !is_same(name, &call.name) {
        return Err(StreamFault::MalformedToolCall);
    }
    call.arguments.push_str(arguments);
    Ok(())
}
