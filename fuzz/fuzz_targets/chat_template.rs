//! The chat template of a model file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| models::testing::fuzz::chat_template(bytes));
