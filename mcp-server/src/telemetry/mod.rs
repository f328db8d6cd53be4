//! What the server tells about itself: metrics for scaling and dashboards, logs for people.

mod collector;
mod ledger;
pub mod logs;
pub mod metric_definitions;
mod metrics;

pub use metrics::{CONTENT_TYPE, EngineStats, Instruments, Metrics};

#[cfg(test)]
mod tests;
