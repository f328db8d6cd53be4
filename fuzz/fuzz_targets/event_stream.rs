//! The stream of an answer from an upstream.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| inference::testing::fuzz::event_stream(bytes));
