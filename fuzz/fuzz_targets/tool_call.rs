//! A message of MCP, and the call of a tool in it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_server::fuzz::tool_call(bytes));
