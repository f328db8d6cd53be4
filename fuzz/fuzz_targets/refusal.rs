//! What an upstream says when it refuses.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inference::testing::fuzz::refusal(bytes));
