//! The assistant in this process.

use futures::StreamExt;
use inference::{
    BackendError, Call, CallError, CallEvent, CompletionRequest, Deadline, FinishReason, Gateway, Message,
    Truncation, Visibility,
};

use super::{MAX_OUTPUT_TOKENS, Spoken, Stopped, begin_again};
use crate::backends;
use crate::cli::{Failure, Result, Start, output};
use crate::config::Config;

/// Backends of our own.
pub(super) struct Process {
    config: Config,
    gateway: Gateway,
    model: Option<String>,
}

impl Process {
    pub(super) async fn start(start: &Start, model: Option<String>) -> Result<Self> {
        let config = start.config()?;
        let built = backends::build(&config)?;
        built.loaded().await;
        Ok(Self {
            config,
            gateway: built.gateway,
            model,
        })
    }

    pub(super) async fn answer(
        &self,
        start: &Start,
        messages: Vec<Message>,
    ) -> std::result::Result<Spoken, Stopped> {
        let mut request = CompletionRequest::new(messages, MAX_OUTPUT_TOKENS);
        request.truncation = Truncation::Allow;
        let deadline = Deadline::after(self.config.mcp.default_deadline);
        let call = Call {
            chain: self.model.clone(),
            visibility: Visibility::Streamed,
            ..Call::new("chat", request, deadline)
        };
        let mut events = self.gateway.start(call).map_err(|error| stopped(&error))?;
        while let Some(event) = events.next().await {
            match event.map_err(|error| stopped(&error))? {
                CallEvent::Text(text) => output::piece(&text),
                CallEvent::Restarted { backend, reason } => begin_again(start, &backend, reason.as_str()),
                CallEvent::Answered(answer) => {
                    return Ok(Spoken {
                        is_cut: answer.finish == FinishReason::Length,
                        footer: output::who_answered(&answer.facts),
                        text: answer.text,
                    });
                }
                CallEvent::Waiting { .. } | CallEvent::Started { .. } | CallEvent::Progress { .. } => {}
            }
        }
        unreachable!("a call's stream ends with an answer or an error")
    }
}

fn stopped(error: &CallError) -> Stopped {
    let failure = Failure::failed(explain(error));
    match error {
        CallError::Refused {
            error: BackendError::ContextLengthExceeded { .. },
            ..
        } => Stopped::TooLong(failure),
        _ => Stopped::Failed(failure),
    }
}

/// Says why there is no answer, and what was tried.
pub(in crate::cli) fn explain(error: &CallError) -> String {
    let attempts: Vec<_> = error
        .attempts()
        .iter()
        .map(|attempt| format!("{}: {}", attempt.backend, attempt.outcome.as_str()))
        .collect();
    let tried = if attempts.is_empty() {
        String::new()
    } else {
        format!(" ({})", attempts.join(", "))
    };
    let retry = error
        .retry_after()
        .map(|after| format!("; try again in {:.0} s", after.as_secs_f64().max(1.0)));
    format!("{error}{tried}{} [{}]", retry.unwrap_or_default(), error.code())
}
