//! A model file without its weights.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| models::testing::fuzz::gguf(bytes));
