//! Tests of the error map.
