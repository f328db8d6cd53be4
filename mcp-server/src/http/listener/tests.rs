//! Tests of http/listener.rs.
