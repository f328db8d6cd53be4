//! The spans of a call: admission, each attempt, and within an attempt prefill and decode.
//!
//! They are `tracing`'s, and who listens is not known here. Made only where somebody does, they cost next to nothing
//! otherwise. Names and attributes are those of OpenTelemetry's conventions for generative AI; nothing that a
//! caller or a model wrote is among them.

use tracing::{Span, field::Empty, info_span};

use crate::{Answer, AttemptOutcome, BackendInfo, CallError, CompletionRequest, Processing, TokenUsage};

/// The target of each span of a call, by which listeners tell them from others.
pub const SPAN_TARGET: &str = "b2xgate::call";

/// Waiting for a backend.
pub(crate) fn admission(ahead: Option<usize>) -> Span {
    info_span!(
        target: SPAN_TARGET,
        "admission",
        b2xgate.queue.ahead = ahead,
    )
}

/// An attempt that begins.
pub(crate) fn attempt(info: &BackendInfo, request: &CompletionRequest) -> Span {
    let span = info_span!(
        target: SPAN_TARGET,
        "attempt",
        otel.name = Empty,
        otel.kind = kind(info),
        otel.status_code = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = info.provider(),
        gen_ai.request.model = info.model,
        gen_ai.request.max_tokens = request.max_output_tokens,
        gen_ai.request.stream = true,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        b2xgate.backend = info.name,
        b2xgate.region = info.region,
        b2xgate.outcome = Empty,
        "error.type" = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("chat {}", info.model));
    }
    span
}

/// A candidate that was not asked.
pub(crate) fn passed_over(info: &BackendInfo, outcome: AttemptOutcome) {
    let _ended_at_once = info_span!(
        target: SPAN_TARGET,
        "passed over",
        b2xgate.backend = info.name,
        b2xgate.outcome = outcome.as_str(),
    );
}

/// From an attempt's start to its first text.
pub(crate) fn prefill() -> Span {
    info_span!(target: SPAN_TARGET, "prefill")
}

/// From its first text to its end.
pub(crate) fn decode() -> Span {
    info_span!(target: SPAN_TARGET, "decode")
}

/// Says on an attempt's span what was used.
pub(crate) fn used(attempt: &Span, usage: TokenUsage, finish: &'static str) {
    attempt.record("gen_ai.usage.input_tokens", usage.input);
    attempt.record("gen_ai.usage.output_tokens", usage.output);
    attempt.record("gen_ai.response.finish_reasons", finish);
}

/// Says on an attempt's span how it ended.
pub(crate) fn ended(attempt: &Span, outcome: AttemptOutcome) {
    attempt.record("b2xgate.outcome", outcome.as_str());
    if outcome != AttemptOutcome::Answered {
        attempt.record("error.type", outcome.as_str());
        attempt.record("otel.status_code", "ERROR");
    }
}

/// Says on the span that the call was started in who answered, or why nobody did.
pub(crate) fn call_ended(result: &Result<Answer, CallError>) {
    let call = Span::current();
    if call.is_disabled() {
        return;
    }
    match result {
        Ok(answer) => {
            call.record("b2xgate.backend", answer.facts.backend.as_str());
            call.record("b2xgate.degraded", answer.facts.degraded);
        }
        Err(error) => fail(&call, error),
    }
}

/// Says on the same span why the call was not let in.
pub(crate) fn refused(error: &CallError) {
    fail(&Span::current(), error);
}

fn fail(call: &Span, error: &CallError) {
    call.record("b2xgate.code", error.code());
    call.record("otel.status_code", "ERROR");
}

fn kind(info: &BackendInfo) -> &'static str {
    if info.processing == Processing::InProcess {
        "internal"
    } else {
        "client"
    }
}
