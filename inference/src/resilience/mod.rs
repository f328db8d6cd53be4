//! What keeps one failing backend from hurting the rest. No words of our domain here.

pub mod breaker;
pub mod bulkhead;
pub mod deadline;
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
}

impl Default for Config {
    fn default() -> Self {
        Self {
            breaker: breaker::Config::default(),
            throttle: throttle::Config::default(),
            connect_timeout: Duration::from_secs(3),
            first_byte_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(10),
        }
    }
}
