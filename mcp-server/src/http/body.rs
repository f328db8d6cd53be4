//! Reading a request's body within its bounds of size and time, and of what is held of all requests at once.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::Config;
use crate::mcp::errors::Error;

/// How many times the bound is read, and thrown away, of a body that is too large: a client that is cut
/// off while it still sends may never see the refusal.
const PATIENCE: usize = 4;
/// Bodies up to this are read whatever else is held: nobody can stand in the way of ordinary calls.
const SMALL_BYTES: usize = 256 << 10;
/// So many bodies of the greatest length are held at once.
const LARGEST_AT_ONCE: usize = 8;
const UNIT_BYTES: usize = 1 << 10;

/// Reads bodies. A call holds on to its text until it is answered, so what all of them may hold is bounded.
pub(super) struct Bodies {
    limit_bytes: usize,
    limit: Duration,
    /// In units.
    room: Arc<Semaphore>,
}

/// A body, and the room that its text takes for as long as this is kept.
pub(super) struct Held {
    pub(super) bytes: Bytes,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

impl Bodies {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            limit_bytes: config.max_body_bytes,
            limit: config.body_read_timeout,
            room: Arc::new(Semaphore::new(units(config.max_body_bytes) * LARGEST_AT_ONCE)),
        }
    }

    /// Reads a whole body; a large one when there is room for it.
    pub(super) async fn read(&self, body: Body) -> Result<Held, Error> {
        let end = Instant::now() + self.limit;
        let late = |_| Error::BodyTimeout { limit: self.limit };
        let mut reading = Reading::new(body, self.limit_bytes);
        timeout_at(end, reading.up_to(SMALL_BYTES))
            .await
            .map_err(late)??;
        let mut room = None;
        if !reading.is_done {
            let wanted = u32::try_from(units(reading.expected_bytes)).unwrap_or(u32::MAX);
            let found = timeout_at(end, Arc::clone(&self.room).acquire_many_owned(wanted)).await;
            room = found.ok().and_then(Result::ok);
            if room.is_none() {
                return Err(Error::TooMuchText);
            }
            // At once: growing would take twice as much in the end.
            let missing = reading.expected_bytes.saturating_sub(reading.collected.len());
            reading.collected.reserve(missing);
            timeout_at(end, reading.up_to(usize::MAX)).await.map_err(late)??;
        }
        let bytes = reading.whole()?;
        if let Some(room) = &mut room {
            // Who did not say how much would come may have kept too much.
            let spare = room.num_permits().saturating_sub(units(bytes.len()));
            drop(room.split(spare));
        }
        Ok(Held { bytes, room })
    }
}

/// Reads a whole body that is short in any case.
pub(super) async fn read_short(body: Body, limit_bytes: usize, limit: Duration) -> Result<Bytes, Error> {
    let mut reading = Reading::new(body, limit_bytes);
    tokio::time::timeout(limit, reading.up_to(usize::MAX))
        .await
        .map_err(|_| Error::BodyTimeout { limit })??;
    reading.whole()
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES)
}

struct Reading {
    body: Body,
    limit_bytes: usize,
    /// What it says, and no more than may come.
    expected_bytes: usize,
    collected: BytesMut,
    received_bytes: usize,
    is_done: bool,
}

impl Reading {
    fn new(body: Body, limit_bytes: usize) -> Self {
        let said = http_body::Body::size_hint(&body).upper();
        let said = said.map(|said| usize::try_from(said).unwrap_or(usize::MAX));
        Self {
            body,
            limit_bytes,
            expected_bytes: said.unwrap_or(limit_bytes).min(limit_bytes),
            collected: BytesMut::new(),
            received_bytes: 0,
            is_done: false,
        }
    }

    /// Reads on until more than so much has come, or all.
    async fn up_to(&mut self, bytes: usize) -> Result<(), Error> {
        while self.received_bytes <= bytes {
            let Some(frame) = self.body.frame().await else {
                self.is_done = true;
                break;
            };
            let Ok(data) = frame.map_err(|_| Error::BodyBroken)?.into_data() else {
                continue;
            };
            self.received_bytes = self.received_bytes.saturating_add(data.len());
            if self.received_bytes <= self.limit_bytes {
                self.collected.extend_from_slice(&data);
            } else if self.received_bytes > self.limit_bytes.saturating_mul(PATIENCE) {
                self.is_done = true;
                break;
            }
        }
        Ok(())
    }

    fn whole(self) -> Result<Bytes, Error> {
        if self.received_bytes > self.limit_bytes {
            return Err(Error::BodyTooLarge {
                limit_bytes: self.limit_bytes,
            });
        }
        Ok(self.collected.freeze())
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    /// Room for eight bodies of a megabyte.
    fn bodies() -> Bodies {
        Bodies::new(&Config {
            max_body_bytes: 1 << 20,
            body_read_timeout: Duration::from_secs(5),
            ..Config::default()
        })
    }

    fn long() -> Body {
        Body::from(vec![b' '; 1 << 20])
    }

    /// Does not say how long it is.
    fn unsaid(length: usize) -> Body {
        let pieces = vec![b' '; length];
        let pieces: Vec<_> = pieces
            .chunks(64 << 10)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect();
        Body::from_stream(futures::stream::iter(pieces))
    }

    #[tokio::test(start_paused = true)]
    async fn long_bodies_wait_for_each_other_and_short_ones_for_nobody() {
        let bodies = bodies();
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(bodies.read(long()).await.expect("there is room"));
        }
        for more in [long(), unsaid(300 << 10)] {
            let refused = bodies.read(more).await.err();
            assert!(matches!(refused, Some(Error::TooMuchText)), "{refused:?}");
        }
        for short in [Body::from(vec![b' '; SMALL_BYTES]), unsaid(SMALL_BYTES)] {
            let short = bodies.read(short).await.expect("short");
            assert!(short.room.is_none() && short.bytes.len() == SMALL_BYTES);
        }
        let (waiting, ()) = tokio::join!(bodies.read(long()), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            held.pop();
        });
        assert_eq!(waiting.expect("one has gone").bytes.len(), 1 << 20);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_leaves_its_room_and_what_is_shorter_than_feared_the_rest() {
        let bodies = bodies();
        for _ in 0..20 {
            let refused = bodies.read(unsaid((1 << 20) + 1)).await.err();
            assert!(matches!(refused, Some(Error::BodyTooLarge { .. })), "{refused:?}");
            let begun = futures::stream::iter([Ok::<_, std::io::Error>(vec![b' '; 300 << 10])]);
            let silent = Body::from_stream(begun.chain(futures::stream::pending()));
            let refused = bodies.read(silent).await.err();
            assert!(matches!(refused, Some(Error::BodyTimeout { .. })), "{refused:?}");
        }
        assert_eq!(bodies.room.available_permits(), 8 << 10);
        let held = bodies.read(unsaid(300 << 10)).await.expect("there is room");
        assert_eq!(bodies.room.available_permits(), (8 << 10) - 300);
        drop(held);
        assert_eq!(bodies.room.available_permits(), 8 << 10);
    }
}
