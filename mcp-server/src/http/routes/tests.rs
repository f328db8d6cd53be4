//! Tests of http/routes.rs.
