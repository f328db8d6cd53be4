//! The body of a chat completion.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_server::fuzz::chat_request(bytes));
