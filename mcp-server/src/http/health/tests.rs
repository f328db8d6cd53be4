//! Tests of http/health.rs.
