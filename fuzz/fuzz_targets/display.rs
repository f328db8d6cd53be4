//! Text of a model that people are going to see.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_server::fuzz::display(bytes));
