//! What the gateway tells the outside while it works: for metrics and logs, without naming either.

use std::time::Duration;

use crate::AttemptOutcome;
use crate::resilience::breaker;

/// How the text of an answer came.
#[derive(Debug, Clone, Copy)]
pub struct Decoding<'a> {
    /// How long each piece after the first was waited for.
    pub gaps: &'a [Duration],
    /// Tokens of the answer.
    pub tokens: u32,
    /// From the first text to the end.
    pub took: Duration,
}

/// Hears of what happens inside the gateway. Calls come on the hot path, some of them under
/// the gateway's lock: be quick, never block, never call the gateway back.
pub trait Observer: Send + Sync + 'static {
    /// A call left the queue and starts, after waiting so long.
    fn call_started(&self, _waited: Duration) {}
    /// A call of `label` ended after so long since admission; `outcome` is one of `answered`, `degraded`, `failed`, `cancelled`.
    fn call_ended(&self, _label: &'static str, _outcome: &'static str, _duration: Duration) {}
    /// The first token of an answer came from `backend` so long after its attempt began.
    fn first_token(&self, _backend: &str, _after: Duration) {}
    /// The text of an answer came from `backend`, piece by piece.
    fn decoded(&self, _backend: &str, _decoding: Decoding<'_>) {}
    /// An attempt against `backend` ended.
    fn attempt_ended(&self, _backend: &str, _outcome: AttemptOutcome, _duration: Duration) {}
    /// An admitted call of `label` is about to end without an answer; `code` is that of its [`CallError`](crate::CallError).
    fn call_failed(&self, _label: &'static str, _code: &'static str) {}
    /// `backend` answered a call of `tenant` and used these tokens.
    fn tokens_used(&self, _tenant: &str, _backend: &str, _usage: crate::TokenUsage) {}
    /// A call went on from one backend to another, because of `reason`.
    fn fell_back(&self, _from: &str, _to: &str, _reason: AttemptOutcome) {}
    /// The breaker of `backend` changed state.
    fn breaker_changed(&self, _backend: &str, _transition: &breaker::Transition) {}
}

/// Hears nothing. For tests and tools.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoObserver;

impl Observer for NoObserver {}
