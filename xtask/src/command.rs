//! Runs programs: shows what they print as it comes, keeps the last lines, and lets none run for ever.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Lines kept of one program; older ones are dropped.
const LINES_KEPT: usize = 50_000;

/// Lines shown again when a program fails.
const TAIL_LINES: usize = 40;

/// Whether the lines of a program are shown while it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    Lines,
    Nothing,
}

/// Runs a program to its end and returns what it printed, standard output and error in the order they came.
///
/// # Errors
/// Fails when it cannot be started, exceeds `limit`, or ends with a status other than 0; the message holds
/// its last lines.
pub(crate) fn run(command: &mut Command, limit: Duration, show: Show) -> Result<Vec<String>> {
    let ended = run_to_end(command, limit, show)?;
    if !ended.success {
        bail!(
            "`{}` ended with {}; its last lines:\n{}",
            ended.name,
            ended.status,
            tail(&ended.lines)
        );
    }
    Ok(ended.lines)
}

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) success: bool,
    pub(crate) lines: Vec<String>,
    name: String,
    status: String,
}

/// Runs a program to its end, whatever its status.
///
/// # Errors
/// Fails when it cannot be started or exceeds `limit`.
pub(crate) fn run_to_end(command: &mut Command, limit: Duration, show: Show) -> Result<Ended> {
    let name = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    let (sender, receiver) = sync_channel(1024);
    forward(child.stdout.take(), sender.clone());
    forward(child.stderr.take(), sender);
    let lines = collect(&mut child, &receiver, limit, show).with_context(|| {
        format!(
            "`{name}` did not end within {} s and was stopped",
            limit.as_secs()
        )
    })?;
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for `{name}`"))?;
    Ok(Ended {
        success: status.success(),
        lines,
        name,
        status: status.to_string(),
    })
}

/// Takes lines until both ends are closed.
fn collect(
    child: &mut Child,
    receiver: &Receiver<String>,
    limit: Duration,
    show: Show,
) -> Result<Vec<String>> {
    let deadline = Instant::now() + limit;
    let mut kept = VecDeque::new();
    loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if show == Show::Lines {
                    println!("{line}");
                }
                if kept.len() == LINES_KEPT {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(kept.into()),
            Err(RecvTimeoutError::Timeout) => {
                // It may have ended at this very moment; then there is nothing to stop.
                let _ = child.kill();
                let _ = child.wait();
                bail!("its last lines:\n{}", tail(kept.make_contiguous()));
            }
        }
    }
}

/// Sends each line of a stream on, from a thread of its own.
fn forward(stream: Option<impl Read + Send + 'static>, sender: SyncSender<String>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        // Bytes, not text: a program that prints invalid UTF-8 is still to be shown.
        while matches!(stream.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// The last lines, indented.
pub(crate) fn tail(lines: &[String]) -> String {
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines[from..]
        .iter()
        .flat_map(|line| ["    ", line, "\n"])
        .collect()
}

/// A command as a person would type it.
pub(crate) fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_are_kept() {
        let mut lines = run(&mut shell("echo out; echo err >&2"), LONG, Show::Nothing).unwrap();
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
    }

    #[test]
    fn a_failure_names_the_command_the_status_and_the_last_lines() {
        let error = run(&mut shell("echo almost; exit 3"), LONG, Show::Nothing)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("sh -c") && error.contains('3') && error.contains("    almost"),
            "{error}"
        );
    }

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let error = run(
            &mut shell("echo begun; exec sleep 600"),
            Duration::from_millis(300),
            Show::Nothing,
        );
        let error = format!("{:#}", error.unwrap_err());
        assert!(
            error.contains("did not end") && error.contains("begun"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-here"), LONG, Show::Nothing).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"), "{error}");
    }

    #[test]
    fn invalid_text_is_shown_as_well_as_it_can_be() {
        let lines = run(&mut shell(r"printf 'a\377b\n'"), LONG, Show::Nothing).unwrap();
        assert_eq!(lines, ["a\u{fffd}b"]);
    }
}
