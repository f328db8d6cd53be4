//! Decides which backend answers a completion, when, and at what cost.
//!
//! A caller hands a [`Call`] to the [`Gateway`]. The call waits in one bounded queue
//! ([`admission`]), is routed to the first backend of its chain that can take it,
//! under the care of [`resilience`], and ends exactly once: as an [`Answer`], as a [`CallError`],
//! or because its caller dropped it.
//!
//! Never here: rmcp, axum, command lines, configuration files, the environment.

#![cfg_attr(
    test,
    expect(
        clippy::duplicate_mod,
        reason = "breaker and gate are compiled a second time for the model checker"
    )
)]

pub mod admission;
pub mod azure;
mod backend;
mod call;
mod chat_completions;
mod disguise;
pub mod fleet;
mod gateway;
mod guarded;
pub mod local;
mod observer;
pub mod openai;
mod outcome;
mod relay;
mod request;
pub mod resilience;
mod routing;
mod spans;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod travel;
mod usage;

pub use backend::{
    Backend, BackendError, BackendInfo, CompletionEvent, CompletionStream, FinishReason, Processing,
    Readiness, Shares,
};
pub use call::{Answer, AnswerFacts, Attempt, Call, CallError, CallEvent, CallStream, Priority, Visibility};
pub use chat_completions::{MaxTokensField, key::KeySource};
pub use disguise::{Disguise, Disguised, StandIns};
pub use gateway::{
    BackendSnapshot, Chain, Gateway, GatewayConfig, RegisteredBackend, Snapshot, Surroundings, UnknownBackend,
};
pub use observer::{Decoding, NoObserver, Observer};
pub use outcome::AttemptOutcome;
pub use request::{
    CompletionRequest, Message, Output, Role, SchemaCheck, Tool, ToolCall, ToolChoice, Truncation,
};
pub use resilience::{breaker::Order, deadline::Deadline};
pub use routing::Config as RoutingConfig;
pub use spans::SPAN_TARGET;
pub use travel::{DataClass, Residency, TravelRule};
pub use usage::{Cost, Price, TokenUsage};
