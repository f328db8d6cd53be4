//! What `mcp-loadtest` is made of: load, the autoscalers' algorithms, a simulator, and the live proof.

pub mod scaling;
pub mod traffic;
