//! The B2XGate MCP server: speaks MCP to agents and HTTP to operators, and leaves every decision about
//! language models to [`inference`].

pub mod tools;
