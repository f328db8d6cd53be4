//! The breaker under a paused clock.
