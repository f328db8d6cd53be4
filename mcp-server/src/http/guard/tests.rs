//! Tests of http/guard.rs.
