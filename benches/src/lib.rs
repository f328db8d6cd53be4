//! What `mcp-loadtest` is made of: load, the autoscalers' algorithms, a simulator, and the live proof.

pub mod autoscale;
pub mod load;
pub mod plot;
pub mod scaling;
pub mod simulate;
pub mod traffic;
