//! The chat completions protocol of OpenAI, streamed: whatever servers that speak it have in common.
//!
//! `azure` and `openai` stand on it. They add where a server is, how it knows us, and what it means by its
//! refusals ([`Dialect`]).
//!
//! **Which half of async-openai is used.** It builds and sends every request: its `Config` trait gives
//! URL and query, its `byot` methods serialise our borrowed body, its `middleware` seam runs the HTTP
//! client. Its reading half is left out, because that half hides what routing decides by: it retries
//! 429, 5xx and connection failures three times by itself, drops the headers of failed answers (and
//! `retry-after-ms` with them), writes bodies it cannot parse to the log, and reads streams through an
//! unbounded channel in which `[DONE]` and a cut connection look alike. So `transport` hands the
//! raw response back to us after exactly one request, `stream` reads it, and each failure becomes a
//! [`BackendError`](crate::BackendError).
//!
//! Answers are always streamed, so that a stall is seen. Dropping the stream closes the connection.
//!
//! | file | what |
//! |---|---|
//! | `client` | one attempt from request to stream |
//! | `address`, `key` | where calls go, and the credential in their header |
//! | `transport` | the HTTP client: one request, no retries |
//! | `body`, `strict` | what is sent; whether a schema may be sent as `strict` |
//! | `lines`, `stream` | bytes to lines, chunks to events |
//! | `chunk`, `verdicts` | what is received, as serde types |
//! | `tool_calls` | puts tool calls together from their pieces |
//! | `refusal`, `hint` | reads an answer that is not a stream; how long it asks us to wait |
//! | `failure` | everything that can go wrong, and what it means |
//! | `fuzz` | what fuzzers feed, in tests |

pub(crate) mod address;
mod body;
mod chunk;
mod client;
pub(crate) mod failure;
#[cfg(any(test, feature = "testing"))]
pub mod fuzz;
mod hint;
pub(crate) mod key;
mod lines;
pub(crate) mod refusal;
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
