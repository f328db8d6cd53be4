//! Content on the span of a call, in the shape of OpenTelemetry's conventions, for tenants that agreed to it.

use futures::StreamExt;
use inference::{Answer, CallError, CallEvent, CallStream, Message};
use serde_json::{Value, json};
use tracing::Span;

use crate::telemetry::show;

/// Shows what is asked.
pub(super) fn question(span: &Span, messages: &[Message]) {
    let messages: Value = messages
        .iter()
        .map(|message| json!({"role": message.role.as_str(), "parts": [text(&message.content)]}))
        .collect();
    show(span, "gen_ai.input.messages", &messages.to_string());
}

/// Shows what is answered.
pub(super) fn answer(span: &Span, answer: &Answer) {
    let message = json!([{
        "role": "assistant",
        "parts": [text(&answer.text)],
        "finish_reason": answer.finish.as_str(),
    }]);
    show(span, "gen_ai.output.messages", &message.to_string());
}

/// Shows the answer at the end of a stream.
pub(super) fn at_end(events: CallStream, span: Span) -> CallStream {
    let look = move |event: &Result<CallEvent, CallError>| {
        if let Ok(CallEvent::Answered(complete)) = event {
            answer(&span, complete);
        }
    };
    events.inspect(look).boxed()
}

fn text(content: &str) -> Value {
    json!({"type": "text", "content": content})
}
