//! The chat completions protocol of OpenAI, streamed: whatever servers that speak it have in common.
//!
//! `azure` and `openai` stand on it. They add where a server is, how it knows us, and what it means by its
//! refusals ([`Dialect`]).
//!
//! **What async-openai does.** It knows how the API is called: its `Config` trait gives URL and query, its client
//! writes a request down. That is asked for once, at start (`docs/adr/0033-one-task-from-caller-to-upstream.md`),
//! and each attempt adds a credential and a body. Its sending and reading halves are left out: they retry 429, 5xx and
//! connection failures three times by themselves, drop the headers of failed answers (and `retry-after-ms` with them), write
//! bodies they cannot parse to the log, and read streams through an unbounded channel in which `[DONE]` and a cut
//! connection look alike. So `connection` sends exactly one request an attempt, `stream` reads the answer, and each failure
//! becomes a [`BackendError`](crate::BackendError).
//!
//! Answers are always streamed, so that a stall is seen. Dropping the stream closes the connection.
//!
//! | file | what |
//! |---|---|
//! | `client` | one attempt from request to stream |
//! | `address`, `key` | where calls go, and the credential in their header |
//! | `head` | how each request begins |
//! | `connection`, `connect` | one request at a time, on connections that are kept; how one is made |
//! | `transport` | whom connections trust, and what their failures mean |
//! | `body`, `strict` | what is sent; whether a schema may be sent as `strict` |
//! | `lines`, `stream` | bytes to lines, chunks to events |
//! | `chunk`, `verdicts` | what is received, as serde types |
//! | `shape` | lines that are like one before, so that they need not be read in full |
//! | `tool_calls` | puts tool calls together from their pieces |
//! | `refusal`, `hint` | reads an answer that is not a stream; how long it asks us to wait |
//! | `failure` | everything that can go wrong, and what it means |
//! | `fuzz` | what fuzzers feed, in tests |

pub(crate) mod address;
mod body;
mod chunk;
mod client;
mod connect;
mod connection;
pub(crate) mod failure;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod head;
mod hint;
pub(crate) mod key;
mod lines;
pub(crate) mod refusal;
mod shape;
mod stream;
mod strict;
#[cfg(test)]
pub(crate) mod tests;
mod tool_calls;
pub(crate) mod transport;
mod verdicts;

pub use body::MaxTokensField;
pub(crate) use client::{Client, Settings, is_deployment_name};
pub(crate) use failure::Dialect;
