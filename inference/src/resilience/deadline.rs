//! When a call must have ended.

use std::time::Duration;

use tokio::time::Instant;

/// A point in time that travels with a call, so that every wait is bounded by the same end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// Makes a deadline that much from now.
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// The time left; zero when it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn is_past(self) -> bool {
        self.remaining().is_zero()
    }

    /// The instant itself.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// The earlier of this and that much from now.
    #[must_use]
    pub fn at_most(self, duration: Duration) -> Self {
        self.min(Self::after(duration))
    }
}
