//! `chat`: the assistant in the terminal, text as it comes, and who answered under each answer.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::{Args, ValueHint};
use inference::Message;
use tokio::sync::mpsc;

use super::{Failure, Result, Start, credential, output};
use crate::tools::ASSISTANT_SYSTEM_PROMPT;
use process::Process;
use remote::Server;

mod process;
mod remote;

pub(super) use process::explain;

pub(super) const EXAMPLES: &str = "\
Examples:
  mcp-server chat                       a conversation; Ctrl-C stops an answer, and ends at the prompt
  mcp-server chat \"Wo sehe ich offene Bestellungen?\"
  echo \"What is an RFQ?\" | mcp-server chat
  mcp-server chat --url https://mcp.example.com --token-file erp.key

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
    /// A running server to talk to; without it the models answer in this process
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    url: Option<String>,
    #[command(flatten)]
    credential: credential::Arguments,
}

pub(super) async fn run(start: &Start, arguments: Arguments) -> Result {
    start.log("warn")?;
    let assistant = match &arguments.url {
        Some(url) => {
            let server = Server::connect(url, arguments.model, &arguments.credential, &start.environment);
            Assistant::Server(server.await?)
        }
        None => Assistant::Process(Box::new(Process::start(start, arguments.model).await?)),
    };
    let mut chat = Chat {
        start,
        assistant,
        history: Vec::new(),
    };
    if arguments.question.is_empty() {
        return chat.converse().await;
    }
    let asked = chat.ask(arguments.question.join(" ")).await;
    asked.map_err(Stopped::into_failure)
}

struct Chat<'a> {
    start: &'a Start,
    assistant: Assistant,
    history: Vec<Message>,
}

/// Who is talked to.
enum Assistant {
    Process(Box<Process>),
    Server(Server),
}

impl Assistant {
    /// Asks, and shows the text as it comes. Dropping the future gives up.
    async fn answer(&self, start: &Start, messages: Vec<Message>) -> std::result::Result<Spoken, Stopped> {
        match self {
            Self::Process(process) => process.answer(start, messages).await,
            Self::Server(server) => server.answer(start, messages).await,
        }
    }
}

/// An answer that was shown.
struct Spoken {
    text: String,
    /// Whether it ends at its bound.
    is_cut: bool,
    /// Who gave it.
    footer: String,
}

/// Why there is no answer.
enum Stopped {
    Interrupted,
    /// The conversation has become too long for the model.
    TooLong(Failure),
    Failed(Failure),
}

impl Stopped {
    fn into_failure(self) -> Failure {
        match self {
            Self::Interrupted => Failure::failed("stopped"),
            Self::TooLong(failure) | Self::Failed(failure) => failure,
        }
    }
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
                    Err(Stopped::TooLong(failure) | Stopped::Failed(failure)) => {
                        output::error_line(&format!(
                            "{} {}",
                            self.start.style.error("error:"),
                            failure.message
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
                Err(Stopped::TooLong(_)) if !self.history.is_empty() => {
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
        if answer.is_cut {
            output::error_line(&self.start.style.remark("[cut off at the bound of the answer]"));
        }
        output::error_line(&self.start.style.remark(&answer.footer));
        self.history.push(Message::user(question));
        self.history.push(Message::assistant(answer.text));
        let excess = self.history.len().saturating_sub(MAX_HISTORY);
        self.history.drain(..excess);
        Ok(())
    }

    async fn stream(&self, question: &str) -> std::result::Result<Spoken, Stopped> {
        let mut messages = vec![Message::system(ASSISTANT_SYSTEM_PROMPT.trim_end())];
        messages.extend(self.history.iter().cloned());
        messages.push(Message::user(question));
        tokio::select! {
            answer = self.assistant.answer(self.start, messages) => answer,
            _ = tokio::signal::ctrl_c() => Err(Stopped::Interrupted),
        }
    }
}

/// Says that what was shown so far is void.
fn begin_again(start: &Start, backend: &str, reason: &str) {
    output::line("");
    let remark = format!("[broke off: {reason}; {backend} starts again]");
    output::error_line(&start.style.remark(&remark));
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
