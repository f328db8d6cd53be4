//! A text on its way out, and back.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_server::fuzz::disguise(bytes));
