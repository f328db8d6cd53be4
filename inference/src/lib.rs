//! Decides which backend answers a completion, when, and at what cost.
//!
//! A caller hands a [`Call`] to the [`Gateway`]. The call waits in one bounded queue
//! ([`admission`]), is routed to the first backend of its chain that can take it,
//! under the care of [`resilience`], and ends exactly once: as an [`Answer`], as a [`CallError`],
//! or because its caller dropped it.
//!
//! Never here: rmcp, axum, command lines, configuration files, the environment.

pub mod admission;
pub mod azure;
mod backend;
mod call;
mod gateway;
mod guarded;
pub mod local;
mod observer;
mod outcome;
mod relay;
mod request;
pub mod resilience;
mod routing;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod usage;

pub use backend::{
    Backend, BackendError, BackendInfo, CompletionEvent, CompletionStream, FinishReason, Processing,
    Readiness,
};
pub use call::{Answer, AnswerFacts, Attempt, Call, CallError, CallEvent, CallStream, Visibility};
pub use gateway::{BackendSnapshot, Chain, Gateway, GatewayConfig, RegisteredBackend, Snapshot};
pub use observer::{NoObserver, Observer};
pub use outcome::AttemptOutcome;
pub use request::{CompletionRequest, DataClass, Message, Output, Role, SchemaCheck, Truncation};
pub use resilience::deadline::Deadline;
pub use usage::{Cost, Price, TokenUsage};
