//! The locks and atomics that the breaker and the throttle gate are made of, in one place, so that a model checker can take theirs.

pub(super) use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
