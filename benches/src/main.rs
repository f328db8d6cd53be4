//! `mcp-loadtest`.
fn main() {}
