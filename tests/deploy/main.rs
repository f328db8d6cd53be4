//! Every file of `deploy/`, checked for real: rendered, read strictly, held to the tables of the architecture, and tried
//! on the program that ships.
//!
//! The tools come from `cargo xtask test --only deploy`; see `tools.rs` to run one of them from a test.

mod checkov;
mod container;
mod documents;
mod infra;
mod kubernetes;
mod observability;
mod readme;
mod secrets;
mod tools;
