//! What this process knows of one tenant.

use std::collections::HashMap;

use super::scripts::{Answer, Ended, Known};
use crate::tenancy::quota::{Amount, Limits, Moment, Money, Share, day_and_month};

/// One tenant.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Those of the call that ended last.
    pub(super) limits: Limits,
    pub(super) known: Known,
    /// When it was said, by the clock of Redis, and how much that is ahead of ours.
    pub(super) known_at_ms: i64,
    pub(super) ahead_ms: i64,
    /// Calls of this process.
    pub(super) running: HashMap<u64, Running>,
    /// While Redis is lost.
    pub(super) share: Option<Share>,
    /// Not told yet.
    pub(super) waiting: Vec<Ended>,
    /// Told, and not confirmed: told again as it was, until it is.
    pub(super) sent: Option<Batch>,
    /// Whether it stands among those of which something is to be told.
    pub(super) is_queued: bool,
}

/// A call of this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    pub(super) amount: Amount,
    /// Whether Redis has put aside what it needs.
    pub(super) is_held: bool,
    /// Whether Redis may have heard of it.
    pub(super) is_told: bool,
}

/// Ends of calls that are told together.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) number: u64,
    pub(super) ended: Vec<Ended>,
}

impl Page {
    /// Remembers what Redis said, unless something newer was heard. Whoever can ask needs no part of its own.
    pub(super) fn hear(&mut self, answer: &Answer, now: Moment) {
        self.share = None;
        if answer.now_ms >= self.known_at_ms || answer.known.era != self.known.era {
            self.known = answer.known.clone();
            self.known_at_ms = answer.now_ms;
            self.ahead_ms = answer.now_ms - now.ms;
        }
    }

    /// A moment by the clock of Redis.
    pub(super) fn there(&self, now: Moment) -> Moment {
        Moment {
            ms: now.ms + self.ahead_ms,
        }
    }

    /// Ends that Redis may not have heard of.
    pub(super) fn unheard(&self) -> impl Iterator<Item = &Ended> {
        let sent = self.sent.iter().flat_map(|batch| &batch.ended);
        sent.chain(&self.waiting)
    }

    /// This process's part, begun where there is none: what was spent here and never told counts, too.
    pub(super) fn share(&mut self, servers: u64, now: Moment) -> &mut Share {
        let share = self.share.take().unwrap_or_else(|| {
            let (today, this_month) = day_and_month(now);
            let (mut day, mut month) = (Money::ZERO, Money::ZERO);
            for end in self.unheard() {
                if end.day == today {
                    day = day + end.used.cost;
                }
                if end.month == this_month {
                    month = month + end.used.cost;
                }
            }
            let mut known = self.known.numbers.clone();
            known.add_spent(day, month, now);
            Share::begin(
                &known,
                servers,
                self.running.values().map(|running| running.amount),
            )
        });
        self.share.insert(share)
    }

    /// Ends of which only the money counts are summed up, so that an hour without Redis takes no more room than a minute.
    /// Says whether there is one more.
    pub(super) fn note(&mut self, end: Ended) -> bool {
        let same =
            |other: &&mut Ended| other.call.is_empty() && (other.day, other.month) == (end.day, end.month);
        match self.waiting.iter_mut().find(same) {
            Some(sum) if end.call.is_empty() => {
                sum.used.cost = sum.used.cost + end.used.cost;
                false
            }
            _ => {
                self.waiting.push(end);
                true
            }
        }
    }

    /// Whether nothing runs and nothing is to be told.
    pub(super) fn is_quiet(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty() && self.sent.is_none()
    }
}
