//! Tests of MCP on standard input and output.
