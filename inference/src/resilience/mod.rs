//! What keeps one failing backend from hurting the rest. No words of our domain here.

pub mod breaker;
pub mod bulkhead;
pub mod deadline;
pub mod latency;
mod sync;
pub mod throttle;

use std::time::Duration;

/// Numbers that guard one backend. Each has a documented default.
#[derive(Debug, Clone)]
pub struct Config {
    /// The circuit breaker.
    pub breaker: breaker::Config,
    /// The throttle gate.
    pub throttle: throttle::Config,
    /// Longest wait for a connection, its TLS handshake included.
    pub connect_timeout: Duration,
    /// Longest silence before the first byte of an answer.
    pub first_byte_timeout: Duration,
    /// Longest silence within an answer.
    pub idle_timeout: Duration,
    /// Tokens a second, over ten seconds, under which an answer is given up where another backend may
    /// give it; zero for never.
    pub floor_tokens_per_second: u32,
    /// An answer whose first text took longer counts as slow; zero for never.
    pub slow_first_token: Duration,
    /// An answer that took longer as a whole counts as slow; zero for never.
    pub slow_call: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            breaker: breaker::Config::default(),
            throttle: throttle::Config::default(),
            connect_timeout: Duration::from_secs(3),
            first_byte_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(10),
            floor_tokens_per_second: 5,
            // Just under what ends a call: the silence that is borne, and the usual deadline.
            slow_first_token: Duration::from_secs(8),
            slow_call: Duration::from_secs(45),
        }
    }
}

impl Config {
    /// Whether an answer that took so long may as well not have come.
    pub fn is_slow(&self, first_text_after: Option<Duration>, whole: Duration) -> bool {
        let past = |limit: Duration, took: Duration| !limit.is_zero() && took > limit;
        first_text_after.is_some_and(|took| past(self.slow_first_token, took)) || past(self.slow_call, whole)
    }
}

// Not within what they test: that is compiled twice, the second time in `modelled`.
#[cfg(test)]
#[path = "breaker/properties.rs"]
mod breaker_properties;
#[cfg(test)]
#[path = "breaker/tests.rs"]
mod breaker_tests;
#[cfg(test)]
mod modelled;

#[cfg(test)]
#[path = "throttle/tests.rs"]
mod throttle_tests;
