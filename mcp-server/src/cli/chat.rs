//! `chat`: the assistant in the terminal, text as it comes, and who answered under each answer.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;
use futures::StreamExt;
use inference::{
    Answer, BackendError, Call, CallError, CallEvent, CompletionRequest, Deadline, FinishReason, Gateway,
    Message, Truncation, Visibility,
};
use tokio::sync::mpsc;

use super::{Failure, Result, Start, output};
use crate::{backends, config::Config, tools::ASSISTANT_SYSTEM_PROMPT};

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server chat                       a conversation; Ctrl-C stops an answer, and ends at the prompt
  mcp-server chat \"Wo sehe ich offene Bestellungen?\"
  echo \"What is an RFQ?\" | mcp-server chat

Under each answer stands who gave it: [backend · model · degraded: why · duration · prompt+answer tokens].";

/// Bound of an answer.
const MAX_OUTPUT_TOKENS: u32 = 800;
/// Turns that are remembered at most; older ones are forgotten first.
const MAX_HISTORY: usize = 40;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The question; without one, a conversation begins
    question: Vec<String>,
    /// Which [[models]] entry to ask; the first one unless named
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

pub(super) async fn run(start: &Start, arguments: Arguments) -> Result {
    start.log("warn")?;
    let config = start.config()?;
    let built = backends::build(&config)?;
    built.loaded().await;
    let mut chat = Chat {
        start,
        config,
        gateway: built.gateway,
        model: arguments.model,
        history: Vec::new(),
    };
    if arguments.question.is_empty() {
        return chat.converse().await;
    }
    match chat.ask(arguments.question.join(" ")).await {
        Ok(()) => Ok(()),
        Err(Stopped::Interrupted) => Err(Failure::failed("stopped")),
        Err(Stopped::Failed(error)) => Err(Failure::failed(explain(&error))),
    }
}

struct Chat<'a> {
    start: &'a Start,
    config: Config,
    gateway: Gateway,
    model: Option<String>,
    history: Vec<Message>,
}

/// Why there is no answer.
enum Stopped {
    Interrupted,
    Failed(CallError),
}

impl Chat<'_> {
    async fn converse(&mut self) -> Result {
        let prompt = if io::stdin().is_terminal() { "> " } else { "" };
        if !prompt.is_empty() {
            output::error_line(
                &self
                    .start
                    .style
                    .remark("Ask away. Ctrl-C stops an answer; at the prompt it ends, as Ctrl-D does."),
            );
        }
        let mut lines = read_lines(prompt);
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                _ = tokio::signal::ctrl_c() => None,
            };
            let Some(question) = line else { return Ok(()) };
            if !question.trim().is_empty() {
                match self.ask(question).await {
                    Ok(()) => {}
                    Err(Stopped::Interrupted) => output::error_line(&self.start.style.remark("\n[stopped]")),
                    Err(Stopped::Failed(error)) => {
                        output::error_line(&format!(
                            "{} {}",
                            self.start.style.error("error:"),
                            explain(&error)
                        ));
                    }
                }
            }
            lines.next();
        }
    }

    /// Asks, shows the answer as it comes, and remembers both turns.
    async fn ask(&mut self, question: String) -> std::result::Result<(), Stopped> {
        let answer = loop {
            match self.stream(&question).await {
                Err(Stopped::Failed(CallError::Refused {
                    error: BackendError::ContextLengthExceeded { .. },
                    ..
                })) if !self.history.is_empty() => {
                    // The oldest question and its answer go first.
                    let forgotten = self.history.len().min(2);
                    self.history.drain(..forgotten);
                    output::error_line(
                        &self
                            .start
                            .style
                            .remark("[earlier turns are left out, to fit the context]"),
                    );
                }
                other => break other?,
            }
        };
        output::line("");
        if answer.finish == FinishReason::Length {
            output::error_line(&self.start.style.remark("[cut off at the bound of the answer]"));
        }
        output::error_line(&self.start.style.remark(&output::who_answered(&answer.facts)));
        self.history.push(Message::user(question));
        self.history.push(Message::assistant(answer.text));
        let excess = self.history.len().saturating_sub(MAX_HISTORY);
        self.history.drain(..excess);
        Ok(())
    }

    async fn stream(&self, question: &str) -> std::result::Result<Answer, Stopped> {
        let mut messages = vec![Message::system(ASSISTANT_SYSTEM_PROMPT.trim_end())];
        messages.extend(self.history.iter().cloned());
        messages.push(Message::user(question));
        let mut request = CompletionRequest::new(messages, MAX_OUTPUT_TOKENS);
        request.truncation = Truncation::Allow;
        let deadline = Deadline::after(self.config.mcp.default_deadline);
        let call = Call {
            chain: self.model.clone(),
            visibility: Visibility::Streamed,
            ..Call::new("chat", request, deadline)
        };
        let mut events = self.gateway.start(call).map_err(Stopped::Failed)?;
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                // Dropping the events cancels the call.
                _ = tokio::signal::ctrl_c() => return Err(Stopped::Interrupted),
            };
            match event {
                Some(Ok(CallEvent::Text(text))) => output::piece(&text),
                Some(Ok(CallEvent::Restarted { backend, reason })) => {
                    output::line("");
                    let remark = format!("[broke off: {}; {backend} starts again]", reason.as_str());
                    output::error_line(&self.start.style.remark(&remark));
                }
                Some(Ok(CallEvent::Answered(answer))) => return Ok(*answer),
                Some(Ok(
                    CallEvent::Waiting { .. } | CallEvent::Started { .. } | CallEvent::Progress { .. },
                )) => {}
                Some(Err(error)) => return Err(Stopped::Failed(error)),
                // The gateway ends every call with an answer or an error.
                None => return Err(Stopped::Interrupted),
            }
        }
    }
}

/// Says why there is no answer, and what was tried.
pub(super) fn explain(error: &CallError) -> String {
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

/// Lines of standard input, one at a time: the next is read when the last was dealt with.
struct Lines {
    lines: mpsc::Receiver<String>,
    wanted: std::sync::mpsc::SyncSender<()>,
}

impl Lines {
    async fn recv(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    fn next(&self) {
        // A reader that is gone has closed its lines, which ends the conversation.
        let _ = self.wanted.try_send(());
    }
}

/// Reads standard input on a thread of its own, which a blocked read cannot hold the end of the process up.
fn read_lines(prompt: &'static str) -> Lines {
    let (sender, lines) = mpsc::channel(1);
    let (wanted, turn) = std::sync::mpsc::sync_channel::<()>(1);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = String::new();
            let mut errors = io::stderr().lock();
            let _ = errors.write_all(prompt.as_bytes()).and_then(|()| errors.flush());
            drop(errors);
            match input.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if sender.blocking_send(line.trim_end().to_owned()).is_err() => return,
                Ok(_) => {}
            }
            if turn.recv().is_err() {
                return;
            }
        }
    });
    Lines { lines, wanted }
}
