//! A JSON Schema that answers of a local model are held to.

#![no_main]

libfuzzer_sys::fuzz_target!(
    init: {
        // The compiler of grammars panics and catches that itself; the hook of the fuzzer would end it.
        drop(std::panic::take_hook());
    },
    |bytes: &[u8]| models::testing::fuzz::grammar(bytes)
);
