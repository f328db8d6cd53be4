//! A key set (JWKS).

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mcp_server::fuzz::key_set(bytes));
