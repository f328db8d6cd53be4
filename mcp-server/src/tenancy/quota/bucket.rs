//! A limit per minute: what was taken drains evenly, a minute's worth in a minute.

use std::time::Duration;

use super::{Left, Moment};

/// Parts of one: so many drain in a minute's milliseconds that a limit drains its own number of parts in each of them.
const PARTS: i64 = 60_000;

/// What was taken of a limit. The limit comes with each question, so that it may change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    taken_parts: i64,
    at_ms: i64,
}

impl Bucket {
    /// A bucket that somebody else keeps.
    pub(super) fn new(taken_parts: i64, at_ms: i64) -> Self {
        Self { taken_parts, at_ms }
    }

    /// One of so many equal parts of it.
    pub(super) fn part(self, parts: u64) -> Self {
        Self {
            taken_parts: self.taken_parts / signed(parts.max(1)),
            ..self
        }
    }

    /// Lets drain what has drained since.
    fn drain(&mut self, limit: u64, now: Moment) {
        // A clock that goes backwards drains nothing.
        let passed = now.ms.saturating_sub(self.at_ms).max(0);
        self.taken_parts = self
            .taken_parts
            .saturating_sub(passed.saturating_mul(signed(limit)))
            .max(0);
        self.at_ms = self.at_ms.max(now.ms);
    }

    /// What is left.
    pub(super) fn left(&mut self, limit: u64, now: Moment) -> Left {
        self.drain(limit, now);
        let left = signed(limit)
            .saturating_mul(PARTS)
            .saturating_sub(self.taken_parts);
        Left {
            limit,
            left: u64::try_from(left / PARTS).unwrap_or(0),
            resets_in: drains_in(self.taken_parts, limit),
        }
    }

    /// When so much would fit, if nobody takes more; nothing if it fits now, `None` if it never does.
    pub(super) fn fits_in(&mut self, amount: u64, limit: u64, now: Moment) -> Option<Duration> {
        self.drain(limit, now);
        if amount > limit {
            return None;
        }
        let room = signed(limit - amount).saturating_mul(PARTS);
        Some(drains_in(self.taken_parts.saturating_sub(room), limit))
    }

    /// Takes so much, whether it fits or not.
    pub(super) fn take(&mut self, amount: u64) {
        self.taken_parts = self
            .taken_parts
            .saturating_add(signed(amount).saturating_mul(PARTS));
    }

    /// Gives back what was taken and not needed.
    pub(super) fn give_back(&mut self, amount: u64) {
        self.taken_parts = self
            .taken_parts
            .saturating_sub(signed(amount).saturating_mul(PARTS))
            .max(0);
    }

    /// Whether it is as if nothing had ever been taken.
    pub(super) fn is_idle(&self, limit: u64, now: Moment) -> bool {
        let mut copy = *self;
        copy.drain(limit, now);
        copy.taken_parts == 0
    }

    #[cfg(test)]
    pub(super) fn taken(&mut self, limit: u64, now: Moment) -> u64 {
        self.drain(limit, now);
        self.taken_parts.cast_unsigned().div_ceil(PARTS.cast_unsigned())
    }
}

fn drains_in(parts: i64, limit: u64) -> Duration {
    let parts = u64::try_from(parts).unwrap_or(0);
    Duration::from_millis(parts.div_ceil(limit.max(1)))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Moment {
        Moment { ms }
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_evenly() {
        let mut bucket = Bucket::default();
        for taken in 0..60 {
            assert_eq!(bucket.left(60, at(1000)).left, 60 - taken);
            assert_eq!(bucket.fits_in(1, 60, at(1000)), Some(Duration::ZERO));
            bucket.take(1);
        }
        assert_eq!(bucket.fits_in(1, 60, at(1000)), Some(Duration::from_secs(1)));
        assert_eq!(bucket.left(60, at(1000)).resets_in, Duration::from_mins(1));
        assert_eq!(bucket.fits_in(1, 60, at(1999)), Some(Duration::from_millis(1)));
        assert_eq!(bucket.fits_in(1, 60, at(2000)), Some(Duration::ZERO));
        assert_eq!(bucket.fits_in(61, 60, at(2000)), None);
        // A clock set back changes nothing.
        assert_eq!(bucket.left(60, at(0)).left, 1);
    }
}
