//! An answer as a list of steps: what is written, where it waits, how it breaks. Then the body that plays it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures::Stream;

use super::{
    faults::{Fault, Midway},
    stats::Visit,
};

/// One step of an answer's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Send these bytes, and see them off before the next step.
    Write(Bytes),
    /// Wait.
    Wait(Duration),
    /// Never go on.
    Stall,
    /// Close the connection in the middle of the body.
    Close,
    /// Reset the connection.
    Reset,
}

/// What will have come of an answer with this fault, if its client stays.
pub(super) fn outcome_of(fault: &Fault) -> &'static str {
    match fault.midway {
        None if fault.filter.is_some() => "filtered",
        None => "answered",
        Some((_, Midway::Stall)) => "stalled",
        Some((_, Midway::Cut)) => "cut",
        Some((_, Midway::Close)) => "closed",
        Some((_, Midway::Reset)) => "reset",
        Some((_, Midway::Malformed | Midway::Garbage)) => "malformed",
    }
}

/// Turns chunks into steps, the fault applied.
pub(super) fn write_script(chunks: Vec<Bytes>, fault: &Fault) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(fault.delay_body.map(Step::Wait));
    let mut garbage = false;
    // One round past the last chunk: `stall=N` of N chunks breaks at the very end.
    for (index, chunk) in chunks.into_iter().map(Some).chain([None]).enumerate() {
        match fault.midway {
            Some((at, what)) if at == index => match what {
                Midway::Stall => return ended(steps, Some(Step::Stall)),
                Midway::Cut => return steps,
                Midway::Close => return ended(steps, Some(Step::Close)),
                Midway::Reset => return ended(steps, Some(Step::Reset)),
                Midway::Malformed => write(&mut steps, &malformed_line(), fault),
                Midway::Garbage => garbage = true,
            },
            _ => {}
        }
        let Some(chunk) = chunk else { break };
        steps.extend(fault.trickle.map(Step::Wait));
        let chunk = if garbage { malformed_line() } else { chunk };
        write(&mut steps, &chunk, fault);
    }
    steps
}

fn malformed_line() -> Bytes {
    Bytes::from_static(b"data: {\"choices\":[{\"delta\":{\"content\":\n\n")
}

fn ended(mut steps: Vec<Step>, last: Option<Step>) -> Vec<Step> {
    steps.extend(last);
    steps
}

fn write(steps: &mut Vec<Step>, chunk: &Bytes, fault: &Fault) {
    let size = if fault.fragment { 7 } else { chunk.len().max(1) };
    steps.extend(chunk.chunks(size).map(|part| Step::Write(chunk.slice_ref(part))));
}

/// Marks one connection to be reset when it is dropped.
#[derive(Debug, Clone, Default)]
pub(super) struct ResetFlag(Arc<AtomicBool>);

impl ResetFlag {
    pub(super) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Plays the steps as a response body. The visit ends with the last step.
pub(super) fn play(steps: Vec<Step>, visit: Visit, reset: ResetFlag) -> Body {
    let player = Player {
        steps: steps.into_iter(),
        visit,
        reset,
    };
    let stream = futures::stream::unfold(player, |mut player| async move {
        let item = player.next().await?;
        Some((item, player))
    });
    let stream: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>> = Box::pin(stream);
    Body::from_stream(stream)
}

struct Player {
    steps: std::vec::IntoIter<Step>,
    visit: Visit,
    reset: ResetFlag,
}

impl Player {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        // Pending once makes the connection flush what was written before.
        tokio::task::yield_now().await;
        loop {
            match self.steps.next() {
                Some(Step::Write(bytes)) => {
                    if self.steps.as_slice().is_empty() {
                        // Ended before it is read: a client may hang up upon the last byte.
                        self.visit.end();
                    }
                    return Some(Ok(bytes));
                }
                Some(Step::Wait(delay)) => tokio::time::sleep(delay).await,
                Some(Step::Stall) => std::future::pending().await,
                Some(Step::Close) => {
                    self.visit.end();
                    return Some(Err(io::Error::other("closed, as the fault wants")));
                }
                Some(Step::Reset) => {
                    self.visit.end();
                    self.reset.raise();
                    return Some(Err(io::Error::other("reset, as the fault wants")));
                }
                None => {
                    self.visit.end();
                    return None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(words: &str) -> String {
        let chunks = ["a", "b", "c"].map(Bytes::from_static_str).to_vec();
        let fault = if words.is_empty() {
            Fault::default()
        } else {
            words.parse().expect(words)
        };
        let show = |step: &Step| match step {
            Step::Write(bytes) if bytes.len() > 10 => "?".to_owned(),
            Step::Write(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Step::Wait(delay) => format!("<{}>", delay.as_millis()),
            Step::Stall => "stall".to_owned(),
            Step::Close => "close".to_owned(),
            Step::Reset => "reset".to_owned(),
        };
        write_script(chunks, &fault)
            .iter()
            .map(show)
            .collect::<Vec<_>>()
            .join(" ")
    }

    trait FromStaticStr {
        fn from_static_str(text: &'static str) -> Self;
    }

    impl FromStaticStr for Bytes {
        fn from_static_str(text: &'static str) -> Self {
            Bytes::from_static(text.as_bytes())
        }
    }

    #[test]
    fn faults_shape_the_script() {
        for (words, wanted) in [
            ("", "a b c"),
            ("first-byte=5", "<5> a b c"),
            ("trickle=2", "<2> a <2> b <2> c"),
            ("stall=0", "stall"),
            ("stall=2", "a b stall"),
            ("stall=3", "a b c stall"),
            ("cut=1", "a"),
            ("close=1", "a close"),
            ("reset=2", "a b reset"),
            ("malformed=1", "a ? b c"),
            ("malformed=3", "a b c ?"),
            ("garbage=1", "a ? ?"),
            ("stall=9", "a b c"),
        ] {
            assert_eq!(script(words), wanted, "{words}");
        }
    }

    #[test]
    fn fragments_cover_every_byte() {
        let text = "data: \u{e4}\u{f6}\u{fc} and so on\n\n";
        let fault = Fault {
            fragment: true,
            ..Fault::default()
        };
        let steps = write_script(vec![Bytes::from_static(text.as_bytes())], &fault);
        assert!(steps.len() > 3);
        let joined: Vec<u8> = steps
            .iter()
            .flat_map(|step| {
                if let Step::Write(bytes) = step {
                    bytes.to_vec()
                } else {
                    Vec::new()
                }
            })
            .collect();
        assert_eq!(joined, text.as_bytes());
    }
}
