//! Rate limits of the deployments: a fixed window of a minute, told in the `x-ratelimit-*` headers.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct Quota {
    requests_max: u32,
    tokens_max: u32,
    windows: Mutex<BTreeMap<String, Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    requests: u32,
    tokens: u32,
}

/// What is left after a request, or how long there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Left { requests: u32, tokens: u32 },
    Exhausted { retry_after: Duration },
}

impl Quota {
    pub(super) fn new(requests_max: u32, tokens_max: u32) -> Self {
        Self {
            requests_max,
            tokens_max,
            windows: Mutex::default(),
        }
    }

    /// The limits, as the headers tell them.
    pub(super) fn limits(&self) -> (u32, u32) {
        (self.requests_max, self.tokens_max)
    }

    /// Takes a request of so many tokens out of the window.
    pub(super) fn take(&self, deployment: &str, tokens: u32) -> Grant {
        let now = Instant::now();
        let mut windows = self
            .windows
            .lock()
            .expect("nothing panics while it holds the windows");
        let window = windows.entry(deployment.to_owned()).or_insert(Window {
            since: now,
            requests: 0,
            tokens: 0,
        });
        if now.duration_since(window.since) >= WINDOW {
            *window = Window {
                since: now,
                requests: 0,
                tokens: 0,
            };
        }
        let after = (
            window.requests.saturating_add(1),
            window.tokens.saturating_add(tokens),
        );
        if after.0 > self.requests_max || after.1 > self.tokens_max {
            return Grant::Exhausted {
                retry_after: WINDOW.saturating_sub(now.duration_since(window.since)),
            };
        }
        (window.requests, window.tokens) = after;
        Grant::Left {
            requests: self.requests_max - after.0,
            tokens: self.tokens_max - after.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn limits_hold_for_a_minute_and_each_deployment_has_its_own() {
        let quota = Quota::new(2, 100);
        assert_eq!(
            quota.take("a", 40),
            Grant::Left {
                requests: 1,
                tokens: 60
            }
        );
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(
            quota.take("a", 61),
            Grant::Exhausted {
                retry_after: Duration::from_secs(40)
            },
            "tokens"
        );
        assert_eq!(
            quota.take("a", 60),
            Grant::Left {
                requests: 0,
                tokens: 0
            }
        );
        assert_eq!(
            quota.take("a", 0),
            Grant::Exhausted {
                retry_after: Duration::from_secs(40)
            },
            "requests"
        );
        assert_eq!(
            quota.take("b", 1),
            Grant::Left {
                requests: 1,
                tokens: 99
            }
        );
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(
            quota.take("a", 1),
            Grant::Left {
                requests: 1,
                tokens: 99
            }
        );
    }
}
