//! What somebody who waits may hope for, from how the backends stand.

use std::time::Duration;

use crate::guarded::Status;

/// What a call that found no seat may hope for.
pub(super) enum Outlook {
    /// A place may come free at any moment; the next opening, if one is known.
    Coming(Option<Duration>),
    /// Nothing before the next opening, if there is one.
    Hopeless(Option<Duration>),
}

pub(super) fn outlook(statuses: impl Iterator<Item = Status>) -> Outlook {
    let mut coming = false;
    let mut opening = None;
    for status in statuses {
        match status {
            Status::Available => coming = true,
            Status::Coming(_, latest) => {
                coming = true;
                opening = earlier(opening, latest);
            }
            Status::Shut(_, opens_in) => opening = earlier(opening, opens_in),
        }
    }
    if coming {
        Outlook::Coming(opening)
    } else {
        Outlook::Hopeless(opening)
    }
}

/// The earlier of two times, of which either may be unknown.
pub(super) fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

pub(super) fn bits(statuses: &[Status], which: impl Fn(&Status) -> bool) -> u64 {
    statuses
        .iter()
        .enumerate()
        .filter(|(_, status)| which(status))
        .fold(0, |bits, (index, _)| bits | 1 << index)
}
