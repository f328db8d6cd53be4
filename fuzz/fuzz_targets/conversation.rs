//! The text of a conversation, as a local model gets it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| models::testing::fuzz::conversation(bytes));
