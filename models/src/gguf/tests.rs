//! Headers from nowhere: any bytes, and good ones with a few changed. `docs/fuzzing.md` says how to run it for long.

use std::io::Cursor as Bytes;

use proptest::prelude::*;

use super::Header;
use crate::testing::{Family, TinyModel};

proptest! {
    #[test]
    fn no_bytes_make_the_reader_of_headers_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let marked = [b"GGUF\x03\0\0\0".as_slice(), &bytes].concat();
        // What matters is that it ends; chance finds hardly any good header.
        let _ = Header::read(&mut Bytes::new(bytes));
        let _ = Header::read(&mut Bytes::new(marked));
    }

    #[test]
    fn a_damaged_header_is_an_error_or_lies_within_its_file(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = TinyModel::new(Family::Llama, 7).bytes();
        let header = bytes.len().min(4096);
        for (place, byte) in changes {
            bytes[place.index(header)] = byte;
        }
        bytes.truncate(end.index(bytes.len()) + 1);
        let length = bytes.len() as u64;
        if let Ok(header) = Header::read(&mut Bytes::new(bytes)) {
            prop_assert_eq!(header.file_bytes, length);
            prop_assert!(header.data_offset <= length || header.tensors.is_empty());
        }
    }
}
